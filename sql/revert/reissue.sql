-- Revert certhall:reissue from pg
BEGIN;

DROP TRIGGER orders_a_reissue ON hall.orders;
DROP TRIGGER orders_a_reissue_submitted ON hall.orders;
DROP TRIGGER orders_outlet ON hall.orders;
CREATE OR REPLACE FUNCTION hall.order_reissue_json(o hall.orders) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT '{}'::jsonb $$;

CREATE OR REPLACE FUNCTION hall.order_create(new_id uuid, new_number text, kind text, seal bool, ticked jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p project;
BEGIN
    SELECT * INTO p FROM project WHERE id = my_project();
    IF p.id IS NULL OR NOT kind = ANY (p.business) OR NOT p.open THEN
        PERFORM refuse(404, '这个项目不办理此项业务。');
    ELSIF (SELECT count(*) FROM orders WHERE account = me() AND state = 'draft') >= 50 THEN
        PERFORM refuse(429, '您的草稿过多，请先完成或取消已有的业务单。');
    END IF;
    INSERT INTO orders (id, number, project, account, business, seal_wanted)
    VALUES (new_id, new_number, p.id, me(), kind,
            CASE p.seal_mode WHEN 'always' THEN true WHEN 'never' THEN false ELSE coalesce(seal, p.seal_default) END);
    PERFORM order_agreed(new_id, ticked);
    INSERT INTO order_history (order_id, event, text) VALUES (new_id, 'save', '新建业务单，同意相关协议');
END $$;

CREATE OR REPLACE FUNCTION hall.desk_view(wanted uuid, reads bool) RETURNS TABLE ("out" text, form bytea, slug text)
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

CREATE OR REPLACE FUNCTION hall.desk_orders(queue text, wanted_number text, page int, page_size int) RETURNS text
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

CREATE OR REPLACE FUNCTION hall.staff_face() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('id', id, 'name', name, 'display_name', display_name, 'roles', roles)::text
      FROM staff WHERE id = me() AND my_kind() = 'staff' $$;

CREATE OR REPLACE FUNCTION hall.ship(wanted uuid, seen int, carrier text, parcel_no text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order(wanted, seen);
BEGIN
    IF NOT carrier = ANY (SELECT unnest(couriers) FROM project WHERE id = o.project) THEN
        PERFORM refuse(422, '本项目不使用这家快递。', '/courier');
    ELSIF (SELECT medium FROM production(wanted)) = 'file' THEN
        PERFORM refuse(409, '这类证书由申请人自行下载，不需要寄送。');
    END IF;
    PERFORM advance(wanted, 'hand_over');
    UPDATE orders SET courier = carrier, tracking_no = parcel_no, shipped_at = now() WHERE id = wanted;
    UPDATE certificate SET key_file = NULL, enveloped_key = NULL -- they are on the token now
     WHERE order_id = wanted AND (key_file IS NOT NULL OR enveloped_key IS NOT NULL);
    PERFORM tell(wanted, 'shipped', 'handler', '1', jsonb_build_object('courier', carrier, 'number', parcel_no));
    PERFORM enqueue('signed_for', 'signed_for/' || wanted, wanted, '15 days');
END $$;

CREATE OR REPLACE FUNCTION hall.desk_order(wanted uuid, seen int) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted AND my_kind() = 'staff' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这个业务单。');
    ELSIF seen <> o.version THEN
        PERFORM refuse(409, '业务单已被他人处理，请刷新后再操作。');
    END IF;
    RETURN o;
END $$;

CREATE OR REPLACE FUNCTION hall.price_parts(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH owed(part, name, fen) AS (
        SELECT p.part, p.name, p.fen FROM items(o) i
          JOIN project_price p ON p.project = o.project AND p.cert_type = i.cert_type AND p.years = i.years
         WHERE o.seal_wanted OR NOT p.with_seal
        UNION ALL SELECT f.part, f.name, f.fen FROM project_fee f WHERE f.project = o.project AND f.business = o.business
        UNION ALL SELECT 'courier', '快递费（寄付）', o.courier_fee WHERE o.courier_fee > 0)
    SELECT jsonb_agg(jsonb_build_object('part', part, 'name', name, 'fen', fen)
                     ORDER BY array_position(ARRAY['certificate', 'medium', 'seal', 'courier'], part), name)
      FROM (SELECT part, name, sum(fen)::int AS fen FROM owed GROUP BY part, name) x $$;

DROP FUNCTION hall.staff_put;
CREATE FUNCTION hall.staff_put(new_id uuid, new_name text, shown text, secret text, new_roles text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE staff SET (display_name, password, roles, failures, locked_until) = (shown, secret, new_roles, 0, NULL)
     WHERE name = new_name;
    IF NOT FOUND THEN
        INSERT INTO staff (id, name, display_name, password, roles) VALUES (new_id, new_name, shown, secret, new_roles);
    END IF;
END $$;
GRANT EXECUTE ON FUNCTION hall.staff_put TO certhall_admin;

DROP FUNCTION hall.reissue_submitted, hall.reissue_stands, hall.reissue_create, hall.reissue_open, hall.reissue_tries, hall.reissue_find,
    hall.mask_unit, hall.reissue_refusal, hall.reissue_under_way, hall.reissue_source, hall.lost_certificate, hall.orders_outlet,
    hall.outlet_makes, hall.desk_seen, hall.desk_sees, hall.outlet_list, hall.outlet_put;
DROP INDEX hall.orders_replaces;
CREATE UNIQUE INDEX orders_replaces ON hall.orders (replaces) WHERE state NOT IN ('cancelled', 'refunded');
DELETE FROM hall.project_step WHERE step = 'certificate';
ALTER TABLE hall.project_step DROP CONSTRAINT project_step_step_check;
ALTER TABLE hall.project_step ADD CONSTRAINT project_step_step_check
    CHECK (step IN ('agreements', 'seal', 'form', 'print', 'materials', 'phone', 'payment'));
UPDATE hall.staff SET roles = '{producer}', outlet = NULL, active = false WHERE outlet IS NOT NULL;
ALTER TABLE hall.staff DROP CONSTRAINT staff_outlet;
ALTER TABLE hall.staff DROP CONSTRAINT staff_roles_check;
ALTER TABLE hall.staff ADD CONSTRAINT staff_roles_check
    CHECK (roles <@ ARRAY['reviewer', 'finance', 'producer', 'auditor', 'admin'] AND cardinality(roles) > 0);
ALTER TABLE hall.staff DROP COLUMN outlet;
ALTER TABLE hall.orders DROP COLUMN outlet;
DELETE FROM hall.project_list WHERE member = 'outlets';
DROP TABLE hall.project_outlet, hall.outlet;
DROP OWNED BY certhall_reissue;

COMMIT;
