-- Revert certhall:order_share from pg
BEGIN;
ALTER TABLE hall.courier DROP page;
DELETE FROM hall.link WHERE purpose = 'share';
ALTER TABLE hall.link DROP CONSTRAINT link_purpose_check, ADD CONSTRAINT link_purpose_check CHECK (purpose IN ('phone', 'code', 'papers'));
COMMIT;
