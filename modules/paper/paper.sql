-- Statements of module paper.

-- name: slot
-- params: uuid, text, text
SELECT hall.paper_slot($1, $2, $3)

-- The order, the size, and how many files and MB a day are allowed: for the order, the account, the address.
-- name: admit
-- params: uuid, int4, int4, int4, int4, int4, int4, int4
SELECT hall.upload_admit($1, $2, $3, $4, $5, $6, $7, $8)

-- name: put_row
-- params: uuid, uuid, text, text, text, int4, bytea, bytea, int4
SELECT hall.paper_put($1, $2, $3, $4, $5, $6, $7, $8, $9) AS sheet

-- name: view
-- params: uuid, text, int4
SELECT id, mime, file_name, file_key, bytes FROM hall.paper_view($1, $2, $3)

-- name: delete_row
-- params: uuid, text, int4
SELECT hall.paper_delete($1, $2, $3)

-- The warnings about a paper are overruled: it is used as it is.
-- name: keep
-- params: uuid, text, uuid
SELECT hall.paper_keep($1, $2, $3)

-- name: voucher_slot
-- params: uuid, int4
SELECT hall.voucher_slot($1, $2)

-- name: voucher_put_row
-- params: uuid, uuid, int4, text, text, int4, bytea, bytea
SELECT hall.voucher_put($1, $2, $3, $4, $5, $6, $7, $8)

-- name: voucher_row
-- params: uuid, int4
SELECT id, mime, file_name, file_key, bytes FROM hall.voucher_view($1, $2)

-- name: voucher_delete_row
-- params: uuid, int4
SELECT hall.voucher_delete($1, $2)

-- name: link_row
-- params: uuid, bytea
SELECT hall.iso(hall.papers_link($1, $2, '30 minutes')) AS expires_at

-- name: link_end
-- params: uuid
SELECT hall.papers_link_end($1)

-- name: phone_view
-- params:
SELECT project_name, number, papers FROM hall.link_papers()
