-- Revert certhall:rebinding from pg
BEGIN;
DELETE FROM hall.retention WHERE what = 'rebinding';
ALTER TABLE hall.retention DROP CONSTRAINT retention_what_check, ADD CONSTRAINT retention_what_check
    CHECK (what IN ('order', 'refunded', 'cancelled', 'draft', 'face', 'message'));
DELETE FROM hall.sms_code WHERE purpose = 'rebind';
ALTER TABLE hall.sms_code DROP CONSTRAINT sms_code_purpose_check, ADD CONSTRAINT sms_code_purpose_check
    CHECK (purpose IN ('login', 'register', 'reset', 'password', 'phone', 'new_phone', 'hand_over', 'take_over', 'sessions'));
DELETE FROM hall.message WHERE recipient IN ('old_phone', 'new_phone');
ALTER TABLE hall.message DROP CONSTRAINT message_recipient_check,
    ADD CONSTRAINT message_recipient_check CHECK (recipient IN ('phone', 'agent', 'holder'));
DELETE FROM hall.retention_place WHERE place = 'rebinding.phones';
DELETE FROM hall.encrypted_column WHERE place = 'rebinding.phones';
DROP TABLE hall.rebinding;
DELETE FROM hall.link WHERE purpose = 'phone' AND subject IN (SELECT id FROM hall.identity WHERE purpose = 'rebind');
DELETE FROM hall.identity WHERE purpose = 'rebind';
DROP INDEX hall.identity_address;
CREATE INDEX identity_address ON hall.identity (address, created_at) WHERE purpose = 'loss';
ALTER TABLE hall.identity DROP CONSTRAINT identity_purpose_check, DROP CONSTRAINT identity_purpose, DROP CONSTRAINT identity_outcome_check;
ALTER TABLE hall.identity
    ADD CONSTRAINT identity_purpose_check CHECK (purpose IN ('phone', 'loss', 'legal')),
    ADD CONSTRAINT identity_outcome_check CHECK (outcome IN ('held', 'released', 'held_before', 'revoked', 'not_held', 'other_way',
        'late', 'expired')),
    ADD CONSTRAINT identity_purpose CHECK (CASE purpose
        WHEN 'phone' THEN order_id IS NOT NULL AND num_nonnulls(certificate, project, role, kind, serial, address, outcome) = 0
        WHEN 'legal' THEN order_id IS NOT NULL AND role = 'legal' AND num_nonnulls(certificate, project, kind, serial, address, outcome) = 0
        ELSE order_id IS NULL AND num_nulls(role, kind, serial, address) = 0 AND (outcome IS NULL OR state = 'passed') END);
COMMIT;
