-- Revert certhall:work from pg
BEGIN;
DROP FUNCTION hall.audit_all;
DROP FUNCTION hall.audit_seal;
DROP FUNCTION hall.log_leaves;
DROP FUNCTION hall.log_state;
DROP FUNCTION hall.audit_unsealed;
DROP FUNCTION hall.sweep;
DROP FUNCTION hall.order_finished;
DROP FUNCTION hall.account_remind;
DROP FUNCTION hall.order_end;
DROP FUNCTION hall.payout_work;
DROP FUNCTION hall.identity_work;
DROP FUNCTION hall.payment_work;
DROP FUNCTION hall.pin_opened;
DROP FUNCTION hall.message_sent;
DROP FUNCTION hall.message_work;
COMMIT;
