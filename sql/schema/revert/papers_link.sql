-- Revert certhall:papers_link from pg
BEGIN;
DELETE FROM hall.link WHERE purpose = 'papers';
ALTER TABLE hall.link DROP CONSTRAINT link_purpose_check, ADD CONSTRAINT link_purpose_check CHECK (purpose IN ('phone', 'code'));
COMMIT;
