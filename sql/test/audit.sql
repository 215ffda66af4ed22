-- The audit trail: every change has its row, anybody can compute the heads anew, and no two rows have the same place.
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account, pg_temp.new_staff('reviewer') AS staff \gset
SELECT pg_temp.new_order(:'project', :'account') AS o \gset

CREATE FUNCTION pg_temp.seq_of(wanted uuid) RETURNS int LANGUAGE sql AS $$ SELECT audit_seq FROM hall.orders WHERE id = wanted $$;
-- The rows of a subject whose head does not fit their place and content.
CREATE FUNCTION pg_temp.broken(wanted uuid) RETURNS bigint LANGUAGE sql AS $$
    SELECT count(*) FROM (
        SELECT a.head, hall.audit_head(coalesce(lag(a.head) OVER (ORDER BY seq), ''),
                   hall.audit_text(kind, subject, seq, at, actor, op, request, detail)) AS right_head,
               seq, row_number() OVER (ORDER BY seq) AS place FROM hall.audit a WHERE subject = wanted) x
     WHERE head <> right_head OR seq <> place $$;

SELECT is(pg_temp.seq_of(:'o'), 1, 'an INSERT is the first row');
SELECT is((SELECT kind || ' ' || op FROM hall.audit WHERE subject = :'o'), 'order INSERT', 'and says so');

-- The rows are changed one by one, without the triggers of the trail.
UPDATE hall.orders SET subject = '改名' WHERE id = :'o';
SELECT is(pg_temp.seq_of(:'o'), 2, 'an UPDATE advances by one');
UPDATE hall.orders SET audit_seq = 99, audit_head = '\xff' WHERE id = :'o';
SELECT is(pg_temp.seq_of(:'o'), 3, 'an UPDATE cannot set the number');
UPDATE hall.orders SET subject = subject WHERE id = :'o';
SELECT is(pg_temp.seq_of(:'o'), 4, 'an UPDATE that changes nothing is on record');
SELECT hall.note('order', :'o', '{"read": "form"}');
SELECT is(pg_temp.seq_of(:'o'), 5, 'so is a note');
SELECT is((SELECT detail FROM hall.audit WHERE subject = :'o' AND seq = 5), '{"read": "form"}', 'with its content');
UPDATE hall.orders SET subject = 'z' WHERE id = :'o';
SELECT ok((SELECT detail ->> 'subject' LIKE 'hmac:%' AND NOT detail ? 'read' FROM hall.audit WHERE subject = :'o' AND seq = 6),
          'which does not stick to the next change; of words that people wrote there is a commitment');
SELECT is(pg_temp.broken(:'o'), 0::bigint, 'every head is computed anew from the row before it');
SELECT is((SELECT audit_head FROM hall.orders WHERE id = :'o'), (SELECT head FROM hall.audit WHERE subject = :'o' AND seq = 6),
          'the subject stands where its trail ends');

-- The settings of a session do not change a head.
SET LOCAL TimeZone = 'America/New_York';
SET LOCAL DateStyle = 'German';
SET LOCAL extra_float_digits = 0;
SELECT is(pg_temp.broken(:'o'), 0::bigint, 'in another time zone and date style too');
RESET TimeZone;
RESET DateStyle;

-- Each kind of tampering breaks the chain.
SAVEPOINT whole;
UPDATE hall.audit SET detail = '{}' WHERE subject = :'o' AND seq = 2;
SELECT is(pg_temp.broken(:'o'), 1::bigint, 'a changed detail shows');
ROLLBACK TO whole;
UPDATE hall.audit SET actor = 'staff:nobody' WHERE subject = :'o' AND seq = 3;
SELECT is(pg_temp.broken(:'o'), 1::bigint, 'a changed actor shows');
ROLLBACK TO whole;
UPDATE hall.audit SET at = at + interval '1 microsecond' WHERE subject = :'o' AND seq = 4;
SELECT is(pg_temp.broken(:'o'), 1::bigint, 'a changed time shows');
ROLLBACK TO whole;
DELETE FROM hall.audit WHERE subject = :'o' AND seq = 4;
SELECT cmp_ok(pg_temp.broken(:'o'), '>=', 1::bigint, 'a removed row shows');
ROLLBACK TO whole;

-- A second writer that read the same head cannot write beside the first.
SELECT throws_ok(format($$ INSERT INTO hall.audit (kind, subject, seq, at, actor, op, request, detail, head)
    SELECT kind, subject, seq, at, actor, op, request, detail, head FROM hall.audit WHERE subject = %L AND seq = 6 $$, :'o'), '23505');
SAVEPOINT whole;
INSERT INTO hall.audit (kind, subject, seq, at, actor, op, request, detail, head)
SELECT kind, subject, seq + 1, at, actor, op, request, detail, head FROM hall.audit WHERE subject = :'o' AND seq = 6;
SELECT throws_ok(format('UPDATE hall.orders SET subject = ''fork'' WHERE id = %L', :'o'), '23505', NULL, 'a fork is refused with the change itself');
ROLLBACK TO whole;
SELECT throws_ok(format('UPDATE hall.audit SET seq = 0 WHERE subject = %L AND seq = 6', :'o'), '23514');

-- A row names the caller, the request and the operation.
SELECT pg_temp.be_staff(:'staff', 'reviewer');
SELECT pg_temp.be_with('request', 'req-1'), pg_temp.be_with('op', 'review.test');
UPDATE hall.orders SET subject = 'y' WHERE id = :'o';
SELECT is((SELECT concat_ws(' ', actor, op, request) FROM hall.audit WHERE subject = :'o' AND seq = 7),
          'staff:' || :'staff' || ' review.test req-1', 'a row names staff, operation and request');
SELECT hall.enter_system('runner', 'runner.test');
UPDATE hall.orders SET subject = 'x' WHERE id = :'o';
SELECT is((SELECT concat_ws(' ', actor, op) FROM hall.audit WHERE subject = :'o' AND seq = 8), 'system:runner runner.test', 'or the program');

-- ---- what the trail tells of a column ----
CREATE FUNCTION pg_temp.last(wanted uuid) RETURNS hall.audit LANGUAGE sql AS $$
    SELECT a FROM hall.audit a WHERE subject = wanted ORDER BY seq DESC LIMIT 1 $$;
CREATE FUNCTION pg_temp.words(wanted uuid) RETURNS jsonb LANGUAGE sql AS $$
    SELECT hall.words_decrypt(k.key, w.words) FROM hall.audit_words w JOIN hall.audit_key k USING (owner)
     WHERE (w.subject, w.seq) = (wanted, (pg_temp.last(wanted)).seq) $$;
UPDATE hall.orders SET form = '\xdeadbeef', years = 2, subject = '某单位' WHERE id = :'o';
SELECT is((pg_temp.last(:'o')).detail - 'form' - 'subject' - 'version', '{"years": [1, 2]}', 'values stand as they were and are');
SELECT is((pg_temp.last(:'o')).detail ->> 'form', (SELECT hall.commitment(key, 'form', '\xdeadbeef') FROM hall.audit_key WHERE owner = :'o'),
          'bytes as a commitment, which the key proves');
SELECT is((pg_temp.last(:'o')).detail ->> 'subject', (SELECT hall.commitment(key, 'subject', '某单位') FROM hall.audit_key WHERE owner = :'o'), 'words, too');
SELECT is(pg_temp.words(:'o'), '{"subject": ["x", "某单位"]}', 'which can be read beside it');
UPDATE hall.orders SET form = NULL, subject = '' WHERE id = :'o';
SELECT is((pg_temp.last(:'o')).detail -> 'form', 'null', 'what is emptied is told as empty, and not as what it was');
SELECT pg_temp.new_order(:'project', :'account') AS other \gset
UPDATE hall.orders SET subject = '某单位' WHERE id IN (:'o', :'other');
SELECT isnt((pg_temp.last(:'o')).detail ->> 'subject', (pg_temp.last(:'other')).detail ->> 'subject', 'the same words are another commitment in another order');
SELECT hall.audit_forget(:'o');
SELECT is_empty(format('SELECT FROM hall.audit_key WHERE owner = %1$L UNION ALL SELECT FROM hall.audit_words WHERE owner = %1$L', :'o'), 'erasure leaves neither key nor words');
SELECT is(pg_temp.broken(:'o'), 0::bigint, 'and the chain holds without them');
SELECT throws_ok($$ SELECT hall.audit_shows('certificate', 'value', '{key_file}') $$, 'P0001', NULL, 'no bytes can be declared to be told');

-- The list has every column of every audited table, and no other.
CREATE TEMP VIEW audited_column AS SELECT c.table_name::text AS tbl, c.column_name::text AS col, c.udt_name::text AS type
  FROM information_schema.columns c
 WHERE c.table_schema = 'hall' AND c.table_name IN ('orders', 'account', 'staff', 'project', 'certificate', 'seal', 'revocation');
SELECT set_eq('SELECT tbl, col FROM audited_column', 'SELECT "table"::text, "column"::text FROM hall.audit_column', 'every audited column is declared');

-- Each column that is not told is filled with something that can be recognized, and emptied. Constraints and other triggers are in the
-- way of that, and nobody needs them any more.
CREATE FUNCTION pg_temp.fill_and_empty() RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    mark text := 'geheim-4711';
    r record;
    value text;
    seen int := 0;
BEGIN
    FOR r IN SELECT c.conrelid::regclass AS tbl, c.conname FROM pg_constraint c
              WHERE c.contype IN ('c', 'u') AND c.conrelid IN (SELECT ('hall.' || tbl)::regclass FROM audited_column) LOOP
        EXECUTE format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', r.tbl, r.conname);
    END LOOP;
    FOR r IN SELECT t.tgrelid::regclass AS tbl, t.tgname FROM pg_trigger t
              WHERE NOT t.tgisinternal AND t.tgname <> 'z_audited' AND t.tgrelid IN (SELECT ('hall.' || tbl)::regclass FROM audited_column) LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER %I', r.tbl, r.tgname);
    END LOOP;
    FOR r IN SELECT a.tbl, a.col FROM audited_column a WHERE a.tbl IN ('certificate', 'seal') AND a.col <> 'id' LOOP
        EXECUTE format('ALTER TABLE hall.%I ALTER %I DROP NOT NULL', r.tbl, r.col);
    END LOOP;
    INSERT INTO hall.certificate DEFAULT VALUES;
    INSERT INTO hall.seal DEFAULT VALUES;
    FOR r IN SELECT a.tbl, a.col, a.type FROM audited_column a JOIN hall.audit_column s ON s."table" = a.tbl AND s."column" = a.col
              WHERE s.shown IN ('words', 'commitment') AND a.tbl <> 'revocation' LOOP
        EXECUTE format('ALTER TABLE hall.%I ALTER %I DROP NOT NULL', r.tbl, r.col);
        value := CASE r.type WHEN 'bytea' THEN format('convert_to(%L, ''UTF8'')', mark) WHEN 'jsonb' THEN format('%L', to_jsonb(mark)) ELSE quote_literal(mark) END;
        EXECUTE format('UPDATE hall.%I SET %I = %s', r.tbl, r.col, value);
        EXECUTE format('UPDATE hall.%I SET %I = NULL', r.tbl, r.col);
        seen := seen + 1;
    END LOOP;
    RETURN CASE WHEN seen < 15 THEN 'only ' || seen || ' columns' WHEN EXISTS (
        SELECT FROM hall.audit a WHERE a.detail::text ~ (mark || '|' || encode(convert_to(mark, 'UTF8'), 'hex'))
        UNION ALL SELECT FROM hall.audit_words w WHERE position(convert_to(mark, 'UTF8') IN w.words) > 0) THEN 'told' ELSE 'not told' END;
END $$;
SAVEPOINT whole;
SELECT is(pg_temp.fill_and_empty(), 'not told', 'no column''s secret gets into the trail, neither with what it becomes nor with what it was');
ROLLBACK TO whole;

-- The trail of every kind of subject.
SELECT set_eq($$ SELECT event_object_table::text FROM information_schema.triggers WHERE trigger_schema = 'hall'
                    AND action_statement LIKE '%hall.audited%' AND event_manipulation = 'UPDATE' $$,
              ARRAY['orders', 'account', 'staff', 'project', 'certificate', 'seal'], 'orders, accounts, staff, projects, certificates, seals');
SELECT is_empty($$ SELECT table_name FROM information_schema.columns WHERE table_schema = 'hall' AND column_name = 'audit_head'
                   EXCEPT SELECT event_object_table FROM information_schema.triggers
                    WHERE action_statement LIKE '%hall.audited%' AND event_manipulation = 'INSERT' $$, 'no table has a head without its trigger');
UPDATE hall.account SET phone_mask = '1' WHERE id = :'account';
UPDATE hall.staff SET active = false WHERE id = :'staff';
UPDATE hall.project SET name = 'x' WHERE id = :'project';
SELECT is(pg_temp.broken(:'account') + pg_temp.broken(:'staff') + pg_temp.broken(:'project'), 0::bigint, 'their trails hold');
SELECT is((SELECT array_agg(audit_seq) FROM (SELECT audit_seq FROM hall.account WHERE id = :'account' UNION ALL
           SELECT audit_seq FROM hall.staff WHERE id = :'staff' UNION ALL SELECT audit_seq FROM hall.project WHERE id = :'project') x),
          '{2,2,2}', 'and advance');
SELECT is_empty($$ SELECT subject FROM hall.audit_page(NULL, NULL, 1000000) WHERE seq IS NULL OR current_seq IS NULL $$, 'no subject in the database is without a trail');

-- The log has each row once and each size once.
SELECT is((SELECT count(*) FROM hall.audit_unsigned(1000000) u JOIN hall.audit a USING (id) WHERE a.subject = :'o'), pg_temp.seq_of(:'o')::bigint, 'new rows wait for the log');
SELECT id AS one FROM hall.audit WHERE subject = :'o' AND seq = 1 \gset
SELECT coalesce(max(leaf), -1) + 1 AS next FROM hall.log_leaf \gset
SELECT lives_ok(format($$ SELECT hall.audit_signed(%s, '{%s}', ARRAY[repeat('ab', 32)], sha256(''), '\x00', '\x01') $$, :'next', :'one'));
SELECT throws_ok(format($$ SELECT hall.audit_signed(%s + 1, '{%s}', ARRAY[repeat('ab', 32)], sha256('x'), '\x00', '\x02') $$, :'next', :'one'), '23505',
                 NULL, 'a row is signed once');
SELECT throws_ok(format('DELETE FROM hall.audit WHERE id = %s', :'one'), '23503', NULL, 'a signed row cannot be deleted under its leaf');

SELECT is((SELECT (size, peaks, root)::text FROM hall.log_kept()), (SELECT (:next + 1, '\x01'::bytea, sha256(''))::text), 'the tree is kept with its newest head');
SELECT results_eq(format('SELECT leaf, hash FROM hall.log_hashes(%s, 1)', :'next'), format('SELECT %s::bigint, decode(repeat(''ab'', 32), ''hex'')', :'next'), 'and its leaves are read from one on');

-- ---- proofs of single rows ----
SAVEPOINT proofs; -- the log is filled with made-up leaves
DELETE FROM hall.log_leaf; DELETE FROM hall.log_head; DELETE FROM hall.log_node;
INSERT INTO hall.log_leaf SELECT n, -1 - n, sha256(n::text::bytea), now() FROM generate_series(0, 599) n;
INSERT INTO hall.log_head (size, root, signature) SELECT n, sha256(n::text::bytea), '\x01' FROM unnest('{200, 255, 256, 300, 511, 512, 600}'::int[]) n;
SELECT is((hall.log_proved_head()).size, 255::bigint, 'without kept subtrees proofs go as far as leaves alone make them');
SELECT results_eq('SELECT min(at), max(at), count(*) FROM hall.log_children(8, 512)', 'VALUES (0::bigint, 511::bigint, 512::bigint)', 'subtrees are made of leaves, from the first on');
SELECT hall.log_node_add(8, 0, ARRAY[repeat('0a', 32)]);
SELECT is((hall.log_proved_head()).size, 511::bigint, 'and further with each that is kept');
SELECT results_eq('SELECT min(at), max(at), count(*) FROM hall.log_children(8, 512)', 'VALUES (256::bigint, 599::bigint, 344::bigint)', 'the next ones of what is in none');
SELECT hall.log_node_add(8, 1, ARRAY[repeat('0b', 32)]);
SELECT lives_ok($$ SELECT hall.log_node_add(8, 0, ARRAY[repeat('ff', 32), repeat('ff', 32)]) $$, 'another runner may have kept them');
SELECT results_eq('SELECT at, hash FROM hall.log_children(16, 10)', $$ VALUES (0::bigint, decode(repeat('0a', 32), 'hex')), (1, decode(repeat('0b', 32), 'hex')) $$, 'then they stay, and the level above is made of them');
SELECT is((hall.log_proved_head()).size, 600::bigint, 'the newest head');
SELECT results_eq($$ SELECT level, "group", length(hashes) FROM hall.log_groups('{0,0,8,8,16}', '{1,2,0,1,0}') $$, 'VALUES (0, 1::bigint, 8192), (0, 2, 2816), (8, 0, 64)', 'hashes come by groups; those that are not there do not');
SELECT is((SELECT substr(hashes, 33, 32) FROM hall.log_groups('{0}', '{2}')), sha256('513'), 'in their order');
SELECT ok(hall.log_head_ours(600, sha256('600'), '\x01'), 'a head that was signed is on record');
SELECT ok(NOT hall.log_head_ours(600, sha256('512'), '\x01') AND NOT hall.log_head_ours(600, sha256('600'), '\x02') AND NOT hall.log_head_ours(599, sha256('600'), '\x01'), 'no other is');
-- An export goes through the leaves and the heads by pages, up to the head that was the newest when it was asked for.
SELECT is(hall.log_export_ask('ffffffff-0000-4000-8000-00000000e001', '\x01'), 600::bigint, 'an export goes as far as the newest head');
SELECT ok(staff IS NULL, 'one that no member of staff has asked for was made on the machine') FROM hall.log_export WHERE id = 'ffffffff-0000-4000-8000-00000000e001';
SELECT results_eq('SELECT min(leaf), max(leaf), count(*), count(head) FROM hall.log_export_rows(590, 600, 1000)', 'VALUES (590::bigint, 599::bigint, 10::bigint, 0::bigint)', 'leaves without a row are there');
SELECT results_eq('SELECT min(leaf), max(leaf) FROM hall.log_export_rows(100, 600, 50)', 'VALUES (100::bigint, 149::bigint)', 'a page');
SELECT results_eq('SELECT size FROM hall.log_export_heads(256, 3)', 'VALUES (300::bigint), (511), (512)', 'and the heads after a size');
SELECT ok("out" ~ '"asked_by": null', 'it is on record') FROM hall.log_export_list(NULL, 1);
DELETE FROM hall.log_head;
SELECT throws_ok($$ SELECT hall.log_export_ask('ffffffff-0000-4000-8000-00000000e002', '\x01') $$, 'CH409', NULL, 'without a signed head there is nothing to export');
SELECT throws_ok($$ INSERT INTO hall.log_node VALUES (4, 0, sha256('')) $$, '23514', NULL, 'other levels are not kept');
ROLLBACK TO proofs;

-- ---- the verifier's pages ----
-- Subjects behind all others: trails of one to four rows, one whose subject is gone, one that was taken away from under its
-- subject, and a number that was given twice.
CREATE FUNCTION pg_temp.behind(n int) RETURNS uuid LANGUAGE sql AS $$ SELECT ('ffffffff-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid $$;
SELECT pg_temp.new_order(:'project', :'account', jsonb_build_object('id', pg_temp.behind(n))) FROM generate_series(1, 9) n;
SELECT hall.note_all('order', ARRAY[pg_temp.behind(n)], '{}') FROM generate_series(1, 9) n, generate_series(1, n % 4);
DELETE FROM hall.audit WHERE subject IN (pg_temp.behind(2), pg_temp.behind(6), pg_temp.behind(7));
DELETE FROM hall.orders WHERE id = pg_temp.behind(3);
UPDATE hall.audit SET seq = 2 WHERE subject = pg_temp.behind(5) AND seq = 1;
CREATE FUNCTION pg_temp.pages(size int) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    after record := ROW(pg_temp.behind(0), 0);
    found text[] := '{}';
    r record;
    n int;
BEGIN
    LOOP
        n := 0;
        FOR r IN SELECT * FROM hall.audit_page(after.f1, after.f2, size) LOOP
            found := found || concat_ws(' ', right(r.subject::text, 1), coalesce(r.seq, 0), 'of', coalesce(r.current_seq::text, '-'), encode(r.head, 'hex'));
            after := ROW(r.subject, coalesce(r.seq, 2147483647));
            n := n + 1;
        END LOOP;
        EXIT WHEN n = 0 OR cardinality(found) > 100;
    END LOOP;
    RETURN found;
END $$;
SELECT is((SELECT array_agg(left(f, 8)) FROM unnest(pg_temp.pages(100)) f), ARRAY['1 1 of 2', '1 2 of 2', '2 0 of 3', '3 1 of -', '3 2 of -', '3 3 of -',
    '3 4 of -', '4 1 of 1', '5 2 of 2', '5 2 of 2', '6 0 of 3', '7 0 of 4', '8 1 of 1', '9 1 of 2', '9 2 of 2'], 'each row once, and each subject that has none');
SELECT is((SELECT array_agg(f ORDER BY left(f, 8), f) FROM unnest(pg_temp.pages(size)) f), (SELECT array_agg(f ORDER BY left(f, 8), f) FROM unnest(pg_temp.pages(100)) f), 'the same, ' || size || ' at a time')
  FROM generate_series(1, 16) size;

SELECT * FROM finish();
ROLLBACK;
