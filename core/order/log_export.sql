-- The pages of an export of the signed log (core/order/log_write.h).

-- name: rows
-- params: int8, int8, int4
SELECT leaf, hash, subject, seq, before, head, body FROM hall.log_export_rows($1, $2, $3)

-- name: heads
-- params: int8, int4
SELECT size, root, signed_at, signature FROM hall.log_export_heads($1, $2)
