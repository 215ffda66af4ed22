-- The page of an order that its applicant sends to colleagues: read only, masked, without a log-in.

CREATE OR REPLACE FUNCTION hall.share_life() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '30 days' $$;

-- How often a day one address may read such pages.
CREATE OR REPLACE FUNCTION hall.share_reads() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 1000 $$;

CREATE OR REPLACE FUNCTION hall.share_ends(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    DELETE FROM link WHERE purpose = 'share' AND subject = wanted;
END $$;

-- The link of the caller's order, without its token, which only the page that has made it knows.
CREATE OR REPLACE FUNCTION hall.my_share(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('link', (SELECT jsonb_build_object('created_at', iso(l.created_at), 'expires_at', iso(l.expires_at))
               FROM link l WHERE l.subject = o.id AND l.purpose = 'share' AND l.expires_at > now()))::text
      FROM orders o WHERE o.id = wanted AND o.account = me() AND o.project = my_project() AND my_kind() = 'account');
END $$;

-- A new link makes the old one void. A draft has nothing that others wait for.
CREATE OR REPLACE FUNCTION hall.share_make(wanted uuid, token bytea) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    ends timestamptz := now() + share_life();
BEGIN
    IF o.state = 'draft' OR o.erased_at IS NOT NULL THEN
        PERFORM refuse(409, '业务单提交以后才能生成进度链接。');
    END IF;
    PERFORM share_ends(wanted);
    INSERT INTO link (token_hash, purpose, subject, expires_at) VALUES (token, 'share', wanted, ends);
    PERFORM note('order', wanted, jsonb_build_object('share', 'made', 'until', iso(ends)));
    RETURN ends;
END $$;

CREATE OR REPLACE FUNCTION hall.share_withdraw(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM my_order(wanted);
    PERFORM share_ends(wanted), note('order', wanted, '{"share": "withdrawn"}');
END $$;

-- What the link's page shows: how the order stands, its transitions, the promise, whom it waits for, and the parcel; nothing that
-- people or the bank have written, and of the parcel's route only places.
CREATE OR REPLACE FUNCTION hall.link_share_view() RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    step text;
    parcel jsonb;
BEGIN
    SELECT * INTO o FROM orders x WHERE x.id = me() AND my_kind() = 'link' AND x.project = my_project() AND x.state <> 'draft'
       AND x.erased_at IS NULL;
    IF NOT FOUND THEN
        PERFORM refuse(410, '链接已失效，请向经办人索取新的链接。');
    END IF;
    PERFORM count_public('share', coalesce((caller()).address, ''), share_reads(), '今天查看的次数过多，请明天再试。');
    step := (order_may(o)).step_text;
    IF o.tracking_no IS NOT NULL THEN
        parcel := parcel_json(o);
        parcel := (parcel - 'courier' - 'payment_name') || jsonb_build_object('routes', (SELECT coalesce(jsonb_agg(
            jsonb_build_object('at', r.step -> 'at', 'place', r.step -> 'place') ORDER BY r.n), '[]')
            FROM jsonb_array_elements(parcel -> 'routes') WITH ORDINALITY AS r(step, n) WHERE r.step ->> 'place' <> ''));
    END IF;
    RETURN (SELECT jsonb_build_object('project_name', p.name, 'title', p.title, 'number', o.number, 'business_name', b.name,
               'subject', mask_unit(o.subject), 'state', o.state, 'label', s.label, 'tone', s.tone, 'promise', promise(o),
               'waits_for', CASE WHEN step IS NOT NULL THEN format('等待经办人办理：%s', step)
                   WHEN t.void OR o.state = 'done' THEN '业务单已经办结，不再等待任何人。' ELSE '正在由我们办理，不需要经办人操作。' END,
               'course', (SELECT jsonb_agg(jsonb_build_object('at', iso(h.at), 'text', h.text) ORDER BY h.id) FROM order_history h
                           WHERE h.order_id = o.id AND h.at >= o.created_at AND h.event IN (SELECT event FROM transition)),
               'parcel', parcel, 'updated_at', iso(o.updated_at),
               'expires_at', (SELECT iso(max(l.expires_at)) FROM link l WHERE l.subject = o.id AND l.purpose = 'share'))
      FROM project p, business b, order_standing s, order_state t
     WHERE p.id = o.project AND b.code = o.business AND s.code = o.standing AND t.state = o.state)::text;
END $$;
