-- Statements of module notify.

-- name: paid
-- params: text, text, text, text, int4, timestamptz
SELECT CASE WHEN hall.payment_notice_new($1, $2) THEN hall.payment_paid($3, $4, $5, $6) END AS out

-- name: refund_state
-- params: text, text, text, text, timestamptz, int4
SELECT hall.refund_state($1, $2, $3, $4, $5, $6) AS out

-- name: message_report
-- params: text, bool, text, timestamptz
SELECT hall.message_report($1, $2, $3, $4) AS known

-- name: invoice_hint
-- params: text
SELECT hall.invoice_hint($1) AS known
