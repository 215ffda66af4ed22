-- SPDX-License-Identifier: Apache-2.0
-- The couriers, SF Express and JD Logistics: parcels that were ordered.

CREATE TABLE IF NOT EXISTS sandbox.parcel (
    courier   text NOT NULL CHECK (courier IN ('sf', 'jd')),
    order_id  text NOT NULL,
    waybill   text NOT NULL UNIQUE,
    sender    text NOT NULL,                    -- mobile number
    receiver  text NOT NULL,
    origin    text NOT NULL,                    -- the sender's city
    city      text NOT NULL,                    -- the receiver's city
    message   bytea NOT NULL,                   -- hash of the order's message
    filter    int NOT NULL CHECK (filter IN (2, 3)), -- 2: deliverable; 3: the courier does not deliver there
    cancelled bool NOT NULL DEFAULT false,
    taken     timestamptz NOT NULL DEFAULT now(),
    step      interval NOT NULL,                -- between two entries of its route
    PRIMARY KEY (courier, order_id)
);

-- The entries of a parcel's route so far. `code` is SF's opCode, `category` JD's word for it.
CREATE OR REPLACE FUNCTION sandbox.parcel_routes(p sandbox.parcel)
RETURNS TABLE (at timestamptz, code text, category text, place text, remark text) LANGUAGE sql STABLE AS $$
    SELECT p.taken + n * p.step, c, k, w, r
      FROM (VALUES (1, '50', '已揽收', p.origin, '快件已揽收'),
                   (2, '30', '运输中', p.origin, '快件在' || p.origin || '完成分拣，准备发往' || p.city),
                   (3, '44', '派送中', p.city, '快件已到达' || p.city || '，正在派送途中'),
                   (4, '80', '已签收', p.city, '快件已签收，感谢您的使用')) AS s (n, c, k, w, r)
     WHERE p.filter = 2 AND NOT p.cancelled AND p.taken + n * p.step <= now()
$$;
