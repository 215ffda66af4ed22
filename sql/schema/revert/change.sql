-- Revert certhall:change from pg
BEGIN;
DELETE FROM hall.audit_column WHERE ("table", "column") IN (('orders', 'changes'), ('orders', 'basis'), ('orders', 'makes'), ('project', 'changes'));
DROP INDEX hall.orders_replaces;
CREATE UNIQUE INDEX orders_replaces ON hall.orders (replaces) WHERE state NOT IN ('draft', 'cancelled', 'refunded');
ALTER TABLE hall.orders DROP changes, DROP basis, DROP makes;
ALTER TABLE hall.project_paper DROP changes;
ALTER TABLE hall.project DROP changes;
DROP TABLE hall.change_kind;
ALTER TABLE hall.business DROP alters;
COMMIT;
