-- Verify certhall:payment_inside on pg
BEGIN;
SELECT inside FROM hall.payment WHERE false;
ROLLBACK;
