-- Verify certhall:foundation on pg
SELECT 'hall.data_key'::regclass,
       'hall.enter_system(text, text)'::regprocedure;
