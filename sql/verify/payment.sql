-- Verify certhall:payment on pg
SELECT 'hall.payment'::regclass;
