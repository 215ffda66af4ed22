-- Statements of module pay.

-- name: open_row
-- params: uuid, uuid, text, text, bool, bool, bool
SELECT id, channel, out_trade_no, total, code_url, hall.iso(expires_at) AS expires_at, description FROM hall.payment_open($1, $2, $3, $4, $5, $6, $7)

-- name: code_row
-- params: uuid, text
SELECT hall.payment_code($1, $2)

-- name: inside_row
-- params: uuid, text
SELECT opened, total FROM hall.payment_inside($1, $2)

-- name: state
-- params: uuid
SELECT hall.payment_view($1) AS out

-- name: transfer_view
-- params: uuid
SELECT out FROM hall.transfer_view($1) AS out WHERE out IS NOT NULL

-- name: voucher_row
-- params: uuid, uuid, int4
SELECT hall.voucher_submit($1, $2, $3)
