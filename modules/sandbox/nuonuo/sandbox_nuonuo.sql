-- Statements of the sandbox: Nuonuo.

-- name: token_new
-- params: text, text
INSERT INTO sandbox.nuonuo_token (token)
SELECT $1 WHERE (SELECT count(*) FROM sandbox.nuonuo_token WHERE at > now() - $2::interval) < 50 RETURNING token

-- name: token_known
-- params: text
SELECT token FROM sandbox.nuonuo_token WHERE token = $1 AND expires > now()

-- name: senid_use
-- params: text
WITH old AS (DELETE FROM sandbox.nuonuo_senid WHERE at < now() - interval '21 minutes')
INSERT INTO sandbox.nuonuo_senid (senid) VALUES ($1) ON CONFLICT DO NOTHING RETURNING senid

-- name: take
-- params: text, text, text, text, text, text, int8, int8, text, text, text, text, text, text, text
SELECT sandbox.nuonuo_take($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14::interval, $15) AS out

-- name: again
-- params: text, text, text, text
SELECT sandbox.nuonuo_again($1, $2, $3, $4) AS out

-- name: list
-- params: jsonb, jsonb
SELECT serial, order_no, sandbox.nuonuo_status(i) AS status, fails, buyer, tax_no, total, tax, number, file,
       (extract(epoch FROM begun + 2 * step) * 1000)::int8 AS issued_ms
  FROM sandbox.nuonuo_invoice i
 WHERE order_no IN (SELECT jsonb_array_elements_text($1)) OR serial IN (SELECT jsonb_array_elements_text($2)) ORDER BY taken

-- name: get
-- params: text
SELECT serial, order_no, sandbox.nuonuo_status(i) AS status, fails, kind, buyer, tax_no, goods, total, tax, number, file,
       extract(epoch FROM begun + 2 * step)::int8 AS issued,
       (SELECT number FROM sandbox.nuonuo_invoice b WHERE b.serial = i.red_of) AS red_of
  FROM sandbox.nuonuo_invoice i WHERE serial = $1 OR file = $1 OR number = $1
