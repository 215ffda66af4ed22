-- Verify certhall:finauth on pg
SELECT 'hall.payout'::regclass,
       'hall.pin_ledger'::regclass;
