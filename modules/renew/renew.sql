-- Statements of module renew.

-- name: window_row
-- params: text, int4
SELECT hall.renewal_window($1, $2) AS out

-- name: set_day
-- params: uuid, int4, date
SELECT hall.successor_day($1, $2, $3)
