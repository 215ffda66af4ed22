-- Verify certhall:renewal on pg
BEGIN;
SELECT extends FROM hall.business WHERE false;
SELECT renew_days FROM hall.project WHERE false;
SELECT good_days FROM hall.project_paper WHERE false;
SELECT carried FROM hall.paper WHERE false;
SELECT replaced_on FROM hall.orders WHERE false;
ROLLBACK;
