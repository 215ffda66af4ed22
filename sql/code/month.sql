-- The partitions of hall.monthly, by month: created ahead, and taken away.

-- Months are those of Beijing time.
CREATE OR REPLACE FUNCTION hall.month_begins(month date) RETURNS timestamptz
LANGUAGE sql STABLE AS $$ SELECT date_trunc('month', month)::timestamp AT TIME ZONE 'Asia/Shanghai' $$;

CREATE OR REPLACE FUNCTION hall.month_name(of name, month date) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT of || to_char(month, '_YYYYMM') $$;

-- Creates the partition of a month if it is missing, and moves rows that arrived before it. It is attached when it is ready, so that
-- nobody waits for it. A transaction that holds a conflicting lock is not made to wait: the attempt is repeated later.
CREATE OR REPLACE FUNCTION hall.month_make(of name, month date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
    part text := month_name(of, month);
    stray text := of || '_stray';
    since timestamptz := month_begins(month);
    until timestamptz := month_begins((month + interval '1 month')::date);
    its_columns text;
BEGIN
    IF to_regclass('hall.' || part) IS NOT NULL OR EXISTS (SELECT FROM month_gone g WHERE g.tbl = of AND g.month = month_make.month) THEN
        RETURN;
    END IF;
    SELECT string_agg(quote_ident(attname), ', ') INTO its_columns FROM pg_attribute
     WHERE attrelid = ('hall.' || of)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
    EXECUTE format('CREATE TABLE %I (LIKE %I INCLUDING DEFAULTS INCLUDING CONSTRAINTS INCLUDING GENERATED)', part, of);
    EXECUTE format('LOCK TABLE %I', stray);
    EXECUTE format('ALTER TABLE %I DISABLE TRIGGER USER', stray);
    EXECUTE format('WITH moved AS (DELETE FROM %1$I WHERE %2$I >= $1 AND %2$I < $2 RETURNING *)
                    INSERT INTO %3$I (%4$s) SELECT %4$s FROM moved', stray, (SELECT "column" FROM monthly WHERE tbl = of), part, its_columns)
      USING since, until;
    EXECUTE format('ALTER TABLE %I ENABLE TRIGGER USER', stray);
    EXECUTE format('ALTER TABLE %I ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', of, part, since, until);
END $$;

-- The current month and the next three, for every table.
CREATE OR REPLACE FUNCTION hall.months_make() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM month_make(m.tbl, (date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai') + n * interval '1 month')::date)
       FROM monthly m, generate_series(0, 3) n;
END $$;

-- The trail keeps the last row of each subject, where the chain continues. Its months are taken away from the oldest on, without
-- gaps.
CREATE OR REPLACE FUNCTION hall.audit_leave(part text, until timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM audit a WHERE a.at < until AND a.tableoid <> part::regclass) THEN
        PERFORM refuse(409, '请从最早的月份开始归档。');
    END IF;
    EXECUTE format('INSERT INTO audit_begins (subject, seq, head)
                    SELECT DISTINCT ON (subject) subject, seq, head FROM %I ORDER BY subject, seq DESC
                    ON CONFLICT (subject) DO UPDATE SET (seq, head) = (EXCLUDED.seq, EXCLUDED.head)', part);
END $$;

-- Takes a month away: its partition becomes a table of its own, to be exported (pg_dump) and dropped. Returns its number of rows.
CREATE OR REPLACE FUNCTION hall.month_detach(of name, the_month date) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp SET lock_timeout = '500ms' AS $$
DECLARE
    m monthly;
    part text := month_name(of, the_month);
    until timestamptz := month_begins((the_month + interval '1 month')::date);
    n bigint;
    waiting bigint;
BEGIN
    SELECT * INTO m FROM monthly WHERE tbl = of;
    IF NOT FOUND OR NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass('hall.' || part)
                                   AND inhparent = to_regclass('hall.' || of)) THEN
        PERFORM refuse(404, '没有这个月份。');
    ELSIF until > now() THEN
        PERFORM refuse(409, '这个月份还没有结束。');
    END IF;
    EXECUTE format('LOCK TABLE %I', of);
    EXECUTE format('SELECT count(*), count(*) FILTER (WHERE %s) FROM %I', coalesce(m.waits, 'false'), part) INTO n, waiting;
    IF waiting > 0 THEN
        PERFORM refuse(409, '这个月份还有未办结的记录。');
    ELSIF of = 'audit' THEN
        PERFORM audit_leave(part, until);
    END IF;
    EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', of, part);
    INSERT INTO month_gone (tbl, month, n) VALUES (of, date_trunc('month', the_month), n);
    RETURN n;
END $$;

-- The existing months, with the approximate number of rows of each.
CREATE OR REPLACE FUNCTION hall.month_list() RETURNS TABLE (tbl text, month text, n bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT m.tbl::text, regexp_replace(c.relname::text, '.*_(\d{4})(\d{2})$', '\1-\2'), greatest(c.reltuples, 0)::bigint
      FROM monthly m JOIN pg_inherits i ON i.inhparent = ('hall.' || m.tbl)::regclass JOIN pg_class c ON c.oid = i.inhrelid
     ORDER BY m.tbl, c.relname;
END $$;
