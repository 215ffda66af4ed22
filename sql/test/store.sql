-- Files of the store and the rows that own them.
\ir fixture.psql
SELECT no_plan();

-- A table with the key of a file owns the file. It must be named in hall.store_unknown, or the sweep deletes its files.
SELECT is((SELECT array_agg(table_name::text ORDER BY table_name) FROM information_schema.columns
            WHERE table_schema = 'hall' AND column_name = 'file_key'), ARRAY['evidence', 'paper', 'voucher'], 'whose rows own files');
SELECT results_eq('SELECT hall.store_unknown(ARRAY[''00000000-0000-7000-8000-000000000001''::uuid])',
                  'SELECT ''00000000-0000-7000-8000-000000000001''::uuid', 'what no row names');
SELECT is_empty('SELECT hall.store_unknown(''{}'')', 'nothing of nothing');

-- A row is written soon after its file was stored, or not at all; the id has the time of the file.
SELECT lives_ok('SELECT hall.file_in_time(pg_temp.stored(''20 minutes''))', 'a row for a file of just now');
SELECT throws_ok('SELECT hall.file_in_time(pg_temp.stored(''31 minutes''))', 'CH409', NULL, 'none for one that the sweep may soon take');

-- ---- what nobody reads any more ----
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account \gset
SELECT pg_temp.new_order(:'project', :'account') AS o, pg_temp.new_order(:'project', :'account') AS p \gset
CREATE FUNCTION pg_temp.new_paper(wanted uuid, slot text) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO hall.paper (id, order_id, code, file_name, mime, bytes, sha256, file_key)
    VALUES (pg_temp.stored(), wanted, slot, 'x', 'image/bmp', 1, sha256(''), '\x000000010000') RETURNING id $$;
CREATE FUNCTION pg_temp.going(file uuid) RETURNS bool LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM hall.outbox WHERE kind = 'file_gone' AND subject = file) $$;
SELECT pg_temp.new_paper(:'o', 'form') AS first, pg_temp.new_paper(:'o', 'licence') AS kept \gset
SELECT is_empty(format('SELECT hall.store_unknown(ARRAY[%L, %L]::uuid[])', :'first', :'kept'), 'the files of papers are known');
UPDATE hall.paper SET state = 'stale' WHERE id = :'first';
SELECT is(pg_temp.going(:'first'), false, 'a stale one is still read');
UPDATE hall.paper SET state = 'replaced' WHERE id = :'first';
SELECT is((SELECT octet_length(file_key) FROM hall.paper WHERE id = :'first'), 0, 'of one that was replaced the key goes');
SELECT is(pg_temp.going(:'first'), true, 'and its file');
SELECT is(pg_temp.going(:'kept'), false, 'but no other''s');
SELECT results_eq(format('SELECT hall.store_unknown(ARRAY[%L, %L]::uuid[])', :'first', :'kept'), format('SELECT %L::uuid', :'first'),
                  'if that fails, the sweep finds it');
UPDATE hall.paper SET reason = 'x', state = 'replaced' WHERE id = :'first';
SELECT is((SELECT count(*) FROM hall.outbox WHERE subject = :'first' AND kind = 'file_gone'), 1::bigint, 'once');
INSERT INTO hall.voucher (id, order_id, slot, file_name, mime, bytes, sha256, file_key)
    VALUES (pg_temp.stored(), :'o', 1, 'x', 'image/bmp', 1, sha256(''), '\x000000010000') RETURNING id AS voucher \gset
DELETE FROM hall.voucher WHERE id = :'voucher';
SELECT is(pg_temp.going(:'voucher'), true, 'the same of a voucher that was deleted');

-- ---- how much may be uploaded in a day ----
SELECT pg_temp.be_applicant(:'account', :'project');
-- The limits of an order, an account and an address: files and MB.
CREATE FUNCTION pg_temp.admit(wanted uuid, size int, most int[] DEFAULT '{9,9,9,9,9,9}') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hall.upload_admit(wanted, size, most[1], most[2], most[3], most[4], most[5], most[6]);
    RETURN 'taken';
EXCEPTION WHEN SQLSTATE 'CH429' THEN
    RETURN SQLERRM;
END $$;
SELECT is(pg_temp.admit(:'o', 1000000), 'taken', 'a file');
SELECT is(pg_temp.admit(:'o', 1000000, '{1,9,9,9,9,9}'), '这个业务单今天上传的文件过多，请明天再试。', 'too many of an order');
SELECT is(pg_temp.admit(:'o', 1000000, '{9,1,9,9,9,9}'), '这个业务单今天上传的文件过多，请明天再试。', 'too many bytes of an order');
SELECT is(pg_temp.admit(:'p', 1000000, '{1,9,1,9,9,9}'), '您今天上传的文件过多，请明天再试。', 'too many of an account');
SELECT is(pg_temp.admit(:'p', 1000000, '{1,1,9,1,9,9}'), '您今天上传的文件过多，请明天再试。', 'too many bytes of an account');
SELECT is(pg_temp.admit(:'p', 1000000, '{1,9,9,9,1,9}'), '您所在的网络今天上传的文件过多，请明天再试。', 'too many from an address');
SELECT is(pg_temp.admit(:'p', 1000000, '{1,9,9,9,9,1}'), '您所在的网络今天上传的文件过多，请明天再试。', 'too many bytes from an address');
SELECT is((SELECT string_agg(format('%s %s %s', kind, files, bytes), ', ' ORDER BY kind) FROM hall.upload_count
            WHERE who IN (:'o', :'p', :'account', '192.0.2.1')), 'account 1 1000000, address 1 1000000, order 1 1000000', 'what is refused does not count');
SELECT is(pg_temp.admit(:'p', 1000000, '{1,1,2,2,2,2}'), 'taken', 'within all of them');
UPDATE hall.upload_count SET day = current_date - 1;
SELECT is(pg_temp.admit(:'o', 1000000, '{1,1,1,1,1,1}'), 'taken', 'the next day begins anew');
UPDATE hall.upload_count SET day = current_date - 2 WHERE day < current_date;
SELECT hall.sweep();
SELECT is((SELECT count(*) FROM hall.upload_count WHERE day < current_date - 1), 0::bigint, 'counts are kept for two days');

SELECT * FROM finish();
ROLLBACK;
