-- Regions, working days, bank branches, couriers.

CREATE TABLE hall.region (
    code   text PRIMARY KEY CHECK (code ~ '^[0-9]{2}([0-9]{2}){0,2}([0-9]{3})?$'),
    name   text NOT NULL,
    parent text REFERENCES hall.region,
    level  int NOT NULL CHECK (level BETWEEN 1 AND 4),
    -- A place that the newest list no longer has: kept for the orders that name it, not offered.
    gone   bool NOT NULL DEFAULT false
);
CREATE INDEX region_parent ON hall.region (parent);

-- A day that differs from its weekday: holidays, and weekends that are worked. A year without rows is not known.
CREATE TABLE hall.calendar (
    day     date PRIMARY KEY,
    working bool NOT NULL,
    name    text NOT NULL
);

-- A name as it is searched: without what nearly all have, and without what nobody types.
CREATE FUNCTION hall.bank_short(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(regexp_replace(name, '股份有限公司|有限责任公司|有限公司|[[:space:][:punct:]（）·、，。]', '', 'g')) $$;

CREATE FUNCTION hall.bigrams(s text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(s, n, 2)), '{}') FROM generate_series(1, length(s) - 1) n $$;

CREATE TABLE hall.bank_branch (
    cnaps   text PRIMARY KEY CHECK (cnaps ~ '^[0-9]{12}$'),
    bank    text NOT NULL,
    name    text NOT NULL,
    offered bool NOT NULL DEFAULT true, -- false: it was in the list once
    short   text NOT NULL GENERATED ALWAYS AS (hall.bank_short(name)) STORED,
    grams   text[] NOT NULL GENERATED ALWAYS AS (hall.bigrams(hall.bank_short(name))) STORED
);
CREATE INDEX bank_branch_grams ON hall.bank_branch USING gin (grams) WITH (fastupdate = off) WHERE offered;
CREATE INDEX bank_branch_rank ON hall.bank_branch (length(short), cnaps) WHERE offered;
CREATE INDEX bank_branch_number ON hall.bank_branch (cnaps text_pattern_ops) WHERE offered;
ALTER TABLE hall.bank_branch ALTER grams SET STATISTICS 1000;

-- How many branches have a pair: the rarer, the more it tells.
CREATE TABLE hall.bank_gram (
    gram text PRIMARY KEY,
    n    int NOT NULL
);

-- What people call banks. Rows are in sql/data/bank.sql.
CREATE TABLE hall.bank_synonym (
    word  text PRIMARY KEY,
    means text NOT NULL
);

-- The list comes anew as a whole (certhall-admin banks): all of it, or nothing.
CREATE UNLOGGED TABLE hall.bank_import (
    line  int NOT NULL,
    cnaps text NOT NULL,
    bank  text NOT NULL,
    name  text NOT NULL
);

CREATE TABLE hall.courier (
    code   text PRIMARY KEY CHECK (code ~ '^[a-z]{2,8}$'),
    name   text NOT NULL,
    orders bool NOT NULL -- parcels are ordered and followed through core/gateway; else the number is typed in
);

-- Ways of paying. What is paid online is asked for, asked after and given back by the runner, through core/gateway/payway.h, and
-- compared with the vendor's bill; what is transferred is found and given back by people.
CREATE TABLE hall.payment_channel (
    code   text PRIMARY KEY CHECK (code ~ '^[a-z]{2,16}$'),
    pos    int NOT NULL, -- where all of them are listed
    name   text NOT NULL,
    app    text, -- what one pays with online: 微信
    page   bool NOT NULL DEFAULT false, -- one may pay on a page of the vendor's own as well
    hint   text NOT NULL, -- what paying this way means, for who chooses
    online bool NOT NULL GENERATED ALWAYS AS (app IS NOT NULL) STORED,
    UNIQUE (code, online),
    CHECK (app IS NOT NULL OR NOT page)
);
