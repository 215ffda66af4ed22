-- Verify certhall:log_export on pg
BEGIN;
SELECT id, staff, reason, asked_at, size, reason_data_key FROM hall.log_export WHERE false;
ROLLBACK;
