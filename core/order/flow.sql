-- Statements of the flow that all kinds of business share.

-- name: setup_json
-- params:
SELECT hall.setup_json(hall.my_project())::text AS out

-- name: order_create
-- params: uuid, text, text, bool, jsonb
SELECT hall.order_create($1, $2, $3, $4, $5)

-- name: order_save
-- params: uuid, int4, text, int4, bool, bytea, bool, jsonb, bytea, text, text, jsonb, bool
SELECT hall.order_save($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- name: codes_known
-- params: jsonb
SELECT hall.codes_known($1)

-- name: order_printed
-- params: uuid
SELECT hall.order_printed($1)

-- name: collection_name
-- params: uuid
SELECT hall.collection_name($1) AS out

-- name: order_submit
-- params: uuid, int4, text, bytea, text, text
SELECT hall.order_submit($1, $2, $3, $4, $5, $6)

-- name: order_edit
-- params: uuid, int4
SELECT hall.order_edit($1, $2)

-- name: order_resubmit
-- params: uuid, int4
SELECT hall.order_resubmit($1, $2)

-- name: ticket_read
-- params: bytea
SELECT id, form FROM hall.ticket_read($1)

-- name: ticket_fill
-- params: uuid, uuid, text, int4, bytea, jsonb
SELECT hall.ticket_fill($1, $2, $3, $4, $5, $6)

-- name: ticket_keeps
-- params: uuid, jsonb
SELECT hall.ticket_keeps($1, $2)

-- name: own_form
-- params: uuid
SELECT form, locked FROM hall.order_form($1)
