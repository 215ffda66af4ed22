-- Who calls: what hall.enter finds out about the caller, for the length of one transaction; refusals.

-- Refusals that a person can act on: SQLSTATE CH<status>, the sentence, and the JSON pointer of the field.
CREATE OR REPLACE FUNCTION hall.refuse(status int, sentence text, pointer text DEFAULT '') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'CH' || status, MESSAGE = sentence, DETAIL = pointer;
END $$;

-- What hall.enter has found out about the caller, for the length of the transaction. NULL outside of one.
CREATE OR REPLACE FUNCTION hall.known(what text) RETURNS text
LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('hall.' || what, true), '') $$;

CREATE OR REPLACE FUNCTION hall.me() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT hall.known('who')::uuid $$;

CREATE OR REPLACE FUNCTION hall.my_project() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT hall.known('project')::uuid $$;

-- account, staff, link or system.
CREATE OR REPLACE FUNCTION hall.my_kind() RETURNS text LANGUAGE sql STABLE AS $$ SELECT hall.known('kind') $$;

CREATE OR REPLACE FUNCTION hall.my_roles() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(hall.known('roles')::text[], '{}') $$;

-- The runner's and the signer's own transactions: no session, the role "system".
CREATE OR REPLACE FUNCTION hall.enter_system(program text, op text) RETURNS void
LANGUAGE sql AS $$
    SELECT set_config('hall.kind', 'system', true), set_config('hall.who', '', true),
           set_config('hall.program', program, true), set_config('hall.roles', '{system}', true),
           set_config('hall.op', op, true);
$$;

-- Finds out who calls, whether they may, and in which project; a session that does not fit the project is no session there.
-- Statements, functions and triggers of the transaction read what is found.
CREATE OR REPLACE FUNCTION hall.enter(token bytea, wanted_roles text[], slug_ text, op text, address text, request text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    project_ uuid;
    s session;
    l link;
    kind text := 'nobody';
    who uuid;
    misfit bool := false;
    roles text[] := ARRAY(SELECT unnest(wanted_roles) INTERSECT SELECT unnest(ARRAY['public', 'vendor']));
BEGIN
    IF slug_ NOT IN ('', 'hall') THEN -- the hall itself has pages of no project
        SELECT id INTO project_ FROM project WHERE slug = slug_;
        IF NOT FOUND THEN
            PERFORM refuse(404, '没有这个办理入口，请核对合作平台给您的链接。');
        END IF;
    END IF;
    SELECT * INTO s FROM session WHERE token_hash = token AND expires_at > now();
    IF FOUND AND NOT session_fits(s, project_) THEN
        misfit := true;
    ELSIF FOUND AND s.account IS NOT NULL THEN
        kind := 'account'; who := s.account; roles := roles || '{applicant}';
    ELSIF FOUND THEN
        kind := 'staff'; who := s.staff;
        roles := roles || coalesce((SELECT f.roles FROM staff f WHERE f.id = s.staff AND active), '{}');
    ELSIF wanted_roles && '{phone,code}' THEN
        SELECT * INTO l FROM link WHERE token_hash = token AND purpose = ANY (wanted_roles) AND expires_at > now();
        IF NOT FOUND THEN
            PERFORM refuse(410, CASE WHEN 'code' = ANY (wanted_roles) THEN '链接已失效，请向经办人索取新的链接。'
                                     ELSE '认证链接已失效，请在电脑上重新生成二维码。' END);
        END IF;
        kind := 'link'; who := l.subject; roles := roles || l.purpose;
    END IF;
    IF NOT roles && wanted_roles THEN
        IF misfit THEN
            PERFORM refuse(401, '本项目须用规定的方式登录，请按登录页面的提示重新登录。');
        ELSIF who IS NULL THEN
            PERFORM refuse(401, '登录已失效，请重新登录。');
        END IF;
        PERFORM refuse(403, '您没有办理此事项的权限。');
    END IF;
    IF s.seen_at < now() - interval '1 minute' THEN
        UPDATE session SET seen_at = now() WHERE token_hash = token;
    END IF;
    PERFORM set_config('hall.kind', kind, true), set_config('hall.who', coalesce(who::text, ''), true),
            set_config('hall.roles', roles::text, true), set_config('hall.project', coalesce(project_::text, ''), true),
            set_config('hall.op', op, true), set_config('hall.address', address, true),
            set_config('hall.request', request, true);
    RETURN who;
END $$;

-- A project says how people log in; the hall's own pages leave it open.
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

-- By what an address is counted: an IPv6 customer has a /64, whose addresses change at will. What is no address is itself.
CREATE OR REPLACE FUNCTION hall.network(address text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE WHEN address !~ ':' THEN address
                WHEN address ~* '^::ffff:[0-9.]+$' THEN substr(address, 8)
                ELSE network(set_masklen(address::inet, 64))::text END;
EXCEPTION WHEN invalid_text_representation THEN
    RETURN address;
END $$;
