-- Deploy certhall:job_kind to pg
BEGIN;
-- What the runner's jobs are called on the page of those that are stuck. A job that waits without an error is not stuck.
CREATE TABLE hall.job_kind (
    kind text PRIMARY KEY,
    name text NOT NULL
);
DROP INDEX hall.outbox_stuck;
CREATE INDEX outbox_stuck ON hall.outbox (id) WHERE state = 'failed' OR (state = 'due' AND attempts > 2 AND last_error IS NOT NULL);
COMMIT;
