-- Revert certhall:flow from pg
BEGIN;
DROP TRIGGER orders_a_gift_back ON hall.orders;
DROP FUNCTION hall.take_gift_back;
DROP TRIGGER orders_a_gift ON hall.orders;
DROP FUNCTION hall.give_gift;
DROP FUNCTION hall.order_received;
DROP FUNCTION hall.order_cancel;
DROP FUNCTION hall.order_resubmit;
DROP FUNCTION hall.order_edit;
DROP FUNCTION hall.close_payment;
DROP FUNCTION hall.order_submit;
DROP FUNCTION hall.order_must_be_whole;
DROP FUNCTION hall.order_lacks;
DROP FUNCTION hall.order_printed;
DROP FUNCTION hall.order_save;
DROP FUNCTION hall.form_changed;
DROP FUNCTION hall.order_create;
COMMIT;
