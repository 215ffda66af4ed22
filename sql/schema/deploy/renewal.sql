-- Deploy certhall:renewal to pg
BEGIN;
-- A kind of business whose new certificate lasts longer than the one that it replaces, and lets that one go on until its end.
ALTER TABLE hall.business ADD extends bool NOT NULL DEFAULT false;
-- How many days before a certificate's end it can be renewed. The signer knows the most that there can be (programs/signer/orders.c).
ALTER TABLE hall.project ADD renew_days int NOT NULL DEFAULT 30 CHECK (renew_days BETWEEN 1 AND 90);
SELECT hall.audit_shows('project', 'value', '{renew_days}');
-- For how many days after its upload a paper counts for a renewal, too; NULL: it is asked for each time. `carried`: the paper of the old
-- order that this one is a copy of.
ALTER TABLE hall.project_paper ADD good_days int CHECK (good_days > 0);
ALTER TABLE hall.paper ADD carried uuid;
-- The day on which the old certificate is revoked; NULL: it runs out by itself.
ALTER TABLE hall.orders ADD replaced_on date;
SELECT hall.audit_shows('orders', 'value', '{replaced_on}');
CREATE INDEX orders_replaced_on ON hall.orders (replaced_on) WHERE replaced_on IS NOT NULL;
COMMIT;
