-- Revert certhall:paper_shows from pg
BEGIN;
UPDATE hall.licence_check SET state = 'unreadable' WHERE state = 'other';
ALTER TABLE hall.licence_check DROP CONSTRAINT licence_check_state_check,
    ADD CONSTRAINT licence_check_state_check CHECK (state IN ('queued', 'agrees', 'differs', 'unreadable'));
ALTER TABLE hall.paper_check DROP reads;
ALTER TABLE hall.project_paper DROP shows;
COMMIT;
