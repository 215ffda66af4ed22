-- Revert certhall:resolution_subject from pg
BEGIN;
ALTER TABLE hall.resolution DISABLE TRIGGER USER;
DELETE FROM hall.resolution WHERE what NOT IN ('project', 'staff');
ALTER TABLE hall.resolution ENABLE TRIGGER USER;
ALTER TABLE hall.resolution DROP CONSTRAINT resolution_what_check, ADD CONSTRAINT resolution_what_check CHECK (what IN ('project', 'staff'));
ALTER TABLE hall.outlet DROP id;
COMMIT;
