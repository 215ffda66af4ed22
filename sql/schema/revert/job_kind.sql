-- Revert certhall:job_kind from pg
BEGIN;
DROP INDEX hall.outbox_stuck;
CREATE INDEX outbox_stuck ON hall.outbox (id) WHERE state = 'failed' OR (state = 'due' AND attempts > 2);
DROP TABLE hall.job_kind;
COMMIT;
