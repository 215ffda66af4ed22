-- Deploy certhall:certificate_listed to pg
-- What a revocation list contains is read from the index alone, without certificates that have expired.
BEGIN;
DROP INDEX hall.certificate_listed;
CREATE INDEX certificate_listed ON hall.certificate (ca, not_after) INCLUDE (id, serial, state, revoked_at, reason, unsigned)
    WHERE state IN ('hold', 'revoked');
COMMIT;
