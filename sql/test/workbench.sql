-- The workbench: what waits for whom, and what a search finds, for whom, and what it leaves in the trail.
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS me, pg_temp.new_account() AS other, pg_temp.new_staff('reviewer') AS reviewer,
       pg_temp.new_staff('producer') AS producer, pg_temp.new_staff('finance') AS finance, pg_temp.new_staff('auditor') AS auditor \gset
INSERT INTO hall.outlet (code, name) VALUES ('tap', '网点');
INSERT INTO hall.staff (id, name, display_name, roles, outlet) VALUES (gen_random_uuid(), 'tapoutlet', '网点', '{outlet}', 'tap') RETURNING id AS outlet \gset
CREATE FUNCTION pg_temp.today(list text, kind text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', t ->> 'count', t ->> 'late') FROM jsonb_array_elements(hall.desk_today()::jsonb -> 'tasks') t
     WHERE t ->> 'list' = list AND t ->> 'kind' IS NOT DISTINCT FROM kind ORDER BY t ->> 'late' LIMIT 1 $$;
CREATE FUNCTION pg_temp.named(name text) RETURNS text LANGUAGE sql AS $$
    SELECT t ->> 'count' FROM jsonb_array_elements(hall.desk_today()::jsonb -> 'tasks') t WHERE t ->> 'name' = name $$;
CREATE FUNCTION pg_temp.lists() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(DISTINCT t ->> 'list', ' ' ORDER BY t ->> 'list') FROM jsonb_array_elements(hall.desk_today()::jsonb -> 'tasks') t $$;
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
CREATE TEMP TABLE before AS SELECT hall.desk_counts(s, false, '{}') AS n, hall.desk_counts(s, false, '{}', true) AS late FROM hall.staff s WHERE s.id = :'reviewer';

-- ---- what waits ----
SELECT pg_temp.new_order(:'project', :'me', '{"state": "in_review", "due_at": "2026-03-02T10:00:00+00:00"}') AS late,
       pg_temp.new_order(:'project', :'me', jsonb_build_object('state', 'in_review', 'due_at', now() + interval '1 day')) AS soon,
       pg_temp.new_order(:'project', :'me', '{"state": "in_review"}') AS promised_nothing,
       pg_temp.new_order(:'project', :'me', jsonb_build_object('state', 'accepted', 'producer', :'producer')) AS mine,
       pg_temp.new_order(:'project', :'me', jsonb_build_object('state', 'accepted', 'outlet', 'tap')) AS theirs \gset
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT is(pg_temp.today('queue', 'review'), concat_ws(' ', least((n ->> 'review')::int + 3, 1000), least((late ->> 'review')::int + 1, 1000)), 'orders to review, of which one is late') FROM before;
SELECT is(pg_temp.lists(), 'queue revocations tray', 'a reviewer''s lists');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT is(pg_temp.named('我正在制作'), '1', 'what the producer has taken');
SELECT is(pg_temp.lists(), 'queue tray', 'a producer''s');
SELECT pg_temp.be_staff(:'outlet', 'outlet');
SELECT is(pg_temp.today('queue', 'produce'), '1 0', 'an outlet counts its own orders');
SELECT is(pg_temp.today('counter'), '0', 'and who comes today');
WITH i AS (INSERT INTO hall.identity (id, order_id, expires_at) SELECT gen_random_uuid(), :'soon', now() FROM generate_series(1, 4) RETURNING id),
     n AS (SELECT id, row_number() OVER ()::int AS n FROM i)
INSERT INTO hall.appointment (id, identity, order_id, outlet, starts_at, seat, state, ended_at)
SELECT gen_random_uuid(), n.id, :'soon', 'tap', current_date + CASE n WHEN 3 THEN interval '34 hours' ELSE interval '10 hours' END, n, CASE n WHEN 4 THEN 'cancelled' ELSE 'open' END, CASE n WHEN 4 THEN now() END FROM n;
SELECT is(pg_temp.today('counter'), '2', 'neither tomorrow nor cancelled');
SELECT pg_temp.be_staff(:'finance', 'finance');
SELECT is(pg_temp.lists(), 'invoices money payouts queue', 'finance''s');
SELECT is((SELECT count(*) FROM jsonb_array_elements(hall.desk_today()::jsonb -> 'tasks') t WHERE t ->> 'list' = 'money'), (SELECT count(*) FROM hall.money_kind), 'with every kind of money');
SELECT pg_temp.be_staff(:'auditor', 'auditor');
SELECT is(pg_temp.lists(), 'outbox', 'who oversees');
SELECT pg_temp.be_applicant(:'me', :'project');
SELECT is(hall.desk_today(), '{"tasks": []}', 'nobody else has any');

-- ---- what is found ----
UPDATE hall.account SET phone_hash = sha256('phone') WHERE id = :'other';
SELECT pg_temp.new_order(:'project', :'other', '{"state": "shipped", "subject": "示范量子罐头有限公司", "number": "202611250000000001", "tracking_no": "SF7788990011", "unit_hash": "\\x0102"}') AS found,
       pg_temp.new_order(:'project', :'other', '{"state": "draft", "subject": "示范量子罐头草稿", "number": "202611250000000002", "unit_hash": "\\x0102"}') AS draft,
       pg_temp.new_order(:'project', :'other', '{"state": "produced", "outlet": "tap", "subject": "示范量子罐头二厂", "number": "202611250000000003"}') AS outlets \gset
INSERT INTO hall.payment (id, order_id, channel, out_trade_no, total, expires_at, transaction_id) VALUES (gen_random_uuid(), :'found', 'wechatpay', 'TAPTRADE1', 100, now(), 'TAPTRANSACTION1');
INSERT INTO hall.parcel (order_id, courier, payment, state, waybill) VALUES (:'outlets', 'sf', 'collect', 'ordered', 'SF1122334455');
CREATE FUNCTION pg_temp.found(words text, phone bytea DEFAULT NULL, unit bytea DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(right(i ->> 'number', 1) || ' ' || (i ->> 'found_by'), ', ' ORDER BY i ->> 'number')
      FROM jsonb_array_elements(hall.desk_search(words, words, phone, unit, NULL, 50)::jsonb -> 'items') i $$;
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT is(pg_temp.found(w.words, w.phone, w.unit), w.found, w.what) FROM (VALUES
    ('量子罐头', NULL::bytea, NULL::bytea, '1 名称, 3 名称', 'by a part of the name, and no draft'), ('20261125000000000', NULL, NULL, '1 业务单号, 3 业务单号', 'of the number'),
    ('SF7788990011', NULL, NULL, '1 运单号', 'the parcel that was sent'), ('SF1122334455', NULL, NULL, '3 运单号', 'one that is ordered'),
    ('TAPTRADE1', NULL, NULL, '1 支付单号', 'our number of a payment'), ('TAPTRANSACTION1', NULL, NULL, '1 支付单号', 'the vendor''s'),
    ('x1', sha256('phone'), NULL, '1 账号手机, 3 账号手机', 'the account''s telephone'), ('x1', NULL, '\x0102', '1 证件号码', 'the unit''s number'),
    ('量子罐头', NULL, '\x0102', '1 名称、证件号码, 3 名称', 'in two ways'), ('罐头_', NULL, NULL, NULL, 'no pattern'), ('量', NULL, NULL, NULL, 'not by one character'),
    ('x1', sha256('nobody'), '\x03', NULL, 'nothing')) w(words, phone, unit, found, what);
SELECT is((SELECT count(*) FROM hall.audit WHERE subject = :'found' AND detail ->> 'read' = 'found'), 3::bigint, 'each finding by a sealed number is in the order''s trail, and no other');
SELECT is((SELECT count(*) FROM hall.audit WHERE subject = :'outlets' AND detail ->> 'read' = 'found'), 1::bigint, 'of those that were found so');
SELECT is((SELECT hall.desk_search('量子罐头', NULL, NULL, NULL, NULL, 1)::jsonb ->> 'more'), 'true', 'there are more');
SELECT pg_temp.be_staff(:'outlet', 'outlet');
SELECT is(pg_temp.found('量子罐头', sha256('phone'), '\x0102'), '3 名称、账号手机', 'an outlet finds its own orders alone');
SELECT is(pg_temp.found('SF7788990011'), NULL, 'by no number either');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT is(pg_temp.found('量子罐头'), '1 名称', 'and the authority''s producer those that no outlet makes');
SELECT pg_temp.be_applicant(:'other', :'project');
SELECT is(pg_temp.found('量子罐头', sha256('phone'), '\x0102'), NULL, 'nobody else finds anything');

SELECT * FROM finish();
ROLLBACK;
