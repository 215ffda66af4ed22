-- The other proofs of the account: a random code that the applicant types in, and the authentication of the legal person.

CREATE OR REPLACE FUNCTION hall.code_tries() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 3 $$;

CREATE OR REPLACE FUNCTION hall.code_life() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '7 days' $$;

-- The open code of an order; a row of NULLs when there is none that can be typed in.
CREATE OR REPLACE FUNCTION hall.code_of(o hall.orders) RETURNS hall.payout_code
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c payout_code;
BEGIN
    IF o.finauth IN ('sent', 'succeeded') AND (state_of(o)).pending THEN
        SELECT x.* INTO c FROM payout_code x WHERE x.payout = (payout_last(o.id)).id AND x.state = 'open' AND x.expires_at > now();
    END IF;
    RETURN c;
END $$;

CREATE OR REPLACE FUNCTION hall.code_links_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    DELETE FROM link WHERE purpose = 'code' AND subject IN (SELECT id FROM payout WHERE order_id = wanted);
END $$;

-- Stores the random code that the runner made for a payout, before the bank gets it. When called again it returns the same code.
CREATE OR REPLACE FUNCTION hall.payout_code_put(wanted uuid, new_encrypted bytea, new_hash bytea) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO payout_code (payout, encrypted, hash, expires_at) SELECT p.id, new_encrypted, new_hash, now() + code_life()
      FROM payout p WHERE p.id = wanted AND p.generation IS NULL AND p.state = 'queued' ON CONFLICT (payout) DO NOTHING;
    RETURN (SELECT encrypted FROM payout_code WHERE payout = wanted);
END $$;

-- Only one way is open at a time: an unfinished authentication of the legal person is void when the account is tried again.
CREATE OR REPLACE FUNCTION hall.legal_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    DELETE FROM link WHERE purpose = 'phone' AND subject IN (SELECT id FROM identity WHERE order_id = wanted AND purpose = 'legal');
    UPDATE identity SET state = 'void' WHERE order_id = wanted AND purpose = 'legal' AND state IN ('pending', 'failed');
END $$;

CREATE OR REPLACE FUNCTION hall.code_json(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('left', code_tries() - c.tries, 'expires_at', iso(c.expires_at))
      FROM (SELECT (code_of(o)).*) c WHERE c.payout IS NOT NULL);
END $$;

-- Compares what was typed with the order's code. The result is a word and not an error, since the record of a wrong try must be kept:
-- right; wrong, with the number of tries left; void, after the last try. The caller has locked the order.
CREATE OR REPLACE FUNCTION hall.code_try(o hall.orders, given bytea) RETURNS TABLE (word text, tries_left int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c payout_code := code_of(o);
    n int := code_tries() - c.tries - 1;
    why text := '随机码填错次数过多，已作废';
BEGIN
    IF c.payout IS NULL THEN
        PERFORM refuse(409, '现在没有等待填写的随机码，请刷新后再看。');
    ELSIF c.hash = given THEN
        UPDATE payout_code SET state = 'right', encrypted = NULL WHERE payout = c.payout;
        PERFORM finauth_passed(o.id, 'verified', '随机码填写正确，金融认证完成');
        RETURN QUERY SELECT 'right', n + 1;
        RETURN;
    END IF;
    PERFORM note('order', o.id, jsonb_build_object('code', 'wrong', 'left', n));
    UPDATE payout_code SET tries = tries + 1, state = CASE WHEN n > 0 THEN state ELSE 'void' END,
           encrypted = CASE WHEN n > 0 THEN encrypted END WHERE payout = c.payout;
    IF n = 0 THEN
        PERFORM finauth_failed(o, 'failed', why, 'code_failed', c.payout::text);
    END IF;
    RETURN QUERY SELECT CASE WHEN n > 0 THEN 'wrong' ELSE 'void' END, n;
END $$;

CREATE OR REPLACE FUNCTION hall.my_code_try(wanted uuid, given bytea) RETURNS TABLE (word text, tries_left int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT * FROM code_try(my_order(wanted), given);
END $$;

-- When the code was not typed in within seven days.
CREATE OR REPLACE FUNCTION hall.code_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT x.* INTO o FROM orders x JOIN payout p ON p.order_id = x.id WHERE p.id = wanted FOR NO KEY UPDATE OF x;
    UPDATE payout_code SET state = 'void', encrypted = NULL WHERE payout = wanted AND state = 'open' AND expires_at <= now();
    IF FOUND AND o.finauth IN ('sent', 'succeeded') AND (state_of(o)).pending THEN
        PERFORM finauth_failed(o, 'failed', '随机码已超过 7 天有效期', 'code_failed', wanted::text);
    END IF;
END $$;

-- A link with which the code can be typed in until it is right or void. A new link makes the old one void.
CREATE OR REPLACE FUNCTION hall.code_link(wanted uuid, token bytea) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    c payout_code := code_of(o);
BEGIN
    IF c.payout IS NULL THEN
        PERFORM refuse(409, '现在没有等待填写的随机码，请刷新后再看。');
    END IF;
    PERFORM code_links_end(wanted);
    INSERT INTO link (token_hash, purpose, subject, expires_at) VALUES (token, 'code', c.payout, c.expires_at);
    PERFORM note('order', wanted, jsonb_build_object('code_link', c.payout));
    RETURN c.expires_at;
END $$;

-- The order of the request's link, locked.
CREATE OR REPLACE FUNCTION hall.my_code_order() RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT x.* INTO o FROM orders x JOIN payout p ON p.order_id = x.id
     WHERE p.id = me() AND my_kind() = 'link' AND x.project = my_project() FOR NO KEY UPDATE OF x;
    IF NOT FOUND OR (code_of(o)).payout IS DISTINCT FROM me() THEN
        PERFORM refuse(410, '链接已失效，请向经办人索取新的链接。');
    END IF;
    RETURN o;
END $$;

CREATE OR REPLACE FUNCTION hall.link_code_try(given bytea, order_seen uuid) RETURNS TABLE (word text, tries_left int, "out" text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_code_order();
BEGIN
    IF o.id <> order_seen THEN
        PERFORM refuse(410, '链接已失效，请向经办人索取新的链接。');
    END IF;
    SELECT t.word, t.tries_left INTO word, tries_left FROM code_try(o, given) t;
    SELECT * INTO o FROM orders x WHERE x.id = order_seen;
    "out" := jsonb_build_object('number', o.number, 'ahead', order_ahead(o, (order_may(o)).step_text, promise(o)));
    RETURN NEXT;
END $$;

-- What the link's page shows: the account and the payment, but nothing of the application.
CREATE OR REPLACE FUNCTION hall.link_code_view() RETURNS TABLE (order_id uuid, "out" text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_code_order();
BEGIN
    RETURN QUERY SELECT o.id, (code_json(o) || jsonb_build_object('project_name', p.name, 'unit', b.name, 'number', o.number,
               'account_no', b.masked, 'branch_name', (SELECT name FROM bank_branch r WHERE r.cnaps = b.cnaps),
               'sent_at', iso((payout_last(o.id)).created_at), 'arrived', o.finauth = 'succeeded'))::text
      FROM project p JOIN bank_account b ON b.order_id = o.id WHERE p.id = o.project;
END $$;

-- The state of the legal person's way: open; later, after another failure; closed, when the project does not allow it or there is
-- nothing to stand in for.
CREATE OR REPLACE FUNCTION hall.legal_auth(o hall.orders) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT CASE WHEN NOT p.legal_auth OR finauth_mode(o) = 'none' OR NOT account_changeable(o)
                     OR o.finauth NOT IN ('failed', 'returned') THEN 'closed'
                WHEN (SELECT count(*) FROM payout y WHERE y.order_id = o.id AND NOT payout_counts(y)) < p.legal_auth_after THEN 'later'
                ELSE 'open' END
      FROM project p WHERE p.id = o.project);
END $$;

-- A link for the legal person's own phone. When `encrypted_data` is NULL, the person stays the one that is known already.
CREATE OR REPLACE FUNCTION hall.legal_start(new_id uuid, wanted uuid, token bytea, life interval, encrypted_data bytea, shown text)
RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    ends timestamptz := now() + life;
BEGIN
    IF legal_auth(o) <> 'open' THEN
        PERFORM refuse(409, '现在不能进行法人认证，请刷新后再看。');
    ELSIF (SELECT count(*) FROM identity WHERE order_id = wanted AND purpose = 'legal'
              AND created_at > now() - interval '1 day') >= 10 THEN
        PERFORM refuse(429, '今天的认证次数已用完，请明天再试。');
    END IF;
    PERFORM legal_end(wanted);
    IF encrypted_data IS NOT NULL THEN
        INSERT INTO legal_person (order_id, encrypted, masked) VALUES (wanted, encrypted_data, shown)
        ON CONFLICT (order_id) DO UPDATE SET (encrypted, masked, updated_at) = (EXCLUDED.encrypted, EXCLUDED.masked, now());
    END IF;
    INSERT INTO identity (id, purpose, order_id, role, expires_at) VALUES (new_id, 'legal', wanted, 'legal', ends);
    INSERT INTO link (token_hash, purpose, subject, expires_at) VALUES (token, 'phone', new_id, ends);
    PERFORM note('order', wanted, jsonb_build_object('legal', new_id));
    RETURN ends;
END $$;

-- How far the authentication is, for the waiting page, and whether the page has to ask for the person's data because the form has no
-- fields for them.
CREATE OR REPLACE FUNCTION hall.legal_view(wanted uuid) RETURNS TABLE ("out" text, form bytea, known bool, open bool)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT jsonb_build_object('legal_auth', legal_auth(o), 'state', CASE WHEN o.finauth = 'replaced' THEN 'passed'
               ELSE coalesce(i.state, 'none') END, 'step', i.step, 'reason', i.reason, 'person', l.masked,
               'expires_at', iso(i.expires_at), 'expired', coalesce(i.state <> 'passed' AND i.expires_at < now(), false))::text,
           o.form, l.order_id IS NOT NULL, legal_auth(o) = 'open'
      FROM orders o LEFT JOIN legal_person l ON l.order_id = o.id
      LEFT JOIN LATERAL (SELECT * FROM identity x WHERE x.order_id = o.id AND x.purpose = 'legal' AND x.state <> 'void'
           ORDER BY created_at DESC LIMIT 1) i ON true
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project();
END $$;

-- The legal person has passed, by this way. A PIN that the payout was to carry is sent by message after production; the PIN of the returned payout
-- is void, so there may be none now.
CREATE OR REPLACE FUNCTION hall.legal_passed(wanted uuid, by text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted;
    IF NOT (state_of(o)).pending OR o.finauth NOT IN ('failed', 'returned') THEN
        RETURN;
    ELSIF o.state = 'approved' AND NOT EXISTS (SELECT FROM pin WHERE order_id = wanted
              AND state IN ('wanted', 'made', 'opened', 'confirmed')) THEN
        PERFORM want_pin(wanted);
    END IF;
    PERFORM finauth_passed(wanted, 'replaced', format('法定代表人认证通过（%s），代替对公账户认证', way_name(by)));
END $$;
