-- Verify certhall:audit on pg
SELECT 'hall.audit'::regclass,
       'hall.log_head'::regclass,
       'hall.audited()'::regprocedure;
