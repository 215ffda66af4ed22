-- Verify certhall:order_published on pg
BEGIN;
SELECT published FROM hall.orders WHERE false;
ROLLBACK;
