-- Verify certhall:lint on pg
SELECT 'hall.lint_finding'::regclass, 'hall.lint_found(uuid, uuid[], jsonb)'::regprocedure;
