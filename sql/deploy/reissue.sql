-- Deploy certhall:reissue to pg
-- A lost medium is made again: the certificate found by its serial number, who may ask for its successor, what of it stands
-- fast. And outlets (渠道网点), whose own producers make what is theirs and see nothing else.
BEGIN;

-- ---- outlets ----

CREATE TABLE hall.outlet (
    code  text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9-]{1,30}$'),
    name  text NOT NULL CHECK (name <> ''),
    place text NOT NULL DEFAULT '' -- address and what else producers and applicants should know
);
-- Who makes and posts what of a project; a kind of business without a row here is made by the CA itself.
CREATE TABLE hall.project_outlet (
    project  uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    business text NOT NULL REFERENCES hall.business,
    outlet   text NOT NULL REFERENCES hall.outlet,
    PRIMARY KEY (project, business)
);
INSERT INTO hall.project_list VALUES ('outlets', 'hall.project_outlet');
ALTER TABLE hall.orders ADD COLUMN outlet text REFERENCES hall.outlet;
CREATE INDEX orders_outlet ON hall.orders (outlet) WHERE outlet IS NOT NULL;

-- A producer of an outlet has the role "outlet" and no other: routes name it beside "producer" where it may go.
ALTER TABLE hall.staff ADD COLUMN outlet text REFERENCES hall.outlet;
ALTER TABLE hall.staff DROP CONSTRAINT staff_roles_check;
ALTER TABLE hall.staff ADD CONSTRAINT staff_roles_check
    CHECK (roles <@ ARRAY['reviewer', 'finance', 'producer', 'auditor', 'admin', 'outlet'] AND cardinality(roles) > 0);
ALTER TABLE hall.staff ADD CONSTRAINT staff_outlet CHECK (CASE WHEN outlet IS NULL THEN NOT 'outlet' = ANY (roles)
                                                               ELSE roles = ARRAY['outlet'] END);

CREATE FUNCTION hall.outlet_put(new_code text, new_name text, new_place text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    INSERT INTO outlet VALUES (new_code, new_name, new_place)
    ON CONFLICT (code) DO UPDATE SET (name, place) = (EXCLUDED.name, EXCLUDED.place) $$;

CREATE FUNCTION hall.outlet_list() RETURNS TABLE (code text, name text, place text, producers text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.code, o.name, o.place, (SELECT string_agg(s.name, ', ' ORDER BY s.name) FROM staff s WHERE s.outlet = o.code AND s.active)
      FROM outlet o ORDER BY o.code $$;

DROP FUNCTION hall.staff_put(uuid, text, text, text, text[]);
CREATE FUNCTION hall.staff_put(new_id uuid, new_name text, shown text, secret text, new_roles text[], of_outlet text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF ('outlet' = ANY (new_roles)) <> (of_outlet IS NOT NULL) OR (of_outlet IS NOT NULL AND cardinality(new_roles) > 1) THEN
        PERFORM refuse(422, 'a producer of an outlet has the role outlet alone, and the outlet''s code', '/outlet');
    ELSIF of_outlet IS NOT NULL AND NOT EXISTS (SELECT FROM outlet WHERE code = of_outlet) THEN
        PERFORM refuse(422, format('there is no outlet %s', of_outlet), '/outlet');
    END IF;
    UPDATE staff SET (display_name, password, roles, outlet, failures, locked_until) = (shown, secret, new_roles, of_outlet, 0, NULL)
     WHERE name = new_name;
    IF NOT FOUND THEN
        INSERT INTO staff (id, name, display_name, password, roles, outlet)
        VALUES (new_id, new_name, shown, secret, new_roles, of_outlet);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.staff_face() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('id', s.id, 'name', s.name, 'display_name', s.display_name, 'roles', s.roles,
               'outlet', (SELECT o.name FROM outlet o WHERE o.code = s.outlet))::text
      FROM staff s WHERE s.id = me() AND my_kind() = 'staff' $$;

-- Whether the member of staff who asks has to do with an order: an outlet's producer with what the outlet is to make or has
-- made, the CA's own with everything that no outlet makes, all others with all of it.
CREATE FUNCTION hall.desk_sees(o hall.orders) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce((SELECT CASE
        WHEN s.outlet IS NOT NULL THEN coalesce(s.outlet = o.outlet AND (s.id = o.producer
             OR o.state IN ('accepted', 'produced', 'shipped', 'done')), false)
        WHEN s.roles = ARRAY['producer'] THEN o.outlet IS NULL ELSE true END
      FROM staff s WHERE s.id = me() AND my_kind() = 'staff'), false) $$;

-- The order's id again, for the statements of the desk that read something of it (modules/desk/desk.sql).
CREATE FUNCTION hall.desk_seen(wanted uuid) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NOT coalesce((SELECT desk_sees(o) FROM orders o WHERE o.id = wanted), false) THEN
        PERFORM refuse(404, '没有找到这个业务单。');
    END IF;
    RETURN wanted;
END $$;

CREATE OR REPLACE FUNCTION hall.desk_order(wanted uuid, seen int) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = desk_seen(wanted) AND my_kind() = 'staff' FOR NO KEY UPDATE;
    IF seen <> o.version THEN
        PERFORM refuse(409, '业务单已被他人处理，请刷新后再操作。');
    END IF;
    RETURN o;
END $$;

-- Who makes it is of the place that is to make it, whatever else a person may do.
CREATE FUNCTION hall.outlet_makes(o hall.orders, who uuid) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF (SELECT outlet FROM staff WHERE id = who) IS DISTINCT FROM o.outlet THEN
        PERFORM refuse(403, CASE WHEN o.outlet IS NULL THEN '这个业务单由本机构制证和寄送。'
                                 ELSE '这个业务单由渠道网点制证和寄送。' END);
    END IF;
END $$;
CREATE FUNCTION hall.orders_outlet() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM outlet_makes(NEW, NEW.producer);
    RETURN NEW;
END $$;
CREATE TRIGGER orders_outlet BEFORE UPDATE OF producer ON hall.orders FOR EACH ROW WHEN (NEW.producer IS NOT NULL)
    EXECUTE FUNCTION hall.orders_outlet();

CREATE OR REPLACE FUNCTION hall.ship(wanted uuid, seen int, carrier text, parcel_no text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order(wanted, seen);
BEGIN
    PERFORM outlet_makes(o, me());
    IF NOT carrier = ANY (SELECT unnest(couriers) FROM project WHERE id = o.project) THEN
        PERFORM refuse(422, '本项目不使用这家快递。', '/courier');
    ELSIF (SELECT bool_and(medium = 'file') FROM production(wanted)) THEN
        PERFORM refuse(409, '这类证书由申请人自行下载，不需要寄送。');
    END IF;
    PERFORM advance(wanted, 'hand_over');
    UPDATE orders SET courier = carrier, tracking_no = parcel_no, shipped_at = now() WHERE id = wanted;
    UPDATE certificate SET key_file = NULL, enveloped_key = NULL -- they are on the token now
     WHERE order_id = wanted AND (key_file IS NOT NULL OR enveloped_key IS NOT NULL);
    PERFORM tell(wanted, 'shipped', 'handler', '1', jsonb_build_object('courier', carrier, 'number', parcel_no));
    PERFORM enqueue('signed_for', 'signed_for/' || wanted, wanted, '15 days');
END $$;

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

-- One order with its sealed form; that somebody reads it goes into the audit trail.
CREATE OR REPLACE FUNCTION hall.desk_view(wanted uuid, reads bool) RETURNS TABLE ("out" text, form bytea, slug text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE orders.id = wanted AND state <> 'draft';
    IF NOT FOUND OR NOT desk_sees(o) THEN
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

-- ---- a draft ----

-- Agreements and notices are put on record (hall.order_agreed); the project says who makes it.
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
    INSERT INTO orders (id, number, project, account, business, seal_wanted, outlet)
    VALUES (new_id, new_number, p.id, me(), kind,
            CASE p.seal_mode WHEN 'always' THEN true WHEN 'never' THEN false ELSE coalesce(seal, p.seal_default) END,
            (SELECT outlet FROM project_outlet WHERE project = p.id AND business = kind));
    PERFORM order_agreed(new_id, ticked);
    INSERT INTO order_history (order_id, event, text) VALUES (new_id, 'save', '新建业务单，同意相关协议');
END $$;

-- ---- the lost certificate ----

-- Where the bar of steps shows the choice of the certificate.
ALTER TABLE hall.project_step DROP CONSTRAINT project_step_step_check;
ALTER TABLE hall.project_step ADD CONSTRAINT project_step_step_check
    CHECK (step IN ('agreements', 'seal', 'certificate', 'form', 'print', 'materials', 'phone', 'payment'));

-- Drafts do not keep others from asking; who hands in first has it.
DROP INDEX hall.orders_replaces;
CREATE UNIQUE INDEX orders_replaces ON hall.orders (replaces) WHERE state NOT IN ('draft', 'cancelled', 'refunded');

-- The certificate that a serial number names, exactly as typed (case matters): of a pair the one to sign with.
CREATE FUNCTION hall.lost_certificate(typed text) RETURNS hall.certificate
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT s.* FROM certificate c JOIN certificate s ON s.order_id = c.order_id AND s.item = c.item AND s.state = c.state
     WHERE c.serial = typed AND c.state <> 'issuing'
     ORDER BY c.issued_at DESC, s.key_use = 'signature' DESC, s.issued_at DESC LIMIT 1 $$;

-- What is known of it: whose, and by which type of the request's project its successor would be made (NULL: by none).
CREATE FUNCTION hall.reissue_source(c hall.certificate)
RETURNS TABLE (order_id uuid, account uuid, project uuid, person text, cert_type text, years int, subject text, unit_hash bytea,
               form bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.id, o.account, o.project, t.person,
           (SELECT n.cert_type FROM project_type n WHERE n.project = my_project() AND n.person = t.person
             ORDER BY n.cert_type = i.cert_type DESC, n.pos LIMIT 1),
           i.years, o.subject, o.unit_hash, o.form
      FROM orders o CROSS JOIN LATERAL items(o) i
      LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = i.cert_type
     WHERE o.id = c.order_id AND i.item = c.item $$;

-- An application for its successor that is under way.
CREATE FUNCTION hall.reissue_under_way(lost uuid) RETURNS SETOF hall.orders
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o FROM orders o WHERE o.replaces = lost AND o.state NOT IN ('draft', 'cancelled', 'refunded') $$;

-- Why it cannot be made again here; NULL: it can. To a stranger only what the page on serial numbers tells as well.
CREATE FUNCTION hall.reissue_refusal(c hall.certificate, stranger bool) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE
        WHEN s.cert_type IS NULL THEN '本入口不补办这类证书，请到原办理入口补办或拨打服务热线。'
        WHEN c.not_after <= now() THEN '证书已经过期，请办理新证书。'
        WHEN stranger THEN NULL
        WHEN EXISTS (SELECT FROM certificate n JOIN certificate p ON p.order_id = c.order_id AND p.item = c.item
                      WHERE n.replaces = p.id AND n.order_id <> c.order_id AND n.state <> 'issuing') THEN '这张证书已经补办过，请查找新证书。'
        WHEN c.state = 'revoked' AND c.reason IS DISTINCT FROM 'key_compromise' THEN '证书已经吊销，请办理新证书。'
        WHEN (holding(c)).way = 'system' THEN '这张证书正在重新制作，无需补办。'
        WHEN EXISTS (SELECT FROM reissue_under_way(c.id)) THEN '这张证书的补办申请正在办理，请不要重复提交。' END
      FROM reissue_source(c) s $$;

-- "深****公司": enough to know one's own by.
CREATE FUNCTION hall.mask_unit(name text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN length(name) > 6 THEN left(name, 2) || '****' || right(name, 2) WHEN name = '' THEN '' ELSE left(name, 1) || '****' END $$;

-- The list of certificates (证书列表) under a serial number. Each look counts like one at the public page.
CREATE FUNCTION hall.reissue_find(typed text, most int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate := lost_certificate(typed);
    s record;
    own bool;
    why text;
BEGIN
    PERFORM count_public('serial', coalesce(known('address'), ''), most, '今天查询的次数过多，请明天再试，或拨打客服热线。');
    IF c.id IS NULL THEN
        RETURN jsonb_build_object('serial', typed, 'certificates', '[]'::jsonb)::text;
    END IF;
    SELECT * INTO s FROM reissue_source(c);
    own := coalesce(s.account = me(), false);
    why := reissue_refusal(c, NOT own);
    RETURN jsonb_build_object('serial', typed, 'certificates', jsonb_build_array(certificate_face(c) || jsonb_build_object(
        'serial', c.serial, 'own', own, 'refusal', why,
        'proof', CASE WHEN own OR why IS NOT NULL THEN 'none' ELSE CASE s.person WHEN 'natural' THEN 'person'
                      WHEN 'holder' THEN 'unit_and_holder' ELSE 'unit' END END,
        'subject', CASE WHEN own THEN CASE s.person WHEN 'natural' THEN s.subject ELSE mask_unit(s.subject) END END,
        'order', CASE WHEN own THEN (SELECT jsonb_build_object('id', o.id, 'number', o.number, 'slug', p.slug)
            FROM orders o JOIN project p ON p.id = o.project WHERE o.id = s.order_id) END,
        'draft', (SELECT jsonb_build_object('id', o.id, 'number', o.number) FROM orders o WHERE o.replaces = c.id
                     AND o.account = me() AND o.project = my_project() AND o.state = 'draft' ORDER BY o.created_at DESC LIMIT 1))))::text;
END $$;

-- Before a stranger's word is compared, the try is counted, so that many at once are no more than one after another.
CREATE FUNCTION hall.reissue_tries() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 5 $$;
CREATE FUNCTION hall.reissue_open(typed text, says bool)
RETURNS TABLE (certificate uuid, item int, own bool, person text, cert_type text, order_id uuid, form bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate := lost_certificate(typed);
    s record;
    why text;
    sentence text := '核对不符的次数过多，请明天再试，或拨打服务热线办理。';
BEGIN
    IF c.id IS NULL THEN
        PERFORM refuse(422, '没有找到这个序列号的证书，请核对后再查询。', '/serial');
    END IF;
    SELECT * INTO s FROM reissue_source(c);
    own := coalesce(s.account = me(), false);
    why := reissue_refusal(c, NOT own);
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    ELSIF NOT own AND NOT says THEN
        PERFORM refuse(422, CASE s.person WHEN 'natural' THEN '请输入证书持有人的身份证号码。'
                                          ELSE '请输入证书所属单位的统一社会信用代码。' END, '/code');
    ELSIF NOT own THEN
        PERFORM count_public('reissue', me()::text, reissue_tries(), sentence);
        PERFORM count_public('reissue_certificate', c.id::text, 2 * reissue_tries(), sentence);
        PERFORM note('certificate', c.id, jsonb_build_object('reissue', 'tried', 'account', me()));
    END IF;
    RETURN QUERY SELECT c.id, c.item, own, s.person, s.cert_type, s.order_id, s.form;
END $$;

-- The draft. `code` is the keyed hash of what a stranger has typed, `sealed_form` what the form begins with. (What else of a
-- stranger's word had to be right, its caller has compared.)
CREATE FUNCTION hall.reissue_create(new_id uuid, new_number text, lost uuid, code bytea, ticked jsonb, sealed_form bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate;
    s record;
    own bool;
    why text;
BEGIN
    SELECT * INTO c FROM certificate WHERE id = lost;
    SELECT * INTO s FROM reissue_source(c);
    own := coalesce(s.account = me(), false);
    IF NOT own AND (code IS NULL OR code IS DISTINCT FROM s.unit_hash) THEN
        PERFORM refuse(422, '与这张证书登记的信息不符，请核对后重新输入。', '/code');
    END IF;
    UPDATE public_count SET n = n - 1 WHERE NOT own AND n > 0 AND day = current_date
       AND (kind, who) IN (('reissue', me()::text), ('reissue_certificate', c.id::text));
    why := reissue_refusal(c, false);
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    ELSIF EXISTS (SELECT FROM orders WHERE replaces = c.id AND account = me() AND project = my_project() AND state = 'draft') THEN
        PERFORM refuse(409, '这张证书您已有一份补办草稿，请在“我的业务单”中继续填写。');
    END IF;
    PERFORM order_create(new_id, new_number, 'reissue', NULL, ticked);
    UPDATE orders SET replaces = c.id, cert_type = s.cert_type, years = s.years, unit_hash = s.unit_hash, subject = s.subject,
           form = sealed_form, outlet = coalesce((SELECT x.outlet FROM project_outlet x WHERE x.project = s.project
                                                     AND x.business = 'reissue'), outlet) WHERE id = new_id;
    PERFORM note('certificate', c.id, jsonb_build_object('reissue', new_id));
END $$;

-- What stands in the old certificate stands in the new one. (A form without years keeps those of the order.)
CREATE FUNCTION hall.reissue_stands() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    NEW.years := coalesce(NEW.years, OLD.years);
    IF NEW.replaces IS DISTINCT FROM OLD.replaces OR (NEW.cert_type, NEW.years, NEW.unit_hash)
       IS DISTINCT FROM (OLD.cert_type, OLD.years, OLD.unit_hash) THEN
        PERFORM refuse(422, '补办不能更改证书的类型、单位和持有人，请办理新证书。', '/form/unit_code');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_a_reissue BEFORE UPDATE OF replaces, cert_type, years, unit_hash ON hall.orders FOR EACH ROW
    WHEN (OLD.business = 'reissue' AND OLD.replaces IS NOT NULL) EXECUTE FUNCTION hall.reissue_stands();

-- Handed in, it is the only one; of two at the same moment one waits for the other.
CREATE FUNCTION hall.reissue_submitted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate;
    why text;
BEGIN
    SELECT * INTO c FROM certificate WHERE id = NEW.replaces FOR NO KEY UPDATE;
    why := reissue_refusal(c, false);
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_a_reissue_submitted BEFORE UPDATE OF state ON hall.orders FOR EACH ROW
    WHEN (OLD.state = 'draft' AND NEW.state NOT IN ('draft', 'cancelled') AND NEW.business = 'reissue' AND NEW.replaces IS NOT NULL)
    EXECUTE FUNCTION hall.reissue_submitted();

-- As before (flows); but what a certificate costs by type and years was paid for the one that is replaced.
CREATE OR REPLACE FUNCTION hall.price_parts(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH owed(part, name, fen) AS (
        SELECT p.part, p.name, p.fen FROM items(o) i
          JOIN project_price p ON p.project = o.project AND p.cert_type = i.cert_type AND p.years = i.years
         WHERE (o.seal_wanted OR NOT p.with_seal) AND o.replaces IS NULL
        UNION ALL SELECT f.part, f.name, f.fen FROM project_fee f WHERE f.project = o.project AND f.business = o.business
        UNION ALL SELECT 'courier', '快递费（寄付）', o.courier_fee WHERE o.courier_fee > 0)
    SELECT jsonb_agg(jsonb_build_object('part', part, 'name', name, 'fen', fen)
                     ORDER BY array_position(ARRAY['certificate', 'medium', 'seal', 'courier'], part), name)
      FROM (SELECT part, name, sum(fen)::int AS fen FROM owed GROUP BY part, name) x $$;

CREATE OR REPLACE FUNCTION hall.order_reissue_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce((SELECT jsonb_build_object('outlet', jsonb_build_object('name', t.name, 'place', t.place)) FROM outlet t
                      WHERE t.code = o.outlet), '{}')
        || coalesce((SELECT jsonb_build_object(
               'replaces', certificate_face(c) || jsonb_build_object('serial', c.serial, 'held_by', (holding(c)).way,
                   'replaced_by', (SELECT n.serial FROM certificate n WHERE n.replaces = c.id AND n.order_id = o.id
                                      AND n.state <> 'issuing' ORDER BY n.issued_at DESC LIMIT 1)),
               'locked', '["cert_type", "years", "unit_name", "unit_doc_type", "unit_code", "holder_name", "holder_id"]'::jsonb)
             FROM certificate c WHERE c.id = o.replaces), '{}') $$;

-- ---- who may ----

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'certhall_reissue') THEN
        CREATE ROLE certhall_reissue LOGIN;
    END IF;
END $$;
GRANT USAGE ON SCHEMA hall TO certhall_reissue;
CALL hall.flow_grant('reissue');
GRANT EXECUTE ON FUNCTION hall.reissue_find, hall.reissue_open, hall.reissue_create TO certhall_reissue;
GRANT EXECUTE ON FUNCTION hall.desk_seen TO certhall_desk;
GRANT EXECUTE ON FUNCTION hall.staff_put, hall.outlet_put, hall.outlet_list TO certhall_admin;

COMMIT;
