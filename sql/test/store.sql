-- Files of the store and the rows that own them.
\ir fixture.psql
SELECT plan(5);

-- A table with the key of a file owns the file: it stands in hall.store_unknown, or the sweep takes its files.
SELECT is((SELECT array_agg(table_name::text ORDER BY table_name) FROM information_schema.columns
            WHERE table_schema = 'hall' AND column_name = 'file_key'), ARRAY['paper', 'voucher'], 'whose rows own files');
SELECT results_eq('SELECT hall.store_unknown(ARRAY[''00000000-0000-7000-8000-000000000001''::uuid])',
                  'SELECT ''00000000-0000-7000-8000-000000000001''::uuid', 'what no row names');
SELECT is_empty('SELECT hall.store_unknown(''{}'')', 'nothing of nothing');

-- A row comes soon after its file, or not at all: the id says when the file was stored.
SELECT lives_ok('SELECT hall.file_in_time(pg_temp.stored(''20 minutes''))', 'a row for a file of just now');
SELECT throws_ok('SELECT hall.file_in_time(pg_temp.stored(''31 minutes''))', 'CH409', NULL, 'none for one that the sweep may soon take');

SELECT * FROM finish();
ROLLBACK;
