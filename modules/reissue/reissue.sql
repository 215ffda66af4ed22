-- Statements of module reissue.

-- name: find_row
-- params: text, int4
SELECT hall.reissue_find($1, $2) AS out

-- Those of who is logged in.
-- name: own
-- params:
SELECT hall.reissue_own() AS out

-- name: open_row
-- params: text, bool
SELECT certificate, item, own, person, cert_type, order_id, form FROM hall.reissue_open($1, $2)

-- name: create_row
-- params: uuid, text, uuid, bytea, jsonb, bytea
SELECT hall.reissue_create($1, $2, $3, $4, $5, $6)
