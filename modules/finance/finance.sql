-- Money: payments, transfers, refunds, payouts, bills, invoices.

-- name: bills_json
-- params: text, int4
SELECT hall.bills_json($1, $2) AS out

-- name: bill_want_row
-- params: text, date
SELECT jsonb_build_object('id', hall.bill_want($1, $2))::text AS out

-- name: bill
-- params: uuid
SELECT out FROM hall.bill_differences($1) AS out WHERE out IS NOT NULL

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
SELECT place, id, encrypted FROM hall.desk_money_encrypted($1)

-- name: voucher_file
-- params: uuid, uuid
SELECT id, mime, file_name, file_key, bytes FROM hall.desk_voucher($1, $2)

-- name: transfer_work
-- params: uuid
SELECT payment_id, form, person FROM hall.transfer_work($1)

-- What acts are signed over (core/desk/act.h), and the deeds.

-- name: transfer_facts
-- params: uuid, uuid, int4, int4, date, text, bool, bool
SELECT s.person, s.roster, extract(epoch FROM s.after)::bigint AS after, f.label, f.value
  FROM hall.transfer_facts($1, $2, $3, $4, $5, $6, $7, $8) WITH ORDINALITY f, hall.act_signer('confirm_transfer', $2) s
 ORDER BY f.ordinality

-- name: transfer_confirm_row
-- params: uuid, uuid, int4, int4, date, text, bytea, bool, bytea, jsonb
SELECT hall.transfer_confirm($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: transfer_refuse_row
-- params: uuid, int4, text
SELECT hall.transfer_refuse($1, $2, $3)

-- name: surplus_facts
-- params: uuid, int4, date, text
SELECT s.person, s.roster, extract(epoch FROM s.after)::bigint AS after, f.label, f.value
  FROM hall.surplus_facts($1, $2, $3, $4) WITH ORDINALITY f, hall.act_signer('book_surplus', $1) s ORDER BY f.ordinality

-- name: transfer_surplus_row
-- params: uuid, uuid, int4, date, text, bytea, bool, bytea, jsonb
SELECT hall.transfer_surplus($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: refund_ask_facts
-- params: uuid, int4
SELECT s.person, s.roster, extract(epoch FROM s.after)::bigint AS after, f.label, f.value
  FROM hall.refund_ask_facts($1, $2) WITH ORDINALITY f, hall.act_signer('ask_refund', $1) s ORDER BY f.ordinality

-- name: refund_ask_row
-- params: uuid, uuid, int4, bytea, jsonb
SELECT hall.desk_refund_ask($1, $2, $3, $4, $5)

-- name: refund_withdraw_row
-- params: uuid, int4
SELECT hall.desk_refund_withdraw($1, $2)

-- name: refund_approve_facts
-- params: uuid, int4
SELECT s.person, s.roster, extract(epoch FROM s.after)::bigint AS after, f.label, f.value, f.request, f.words
  FROM hall.refund_approve_facts($1, $2) WITH ORDINALITY f, hall.act_signer('approve_refund', f.request) s ORDER BY f.ordinality

-- name: refund_approve_row
-- params: uuid, int4, text, jsonb
SELECT hall.refund_approve($1, $2, $3, $4)

-- name: refund_refuse_row
-- params: uuid, int4, text
SELECT hall.refund_refuse($1, $2, $3)

-- name: settle_facts
-- params: uuid, text, date
SELECT s.person, s.roster, extract(epoch FROM s.after)::bigint AS after, f.label, f.value, f.payment, f.payer
  FROM hall.settle_facts($1, $2, $3) WITH ORDINALITY f, hall.act_signer('settle_refund', $1) s ORDER BY f.ordinality

-- name: refund_settle_row
-- params: uuid, text, date, jsonb
SELECT hall.refund_settle($1, $2, $3, $4)

-- name: odd_facts
-- params: uuid
SELECT s.person, s.roster, extract(epoch FROM s.after)::bigint AS after, f.label, f.value
  FROM hall.odd_facts($1) WITH ORDINALITY f, hall.act_signer('settle_odd', $1) s ORDER BY f.ordinality

-- name: odd_settle_row
-- params: uuid, text, jsonb
SELECT hall.odd_settle($1, $2, $3)

-- name: payouts_json
-- params: text, int4
SELECT hall.desk_payouts($1, $2) AS out

-- name: order_payouts
-- params: uuid
SELECT hall.desk_order_payouts(hall.desk_seen($1)) AS out

-- name: payout_row
-- params: uuid, text
SELECT hall.desk_payout($1, $2)

-- name: payout_again_facts
-- params: uuid, int4
SELECT s.person, s.roster, extract(epoch FROM s.after)::bigint AS after, f.label, f.value, f.name, f.masked
  FROM hall.payout_again_facts($1, $2) WITH ORDINALITY f, hall.act_signer('pay_out_again', $1) s ORDER BY f.ordinality

-- name: payout_again_row
-- params: uuid, int4, jsonb
SELECT hall.desk_payout_again($1, $2, $3)

-- name: entries_page
-- params: uuid, int4
SELECT id, "out", payer FROM hall.entries_list($1, $2)
