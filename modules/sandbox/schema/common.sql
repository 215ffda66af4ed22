-- SPDX-License-Identifier: Apache-2.0
-- Database of the sandbox: what vendors share. What one of them knows is schema.sql of its folder. Loaded at `up` by the
-- cluster's owner; harmless to load again.
CREATE SCHEMA IF NOT EXISTS sandbox;

-- How the vendors misbehave at the moment; a key that is not here is off. Values: once, always.
CREATE TABLE IF NOT EXISTS sandbox.switch (
    key   text PRIMARY KEY,
    value text NOT NULL CHECK (value IN ('off', 'once', 'always'))
);

-- True when the switch is on; one that is on once is off afterwards.
CREATE OR REPLACE FUNCTION sandbox.switched(wanted text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE v text;
BEGIN
    SELECT value INTO v FROM sandbox.switch WHERE key = wanted FOR UPDATE;
    IF v = 'once' THEN
        UPDATE sandbox.switch SET value = 'off' WHERE key = wanted;
    END IF;
    RETURN coalesce(v IN ('once', 'always'), false);
END $$;

-- What vendors report by themselves, until the customer takes it. `about` is the vendor's own number of what it is about,
-- `facts` what the report says beyond that row (modules/sandbox/notifier.h).
CREATE TABLE IF NOT EXISTS sandbox.notice (
    id       text PRIMARY KEY,
    vendor   text NOT NULL,
    kind     text NOT NULL,
    about    text NOT NULL,
    url      text NOT NULL,
    facts    jsonb NOT NULL DEFAULT '{}',
    created  timestamptz NOT NULL DEFAULT now(),
    tries    int NOT NULL DEFAULT 0,
    next     timestamptz,                       -- null: accepted or given up
    accepted timestamptz
);
CREATE INDEX IF NOT EXISTS notice_next ON sandbox.notice (next) WHERE next IS NOT NULL;
CREATE INDEX IF NOT EXISTS notice_about ON sandbox.notice (about);
