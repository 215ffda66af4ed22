-- Revert certhall:notice_first from pg
BEGIN;
ALTER TABLE hall.project_notice DROP first;
COMMIT;
