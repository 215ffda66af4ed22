-- Deploy certhall:change to pg
BEGIN;
-- A kind of business that changes what is on file about a certificate (hall.change_kind).
ALTER TABLE hall.business ADD alters bool NOT NULL DEFAULT false;
-- What can change: for the certificates of which persons, in which fields of the form, and whether a certificate has to be made anew because
-- that stands in it.
CREATE TABLE hall.change_kind (
    code    text PRIMARY KEY CHECK (code ~ '^[a-z_]+$'),
    pos     int NOT NULL,
    name    text NOT NULL,
    persons text[] NOT NULL,
    fields  text[] NOT NULL CHECK (cardinality(fields) > 0),
    makes   bool NOT NULL
);
-- Which of them a project offers (hall.array_references), and which of them ask for a paper; NULL: all.
ALTER TABLE hall.project ADD changes text[] NOT NULL DEFAULT '{}';
ALTER TABLE hall.project_paper ADD changes text[];
SELECT hall.audit_shows('project', 'value', '{changes}');
-- What an order changes; the order whose form was on file when it began; and whether a certificate is made. If not, what is on file about the
-- replaced certificate changes with the approval, and that certificate can be replaced later.
ALTER TABLE hall.orders ADD changes text[], ADD basis uuid REFERENCES hall.orders, ADD makes bool NOT NULL DEFAULT true;
SELECT hall.audit_shows('orders', 'value', '{changes,basis,makes}');
DROP INDEX hall.orders_replaces;
CREATE UNIQUE INDEX orders_replaces ON hall.orders (replaces) WHERE state NOT IN ('draft', 'cancelled', 'refunded') AND (makes OR state <> 'done');
CREATE INDEX orders_basis ON hall.orders (basis) WHERE basis IS NOT NULL;
COMMIT;
