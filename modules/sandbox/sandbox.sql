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
