-- Verify certhall:account_closed on pg
BEGIN;
SELECT closed_at FROM hall.account WHERE false;
SELECT kind FROM hall.project_link WHERE false;
SELECT 1 / (pg_get_constraintdef(oid) LIKE '%close%')::int FROM pg_constraint WHERE conname = 'sms_code_purpose_check';
ROLLBACK;
