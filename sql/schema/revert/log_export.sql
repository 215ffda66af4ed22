-- Revert certhall:log_export from pg
BEGIN;
DELETE FROM hall.retention_place WHERE place = 'log_export.reason';
DELETE FROM hall.encrypted_column WHERE place = 'log_export.reason';
DROP TABLE hall.log_export;
COMMIT;
