-- Statements of module desk.

-- name: password_of
-- params: text
SELECT password, blocked FROM hall.staff_password($1)

-- name: login_row
-- params: text, bool, bytea, int4
SELECT jsonb_build_object('id', id, 'name', name, 'display_name', display_name, 'roles', roles)::text AS out
  FROM hall.staff_login($1, $2, $3, $4)

-- name: session_close
-- params: bytea
SELECT hall.session_close($1)

-- name: face
-- params:
SELECT hall.staff_face() AS out

-- name: queue
-- params: text, text, text, int4
SELECT hall.desk_orders($1, $2, $3, $4) AS out

-- name: reads
-- params: uuid
SELECT hall.desk_reads($1)

-- What the page of an order is made of (core/order/order.h), in this order, and what staff see besides.

-- name: order
-- params: uuid
SELECT o.*, n.* FROM hall.desk_order o, hall.order_now(o.id) n WHERE o.id = $1

-- name: items
-- params: uuid
SELECT item, cert_type, years, subject, style, seal_name FROM hall.desk_item WHERE order_id = $1 ORDER BY item

-- name: papers
-- params: uuid
SELECT * FROM hall.order_papers($1)

-- name: history
-- params: uuid
SELECT at, text FROM hall.desk_history WHERE order_id = $1 AND at >= hall.months_from($1) ORDER BY id

-- name: payout_rows
-- params: uuid
SELECT number, yur_ref, state, reason, created_at FROM hall.desk_payout_row WHERE order_id = $1 ORDER BY number

-- name: review_rows
-- params: uuid
SELECT at, staff, approved, reasons, note FROM hall.desk_review WHERE order_id = $1 ORDER BY id

-- name: paper
-- params: uuid, text
SELECT id, mime, file_name, file_key, bytes FROM hall.desk_material($1, $2)

-- name: approve_row
-- params: uuid, int4, text
SELECT hall.approve($1, $2, $3)

-- name: reject_row
-- params: uuid, int4, jsonb
SELECT hall.reject($1, $2, $3)

-- name: produce_row
-- params: uuid, int4, bytea, bytea, int4
SELECT hall.produce($1, $2, $3, $4, $5)

-- name: production_json
-- params: uuid
SELECT out FROM hall.desk_production(hall.desk_seen($1)) AS out WHERE out IS NOT NULL

-- name: production_how
-- params: uuid, int4
SELECT key_origin, algorithm FROM hall.production($1, $2)

-- name: key_file_row
-- params: uuid, text, text, int4
SELECT number, key_file, certificate, enveloped_key, ca FROM hall.desk_key_file(hall.desk_seen($1), $2, $3, $4)

-- name: ca_chain
-- params: text
SELECT certificate FROM hall.ca_chain($1)

-- name: ship_row
-- params: uuid, int4, text, text
SELECT hall.ship($1, $2, $3, $4)

-- name: audit_rows
-- params: uuid, text, int4
SELECT hall.audit_rows($1, $2, $3) AS out

-- name: authority_row
-- params:
SELECT (hall.lint_json()::jsonb || jsonb_build_object('status', hall.status_json()::jsonb -> 'items'))::text AS out

-- name: outbox_stuck
-- params: text, int4
SELECT hall.outbox_stuck($1, $2) AS out

-- name: pin_json
-- params: uuid
SELECT out FROM hall.desk_pin(hall.desk_seen($1)) AS out WHERE out IS NOT NULL

-- name: pin_send_row
-- params: uuid
SELECT hall.desk_pin_send(hall.desk_seen($1))

-- name: pin_box_row
-- params: uuid, bytea
SELECT hall.desk_pin_box(hall.desk_seen($1), $2) AS out

-- name: pin_take_row
-- params: uuid, uuid
SELECT hall.desk_pin_take(hall.desk_seen($1), $2) AS out

-- name: messages_json
-- params: uuid
SELECT out FROM hall.messages_json(hall.desk_seen($1)) AS out WHERE out IS NOT NULL

-- name: bills_json
-- params: text, int4
SELECT hall.bills_json($1, $2) AS out

-- name: bill_want_row
-- params: text, date
SELECT jsonb_build_object('id', hall.bill_want($1, $2))::text AS out

-- name: bill_differences
-- params: uuid
SELECT out FROM hall.bill_differences($1) AS out WHERE out IS NOT NULL

-- name: certificates_find
-- params: text, text, text, text, int4
SELECT hall.certificates_find($1, $2, $3, $4, $5) AS out

-- name: order_register
-- params: uuid
SELECT out FROM hall.desk_certificates(hall.desk_seen($1)) AS out WHERE out IS NOT NULL

-- name: revocation_ask
-- params: uuid, uuid, text, text, bytea
SELECT hall.revocation_ask($1, $2, $3, $4, $5)

-- name: hold_row
-- params: uuid, uuid, bytea
SELECT hall.certificate_hold($1, $2, $3)

-- name: release_row
-- params: uuid, uuid, bytea
SELECT hall.certificate_release($1, $2, $3)

-- name: revocation_decide
-- params: uuid, text, bytea
SELECT hall.revocation_decide($1, $2, $3)

-- name: revocation_read
-- params: uuid
SELECT "out", note, answer FROM hall.revocation_read($1)

-- name: revocations_json
-- params: text, text, text, text, text, int4
SELECT hall.revocations_json($1, $2, $3, $4, $5, $6) AS out

-- name: seals_json
-- params: text, text, text, int4
SELECT hall.desk_seals($1, $2, $3, $4) AS out

-- name: seal_withdraw_row
-- params: uuid, text
SELECT hall.desk_seal_withdraw($1, $2) AS out

-- name: seal_files
-- params: uuid
SELECT es_id, seal, stamp, png FROM hall.desk_seal_files($1)

-- name: stamp_row
-- params: uuid, int4
SELECT "out", stamp, png FROM hall.desk_stamp(hall.desk_seen($1), $2)

-- name: seal_filings
-- params: date, date
SELECT hall.seal_filings($1, $2) AS out

-- name: parcels_json
-- params: uuid
SELECT out FROM hall.desk_parcels(hall.desk_seen($1)) AS out WHERE out IS NOT NULL

-- name: parcel_ask_row
-- params: uuid, int4, text
SELECT hall.parcel_ask($1, $2, $3)

-- name: parcel_cancel_row
-- params: uuid, int4
SELECT hall.parcel_cancel($1, $2)

-- name: message_send_row
-- params: uuid
SELECT hall.desk_message_send($1)

-- name: invoices_list
-- params: text, date, date, text, int4
SELECT hall.invoices_json($1, $2, $3, $4, $5) AS out

-- name: invoice_view
-- params: uuid
SELECT "out", order_id, form, buyer FROM hall.invoice_view($1)

-- name: invoice_retry_row
-- params: uuid
SELECT hall.invoice_retry($1)

-- name: invoice_buyer_row
-- params: uuid, bytea
SELECT hall.invoice_buyer($1, $2)

-- name: invoice_close_row
-- params: uuid, text
SELECT hall.invoice_close($1, $2)

-- name: money_list
-- params: text, text, int4
SELECT hall.money_json($1, $2, $3) AS out

-- name: order_money
-- params: uuid
SELECT out FROM hall.desk_money($1) AS out WHERE out IS NOT NULL

-- name: order_money_words
-- params: uuid
SELECT place, id, sealed FROM hall.desk_money_sealed($1)

-- name: voucher_file
-- params: uuid, uuid
SELECT id, mime, file_name, file_key, bytes FROM hall.desk_voucher($1, $2)

-- name: transfer_work
-- params: uuid
SELECT payment_id, form, person FROM hall.transfer_work($1)

-- name: transfer_confirm_row
-- params: uuid, uuid, int4, int4, date, text, bytea, bool, bytea
SELECT hall.transfer_confirm($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: transfer_refuse_row
-- params: uuid, int4, text
SELECT hall.transfer_refuse($1, $2, $3)

-- name: transfer_surplus_row
-- params: uuid, uuid, int4, date, text, bytea, bool, bytea
SELECT hall.transfer_surplus($1, $2, $3, $4, $5, $6, $7, $8)

-- name: refund_ask_row
-- params: uuid, uuid, int4, bytea
SELECT hall.desk_refund_ask($1, $2, $3, $4)

-- name: refund_withdraw_row
-- params: uuid, int4
SELECT hall.desk_refund_withdraw($1, $2)

-- name: refund_approve_row
-- params: uuid, int4, text
SELECT hall.refund_approve($1, $2, $3)

-- name: refund_refuse_row
-- params: uuid, int4, text
SELECT hall.refund_refuse($1, $2, $3)

-- name: refund_settle_row
-- params: uuid, text, date
SELECT hall.refund_settle($1, $2, $3)

-- name: odd_settle_row
-- params: uuid, text
SELECT hall.odd_settle($1, $2)

-- name: partner_list
-- params:
SELECT hall.partners_json() AS out

-- name: report
-- params: text, date, date, text[]
SELECT hall.desk_report($1, $2, $3, $4) AS out

-- name: calendar_year
-- params: int4
SELECT hall.calendar_json($1) AS out

-- name: calendar_import
-- params: jsonb
SELECT hall.calendar_import($1)

-- name: payouts_json
-- params: text, int4
SELECT hall.desk_payouts($1, $2) AS out

-- name: order_payouts_json
-- params: uuid
SELECT hall.desk_order_payouts(hall.desk_seen($1)) AS out

-- name: payout_row
-- params: uuid, text
SELECT hall.desk_payout($1, $2)

-- name: payout_again_row
-- params: uuid, int4
SELECT hall.desk_payout_again($1, $2)
