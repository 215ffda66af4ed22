-- Statements of module finauth.

-- name: search
-- params: text
SELECT hall.bank_search($1) AS out

-- name: view
-- params: uuid
SELECT "out", form FROM hall.account_view($1)

-- name: account_put
-- params: uuid, text, bytea, text, text
SELECT hall.account_put($1, $2, $3, $4, $5)
