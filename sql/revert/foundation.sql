-- Revert certhall:foundation from pg
BEGIN;
DROP SCHEMA hall CASCADE;
COMMIT;
