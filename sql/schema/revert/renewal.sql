-- Revert certhall:renewal from pg
BEGIN;
DELETE FROM hall.audit_column WHERE ("table", "column") IN (('orders', 'replaced_on'), ('project', 'renew_days'));
ALTER TABLE hall.orders DROP replaced_on;
ALTER TABLE hall.paper DROP carried;
ALTER TABLE hall.project_paper DROP good_days;
ALTER TABLE hall.project DROP renew_days;
ALTER TABLE hall.business DROP extends;
COMMIT;
