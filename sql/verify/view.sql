-- Verify certhall:view on pg
SELECT 'hall.order_json(hall.orders)'::regprocedure;
