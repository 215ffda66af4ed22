-- Statements of the kinds of business that begin with a certificate.

-- name: find_row
-- params: text, text, int4
SELECT hall.successor_find($1, $2, $3) AS out

-- Those of who is logged in.
-- name: own
-- params: text
SELECT hall.successor_own($1) AS out

-- name: open_row
-- params: text[], text, bool
SELECT certificate, serial, item, own, person, cert_type, years, order_id, form FROM hall.successor_open($1, $2, $3)

-- name: create_row
-- params: uuid, text, text, text[], bytea, jsonb, bytea, jsonb, jsonb
SELECT hall.successor_create($1, $2, $3, $4::uuid[], $5, $6, $7, $8, $9)
