-- Statements of the sandbox: SF Express and JD Logistics.

-- name: take
-- params: text, text, text, text, text, text, text, bytea, int4, text
INSERT INTO sandbox.parcel (courier, order_id, waybill, sender, receiver, origin, city, message, filter, step)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10::interval) ON CONFLICT (courier, order_id) DO NOTHING RETURNING waybill

-- name: get
-- params: text, text
SELECT order_id, waybill, sender, receiver, message, filter, cancelled
  FROM sandbox.parcel WHERE courier = $1 AND (order_id = $2 OR waybill = $2)

-- name: routes
-- params: text, text
SELECT to_char(r.at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS') AS at, r.code, r.category, r.place, r.remark
  FROM sandbox.parcel p, sandbox.parcel_routes(p) r WHERE p.courier = $1 AND p.waybill = $2 ORDER BY r.at DESC

-- name: cancel
-- params: text, text
UPDATE sandbox.parcel p SET cancelled = true
 WHERE courier = $1 AND order_id = $2 AND NOT cancelled AND NOT EXISTS (SELECT FROM sandbox.parcel_routes(p))
RETURNING order_id
