-- Deploy certhall:account_closed to pg
BEGIN;
ALTER TABLE hall.account ADD closed_at timestamptz; -- by its owner: of the person, nothing is left in the row
SELECT hall.audit_shows('account', 'value', '{closed_at}');
ALTER TABLE hall.sms_code DROP CONSTRAINT sms_code_purpose_check, ADD CONSTRAINT sms_code_purpose_check
    CHECK (purpose IN ('login', 'register', 'reset', 'password', 'phone', 'new_phone', 'hand_over', 'take_over', 'sessions', 'rebind', 'close'));
-- Links of a project that have a place of their own: to people who answer, and to the account at WeChat that one follows.
ALTER TABLE hall.project_link ADD kind text NOT NULL DEFAULT 'link' CHECK (kind IN ('link', 'chat', 'account'));
COMMIT;
