-- Regions, working days, bank branches, couriers.

CREATE TABLE hall.region (
    code   text PRIMARY KEY CHECK (code ~ '^[0-9]{2}([0-9]{2}){0,2}([0-9]{3})?$'),
    name   text NOT NULL,
    parent text REFERENCES hall.region,
    level  int NOT NULL CHECK (level BETWEEN 1 AND 4),
    -- A place that the newest list no longer has. It is kept for orders that name it, and not offered any more.
    gone   bool NOT NULL DEFAULT false
);
CREATE INDEX region_parent ON hall.region (parent);

-- Days that differ from their weekday: holidays, and weekends that are worked. A year without rows is unknown.
CREATE TABLE hall.calendar (
    day     date PRIMARY KEY,
    working bool NOT NULL,
    name    text NOT NULL
);

-- A name in the form in which it is searched: without the words that nearly all names have, and without what nobody types.
CREATE FUNCTION hall.bank_short(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(regexp_replace(name, '股份有限公司|有限责任公司|有限公司|[[:space:][:punct:]（）·、，。]', '', 'g')) $$;

-- Indexes call this for each row that is written; as an SQL function it would be planned each time.
CREATE FUNCTION hall.bigrams(s text) RETURNS text[]
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE AS $$
BEGIN
    RETURN (SELECT coalesce(array_agg(DISTINCT substr(s, n, 2)), '{}') FROM generate_series(1, length(s) - 1) n);
END $$;

CREATE TABLE hall.bank_branch (
    cnaps   text PRIMARY KEY CHECK (cnaps ~ '^[0-9]{12}$'),
    bank    text NOT NULL,
    name    text NOT NULL,
    offered bool NOT NULL DEFAULT true, -- false: an older list had it, the newest does not
    short   text NOT NULL GENERATED ALWAYS AS (hall.bank_short(name)) STORED,
    grams   text[] NOT NULL GENERATED ALWAYS AS (hall.bigrams(hall.bank_short(name))) STORED
);
CREATE INDEX bank_branch_grams ON hall.bank_branch USING gin (grams) WITH (fastupdate = off) WHERE offered;
CREATE INDEX bank_branch_rank ON hall.bank_branch (length(short), cnaps) WHERE offered;
CREATE INDEX bank_branch_number ON hall.bank_branch (cnaps text_pattern_ops) WHERE offered;
ALTER TABLE hall.bank_branch ALTER grams SET STATISTICS 1000;

-- How many branches have a pair of characters. A rare pair says more about a name than a frequent one.
CREATE TABLE hall.bank_gram (
    gram text PRIMARY KEY,
    n    int NOT NULL
);

-- The names that people use for banks. The rows are in sql/data/bank.sql.
CREATE TABLE hall.bank_synonym (
    word  text PRIMARY KEY,
    means text NOT NULL
);

-- The staging table of an import of the whole list (certhall-admin banks), which succeeds as a whole or changes nothing.
CREATE UNLOGGED TABLE hall.bank_import (
    line  int NOT NULL,
    cnaps text NOT NULL,
    bank  text NOT NULL,
    name  text NOT NULL
);

CREATE TABLE hall.courier (
    code   text PRIMARY KEY CHECK (code ~ '^[a-z]{2,8}$'),
    name   text NOT NULL,
    orders bool NOT NULL -- parcels are ordered and tracked through core/gateway; otherwise the waybill is typed in
);

-- Ways of paying. Online payments are requested, queried and refunded by the runner through core/gateway/payway.h, and compared with
-- the vendor's bill. Transfers are found and paid back by people.
CREATE TABLE hall.payment_channel (
    code   text PRIMARY KEY CHECK (code ~ '^[a-z]{2,16}$'),
    pos    int NOT NULL, -- its position where all ways of paying are listed
    name   text NOT NULL,
    app    text, -- the app to pay with: 微信
    page   bool NOT NULL DEFAULT false, -- one may also pay on the vendor's own page
    hint   text NOT NULL, -- an explanation for people who choose this way of paying
    online bool NOT NULL GENERATED ALWAYS AS (app IS NOT NULL) STORED,
    UNIQUE (code, online),
    CHECK (app IS NOT NULL OR NOT page)
);
