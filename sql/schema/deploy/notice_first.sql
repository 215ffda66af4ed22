-- Deploy certhall:notice_first to pg
BEGIN;
-- The notice is read and acknowledged before the agreements are ticked.
ALTER TABLE hall.project_notice ADD first bool NOT NULL DEFAULT false;
COMMIT;
