-- Revert certhall:message_off from pg
BEGIN;
DROP TABLE hall.message_off;
ALTER TABLE hall.message_name DROP COLUMN needed;
COMMIT;
