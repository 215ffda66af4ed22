-- Staff and outlets.

-- Opens a session for the member of staff whose passkey has signed a statement with this nonce; module login has checked it. Returns
-- what the pages know of the member; NULL when there is none, or one that is locked out.
CREATE OR REPLACE FUNCTION hall.staff_login(who uuid, with_nonce bytea, token bytea, seconds int, idle_seconds int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO login_used (nonce) VALUES (with_nonce) ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        PERFORM refuse(409, '这次签署已经用过，请重新登录。');
    ELSIF NOT EXISTS (SELECT FROM staff s WHERE s.id = who AND s.active) THEN
        RETURN NULL;
    END IF;
    PERFORM session_open(token, NULL, who, 'passkey', seconds, idle_seconds);
    RETURN staff_card(who);
END $$;

CREATE OR REPLACE FUNCTION hall.role_names(roles text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_agg(word('role', r) ORDER BY n) FROM unnest(roles) WITH ORDINALITY AS x(r, n));
END $$;

-- Everybody is told for a week that there is another roster: a key that was changed without its owner's knowledge is noticed.
CREATE OR REPLACE FUNCTION hall.roster_news() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('version', r.version, 'at', iso(r.at)) FROM roster r
             WHERE r.version > 1 AND r.at > now() - interval '7 days' ORDER BY r.version DESC LIMIT 1);
END $$;

-- What the pages know of a member of staff.
CREATE OR REPLACE FUNCTION hall.staff_card(who uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', s.id, 'name', s.name, 'display_name', s.display_name, 'roles', s.roles,
               'role_names', role_names(s.roles), 'outlet', (SELECT o.name FROM outlet o WHERE o.code = s.outlet),
               'roster', roster_news())::text
      FROM staff s WHERE s.id = who);
END $$;

CREATE OR REPLACE FUNCTION hall.staff_face() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT staff_card(me()) WHERE my_kind() = 'staff');
END $$;

CREATE OR REPLACE FUNCTION hall.staff_name(who uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT display_name FROM staff
    WHERE id = who);
END $$;

-- An outlet in words; `n` NULL: there is none.
CREATE OR REPLACE FUNCTION hall.outlet_words(n hall.outlet) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE WHEN n.id IS NULL THEN '无' ELSE format('名称 %s，地址 %s，', n.name, n.place) || CASE n.seats WHEN 0 THEN '不接受预约'
        ELSE format('电话 %s，每半小时接待 %s 人，预约时间 %s', n.phone, n.seats, outlet_hours_words(n.code)) END END;
END $$;

-- Adds or changes an outlet. Without hours it takes no appointments.
CREATE OR REPLACE FUNCTION hall.outlet_write(new_code text, new_name text, new_place text, new_phone text, new_seats int, hours text) RETURNS hall.outlet
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o outlet;
BEGIN
    IF new_code !~ '^[a-z][a-z0-9-]{1,30}$' THEN
        PERFORM refuse(422, 'the code of an outlet has 2 to 31 lower case letters, digits or hyphens, and begins with a letter', '/code');
    ELSIF new_name = '' THEN
        PERFORM refuse(422, 'an outlet has a name', '/name');
    END IF;
    INSERT INTO outlet AS x (code, name, place, phone, seats) VALUES (new_code, new_name, new_place, coalesce(new_phone, ''), coalesce(new_seats, 0))
    ON CONFLICT (code) DO UPDATE SET (name, place, phone, seats) = (EXCLUDED.name, EXCLUDED.place, EXCLUDED.phone, EXCLUDED.seats) RETURNING * INTO o;
    IF hours IS NULL THEN
        DELETE FROM outlet_hours WHERE outlet = new_code;
    ELSE
        PERFORM outlet_hours_put(new_code, hours);
    END IF;
    RETURN o;
END $$;

-- Adds or changes an outlet under a resolution (hall.resolution_keep).
CREATE OR REPLACE FUNCTION hall.outlet_put(new_code text, new_name text, new_place text, new_phone text, new_seats int, hours text, signed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM resolution_keep('outlet', (outlet_write(new_code, new_name, new_place, new_phone, new_seats, hours)).id, signed);
END $$;

-- What a resolution about an outlet says. The change is tried and taken back.
CREATE OR REPLACE FUNCTION hall.outlet_facts(wanted text, new_name text, new_place text, new_phone text, new_seats int, hours text)
RETURNS TABLE (label text, value text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    was outlet;
    before text;
    after text;
BEGIN
    SELECT * INTO was FROM outlet o WHERE o.code = wanted FOR UPDATE;
    before := outlet_words(was);
    BEGIN
        was := outlet_write(wanted, new_name, new_place, new_phone, new_seats, hours);
        after := outlet_words(was);
        RAISE SQLSTATE 'CH200';
    EXCEPTION WHEN SQLSTATE 'CH200' THEN
        NULL;
    END;
    RETURN QUERY VALUES ('网点', wanted), ('变更前', before), ('变更后', after);
END $$;

CREATE OR REPLACE FUNCTION hall.outlet_list() RETURNS TABLE (code text, name text, place text, producers text, phone text, seats int, hours text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.code, o.name, o.place, (SELECT string_agg(s.name, ', ' ORDER BY s.name) FROM staff s WHERE s.outlet = o.code AND s.active), o.phone, o.seats, outlet_hours_words(o.code)
      FROM outlet o ORDER BY o.code;
END $$;

-- Members of staff are created by an administrator's command. (INSERT … ON CONFLICT must not be used: the trigger that audits a new
-- row would write about a row that is never inserted, and the chains would be found broken.)
CREATE OR REPLACE FUNCTION hall.staff_write(new_id uuid, new_name text, shown text, new_roles text[], of_outlet text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE wrong text := (SELECT r FROM unnest(new_roles) r WHERE word('role', r) IS NULL LIMIT 1);
BEGIN
    IF new_name !~ '^[a-z][a-z0-9._-]{1,31}$' THEN
        PERFORM refuse(422, 'a name has 2 to 32 lower case letters, digits, dots, hyphens or underscores, and begins with a letter', '/name');
    ELSIF wrong IS NOT NULL OR cardinality(new_roles) = 0 THEN
        PERFORM refuse(422, format('there is no role %s', coalesce(wrong, '')), '/roles');
    ELSIF 'admin' = ANY (new_roles) AND new_roles && '{reviewer,finance,producer}' THEN
        PERFORM refuse(422, 'an administrator neither reviews nor produces nor decides about money', '/roles');
    ELSIF ('outlet' = ANY (new_roles)) <> (of_outlet IS NOT NULL) OR (of_outlet IS NOT NULL AND cardinality(new_roles) > 1) THEN
        PERFORM refuse(422, 'a producer of an outlet has the role outlet alone, and the outlet''s code', '/outlet');
    ELSIF of_outlet IS NOT NULL AND NOT EXISTS (SELECT FROM outlet WHERE code = of_outlet) THEN
        PERFORM refuse(422, format('there is no outlet %s', of_outlet), '/outlet');
    END IF;
    DELETE FROM session WHERE staff = (SELECT s.id FROM staff s WHERE s.name = new_name); -- it may have had other roles
    UPDATE staff SET (display_name, roles, outlet, active) = (shown, new_roles, of_outlet, true) WHERE name = new_name;
    IF NOT FOUND THEN
        INSERT INTO staff (id, name, display_name, roles, outlet)
        VALUES (new_id, new_name, shown, new_roles, of_outlet);
    END IF;
    RETURN (SELECT s.id FROM staff s WHERE s.name = new_name);
END $$;

-- Adds or changes a member of staff under a resolution (hall.resolution_keep).
CREATE OR REPLACE FUNCTION hall.staff_put(new_id uuid, new_name text, shown text, new_roles text[], of_outlet text, signed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM resolution_keep('staff', staff_write(new_id, new_name, shown, new_roles, of_outlet), signed);
END $$;

-- A member of staff in words.
CREATE OR REPLACE FUNCTION hall.staff_words(s hall.staff) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN format('姓名 %s，角色 %s%s，%s', s.display_name, (SELECT string_agg(word('role', r), '、' ORDER BY n) FROM unnest(s.roles) WITH ORDINALITY x(r, n)),
                  (SELECT format('，网点 %s %s', o.code, o.name) FROM outlet o WHERE o.code = s.outlet), CASE WHEN s.active THEN '在用' ELSE '停用' END);
END $$;

-- What a resolution about a member of staff says. The change is tried and taken back. The number of the last row of the member's
-- trail makes the text one of this state: it is different as soon as anything has changed.
CREATE OR REPLACE FUNCTION hall.staff_facts(wanted text, shown text, new_roles text[], of_outlet text) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    was staff;
    after text;
BEGIN
    SELECT * INTO was FROM staff s WHERE s.name = wanted FOR UPDATE;
    BEGIN
        PERFORM staff_write(gen_random_uuid(), wanted, shown, new_roles, of_outlet);
        SELECT staff_words(s) INTO after FROM staff s WHERE s.name = wanted;
        RAISE SQLSTATE 'CH200';
    EXCEPTION WHEN SQLSTATE 'CH200' THEN
        NULL;
    END;
    RETURN QUERY VALUES
        ('人员', concat_ws(' ', wanted, was.id)),
        ('依据', CASE WHEN was.id IS NULL THEN '尚无此人' ELSE format('该人员的第 %s 条审计记录', was.audit_seq) END),
        ('变更前', CASE WHEN was.id IS NULL THEN '无' ELSE staff_words(was) END),
        ('变更后', after);
END $$;

-- Ends the sessions of a member of staff; `locked`: nobody comes in under that name until it is added anew.
CREATE OR REPLACE FUNCTION hall.staff_end(wanted text, locked bool) RETURNS bool
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    who uuid := (SELECT s.id FROM staff s WHERE s.name = wanted);
    n int;
BEGIN
    IF who IS NULL THEN
        RETURN false;
    END IF;
    DELETE FROM session WHERE staff = who;
    GET DIAGNOSTICS n = ROW_COUNT;
    PERFORM note('staff', who, jsonb_build_object('sessions_ended', n));
    UPDATE staff SET active = false WHERE id = who AND locked AND active;
    RETURN true;
END $$;
