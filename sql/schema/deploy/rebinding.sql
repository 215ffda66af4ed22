-- Deploy certhall:rebinding to pg
BEGIN;
-- Another phone number for an account whose own is lost. Its person is authenticated like that of an application, as the row of
-- hall.identity with the same id tells; then the old number has the time `wait` to stop it.
CREATE TABLE hall.rebinding (
    id         uuid PRIMARY KEY REFERENCES hall.identity,
    account    uuid REFERENCES hall.account, -- NULL: nobody can pass for this number; nobody is told so
    order_id   uuid REFERENCES hall.orders, -- the order whose person must pass
    old_hash   bytea NOT NULL CHECK (length(old_hash) = 32), -- keyed hash of the lost number
    phone_hash bytea NOT NULL CHECK (length(phone_hash) = 32), -- and of the new one
    phone_mask text NOT NULL,
    phones     bytea NOT NULL, -- encrypted {"old_phone","new_phone"}, place "rebinding.phones"
    wait       interval NOT NULL CHECK (wait > interval '0'),
    state      text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'waiting', 'done', 'stopped')),
    due_at     timestamptz, -- when it takes effect
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    CHECK (old_hash <> phone_hash),
    CHECK ((account IS NULL) = (order_id IS NULL)),
    CHECK (state = 'asked' OR account IS NOT NULL),
    CHECK ((state = 'asked') = (due_at IS NULL)),
    CHECK ((state IN ('done', 'stopped')) = (ended_at IS NOT NULL))
);
SELECT hall.encrypted_column_add('rebinding.phones', 'rebinding', 'phones', 'id');
CREATE UNIQUE INDEX rebinding_account ON hall.rebinding (account) WHERE state = 'waiting';
CREATE UNIQUE INDEX rebinding_phone ON hall.rebinding (phone_hash) WHERE state = 'waiting';
CREATE INDEX rebinding_old ON hall.rebinding (old_hash, created_at);
CREATE INDEX rebinding_stopped ON hall.rebinding (account) WHERE state = 'stopped';
CREATE INDEX rebinding_order ON hall.rebinding (order_id);
CREATE INDEX rebinding_age ON hall.rebinding (created_at); -- hall.retention_due

ALTER TABLE hall.identity DROP CONSTRAINT identity_purpose_check, DROP CONSTRAINT identity_purpose, DROP CONSTRAINT identity_outcome_check;
ALTER TABLE hall.identity
    ADD CONSTRAINT identity_purpose_check CHECK (purpose IN ('phone', 'loss', 'legal', 'rebind')),
    ADD CONSTRAINT identity_outcome_check CHECK (outcome IN ('held', 'released', 'held_before', 'revoked', 'not_held', 'other_way',
        'late', 'expired', 'waits', 'taken', 'underway', 'changed')),
    ADD CONSTRAINT identity_purpose CHECK (CASE purpose
        WHEN 'phone' THEN order_id IS NOT NULL AND num_nonnulls(certificate, project, role, kind, serial, address, outcome) = 0
        WHEN 'legal' THEN order_id IS NOT NULL AND role = 'legal' AND num_nonnulls(certificate, project, kind, serial, address, outcome) = 0
        WHEN 'rebind' THEN address IS NOT NULL AND num_nonnulls(order_id, certificate, role, kind, serial) = 0
            AND (outcome IS NULL OR (outcome IN ('waits', 'taken', 'underway', 'changed') AND state = 'passed'))
        ELSE order_id IS NULL AND num_nulls(role, kind, serial, address) = 0
            AND (outcome IS NULL OR (outcome NOT IN ('waits', 'taken', 'underway', 'changed') AND state = 'passed')) END);
DROP INDEX hall.identity_address;
CREATE INDEX identity_address ON hall.identity (address, created_at) WHERE address IS NOT NULL; -- hall.identity_admit

ALTER TABLE hall.message DROP CONSTRAINT message_recipient_check,
    ADD CONSTRAINT message_recipient_check CHECK (recipient IN ('phone', 'agent', 'holder', 'old_phone', 'new_phone'));
ALTER TABLE hall.sms_code DROP CONSTRAINT sms_code_purpose_check, ADD CONSTRAINT sms_code_purpose_check
    CHECK (purpose IN ('login', 'register', 'reset', 'password', 'phone', 'new_phone', 'hand_over', 'take_over', 'sessions', 'rebind'));
ALTER TABLE hall.retention DROP CONSTRAINT retention_what_check, ADD CONSTRAINT retention_what_check
    CHECK (what IN ('order', 'refunded', 'cancelled', 'draft', 'face', 'message', 'rebinding'));
COMMIT;
