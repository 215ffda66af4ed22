-- Revert certhall:login from pg
BEGIN;
DROP FUNCTION hall.staff_login;
DROP FUNCTION hall.staff_password;
DROP FUNCTION hall.login_password;
DROP FUNCTION hall.password_of;
DROP FUNCTION hall.login_sms;
DROP FUNCTION hall.session_close;
DROP FUNCTION hall.session_open;
DROP FUNCTION hall.sms_code_use;
DROP FUNCTION hall.sms_code_new;
DROP FUNCTION hall.must_allow;
COMMIT;
