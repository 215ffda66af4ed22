-- Deploy certhall:partner to pg
-- What distinguishes one partner from another, and what its platform may do by itself: tickets that bring a person along with
-- what is known already, reports of its own orders, events sent to its own address. The calendar and the regions as data
-- that an administrator takes in.
BEGIN;

-- ---- a partner's own words ----

ALTER TABLE hall.project
    ADD COLUMN platform     text NOT NULL DEFAULT '',      -- what the partner's own platform calls itself
    ADD COLUMN next_button  text NOT NULL DEFAULT '下一步', -- under the agreements
    ADD COLUMN confirm_type bool NOT NULL DEFAULT false;   -- type and years stand already; the page asks to confirm them
-- The partner's own word for a type (企业证书); tickets and links may use it instead of ours.
ALTER TABLE hall.project_type ADD COLUMN partner_name text NOT NULL DEFAULT '';
ALTER TABLE hall.project_field ALTER COLUMN required SET DEFAULT true;
-- What a ticket has brought for this field is not changed by the applicant.
ALTER TABLE hall.project_field ADD COLUMN locked bool NOT NULL DEFAULT false;

-- ---- keys of a partner's platform ----

-- Secrets for HMAC-SHA256, sealed; the id is the keyid of RFC 9421. Several may be active while one takes the other's place.
CREATE TABLE hall.partner_key (
    id         uuid PRIMARY KEY,
    project    uuid NOT NULL REFERENCES hall.project,
    secret     bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    used_at    timestamptz
);
CREATE INDEX partner_key_project ON hall.partner_key (project);
SELECT hall.seal_column('partner_key.secret', 'partner_key', 'secret', 'id');

-- Numbers of requests that were accepted lately: a repeated one is refused. Kept for as long as a signature is accepted.
CREATE TABLE hall.partner_nonce (
    key   uuid NOT NULL REFERENCES hall.partner_key,
    nonce text NOT NULL CHECK (length(nonce) BETWEEN 16 AND 64),
    at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (key, nonce)
);
CREATE INDEX partner_nonce_at ON hall.partner_nonce (key, at);

CREATE FUNCTION hall.project_of_slug(wanted text) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p uuid := (SELECT id FROM project WHERE slug = wanted);
BEGIN
    IF p IS NULL THEN
        PERFORM refuse(404, format('没有 %s 这个项目。', wanted), '/slug');
    END IF;
    RETURN p;
END $$;

CREATE FUNCTION hall.partner_key_new(new_id uuid, slug_ text, sealed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p uuid := project_of_slug(slug_);
BEGIN
    INSERT INTO partner_key (id, project, secret) VALUES (new_id, p, sealed);
    PERFORM note('project', p, jsonb_build_object('partner_key', new_id));
END $$;

CREATE FUNCTION hall.partner_key_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p uuid;
BEGIN
    UPDATE partner_key SET ended_at = now() WHERE id = wanted AND ended_at IS NULL RETURNING project INTO p;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有这把密钥，或者已经停用。');
    END IF;
    PERFORM note('project', p, jsonb_build_object('partner_key_ended', wanted));
END $$;

CREATE FUNCTION hall.partner_key_list() RETURNS TABLE (slug text, id uuid, used_at text, ended_at text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT p.slug, k.id, iso(k.used_at), iso(k.ended_at) FROM partner_key k JOIN project p ON p.id = k.project
     ORDER BY p.slug, k.created_at $$;

-- A key that is in use, for whoever checks a signature made with it.
CREATE FUNCTION hall.partner_key_read(wanted uuid) RETURNS TABLE (slug text, secret bytea, words jsonb)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT p.slug, k.secret, (SELECT coalesce(jsonb_object_agg(partner_name, cert_type), '{}') FROM project_type t
                               WHERE t.project = p.id AND partner_name <> '')
      FROM partner_key k JOIN project p ON p.id = k.project WHERE k.id = wanted AND k.ended_at IS NULL AND p.open $$;

-- The keys that a link of this project may be signed with.
CREATE FUNCTION hall.partner_keys(slug_ text) RETURNS TABLE (id uuid, secret bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT k.id, k.secret FROM partner_key k JOIN project p ON p.id = k.project
     WHERE p.slug = slug_ AND k.ended_at IS NULL ORDER BY k.created_at DESC LIMIT 8 $$;

-- The caller is the platform that has this key; the module has checked the signature. Once for each nonce.
CREATE FUNCTION hall.partner_enter(wanted uuid, nonce_ text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE k partner_key;
BEGIN
    SELECT * INTO k FROM partner_key WHERE id = wanted AND ended_at IS NULL;
    IF NOT FOUND THEN
        PERFORM refuse(401, '签名密钥不存在或已停用。');
    END IF;
    DELETE FROM partner_nonce WHERE key = wanted AND at < now() - interval '15 minutes';
    INSERT INTO partner_nonce (key, nonce) VALUES (wanted, nonce_) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        PERFORM refuse(409, '这个请求已经收到过，nonce 不能重复使用。');
    END IF;
    IF k.used_at IS NULL OR k.used_at < now() - interval '1 minute' THEN
        UPDATE partner_key SET used_at = now() WHERE id = wanted;
    END IF;
    PERFORM set_config('hall.kind', 'partner', true), set_config('hall.who', wanted::text, true),
            set_config('hall.roles', '{partner}', true), set_config('hall.project', k.project::text, true);
END $$;

-- ---- tickets ----

-- What a partner's platform knows of a person and its unit, on the way into a draft. `token_hash` is the link's and serves
-- once; the browser is given another token for it, which serves until a draft has taken the data.
CREATE TABLE hall.ticket (
    id         uuid PRIMARY KEY,
    token_hash bytea UNIQUE CHECK (length(token_hash) = 32), -- NULL: made of a signed link
    entry_hash bytea UNIQUE CHECK (length(entry_hash) = 32),
    key        uuid NOT NULL REFERENCES hall.partner_key,
    project    uuid NOT NULL REFERENCES hall.project,
    business   text NOT NULL REFERENCES hall.business,
    reference  text NOT NULL DEFAULT '', -- the platform's own number for it: no personal data
    form       bytea, -- sealed; gone as soon as a draft has it
    created_at timestamptz NOT NULL DEFAULT now(),
    opened_at  timestamptz,
    expires_at timestamptz NOT NULL,
    order_id   uuid REFERENCES hall.orders
);
CREATE INDEX ticket_key ON hall.ticket (key);
CREATE INDEX ticket_order ON hall.ticket (order_id);
CREATE INDEX ticket_end ON hall.ticket (expires_at) WHERE form IS NOT NULL;
SELECT hall.seal_column('ticket.form', 'ticket', 'form', 'id');

ALTER TABLE hall.orders ADD COLUMN reference text NOT NULL DEFAULT ''; -- the partner's, of its ticket
-- Fields that came with a ticket and stay as they came: keyed hashes of their values by name.
ALTER TABLE hall.orders ADD COLUMN locked jsonb NOT NULL DEFAULT '{}';

CREATE FUNCTION hall.ticket_new(new_id uuid, token bytea, kind text, its_reference text, sealed bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM project WHERE id = my_project() AND open AND kind = ANY (business)) THEN
        PERFORM refuse(422, '这个项目不办理此项业务。', '/business');
    END IF;
    INSERT INTO ticket (id, token_hash, key, project, business, reference, form, expires_at)
    VALUES (new_id, token, me(), my_project(), kind, its_reference, sealed, now() + interval '10 minutes');
    RETURN (SELECT jsonb_build_object('expires_at', iso(t.expires_at), 'entry',
                   format('/%s/getLogin?projectId=%s', p.slug, p.project_id))
              FROM ticket t JOIN project p ON p.id = t.project WHERE t.id = new_id)::text;
END $$;

-- The link was followed: "ok", "used" or "expired". An answer that writes nothing but is no error either: a page says it.
CREATE FUNCTION hall.ticket_open(token bytea, entry bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE ticket SET entry_hash = entry, opened_at = now(), expires_at = now() + interval '2 hours'
     WHERE token_hash = token AND project = my_project() AND opened_at IS NULL AND expires_at > now();
    RETURN CASE WHEN FOUND THEN 'ok'
                WHEN EXISTS (SELECT FROM ticket WHERE token_hash = token AND project = my_project() AND opened_at IS NOT NULL)
                THEN 'used' ELSE 'expired' END;
END $$;

-- A signed link carries type and years alone; gate has checked it with that key.
CREATE FUNCTION hall.ticket_of_link(new_id uuid, key_ uuid, entry bytea, sealed bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    INSERT INTO ticket (id, entry_hash, key, project, business, form, opened_at, expires_at)
    SELECT new_id, entry, k.id, k.project, p.business[1], sealed, now(), now() + interval '2 hours'
      FROM partner_key k JOIN project p ON p.id = k.project WHERE k.id = key_ AND k.project = my_project() $$;

CREATE FUNCTION hall.ticket_read(entry bytea) RETURNS TABLE (id uuid, form bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT t.id, t.form FROM ticket t WHERE t.entry_hash = entry AND t.order_id IS NULL AND t.expires_at > now() $$;

-- The ticket's data are now the draft's, sealed for it; `hashes` of the values, of which the project's locked fields stay.
CREATE FUNCTION hall.ticket_fill(wanted uuid, ticket_ uuid, type text, years_ int, sealed bytea, hashes jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    t ticket;
BEGIN
    UPDATE ticket SET order_id = wanted, form = NULL
     WHERE id = ticket_ AND project = o.project AND business = o.business AND order_id IS NULL AND expires_at > now()
    RETURNING * INTO t;
    IF NOT FOUND THEN
        PERFORM refuse(410, '合作平台带来的信息已失效，请从平台重新进入。', '/ticket');
    END IF;
    UPDATE orders SET cert_type = type, years = years_, form = sealed, reference = t.reference,
           locked = (SELECT coalesce(jsonb_object_agg(h.key, h.value), '{}') FROM jsonb_each(hashes) h
                       JOIN project_field f ON f.project = o.project AND f.field = h.key AND f.locked)
     WHERE id = wanted;
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'save', '带入合作平台提供的信息');
END $$;

-- Before a form is saved: what came with the ticket and is locked must still be so.
CREATE FUNCTION hall.ticket_keeps(wanted uuid, hashes jsonb) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE changed text;
BEGIN
    SELECT l.key INTO changed FROM orders o, jsonb_each_text(o.locked) l
     WHERE o.id = wanted AND o.account = me() AND hashes ->> l.key IS DISTINCT FROM l.value LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, '这一项由合作平台提供，不能更改；如有错误，请在平台更正后重新进入。', '/form/' || changed);
    END IF;
END $$;

-- ---- events for a partner's platform ----

CREATE TABLE hall.partner_hook (
    id         uuid PRIMARY KEY,
    project    uuid NOT NULL UNIQUE REFERENCES hall.project,
    url        text NOT NULL CHECK (url ~ '^https?://'),
    secret     bytea NOT NULL, -- sealed; Standard Webhooks
    active     bool NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
);
SELECT hall.seal_column('partner_hook.secret', 'partner_hook', 'secret', 'id');

CREATE TABLE hall.partner_event (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    hook       uuid NOT NULL REFERENCES hall.partner_hook,
    order_id   uuid NOT NULL REFERENCES hall.orders,
    body       jsonb NOT NULL, -- what is sent; no personal data
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,    -- delivered, or given up
    why        text            -- it was given up
);
CREATE INDEX partner_event_hook ON hall.partner_event (hook, created_at);
CREATE INDEX partner_event_order ON hall.partner_event (order_id);

-- A new address takes the place of the old one; its secret is new as well.
CREATE FUNCTION hall.partner_hook_put(new_id uuid, slug_ text, address text, sealed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p uuid := project_of_slug(slug_);
BEGIN
    DELETE FROM partner_event e USING partner_hook h WHERE h.id = e.hook AND h.project = p;
    DELETE FROM partner_hook WHERE project = p;
    INSERT INTO partner_hook (id, project, url, secret) VALUES (new_id, p, address, sealed);
    PERFORM note('project', p, jsonb_build_object('partner_hook', address));
END $$;

-- Drafts, and those that were dropped as such, are nobody's business but the applicant's.
CREATE FUNCTION hall.was_handed_in(o hall.orders) RETURNS bool
LANGUAGE sql IMMUTABLE AS $$ SELECT o.state <> 'draft' AND (o.state <> 'cancelled' OR o.submitted_at IS NOT NULL) $$;

-- What a partner may know of one of its orders: nothing about persons but its own reference.
CREATE FUNCTION hall.partner_order(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('number', o.number, 'reference', o.reference, 'business', o.business, 'cert_type', o.cert_type,
        'years', o.years, 'state', o.state, 'label', s.label, 'created_at', iso(o.created_at), 'updated_at', iso(o.updated_at))
      FROM order_state s WHERE s.state = o.state $$;

CREATE FUNCTION hall.partner_told() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE e uuid;
BEGIN
    INSERT INTO partner_event (hook, order_id, body)
    SELECT h.id, NEW.id, jsonb_build_object('type', 'order.' || NEW.state, 'timestamp', iso(now()), 'data', partner_order(NEW))
      FROM partner_hook h WHERE h.project = NEW.project AND h.active
    RETURNING id INTO e;
    IF FOUND THEN
        PERFORM enqueue('partner_event', 'partner_event/' || e, e);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER partner_told AFTER UPDATE OF state ON hall.orders FOR EACH ROW
    WHEN (OLD.state <> NEW.state AND NEW.state <> 'draft' AND (OLD.state <> 'draft' OR NEW.state <> 'cancelled')) EXECUTE FUNCTION hall.partner_told();

CREATE FUNCTION hall.partner_event_work(wanted uuid) RETURNS TABLE (hook uuid, url text, secret bytea, body text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT h.id, h.url, h.secret, e.body::text FROM partner_event e JOIN partner_hook h ON h.id = e.hook
     WHERE e.id = wanted AND e.ended_at IS NULL AND h.active $$;

-- Delivered (no reason), or given up. An address that says "gone" is not called again.
CREATE FUNCTION hall.partner_event_end(wanted uuid, reason text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE partner_event SET ended_at = now(), why = reason WHERE id = wanted;
    UPDATE partner_hook h SET active = false FROM partner_event e WHERE e.id = wanted AND h.id = e.hook AND reason = 'gone' $$;

-- By the hour: data of tickets that nobody used, nonces and events that have had their time.
CREATE FUNCTION hall.partner_sweep() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE ticket SET form = NULL WHERE form IS NOT NULL AND expires_at < now();
    DELETE FROM partner_nonce WHERE at < now() - interval '15 minutes';
    DELETE FROM partner_event WHERE ended_at < now() - interval '90 days' $$;

-- The platform's list of its orders.
CREATE FUNCTION hall.partner_orders(first date, last date, wanted_state text, its_reference text, page int, page_size int)
RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH found AS (SELECT o FROM orders o WHERE o.project = my_project() AND my_kind() = 'partner' AND was_handed_in(o)
                      AND (first IS NULL OR o.created_at >= first::timestamp AT TIME ZONE 'Asia/Shanghai')
                      AND (last IS NULL OR o.created_at < (last + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
                      AND (wanted_state IS NULL OR o.state = wanted_state)
                      AND (its_reference IS NULL OR o.reference = its_reference))
    SELECT jsonb_build_object('total', (SELECT count(*) FROM found), 'page', page, 'page_size', page_size,
        'items', (SELECT coalesce(jsonb_agg(partner_order(p.o)), '[]') FROM (
            SELECT o FROM found ORDER BY (o).created_at DESC, (o).id LIMIT page_size OFFSET (page - 1) * page_size) p))::text $$;
CREATE INDEX orders_project_created ON hall.orders (project, created_at);
CREATE INDEX orders_reference ON hall.orders (project, reference) WHERE reference <> '';

-- Partners as administrators and auditors see them.
CREATE FUNCTION hall.partners_json() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('slug', p.slug, 'project_id', p.project_id,
        'name', p.name, 'title', p.title, 'open', p.open, 'revision', p.revision, 'business', p.business,
        'login_ways', p.login_ways, 'payment_ways', p.payment_ways, 'finauth', p.finauth, 'review_days', p.review_days,
        'ship_days', p.ship_days,
        'keys', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', k.id, 'created_at', iso(k.created_at), 'used_at', iso(k.used_at),
            'ended_at', iso(k.ended_at)) ORDER BY k.created_at), '[]') FROM partner_key k WHERE k.project = p.id),
        'hook', (SELECT jsonb_build_object('url', h.url, 'active', h.active, 'events', (SELECT coalesce(jsonb_agg(e.x), '[]') FROM (
            SELECT jsonb_build_object('id', e.id, 'type', e.body ->> 'type', 'number', e.body #>> '{data,number}',
                'created_at', iso(e.created_at), 'ended_at', iso(e.ended_at), 'why', coalesce(e.why, b.last_error), 'attempts', b.attempts) AS x
              FROM partner_event e LEFT JOIN outbox b ON b.key = 'partner_event/' || e.id
             WHERE e.hook = h.id ORDER BY e.created_at DESC LIMIT 20) e))
            FROM partner_hook h WHERE h.project = p.id)) ORDER BY p.name), '[]'))::text FROM project p $$;

-- ---- what pages are told of a project ----

CREATE OR REPLACE FUNCTION hall.project_face(wanted uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('slug', slug, 'project_id', project_id, 'name', name, 'title', title, 'form_title', form_title,
        'platform', platform, 'next_button', next_button, 'confirm_type', confirm_type,
        'intro', intro, 'login_ways', login_ways, 'self_registration', self_registration, 'business', business,
        'hotline_text', hotline_text, 'steps', steps_json(id), 'links', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'label', l.label, 'url', l.url) ORDER BY l.pos), '[]') FROM project_link l WHERE l.project = id))
      FROM project WHERE id = wanted $$;

-- What of the promised date cannot be said yet, and what came with the partner's ticket and stays.
CREATE FUNCTION hall.order_partner_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN o.locked = '{}' THEN '{}' ELSE
               jsonb_build_object('locked', (SELECT jsonb_agg(k ORDER BY k) FROM jsonb_object_keys(o.locked) k)) END
        || jsonb_build_object('due_note', CASE WHEN (o.state = 'in_review' AND o.due_at IS NULL) OR (o.state IN ('accepted', 'produced') AND o.ship_due_at IS NULL)
                         THEN '跨年节假日安排尚未公布，公布后告知办结日期。' END) $$;

CREATE OR REPLACE FUNCTION hall.order_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT order_base_json(o) || order_items_json(o) || order_reissue_json(o) || order_finauth_json(o) || order_money_json(o)
           || order_parcel_json(o) || order_partner_json(o)
           || jsonb_build_object('can', order_can(o), 'business_name', (SELECT name FROM business WHERE code = o.business)) $$;

-- ---- working days ----

-- One year at a time, whole: {"year": 2027, "days": [{"day": "2027-01-01", "working": false, "name": "元旦"}, …]}. Orders whose
-- date could not be promised are given it.
CREATE FUNCTION hall.calendar_import(d jsonb) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    y int;
    wrong text;
    promised int;
    before int;
BEGIN
    IF coalesce(jsonb_typeof(d -> 'year') <> 'number', true) OR NOT (d ->> 'year')::numeric BETWEEN 2020 AND 2100 THEN
        PERFORM refuse(422, '请写明年份。', '/year');
    ELSIF coalesce(jsonb_typeof(d -> 'days') <> 'array', true) OR jsonb_array_length(d -> 'days') = 0 THEN
        PERFORM refuse(422, '请列出放假和调休的日期。', '/days');
    END IF;
    y := (d ->> 'year')::int;
    SELECT format('/days/%s/%s', n - 1, CASE WHEN coalesce(x ->> 'day', '') !~ ('^' || y || '-[0-9]{2}-[0-9]{2}$') THEN 'day'
                  WHEN jsonb_typeof(x -> 'working') IS DISTINCT FROM 'boolean' THEN 'working' ELSE 'name' END) INTO wrong
      FROM jsonb_array_elements(d -> 'days') WITH ORDINALITY e(x, n)
     WHERE coalesce(x ->> 'day', '') !~ ('^' || y || '-[0-9]{2}-[0-9]{2}$') OR jsonb_typeof(x -> 'working') IS DISTINCT FROM 'boolean'
        OR coalesce(x ->> 'name', '') = '' ORDER BY n LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, '日期、是否上班或名称不正确。', wrong);
    END IF;
    SELECT count(*) INTO before FROM calendar WHERE extract(year FROM day) = y;
    BEGIN
        DELETE FROM calendar WHERE extract(year FROM day) = y;
        INSERT INTO calendar (day, working, name)
        SELECT (x ->> 'day')::date, (x ->> 'working')::bool, x ->> 'name' FROM jsonb_array_elements(d -> 'days') x;
    EXCEPTION WHEN data_exception OR unique_violation THEN
        PERFORM refuse(422, '有不存在或重复的日期。', '/days');
    END;
    UPDATE orders o SET due_at = CASE o.state WHEN 'in_review' THEN x.due ELSE o.due_at END,
           ship_due_at = CASE o.state WHEN 'in_review' THEN o.ship_due_at ELSE x.due END
      FROM (SELECT u.id, CASE WHEN u.state = 'in_review' OR p.ship_days IS NULL THEN due(u.review_at, p.review_days)
                              ELSE due(u.accepted_at, p.ship_days) END AS due
              FROM orders u JOIN project p ON p.id = u.project WHERE u.state IN ('in_review', 'accepted', 'produced')
               AND CASE u.state WHEN 'in_review' THEN u.due_at ELSE u.ship_due_at END IS NULL) x
     WHERE x.id = o.id AND x.due IS NOT NULL;
    GET DIAGNOSTICS promised = ROW_COUNT;
    RETURN format('%s 年：%s 天（原有 %s 天），补算办结日期 %s 单', y, jsonb_array_length(d -> 'days'), before, promised);
END $$;

-- Years that promised dates reach into, or will within 45 days, and that nobody has entered.
CREATE FUNCTION hall.calendar_missing() RETURNS int[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(array_agg(DISTINCT y ORDER BY y), '{}') FROM unnest(ARRAY[extract(year FROM now() AT TIME ZONE 'Asia/Shanghai')::int,
               extract(year FROM (now() + interval '45 days') AT TIME ZONE 'Asia/Shanghai')::int]) y
     WHERE NOT EXISTS (SELECT FROM calendar WHERE day BETWEEN make_date(y, 1, 1) AND make_date(y, 12, 31)) $$;

CREATE FUNCTION hall.calendar_json(wanted int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('year', y, 'missing', calendar_missing(),
        'years', (SELECT coalesce(jsonb_agg(DISTINCT extract(year FROM day)::int), '[]') FROM calendar),
        'undated', (SELECT count(*) FROM orders WHERE state = 'in_review' AND due_at IS NULL),
        'days', (SELECT coalesce(jsonb_agg(jsonb_build_object('day', day, 'working', working, 'name', name) ORDER BY day), '[]')
                   FROM calendar WHERE day BETWEEN make_date(y, 1, 1) AND make_date(y, 12, 31)))::text
      FROM coalesce(wanted, extract(year FROM now() AT TIME ZONE 'Asia/Shanghai')::int) y $$;

-- ---- regions ----

-- A place that the newest list no longer has: kept for the orders that name it, not offered.
ALTER TABLE hall.region ADD COLUMN gone bool NOT NULL DEFAULT false;

-- The whole list, a line "code<TAB>name" each.
CREATE FUNCTION hall.regions_import(lines text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    wrong int;
    fresh int;
    named int;
    gone_ int;
BEGIN
    CREATE TEMP TABLE incoming ON COMMIT DROP AS
    SELECT split_part(l, E'\t', 1) AS code, split_part(l, E'\t', 2) AS name, n FROM string_to_table(rtrim(lines, E'\n'), E'\n') WITH ORDINALITY t(l, n);
    INSERT INTO pg_temp.incoming SELECT '', '', 1 WHERE NOT EXISTS (SELECT FROM pg_temp.incoming); -- an empty list is a wrong one
    SELECT i.n INTO wrong FROM pg_temp.incoming i WHERE code !~ '^[0-9]{2}([0-9]{2}){0,2}([0-9]{3})?$' OR name !~ '^[^\t\r]{1,60}$'
        OR (length(code) > 2 AND NOT EXISTS (SELECT FROM pg_temp.incoming u WHERE u.code = left(i.code, CASE length(i.code) WHEN 9 THEN 6 ELSE length(i.code) - 2 END)))
     ORDER BY i.n LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, format('第 %s 行不正确：应为“代码<制表符>名称”，且上级地区须在表中。', wrong), '/' || wrong);
    END IF;
    UPDATE region r SET name = i.name, gone = false FROM pg_temp.incoming i WHERE i.code = r.code AND (r.name <> i.name OR r.gone);
    GET DIAGNOSTICS named = ROW_COUNT;
    INSERT INTO region (code, name, parent, level)
    SELECT code, name, CASE length(code) WHEN 9 THEN left(code, 6) WHEN 2 THEN NULL ELSE left(code, length(code) - 2) END,
           CASE length(code) WHEN 9 THEN 4 ELSE length(code) / 2 END
      FROM pg_temp.incoming i WHERE NOT EXISTS (SELECT FROM region r WHERE r.code = i.code) ORDER BY length(code), code;
    GET DIAGNOSTICS fresh = ROW_COUNT;
    UPDATE region r SET gone = true WHERE NOT gone AND NOT EXISTS (SELECT FROM pg_temp.incoming i WHERE i.code = r.code);
    GET DIAGNOSTICS gone_ = ROW_COUNT;
    RETURN format('新增 %s，更改 %s，停用 %s', fresh, named, gone_);
END $$;

-- ---- reports ----

-- Orders by the day they were begun, money by the day it came or went: one row for each combination of the dimensions in
-- `dims` (day, month, project, business, cert_type, state, channel). `of_project` NULL: all.
CREATE FUNCTION hall.report_orders(of_project uuid, first date, last date, dims text[]) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH span AS (SELECT first::timestamp AT TIME ZONE 'Asia/Shanghai' AS since, (last + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AS until),
    fact AS (
        SELECT o.created_at AS at, o.project, o.business, o.cert_type, o.state, '' AS channel, 1 AS orders, 0::bigint AS received, 0::bigint AS refunded
          FROM orders o, span WHERE o.created_at >= since AND o.created_at < until AND was_handed_in(o) AND (of_project IS NULL OR o.project = of_project)
        UNION ALL
        SELECT y.paid_at, o.project, o.business, o.cert_type, o.state, y.channel, 0, y.total, 0
          FROM payment y JOIN orders o ON o.id = y.order_id, span
         WHERE y.paid_at >= since AND y.paid_at < until AND y.state IN ('paid', 'refund_due', 'refunded') AND (of_project IS NULL OR o.project = of_project)
        UNION ALL
        SELECT r.ended_at, o.project, o.business, o.cert_type, o.state, y.channel, 0, 0, r.amount
          FROM refund r JOIN payment y ON y.id = r.payment_id JOIN orders o ON o.id = y.order_id, span
         WHERE r.ended_at >= since AND r.ended_at < until AND r.state = 'succeeded' AND (of_project IS NULL OR o.project = of_project)),
    grouped AS (
        SELECT CASE WHEN 'month' = ANY (dims) THEN to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM') END AS month,
               CASE WHEN 'day' = ANY (dims) THEN to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD') END AS day,
               CASE WHEN 'project' = ANY (dims) THEN f.project END AS project,
               CASE WHEN 'business' = ANY (dims) THEN f.business END AS business,
               CASE WHEN 'cert_type' = ANY (dims) THEN f.cert_type END AS cert_type,
               CASE WHEN 'cert_type' = ANY (dims) THEN f.project END AS type_of,
               CASE WHEN 'state' = ANY (dims) THEN f.state END AS state,
               CASE WHEN 'channel' = ANY (dims) THEN f.channel END AS channel,
               sum(orders) AS orders, sum(received) AS received, sum(refunded) AS refunded
          FROM fact f GROUP BY 1, 2, 3, 4, 5, 6, 7, 8),
    named AS (
        SELECT g.month, g.day, p.slug AS project, p.name AS project_name, g.business, b.name AS business_name, g.cert_type,
               t.name AS cert_type_name, g.state, s.label AS state_label, g.channel, sum(g.orders)::bigint AS orders,
               sum(g.received)::bigint AS received, sum(g.refunded)::bigint AS refunded
          FROM grouped g LEFT JOIN project p ON p.id = g.project LEFT JOIN business b ON b.code = g.business
          LEFT JOIN project_type t ON t.project = g.type_of AND t.cert_type = g.cert_type LEFT JOIN order_state s ON s.state = g.state
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)
    SELECT jsonb_build_object('from', first, 'to', last, 'by', dims,
        'totals', (SELECT jsonb_build_object('orders', coalesce(sum(orders), 0), 'received', coalesce(sum(received), 0), 'refunded', coalesce(sum(refunded), 0)) FROM named),
        'rows', (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(n)) ORDER BY month, day, project, business, cert_type, state, channel), '[]') FROM named n))::text $$;
CREATE INDEX orders_created ON hall.orders (created_at);
CREATE INDEX payment_paid_at ON hall.payment (paid_at) WHERE paid_at IS NOT NULL;
CREATE INDEX refund_ended_at ON hall.refund (ended_at) WHERE ended_at IS NOT NULL;

-- Of one project by its slug, or of all.
CREATE FUNCTION hall.desk_report(slug_ text, first date, last date, dims text[]) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT report_orders(CASE WHEN slug_ <> '' THEN project_of_slug(slug_) END, first, last, dims) $$;

CREATE FUNCTION hall.partner_report(first date, last date, dims text[]) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF my_kind() <> 'partner' OR my_project() IS NULL THEN
        PERFORM refuse(403, '您没有办理此事项的权限。');
    END IF;
    RETURN report_orders(my_project(), first, last, dims);
END $$;

-- ---- a project's document: what an import changes ----

-- One row out of one JSON object, as change `flows` has it; what a constraint refuses is refused by its pointer.
CREATE OR REPLACE FUNCTION hall.row_import(target regclass, given jsonb, fixed jsonb, place text, others text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    whole jsonb := jsonb_strip_nulls(given) - others || fixed;
    wrong text;
    names text;
    part text;
    rule text;
BEGIN
    SELECT k INTO wrong FROM jsonb_object_keys(given - others) k
     WHERE k NOT IN (SELECT columns_of(target)) OR fixed ? k LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, format('项目文件里的 %s/%s 不是已知的项目。', place, wrong), place || '/' || wrong);
    END IF;
    SELECT string_agg(quote_ident(k), ', ') INTO names FROM jsonb_object_keys(whole) k;
    EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM jsonb_populate_record(NULL::%s, $1)', target, names, names, target)
      USING whole;
EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN
    GET STACKED DIAGNOSTICS part = COLUMN_NAME, rule = CONSTRAINT_NAME;
    PERFORM project_refuse(target, place, coalesce(nullif(part, ''), member_unfit(target, whole)), rule, SQLERRM);
END $$;

-- The first member whose value is none of its column's type; NULL when all are.
CREATE FUNCTION hall.member_unfit(target regclass, given jsonb) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE k text;
BEGIN
    FOR k IN SELECT * FROM jsonb_object_keys(given) LOOP
        BEGIN
            EXECUTE format('SELECT jsonb_populate_record(NULL::%s, $1)', target) USING jsonb_build_object(k, given -> k);
        EXCEPTION WHEN data_exception THEN
            RETURN k;
        END;
    END LOOP;
    RETURN NULL;
END $$;

-- Names the member that a constraint is about: the first column that the document itself has.
CREATE FUNCTION hall.project_refuse(target regclass, place text, part text, rule text, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE member text := coalesce(nullif(part, ''), (
    SELECT a.attname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
     WHERE c.conrelid = target AND c.conname = rule AND a.attname NOT IN ('project', 'pos') ORDER BY a.attnum LIMIT 1));
BEGIN
    PERFORM refuse(422, format('项目文件里的 %s 不正确：%s', place || coalesce('/' || member, ''), why), place || coalesce('/' || member, ''));
END $$;

-- The document that a project stands for now; what an import has just taken in.
CREATE FUNCTION hall.project_document(wanted text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p project;
    list project_list;
    rows jsonb;
    d jsonb;
BEGIN
    SELECT * INTO p FROM project WHERE slug = wanted;
    IF NOT FOUND THEN
        RETURN '{}';
    END IF;
    d := to_jsonb(p) - '{id,revision,audit_seq,audit_head}'::text[];
    FOR list IN SELECT * FROM project_list LOOP
        EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(x) - ''{project}''::text[] ORDER BY to_jsonb(x) -> ''pos'', x::text), ''[]'') FROM %s x WHERE project = $1', list.tbl)
           INTO rows USING p.id;
        d := d || jsonb_build_object(list.member, rows);
    END LOOP;
    RETURN d || jsonb_build_object(
        'prices', (SELECT coalesce(jsonb_agg(to_jsonb(x) - 'project' ORDER BY cert_type, years, part), '[]') FROM project_price x WHERE project = p.id),
        'gifts', (SELECT coalesce(jsonb_agg(to_jsonb(x) - 'project' ORDER BY years), '[]') FROM project_gift x WHERE project = p.id));
END $$;

-- What differs between two documents, a line each: "review_days: 1 -> 2", "fields: + {…}".
CREATE FUNCTION hall.document_changes(was jsonb, is_ jsonb) RETURNS SETOF text
LANGUAGE sql STABLE SET search_path = hall, pg_temp AS $$
    SELECT format('%s: %s -> %s', n.key, coalesce((was -> n.key)::text, '-'), n.value) FROM jsonb_each(is_) n
     WHERE jsonb_typeof(n.value) <> 'array' AND was -> n.key IS DISTINCT FROM n.value
        OR jsonb_typeof(n.value) = 'array' AND jsonb_typeof(n.value -> 0) IS DISTINCT FROM 'object' AND jsonb_typeof(was -> n.key -> 0) IS DISTINCT FROM 'object'
           AND was -> n.key IS DISTINCT FROM n.value
    UNION ALL
    SELECT format('%s: %s %s', n.key, d.sign, jsonb_strip_nulls(d.row_)) FROM jsonb_each(is_) n, LATERAL (
        SELECT '-' AS sign, w AS row_ FROM jsonb_array_elements(CASE jsonb_typeof(was -> n.key) WHEN 'array' THEN was -> n.key ELSE '[]' END) w
         WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(n.value) i WHERE i - 'pos' = w - 'pos')
        UNION ALL SELECT '+', i FROM jsonb_array_elements(n.value) i
         WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(CASE jsonb_typeof(was -> n.key) WHEN 'array' THEN was -> n.key ELSE '[]' END) w WHERE i - 'pos' = w - 'pos')) d
     WHERE jsonb_typeof(n.value) = 'array' AND (jsonb_typeof(n.value -> 0) = 'object' OR jsonb_typeof(was -> n.key -> 0) = 'object') $$;

-- What no single row can say of itself.
CREATE FUNCTION hall.project_check(p hall.project) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE wrong record;
BEGIN
    SELECT * INTO wrong FROM (
        SELECT '/types' AS pointer, '至少要有一种证书，每种都要有价格' AS why WHERE 'new' = ANY (p.business)
           AND (NOT EXISTS (SELECT FROM project_type WHERE project = p.id) OR EXISTS (
                SELECT FROM project_type t WHERE project = p.id AND NOT EXISTS (SELECT FROM project_price y WHERE y.project = p.id AND y.cert_type = t.cert_type)))
        UNION ALL
        SELECT '/agreements', '至少要有一份协议' WHERE NOT EXISTS (SELECT FROM project_agreement WHERE project = p.id)
        UNION ALL
        SELECT '/steps', '询问是否办理电子签章的项目要有步骤 seal' WHERE p.seal_mode = 'asked'
           AND NOT EXISTS (SELECT FROM project_step WHERE project = p.id AND step = 'seal')
        UNION ALL
        SELECT '/fields', format('%s 的 cert_types 里有没有的证书类型', f.field) FROM project_field f WHERE project = p.id
           AND EXISTS (SELECT FROM unnest(f.cert_types) c WHERE c NOT IN (SELECT cert_type FROM project_type WHERE project = p.id))
        UNION ALL
        SELECT '/materials', format('%s 的 cert_types 里有没有的证书类型', m.code) FROM project_material m WHERE project = p.id
           AND EXISTS (SELECT FROM unnest(m.cert_types) c WHERE c NOT IN (SELECT cert_type FROM project_type WHERE project = p.id))
        UNION ALL
        SELECT '/account_asked', '在申请表里填写对公账户的项目要有 account_branch 和 account_no 两项' WHERE p.account_asked = 'form' AND p.finauth <> 'none'
           AND (SELECT count(*) FROM project_field WHERE project = p.id AND field IN ('account_branch', 'account_no')) < 2) x LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, format('项目文件里的 %s 不正确：%s', wrong.pointer, wrong.why), wrong.pointer);
    END IF;
END $$;

-- Takes a document in and says what is different now.
CREATE FUNCTION hall.project_take(d jsonb) RETURNS SETOF text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    was jsonb := project_document(d ->> 'slug');
    p uuid;
    part text;
    rule text;
    tbl text;
BEGIN
    BEGIN
        p := project_import(d);
    EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN
        GET STACKED DIAGNOSTICS part = COLUMN_NAME, rule = CONSTRAINT_NAME, tbl = TABLE_NAME;
        PERFORM CASE tbl WHEN 'project_price' THEN project_refuse('project_price', '/types', 'prices', NULL, SQLERRM)
                         WHEN 'project_gift' THEN project_refuse('project_gift', '/gifts', part, rule, SQLERRM)
                         ELSE project_refuse('project', '', coalesce(nullif(part, ''), member_unfit('project', d)), rule, SQLERRM) END;
    END;
    PERFORM project_check(j) FROM project j WHERE j.id = p;
    RETURN QUERY SELECT * FROM document_changes(was, project_document(d ->> 'slug'));
END $$;

-- ---- who may ----

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'certhall_partner') THEN
        CREATE ROLE certhall_partner LOGIN;
    END IF;
END $$;
REVOKE EXECUTE ON FUNCTION hall.project_import FROM certhall_admin; -- by hall.project_take now
GRANT USAGE ON SCHEMA hall TO certhall_partner;
GRANT EXECUTE ON FUNCTION hall.known, hall.me, hall.my_project, hall.my_kind, hall.my_roles, hall.data_keys, hall.refuse, hall.iso, hall.enter,
    hall.form_spec, hall.order_view, hall.code_names, hall.partner_key_read, hall.partner_enter, hall.ticket_new, hall.partner_orders, hall.partner_report TO certhall_partner;
GRANT EXECUTE ON FUNCTION hall.partner_keys, hall.ticket_open, hall.ticket_of_link, hall.calendar_missing TO certhall_gate;
GRANT SELECT (gone) ON hall.region TO certhall_gate;
GRANT EXECUTE ON FUNCTION hall.ticket_read, hall.ticket_fill, hall.ticket_keeps TO certhall_new, certhall_seal, certhall_reissue;
GRANT EXECUTE ON FUNCTION hall.partner_event_work, hall.partner_event_end, hall.partner_sweep TO certhall_runner;
GRANT EXECUTE ON FUNCTION hall.partners_json, hall.calendar_json, hall.calendar_import, hall.desk_report TO certhall_desk;
GRANT EXECUTE ON FUNCTION hall.partner_key_new, hall.partner_key_end, hall.partner_hook_put, hall.project_take, hall.calendar_import,
    hall.regions_import, hall.partner_key_list TO certhall_admin;

COMMIT;
