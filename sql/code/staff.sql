-- Staff and outlets.

CREATE OR REPLACE FUNCTION hall.staff_salt(wanted text, cost int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN password_salt((SELECT s.password FROM staff s WHERE s.name = wanted AND s.active), staff_key(wanted), cost);
END $$;

-- What the tries to log in under a name are counted by. Whatever somebody types as a name is not stored, as it may be a password.
CREATE OR REPLACE FUNCTION hall.staff_key(wanted text) RETURNS bytea
LANGUAGE plpgsql IMMUTABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN sha256(convert_to('staff ' || wanted, 'UTF8'));
END $$;

CREATE OR REPLACE FUNCTION hall.staff_try(wanted text, from_address text) RETURNS bool
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN login_try(staff_key(wanted), from_address);
END $$;

-- Lets in whose password the proof shows (NULL: nobody's).
CREATE OR REPLACE FUNCTION hall.staff_login(wanted text, proof bytea, token bytea, seconds int)
RETURNS TABLE (id uuid, name text, display_name text, roles text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE s staff;
BEGIN
    SELECT * INTO s FROM staff f WHERE f.name = wanted AND f.active;
    IF password_right(s.password, proof) THEN
        DELETE FROM login_try WHERE who = staff_key(wanted);
        PERFORM session_open(token, NULL, s.id, 'password', seconds);
        RETURN QUERY SELECT s.id, s.name, s.display_name, s.roles;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.role_names(roles text[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_agg(word('role', r) ORDER BY n) FROM unnest(roles) WITH ORDINALITY AS x(r, n));
END $$;

CREATE OR REPLACE FUNCTION hall.staff_face() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', s.id, 'name', s.name, 'display_name', s.display_name, 'roles', s.roles,
               'role_names', role_names(s.roles), 'outlet', (SELECT o.name FROM outlet o WHERE o.code = s.outlet))::text
      FROM staff s WHERE s.id = me() AND my_kind() = 'staff');
END $$;

CREATE OR REPLACE FUNCTION hall.staff_name(who uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT display_name FROM staff
    WHERE id = who);
END $$;

CREATE OR REPLACE FUNCTION hall.outlet_put(new_code text, new_name text, new_place text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO outlet VALUES (new_code, new_name, new_place)
    ON CONFLICT (code) DO UPDATE SET (name, place) = (EXCLUDED.name, EXCLUDED.place);
END $$;

CREATE OR REPLACE FUNCTION hall.outlet_list() RETURNS TABLE (code text, name text, place text, producers text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.code, o.name, o.place, (SELECT string_agg(s.name, ', ' ORDER BY s.name) FROM staff s WHERE s.outlet = o.code AND s.active)
      FROM outlet o ORDER BY o.code;
END $$;

-- Members of staff are created by an administrator's command. (INSERT … ON CONFLICT must not be used: the trigger that audits a new
-- row would write about a row that is never inserted, and the chains would be found broken.)
CREATE OR REPLACE FUNCTION hall.staff_put(new_id uuid, new_name text, shown text, secret text, new_roles text[], of_outlet text DEFAULT NULL)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF ('outlet' = ANY (new_roles)) <> (of_outlet IS NOT NULL) OR (of_outlet IS NOT NULL AND cardinality(new_roles) > 1) THEN
        PERFORM refuse(422, 'a producer of an outlet has the role outlet alone, and the outlet''s code', '/outlet');
    ELSIF of_outlet IS NOT NULL AND NOT EXISTS (SELECT FROM outlet WHERE code = of_outlet) THEN
        PERFORM refuse(422, format('there is no outlet %s', of_outlet), '/outlet');
    END IF;
    DELETE FROM login_try WHERE who = staff_key(new_name);
    DELETE FROM session WHERE staff = (SELECT s.id FROM staff s WHERE s.name = new_name); -- of the old password
    UPDATE staff SET (display_name, password, roles, outlet, active) = (shown, secret, new_roles, of_outlet, true) WHERE name = new_name;
    IF NOT FOUND THEN
        INSERT INTO staff (id, name, display_name, password, roles, outlet)
        VALUES (new_id, new_name, shown, secret, new_roles, of_outlet);
    END IF;
END $$;

-- Ends the sessions of a member of staff; `locked`: nobody comes in under that name until it gets a password anew.
CREATE OR REPLACE FUNCTION hall.staff_end(wanted text, locked bool) RETURNS bool
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE who uuid := (SELECT s.id FROM staff s WHERE s.name = wanted);
BEGIN
    DELETE FROM session WHERE staff = who;
    UPDATE staff SET active = false WHERE id = who AND locked AND active;
    RETURN who IS NOT NULL;
END $$;
