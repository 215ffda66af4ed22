-- Certificates, requests for them, and their published status.

CREATE TABLE hall.certificate (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    serial        text NOT NULL CHECK (serial ~ '^([0-9A-F]{2}){8,20}$'), -- ours have 8 bytes, others up to 20
    order_id      uuid NOT NULL REFERENCES hall.orders,
    algorithm     text NOT NULL,
    state         text NOT NULL DEFAULT 'issuing' CHECK (state IN ('issuing', 'valid', 'hold', 'revoked')),
    subject       text,
    not_before    timestamptz NOT NULL,
    not_after     timestamptz NOT NULL,
    tbs_sm3       bytea NOT NULL CHECK (length(tbs_sm3) = 32),
    certificate   bytea,
    key_file      bytea, -- PKCS#12 under the PIN; NULL once it was handed over
    issued_at     timestamptz,
    audit_seq     int NOT NULL,
    audit_head    bytea NOT NULL,
    ca            text NOT NULL REFERENCES hall.ca,
    profile       text, -- its row of the profiles, against which the lint checks it
    item          int NOT NULL DEFAULT 1 CHECK (item > 0),
    key_use       text NOT NULL DEFAULT 'signature' CHECK (key_use IN ('signature', 'encryption')),
    public_sha256 bytea CHECK (length(public_sha256) = 32), -- of the SubjectPublicKeyInfo; a key is certified only once
    enveloped_key bytea, -- SM2EnvelopedKey (GM/T 0009) with an encryption key, for the token
    replaces      uuid REFERENCES hall.certificate, -- the certificate that is revoked when this one is issued
    reason        text CHECK (reason IN ('unspecified', 'key_compromise', 'affiliation_changed', 'superseded', 'cessation',
                                             'privilege_withdrawn', 'hold')), -- RFC 5280, 5.3.1
    revoked_at    timestamptz,
    unsigned      bool NOT NULL DEFAULT false, -- its revocation was not signed by two people: the signer gives it out as a hold
    CHECK ((state = 'issuing') = (certificate IS NULL)),
    CHECK (not_after > not_before),
    CONSTRAINT certificate_serial_key UNIQUE (ca, serial),
    CONSTRAINT certificate_own_serial CHECK (ca <> algorithm OR length(serial) = 16),
    CONSTRAINT certificate_revoked CHECK ((state IN ('hold', 'revoked')) = (revoked_at IS NOT NULL)
                                              AND (revoked_at IS NULL) = (reason IS NULL)
                                              AND (state = 'hold') = (coalesce(reason, '') = 'hold'))
);
SELECT hall.audit_shows('certificate', 'value', '{serial, order_id, algorithm, state, not_before, not_after, issued_at, ca, profile, item,
        key_use, replaces, reason, revoked_at, unsigned}'),
       hall.audit_shows('certificate', 'words', '{subject}'),
       hall.audit_shows('certificate', 'commitment', '{tbs_sm3, certificate, key_file, public_sha256, enveloped_key}'),
       hall.audit_shows('certificate', 'nothing', '{id, audit_seq, audit_head}');
CREATE UNIQUE INDEX certificate_public ON hall.certificate (public_sha256) WHERE state <> 'issuing';
CREATE UNIQUE INDEX certificate_issuing ON hall.certificate (order_id, item, key_use) WHERE state = 'issuing';
CREATE UNIQUE INDEX certificate_valid ON hall.certificate (order_id, item, key_use) WHERE state = 'valid';
CREATE INDEX certificate_order ON hall.certificate (order_id);
CREATE INDEX certificate_lint ON hall.certificate (ca, id) WHERE state IN ('valid', 'hold');
CREATE INDEX certificate_issued ON hall.certificate (issued_at, id) WHERE state <> 'issuing';
CREATE INDEX certificate_ends ON hall.certificate (not_after) WHERE state = 'valid'; -- hall.expiry_tell
CREATE INDEX certificate_replaces ON hall.certificate (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX certificate_by_serial ON hall.certificate (serial);
CREATE INDEX certificate_listed ON hall.certificate (ca) WHERE state IN ('hold', 'revoked');
CREATE INDEX certificate_der ON hall.certificate USING hash (certificate);

-- A request to certify a key, made by a token, or by the signer for an external authority.
CREATE TABLE hall.csr (
    order_id      uuid NOT NULL REFERENCES hall.orders,
    item          int NOT NULL DEFAULT 1 CHECK (item > 0),
    request       bytea NOT NULL, -- PKCS#10, DER
    public_sha256 bytea NOT NULL UNIQUE CHECK (length(public_sha256) = 32),
    brought_by    uuid REFERENCES hall.staff, -- NULL: the signer made it
    key_encrypted bytea, -- in that case its key, encrypted under the signer's own key until the certificate is there
    state         text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'answered', 'refused', 'done')),
    answer        bytea, -- the external authority's certificate, not checked yet
    reason        text, -- of a refusal; shown to staff
    at            timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (order_id, item),
    CHECK (key_encrypted IS NULL OR (brought_by IS NULL AND state IN ('new', 'answered'))),
    CHECK (state <> 'answered' OR answer IS NOT NULL)
);

CREATE TABLE hall.key_file_take (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES hall.orders,
    at       timestamptz NOT NULL DEFAULT now(),
    item     int NOT NULL DEFAULT 1 CHECK (item > 0)
);
CREATE INDEX key_file_take_order ON hall.key_file_take (order_id);

-- The changes that revocation lists have to contain, and the first list that contains each.
CREATE TABLE hall.crl_change (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    ca          text NOT NULL REFERENCES hall.ca,
    certificate uuid NOT NULL REFERENCES hall.certificate,
    at          timestamptz NOT NULL DEFAULT now(),
    number      bigint -- NULL: no list yet
);
CREATE INDEX crl_change_number ON hall.crl_change (ca, number);

-- The published status of each of our own certificates, from its issuance until it ends.
CREATE TABLE hall.ocsp_response (
    certificate uuid PRIMARY KEY REFERENCES hall.certificate,
    ca          text NOT NULL REFERENCES hall.ca,
    serial      text NOT NULL,
    state       text CHECK (state IN ('good', 'hold', 'revoked')),
    der         bytea, -- NULL: no status can be signed that would be true
    etag        text,
    this_update timestamptz,
    next_update timestamptz,
    due_at      timestamptz NOT NULL DEFAULT '-infinity', -- when the next one is to be signed, at half of its validity
    UNIQUE (ca, serial),
    CHECK (num_nulls(state, der, etag, this_update, next_update) IN (0, 5)),
    CHECK (next_update > this_update)
);
CREATE INDEX ocsp_response_due ON hall.ocsp_response (ca, due_at);
CREATE INDEX ocsp_response_other ON hall.ocsp_response (ca, state) WHERE state <> 'good' OR state IS NULL;

-- What the lint has found wrong with a certificate of an order or of the authority. A row is deleted when a later night does not find
-- the fault any more.
CREATE TABLE hall.lint_finding (
    certificate    uuid REFERENCES hall.certificate ON DELETE CASCADE,
    ca_certificate uuid REFERENCES hall.ca_certificate ON DELETE CASCADE,
    rule           text NOT NULL, -- a rule of core/pki/lint.c
    sentence       text NOT NULL,
    found_at       timestamptz NOT NULL DEFAULT now(),
    CHECK (num_nonnulls(certificate, ca_certificate) = 1)
);
CREATE UNIQUE INDEX lint_finding_certificate ON hall.lint_finding (certificate, rule) WHERE certificate IS NOT NULL;
CREATE UNIQUE INDEX lint_finding_ca ON hall.lint_finding (ca_certificate, rule) WHERE ca_certificate IS NOT NULL;
CREATE INDEX lint_finding_found ON hall.lint_finding (found_at);

-- Requests of the public for the serial numbers of a unit. The caller gets the same answer at the same pace whether there are any or
-- not; the runner looks them up.
CREATE TABLE hall.serials_request (
    id        uuid PRIMARY KEY,
    unit_hash bytea NOT NULL,
    unit_name text NOT NULL
);

ALTER TABLE hall.orders ADD FOREIGN KEY (replaces) REFERENCES hall.certificate;
