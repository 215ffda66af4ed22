-- What staff read of an order, and the two decisions of a review.

-- name: queue
-- params: text, text, text, int4
SELECT hall.desk_orders($1, $2, $3, $4) AS out

-- name: reads
-- params: uuid
SELECT hall.desk_reads($1)

-- What the page of an order is made of (core/order/order.h), in this order, and what staff see besides.

-- name: lines
-- params: uuid
SELECT at, text FROM hall.order_lines($1)

-- name: page
-- params: uuid
SELECT id, slug, producing, key_file,
       number, business, version, state, cert_type, years, seal_wanted, subject, form, form_complete, printed, annex_printed, items,
       phone_state, phone_reason, total, price, gift, created_at, updated_at, due_at, ship_due_at, due_note, label, tone, step, step_text, can,
       locked, payment_state, payment_channel, payment_channel_name, paid_at, pay_ways, refund_due, refund, transfer, proof, finauth,
       finauth_text, payouts, payouts_max, legal_auth, code, rejection, delivery, parcel, invoice, outlet, replaces, serial, not_before,
       not_after, certificate_subject, algorithm
  FROM hall.order_page($1) JOIN hall.desk_order USING (id)

-- name: papers
-- params: uuid
SELECT code, name, state, id, file_name, bytes, mime, uploaded_at, reason, "check", stamped, formats, note, template, quality
  FROM hall.order_papers($1)

-- name: payout_rows
-- params: uuid
SELECT number, yur_ref, state, reason, created_at FROM hall.desk_payout_row WHERE order_id = $1 ORDER BY number

-- name: review_rows
-- params: uuid
SELECT at, staff, approved, reasons, note FROM hall.desk_review WHERE order_id = $1 ORDER BY id

-- name: refusal_rows
-- params: uuid
SELECT what, reason FROM hall.desk_refusal WHERE order_id = $1 ORDER BY what

-- name: paper_row
-- params: uuid, text
SELECT id, mime, file_name, file_key, bytes FROM hall.desk_paper($1, $2)

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
