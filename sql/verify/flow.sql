-- Verify certhall:flow on pg
SELECT 'hall.order_submit(uuid, int, text, bytea, text, text)'::regprocedure;
