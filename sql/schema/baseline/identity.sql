-- Phone authentication of the persons of an order.

CREATE TABLE hall.identity (
    id          uuid PRIMARY KEY,
    order_id    uuid REFERENCES hall.orders,
    state       text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'passed', 'failed', 'void')),
    step        text NOT NULL DEFAULT 'opened' CHECK (step IN ('opened', 'card', 'liveness')),
    front       bool NOT NULL DEFAULT false,
    back        bool NOT NULL DEFAULT false,
    carrier     bool, -- whether name, number and phone belong together, according to the carrier check; NULL: not known yet
    biz_token   text,
    reason      text,
    tries       int NOT NULL DEFAULT 0, -- liveness checks
    readings    int NOT NULL DEFAULT 0, -- pictures of the ID card that were sent to text recognition
    expires_at  timestamptz NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    passed_at   timestamptz,
    purpose     text NOT NULL DEFAULT 'phone' CHECK (purpose IN ('phone', 'loss', 'legal')),
    certificate uuid REFERENCES hall.certificate,
    project     uuid REFERENCES hall.project, -- the project on whose page it began; NULL: the hall's own pages
    role        text CHECK (role IN ('agent', 'holder', 'legal')),
    kind        text CHECK (kind IN ('hold', 'release')),
    serial      text,
    address     text,
    refusals    int NOT NULL DEFAULT 0, -- the number of cards that were not this person's
    outcome     text CHECK (outcome IN ('held', 'released', 'held_before', 'revoked', 'not_held', 'other_way',
        'late', 'expired')),
    asked_at    timestamptz, -- when a liveness check was last begun
    CONSTRAINT identity_purpose CHECK (CASE purpose
        WHEN 'phone' THEN order_id IS NOT NULL AND num_nonnulls(certificate, project, role, kind, serial, address, outcome) = 0
        WHEN 'legal' THEN order_id IS NOT NULL AND role = 'legal' AND num_nonnulls(certificate, project, kind, serial, address, outcome) = 0
        ELSE order_id IS NULL AND num_nulls(role, kind, serial, address) = 0 AND (outcome IS NULL OR state = 'passed') END)
);
CREATE INDEX identity_order ON hall.identity (order_id, created_at DESC);
CREATE INDEX identity_face ON hall.identity (created_at) WHERE biz_token IS NOT NULL; -- hall.retention_due
CREATE INDEX identity_address ON hall.identity (address, created_at) WHERE purpose = 'loss';
CREATE INDEX identity_serial ON hall.identity (serial, created_at) WHERE purpose = 'loss';

-- The legal person of an order at the time of the request to authenticate, taken from the form, or asked for when the form has none.
CREATE TABLE hall.legal_person (
    order_id   uuid PRIMARY KEY REFERENCES hall.orders,
    encrypted  bytea NOT NULL, -- {"legal_name","legal_id","legal_mobile"}, place "legal_person.encrypted"
    masked     text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
