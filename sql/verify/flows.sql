-- Verify certhall:flows on pg
SELECT 'hall.project_import(jsonb)'::regprocedure, 'hall.order_base_json(hall.orders)'::regprocedure;
SELECT code, name FROM hall.business WHERE false;
SELECT order_id, item FROM hall.order_item WHERE false;
