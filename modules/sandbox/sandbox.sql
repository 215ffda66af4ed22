-- Statements of module sandbox and of process sandbox-clock.

-- name: switched_get
-- params: text
SELECT sandbox.switched($1) AS out

-- name: switch_list
-- params:
SELECT key, value FROM sandbox.switch

-- name: switch_set
-- params: text, text
INSERT INTO sandbox.switch VALUES ($1, $2) ON CONFLICT (key) DO UPDATE SET value = excluded.value

-- name: wechat_nonce_use
-- params: text
WITH old AS (DELETE FROM sandbox.wechat_nonce WHERE at < now() - interval '11 minutes')
INSERT INTO sandbox.wechat_nonce (nonce) VALUES ($1) ON CONFLICT DO NOTHING RETURNING nonce

-- name: wechat_order_new
-- params: text, text, int8, text, text, timestamptz, bytea, text
WITH o AS (
    INSERT INTO sandbox.wechat_order AS old (out_trade_no, description, total, attach, notify_url, expires, particulars)
    VALUES ($1, $2, $3, $4, $5, coalesce($6, now() + interval '2 hours'), $7)
    ON CONFLICT (out_trade_no) DO UPDATE SET description = old.description
     WHERE old.particulars = excluded.particulars AND sandbox.wechat_state(old) = 'NOTPAY' RETURNING out_trade_no
)
INSERT INTO sandbox.wechat_code (pr, out_trade_no) SELECT $8, out_trade_no FROM o RETURNING pr

-- name: wechat_order_get
-- params: text
SELECT out_trade_no, description, total, attach, notify_url, sandbox.wechat_state(o) AS state, transaction_id, openid,
       extract(epoch FROM paid)::int8 AS paid FROM sandbox.wechat_order o WHERE out_trade_no = $1 OR transaction_id = $1

-- name: wechat_order_close
-- params: text
UPDATE sandbox.wechat_order SET state = 'CLOSED' WHERE out_trade_no = $1 AND state <> 'SUCCESS' RETURNING out_trade_no

-- name: wechat_bill
-- params: text
SELECT o.description, o.total, CASE WHEN c.expires <= now() AND o.state = 'NOTPAY' THEN 'CLOSED' ELSE sandbox.wechat_state(o) END AS state,
       extract(epoch FROM least(o.expires, c.expires))::int8 AS expires
  FROM sandbox.wechat_code c JOIN sandbox.wechat_order o USING (out_trade_no) WHERE c.pr = $1

-- name: wechat_pay
-- params: text, text, text, text, text
SELECT sandbox.wechat_pay($1, $2, $3, $4, $5::interval) AS out

-- name: notice_due
-- params:
SELECT id, vendor, kind, about, url, facts, tries, extract(epoch FROM created)::int8 AS created
  FROM sandbox.notice WHERE next <= now() ORDER BY next LIMIT 1

-- name: notice_tried
-- params: text, bool, text
UPDATE sandbox.notice SET tries = tries + 1, accepted = CASE WHEN $2 THEN now() END,
       next = CASE WHEN NOT $2 THEN now() + $3::interval END WHERE id = $1

-- name: next_due
-- params:
SELECT greatest(0, ceil(extract(epoch FROM min(next) - now()) * 1000))::int8 AS ms FROM (
    SELECT min(next) AS next FROM sandbox.notice WHERE next IS NOT NULL
    UNION ALL SELECT min(next) FROM sandbox.cmb_payment WHERE next IS NOT NULL) x

-- name: template_known
-- params: text
SELECT NOT EXISTS (SELECT FROM sandbox.sms_template) AS open, t.body FROM (SELECT 1) one LEFT JOIN sandbox.sms_template t ON t.id = $1

-- name: template_set
-- params: text, text
INSERT INTO sandbox.sms_template VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET body = excluded.body

-- name: sms_new
-- params: text, text, text, text, jsonb, text
INSERT INTO sandbox.sms (serial, phone, sign, template, params, session)
VALUES ($1, $2, $3, $4, ARRAY(SELECT jsonb_array_elements_text($5)), $6)

-- name: sms_list
-- params: text
SELECT extract(epoch FROM at)::int8 AS at, phone, sign, template, sandbox.sms_text(m) AS body
  FROM sandbox.sms m WHERE coalesce($1, '') = '' OR phone = $1 ORDER BY m.at DESC LIMIT 100

-- name: face_new
-- params: text, text, text, text, text, text
INSERT INTO sandbox.face (biz_token, page, name, id_no, redirect_url, extra) VALUES ($1, $2, $3, $4, $5, $6)

-- name: face_get
-- params: text
SELECT name, id_no, extra, code, message, expires <= now() AS expired FROM sandbox.face WHERE biz_token = $1

-- name: face_by_page
-- params: text
SELECT name, redirect_url, extra, biz_token, code, expires <= now() AS expired FROM sandbox.face WHERE page = $1

-- name: face_end
-- params: text, int4, text
UPDATE sandbox.face SET code = $2, message = $3 WHERE page = $1 AND code IS DISTINCT FROM 0 RETURNING page

-- name: cmb_reqid_use
-- params: text
WITH old AS (DELETE FROM sandbox.cmb_reqid WHERE at < now() - interval '3 hours')
INSERT INTO sandbox.cmb_reqid (reqid) VALUES ($1) ON CONFLICT DO NOTHING RETURNING reqid

-- name: cmb_take
-- params: text, text, text, text, text, text, int8, text, text, text, bool, text
SELECT req_nbr, req_sts, rtn_flg, reason FROM sandbox.cmb_take($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::interval)
 WHERE req_nbr IS NOT NULL

-- name: cmb_get
-- params: text
SELECT req_nbr, yur_ref, req_sts, rtn_flg, CASE WHEN rtn_flg IN ('F', 'B', 'U') THEN reason ELSE '' END AS reason, account, name,
       bank, fen, purpose, to_char(taken AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD') AS day FROM sandbox.cmb_payment WHERE yur_ref = $1

-- name: cmb_statement
-- params: text, text
SELECT extract(epoch FROM coalesce(ended, taken))::int8 AS at, account, name, fen, purpose, req_nbr,
       CASE WHEN req_sts <> 'FIN' THEN 'sent' WHEN rtn_flg = 'S' THEN 'booked' WHEN rtn_flg = 'B' THEN 'returned'
            WHEN rtn_flg = 'F' THEN 'failed' ELSE 'sent' END AS state,
       CASE WHEN rtn_flg IN ('F', 'B', 'U') THEN reason ELSE '' END AS reason
  FROM sandbox.cmb_payment WHERE ($1 IS NULL OR account = $1) AND ($2 IS NULL OR name = $2) ORDER BY req_nbr DESC LIMIT 100

-- name: cmb_step
-- params: text, text
SELECT sandbox.cmb_step($1::interval, $2::interval) AS out
