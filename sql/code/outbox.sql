-- Work for the runner.

CREATE OR REPLACE FUNCTION hall.enqueue(kind text, key text, subject uuid, wait interval DEFAULT '0') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO outbox (kind, key, subject, due_at) VALUES (kind, key, subject, now() + wait);
END $$;

-- A job is requested only once, even if it was requested in another month: a second row with its key is dropped.
CREATE OR REPLACE FUNCTION hall.outbox_once() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO outbox_key (key) VALUES (NEW.key) ON CONFLICT DO NOTHING;
    RETURN CASE WHEN FOUND THEN NEW END;
END $$;
CREATE OR REPLACE TRIGGER outbox_once BEFORE INSERT ON hall.outbox FOR EACH ROW EXECUTE FUNCTION hall.outbox_once();

-- A job that has been deleted may be requested again.
CREATE OR REPLACE FUNCTION hall.outbox_gone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    DELETE FROM outbox_key WHERE key = OLD.key;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER outbox_gone AFTER DELETE ON hall.outbox FOR EACH ROW EXECUTE FUNCTION hall.outbox_gone();

-- The runner sleeps until the next job that it knows of; it is notified about a new job, and about one that becomes due earlier.
CREATE OR REPLACE FUNCTION hall.outbox_call() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM pg_notify('outbox', '');
    RETURN NULL;
END $$;
-- A job that is due again may have been done or given up long ago.
CREATE OR REPLACE FUNCTION hall.outbox_again() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE outbox_since SET since = NEW.created_at WHERE since > NEW.created_at;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER outbox_again AFTER UPDATE OF state ON hall.outbox FOR EACH ROW
    WHEN (NEW.state = 'due' AND OLD.state <> 'due') EXECUTE FUNCTION hall.outbox_again();
CREATE OR REPLACE TRIGGER outbox_new AFTER INSERT ON hall.outbox FOR EACH ROW WHEN (NEW.state = 'due') EXECUTE FUNCTION hall.outbox_call();
CREATE OR REPLACE TRIGGER outbox_earlier AFTER UPDATE OF due_at, state ON hall.outbox FOR EACH ROW
    WHEN (NEW.state = 'due' AND (NEW.due_at < OLD.due_at OR OLD.state <> 'due')) EXECUTE FUNCTION hall.outbox_call();

-- Hands out one due job, and keeps other runners off it for `lease`: if the runner dies, the job is free again after that. When none
-- is due, the row has in `wait` the time until the next one; NULL: there is none. `made` tells the job's month, so that job_done and
-- job_again search only there.
CREATE OR REPLACE FUNCTION hall.job_take(lease interval)
RETURNS TABLE (id bigint, made timestamptz, kind text, key text, subject uuid, attempts int, wait interval)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    since timestamptz := (SELECT s.since FROM outbox_since s);
    which bigint;
    at timestamptz;
BEGIN
    SELECT o.id, o.created_at INTO which, at FROM outbox o WHERE o.state = 'due' AND o.due_at <= now() AND o.created_at >= since
     ORDER BY o.due_at LIMIT 1 FOR UPDATE SKIP LOCKED;
    IF FOUND THEN
        RETURN QUERY UPDATE outbox o SET attempts = o.attempts + 1, due_at = now() + lease
            WHERE o.id = which AND o.created_at = at
            RETURNING o.id, o.created_at, o.kind, o.key, o.subject, o.attempts, NULL::interval;
    ELSE -- a moment, when one is due that another runner has
        RETURN QUERY SELECT NULL::bigint, NULL::timestamptz, NULL, NULL, NULL::uuid, NULL::int,
            (SELECT greatest(o.due_at - now(), '1 second') FROM outbox o
              WHERE o.state = 'due' AND o.created_at >= since ORDER BY o.due_at LIMIT 1);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.job_done(job bigint, made timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE outbox SET state = 'done', done_at = now(), last_error = NULL WHERE id = job AND created_at = made;
END $$;

-- Schedules another attempt, or gives up: after `most` attempts the job stays for an operator. A job that `waits` has met no error.
CREATE OR REPLACE FUNCTION hall.job_again(job bigint, made timestamptz, wait interval, why text, waits boolean, most int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE outbox SET due_at = now() + wait, last_error = CASE WHEN attempts >= most OR NOT waits THEN why END,
           state = CASE WHEN attempts >= most THEN 'failed' ELSE 'due' END WHERE id = job AND created_at = made;
END $$;

-- Jobs that were given up or keep failing, newest first.
CREATE OR REPLACE FUNCTION hall.outbox_stuck(after text, page_size int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE after_id bigint := coalesce((cursor_keys(after, 'bigint'))[1], '9223372036854775807');
BEGIN
    RETURN (SELECT page(jsonb_agg(jsonb_build_object('id', x.id, 'kind', kind, 'name', coalesce(k.name, kind), 'number', o.number, 'key', key,
            'state', x.state, 'attempts', attempts, 'last_error', last_error, 'due_at', iso(x.due_at)) ORDER BY x.id DESC)
            FILTER (WHERE n <= page_size + 1),
        array_agg(cursor_of(x.id::text) ORDER BY x.id DESC), page_size, after, count(*)::int)
      FROM (SELECT *, row_number() OVER (ORDER BY id DESC) AS n FROM outbox
             WHERE (state = 'failed' OR (state = 'due' AND attempts > 2 AND last_error IS NOT NULL)) AND id < after_id
               AND my_kind() = 'staff'
             ORDER BY id DESC LIMIT look_for(after, page_size)) x
      LEFT JOIN job_kind k USING (kind) LEFT JOIN orders o ON o.id = x.subject)::text;
END $$;

-- Deletes what is of no use any more: ended sessions and links, and codes and tries that no limit counts.
CREATE OR REPLACE FUNCTION hall.sweep() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    DELETE FROM session WHERE expires_at < now() OR seen_at < now() - make_interval(secs => idle);
    DELETE FROM link WHERE expires_at < now() - interval '1 day';
    DELETE FROM sms_code WHERE created_at < now() - interval '2 days';
    DELETE FROM login_try WHERE at < now() - interval '1 day';
    DELETE FROM login_used WHERE at < now() - interval '1 day';
    DELETE FROM upload_count WHERE day < current_date - 1;
    -- A day's margin, for transactions that began long ago and have not yet committed a job.
    UPDATE outbox_since SET since = least((SELECT min(created_at) FROM outbox WHERE state = 'due'), now() - interval '1 day');
END $$;

-- ---- files in the store that no row names ----

-- The ids that belong to no paper, voucher or evidence package, or to one whose key is destroyed. Every table whose rows own files of the store
-- must be listed here, or the sweep deletes its files (checked by sql/test/store.sql).
CREATE OR REPLACE FUNCTION hall.store_unknown(ids uuid[]) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT i FROM unnest(ids) i
     WHERE NOT EXISTS (SELECT FROM paper m WHERE m.id = i AND m.file_key <> '')
       AND NOT EXISTS (SELECT FROM voucher v WHERE v.id = i AND v.file_key <> '')
       AND NOT EXISTS (SELECT FROM evidence e WHERE e.id = i AND e.file_key <> '');
END $$;

-- Once a night (Beijing time). The key of a job has the night, and the place in the store where it continues.
CREATE OR REPLACE FUNCTION hall.store_sweep_want() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enqueue('store_sweep', 'store_sweep/' || (now() AT TIME ZONE 'Asia/Shanghai' - interval '3 hours')::date || '/', NULL);
END $$;

CREATE OR REPLACE FUNCTION hall.store_sweep_on(key text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enqueue('store_sweep', key, NULL);
END $$;
