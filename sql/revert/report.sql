-- Revert certhall:report from pg
BEGIN;
DROP FUNCTION hall.messages_json;
DROP FUNCTION hall.message_report;
DROP INDEX hall.message_serial;
ALTER TABLE hall.message DROP COLUMN delivery, DROP COLUMN delivery_note, DROP COLUMN delivery_at;
COMMIT;
