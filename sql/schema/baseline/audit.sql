-- The audit trail and its signed log.

CREATE TABLE hall.audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind    text NOT NULL,
    subject uuid NOT NULL,
    seq     int NOT NULL CHECK (seq > 0),
    at      timestamptz NOT NULL,
    actor   text NOT NULL,
    op      text NOT NULL,
    request text NOT NULL,
    detail  jsonb NOT NULL,
    head    bytea NOT NULL CHECK (length(head) = 32),
    UNIQUE (subject, seq)
);
CREATE INDEX audit_at ON hall.audit (at);

-- The Merkle log over audit rows (RFC 9162's hashing with SM3): a leaf's index is given when it is sealed.
CREATE TABLE hall.log_leaf (
    leaf     bigint PRIMARY KEY CHECK (leaf >= 0),
    audit_id bigint NOT NULL UNIQUE REFERENCES hall.audit,
    hash     bytea NOT NULL CHECK (length(hash) = 32)
);

CREATE TABLE hall.log_head (
    size      bigint PRIMARY KEY CHECK (size > 0),
    root      bytea NOT NULL CHECK (length(root) = 32),
    signature bytea NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);
