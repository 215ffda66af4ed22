-- Statements of module orders.

-- name: mine
-- params: text, text, text, text, text, text, date, date, text, int4
SELECT hall.my_orders($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) AS out

-- name: version
-- params: uuid
SELECT tag, said AS out FROM hall.my_order_version($1)

-- name: course
-- params: uuid
SELECT out FROM hall.my_order_course($1) AS out WHERE out IS NOT NULL

-- name: readings_of
-- params: uuid
SELECT paper, code, kind, state, text, seen FROM hall.my_readings($1)

-- name: earlier_form
-- params: uuid
SELECT id, number, project_name, created_at, form FROM hall.my_earlier_form($1)

-- name: receipt_rows
-- params: uuid
SELECT number, size, root, signature, signed_at, subject, seq, leaf, head, body FROM hall.my_receipt($1)

-- name: cancel
-- params: uuid, int4
SELECT hall.order_cancel($1, $2)

-- name: received
-- params: uuid, int4
SELECT hall.order_received($1, $2)

-- name: publish
-- params: uuid, bool
SELECT hall.publication_put($1, $2)

-- name: loss
-- params: uuid
SELECT out FROM hall.my_losses($1) AS out WHERE out IS NOT NULL

-- name: report_loss
-- params: uuid, uuid, text
SELECT hall.loss_report($1, $2, $3)

-- name: undo_loss
-- params: uuid, uuid, text
SELECT hall.loss_undo($1, $2, $3)

-- name: my_certificates
-- params: uuid
SELECT item, name, serial, key_use, state, reason, at, ca, certificate FROM hall.my_order_certificates($1)

-- name: my_key_file
-- params: uuid
SELECT hall.my_key_file($1) AS out

-- name: ca_chain
-- params: text
SELECT certificate FROM hall.ca_chain($1)

-- name: take_key_file
-- params: uuid, int4
SELECT number, key_file FROM hall.key_file_take($1, $2)

-- When, by which way, and whether it arrived. What stood in a message went to a telephone or an address and is not shown.
-- name: messages
-- params: uuid
SELECT out FROM hall.my_messages($1) AS out WHERE out IS NOT NULL

-- name: share
-- params: uuid
SELECT out FROM hall.my_share($1) AS out WHERE out IS NOT NULL

-- name: share_new
-- params: uuid, bytea
SELECT hall.iso(hall.share_make($1, $2)) AS expires_at

-- name: share_withdraw
-- params: uuid
SELECT hall.share_withdraw($1)

-- name: shared
-- params:
SELECT hall.link_share_view() AS out

-- name: refund_ask
-- params: uuid, uuid, int4, bytea
SELECT hall.refund_ask($1, $2, $3, $4)

-- name: refund_withdraw
-- params: uuid, int4
SELECT hall.refund_withdraw($1, $2)
