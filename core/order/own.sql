-- What the page of an applicant's own order is made of (core/order/order.h).

-- name: lines
-- params: uuid
SELECT at, text FROM hall.order_lines($1)

-- name: page
-- params: uuid
SELECT * FROM hall.order_page($1)

-- name: papers
-- params: uuid
SELECT * FROM hall.order_papers($1)

-- name: form
-- params: uuid
SELECT form, locked FROM hall.order_form($1)
