-- Revert certhall:account_closed from pg
BEGIN;
ALTER TABLE hall.project_link DROP kind;
DELETE FROM hall.sms_code WHERE purpose = 'close';
ALTER TABLE hall.sms_code DROP CONSTRAINT sms_code_purpose_check, ADD CONSTRAINT sms_code_purpose_check
    CHECK (purpose IN ('login', 'register', 'reset', 'password', 'phone', 'new_phone', 'hand_over', 'take_over', 'sessions', 'rebind'));
DELETE FROM hall.audit_column WHERE ("table", "column") = ('account', 'closed_at');
ALTER TABLE hall.account DROP closed_at;
COMMIT;
