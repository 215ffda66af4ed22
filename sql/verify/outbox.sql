-- Verify certhall:outbox on pg
SELECT 'hall.outbox'::regclass,
       'hall.message'::regclass;
