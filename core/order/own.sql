-- What the page of an applicant's own order is made of (core/order/order.h).

-- name: order
-- params: uuid
SELECT o.*, n.* FROM hall.own_order o, hall.order_now(o.id) n WHERE o.id = $1

-- name: items
-- params: uuid
SELECT item, cert_type, years, subject, style, seal_name FROM hall.own_item WHERE order_id = $1 ORDER BY item

-- name: papers
-- params: uuid
SELECT * FROM hall.order_papers($1)

-- name: history
-- params: uuid, int8
SELECT at, text FROM hall.own_history WHERE order_id = $1 AND at >= to_timestamp($2 / 1000.0) ORDER BY id

-- name: form
-- params: uuid
SELECT id, form, locked FROM hall.own_order WHERE id = $1
