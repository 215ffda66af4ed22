-- Orders as staff see them.

-- An order as staff may touch it.
CREATE OR REPLACE FUNCTION hall.desk_order(wanted uuid, seen int) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = desk_seen(wanted) AND my_kind() = 'staff' FOR NO KEY UPDATE;
    PERFORM order_as_seen(o, seen, '业务单已被他人处理');
    RETURN o;
END $$;

-- The queue an order waits in.
CREATE OR REPLACE FUNCTION hall.queue_of(o hall.orders) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN o.state = 'in_review' THEN 'review' WHEN o.state = 'approved' THEN 'payout'
                WHEN o.state = 'accepted' THEN 'produce' WHEN o.state = 'produced' THEN 'ship' END $$;

CREATE OR REPLACE FUNCTION hall.desk_orders(queue text, wanted_number text, page int, page_size int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH found AS (SELECT o FROM orders o WHERE o.state <> 'draft'
                      AND (queue = 'all' OR queue_of(o) = queue)
                      AND (wanted_number IS NULL OR o.number LIKE '%' || wanted_number || '%') AND desk_sees(o))
    SELECT jsonb_build_object('total', (SELECT count(*) FROM found), 'page', page, 'page_size', page_size,
        'items', (SELECT coalesce(jsonb_agg(order_row(p.o) || jsonb_build_object('taken_by',
                (SELECT display_name FROM staff WHERE id = (p.o).producer),
                'outlet', (SELECT name FROM outlet WHERE code = (p.o).outlet))), '[]') FROM (
            SELECT o FROM found ORDER BY (o).due_at NULLS LAST, (o).updated_at LIMIT page_size OFFSET (page - 1) * page_size) p),
        'counts', (SELECT jsonb_object_agg(q, (SELECT count(*) FROM orders o WHERE queue_of(o) = q AND desk_sees(o)))
                     FROM unnest(ARRAY['review', 'payout', 'produce', 'ship']) q))::text $$;

-- That somebody reads an order's sealed form goes into the audit trail.
CREATE OR REPLACE FUNCTION hall.desk_reads(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM note('order', desk_seen(wanted), '{"read": "form"}');
END $$;

CREATE OR REPLACE FUNCTION hall.desk_material(wanted uuid, wanted_code text)
RETURNS TABLE (id uuid, mime text, file_name text, file_key bytea, bytes int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF my_kind() = 'staff' AND EXISTS (SELECT FROM orders o WHERE o.id = wanted AND o.state <> 'draft') THEN
        PERFORM note('order', wanted, jsonb_build_object('read', 'material/' || wanted_code));
        RETURN QUERY SELECT m.id, m.mime, m.file_name, m.file_key, m.bytes FROM material m
                      WHERE m.order_id = wanted AND m.code = wanted_code AND m.state <> 'replaced';
    END IF;
END $$;

-- Whether the member of staff who asks has to do with an order (hall.desk_reach).
CREATE OR REPLACE FUNCTION hall.desk_sees(o hall.orders) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM desk_reach d WHERE d.id = o.id);
END $$;

-- The order's id again, for the statements of the desk that read something of it (modules/desk/desk.sql).
CREATE OR REPLACE FUNCTION hall.desk_seen(wanted uuid) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM desk_reach d WHERE d.id = wanted) THEN
        PERFORM refuse(404, '没有找到这个业务单。');
    END IF;
    RETURN wanted;
END $$;
