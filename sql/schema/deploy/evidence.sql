-- Deploy certhall:evidence to pg
BEGIN;
-- Evidence packages of orders (docs/evidence.md). The package is a file of the store, under the row's id, until its time is over; the row
-- stays.
CREATE TABLE hall.evidence (
    id         uuid PRIMARY KEY,
    order_id   uuid NOT NULL REFERENCES hall.orders,
    staff      uuid NOT NULL REFERENCES hall.staff, -- the auditor who has asked
    reason     bytea NOT NULL, -- encrypted, place "evidence.reason"
    asked_at   timestamptz NOT NULL DEFAULT now(),
    state      text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'made', 'failed', 'ended')),
    sha256     bytea CHECK (length(sha256) = 32), -- of the manifest, which the signer signs
    sm3        bytea CHECK (length(sm3) = 32),
    signature  bytea, -- CMS, detached
    stamped    bool NOT NULL DEFAULT false, -- has a time stamp
    made_at    timestamptz,
    bytes      int CHECK (bytes > 0),
    file_key   bytea NOT NULL DEFAULT '', -- encrypted, place "evidence.key"
    CHECK ((sha256 IS NULL) = (sm3 IS NULL)),
    CHECK (signature IS NULL OR sha256 IS NOT NULL),
    CHECK ((made_at IS NULL) = (bytes IS NULL)),
    CHECK (state NOT IN ('made', 'ended') OR made_at IS NOT NULL),
    CHECK ((state = 'made') = (file_key <> ''))
);
CREATE INDEX evidence_order ON hall.evidence (order_id, id);
CREATE UNIQUE INDEX evidence_asked ON hall.evidence (order_id) WHERE state = 'asked'; -- one at a time
CREATE INDEX evidence_made ON hall.evidence (made_at) WHERE state = 'made'; -- hall.retention_due
SELECT hall.encrypted_column_add('evidence.reason', 'evidence', 'reason', 'id');
SELECT hall.encrypted_column_add('evidence.key', 'evidence', 'file_key', 'id');

-- The evidence signer, a role of an authority of our own.
ALTER TABLE hall.ca_certificate DROP CONSTRAINT ca_certificate_role_check,
    ADD CONSTRAINT ca_certificate_role_check CHECK (role IN ('root', 'issuing', 'ocsp', 'seal', 'evidence'));
ALTER TABLE hall.signature DROP CONSTRAINT signature_key_check, DROP CONSTRAINT signature_kind_check,
    ADD CONSTRAINT signature_key_check CHECK (key IN ('issuing', 'ocsp', 'seal', 'evidence')),
    ADD CONSTRAINT signature_kind_check CHECK (kind IN ('certificate', 'request', 'crl', 'ocsp', 'ocsp_signer', 'seal', 'evidence'));

ALTER TABLE hall.retention DROP CONSTRAINT retention_what_check, ADD CONSTRAINT retention_what_check
    CHECK (what IN ('order', 'refunded', 'cancelled', 'draft', 'face', 'message', 'rebinding', 'evidence'));
COMMIT;
