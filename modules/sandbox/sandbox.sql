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
