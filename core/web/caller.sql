-- What every request asks first.

-- name: enter
-- params: bytea, text[], text, text, text, text
SELECT who::text FROM hall.enter($1, $2, $3, $4, $5, $6) AS who
