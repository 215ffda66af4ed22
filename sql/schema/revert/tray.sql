-- Revert certhall:tray from pg
BEGIN;
DROP TABLE hall.tray;
COMMIT;
