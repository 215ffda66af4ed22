-- Deploy certhall:flows to pg
-- Several kinds of business: a table of them, orders of several items, fees that do not hang on years, and a project's document
-- read in whatever columns its tables have. What an order's JSON says of each subject is a function of its own
-- (order_…_json, order_…_can), so that each flow adds its part without touching the others'.
BEGIN;

-- ---- kinds of business ----

CREATE TABLE hall.business (
    code text PRIMARY KEY CHECK (code ~ '^[a-z]+$'), -- name of its module, too
    name text NOT NULL
);
INSERT INTO hall.business VALUES ('new', '证书新办'), ('reissue', '介质遗失补办'), ('seal', '电子签章');
ALTER TABLE hall.orders ADD FOREIGN KEY (business) REFERENCES hall.business;

-- As before; an order answers to the module of its own business, and to those that serve all of them.
CREATE OR REPLACE FUNCTION hall.my_order(wanted uuid, seen int DEFAULT NULL) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted AND project = my_project()
       AND account = me() AND my_kind() = 'account' FOR NO KEY UPDATE;
    IF NOT FOUND OR EXISTS (SELECT FROM business WHERE code = split_part(known('op'), '.', 1) AND code <> o.business) THEN
        PERFORM refuse(404, '没有找到这个业务单。');
    ELSIF seen <> o.version THEN
        PERFORM refuse(409, '业务单已在别的窗口更改，请刷新后再操作。');
    END IF;
    RETURN o;
END $$;

-- What the role of a flow's module needs for CH_FLOW_ROUTES (core/hall/flow.h).
CREATE PROCEDURE hall.flow_grant(program text) LANGUAGE plpgsql AS $$
DECLARE f regprocedure;
BEGIN
    FOR f IN SELECT p.oid FROM pg_proc p WHERE p.pronamespace = 'hall'::regnamespace AND p.proname IN ('known', 'me',
        'my_project', 'my_kind', 'my_roles', 'data_keys', 'refuse', 'iso', 'enter', 'form_spec', 'order_view', 'code_names',
        'setup_json', 'order_create', 'order_save', 'order_printed', 'order_submit', 'order_edit', 'order_resubmit') LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO certhall_%s', f, program);
    END LOOP;
END $$;
REVOKE ALL ON PROCEDURE hall.flow_grant FROM PUBLIC;

-- ---- items ----

-- What an order asks for, certificate by certificate. An order without rows here asks for one: item 1, of the order's own type
-- and years. Names and numbers of persons stand in the sealed form alone, member "items", in the order of `item`.
CREATE TABLE hall.order_item (
    order_id  uuid NOT NULL REFERENCES hall.orders,
    item      int NOT NULL CHECK (item > 0),
    cert_type text NOT NULL,
    years     int NOT NULL CHECK (years BETWEEN 1 AND 5),
    subject   text NOT NULL DEFAULT '', -- the unit's name, or a person's masked
    style     text CHECK (style IN ('generated', 'scan')), -- of the seal's picture, as hall.stamp has it
    seal_name text,
    PRIMARY KEY (order_id, item)
);

CREATE FUNCTION hall.items(o hall.orders) RETURNS SETOF hall.order_item
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT * FROM order_item WHERE order_id = o.id
    UNION ALL
    SELECT o.id, 1, o.cert_type, o.years, o.subject, NULL, NULL
     WHERE o.cert_type IS NOT NULL AND NOT EXISTS (SELECT FROM order_item WHERE order_id = o.id) $$;

-- ---- prices ----

-- What a kind of business costs whatever the type and years are.
CREATE TABLE hall.project_fee (
    project  uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    business text NOT NULL REFERENCES hall.business,
    part     text NOT NULL CHECK (part IN ('certificate', 'medium', 'seal')),
    name     text NOT NULL,
    fen      int NOT NULL CHECK (fen >= 0),
    PRIMARY KEY (project, business, part)
);

-- The courier as matched to the address: who pays, and what is added to the price.
ALTER TABLE hall.orders ADD COLUMN courier_wanted text;
ALTER TABLE hall.orders ADD COLUMN courier_payment text CHECK (courier_payment IN ('collect', 'prepaid'));
ALTER TABLE hall.orders ADD COLUMN courier_fee int NOT NULL DEFAULT 0 CHECK (courier_fee >= 0); -- fen
-- A transfer that people look into, and money that goes back on the applicant's wish.
ALTER TABLE hall.orders DROP CONSTRAINT orders_paid_check;
ALTER TABLE hall.orders ADD CONSTRAINT orders_paid_check CHECK (paid IN ('none', 'waiting', 'voucher', 'paid', 'zero'));
ALTER TABLE hall.orders ADD COLUMN refund text CHECK (refund IN ('asked', 'refused', 'sending', 'done'));

-- The parts of the price of an order as it stands: of its items, of its kind of business, of the courier.
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

-- ---- an order in the eyes of people ----

CREATE FUNCTION hall.order_items_json(o hall.orders) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT '{}'::jsonb $$;
CREATE FUNCTION hall.order_reissue_json(o hall.orders) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT '{}'::jsonb $$;
CREATE FUNCTION hall.order_finauth_json(o hall.orders) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT '{}'::jsonb $$;
CREATE FUNCTION hall.order_money_json(o hall.orders) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT '{}'::jsonb $$;
CREATE FUNCTION hall.order_parcel_json(o hall.orders) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT '{}'::jsonb $$;
CREATE FUNCTION hall.order_finauth_can(o hall.orders) RETURNS text[] LANGUAGE sql STABLE AS $$ SELECT '{}'::text[] $$;
CREATE FUNCTION hall.order_money_can(o hall.orders) RETURNS text[] LANGUAGE sql STABLE AS $$ SELECT '{}'::text[] $$;

ALTER FUNCTION hall.order_json(hall.orders) RENAME TO order_base_json;
ALTER FUNCTION hall.order_can(hall.orders) RENAME TO order_base_can;
CREATE FUNCTION hall.order_can(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT order_base_can(o) || to_jsonb(order_finauth_can(o) || order_money_can(o)) $$;
CREATE FUNCTION hall.order_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT order_base_json(o) || order_items_json(o) || order_reissue_json(o) || order_finauth_json(o) || order_money_json(o)
           || order_parcel_json(o) || jsonb_build_object('can', order_can(o)) $$;

CREATE OR REPLACE FUNCTION hall.order_label(o hall.orders) RETURNS TABLE (label text, tone text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(m.label, x.label, s.label), coalesce(m.tone, x.tone, s.tone) FROM order_state s
      LEFT JOIN (VALUES ('asked', '退费申请中', 'warning'), ('sending', '退费处理中', 'warning')) AS m(refund, label, tone)
        ON m.refund = o.refund AND o.state NOT IN ('refunded', 'cancelled')
      LEFT JOIN (VALUES
        ('failed', '金融认证失败', 'danger'), ('returned', '金融认证退票', 'danger'),
        ('account_wanted', '待填写对公账户', 'warning'), ('queued', '金融认证处理中', 'info'),
        ('sent', '已打款，待银行确认', 'info'), ('succeeded', '金融认证成功', 'warning')) AS x(finauth, label, tone)
        ON x.finauth = o.finauth AND (o.state = 'verifying' OR (o.state = 'approved' AND o.finauth <> 'succeeded')
                                      OR (o.state = 'in_review' AND o.finauth = 'account_wanted'))
     WHERE s.state = o.state $$;

CREATE OR REPLACE FUNCTION hall.order_row(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('id', o.id, 'number', o.number, 'slug', p.slug, 'project_name', p.name,
        'business', o.business, 'business_name', b.name,
        'subject', o.subject, 'cert_type_name', t.name, 'years', o.years, 'total', o.total, 'state', o.state,
        'label', l.label, 'tone', l.tone, 'created_at', iso(o.created_at), 'updated_at', iso(o.updated_at),
        'due_at', iso(CASE WHEN o.state IN ('accepted', 'produced') THEN o.ship_due_at ELSE o.due_at END),
        'overdue', coalesce(CASE o.state WHEN 'in_review' THEN o.due_at < now() WHEN 'accepted' THEN o.ship_due_at < now()
                                         WHEN 'produced' THEN o.ship_due_at < now() END, false),
        'next', (SELECT jsonb_build_object('step', n.step, 'text', n.text) FROM next_step(o) n))
      FROM project p CROSS JOIN order_label(o) l JOIN business b ON b.code = o.business
      LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type
     WHERE p.id = o.project $$;

-- ---- a project as one document ----

-- The members of a project's document that are lists, and the tables that they fill.
CREATE TABLE hall.project_list (
    member text PRIMARY KEY,
    tbl    regclass NOT NULL
);
INSERT INTO hall.project_list VALUES ('agreements', 'hall.project_agreement'), ('steps', 'hall.project_step'),
    ('types', 'hall.project_type'), ('fields', 'hall.project_field'), ('materials', 'hall.project_material'),
    ('links', 'hall.project_link'), ('messages', 'hall.message_template'), ('fees', 'hall.project_fee');

CREATE FUNCTION hall.columns_of(tbl regclass) RETURNS SETOF name
LANGUAGE sql STABLE AS $$ SELECT attname FROM pg_attribute WHERE attrelid = tbl AND attnum > 0 AND NOT attisdropped $$;

-- One row out of one JSON object: members are columns; what is left out has the column's default. A member that is no column
-- (and is not among `others`) is refused by its pointer.
CREATE FUNCTION hall.row_import(target regclass, given jsonb, fixed jsonb, place text, others text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    whole jsonb := jsonb_strip_nulls(given) - others || fixed;
    wrong text;
    names text;
BEGIN
    SELECT k INTO wrong FROM jsonb_object_keys(given - others) k
     WHERE k NOT IN (SELECT columns_of(target)) OR fixed ? k LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, format('项目文件里的 %s/%s 不是已知的项目。', place, wrong), place || '/' || wrong);
    END IF;
    SELECT string_agg(quote_ident(k), ', ') INTO names FROM jsonb_object_keys(whole) k;
    EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM jsonb_populate_record(NULL::%s, $1)', target, names, names, target)
      USING whole;
END $$;

CREATE FUNCTION hall.list_import(p uuid, list hall.project_list, rows jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    r record;
    has_pos bool := 'pos' IN (SELECT columns_of(list.tbl));
BEGIN
    EXECUTE format('DELETE FROM %s WHERE project = $1', list.tbl) USING p;
    FOR r IN SELECT value, ordinality AS n FROM jsonb_array_elements(coalesce(rows, '[]')) WITH ORDINALITY LOOP
        PERFORM row_import(list.tbl, r.value, jsonb_build_object('project', p) ||
            CASE WHEN has_pos THEN jsonb_build_object('pos', r.n) ELSE '{}' END, format('/%s/%s', list.member, r.n - 1),
            CASE WHEN list.member = 'types' THEN '{prices}'::text[] ELSE '{}' END);
    END LOOP;
END $$;

-- The project's own row: columns that the document does not name fall back to their defaults.
CREATE FUNCTION hall.project_put(d jsonb) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p uuid;
    sets text;
    kept text[] := '{id,slug,revision,audit_seq,audit_head}';
BEGIN
    SELECT id INTO p FROM project WHERE slug = d ->> 'slug';
    IF NOT FOUND THEN
        PERFORM row_import('project', d, '{}', '');
        RETURN (SELECT id FROM project WHERE slug = d ->> 'slug');
    END IF;
    SELECT string_agg(CASE WHEN d ? c THEN format('%1$I = x.%1$I', c) ELSE format('%I = DEFAULT', c) END, ', ')
      INTO sets FROM columns_of('project') c WHERE c <> ALL (kept);
    EXECUTE format('UPDATE project SET %s, revision = project.revision + 1 FROM jsonb_populate_record(NULL::project, $1) x
                     WHERE project.id = $2', sets) USING d, p;
    RETURN p;
END $$;

-- Takes the definition of a project in; JSON because a whole project is one document that is compared and signed.
CREATE OR REPLACE FUNCTION hall.project_import(d jsonb) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p uuid;
    list project_list;
    own jsonb := jsonb_strip_nulls(d - ARRAY(SELECT member FROM project_list) - 'gifts');
    wrong text;
BEGIN
    PERFORM project_ca_check(d);
    SELECT b INTO wrong FROM jsonb_array_elements_text(d -> 'business') b WHERE b NOT IN (SELECT code FROM business) LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, format('没有“%s”这种业务。', wrong), '/business');
    END IF;
    SELECT k INTO wrong FROM jsonb_object_keys(own) k WHERE k NOT IN (SELECT columns_of('project'))
        OR k IN ('id', 'revision', 'audit_seq', 'audit_head') LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, format('项目文件里的 /%s 不是已知的项目。', wrong), '/' || wrong);
    END IF;
    p := project_put(CASE WHEN own ->> 'ca' = '' THEN own - 'ca' ELSE own END);
    FOR list IN SELECT * FROM project_list LOOP
        PERFORM list_import(p, list, d -> list.member);
    END LOOP;
    INSERT INTO project_price SELECT p, t ->> 'cert_type', (y ->> 'years')::int, part ->> 'part', part ->> 'name',
           (part ->> 'fen')::int, coalesce((part ->> 'with_seal')::bool, false)
      FROM jsonb_array_elements(d -> 'types') t, jsonb_array_elements(coalesce(t -> 'prices', '[]')) y,
           jsonb_array_elements(y -> 'parts') part;
    -- Stock is counted by the hall: an import names it for gifts that are new.
    DELETE FROM project_gift g WHERE project = p
       AND NOT EXISTS (SELECT FROM jsonb_array_elements(d -> 'gifts') x WHERE (x ->> 'years')::int = g.years);
    INSERT INTO project_gift SELECT p, r.years, r.name, r.needs_seal, r.stock
      FROM jsonb_populate_recordset(NULL::project_gift, coalesce(d -> 'gifts', '[]')) r
    ON CONFLICT (project, years) DO UPDATE SET name = EXCLUDED.name, needs_seal = EXCLUDED.needs_seal;
    RETURN p;
END $$;

-- ---- delivery reports that overtake us ----

-- A report can be here before we have noted the number that it is about.
CREATE TABLE hall.message_report_early (
    serial_no text PRIMARY KEY,
    reached   bool NOT NULL,
    words     text,
    at        timestamptz NOT NULL,
    kept_at   timestamptz NOT NULL DEFAULT now()
);

CREATE FUNCTION hall.serial_lock(serial text) RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(hashtextextended('message/' || serial, 0)) $$;

CREATE OR REPLACE FUNCTION hall.message_report(serial text, reached bool, words text, at timestamptz) RETURNS bool
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM serial_lock(serial);
    UPDATE message SET delivery = CASE WHEN reached THEN 'delivered' ELSE 'undelivered' END, delivery_note = left(words, 100),
           delivery_at = coalesce(at, now()) WHERE serial_no = serial AND delivery IS NULL;
    IF FOUND OR EXISTS (SELECT FROM message WHERE serial_no = serial) THEN
        RETURN true;
    END IF;
    DELETE FROM message_report_early WHERE kept_at < now() - interval '1 day';
    INSERT INTO message_report_early VALUES (left(serial, 100), reached, left(words, 100), coalesce(at, now()))
    ON CONFLICT DO NOTHING;
    RETURN false;
END $$;

CREATE FUNCTION hall.message_reported_early() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM serial_lock(NEW.serial_no);
    DELETE FROM message_report_early WHERE serial_no = NEW.serial_no
    RETURNING CASE WHEN reached THEN 'delivered' ELSE 'undelivered' END, words, at
         INTO NEW.delivery, NEW.delivery_note, NEW.delivery_at;
    RETURN NEW;
END $$;
CREATE TRIGGER message_reported_early BEFORE UPDATE OF serial_no ON hall.message
    FOR EACH ROW WHEN (NEW.serial_no IS NOT NULL AND OLD.serial_no IS NULL) EXECUTE FUNCTION hall.message_reported_early();

CALL hall.flow_grant('new');

COMMIT;
