-- Loads sql/code into the database: every function, view and trigger that the files hold, and nothing else, in one transaction.
-- Read by psql behind the calls that tools/sqlcode makes of the files and of the programs' statements (tools/setup/database.sh):
-- what is not changed is not touched, so that running programs notice an upgrade by nothing but its result.

-- One object of the files. A function's other overloads of the same name go; so does what stood in the way of a new shape.
CREATE FUNCTION pg_temp.put(the_kind text, the_name text, definition text) RETURNS void
LANGUAGE plpgsql AS $put$
DECLARE
    new_hash bytea := sha256(convert_to(definition, 'UTF8'));
    before oid[] := ARRAY(SELECT oid FROM pg_proc WHERE pronamespace = 'hall'::regnamespace AND proname = the_name);
    after oid;
BEGIN
    INSERT INTO pg_temp.loaded VALUES (the_kind, the_name);
    IF pg_temp.there(the_kind, the_name)
       AND EXISTS (SELECT FROM hall.code WHERE kind = the_kind AND name = the_name AND hash = new_hash) THEN
        RETURN;
    END IF;
    IF the_kind = 'trigger' AND definition LIKE 'CREATE CONSTRAINT%' THEN
        PERFORM pg_temp.drop_object('trigger', the_name);
    END IF;
    BEGIN
        EXECUTE definition;
    EXCEPTION WHEN invalid_function_definition OR invalid_table_definition THEN -- another result, other columns
        PERFORM pg_temp.drop_object(the_kind, the_name);
        before := '{}';
        EXECUTE definition;
    END;
    IF the_kind = 'function' THEN
        SELECT max(oid) INTO after FROM pg_proc WHERE pronamespace = 'hall'::regnamespace AND proname = the_name;
        IF after <> ALL (before) THEN -- other parameters than before
            PERFORM pg_temp.drop_function(f) FROM unnest(before) f;
        END IF;
    END IF;
    INSERT INTO hall.code VALUES (the_kind, the_name, new_hash) ON CONFLICT (kind, name) DO UPDATE SET hash = EXCLUDED.hash;
    INSERT INTO pg_temp.changed VALUES (the_kind, the_name);
END $put$;

CREATE FUNCTION pg_temp.there(the_kind text, the_name text) RETURNS bool
LANGUAGE sql AS $$
    SELECT CASE the_kind
        WHEN 'function' THEN EXISTS (SELECT FROM pg_proc WHERE pronamespace = 'hall'::regnamespace AND proname = the_name)
        WHEN 'view' THEN to_regclass('hall.' || the_name) IS NOT NULL
        ELSE EXISTS (SELECT FROM pg_trigger WHERE tgrelid = to_regclass('hall.' || split_part(the_name, '.', 1))
                        AND tgname = split_part(the_name, '.', 2)) END $$;

-- Views and triggers that stand on it go along; they are put again, since they come after all functions.
CREATE FUNCTION pg_temp.drop_function(f oid) RETURNS void
LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('DROP ROUTINE %s CASCADE', f::regprocedure); END $$;

CREATE FUNCTION pg_temp.drop_object(the_kind text, the_name text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    IF the_kind = 'function' THEN
        PERFORM pg_temp.drop_function(oid) FROM pg_proc WHERE pronamespace = 'hall'::regnamespace AND proname = the_name;
    ELSIF the_kind = 'view' THEN
        EXECUTE format('DROP VIEW IF EXISTS hall.%I CASCADE', the_name);
    ELSE
        EXECUTE format('DROP TRIGGER IF EXISTS %I ON hall.%I', split_part(the_name, '.', 2), split_part(the_name, '.', 1));
    END IF;
END $$;

-- What the files hold no longer goes; what is there must be whole, and a function that is written in SQL right.
CREATE FUNCTION pg_temp.finish() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    gone hall.code;
    lost text;
BEGIN
    FOR gone IN DELETE FROM hall.code c WHERE NOT EXISTS (SELECT FROM pg_temp.loaded l WHERE l.kind = c.kind AND l.name = c.name)
                RETURNING * LOOP
        PERFORM pg_temp.drop_object(gone.kind, gone.name);
    END LOOP;
    SELECT string_agg(kind || ' ' || name, ', ') INTO lost FROM hall.code WHERE NOT pg_temp.there(kind, name);
    IF lost IS NOT NULL THEN
        RAISE EXCEPTION 'it did not outlast the loading: %', lost; -- a view that a later one took along
    END IF;
    SET LOCAL check_function_bodies = on;
    SET LOCAL search_path = hall, public, pg_temp; -- the validators do not set what a function sets for itself
    PERFORM fmgr_sql_validator(p.oid) FROM pg_proc p JOIN pg_language g ON g.oid = p.prolang AND g.lanname = 'sql'
     WHERE p.pronamespace = 'hall'::regnamespace;
    PERFORM plpgsql_validator(p.oid) FROM pg_proc p JOIN pg_language g ON g.oid = p.prolang AND g.lanname = 'plpgsql'
      JOIN pg_temp.changed c ON c.kind = 'function' AND c.name = p.proname WHERE p.pronamespace = 'hall'::regnamespace;
    -- A day is a day of Beijing, whoever asks, and times are written as people there read them.
    EXECUTE format('ALTER DATABASE %I SET timezone = %L', current_database(), 'Asia/Shanghai');
    -- Programs connect by grants of their own. They make no temporary tables, large objects and messages in the write-ahead log, which could
    -- fill the disk; take no advisory locks, for which the hall's functions would wait; run no code but the hall's; and use up no
    -- transaction numbers.
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    REVOKE USAGE ON LANGUAGE plpgsql, sql FROM PUBLIC;
    FOR lost IN SELECT oid::regprocedure::text FROM pg_proc p WHERE pronamespace = 'pg_catalog'::regnamespace
                   AND (proname LIKE 'lo\_%' OR proname LIKE 'pg\_%advisory%' OR proname IN ('pg_logical_emit_message', 'pg_export_snapshot', 'pg_notify', 'txid_current', 'pg_current_xact_id'))
                   AND has_function_privilege('public', oid, 'EXECUTE') LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', lost);
    END LOOP;
END $$;

-- A role for each program, which may use just what the program's statements name: `uses` has a row for each name, with
-- parentheses when it is a function.
CREATE FUNCTION pg_temp.put_role(program text) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE role text := 'certhall_' || program;
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = role) THEN
        EXECUTE format('CREATE ROLE %I LOGIN', role);
    END IF;
    IF NOT has_database_privilege(role, current_database(), 'CONNECT') THEN
        EXECUTE format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), role);
    END IF;
    IF NOT has_schema_privilege(role, 'hall', 'USAGE') THEN
        EXECUTE format('GRANT USAGE ON SCHEMA hall TO %I', role);
    END IF;
    -- What a program has set for its own role goes, so that nothing of it outlasts whoever has broken in.
    EXECUTE format('ALTER ROLE %I RESET ALL', role);
    EXECUTE format('ALTER ROLE %I IN DATABASE %I RESET ALL', role, current_database());
    -- What is sorted on the disk fills it only so far. An operator's commands read whatever there is.
    IF program <> 'admin' THEN
        EXECUTE format('ALTER ROLE %I IN DATABASE %I SET temp_file_limit = %L', role, current_database(), '256MB');
    END IF;
    -- A statement keeps its plan: left to itself PostgreSQL takes one of many months for so dear that it rather plans each time for
    -- the one month it needs, which costs more than any plan's execution. Functions whose plan depends on what is asked for say so
    -- themselves.
    EXECUTE format('ALTER ROLE %I IN DATABASE %I SET plan_cache_mode = force_generic_plan', role, current_database());
END $$;

CREATE FUNCTION pg_temp.grant_uses() RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
    command text;
    unknown text;
BEGIN
    SELECT string_agg(DISTINCT program || ': ' || name, ', ') INTO unknown FROM pg_temp.uses
     WHERE NOT CASE WHEN name LIKE '%()' THEN pg_temp.there('function', replace(substr(name, 6), '()', ''))
                    ELSE to_regclass(name) IS NOT NULL END;
    IF unknown IS NOT NULL THEN
        RAISE EXCEPTION 'statements name what is not there: %', unknown;
    END IF;
    FOR command IN
        WITH RECURSIVE read(role, relation) AS ( -- what the statements name, and what the views among it stand on
            SELECT r.oid, u.name::regclass::oid FROM pg_temp.uses u JOIN pg_roles r ON r.rolname = 'certhall_' || u.program
             WHERE u.name NOT LIKE '%()'
             UNION SELECT v.role, d.refobjid FROM read v JOIN pg_rewrite w ON w.ev_class = v.relation
              JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_class'::regclass),
        wanted AS (
            SELECT r.oid AS role, 'ROUTINE' AS kind, p.oid::regprocedure::text AS object, 'EXECUTE' AS what
              FROM pg_temp.uses u JOIN pg_roles r ON r.rolname = 'certhall_' || u.program
              JOIN pg_proc p ON p.pronamespace = 'hall'::regnamespace AND 'hall.' || p.proname || '()' = u.name
             UNION SELECT v.role, 'ROUTINE', d.refobjid::regprocedure::text, 'EXECUTE' -- what a view calls, its reader calls
              FROM read v JOIN pg_rewrite w ON w.ev_class = v.relation
              JOIN pg_depend d ON d.classid = 'pg_rewrite'::regclass AND d.objid = w.oid AND d.refclassid = 'pg_proc'::regclass
              JOIN pg_proc p ON p.oid = d.refobjid AND p.pronamespace = 'hall'::regnamespace
             UNION SELECT r.oid, 'TABLE', u.name::regclass::text, 'SELECT'
              FROM pg_temp.uses u JOIN pg_roles r ON r.rolname = 'certhall_' || u.program WHERE u.name NOT LIKE '%()'),
        held AS (
            SELECT a.grantee AS role, 'ROUTINE' AS kind, p.oid::regprocedure::text AS object, a.privilege_type AS what
              FROM pg_proc p, aclexplode(p.proacl) a WHERE p.pronamespace = 'hall'::regnamespace AND a.grantee <> p.proowner
             UNION SELECT a.grantee, 'TABLE', c.oid::regclass::text, a.privilege_type
              FROM pg_class c, aclexplode(c.relacl) a WHERE c.relnamespace = 'hall'::regnamespace AND a.grantee <> c.relowner)
        SELECT format('REVOKE %s ON %s %s FROM %s', what, kind, object, CASE role WHEN 0 THEN 'PUBLIC' ELSE role::regrole::text END)
          FROM (SELECT * FROM held EXCEPT SELECT * FROM wanted) surplus
        UNION ALL
        SELECT format('GRANT %s ON %s %s TO %s', what, kind, object, role::regrole)
          FROM (SELECT * FROM wanted EXCEPT SELECT * FROM held) lacking
    LOOP
        EXECUTE command;
    END LOOP;
END $$;

CREATE TEMP TABLE loaded (kind text, name text, PRIMARY KEY (kind, name));
CREATE TEMP TABLE changed (kind text, name text);
CREATE TEMP TABLE uses (program text, name text, PRIMARY KEY (program, name));
SET LOCAL check_function_bodies = off;
