-- Deploy certhall:puk to pg
BEGIN;
-- The codes (PUK) with which the holders of tokens set a new PIN when the old one is forgotten or locked. Each is made with the PIN
-- of its order, kept like that (core/crypto/pin.h), and released once.
CREATE TABLE hall.puk (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(), -- what its cipher text is bound to
    order_id    uuid NOT NULL REFERENCES hall.orders,
    generation  int NOT NULL, -- of the PIN that it was made with
    item        int NOT NULL CHECK (item > 0), -- each token has its own
    state       text NOT NULL DEFAULT 'wanted' CHECK (state IN ('wanted', 'made', 'released', 'destroyed', 'void')),
    kek         int, -- the key-encryption key of PINs under which `key` is wrapped
    key         bytea, -- the PUK's own key, wrapped
    encrypted   bytea,
    made_at     timestamptz,
    released_at timestamptz,
    ends_at     timestamptz, -- when it is destroyed; NULL: the certificate is not issued yet
    UNIQUE (order_id, generation, item),
    FOREIGN KEY (order_id, generation) REFERENCES hall.pin,
    CONSTRAINT puk_encrypted CHECK (num_nonnulls(kek, key, encrypted) = CASE WHEN state IN ('made', 'released') THEN 3 ELSE 0 END),
    CONSTRAINT puk_released CHECK (CASE state WHEN 'released' THEN released_at IS NOT NULL AND ends_at IS NOT NULL
                                              WHEN 'destroyed' THEN true ELSE released_at IS NULL END)
);
CREATE INDEX puk_kek ON hall.puk (kek) WHERE encrypted IS NOT NULL; -- hall.signer_pins_old
CREATE INDEX puk_ends ON hall.puk (ends_at) WHERE encrypted IS NOT NULL; -- hall.pins_destroy

ALTER TABLE hall.pin_ledger DROP CONSTRAINT pin_ledger_purpose_check, ADD CONSTRAINT pin_ledger_purpose_check
    CHECK (purpose IN ('remark', 'sms', 'production', 'puk', 'unlock'));

ALTER TABLE hall.identity DROP CONSTRAINT identity_purpose_check, DROP CONSTRAINT identity_purpose, DROP CONSTRAINT identity_outcome_check;
ALTER TABLE hall.identity
    ADD CONSTRAINT identity_purpose_check CHECK (purpose IN ('phone', 'loss', 'legal', 'rebind', 'unlock')),
    ADD CONSTRAINT identity_outcome_check CHECK (outcome IN ('held', 'released', 'held_before', 'revoked', 'not_held', 'other_way',
        'late', 'expired', 'waits', 'taken', 'underway', 'changed', 'puk_sent', 'puk_gone')),
    ADD CONSTRAINT identity_purpose CHECK (CASE purpose
        WHEN 'phone' THEN order_id IS NOT NULL AND num_nonnulls(certificate, project, role, kind, serial, address, outcome) = 0
        WHEN 'legal' THEN order_id IS NOT NULL AND role = 'legal' AND num_nonnulls(certificate, project, kind, serial, address, outcome) = 0
        WHEN 'rebind' THEN address IS NOT NULL AND num_nonnulls(order_id, certificate, role, kind, serial) = 0
            AND (outcome IS NULL OR (outcome IN ('waits', 'taken', 'underway', 'changed') AND state = 'passed'))
        WHEN 'unlock' THEN num_nulls(certificate, role) = 0 AND num_nonnulls(order_id, project, kind, serial, address) = 0
            AND (outcome IS NULL OR (outcome IN ('puk_sent', 'puk_gone') AND state = 'passed'))
        ELSE order_id IS NULL AND num_nulls(role, kind, serial, address) = 0
            AND (outcome IS NULL OR (outcome NOT IN ('waits', 'taken', 'underway', 'changed', 'puk_sent', 'puk_gone') AND state = 'passed')) END);
CREATE INDEX identity_unlock ON hall.identity (certificate, created_at DESC) WHERE purpose = 'unlock';

ALTER TABLE hall.message_template DROP CONSTRAINT message_template_check, ADD CONSTRAINT message_template_check
    CHECK (recipients IS NULL OR (recipients <@ ARRAY['agent', 'holder'] AND cardinality(recipients) > 0 AND event NOT IN ('pin', 'puk')));
ALTER TABLE hall.mail_template DROP CONSTRAINT mail_template_event_check, ADD CONSTRAINT mail_template_event_check
    CHECK (event NOT IN ('pin', 'puk', 'login_code'));
COMMIT;
