-- What is erased when.

-- What goes how long after what.
CREATE TABLE hall.retention (
    what  text PRIMARY KEY CHECK (what IN ('order', 'refunded', 'cancelled', 'draft', 'face', 'message')),
    name  text NOT NULL,
    event text NOT NULL, -- the clock's beginning, in words
    after interval NOT NULL CHECK (after >= interval '1 hour')
);

-- Every encrypted place: what becomes of it when its order is erased. `rows` says which of its rows are the order's ($1); NULL:
-- it stays, for the reason that `kept` gives. A column that is encrypted and not here stops the erasing (and a test).
CREATE TABLE hall.retention_place (
    place  text PRIMARY KEY REFERENCES hall.encrypted_column,
    "rows" text,
    kept   text,
    CHECK (("rows" IS NULL) <> (kept IS NULL))
);
