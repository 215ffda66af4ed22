-- Revert certhall:finauth from pg
BEGIN;
DROP FUNCTION hall.payout_state;
DROP FUNCTION hall.try_gates;
DROP FUNCTION hall.account_put;
DROP FUNCTION hall.want_payout;
DROP FUNCTION hall.want_pin;
DROP FUNCTION hall.payouts_max;
DROP TABLE hall.payout;
DROP TABLE hall.pin_ledger;
DROP TABLE hall.pin;
DROP TABLE hall.bank_account;
COMMIT;
