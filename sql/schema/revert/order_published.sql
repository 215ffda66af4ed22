-- Revert certhall:order_published from pg
BEGIN;
DELETE FROM hall.audit_column WHERE "table" = 'orders' AND "column" = 'published';
ALTER TABLE hall.orders DROP published;
COMMIT;
