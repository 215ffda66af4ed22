-- Statements of module pay.

-- name: open_row
-- params: uuid, uuid, text, text
SELECT id, channel, out_trade_no, total, code_url, hall.iso(expires_at) AS expires_at, description FROM hall.payment_open($1, $2, $3, $4)

-- name: code_row
-- params: uuid, text
SELECT hall.payment_code($1, $2)

-- name: view
-- params: uuid
SELECT hall.payment_view($1) AS out
