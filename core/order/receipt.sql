-- What a receipt is made of (core/order/receipt_reply.h).

-- name: log_groups
-- params: text, text
SELECT level, "group", hashes FROM hall.log_groups($1::int[], $2::bigint[])
