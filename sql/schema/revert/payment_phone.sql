-- Revert certhall:payment_phone from pg
BEGIN;
ALTER TABLE hall.payment DROP phone;
ALTER TABLE hall.payment_channel DROP phone;
COMMIT;
