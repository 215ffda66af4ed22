-- Revert certhall:baseline from pg
-- Takes the code along: all of it stands on these tables.
BEGIN;
DROP SCHEMA hall CASCADE;
ALTER DEFAULT PRIVILEGES GRANT EXECUTE ON FUNCTIONS TO PUBLIC;
COMMIT;
