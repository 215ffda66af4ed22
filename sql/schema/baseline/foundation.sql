-- The foundation: data keys of encrypted columns, and the list of encrypted columns.

CREATE EXTENSION IF NOT EXISTS pgcrypto;
CREATE EXTENSION IF NOT EXISTS pg_trgm;

CREATE SCHEMA hall;
REVOKE ALL ON SCHEMA public FROM PUBLIC;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

-- The caller of a transaction, as determined by hall.enter (sql/code/caller.sql).
CREATE TYPE hall.caller AS (
    kind    text,   -- account, staff, link, partner, system, nobody
    who     uuid,   -- the account, staff member, subject of the link, or key of the partner
    project uuid,   -- named by the request's path
    roles   text[],
    program text,   -- of a caller of kind system
    op      text,   -- the operation's name in the table of routes
    address text,   -- of the client
    request text,   -- the request's number in the logs
    session uuid    -- that the request came with, whether it counts here or not
);

-- The secret that authenticates what a transaction keeps about its caller. No program's role can read it.
CREATE TABLE hall.caller_secret (secret bytea NOT NULL CHECK (length(secret) = 32));
CREATE UNIQUE INDEX caller_secret_one ON hall.caller_secret ((true));
INSERT INTO hall.caller_secret VALUES (public.gen_random_bytes(32));

-- The data keys of encrypted columns (core/crypto/ring.h). A data key has a part for each folder of keys, wrapped under a key of that
-- folder, which is not in the database; so a program gets only the parts of its folders. The life of a data key:
-- created and unused, until all programs know it; active, when new values are encrypted under it and all other values are
-- re-encrypted row by row; retired; deleted, when no row uses it any more. Foreign keys of the encrypted columns ensure that a key
-- which is still needed cannot be deleted, and that nothing is stored under a deleted key.
CREATE TABLE hall.data_key (
    id         int PRIMARY KEY,
    active     bool NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    retired_at timestamptz
);
CREATE UNIQUE INDEX data_key_active ON hall.data_key (active) WHERE active;

CREATE TABLE hall.data_key_part (
    data_key int NOT NULL REFERENCES hall.data_key ON DELETE CASCADE,
    folder   text NOT NULL, -- of core/crypto/folders.tbl
    kek      int NOT NULL,
    wrapped  bytea NOT NULL,
    PRIMARY KEY (data_key, folder)
);

CREATE TABLE hall.data_key_gone (
    id         int PRIMARY KEY, -- never reused
    created_at timestamptz NOT NULL,
    retired_at timestamptz NOT NULL,
    gone_at    timestamptz NOT NULL DEFAULT now()
);

-- All encrypted columns. `place` is that of core/crypto/ring.h; `row` is the column whose value is bound to the encrypted value.
CREATE TABLE hall.encrypted_column (
    place      text PRIMARY KEY,
    "table"    name NOT NULL,
    "column"   name NOT NULL,
    "row"      name NOT NULL,
    key_column name NOT NULL,
    UNIQUE ("table", "column")
);

-- The functions, views and triggers of sql/code that are installed here, with the hash of their text (sql/load.sql).
CREATE TABLE hall.code (
    kind text NOT NULL CHECK (kind IN ('function', 'view', 'trigger')),
    name text NOT NULL, -- a trigger's name includes its table: orders.orders_duties
    hash bytea NOT NULL,
    PRIMARY KEY (kind, name)
);

-- The data key under which a value is encrypted (core/crypto/ring.h); NULL when the value is not an encrypted one.
CREATE FUNCTION hall.key_of(encrypted bytea) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN length(encrypted) >= 33 AND get_byte(encrypted, 0) = 1 THEN
        get_byte(encrypted, 1) << 24 | get_byte(encrypted, 2) << 16 | get_byte(encrypted, 3) << 8 | get_byte(encrypted, 4) END $$;

-- Makes a column an encrypted one: adds the column for its data key, and registers it for the rotation of keys.
CREATE FUNCTION hall.encrypted_column_add(the_place text, the_table name, the_column name, the_row name) RETURNS void
LANGUAGE plpgsql SET search_path = hall, pg_temp AS $$
DECLARE key_column name := the_column || '_data_key';
BEGIN
    EXECUTE format('ALTER TABLE hall.%I ADD %I int GENERATED ALWAYS AS (hall.key_of(%I)) STORED REFERENCES hall.data_key',
                   the_table, key_column, the_column);
    EXECUTE format('CREATE INDEX ON hall.%I (%I, %I)', the_table, key_column, the_row);
    INSERT INTO encrypted_column VALUES (the_place, the_table, the_column, the_row, key_column);
END $$;
