-- Verify certhall:promised_days on pg
BEGIN;
SELECT review_days, ship_days, whole_days FROM hall.project WHERE false;
ROLLBACK;
