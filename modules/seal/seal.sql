-- Statements of module seal.

-- The offer, for people who have not logged in yet.
-- name: product
-- params:
SELECT "out" FROM hall.product('seal')

-- name: annex_printed
-- params: uuid
SELECT hall.annex_printed($1)
