-- Deploy certhall:foundation to pg
-- The schema, the roles of the programs, and what a transaction knows of its caller.
BEGIN;

CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE SCHEMA hall;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- A role for each program; what it may do stands in `access`.
DO $$
DECLARE program text;
BEGIN
    FOREACH program IN ARRAY ARRAY['gate', 'new', 'material', 'identity', 'pay', 'finauth', 'orders', 'desk',
                                   'runner', 'signer', 'admin'] LOOP
        IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'certhall_' || program) THEN
            EXECUTE format('CREATE ROLE certhall_%s LOGIN', program);
        END IF;
        EXECUTE format('GRANT USAGE ON SCHEMA hall TO certhall_%s', program);
    END LOOP;
END $$;

-- Refusals that a person can act on: SQLSTATE CH<status>, the sentence, and the JSON pointer of the field.
CREATE FUNCTION hall.refuse(status int, sentence text, pointer text DEFAULT '') RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'CH' || status, MESSAGE = sentence, DETAIL = pointer;
END $$;

-- What hall.enter has found out about the caller, for the length of the transaction. NULL outside of one.
CREATE FUNCTION hall.known(what text) RETURNS text
LANGUAGE sql STABLE AS $$ SELECT nullif(current_setting('hall.' || what, true), '') $$;

CREATE FUNCTION hall.me() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT hall.known('who')::uuid $$;
CREATE FUNCTION hall.my_project() RETURNS uuid LANGUAGE sql STABLE AS $$ SELECT hall.known('project')::uuid $$;
-- account, staff, link or system.
CREATE FUNCTION hall.my_kind() RETURNS text LANGUAGE sql STABLE AS $$ SELECT hall.known('kind') $$;
CREATE FUNCTION hall.my_roles() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(hall.known('roles')::text[], '{}') $$;

-- The runner's and the signer's own transactions: no session, the role "system".
CREATE FUNCTION hall.enter_system(program text, op text) RETURNS void
LANGUAGE sql AS $$
    SELECT set_config('hall.kind', 'system', true), set_config('hall.who', '', true),
           set_config('hall.program', program, true), set_config('hall.roles', '{system}', true),
           set_config('hall.op', op, true);
$$;

-- Data keys of sealed columns, wrapped under a key that is not in the database (core/crypto/seal.h).
CREATE TABLE hall.data_key (
    id         int PRIMARY KEY,
    kek        int NOT NULL,
    wrapped    bytea NOT NULL,
    active     bool NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX data_key_active ON hall.data_key (active) WHERE active;

CREATE FUNCTION hall.data_keys() RETURNS TABLE (id int, kek int, wrapped bytea, active bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT k.id, k.kek, k.wrapped, k.active FROM hall.data_key k ORDER BY k.active, k.id $$;

COMMIT;
