-- Deploy certhall:holder_revokes to pg
BEGIN;
-- A person of an order revokes its certificate, after a phone authentication for just that.
ALTER TABLE hall.identity ADD COLUMN revoke_reason text CHECK (revoke_reason IN ('key_compromise', 'affiliation_changed', 'cessation', 'unspecified')),
    DROP CONSTRAINT identity_purpose_check, DROP CONSTRAINT identity_purpose, DROP CONSTRAINT identity_outcome_check;
ALTER TABLE hall.identity
    ADD CONSTRAINT identity_revoke CHECK ((purpose = 'revoke') = (revoke_reason IS NOT NULL)),
    ADD CONSTRAINT identity_purpose_check CHECK (purpose IN ('phone', 'loss', 'legal', 'rebind', 'unlock', 'revoke')),
    ADD CONSTRAINT identity_outcome_check CHECK (outcome IN ('held', 'released', 'held_before', 'revoked', 'not_held', 'other_way',
        'late', 'expired', 'waits', 'taken', 'underway', 'changed', 'puk_sent', 'puk_gone', 'revoked_now', 'revoked_not')),
    ADD CONSTRAINT identity_purpose CHECK (CASE purpose
        WHEN 'phone' THEN order_id IS NOT NULL AND num_nonnulls(certificate, project, role, kind, serial, address, outcome) = 0
        WHEN 'legal' THEN order_id IS NOT NULL AND role = 'legal' AND num_nonnulls(certificate, project, kind, serial, address, outcome) = 0
        WHEN 'rebind' THEN address IS NOT NULL AND num_nonnulls(order_id, certificate, role, kind, serial) = 0
            AND (outcome IS NULL OR (outcome IN ('waits', 'taken', 'underway', 'changed') AND state = 'passed'))
        WHEN 'unlock' THEN num_nulls(certificate, role) = 0 AND num_nonnulls(order_id, project, kind, serial, address) = 0
            AND (outcome IS NULL OR (outcome IN ('puk_sent', 'puk_gone') AND state = 'passed'))
        WHEN 'revoke' THEN num_nulls(certificate, role) = 0 AND num_nonnulls(order_id, project, kind, serial, address) = 0
            AND (outcome IS NULL OR (outcome IN ('revoked_now', 'revoked_not') AND state = 'passed'))
        ELSE order_id IS NULL AND num_nulls(role, kind, serial, address) = 0
            AND (outcome IS NULL OR (outcome NOT IN ('waits', 'taken', 'underway', 'changed', 'puk_sent', 'puk_gone', 'revoked_now', 'revoked_not')
                                     AND state = 'passed')) END);
CREATE INDEX identity_revoke ON hall.identity (certificate, created_at DESC) WHERE purpose = 'revoke';
-- An account alone still revokes nothing.
ALTER TABLE hall.revocation DROP CONSTRAINT revocation_check4, ADD CONSTRAINT revocation_alone
    CHECK (CASE way WHEN 'account' THEN kind <> 'revoke' AND state = 'done' WHEN 'link' THEN state = 'done' ELSE true END);
COMMIT;
