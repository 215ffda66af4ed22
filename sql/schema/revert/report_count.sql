-- Revert certhall:report_count from pg
BEGIN;
DROP TABLE hall.report_count;
COMMIT;
