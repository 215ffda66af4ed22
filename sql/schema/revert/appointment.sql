-- Revert certhall:appointment from pg
BEGIN;
ALTER TABLE hall.act DISABLE TRIGGER USER;
DELETE FROM hall.act WHERE what IN ('pass_appointment', 'refuse_appointment');
ALTER TABLE hall.act ENABLE TRIGGER USER;
ALTER TABLE hall.act DROP CONSTRAINT act_what_check, ADD CONSTRAINT act_what_check CHECK (what IN ('revoke', 'confirm_revocation',
    'withdraw_seal', 'confirm_transfer', 'book_surplus', 'ask_refund', 'approve_refund', 'settle_refund', 'settle_odd', 'pay_out_again'));
DROP TABLE hall.appointment;
DROP TABLE hall.outlet_hours;
ALTER TABLE hall.outlet DROP phone, DROP seats;
COMMIT;
