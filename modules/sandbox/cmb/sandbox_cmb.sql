-- Statements of the sandbox: China Merchants Bank.

-- name: reqid_use
-- params: text
WITH old AS (DELETE FROM sandbox.cmb_reqid WHERE at < now() - interval '3 hours')
INSERT INTO sandbox.cmb_reqid (reqid) VALUES ($1) ON CONFLICT DO NOTHING RETURNING reqid

-- name: take
-- params: text, text, text, text, text, text, int8, text, text, text, bool, text
SELECT req_nbr, req_sts, rtn_flg, reason FROM sandbox.cmb_take($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12::interval)
 WHERE req_nbr IS NOT NULL

-- name: get
-- params: text
SELECT req_nbr, yur_ref, req_sts, rtn_flg, CASE WHEN rtn_flg IN ('F', 'B', 'U') THEN reason ELSE '' END AS reason, account, name,
       bank, fen, purpose, to_char(taken AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD') AS day FROM sandbox.cmb_payment WHERE yur_ref = $1

-- name: statement
-- params: text, text
SELECT extract(epoch FROM coalesce(ended, taken))::int8 AS at, account, name, fen, purpose, req_nbr,
       CASE WHEN req_sts <> 'FIN' THEN 'sent' WHEN rtn_flg = 'S' THEN 'booked' WHEN rtn_flg = 'B' THEN 'returned'
            WHEN rtn_flg = 'F' THEN 'failed' ELSE 'sent' END AS state,
       CASE WHEN rtn_flg IN ('F', 'B', 'U') THEN reason ELSE '' END AS reason
  FROM sandbox.cmb_payment WHERE ($1 IS NULL OR account = $1) AND ($2 IS NULL OR name = $2) ORDER BY req_nbr DESC LIMIT 100

-- name: come_in
-- params: int8, text, text, text, text
SELECT sandbox.cmb_come_in($1, $2, $3, $4, $5) AS number

-- name: entries
-- params: text, text, text, int4, int4
SELECT number, to_char(day, 'YYYYMMDD') AS day, sequence, to_char(at AT TIME ZONE 'Asia/Shanghai', 'HH24MISS') AS time, fen, name, account, bank, remark
  FROM sandbox.cmb_entry WHERE day BETWEEN to_date($1, 'YYYYMMDD') AND to_date($2, 'YYYYMMDD')
   AND (day, sequence) >= (to_date($3, 'YYYYMMDD'), $4) ORDER BY day, sequence LIMIT $5

-- name: step
-- params: text, text
SELECT sandbox.cmb_step($1::interval, $2::interval) AS out
