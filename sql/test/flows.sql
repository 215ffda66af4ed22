-- What all kinds of business share: the owner of an order, its price, a project as one document, reports that arrive early.
\ir fixture.psql
SELECT plan(24);

SELECT pg_temp.new_project('{"business": ["new", "reissue"], "fees": [
    {"business": "reissue", "part": "certificate", "name": "补办费", "fen": 0},
    {"business": "reissue", "part": "medium", "name": "介质费", "fen": 8000}]}') AS project \gset
SELECT pg_temp.new_account() AS account \gset
SELECT pg_temp.new_order(:'project', :'account') AS first \gset
SELECT pg_temp.new_order(:'project', :'account', '{"business": "reissue", "cert_type": null, "years": null}') AS lost \gset

-- whose an order is
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.be_with('op', 'new.submit') \gset
SELECT is((hall.my_order(:'first')).id, :'first'::uuid, 'an order answers to the module of its business');
SELECT throws_ok(format('SELECT hall.my_order(%L)', :'lost'), 'CH404', NULL, 'and to no other one');
SELECT pg_temp.be_with('op', 'orders.cancel') \gset
SELECT is((hall.my_order(:'lost')).id, :'lost'::uuid, 'what serves all of them finds it');
SELECT throws_ok(format($$INSERT INTO hall.orders (id, number, project, account, business, seal_wanted)
    VALUES (gen_random_uuid(), '999999999999999999', %L, %L, 'nothing', false)$$, :'project', :'account'), '23503', NULL, 'a business that there is not');

-- what it costs
SELECT is(hall.price_parts(o), '[{"part": "certificate", "name": "证书费", "fen": 10000}]'::jsonb, 'type and years') FROM hall.orders o WHERE id = :'first';
SELECT is(hall.price_parts(o), '[{"part": "certificate", "name": "补办费", "fen": 0}, {"part": "medium", "name": "介质费", "fen": 8000}]'::jsonb,
          '#55 #56 the fees of a kind of business, zero among them') FROM hall.orders o WHERE id = :'lost';
UPDATE hall.orders SET courier_fee = 1300, seal_wanted = true WHERE id = :'first';
SELECT is((SELECT array_agg(x ->> 'part') FROM jsonb_array_elements(hall.price_parts(o)) x), '{certificate,seal,courier}'::text[],
          '#52 the courier comes last') FROM hall.orders o WHERE id = :'first';
INSERT INTO hall.order_item (order_id, item, cert_type, years) VALUES (:'first', 1, 'institution', 1), (:'first', 2, 'institution', 3),
    (:'first', 3, 'institution', 1);
SELECT is(hall.price_parts(o), '[{"part": "certificate", "name": "证书费", "fen": 50000}, {"part": "seal", "name": "签章费", "fen": 10000},
    {"part": "courier", "name": "快递费（寄付）", "fen": 1300}]'::jsonb, 'items are added up, part by part') FROM hall.orders o WHERE id = :'first';
SELECT is((SELECT count(*) FROM hall.items(o)), 3::bigint, 'an order of three items') FROM hall.orders o WHERE id = :'first';
SELECT pg_temp.new_order(:'project', :'account') AS plain \gset
SELECT results_eq(format('SELECT i.item, i.cert_type, i.years FROM hall.orders o, hall.items(o) i WHERE o.id = %L', :'plain'),
                  $$VALUES (1, 'institution', 1)$$, 'an order without rows of items has one');

-- how a refund is told
UPDATE hall.orders SET refund = 'asked' WHERE id = :'plain';
SELECT is(l.label, '退费申请中', 'a refund asked for is the label') FROM hall.orders o, hall.order_label(o) l WHERE o.id = :'plain';

-- a project as one document
CREATE FUNCTION pg_temp.document(more jsonb) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('slug', 'tapdoc', 'project_id', md5('tapdoc'), 'name', '文档', 'title', '文档', 'form_title', '申请表',
        'business', '["new"]'::jsonb, 'login_ways', '["sms"]'::jsonb, 'self_registration', true, 'seal_mode', 'never',
        'payment_ways', '["wechatpay"]'::jsonb, 'finauth', 'none', 'account_asked', 'form', 'review_days', 1, 'couriers', '["sf"]'::jsonb,
        'courier_payment', 'collect') || more $$;
SELECT lives_ok($$SELECT hall.project_import(pg_temp.document('{"intro": "一", "ship_days": 3}'))$$, 'a document comes in');
SELECT lives_ok($$SELECT hall.project_import(pg_temp.document('{"name": "新文档"}'))$$, 'and again');
SELECT results_eq($$SELECT name, intro, ship_days, revision FROM hall.project WHERE slug = 'tapdoc'$$,
                  $$VALUES ('新文档', '', NULL::int, 2)$$, 'what it names no more falls back to its default');
SELECT throws_ok($$SELECT hall.project_import(pg_temp.document('{"colour": "red"}'))$$, 'CH422', NULL, 'a member that there is not is refused');
SELECT throws_ok($$SELECT hall.project_import(pg_temp.document('{"revision": 9}'))$$, 'CH422', NULL, 'and one that is the hall''s');
SELECT throws_ok($$SELECT hall.project_import(pg_temp.document('{"business": ["magic"]}'))$$, 'CH422', NULL, 'and a business that there is not');
SELECT throws_ok($$SELECT hall.project_import(pg_temp.document('{"steps": [{"step": "form", "label": "填写", "size": 3}]}'))$$, 'CH422',
                 '项目文件里的 /steps/0/size 不是已知的项目。', 'in a list, told by its pointer');
SELECT throws_ok($$SELECT hall.project_import(pg_temp.document('{"steps": [{"step": "form", "label": "填写", "project": "x"}]}'))$$, 'CH422',
                 NULL, 'a list cannot say whose it is');
SELECT is((SELECT count(*) FROM hall.project_step s JOIN hall.project p ON p.id = s.project WHERE slug = 'tapdoc'), 0::bigint, 'nothing of a refused one is kept');

-- reports that overtake us
INSERT INTO hall.message (id, event, recipient) VALUES ('00000000-0000-4000-8000-0000000000e1', 'approved', 'agent');
SELECT ok(NOT hall.message_report('E1', false, '空号', '2026-03-10T09:00:00+08:00'), 'a report of a number not known yet');
SELECT hall.message_sent('00000000-0000-4000-8000-0000000000e1', now(), 'E1', NULL);
SELECT results_eq($$SELECT delivery, delivery_note FROM hall.message WHERE serial_no = 'E1'$$, $$VALUES ('undelivered', '空号')$$, 'is there when it becomes known');
SELECT is((SELECT count(*) FROM hall.message_report_early WHERE serial_no = 'E1'), 0::bigint, 'and is kept no longer');
SELECT hall.message_report('E2', true, 'DELIVRD', now()) \gset
UPDATE hall.message_report_early SET kept_at = now() - interval '2 days';
SELECT hall.message_report('E3', true, 'DELIVRD', now()) \gset
SELECT is((SELECT string_agg(serial_no, ',') FROM hall.message_report_early WHERE serial_no LIKE 'E_'), 'E3', 'one that nobody asked for goes after a day');

SELECT * FROM finish();
ROLLBACK;
