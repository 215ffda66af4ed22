-- Work that waits for the runner.

CREATE OR REPLACE FUNCTION hall.enqueue(kind text, key text, subject uuid, wait interval DEFAULT '0') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
#variable_conflict use_column
BEGIN
    INSERT INTO outbox (kind, key, subject, due_at) VALUES (kind, key, subject, now() + wait) ON CONFLICT (key) DO NOTHING;
    PERFORM pg_notify('outbox', kind);
END $$;

-- Hands out one due job and keeps others off it for `lease`: a runner that dies gives it back by dying.
CREATE OR REPLACE FUNCTION hall.job_take(lease interval) RETURNS TABLE (id bigint, kind text, key text, subject uuid, attempts int)
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE outbox o SET attempts = o.attempts + 1, due_at = now() + lease
     WHERE o.id = (SELECT i.id FROM outbox i WHERE i.state = 'due' AND i.due_at <= now()
                    ORDER BY i.due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING o.id, o.kind, o.key, o.subject, o.attempts $$;

CREATE OR REPLACE FUNCTION hall.job_done(job bigint) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE outbox SET state = 'done', done_at = now(), last_error = NULL WHERE id = job;
END $$;

-- Again later, or not at all: after `most` attempts it stays for an operator to look at.
CREATE OR REPLACE FUNCTION hall.job_again(job bigint, wait interval, why text, most int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
#variable_conflict use_column
BEGIN
    UPDATE outbox SET due_at = now() + wait, last_error = why,
           state = CASE WHEN attempts >= most THEN 'failed' ELSE 'due' END WHERE id = job;
END $$;

-- How long until the next job is due.
CREATE OR REPLACE FUNCTION hall.job_next() RETURNS interval
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT min(due_at) - now() FROM outbox WHERE state = 'due' $$;

-- Jobs that were given up, or do not get through, newest first.
CREATE OR REPLACE FUNCTION hall.outbox_stuck(after text, page_size int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE after_id bigint := coalesce((cursor_keys(after, 'bigint'))[1], '9223372036854775807');
BEGIN
    RETURN (SELECT page(jsonb_agg(jsonb_build_object('id', id, 'kind', kind, 'key', key, 'state', state, 'attempts', attempts,
            'last_error', last_error, 'due_at', iso(due_at)) ORDER BY id DESC) FILTER (WHERE n <= page_size + 1),
        array_agg(cursor_of(id::text) ORDER BY id DESC), page_size, after, count(*)::int)
      FROM (SELECT *, row_number() OVER (ORDER BY id DESC) AS n FROM outbox
             WHERE (state = 'failed' OR (state = 'due' AND attempts > 2)) AND id < after_id AND my_kind() = 'staff'
             ORDER BY id DESC LIMIT look_for(after, page_size)) x)::text;
END $$;

-- What has served its time: ended sessions and links, codes and failures that no limit counts any more.
CREATE OR REPLACE FUNCTION hall.sweep() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    DELETE FROM session WHERE expires_at < now();
    DELETE FROM link WHERE expires_at < now() - interval '1 day';
    DELETE FROM sms_code WHERE created_at < now() - interval '2 days';
    DELETE FROM login_failure WHERE at < now() - interval '1 day';
END $$;

-- ---- files in the store that no row names ----

-- Those of the ids that are no paper's and no voucher's. A table whose rows own files of the store stands here, or the sweep
-- takes its files (sql/test/store.sql looks).
CREATE OR REPLACE FUNCTION hall.store_unknown(ids uuid[]) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT i FROM unnest(ids) i
     WHERE NOT EXISTS (SELECT FROM material m WHERE m.id = i) AND NOT EXISTS (SELECT FROM voucher v WHERE v.id = i);
END $$;

-- Once a night (Beijing time). The key of a job tells the night, and from where in the store it goes on.
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
