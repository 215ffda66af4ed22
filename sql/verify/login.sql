-- Verify certhall:login on pg
SELECT 'hall.sms_code_use(bytea, text, bytea)'::regprocedure;
