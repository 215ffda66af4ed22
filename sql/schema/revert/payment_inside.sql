-- Revert certhall:payment_inside from pg
BEGIN;
ALTER TABLE hall.payment DROP inside;
COMMIT;
