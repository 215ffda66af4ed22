-- Statements of module orders.

-- name: mine
-- params: text, text, int4, int4
SELECT hall.my_orders($1, $2, $3, $4) AS out

-- name: cancel
-- params: uuid, int4
SELECT hall.order_cancel($1, $2)

-- name: received
-- params: uuid, int4
SELECT hall.order_received($1, $2)
