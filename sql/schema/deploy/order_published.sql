-- Deploy certhall:order_published to pg
BEGIN;
-- Whether the holder lets the hall show strangers what is in the order's certificates (不公开我的证书信息). NULL: an order from before, whose
-- form alone has the answer, encrypted; it counts as not published.
ALTER TABLE hall.orders ADD published bool;
ALTER TABLE hall.orders ALTER published SET DEFAULT true;
SELECT hall.audit_shows('orders', 'value', '{published}');
COMMIT;
