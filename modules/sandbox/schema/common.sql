-- SPDX-License-Identifier: Apache-2.0
-- The sandbox's database: what vendors have in common. Each vendor's own tables are in schema.sql of its folder. Loaded at `up` by
-- the cluster's owner; may be loaded again.
CREATE SCHEMA IF NOT EXISTS sandbox;

-- The switches that make vendors misbehave now; a key that is not here is off. Values: once, always.
CREATE TABLE IF NOT EXISTS sandbox.switch (
    key   text PRIMARY KEY,
    value text NOT NULL CHECK (value IN ('off', 'once', 'always'))
);

-- True when the switch is on; a switch with value once is off afterwards.
CREATE OR REPLACE FUNCTION sandbox.switched(wanted text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE v text;
BEGIN
    SELECT value INTO v FROM sandbox.switch WHERE key = wanted FOR UPDATE;
    IF v = 'once' THEN
        UPDATE sandbox.switch SET value = 'off' WHERE key = wanted;
    END IF;
    RETURN coalesce(v IN ('once', 'always'), false);
END $$;

-- The vendors' notifications, until the customer acknowledges them. `about` is the vendor's own number of the subject, `facts` what
-- the notification says in addition (modules/sandbox/notifier.h).
CREATE TABLE IF NOT EXISTS sandbox.notice (
    id       text PRIMARY KEY,
    vendor   text NOT NULL,
    kind     text NOT NULL,
    about    text NOT NULL,
    url      text NOT NULL,
    facts    jsonb NOT NULL DEFAULT '{}',
    created  timestamptz NOT NULL DEFAULT now(),
    tries    int NOT NULL DEFAULT 0,
    next     timestamptz,                       -- null: acknowledged or given up
    accepted timestamptz
);
CREATE INDEX IF NOT EXISTS notice_next ON sandbox.notice (next) WHERE next IS NOT NULL;
CREATE INDEX IF NOT EXISTS notice_about ON sandbox.notice (about);
