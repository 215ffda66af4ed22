-- The authorities, their certificates, the record of all signatures, revocation lists, and the nightly lint.

-- Issuing CAs: our own, named after their algorithm, and external ones that are reached by CMP (RFC 4210).
CREATE TABLE hall.ca (
    name      text PRIMARY KEY CHECK (name ~ '^[a-z0-9-]{1,16}$'),
    algorithm text NOT NULL CHECK (algorithm IN ('sm2', 'rsa', 'p256')),
    external  bool NOT NULL DEFAULT false
);

-- The certificates of the CAs. They are public, since everybody who checks a certificate needs them. The signer publishes its own
-- when it starts.
CREATE TABLE hall.ca_certificate (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    ca           text NOT NULL REFERENCES hall.ca,
    role         text NOT NULL CHECK (role IN ('root', 'issuing', 'ocsp', 'seal')),
    serial       text NOT NULL,
    subject      text NOT NULL,
    not_before   timestamptz NOT NULL,
    not_after    timestamptz NOT NULL,
    certificate  bytea NOT NULL UNIQUE,
    published_at timestamptz NOT NULL DEFAULT now()
);

-- Every signature made with the authority's keys, written before the key is used. `subject` is what was signed for (a certificate, a
-- list, a seal); `sm3` is the digest of the signed bytes.
CREATE TABLE hall.signature (
    id      bigint GENERATED ALWAYS AS IDENTITY,
    at      timestamptz NOT NULL DEFAULT now(),
    ca      text NOT NULL REFERENCES hall.ca,
    key     text NOT NULL CHECK (key IN ('issuing', 'ocsp', 'seal')),
    kind    text NOT NULL CHECK (kind IN ('certificate', 'request', 'crl', 'ocsp', 'ocsp_signer', 'seal')),
    subject text NOT NULL,
    sm3     bytea NOT NULL CHECK (length(sm3) = 32),
    PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
CREATE INDEX signature_ocsp ON hall.signature (at) WHERE kind = 'ocsp';

-- The revocation lists (RFC 5280) of our own CAs: a full list and, while an older list is still in force, a delta list with the
-- changes since that one. A number that was taken is never used again, even if the signer died after taking it.
CREATE TABLE hall.crl (
    ca            text NOT NULL REFERENCES hall.ca,
    number        bigint NOT NULL CHECK (number > 0),
    base          bigint, -- of the delta list: the oldest list that was still in force; NULL: there is no delta list
    this_update   timestamptz NOT NULL,
    next_update   timestamptz NOT NULL,
    der           bytea, -- NULL: not signed yet
    delta         bytea,
    entries       int,
    delta_entries int,
    waited        numeric(12, 3), -- seconds from the first change in the list to its signature; NULL: the list has no changes
    signed_at     timestamptz,
    PRIMARY KEY (ca, number),
    FOREIGN KEY (ca, base) REFERENCES hall.crl,
    CHECK (base < number),
    CHECK (next_update > this_update),
    CHECK ((der IS NULL) = (signed_at IS NULL) AND (der IS NULL) = (entries IS NULL)),
    CHECK ((delta IS NULL) = (delta_entries IS NULL) AND (delta IS NULL OR (base IS NOT NULL AND der IS NOT NULL)))
);

-- A nightly run of the lint. It goes through our own certificates in the order of their ids, one batch per job.
CREATE TABLE hall.lint (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    night        date NOT NULL UNIQUE,
    started_at   timestamptz NOT NULL DEFAULT now(),
    reached      uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    certificates int NOT NULL DEFAULT 0,
    ended_at     timestamptz
);
