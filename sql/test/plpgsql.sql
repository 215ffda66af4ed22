-- Every function in PL/pgSQL is read by plpgsql_check, which finds names that are not there, results of another shape, types that do
-- not fit: a function that is never called in a test would show them to a person.
\ir fixture.psql
SELECT no_plan();
CREATE EXTENSION IF NOT EXISTS plpgsql_check;
SET LOCAL search_path = hall, public;
SELECT is((SELECT string_agg(format('line %s: %s', c.lineno, c.message), '; ')
             FROM plpgsql_check_function_tb(f.oid, relid := coalesce((SELECT tgrelid FROM pg_trigger t WHERE t.tgfoid = f.oid LIMIT 1), 0),
                                            fatal_errors := false, other_warnings := false, extra_warnings := false) c
            WHERE c.level = 'error' AND c.message !~ 'relation "pg_temp\.|reached end of function without RETURN'), -- made, or refused, as it runs
          NULL, f.proname || ' is sound')
  FROM pg_proc f JOIN pg_language l ON l.oid = f.prolang AND l.lanname = 'plpgsql'
 WHERE f.pronamespace = 'hall'::regnamespace ORDER BY f.proname;
-- A function in SQL that gives one value and has a FROM is planned anew by each statement that calls it, and by each row that an index
-- on it gets; in PL/pgSQL it is planned once.
SELECT is_empty($$ SELECT f.proname FROM pg_proc f JOIN pg_language l ON l.oid = f.prolang AND l.lanname = 'sql'
                    WHERE f.pronamespace = 'hall'::regnamespace AND NOT f.proretset
                      AND regexp_replace(f.prosrc, 'extract\([^)]*\)|DISTINCT FROM', '', 'gi') ~* '\mfrom\M' $$, 'what reads rows for one value is in PL/pgSQL');
SELECT * FROM finish();
ROLLBACK;
