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

-- name: payout_again
-- params: uuid
SELECT hall.my_payout_again($1)

-- name: code_try
-- params: uuid, bytea
SELECT word, tries_left FROM hall.my_code_try($1, $2)

-- name: code_link_new
-- params: uuid, bytea
SELECT hall.iso(hall.code_link($1, $2)) AS expires_at

-- name: link_view
-- params:
SELECT order_id, "out" FROM hall.link_code_view()

-- name: link_try
-- params: bytea, uuid
SELECT word, tries_left, "out" FROM hall.link_code_try($1, $2)

-- name: legal_view
-- params: uuid
SELECT "out", form, known, open FROM hall.legal_view($1)

-- name: legal_start
-- params: uuid, uuid, bytea, bytea, text
SELECT hall.iso(hall.legal_start($1, $2, $3, '24 hours', $4, $5)) AS expires_at
