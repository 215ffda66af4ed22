-- The months in which the runner looks for a job.
\ir fixture.psql
SELECT no_plan();
UPDATE hall.outbox SET state = 'done', done_at = now() WHERE state = 'due';
CREATE FUNCTION pg_temp.taken() RETURNS text LANGUAGE sql AS $$ SELECT key FROM hall.job_take('1 minute') $$;
CREATE FUNCTION pg_temp.since() RETURNS timestamptz LANGUAGE sql AS $$ SELECT since FROM hall.outbox_since $$;
CREATE FUNCTION pg_temp.job(key_ text, age interval) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO hall.outbox (kind, key, created_at, due_at) VALUES ('tap', key_, now() - age, now() - interval '1 second') RETURNING id $$;

SELECT pg_temp.job('tap/old', '100 days') AS old \gset
SELECT hall.sweep();
SELECT is(pg_temp.since(), now() - interval '100 days', 'as far back as the oldest job that is due');
SELECT is(pg_temp.taken(), 'tap/old', 'which is taken');
SELECT is(pg_temp.taken(), NULL, 'once');
SELECT hall.job_done(id, created_at) FROM hall.outbox WHERE id = :old;
SELECT hall.sweep();
SELECT is(pg_temp.since(), now() - interval '1 day', 'where none is due, a day back');
SELECT pg_temp.job('tap/new', '0');
SELECT is(pg_temp.taken(), 'tap/new', 'what is new is found');
UPDATE hall.outbox SET state = 'failed', done_at = NULL WHERE id = :old;
SELECT is(pg_temp.since(), now() - interval '1 day', 'a job that was given up is not waited for');
UPDATE hall.outbox SET state = 'due', due_at = now() WHERE id = :old;
SELECT is(pg_temp.since(), now() - interval '100 days', 'due again, it is looked for where it lies');
SELECT is(pg_temp.taken(), 'tap/old', 'and taken');

SELECT finish();
ROLLBACK;
