-- Revert certhall:payment from pg
BEGIN;
DROP FUNCTION hall.payment_closed;
DROP FUNCTION hall.payment_paid;
DROP FUNCTION hall.order_paid;
DROP FUNCTION hall.payment_code;
DROP FUNCTION hall.payment_open;
DROP TABLE hall.payment_notice;
DROP TABLE hall.payment;
COMMIT;
