-- Revert certhall:certificate_listed from pg
BEGIN;
DROP INDEX hall.certificate_listed;
CREATE INDEX certificate_listed ON hall.certificate (ca) WHERE state IN ('hold', 'revoked');
COMMIT;
