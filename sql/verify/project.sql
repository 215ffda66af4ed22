-- Verify certhall:project on pg
SELECT 'hall.project'::regclass,
       'hall.project_import(jsonb)'::regprocedure,
       'hall.enter(bytea, text[], text, text, text, text)'::regprocedure;
