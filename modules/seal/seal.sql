-- Statements of module seal.

-- name: product_json
-- params:
SELECT "out" FROM hall.product('seal')

-- name: annex_printed
-- params: uuid
SELECT hall.annex_printed($1)

-- name: collection_ready
-- params: uuid
SELECT hall.collection_ready($1)
