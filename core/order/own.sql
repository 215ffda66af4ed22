-- What the page of an order is made of (core/order/order.h): of an applicant's own, or of one that the member of staff has to do with.

-- name: lines
-- params: uuid
SELECT at, text FROM hall.order_lines($1)

-- name: page
-- params: uuid
SELECT id, number, business, version, state, published, cert_type, years, seal_wanted, subject, form, form_complete, printed, annex_printed, items,
       phone_state, phone_reason, phone_way, total, price, gift, created_at, updated_at, due_at, ship_due_at, due_note, promise, ahead, label, tone, step, step_text, can,
       locked, payment_state, payment_channel, payment_channel_name, paid_at, pay_ways, refund_due, refund, transfer, proof, finauth,
       finauth_text, payouts, payouts_max, legal_auth, code, rejection, delivery, parcel, invoice, outlet, replaces, serial, not_before,
       not_after, certificate_subject, algorithm
  FROM hall.order_page($1)

-- name: papers
-- params: uuid
SELECT code, name, state, reason, "check", stamped, formats, note, template, looks, sheets_max, sheets
  FROM hall.order_papers($1)
