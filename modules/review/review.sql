-- What staff read of an order, and the two decisions of a review.

-- name: queue
-- params: text, text, int4
SELECT hall.desk_orders($1, $2, $3) AS out

-- name: today
-- params:
SELECT hall.desk_today() AS out

-- name: search_rows
-- params: text, text, bytea, bytea, bytea, int4
SELECT hall.desk_search($1, $2, $3, $4, $5, $6) AS out

-- name: reads
-- params: uuid
SELECT hall.desk_reads($1)

-- What staff see of an order besides its page (core/order/own.sql).

-- name: row
-- params: uuid
SELECT slug, producing, key_file, basis, basis_form FROM hall.desk_order WHERE id = $1

-- name: payout_rows
-- params: uuid
SELECT number, yur_ref, state, reason, created_at FROM hall.desk_payout_row WHERE order_id = $1 ORDER BY number

-- name: review_rows
-- params: uuid
SELECT at, staff, approved, reasons, note FROM hall.desk_review WHERE order_id = $1 ORDER BY id

-- name: counter_rows
-- params: uuid
SELECT number, at, outlet, staff, pictures FROM hall.desk_counter WHERE order_id = $1

-- name: refusal_rows
-- params: uuid
SELECT what, reason FROM hall.desk_refusal WHERE order_id = $1 ORDER BY what

-- name: paper_row
-- params: uuid, text, int4
SELECT id, mime, file_name, file_key, bytes FROM hall.desk_paper($1, $2, $3)

-- name: approve_row
-- params: uuid, int4, text
SELECT hall.approve($1, $2, $3)

-- name: reject_row
-- params: uuid, int4, jsonb
SELECT hall.reject($1, $2, $3)

-- name: tray
-- params:
SELECT hall.tray_count('approve') AS out

-- name: tray_remove
-- params: uuid
SELECT hall.tray_take_off('approve', $1)
