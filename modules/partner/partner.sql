-- Statements of module partner.

-- name: key_read
-- params: uuid
SELECT slug, secret, words::text AS words FROM hall.partner_key_read($1)

-- name: enter
-- params: uuid, text
SELECT hall.partner_enter($1, $2)

-- name: ticket_new
-- params: uuid, bytea, text, text, bytea
SELECT hall.ticket_new($1, $2, $3, $4, $5) AS out

-- name: order_list
-- params: date, date, text, text, text, int4
SELECT hall.partner_orders($1, $2, $3, $4, $5, $6) AS out

-- name: receipt_rows
-- params: text
SELECT number, size, root, signature, signed_at, subject, seq, leaf, head, body FROM hall.partner_receipt($1)

-- name: report
-- params: date, date, text[]
SELECT hall.partner_report($1, $2, $3) AS out
