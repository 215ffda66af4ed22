-- Deploy certhall:sessions_code to pg
BEGIN;
ALTER TABLE hall.sms_code DROP CONSTRAINT sms_code_purpose_check, ADD CONSTRAINT sms_code_purpose_check
    CHECK (purpose IN ('login', 'register', 'reset', 'password', 'phone', 'new_phone', 'hand_over', 'take_over', 'sessions'));
COMMIT;
