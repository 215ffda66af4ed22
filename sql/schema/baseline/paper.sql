-- Uploaded papers, and the findings of their automatic checks.

CREATE TABLE hall.paper (
    id          uuid PRIMARY KEY,
    order_id    uuid NOT NULL REFERENCES hall.orders,
    code        text NOT NULL,
    file_name   text NOT NULL,
    mime        text NOT NULL,
    bytes       int NOT NULL CHECK (bytes > 0),
    sha256      bytea NOT NULL CHECK (length(sha256) = 32),
    file_key    bytea NOT NULL, -- encrypted, place "paper.key"
    state       text NOT NULL DEFAULT 'ok' CHECK (state IN ('ok', 'stale', 'rejected', 'replaced')),
    reason      text,
    uploaded_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX paper_current ON hall.paper (order_id, code) WHERE state <> 'replaced';
CREATE INDEX paper_order ON hall.paper (order_id);

CREATE TABLE hall.licence_check (
    paper_id    uuid PRIMARY KEY REFERENCES hall.paper,
    order_id    uuid NOT NULL REFERENCES hall.orders,
    state       text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'agrees', 'differs', 'unreadable')),
    fields      text[] NOT NULL DEFAULT '{}', -- fields of the form that differ
    seen        bytea, -- encrypted {"name","code","person"}, place "licence_check.seen"
    checked_at  timestamptz,
    CHECK ((state = 'differs') = (cardinality(fields) > 0))
);
CREATE INDEX licence_check_order ON hall.licence_check (order_id);

CREATE TABLE hall.paper_check (
    paper_id    uuid PRIMARY KEY REFERENCES hall.paper,
    order_id    uuid NOT NULL REFERENCES hall.orders,
    state       text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'done', 'unchecked')),
    pages       int CHECK (pages > 0), -- number of pages that were checked
    stamped     bool, -- it has something red with the shape of a stamp
    sharp       bool,
    sharpness   int CHECK (sharpness BETWEEN 0 AND 100),
    codes       text[] NOT NULL DEFAULT '{}' CHECK (cardinality(codes) <= 4), -- the hall's own QR codes on it: CH1|number|mark[|paper]
    checked_at  timestamptz,
    kept        text[] NOT NULL DEFAULT '{}', -- warnings that the applicant overruled (仍然使用)
    kept_by     uuid REFERENCES hall.account,
    kept_at     timestamptz,
    CHECK ((state = 'done') = (stamped IS NOT NULL AND sharp IS NOT NULL AND pages IS NOT NULL)),
    CHECK ((state = 'queued') = (checked_at IS NULL)),
    CHECK ((kept_by IS NULL) = (kept_at IS NULL) AND (kept_by IS NULL) = (cardinality(kept) = 0))
);
CREATE INDEX paper_check_order ON hall.paper_check (order_id);
