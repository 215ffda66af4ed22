-- Verify certhall:order_share on pg
BEGIN;
SELECT 1 / (pg_get_constraintdef(oid) LIKE '%share%')::int FROM pg_constraint WHERE conname = 'link_purpose_check';
SELECT page FROM hall.courier WHERE false;
ROLLBACK;
