-- Revocations and releases, from request to decision.

CREATE TABLE hall.revocation (
    id          uuid PRIMARY KEY,
    number      bigint GENERATED ALWAYS AS IDENTITY UNIQUE, -- the order of events
    certificate uuid NOT NULL REFERENCES hall.certificate, -- stands for both certificates of a pair
    kind        text NOT NULL CHECK (kind IN ('revoke', 'hold', 'release')),
    reason      text CHECK (reason IN ('unspecified', 'key_compromise', 'affiliation_changed', 'superseded',
        'cessation',
                                       'privilege_withdrawn')), -- RFC 5280, 5.3.1
    staff       uuid REFERENCES hall.staff, -- who asked: one of these three, or the system
    account     uuid REFERENCES hall.account,
    identity    uuid REFERENCES hall.identity,
    way         text NOT NULL GENERATED ALWAYS AS (CASE WHEN staff IS NOT NULL THEN 'staff' WHEN account IS NOT NULL
        THEN 'account'
                    WHEN identity IS NOT NULL THEN 'link' ELSE 'system' END) STORED,
    asked_at    timestamptz NOT NULL DEFAULT now(),
    note        bytea, -- encrypted, place "revocation.note": the reason; after a call: the caller, and how the caller was identified
    state       text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'done', 'refused', 'withdrawn')),
    decided_by  uuid REFERENCES hall.staff, -- who confirmed, refused or withdrew it
    answer      bytea, -- encrypted, place "revocation.answer": why it was refused
    ended_at    timestamptz,
    checked_at  timestamptz, -- when the signer has checked the acts of a revocation by staff
    refused     text, -- why the signer gives it out as a hold, for staff; NULL: it does not
    CHECK (num_nonnulls(staff, account, identity) <= 1),
    CHECK ((kind = 'revoke') = (reason IS NOT NULL)),
    CHECK ((state = 'asked') = (ended_at IS NULL)),
    CHECK (staff IS NULL OR note IS NOT NULL),
    CHECK (way <> ALL ('{account,link}') OR (kind <> 'revoke' AND state = 'done')),
    -- Two persons revoke, and two persons release a certificate that was on hold for more than a day. One person may put a
    -- certificate on hold, and undo that.
    CONSTRAINT revocation_two_persons CHECK (CASE state
        WHEN 'asked' THEN staff IS NOT NULL AND kind <> 'hold' AND decided_by IS NULL
        WHEN 'withdrawn' THEN staff IS NOT NULL AND (decided_by IS NULL OR decided_by = staff) -- NULL: another event has made it obsolete
        WHEN 'refused' THEN staff IS NOT NULL AND decided_by IS NOT NULL AND decided_by <> staff
        ELSE CASE WHEN staff IS NULL OR kind = 'hold' THEN decided_by IS NULL
                  WHEN kind = 'revoke' THEN decided_by IS NOT NULL AND decided_by <> staff
                  ELSE decided_by IS NULL OR decided_by <> staff END END)
);
SELECT hall.audit_shows('revocation', 'value', '{number, certificate, kind, reason, staff, account, identity, asked_at, state, decided_by, ended_at, checked_at, refused}'),
       hall.audit_shows('revocation', 'commitment', '{note, answer}'),
       hall.audit_shows('revocation', 'nothing', '{id, way, note_data_key, answer_data_key}');
CREATE INDEX revocation_unchecked ON hall.revocation (number) WHERE kind = 'revoke' AND state = 'done' AND staff IS NOT NULL AND checked_at IS NULL;
CREATE UNIQUE INDEX revocation_open ON hall.revocation (certificate) WHERE state = 'asked';
CREATE INDEX revocation_certificate ON hall.revocation (certificate, number);
CREATE INDEX revocation_list ON hall.revocation ((state = 'asked'), number);
CREATE INDEX revocation_state ON hall.revocation (state, number);
CREATE INDEX revocation_kind ON hall.revocation (kind, (state = 'asked'), number);
CREATE INDEX revocation_way ON hall.revocation (way, (state = 'asked'), number);
