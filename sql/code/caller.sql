-- The caller of a transaction, as hall.enter determines it, and refusals.

-- Refusals that a person can act upon: SQLSTATE CH<status>, the sentence, and the JSON pointer of the field.
CREATE OR REPLACE FUNCTION hall.refuse(status int, sentence text, pointer text DEFAULT '') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'CH' || status, MESSAGE = sentence, DETAIL = pointer;
END $$;

-- The same for whoever comes too often, with the time from which the same would be taken.
CREATE OR REPLACE FUNCTION hall.refuse_until(until timestamptz, sentence text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'CH429', MESSAGE = sentence, HINT = greatest(1, ceil(extract(epoch FROM until - now())))::text;
END $$;

-- Values that are kept for the length of a transaction: the caller, and what functions tell triggers. They are kept in settings.
-- Because anybody may change a setting, each has a digest over its name, its value, this backend and this transaction, keyed with a
-- secret that programs cannot read. Nothing is written to a table, so that reading also works on a replica.
CREATE OR REPLACE FUNCTION hall.setting_digest(key bytea, what text, value text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT encode(sha256(key || sha256(key || timestamptz_send(now()) || int4send(pg_backend_pid())
                                           || convert_to(what || '=' || value, 'UTF8'))), 'hex') $$;

-- Keeps a value until the transaction ends; NULL deletes it. No program may call this.
CREATE OR REPLACE FUNCTION hall.keep(what text, value text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('hall.' || what, coalesce(hall.setting_digest(s.secret, what, value) || value, ''), true) FROM hall.caller_secret s;
END $$;

CREATE OR REPLACE FUNCTION hall.known(what text) RETURNS text
LANGUAGE plpgsql STABLE AS $$
DECLARE kept text := coalesce(current_setting('hall.' || what, true), '');
BEGIN
    IF kept = '' THEN
        RETURN NULL;
    END IF;
    RETURN (SELECT substr(kept, 65) FROM hall.caller_secret s WHERE left(kept, 64) = hall.setting_digest(s.secret, what, substr(kept, 65)));
END $$;

-- The caller; all NULL outside of a transaction that hall.enter has begun. Queries that depend on the caller's rights ask once per
-- statement: (SELECT … FROM hall.caller()). All functions that lead here have the search path that this one sets, since a plan made
-- under another search path would be made again.
CREATE OR REPLACE FUNCTION hall.caller() RETURNS hall.caller
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN known('caller')::caller;
END $$;

CREATE OR REPLACE FUNCTION hall.me() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$ BEGIN RETURN (hall.caller()).who; END $$;

CREATE OR REPLACE FUNCTION hall.my_project() RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$ BEGIN RETURN (hall.caller()).project; END $$;

CREATE OR REPLACE FUNCTION hall.my_kind() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$ BEGIN RETURN (hall.caller()).kind; END $$;

CREATE OR REPLACE FUNCTION hall.my_roles() RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN coalesce((hall.caller()).roles, '{}');
END $$;

-- The following statements are nobody's decision, so they are done with another role, until hall.keep('caller', …) restores the value
-- that this returns.
CREATE OR REPLACE FUNCTION hall.act_as(role text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    had text := hall.known('caller');
    c hall.caller := had::hall.caller;
BEGIN
    c.roles := ARRAY[role];
    PERFORM hall.keep('caller', c::text);
    RETURN had;
END $$;

-- For the transactions of runner, signer and administrator, which have no session: the role "system".
CREATE OR REPLACE FUNCTION hall.enter_system(program text, op text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM keep('caller', ROW('system', NULL, NULL, '{system}', program, op, NULL, NULL, NULL)::hall.caller::text);
END $$;

-- Determines the caller, whether the caller may do this, and in which project. A session that does not fit the project does not count
-- there. Statements, functions and triggers of the transaction read the result (hall.caller).
CREATE OR REPLACE FUNCTION hall.enter(token bytea, wanted_roles text[], slug_ text, op text, address text, request text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p project;
    s session;
    l link;
    c caller;
    misfit bool := false;
BEGIN
    c.kind := 'nobody';
    c.op := op; c.address := address; c.request := request;
    c.roles := CASE WHEN 'public' = ANY (wanted_roles) THEN '{public}' ELSE '{}' END::text[]
               || CASE WHEN 'vendor' = ANY (wanted_roles) THEN '{vendor}' ELSE '{}' END::text[];
    IF slug_ NOT IN ('', 'hall') THEN -- the hall's own pages belong to no project
        SELECT id, login_ways INTO c.project, p.login_ways FROM project WHERE slug = slug_;
        IF NOT FOUND THEN
            PERFORM refuse(404, '没有这个办理入口，请核对合作平台给您的链接。');
        END IF;
    END IF;
    SELECT * INTO s FROM session WHERE token_hash = token AND expires_at > now()
       AND seen_at > now() - make_interval(secs => idle);
    c.session := s.id;
    IF FOUND AND s.account IS NOT NULL AND c.project IS NOT NULL AND s.made_by <> ALL (p.login_ways) THEN
        misfit := true; -- the owner is asked to log in in the way that the project wants
    ELSIF FOUND AND s.account IS NOT NULL THEN
        c.kind := 'account'; c.who := s.account; c.roles := c.roles || '{applicant}';
    ELSIF FOUND THEN
        c.kind := 'staff'; c.who := s.staff;
        c.roles := c.roles || coalesce((SELECT f.roles FROM staff f WHERE f.id = s.staff AND active), '{}');
    ELSIF wanted_roles && '{phone,code,papers,share}' THEN
        SELECT * INTO l FROM link WHERE token_hash = token AND purpose = ANY (wanted_roles) AND expires_at > now();
        IF NOT FOUND THEN
            PERFORM refuse(410, CASE WHEN wanted_roles && '{code,share}' THEN '链接已失效，请向经办人索取新的链接。'
                                     WHEN 'papers' = ANY (wanted_roles) THEN '上传链接已失效，请在电脑上重新生成二维码。'
                                     ELSE '认证链接已失效，请在电脑上重新生成二维码。' END);
        END IF;
        c.kind := 'link'; c.who := l.subject; c.roles := c.roles || l.purpose;
    END IF;
    IF NOT c.roles && wanted_roles THEN
        IF misfit THEN
            PERFORM refuse(401, '本项目须用规定的方式登录，请按登录页面的提示重新登录。');
        ELSIF c.who IS NULL THEN
            PERFORM refuse(401, '登录已失效，请重新登录。');
        END IF;
        PERFORM refuse(403, '您没有办理此事项的权限。');
    END IF;
    -- A page that asks by itself whether something is new is no sign of anybody being there.
    IF s.seen_at < now() - interval '1 minute' AND op <> 'orders.version' AND NOT pg_is_in_recovery() THEN
        UPDATE session SET seen_at = now() WHERE token_hash = token;
    END IF;
    PERFORM keep('caller', c::text);
    RETURN c.who;
END $$;

-- A project decides how people log in; the hall's own pages accept every way.
CREATE OR REPLACE FUNCTION hall.must_allow(way text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p project;
BEGIN
    SELECT * INTO p FROM project WHERE id = my_project();
    IF FOUND AND NOT (CASE way WHEN 'register' THEN p.self_registration AND 'password' = ANY (p.login_ways)
                               WHEN 'reset' THEN 'password' = ANY (p.login_ways)
                               ELSE way = ANY (p.login_ways) END) THEN
        PERFORM refuse(403, '本项目不支持这种登录方式，请按登录页面的提示登录。');
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.iso(t timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(t AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"') $$;

CREATE OR REPLACE FUNCTION hall.count_public(what text, whose text, most int, sentence text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE so_far int;
BEGIN
    INSERT INTO public_count AS c (kind, who) VALUES (what, hall.network(whose))
    ON CONFLICT (kind, who, day) DO UPDATE SET n = c.n + 1 RETURNING c.n INTO so_far;
    IF so_far > most THEN
        PERFORM refuse(429, sentence);
    ELSIF so_far = 1 THEN
        DELETE FROM public_count WHERE day < current_date - 1;
    END IF;
END $$;

-- The key by which requests of an address are counted. An IPv6 customer has a /64, whose addresses it can change at will, so the
-- network counts. A text that is not an address counts as itself.
CREATE OR REPLACE FUNCTION hall.network(address text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE WHEN address !~ ':' THEN address
                WHEN address ~* '^::ffff:[0-9.]+$' THEN substr(address, 8)
                ELSE network(set_masklen(address::inet, 64))::text END;
EXCEPTION WHEN invalid_text_representation THEN
    RETURN address;
END $$;
