-- Revert certhall:holder_revokes from pg
BEGIN;
DELETE FROM hall.revocation WHERE way = 'link' AND kind = 'revoke';
ALTER TABLE hall.revocation DROP CONSTRAINT revocation_alone, ADD CONSTRAINT revocation_check4
    CHECK (way <> ALL ('{account,link}') OR (kind <> 'revoke' AND state = 'done'));
DELETE FROM hall.link WHERE purpose = 'phone' AND subject IN (SELECT id FROM hall.identity WHERE purpose = 'revoke');
DELETE FROM hall.identity WHERE purpose = 'revoke';
DROP INDEX hall.identity_revoke;
ALTER TABLE hall.identity DROP CONSTRAINT identity_revoke, DROP COLUMN revoke_reason, DROP CONSTRAINT identity_purpose_check,
    DROP CONSTRAINT identity_purpose, DROP CONSTRAINT identity_outcome_check;
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
COMMIT;
