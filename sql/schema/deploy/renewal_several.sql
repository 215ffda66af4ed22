-- Deploy certhall:renewal_several to pg
BEGIN;
-- An order that replaces several certificates has a row for each of them; orders.replaces is then that of its first item.
ALTER TABLE hall.order_item ADD replaces uuid REFERENCES hall.certificate;
CREATE UNIQUE INDEX order_item_replaces ON hall.order_item (replaces, order_id) WHERE replaces IS NOT NULL; -- in an order once
COMMIT;
