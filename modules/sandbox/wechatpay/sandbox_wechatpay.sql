-- Statements of the sandbox: WeChat Pay.

-- name: nonce_use
-- params: text
WITH old AS (DELETE FROM sandbox.wechatpay_nonce WHERE at < now() - interval '11 minutes')
INSERT INTO sandbox.wechatpay_nonce (nonce) VALUES ($1) ON CONFLICT DO NOTHING RETURNING nonce

-- name: order_new
-- params: text, text, int8, text, text, timestamptz, bytea, text, text, text, int4, text
WITH o AS (
    INSERT INTO sandbox.wechatpay_order AS old (out_trade_no, description, total, attach, notify_url, expires, particulars, trade_type, payer_openid)
    VALUES ($1, $2, $3, $4, $5, coalesce($6, now() + interval '2 hours'), $7, $9, $12)
    ON CONFLICT (out_trade_no) DO UPDATE SET description = old.description
     WHERE old.particulars = excluded.particulars AND sandbox.wechatpay_state(old) = 'NOTPAY' RETURNING out_trade_no
)
INSERT INTO sandbox.wechatpay_code (pr, out_trade_no, payer_ip, expires)
SELECT $8, out_trade_no, $10, now() + make_interval(secs => $11) FROM o RETURNING pr

-- name: order_get
-- params: text
SELECT out_trade_no, description, total, attach, notify_url, trade_type, sandbox.wechatpay_state(o) AS state, transaction_id, openid,
       extract(epoch FROM paid)::int8 AS paid FROM sandbox.wechatpay_order o WHERE out_trade_no = $1 OR transaction_id = $1

-- name: order_close
-- params: text
UPDATE sandbox.wechatpay_order SET state = 'CLOSED' WHERE out_trade_no = $1 AND state <> 'SUCCESS' RETURNING out_trade_no

-- name: bill
-- params: text
SELECT o.description, o.total, c.payer_ip, o.payer_openid, CASE WHEN c.expires <= now() AND o.state = 'NOTPAY' THEN 'CLOSED' ELSE sandbox.wechatpay_state(o) END AS state,
       extract(epoch FROM least(o.expires, c.expires))::int8 AS expires
  FROM sandbox.wechatpay_code c JOIN sandbox.wechatpay_order o USING (out_trade_no) WHERE c.pr = $1

-- name: authorize_row
-- params: text, text
INSERT INTO sandbox.wechatpay_authorized (code, openid) VALUES ($1, $2)

-- name: authorized
-- params: text
WITH now_used AS (UPDATE sandbox.wechatpay_authorized SET used = true WHERE code = $1 RETURNING code)
SELECT a.openid, a.used, a.at < now() - interval '5 minutes' AS old FROM sandbox.wechatpay_authorized a JOIN now_used USING (code)

-- name: openid_known
-- params: text
SELECT EXISTS (SELECT FROM sandbox.wechatpay_authorized WHERE openid = $1) AS out

-- name: pay
-- params: text, text, text, text, text
SELECT sandbox.wechatpay_pay($1, $2, $3, $4, $5::interval) AS out

-- name: refund_new
-- params: text, text, text, text, int8, int8, text, text, text, text
SELECT sandbox.wechatpay_refund($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::interval) AS out

-- name: refund_get
-- params: text
SELECT r.out_refund_no, r.out_trade_no, r.refund_id, r.fen, r.status, o.transaction_id, o.total,
       extract(epoch FROM r.created)::int8 AS created, extract(epoch FROM r.ended)::int8 AS ended
  FROM sandbox.wechatpay_refund r JOIN sandbox.wechatpay_order o USING (out_trade_no) WHERE r.out_refund_no = $1

-- name: refund_end
-- params: text, text
UPDATE sandbox.wechatpay_refund SET status = $2, ended = now() WHERE out_refund_no = $1 AND status = 'PROCESSING'

-- name: certificate_fetched
-- params:
INSERT INTO sandbox.wechatpay_certificate DEFAULT VALUES ON CONFLICT DO NOTHING

-- name: certificate_used
-- params:
SELECT EXISTS (SELECT FROM sandbox.wechatpay_certificate) AS out

-- name: bill_lines
-- params: text
SELECT to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS') AS at, refund, out_trade_no, transaction_id, openid,
       trade_type, description, fen, refund_id, out_refund_no, status FROM (
    SELECT paid AS at, false AS refund, out_trade_no, transaction_id, openid, trade_type, description, total AS fen, '' AS refund_id,
           '' AS out_refund_no, '' AS status FROM sandbox.wechatpay_order WHERE paid IS NOT NULL
    UNION ALL
    SELECT r.created, true, r.out_trade_no, o.transaction_id, o.openid, o.trade_type, o.description, r.fen, r.refund_id, r.out_refund_no,
           CASE r.status WHEN 'ABNORMAL' THEN 'CHANGE' ELSE r.status END
      FROM sandbox.wechatpay_refund r JOIN sandbox.wechatpay_order o USING (out_trade_no)) trade
 WHERE (at AT TIME ZONE 'Asia/Shanghai')::date = $1::date ORDER BY trade.at, refund LIMIT 20000

-- name: bill_put
-- params: text, text
WITH old AS (DELETE FROM sandbox.wechatpay_bill WHERE at < now() - interval '5 minutes')
INSERT INTO sandbox.wechatpay_bill (token, body) VALUES ($1, $2)

-- name: bill_take
-- params: text
SELECT body FROM sandbox.wechatpay_bill WHERE token = $1 AND at > now() - interval '5 minutes'
