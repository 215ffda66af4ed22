-- Deploy certhall:paper_shows to pg
BEGIN;
-- A paper that is a picture of one side of an ID card, and what a machine has read there.
ALTER TABLE hall.project_paper ADD shows text CHECK (shows IN ('id_front', 'id_back'));
ALTER TABLE hall.paper_check ADD reads text CHECK (reads IN ('right', 'other_side', 'other')); -- NULL: nothing was to be read, or nobody could tell
-- What was uploaded as the licence is none.
ALTER TABLE hall.licence_check DROP CONSTRAINT licence_check_state_check,
    ADD CONSTRAINT licence_check_state_check CHECK (state IN ('queued', 'agrees', 'differs', 'unreadable', 'other'));
COMMIT;
