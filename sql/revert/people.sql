-- Revert certhall:people from pg
BEGIN;
DROP TABLE hall.login_failure;
DROP TABLE hall.sms_code;
DROP TABLE hall.link;
DROP TABLE hall.session;
DROP TABLE hall.staff;
DROP TABLE hall.account;
COMMIT;
