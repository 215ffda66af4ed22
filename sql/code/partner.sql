-- Partners' platforms: keys, tickets, events.

-- Gives a platform a key under a resolution (hall.resolution_keep).
CREATE OR REPLACE FUNCTION hall.partner_key_new(new_id uuid, slug_ text, encrypted bytea, signed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p uuid := project_of_slug(slug_);
BEGIN
    INSERT INTO partner_key (id, project, secret) VALUES (new_id, p, encrypted);
    PERFORM note('project', p, jsonb_build_object('partner_key', new_id)), resolution_keep('partner_key', p, signed);
END $$;

-- What resolutions about a platform's keys and its address say. The keys and the address that there are make the text one of this state.
CREATE OR REPLACE FUNCTION hall.partner_key_facts(slug_ text) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p project;
BEGIN
    SELECT * INTO p FROM project x WHERE x.id = project_of_slug(slug_) FOR UPDATE;
    RETURN QUERY VALUES
        ('项目', p.name), ('网址', p.slug),
        ('现有密钥', coalesce((SELECT string_agg(k.id::text, '、' ORDER BY k.id) FROM partner_key k WHERE k.project = p.id AND k.ended_at IS NULL), '无')),
        ('变更', '另发一把密钥');
END $$;

CREATE OR REPLACE FUNCTION hall.partner_hook_facts(slug_ text, address text) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p project;
BEGIN
    SELECT * INTO p FROM project x WHERE x.id = project_of_slug(slug_) FOR UPDATE;
    RETURN QUERY VALUES
        ('项目', p.name), ('网址', p.slug),
        ('变更前', coalesce((SELECT h.url || ' ' || h.id FROM partner_hook h WHERE h.project = p.id), '无')),
        ('变更后', address);
END $$;

CREATE OR REPLACE FUNCTION hall.partner_key_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p uuid;
BEGIN
    UPDATE partner_key SET ended_at = now() WHERE id = wanted AND ended_at IS NULL RETURNING project INTO p;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有这把密钥，或者已经停用。');
    END IF;
    PERFORM note('project', p, jsonb_build_object('partner_key_ended', wanted));
END $$;

CREATE OR REPLACE FUNCTION hall.partner_key_list() RETURNS TABLE (slug text, id uuid, used_at text, ended_at text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT p.slug, k.id, iso(k.used_at), iso(k.ended_at) FROM partner_key k JOIN project p ON p.id = k.project
     ORDER BY p.slug, k.created_at;
END $$;

-- An active key, for checking a signature made with it.
CREATE OR REPLACE FUNCTION hall.partner_key_read(wanted uuid) RETURNS TABLE (slug text, secret bytea, words jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT p.slug, k.secret, (SELECT coalesce(jsonb_object_agg(partner_name, cert_type), '{}') FROM project_type t
                               WHERE t.project = p.id AND partner_name <> '')
      FROM partner_key k JOIN project p ON p.id = k.project WHERE k.id = wanted AND k.ended_at IS NULL AND p.open;
END $$;

-- The keys with which a link of this project may be signed.
CREATE OR REPLACE FUNCTION hall.partner_keys(slug_ text) RETURNS TABLE (id uuid, secret bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT k.id, k.secret FROM partner_key k JOIN project p ON p.id = k.project
     WHERE p.slug = slug_ AND k.ended_at IS NULL ORDER BY k.created_at DESC LIMIT 8;
END $$;

-- The caller is the platform that has this key; the module has checked the signature. Each nonce is accepted once.
CREATE OR REPLACE FUNCTION hall.partner_enter(wanted uuid, nonce_ text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    k partner_key;
    c caller := caller();
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
    c.kind := 'partner'; c.who := wanted; c.project := k.project; c.roles := '{partner}';
    PERFORM keep('caller', c::text);
END $$;

-- `kind` NULL: the project's first kind of business.
CREATE OR REPLACE FUNCTION hall.ticket_new(new_id uuid, token bytea, kind text, its_reference text, encrypted bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p project;
BEGIN
    SELECT * INTO p FROM project WHERE id = my_project();
    kind := coalesce(kind, p.business[1]);
    IF (p.open AND kind = ANY (p.business)) IS NOT TRUE THEN
        PERFORM refuse(422, '这个项目不办理此项业务。', '/business');
    END IF;
    INSERT INTO ticket (id, token_hash, key, project, business, reference, form, expires_at)
    VALUES (new_id, token, me(), p.id, kind, its_reference, encrypted, now() + interval '10 minutes');
    RETURN (SELECT jsonb_build_object('expires_at', iso(t.expires_at), 'entry',
                   format('/%s/getLogin?projectId=%s', p.slug, p.project_id)) FROM ticket t WHERE t.id = new_id)::text;
END $$;

-- The link was opened: "ok", "used" or "expired". The last two are answers and not errors, since a page explains them; nothing is
-- written then. `business` is the ticket's, if the project has several.
CREATE OR REPLACE FUNCTION hall.ticket_open(token bytea, entry bytea, OUT word text, OUT business text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE ticket t SET entry_hash = entry, opened_at = now(), expires_at = now() + interval '2 hours'
     WHERE token_hash = token AND project = my_project() AND opened_at IS NULL AND expires_at > now() RETURNING t.business INTO business;
    business := (SELECT ticket_open.business FROM project p WHERE p.id = my_project() AND cardinality(p.business) > 1);
    word := CASE WHEN FOUND THEN 'ok'
                WHEN EXISTS (SELECT FROM ticket WHERE token_hash = token AND project = my_project() AND opened_at IS NOT NULL)
                THEN 'used' ELSE 'expired' END;
END $$;

-- A signed link has only type and years, and the kind of business; the module gate has checked it with that key.
CREATE OR REPLACE FUNCTION hall.ticket_of_link(new_id uuid, key_ uuid, entry bytea, encrypted bytea, kind text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO ticket (id, entry_hash, key, project, business, form, opened_at, expires_at)
    SELECT new_id, entry, k.id, k.project, coalesce(kind, p.business[1]), encrypted, now(), now() + interval '2 hours'
      FROM partner_key k JOIN project p ON p.id = k.project WHERE k.id = key_ AND k.project = my_project();
END $$;

CREATE OR REPLACE FUNCTION hall.ticket_read(entry bytea) RETURNS TABLE (id uuid, form bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT t.id, t.form FROM ticket t WHERE t.entry_hash = entry AND t.order_id IS NULL AND t.expires_at > now();
END $$;

-- The data of the ticket move into the draft, encrypted for it. Of the `hashes` of the values, those of the project's locked fields
-- are kept.
CREATE OR REPLACE FUNCTION hall.ticket_fill(wanted uuid, ticket_ uuid, type text, years_ int, encrypted bytea, hashes jsonb) RETURNS void
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
    UPDATE orders SET cert_type = type, years = years_, form = encrypted, reference = t.reference,
           locked = (SELECT coalesce(jsonb_object_agg(h.key, h.value), '{}') FROM jsonb_each(hashes) h
                       JOIN project_field f ON f.project = o.project AND f.field = h.key AND f.locked
                        AND (f.businesses IS NULL OR o.business = ANY (f.businesses)))
     WHERE id = wanted;
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'save', '带入合作平台提供的信息');
END $$;

-- A check before a form is saved: locked fields must have the values that came with the ticket.
CREATE OR REPLACE FUNCTION hall.ticket_keeps(wanted uuid, hashes jsonb) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE changed text;
BEGIN
    SELECT l.key INTO changed FROM orders o, jsonb_each_text(o.locked) l
     WHERE o.id = wanted AND o.account = me() AND hashes ->> l.key IS DISTINCT FROM l.value LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, '这一项由合作平台提供，不能更改；如有错误，请在平台更正后重新进入。', '/form/' || changed);
    END IF;
END $$;

-- A new address replaces the old one, and gets a new secret; under a resolution.
CREATE OR REPLACE FUNCTION hall.partner_hook_put(new_id uuid, slug_ text, address text, encrypted bytea, signed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p uuid := project_of_slug(slug_);
BEGIN
    DELETE FROM partner_event e USING partner_hook h WHERE h.id = e.hook AND h.project = p;
    DELETE FROM partner_hook WHERE project = p;
    INSERT INTO partner_hook (id, project, url, secret) VALUES (new_id, p, address, encrypted);
    PERFORM note('project', p, jsonb_build_object('partner_hook', address)), resolution_keep('partner_hook', p, signed);
END $$;

-- Drafts, and orders that were dropped as drafts, are shown only to the applicant.
CREATE OR REPLACE FUNCTION hall.was_handed_in(o hall.orders) RETURNS bool
LANGUAGE sql IMMUTABLE AS $$ SELECT o.state <> 'draft' AND (o.state <> 'cancelled' OR o.submitted_at IS NOT NULL) $$;

-- What a partner may know of one of its orders: nothing about persons except its own reference.
CREATE OR REPLACE FUNCTION hall.partner_order(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('number', o.number, 'reference', o.reference, 'business', o.business, 'cert_type', o.cert_type,
        'years', o.years, 'state', o.state, 'label', s.label, 'created_at', iso(o.created_at), 'updated_at', iso(o.updated_at))
      FROM order_state s WHERE s.state = o.state);
END $$;

CREATE OR REPLACE FUNCTION hall.partner_tell(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE e uuid;
BEGIN
    INSERT INTO partner_event (hook, order_id, body)
    SELECT h.id, o.id, jsonb_build_object('type', 'order.' || o.state, 'timestamp', iso(now()), 'data', partner_order(o))
      FROM partner_hook h WHERE h.project = o.project AND h.active
    RETURNING id INTO e;
    IF FOUND THEN
        PERFORM enqueue('partner_event', 'partner_event/' || e, e);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.partner_event_work(wanted uuid) RETURNS TABLE (hook uuid, url text, secret bytea, body text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT h.id, h.url, h.secret, e.body::text FROM partner_event e JOIN partner_hook h ON h.id = e.hook
     WHERE e.id = wanted AND e.ended_at IS NULL AND h.active;
END $$;

-- An event was delivered (no reason) or given up. An address that answered "gone" is not called again.
CREATE OR REPLACE FUNCTION hall.partner_event_end(wanted uuid, reason text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE partner_event SET ended_at = now(), why = reason WHERE id = wanted;
    UPDATE partner_hook h SET active = false FROM partner_event e WHERE e.id = wanted AND h.id = e.hook AND reason = 'gone';
END $$;

-- Every hour: deletes data of unused tickets, and nonces and events that are too old.
CREATE OR REPLACE FUNCTION hall.partner_sweep() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE ticket SET form = NULL WHERE form IS NOT NULL AND expires_at < now();
    DELETE FROM partner_nonce WHERE at < now() - interval '15 minutes';
    DELETE FROM partner_event WHERE ended_at < now() - interval '90 days';
END $$;

-- The submitted orders of a platform, newest first. The query is planned for its arguments.
CREATE OR REPLACE FUNCTION hall.partner_found(of_project uuid, first_day date, last_day date, wanted_state text, its_reference text,
    after text, most int) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    keys text[] := cursor_keys(after, 'timestamptz', 'uuid');
    after_at timestamptz := keys[1];
    after_id uuid := keys[2];
BEGIN
    RETURN ARRAY(SELECT o.id FROM orders o WHERE o.project = of_project AND was_handed_in(o)
        AND (wanted_state IS NULL OR o.state = wanted_state) AND (its_reference IS NULL OR o.reference = its_reference)
        AND (first_day IS NULL OR o.created_at >= first_day::timestamp AT TIME ZONE 'Asia/Shanghai')
        AND (last_day IS NULL OR o.created_at < (last_day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
        AND (after IS NULL OR (o.created_at, o.id) < (after_at, after_id))
      ORDER BY o.created_at DESC, o.id DESC LIMIT most);
END $$;

-- The platform's list of its orders.
CREATE OR REPLACE FUNCTION hall.partner_orders(first_day date, last_day date, wanted_state text, its_reference text, after text, page_size int)
RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    ids uuid[] := partner_found(CASE WHEN my_kind() = 'partner' THEN my_project() END, first_day, last_day, wanted_state, its_reference,
                                after, look_for(after, page_size));
BEGIN
    RETURN (SELECT page(jsonb_agg(partner_order(o) ORDER BY i.n), array_agg(cursor_of(o.created_at::text, o.id::text) ORDER BY i.n),
                        page_size, after, cardinality(ids))
      FROM unnest(ids[1 : page_size + 1]) WITH ORDINALITY AS i(id, n) JOIN orders o ON o.id = i.id)::text;
END $$;

-- The partners, for administrators and auditors.
CREATE OR REPLACE FUNCTION hall.partners_json() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('slug', p.slug, 'project_id', p.project_id,
        'name', p.name, 'title', p.title, 'open', p.open, 'revision', p.revision, 'business', p.business,
        'login_ways', p.login_ways, 'payment_ways', payment_ways_json(p), 'finauth', p.finauth, 'review_days', p.review_days,
        'ship_days', p.ship_days, 'whole_days', p.whole_days,
        'keys', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', k.id, 'created_at', iso(k.created_at), 'used_at', iso(k.used_at),
            'ended_at', iso(k.ended_at)) ORDER BY k.created_at), '[]') FROM partner_key k WHERE k.project = p.id),
        'hook', (SELECT jsonb_build_object('url', h.url, 'active', h.active, 'events', (SELECT coalesce(jsonb_agg(e.x), '[]') FROM (
            SELECT jsonb_build_object('id', e.id, 'type', e.body ->> 'type', 'number', e.body #>> '{data,number}',
                'created_at', iso(e.created_at), 'ended_at', iso(e.ended_at), 'why', coalesce(e.why, b.last_error), 'attempts', b.attempts) AS x
              FROM partner_event e LEFT JOIN outbox b ON b.key = 'partner_event/' || e.id
             WHERE e.hook = h.id ORDER BY e.created_at DESC LIMIT 20) e))
            FROM partner_hook h WHERE h.project = p.id)) ORDER BY p.name), '[]'))::text FROM project p);
END $$;
