-- The months of the big tables are made ahead, filled and taken away; the chain of the trail continues over the end of a month.
\ir fixture.psql
SELECT no_plan();
LOCK TABLE hall.orders, hall.ca, hall.data_key, hall.audit, hall.message, hall.outbox, hall.order_history, hall.signature; -- nobody works meanwhile
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account \gset
SELECT pg_temp.new_order(:'project', :'account') AS o \gset
CREATE FUNCTION pg_temp.month(ahead int) RETURNS date LANGUAGE sql AS $$
    SELECT (date_trunc('month', now() AT TIME ZONE 'Asia/Shanghai') + ahead * interval '1 month')::date $$;
CREATE FUNCTION pg_temp.part(of name, month date) RETURNS text LANGUAGE sql AS $$ SELECT 'hall.' || hall.month_name(of, month) $$;

-- ---- made ahead ----
SELECT hall.months_make();
SELECT is((SELECT count(*) FROM pg_inherits WHERE inhparent = ('hall.' || tbl)::regclass AND inhrelid = ANY (ARRAY(SELECT to_regclass(pg_temp.part(tbl, pg_temp.month(n))) FROM generate_series(0, 3) n))),
          4::bigint, tbl || ' has this month and three more') FROM hall.monthly;
SELECT lives_ok('SELECT hall.months_make()', 'they are made once');
SELECT is((SELECT count(*) FROM hall.audit_stray), 0::bigint, 'no row of the trail is without a month');
INSERT INTO hall.order_history (order_id, event, text, at) VALUES (:'o', 'far', '很久以后', hall.month_begins(pg_temp.month(40)) + interval '9 days');
SELECT is((SELECT tableoid::regclass::text FROM hall.order_history WHERE event = 'far'), 'hall.order_history_stray', 'a row of no month is kept all the same');
SELECT hall.month_make('order_history', pg_temp.month(40));
SELECT is((SELECT tableoid::regclass::text FROM hall.order_history WHERE event = 'far'), pg_temp.part('order_history', pg_temp.month(40)), 'and moves over when its month is made');
INSERT INTO hall.message (event, order_id, recipient, created_at) VALUES ('far', :'o', 'agent', hall.month_begins(pg_temp.month(40)));
SELECT hall.month_make('message', pg_temp.month(40));
SELECT is((SELECT tableoid::regclass::text FROM hall.message WHERE event = 'far'), pg_temp.part('message', pg_temp.month(40)), 'one with generated columns too');
SELECT is((SELECT count(*) FROM pg_trigger WHERE tgrelid = pg_temp.part('audit', pg_temp.month(0))::regclass AND tgname IN ('audit_chained', 'audit_stays')), 2::bigint, 'a month has its table''s triggers');

-- ---- a chain across a month's end ----
-- A second row for a place in the chain, in whatever month it claims to be.
CREATE FUNCTION pg_temp.add(wanted uuid, seq_ int, at_ timestamptz) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hall.audit (kind, subject, seq, at, actor, op, request, detail, head)
    VALUES ('order', wanted, seq_, at_, 'owner:x', 'fork', '', '{}', sha256(at_::text::bytea)) $$;
SELECT hall.month_begins(pg_temp.month(1)) AS turn \gset
SELECT is(pg_temp.outcome(format('SELECT pg_temp.add(%L, 2, %L)', :'o', at)), 'ok', 'the next row may be of ' || at) FROM (VALUES (:'turn'::timestamptz - interval '1 microsecond'), (:'turn'::timestamptz)) v(at);
SELECT pg_temp.add(:'o', 2, :'turn'::timestamptz - interval '1 microsecond');
SELECT pg_temp.add(:'o', 3, :'turn');
SELECT is((SELECT array_agg(tableoid::regclass::text ORDER BY seq) FROM hall.audit WHERE subject = :'o' AND seq > 1), ARRAY[pg_temp.part('audit', pg_temp.month(0)), pg_temp.part('audit', pg_temp.month(1))], 'a chain goes on in the next month');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.add(%L, %s, %L)', :'o', seq, at)), '23505', what) FROM (VALUES
    (2, :'turn'::timestamptz, 'a second row of the old month, in the new one'), (3, :'turn'::timestamptz - interval '1 second', 'one of the new month, in the old one'),
    (3, :'turn'::timestamptz + interval '32 days', 'in the one after'), (3, :'turn'::timestamptz + interval '9 years', 'in none that there is'), (2, :'turn'::timestamptz - interval '1 microsecond', 'in its own place'),
    (1, :'turn'::timestamptz, 'a second beginning'), (5, :'turn'::timestamptz, 'a gap'), (9, :'turn'::timestamptz - interval '1 hour', 'a gap in the old month')) v(seq, at, what);
SELECT is(pg_temp.outcome(format('SELECT pg_temp.add(gen_random_uuid(), 2, %L)', :'turn')), '23505', 'a chain that begins with its second row');
SELECT is(pg_temp.outcome(format('UPDATE hall.orders SET subject = ''fork'' WHERE id = %L', :'o')), '23505', 'the subject, which stands before the fork, cannot go on beside it');
-- Of two writers at the same time the second waits for the row of the chain, and then its row is not the next. (One session can show the
-- row, but not the waiting.)
SELECT is((SELECT (seq, head)::text FROM hall.audit_chain WHERE subject = :'o'), (SELECT (seq, head)::text FROM hall.audit WHERE subject = :'o' ORDER BY seq DESC LIMIT 1), 'the chain stands where its last row is');

-- ---- the log knows what it lacks ----
SELECT is((SELECT count(*) FROM hall.audit_unsigned(1000000) u JOIN hall.audit a USING (id) WHERE a.subject = :'o'), 3::bigint, 'rows of both months wait for it');
SELECT hall.audit_signed((SELECT coalesce(max(leaf), -1) + 1 FROM hall.log_leaf), ARRAY(SELECT id FROM hall.audit WHERE subject = :'o' ORDER BY seq), array_fill(repeat('ab', 32), ARRAY[3]), sha256('m'), '\x00', '');
SELECT is((SELECT count(*) FROM hall.log_waiting w JOIN hall.audit a ON a.id = w.audit_id WHERE a.subject = :'o'), 0::bigint, 'and do not when they are in it');
SELECT is((SELECT array_agg(l.at ORDER BY leaf) FROM hall.log_leaf l JOIN hall.audit a ON a.id = l.audit_id WHERE subject = :'o'), (SELECT array_agg(at ORDER BY seq) FROM hall.audit WHERE subject = :'o'), 'a leaf knows of when its row is');

-- ---- a job is asked for once, in all months ----
SELECT hall.enqueue('tap', 'tap/months', NULL);
INSERT INTO hall.outbox (kind, key, created_at) VALUES ('tap', 'tap/months', :'turn'), ('tap', 'tap/other', :'turn');
SELECT is((SELECT string_agg(key, ' ' ORDER BY key) FROM hall.outbox WHERE kind = 'tap'), 'tap/months tap/other', 'whatever month it says it is');
UPDATE hall.outbox SET state = 'done' WHERE kind = 'tap';
SELECT hall.enqueue('tap', 'tap/months', NULL);
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'tap' AND state = 'due'), 0::bigint, 'also when it is done');

-- ---- taken away ----
SELECT pg_temp.month(-30) AS old \gset
SELECT hall.month_make(tbl, month) FROM hall.monthly, unnest(ARRAY[:'old'::date, (:'old'::date + interval '1 month')::date]) month;
SELECT gen_random_uuid() AS s \gset
SELECT pg_temp.add(:'s', 1, hall.month_begins(:'old') + interval '1 day'), pg_temp.add(:'s', 2, hall.month_begins(:'old') + interval '40 days');
INSERT INTO hall.outbox (kind, key, created_at) VALUES ('tap', 'tap/old', hall.month_begins(:'old') + interval '1 hour');
SELECT is(pg_temp.outcome(format('SELECT hall.month_detach(%L, %L)', of, month)), came, of || ' ' || came || ': ' || what) FROM (VALUES
    ('orders', :'old'::date, 'CH404', 'it has no months'), ('audit', pg_temp.month(-600), 'CH404', 'no such month'), ('audit', pg_temp.month(0), 'CH409', 'it is not over'),
    ('audit', (:'old'::date + interval '1 month')::date, 'CH409', 'the oldest first'), ('audit', :'old'::date, 'CH409', 'it is not in the log'), ('outbox', :'old'::date, 'CH409', 'a job of it is not done'),
    ('order_history', :'old'::date, 'ok', 'nothing waits')) v(of, month, came, what);
SELECT hall.audit_signed((SELECT max(leaf) + 1 FROM hall.log_leaf), ARRAY(SELECT id FROM hall.audit WHERE subject = :'s' ORDER BY seq), array_fill(repeat('cd', 32), ARRAY[2]), sha256('n'), '\x00', '');
SELECT is(hall.month_detach('audit', :'old'), 1::bigint, 'the oldest month of the trail');
SELECT is((SELECT array_agg(seq) FROM hall.audit WHERE subject = :'s'), '{2}', 'is no part of it any more');
SELECT is((SELECT count(*) FROM hall.log_leaves(-1, 1000000) l JOIN hall.log_leaf f USING (leaf) WHERE f.hash = decode(repeat('cd', 32), 'hex') AND (l.head IS NULL) = (leaf = (SELECT min(leaf) FROM hall.log_leaf x WHERE x.hash = f.hash))), 2::bigint, 'its leaf stays, without its row');
SELECT is((SELECT DISTINCT (begins_seq, begins_head)::text FROM hall.audit_page(NULL, NULL, 1000000) WHERE subject = :'s'), (SELECT (1, sha256((hall.month_begins(:'old') + interval '1 day')::text::bytea))::text), 'and the trail says what it goes on from');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.add(%L, 1, now())', :'s')), '23505', 'a beginning that is away is no room for another');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.add(%L, 3, now())', :'s')), 'ok', 'the chain goes on');
UPDATE hall.outbox SET state = 'done' WHERE key = 'tap/old';
SELECT is(hall.month_detach('outbox', :'old'), 1::bigint, 'a month of jobs that are all done');
SELECT hall.enqueue('tap', 'tap/old', NULL);
SELECT is((SELECT count(*) FROM hall.outbox WHERE key = 'tap/old'), 0::bigint, 'is not done again for being away');
SELECT hall.months_make();
SELECT is(to_regclass(pg_temp.part('audit', :'old')) IS NOT NULL AND NOT EXISTS (SELECT FROM pg_inherits WHERE inhrelid = to_regclass(pg_temp.part('audit', :'old'))), true, 'it stays as a table of its own');

-- ---- what is due ----
UPDATE hall.outbox SET state = 'done' WHERE state = 'due';
SELECT is((SELECT wait FROM hall.job_take('1 minute')), NULL, 'nothing is due, nor will be');
SELECT hall.enqueue('tap', 'tap/later', NULL, '7 minutes'), hall.enqueue('tap', 'tap/much later', NULL, '1 day');
SELECT is((SELECT (id IS NULL, wait)::text FROM hall.job_take('1 minute')), '(t,00:07:00)', 'not before then');
SELECT hall.enqueue('tap', 'tap/now', NULL);
SELECT is((SELECT (key, attempts, wait)::text FROM hall.job_take('1 minute')), '(tap/now,1,)', 'what is due is handed out');
SELECT is((SELECT (id IS NULL, wait)::text FROM hall.job_take('1 minute')), '(t,00:01:00)', 'once, for as long as the lease says');
SELECT hall.job_again(id, created_at, '3 minutes', 'tap', false, 5) FROM hall.outbox WHERE key = 'tap/now';
SELECT is((SELECT (state, due_at - now(), last_error)::text FROM hall.outbox WHERE key = 'tap/now'), '(due,00:03:00,tap)', 'put back');
SELECT hall.job_done(id, created_at - interval '1 month') FROM hall.outbox WHERE key = 'tap/now';
SELECT is((SELECT state FROM hall.outbox WHERE key = 'tap/now'), 'due', 'a job is looked for in its month alone');
SELECT hall.job_done(id, created_at) FROM hall.outbox WHERE key = 'tap/now';
SELECT is((SELECT state FROM hall.outbox WHERE key = 'tap/now'), 'done', 'and done');

SELECT * FROM finish();
ROLLBACK;
