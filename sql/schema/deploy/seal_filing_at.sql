-- Deploy certhall:seal_filing_at to pg
-- The filing record of a few days is found without reading the others.
BEGIN;
CREATE INDEX seal_filing_at ON hall.seal_filing (at);
COMMIT;
