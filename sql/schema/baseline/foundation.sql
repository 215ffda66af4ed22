-- What everything stands on: data keys of encrypted columns, and which columns are encrypted.

CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE SCHEMA hall;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- Who calls, as hall.enter has found out (sql/code/caller.sql).
CREATE TYPE hall.caller AS (
    kind    text,   -- account, staff, link, partner, system, nobody
    who     uuid,   -- the account, staff member, subject of the link, or partner's key
    project uuid,   -- that the request's path names
    roles   text[],
    program text,   -- of a caller of kind system
    op      text,   -- the operation, as in the table of routes
    address text,   -- of the client
    request text    -- its number in the logs
);

-- What a caller is authenticated with inside a transaction. No program's role can read it.
CREATE TABLE hall.caller_secret (secret bytea NOT NULL CHECK (length(secret) = 32));
CREATE UNIQUE INDEX caller_secret_one ON hall.caller_secret ((true));
INSERT INTO hall.caller_secret VALUES (public.gen_random_bytes(32));

-- Data keys of encrypted columns, wrapped under a key that is not in the database (core/crypto/ring.h). A key lives like this: made
-- and not yet used (all programs learn of it) -> active (new values are encrypted under it; every other value is encrypted anew, row by
-- row) -> retired -> gone, when no row is left under it: foreign keys of the encrypted columns see to it that a key which is still
-- needed cannot be deleted, and that nothing is stored under one that is gone.
CREATE TABLE hall.data_key (
    id         int PRIMARY KEY,
    kek        int NOT NULL,
    wrapped    bytea NOT NULL,
    active     bool NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz
);
CREATE UNIQUE INDEX data_key_active ON hall.data_key (active) WHERE active;

CREATE TABLE hall.data_key_gone (
    id         int PRIMARY KEY, -- never given again
    created_at timestamptz NOT NULL,
    retired_at timestamptz NOT NULL,
    gone_at    timestamptz NOT NULL DEFAULT now()
);

-- Every encrypted column there is: `place` as in core/crypto/ring.h, `row` the column whose value stands behind it.
CREATE TABLE hall.encrypted_column (
    place      text PRIMARY KEY,
    "table"    name NOT NULL,
    "column"   name NOT NULL,
    "row"      name NOT NULL,
    key_column name NOT NULL,
    UNIQUE ("table", "column")
);

-- What sql/code holds of the functions, views and triggers here, by the hash of their text (sql/load.sql).
CREATE TABLE hall.code (
    kind text NOT NULL CHECK (kind IN ('function', 'view', 'trigger')),
    name text NOT NULL, -- a trigger's with its table: orders.orders_duties
    hash bytea NOT NULL,
    PRIMARY KEY (kind, name)
);

-- The data key that an encrypted value names (core/crypto/ring.h); NULL for what is no encrypted value.
CREATE FUNCTION hall.key_of(encrypted bytea) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN length(encrypted) >= 33 AND get_byte(encrypted, 0) = 1 THEN
        get_byte(encrypted, 1) << 24 | get_byte(encrypted, 2) << 16 | get_byte(encrypted, 3) << 8 | get_byte(encrypted, 4) END $$;

-- Makes a column an encrypted one: its key beside it, known to the rotation of keys.
CREATE FUNCTION hall.encrypted_column_add(the_place text, the_table name, the_column name, the_row name) RETURNS void
LANGUAGE plpgsql SET search_path = hall, pg_temp AS $$
DECLARE key_column name := the_column || '_data_key';
BEGIN
    EXECUTE format('ALTER TABLE hall.%I ADD %I int GENERATED ALWAYS AS (hall.key_of(%I)) STORED REFERENCES hall.data_key',
                   the_table, key_column, the_column);
    EXECUTE format('CREATE INDEX ON hall.%I (%I, %I)', the_table, key_column, the_row);
    INSERT INTO encrypted_column VALUES (the_place, the_table, the_column, the_row, key_column);
END $$;
