-- Verify certhall:work on pg
SELECT 'hall.audit_all()'::regprocedure;
