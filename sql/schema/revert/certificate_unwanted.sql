-- Revert certhall:certificate_unwanted from pg
BEGIN;
DROP TABLE hall.certificate_unwanted;
COMMIT;
