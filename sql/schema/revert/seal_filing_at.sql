-- Revert certhall:seal_filing_at from pg
BEGIN;
DROP INDEX hall.seal_filing_at;
COMMIT;
