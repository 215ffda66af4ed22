-- Orders as staff see them.

-- An order that the calling member of staff may work on.
CREATE OR REPLACE FUNCTION hall.desk_order_locked(wanted uuid, seen int) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = desk_seen(wanted) AND my_kind() = 'staff' FOR NO KEY UPDATE;
    PERFORM order_as_seen(o, seen, '业务单已被他人处理');
    RETURN o;
END $$;

-- The orders that `looks` covers (hall.desk_reach): a queue by promised date, or all of them ("all"), newest first. `own`: the caller
-- is the CA's own producer; `theirs`: the states in which an outlet may see its orders. The query is planned for its arguments.
CREATE OR REPLACE FUNCTION hall.desk_found(looks hall.staff, own bool, theirs text[], wanted text, wanted_number text, after text, most int)
RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    keys text[] := cursor_keys(after, 'timestamptz', 'uuid');
    after_at timestamptz := keys[1];
    after_id uuid := keys[2];
    whole text := CASE WHEN wanted_number ~ '^[0-9]{18}$' THEN wanted_number END;
    part text := CASE WHEN whole IS NULL THEN holds(wanted_number) END;
BEGIN
    IF wanted = 'all' THEN
        RETURN ARRAY(SELECT o.id FROM orders o WHERE looks.id IS NOT NULL AND o.state <> 'draft'
            AND (whole IS NULL OR o.number = whole) AND (part IS NULL OR o.number LIKE part) AND (NOT own OR o.outlet IS NULL)
            AND (looks.outlet IS NULL OR o.outlet = looks.outlet AND (o.producer = looks.id OR o.state = ANY (theirs)))
            AND (after IS NULL OR (o.created_at, o.id) < (after_at, after_id))
          ORDER BY o.created_at DESC, o.id DESC LIMIT most);
    ELSE
        RETURN ARRAY(SELECT o.id FROM orders o WHERE looks.id IS NOT NULL AND o.queue = wanted
            AND (whole IS NULL OR o.number = whole) AND (part IS NULL OR o.number LIKE part) AND (NOT own OR o.outlet IS NULL)
            AND (looks.outlet IS NULL OR o.outlet = looks.outlet AND (o.producer = looks.id OR o.state = ANY (theirs)))
            AND (after IS NULL OR (o.promised_at, o.id) > (after_at, after_id))
          ORDER BY o.promised_at, o.id LIMIT most);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.desk_orders(wanted text, wanted_number text, after text, page_size int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    looks staff;
    own bool;
    theirs text[] := ARRAY(SELECT state FROM order_state s WHERE s.outlet);
    ids uuid[];
BEGIN
    SELECT * INTO looks FROM staff WHERE id = me() AND my_kind() = 'staff';
    own := looks.roles = '{producer}';
    ids := desk_found(looks, own, theirs, wanted, wanted_number, after, look_for(after, page_size));
    RETURN (SELECT page(jsonb_agg(jsonb_build_object('id', o.id, 'number', o.number, 'slug', p.slug, 'project_name', p.name,
            'business', o.business, 'business_name', b.name, 'subject', o.subject, 'cert_type_name', t.name, 'years', o.years,
            'total', o.total, 'state', o.state, 'label', l.label, 'tone', l.tone, 'created_at', iso(o.created_at),
            'updated_at', iso(o.updated_at), 'due_at', iso(nullif(o.promised_at, 'infinity')),
            'overdue', s.clock IS NOT NULL AND o.promised_at < now(), 'taken_by', CASE WHEN s.in_production THEN f.display_name END, 'outlet', u.name) ORDER BY i.n),
        array_agg(cursor_of(CASE wanted WHEN 'all' THEN o.created_at ELSE o.promised_at END::text, o.id::text) ORDER BY i.n),
        page_size, after, cardinality(ids)) || jsonb_build_object('counts', desk_counts(looks, own, theirs))
      FROM unnest(ids[1 : page_size + 1]) WITH ORDINALITY AS i(id, n) JOIN orders o ON o.id = i.id
      JOIN project p ON p.id = o.project JOIN business b ON b.code = o.business JOIN order_state s ON s.state = o.state
      JOIN order_standing l ON l.code = o.standing
      LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type
      LEFT JOIN staff f ON f.id = o.producer LEFT JOIN outlet u ON u.code = o.outlet)::text;
END $$;

-- How many orders wait in each queue.
CREATE OR REPLACE FUNCTION hall.desk_counts(looks hall.staff, own bool, theirs text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    counts jsonb := '{}';
    of_queue text;
    n int;
BEGIN
    FOREACH of_queue IN ARRAY ARRAY['review', 'payout', 'produce', 'ship'] LOOP
        SELECT count(*) INTO n FROM (SELECT FROM orders o WHERE looks.id IS NOT NULL AND o.queue = of_queue
            AND (NOT own OR o.outlet IS NULL)
            AND (looks.outlet IS NULL OR o.outlet = looks.outlet AND (o.producer = looks.id OR o.state = ANY (theirs)))
            LIMIT count_most()) x;
        counts := counts || jsonb_build_object(of_queue, n);
    END LOOP;
    RETURN counts;
END $$;

-- Records in the audit trail that somebody reads an order's encrypted form.
CREATE OR REPLACE FUNCTION hall.desk_reads(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM note('order', desk_seen(wanted), '{"read": "form"}');
END $$;

CREATE OR REPLACE FUNCTION hall.desk_paper(wanted uuid, wanted_code text, wanted_sheet int DEFAULT 1)
RETURNS TABLE (id uuid, mime text, file_name text, file_key bytea, bytes int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF my_kind() = 'staff' AND EXISTS (SELECT FROM orders o WHERE o.id = wanted AND o.state <> 'draft') THEN
        PERFORM note('order', wanted, jsonb_build_object('read', concat_ws('/', 'paper', wanted_code, nullif(wanted_sheet, 1))));
        RETURN QUERY SELECT m.id, m.mime, m.file_name, m.file_key, m.bytes FROM paper m
                      WHERE m.order_id = wanted AND m.code = wanted_code AND m.sheet = wanted_sheet AND m.state <> 'replaced';
    END IF;
END $$;

-- Returns the order's id, for statements of the desk that read more of it (modules/review, produce, finance, registry, office).
CREATE OR REPLACE FUNCTION hall.desk_seen(wanted uuid) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM desk_reach d WHERE d.id = wanted) THEN
        PERFORM refuse(404, '没有找到这个业务单。');
    END IF;
    RETURN wanted;
END $$;
