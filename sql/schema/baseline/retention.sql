-- Retention: what is erased, and when.

-- How long after which event each kind of data is erased.
CREATE TABLE hall.retention (
    what  text PRIMARY KEY CHECK (what IN ('order', 'refunded', 'cancelled', 'draft', 'face', 'message')),
    name  text NOT NULL,
    event text NOT NULL, -- the event at which the time begins, in words
    after interval NOT NULL CHECK (after >= interval '1 hour')
);

-- Every encrypted place, and what happens to it when its order is erased. `rows` selects its rows that belong to the order ($1);
-- NULL: it stays, for the reason in `kept`. An encrypted column that is missing here makes the erasing fail (and a test).
CREATE TABLE hall.retention_place (
    place  text PRIMARY KEY REFERENCES hall.encrypted_column,
    "rows" text,
    kept   text,
    CHECK (("rows" IS NULL) <> (kept IS NULL))
);
