-- Statements of the runner.

-- name: enter
-- params: text
SELECT hall.enter_system('runner', $1)

-- name: job_take
-- params: int4
SELECT id, kind, subject, attempts FROM hall.job_take(make_interval(secs => $1))

-- name: job_done
-- params: int8
SELECT hall.job_done($1)

-- name: job_again
-- params: int8, int8, text, int4
SELECT hall.job_again($1, $2 * interval '1 millisecond', $3, $4)

-- name: job_next
-- params:
SELECT (extract(epoch FROM hall.job_next()) * 1000)::bigint AS ms

-- name: message_work
-- params: uuid
SELECT event, recipient, content, order_id, form, detail, number, project_name, vendor_id,
       array_to_json(parameters)::text AS parameters, pin_generation, pin_sealed FROM hall.message_work($1)

-- name: message_sent
-- params: uuid, text, text
SELECT hall.message_sent($1, $2, $3)

-- name: pin_opened
-- params: uuid, int4, text
SELECT hall.pin_opened($1, $2, $3)

-- name: payment_work
-- params: uuid
SELECT order_id, channel, out_trade_no, total, state, expired FROM hall.payment_work($1)

-- name: payment_paid
-- params: text, text, int4, timestamptz
SELECT hall.payment_paid($1, $2, $3, $4)

-- name: payment_closed
-- params: uuid
SELECT hall.payment_closed($1)

-- name: refund_work
-- params: uuid
SELECT channel, out_trade_no, out_refund_no, total, amount, reason, state FROM hall.refund_work($1)

-- name: refund_state
-- params: text, text, text, text, timestamptz
SELECT hall.refund_state($1, $2, $3, $4, $5)

-- name: bills_due
-- params: text
SELECT hall.bills_due($1::text[])

-- name: bill_work
-- params: uuid
SELECT channel, day, state FROM hall.bill_work($1)

-- name: bill_compare
-- params: uuid, text
SELECT hall.bill_compare($1, $2::jsonb)

-- name: licence_work
-- params: uuid
SELECT order_id, form, mime, file_key, seen FROM hall.licence_work($1)

-- name: licence_checked
-- params: uuid, bytea, text, text
SELECT hall.licence_checked($1, $2, $3, $4::text[])

-- name: identity_work
-- params: uuid
SELECT order_id, form, person, state, carrier, biz_token, expired FROM hall.identity_work($1)

-- name: identity_carrier
-- params: uuid, bool, text
SELECT hall.identity_carrier($1, $2, $3)

-- name: identity_result
-- params: uuid, bool, text
SELECT hall.identity_result($1, $2, $3)

-- name: payout_work
-- params: uuid
SELECT order_id, yur_ref, state, generation, pin, account, cnaps, branch, bank, age > interval '4 days' AS old
  FROM hall.payout_work($1)

-- name: payout_state
-- params: uuid, text, text
SELECT hall.payout_state($1, $2, $3)

-- name: order_end
-- params: uuid
SELECT hall.order_end($1)

-- name: account_remind
-- params: uuid
SELECT hall.account_remind($1)

-- name: order_finished
-- params: uuid
SELECT hall.order_finished($1)

-- name: audit_unsealed
-- params: int4
SELECT id, head FROM hall.audit_unsealed($1)

-- name: log_leaves
-- params:
SELECT hash FROM hall.log_leaves()

-- name: audit_seal
-- params: int8, text, text, bytea, bytea
SELECT hall.audit_seal($1, $2::bigint[], $3::text[], $4, $5)

-- name: sweep
-- params:
SELECT hall.sweep()
