-- Verify certhall:renewal_several on pg
BEGIN;
SELECT replaces FROM hall.order_item WHERE false;
ROLLBACK;
