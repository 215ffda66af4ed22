-- Verify certhall:order on pg
SELECT 'hall.orders'::regclass,
       'hall.advance(uuid, text)'::regprocedure;
