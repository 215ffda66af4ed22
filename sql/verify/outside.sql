-- Verify certhall:outside on pg
SELECT 1 / has_function_privilege('certhall_notify', 'hall.payment_paid(text, text, int, timestamptz)', 'EXECUTE')::int;
