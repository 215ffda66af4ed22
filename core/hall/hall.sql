-- Statements that several modules share.

-- name: form_spec
-- params: text
SELECT hall.form_spec($1) AS out

-- name: order_view
-- params: uuid
SELECT "out", form FROM hall.order_view($1)

-- name: code_names
-- params: text[]
SELECT hall.code_names($1) AS out
