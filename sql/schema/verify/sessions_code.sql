-- Verify certhall:sessions_code on pg
SELECT 1 / (pg_get_constraintdef(oid) LIKE '%sessions%')::int FROM pg_constraint WHERE conname = 'sms_code_purpose_check';
