-- Deploy certhall:desk to pg
-- What staff see. Producers see orders that were accepted, reviewers those that were handed in.
BEGIN;

CREATE FUNCTION hall.staff_face() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('id', id, 'name', name, 'display_name', display_name, 'roles', roles)::text
      FROM staff WHERE id = me() AND my_kind() = 'staff' $$;

-- The queue an order waits in.
CREATE FUNCTION hall.queue_of(o hall.orders) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN o.state = 'in_review' THEN 'review' WHEN o.state = 'approved' THEN 'payout'
                WHEN o.state = 'accepted' THEN 'produce' WHEN o.state = 'produced' THEN 'ship' END $$;

CREATE FUNCTION hall.desk_orders(queue text, wanted_number text, page int, page_size int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH found AS (SELECT o FROM orders o WHERE my_kind() = 'staff' AND o.state <> 'draft'
                      AND (queue = 'all' OR queue_of(o) = queue)
                      AND (wanted_number IS NULL OR o.number LIKE '%' || wanted_number || '%'))
    SELECT jsonb_build_object('total', (SELECT count(*) FROM found), 'page', page, 'page_size', page_size,
        'items', (SELECT coalesce(jsonb_agg(order_row(p.o) || jsonb_build_object('taken_by',
                (SELECT display_name FROM staff WHERE id = (p.o).producer))), '[]') FROM (
            SELECT o FROM found ORDER BY (o).due_at NULLS LAST, (o).updated_at LIMIT page_size OFFSET (page - 1) * page_size) p),
        'counts', (SELECT jsonb_object_agg(q, (SELECT count(*) FROM orders o WHERE queue_of(o) = q AND my_kind() = 'staff'))
                     FROM unnest(ARRAY['review', 'payout', 'produce', 'ship']) q))::text $$;

-- One order with its sealed form; that somebody reads it goes into the audit trail.
CREATE FUNCTION hall.desk_view(wanted uuid, reads bool) RETURNS TABLE ("out" text, form bytea, slug text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE orders.id = wanted AND my_kind() = 'staff' AND state <> 'draft';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    IF reads THEN
        PERFORM note('order', wanted, '{"read": "form"}');
    END IF;
    RETURN QUERY SELECT (order_json(o) || jsonb_build_object(
        'producing', o.producer IS NOT NULL AND o.state = 'accepted',
        'key_file', EXISTS (SELECT FROM certificate c WHERE c.order_id = wanted AND c.key_file IS NOT NULL),
        'payouts', (SELECT coalesce(jsonb_agg(jsonb_build_object('number', y.number, 'ref', y.yur_ref, 'state', y.state,
            'reason', y.reason, 'at', iso(y.created_at)) ORDER BY y.number), '[]') FROM payout y WHERE y.order_id = wanted),
        'reviews', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', iso(v.at), 'staff', s.display_name, 'approved',
            v.approved, 'reasons', v.reasons, 'note', v.note) ORDER BY v.id), '[]')
            FROM review v JOIN staff s ON s.id = v.staff WHERE v.order_id = wanted)))::text,
        o.form, p.slug FROM project p WHERE p.id = o.project;
END $$;

CREATE FUNCTION hall.desk_material(wanted uuid, wanted_code text)
RETURNS TABLE (id uuid, mime text, file_name text, file_key bytea, bytes int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF my_kind() = 'staff' AND EXISTS (SELECT FROM orders o WHERE o.id = wanted AND o.state <> 'draft') THEN
        PERFORM note('order', wanted, jsonb_build_object('read', 'material/' || wanted_code));
        RETURN QUERY SELECT m.id, m.mime, m.file_name, m.file_key, m.bytes FROM material m
                      WHERE m.order_id = wanted AND m.code = wanted_code AND m.state <> 'replaced';
    END IF;
END $$;

-- The key file for the token, as long as the parcel has not left.
CREATE FUNCTION hall.desk_key_file(wanted uuid) RETURNS TABLE (number text, key_file bytea, certificate bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF my_kind() = 'staff' AND EXISTS (SELECT FROM orders o WHERE o.id = wanted) THEN
        PERFORM note('order', wanted, '{"read": "key_file"}');
        RETURN QUERY SELECT o.number, c.key_file, c.certificate FROM orders o JOIN certificate c ON c.order_id = o.id
                      WHERE o.id = wanted AND c.state = 'valid';
    END IF;
END $$;

CREATE FUNCTION hall.audit_rows(wanted uuid, page int, page_size int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('total', (SELECT count(*) FROM audit WHERE wanted IS NULL OR subject = wanted), 'page', page,
        'page_size', page_size, 'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', a.id, 'kind', a.kind, 'subject',
            a.subject, 'seq', a.seq, 'at', iso(a.at), 'actor', a.actor, 'op', a.op, 'action', a.op, 'request', a.request,
            'detail', a.detail, 'head', encode(a.head, 'hex'))), '[]')
          FROM (SELECT * FROM audit WHERE wanted IS NULL OR subject = wanted ORDER BY id DESC
                 LIMIT page_size OFFSET (page - 1) * page_size) a))::text $$;

CREATE FUNCTION hall.outbox_stuck() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('id', id, 'kind', kind, 'key', key, 'state', state,
        'attempts', attempts, 'last_error', last_error, 'due_at', iso(due_at)) ORDER BY id DESC), '[]'))::text
      FROM outbox WHERE state = 'failed' OR (state = 'due' AND attempts > 2) $$;

-- Staff are made by an administrator's command.
CREATE FUNCTION hall.staff_put(new_id uuid, new_name text, shown text, secret text, new_roles text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    INSERT INTO staff (id, name, display_name, password, roles) VALUES (new_id, new_name, shown, secret, new_roles)
    ON CONFLICT (name) DO UPDATE SET (display_name, password, roles, failures, locked_until) =
        (EXCLUDED.display_name, EXCLUDED.password, EXCLUDED.roles, 0, NULL) $$;

CREATE FUNCTION hall.data_key_new(new_id int, new_kek int, key_wrapped bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE data_key SET active = false WHERE active;
    INSERT INTO data_key (id, kek, wrapped, active) VALUES (new_id, new_kek, key_wrapped, true);
END $$;

COMMIT;
