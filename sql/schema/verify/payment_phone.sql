-- Verify certhall:payment_phone on pg
BEGIN;
SELECT phone FROM hall.payment WHERE false;
SELECT phone FROM hall.payment_channel WHERE false;
ROLLBACK;
