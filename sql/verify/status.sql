-- Verify certhall:status on pg
SELECT 'hall.crl_change'::regclass, 'hall.status_json()'::regprocedure;
SELECT 1 / has_table_privilege('certhall_status', 'hall.crl', 'SELECT')::int;
