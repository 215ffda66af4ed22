-- Verify certhall:access on pg
SELECT 1 / has_function_privilege('certhall_new', 'hall.order_create(uuid, text, text, bool, jsonb)', 'EXECUTE')::int;
