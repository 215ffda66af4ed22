-- Revert certhall:calendar_link from pg
BEGIN;
DROP TABLE hall.calendar_link;
COMMIT;
