-- Verify certhall:papers_link on pg
BEGIN;
SELECT 1 / (pg_get_constraintdef(oid) LIKE '%papers%')::int FROM pg_constraint WHERE conrelid = 'hall.link'::regclass AND conname = 'link_purpose_check';
ROLLBACK;
