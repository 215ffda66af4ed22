-- Revert certhall:sessions_code from pg
BEGIN;
DELETE FROM hall.sms_code WHERE purpose = 'sessions';
ALTER TABLE hall.sms_code DROP CONSTRAINT sms_code_purpose_check, ADD CONSTRAINT sms_code_purpose_check
    CHECK (purpose IN ('login', 'register', 'reset', 'password', 'phone', 'new_phone', 'hand_over', 'take_over'));
COMMIT;
