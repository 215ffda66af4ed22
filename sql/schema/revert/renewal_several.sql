-- Revert certhall:renewal_several from pg
BEGIN;
ALTER TABLE hall.order_item DROP replaces;
COMMIT;
