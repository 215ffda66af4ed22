-- Revert certhall:puk from pg
BEGIN;
ALTER TABLE hall.mail_template DROP CONSTRAINT mail_template_event_check, ADD CONSTRAINT mail_template_event_check
    CHECK (event NOT IN ('pin', 'login_code'));
ALTER TABLE hall.message_template DROP CONSTRAINT message_template_check, ADD CONSTRAINT message_template_check
    CHECK (recipients IS NULL OR (recipients <@ ARRAY['agent', 'holder'] AND cardinality(recipients) > 0 AND event <> 'pin'));
DELETE FROM hall.link WHERE purpose = 'phone' AND subject IN (SELECT id FROM hall.identity WHERE purpose = 'unlock');
DELETE FROM hall.identity WHERE purpose = 'unlock';
DROP INDEX hall.identity_unlock;
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
DELETE FROM hall.pin_ledger WHERE purpose IN ('puk', 'unlock');
ALTER TABLE hall.pin_ledger DROP CONSTRAINT pin_ledger_purpose_check, ADD CONSTRAINT pin_ledger_purpose_check
    CHECK (purpose IN ('remark', 'sms', 'production'));
DROP TABLE hall.puk;
COMMIT;
