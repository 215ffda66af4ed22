-- Statements of Alipay's side.

-- name: order
-- params: text, text, int8, text, text, timestamptz, bytea, text, bool
SELECT sandbox.alipay_order($1, $2, $3, $4, $5, $6, $7, $8, $9) AS out

-- name: trade_get
-- params: text
SELECT out_trade_no, subject, total, return_url, sandbox.alipay_state(t) AS state, trade_no, buyer_id, refunded,
       extract(epoch FROM created)::int8 AS created, extract(epoch FROM paid)::int8 AS paid
  FROM sandbox.alipay_trade t WHERE out_trade_no = $1 OR trade_no = $1

-- name: bill_of_code
-- params: text
SELECT t.out_trade_no, t.subject, t.total, t.return_url, t.trade_no, c.wap,
       CASE WHEN c.expires <= now() AND t.state IN ('ORDERED', 'WAIT_BUYER_PAY') THEN 'TRADE_CLOSED' ELSE sandbox.alipay_state(t) END AS state,
       extract(epoch FROM least(t.expires, c.expires))::int8 AS expires
  FROM sandbox.alipay_code c JOIN sandbox.alipay_trade t USING (out_trade_no) WHERE c.code = $1

-- name: begin
-- params: text, text
SELECT sandbox.alipay_begin($1, $2)

-- name: pay
-- params: text, text, text, text, text
SELECT sandbox.alipay_pay($1, $2, $3, $4, $5::interval) AS out

-- name: close
-- params: text
SELECT sandbox.alipay_close($1) AS out

-- name: refund
-- params: text, text, int8, text, text, text
SELECT said AS out, moved FROM sandbox.alipay_refund($1, $2, $3, $4, $5, $6::interval)

-- name: refund_get
-- params: text, text
SELECT t.out_trade_no, t.trade_no, t.total, r.fen, r.reason, extract(epoch FROM r.at)::int8 AS at
  FROM sandbox.alipay_trade t LEFT JOIN sandbox.alipay_refund r ON r.out_trade_no = t.out_trade_no AND r.out_request_no = $2
 WHERE (t.out_trade_no = $1 OR t.trade_no = $1) AND t.state <> 'ORDERED'

-- name: bill_new
-- params: text, text
INSERT INTO sandbox.alipay_bill (token, day) SELECT $1, $2::date
 WHERE EXISTS (SELECT FROM sandbox.alipay_trade WHERE (paid AT TIME ZONE 'Asia/Shanghai')::date = $2::date)
    OR EXISTS (SELECT FROM sandbox.alipay_refund WHERE (at AT TIME ZONE 'Asia/Shanghai')::date = $2::date) RETURNING token

-- name: bill_day
-- params: text
SELECT to_char(day, 'YYYYMMDD') AS day FROM sandbox.alipay_bill WHERE token = $1 AND expires > now()

-- name: bill_rows
-- params: text
SELECT trade_no, out_trade_no, subject, fen, request, extract(epoch FROM created)::int8 AS created,
       extract(epoch FROM at)::int8 AS at FROM (
    SELECT t.trade_no, t.out_trade_no, t.subject, t.total AS fen, NULL AS request, t.created, t.paid AS at
      FROM sandbox.alipay_trade t WHERE t.paid IS NOT NULL
    UNION ALL
    SELECT t.trade_no, t.out_trade_no, t.subject, r.fen, r.out_request_no, t.created, r.at
      FROM sandbox.alipay_refund r JOIN sandbox.alipay_trade t USING (out_trade_no)) x
 WHERE (x.at AT TIME ZONE 'Asia/Shanghai')::date = $1::date ORDER BY x.at
