-- Kinds that are rows: a payment channel, a courier and a kind of business that no code names are offered, used and called by their
-- names; what names one that there is not is refused, and one that is named stays.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_account() AS account, pg_temp.new_staff('finance') AS finance, pg_temp.new_staff('producer') AS producer \gset
CREATE FUNCTION pg_temp.setup(project uuid, kind text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT pg_temp.be_with('op', kind || '.setup');
    SELECT hall.setup_json(project) $$;

-- ---- a payment channel ----
INSERT INTO hall.payment_channel (code, pos, name, app, page, hint) VALUES ('yunshan', 9, '云闪付', '云闪付', true, '用云闪付扫码。'),
                                                                           ('counter', 10, '柜台交款', NULL, false, '到柜台交款。');
SELECT pg_temp.new_project('{"payment_ways": ["yunshan", "counter", "wechatpay"], "finauth": "none"}') AS project \gset
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.setup(:'project', 'new') #> '{payment_ways,0}', '{"code": "yunshan", "name": "云闪付", "app": "云闪付", "page": true, "phone": false, "hint": "用云闪付扫码。", "online": true}',
          'what the page of payment is told of a way');
SELECT is(jsonb_path_query_array(pg_temp.setup(:'project', 'new'), '$.payment_ways[*].code'), '["yunshan", "counter", "wechatpay"]', 'in the project''s order');
SELECT pg_temp.new_order(:'project', :'account') AS o \gset
SELECT pg_temp.add_papers(:'o'), pg_temp.submit(:'o');
SELECT is(pg_temp.outcome(format('SELECT hall.payment_open(gen_random_uuid(), %L, ''counter'', ''X'')', :'o')), 'CH422 /channel', 'what is not paid online is not opened');
SELECT is((SELECT channel FROM hall.payment_open(gen_random_uuid(), :'o', 'yunshan', 'TAP-KIND')), 'yunshan', 'what is, is');
SELECT hall.payment_paid('TAP-KIND', 'tap-kind', 10000, now());
SELECT is(pg_temp.page(:'o') -> 'payment_channel_name', '"云闪付"', 'the order names it');
SELECT ok(hall.my_order_course(:'o') LIKE '%云闪付 100.00 元已到账%', 'its course does');
SELECT hall.refund_ask(gen_random_uuid(), :'o', pg_temp.version_of(:'o'), '\x00');
SELECT pg_temp.be_staff(:'finance', 'finance');
SELECT ok(hall.money_json('refund_asked', NULL, 100)::jsonb @> '{"items": [{"channel": "yunshan", "channel_name": "云闪付"}]}', 'finance reads its name in the list');
SELECT ok(hall.desk_money(:'o')::jsonb @> '{"payments": [{"channel": "yunshan", "channel_name": "云闪付"}]}', 'in the order');
SELECT ok(hall.report_orders(:'project', current_date - 1, current_date + 1, '{channel}')::jsonb @> '{"rows": [{"channel_name": "云闪付", "received": 10000}]}',
          'and in reports');
SELECT hall.refund_approve(:'o', pg_temp.version_of(:'o'), NULL, pg_temp.signed());
SELECT is((SELECT by_hand FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id WHERE p.out_trade_no = 'TAP-KIND'), false, 'the runner pays it back');
SELECT is((SELECT hall.refund_json(o) ->> 'channel_name' FROM hall.orders o WHERE id = :'o'), '云闪付', 'by its name');
SELECT ok(pg_temp.outcome(format('SELECT hall.bill_want(''yunshan'', %L)', (now() AT TIME ZONE 'Asia/Shanghai')::date)) = 'ok', 'it has bills');
SELECT is(pg_temp.outcome(format('SELECT hall.bill_want(%L, %L)', way, (now() AT TIME ZONE 'Asia/Shanghai')::date)), 'CH422 /channel', way || ' has none')
  FROM unnest(ARRAY['counter', 'transfer', 'magic']) way;
SELECT hall.bill_want('yunshan', (now() AT TIME ZONE 'Asia/Shanghai')::date);
SELECT is(hall.bills_json(NULL, 100)::jsonb -> 'channels' -> -1, '{"code": "yunshan", "name": "云闪付"}', 'and stands in the choice of bills');
SELECT ok(hall.bills_json(NULL, 100)::jsonb @> '{"items": [{"channel": "yunshan", "channel_name": "云闪付"}]}', 'and in their list');
INSERT INTO hall.payment (id, order_id, channel, out_trade_no, total, state, expires_at, transaction_id, paid_at)
VALUES (gen_random_uuid(), :'o', 'counter', 'TAP-COUNTER', 5, 'closed', now(), 'tap-counter', now());
UPDATE hall.payment SET state = 'refund_due' WHERE out_trade_no = 'TAP-COUNTER';
SELECT is((SELECT by_hand::text || (SELECT count(*) FROM hall.outbox WHERE kind = 'refund' AND subject = r.id) FROM hall.refund r
             JOIN hall.payment p ON p.id = r.payment_id WHERE p.out_trade_no = 'TAP-COUNTER'), 'true0', 'what did not come online goes back by hand');
SELECT ok((SELECT hall.partners_json()::jsonb -> 'items' @> '[{"payment_ways": [{"code": "yunshan", "name": "云闪付"}]}]'), 'administrators read its name');

-- ---- a courier ----
INSERT INTO hall.courier (code, name, orders) VALUES ('zto', '中通快递', false);
SELECT pg_temp.new_project('{"couriers": ["zto"], "finauth": "none"}') AS project \gset
SELECT pg_temp.new_order(:'project', :'account', '{"state": "produced", "paid": "paid"}') AS o \gset
SELECT is((SELECT hall.delivery_json(o) ->> 'text' FROM hall.orders o WHERE id = :'o'), '由中通快递到付，快递费在收件时付给快递员。', 'told before it leaves');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT is(hall.desk_parcels(:'o')::jsonb -> 'couriers', '[{"code": "zto", "name": "中通快递", "orders": false}]', 'offered to who ships');
SELECT hall.ship(:'o', pg_temp.version_of(:'o'), 'zto', 'ZTO12345678');
SELECT is((SELECT hall.parcel_json(o) ->> 'courier_name' FROM hall.orders o WHERE id = :'o'), '中通快递', 'and named on its way');

-- ---- a kind of business ----
INSERT INTO hall.business (code, pos, name, priced, product) VALUES ('site', 9, '网站证书', false, '为网站签发证书。');
INSERT INTO hall.business_point (business, pos, title, text) VALUES ('site', 1, '不用介质', '证书装在服务器上。');
INSERT INTO hall.business_step (business, pos, step, label) VALUES ('site', 1, 'agreements', '网站须知'), ('site', 2, 'form', '核对信息'), ('site', 3, 'payment', '缴费');
SELECT is(hall.businesses_json() @> '[{"code": "site"}]', false, 'nobody offers it yet');
SELECT pg_temp.new_project('{"business": ["site", "new"], "fees": [{"business": "site", "part": "certificate", "name": "网站费", "fen": 100}]}') AS project \gset
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(hall.businesses_json() -> -1, '{"code": "site", "name": "网站证书", "product": {"text": "为网站签发证书。", "points": [{"title": "不用介质", "text": "证书装在服务器上。"}]}}',
          'offered: the home page has its name, and what it says of a product');
SELECT is(hall.businesses_json() -> 0, '{"code": "new", "name": "证书新办", "product": null}', 'another is none');
SELECT is(pg_temp.setup(:'project', 'site') -> 'steps', '[{"key": "agreements", "label": "网站须知", "before_draft": true},
          {"key": "form", "label": "核对信息", "before_draft": false}, {"key": "payment", "label": "缴费", "before_draft": false}]', 'its pages, in its order');
SELECT is(jsonb_array_length(pg_temp.setup(:'project', 'new') -> 'steps'), 6, 'another kind of the same project has its own');
SELECT is(hall.project_face(:'project') #> '{businesses,0,steps,0,label}', '"网站须知"', 'who has chosen none sees those of the first');
SELECT pg_temp.new_project('{"steps": [{"step": "phone", "label": "先认证"}]}') AS own \gset
SELECT is(jsonb_path_query_array(hall.project_face(:'own'), '$.businesses[0].steps[*].label'), '["先认证"]', 'a project''s own stand in their place');
SELECT pg_temp.be_applicant(:'account', :'project'), pg_temp.be_with('op', 'site.create');
SELECT gen_random_uuid() AS o \gset
SELECT hall.order_create(:'o', '123123123123123123', 'site', NULL, '[{"code": "service", "version": "2026-01"}]');
SELECT is(pg_temp.outcome(format('SELECT hall.my_order(%L)', :'o')), 'ok', 'its module serves its orders');
SELECT pg_temp.be_with('op', 'new.submit');
SELECT is(pg_temp.outcome(format('SELECT hall.my_order(%L)', :'o')), 'CH404', 'no other''s does');
UPDATE hall.orders SET cert_type = 'institution', years = 1 WHERE id = :'o';
SELECT is((SELECT hall.price_parts(o) FROM hall.orders o WHERE id = :'o'), '[{"part": "certificate", "name": "网站费", "fen": 100}]', 'type and years do not price it');
UPDATE hall.business SET priced = true WHERE code = 'site';
SELECT ok((SELECT hall.price_parts(o) @> '[{"name": "证书费", "fen": 10000}]' FROM hall.orders o WHERE id = :'o'), 'if they do, they do');
SELECT ok(hall.my_orders(NULL, NULL, NULL, NULL, 'site', NULL, NULL, NULL, NULL, 20)::jsonb @>
          '{"items": [{"business": "site", "business_name": "网站证书"}], "businesses": [{"code": "site", "name": "网站证书"}]}', 'lists name it and offer it as a filter');
SELECT is(hall.form_spec((SELECT slug FROM hall.project WHERE id = :'project'))::jsonb #>> '{businesses,site}', '网站证书', 'so do orders and printed forms');

-- The row decides what the document of a project must have.
CREATE FUNCTION pg_temp.taken(more jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.outcome(format('SELECT hall.project_take(%L, pg_temp.resolved(''{"document": "x"}''))', hall.project_document((SELECT slug FROM hall.project ORDER BY id LIMIT 1))
        - '{prices,gifts,outlets,faq,downloads,messages,mails,courier_rules,notices,links,types,fields,papers,fees,ca}'::text[]
        || '{"slug": "tapkind", "project_id": "00000000000000000000000000000007", "seal_mode": "never", "finauth": "none"}'
        || jsonb_build_object('agreements', '[{"code": "service", "version": "2026-01"}]'::jsonb, 'steps', '[]'::jsonb) || more)) $$;
SELECT is(pg_temp.taken('{"business": ["site"]}'), 'CH422 /types', 'what type and years price needs types');
UPDATE hall.business SET priced = false WHERE code = 'site';
SELECT is(pg_temp.taken('{"business": ["site"]}'), 'ok', 'what they do not, needs none');
SELECT is(pg_temp.taken('{"business": ["site"], "seal_mode": "asked"}'), 'CH422 /steps', 'who asks for a seal has a page for it');
INSERT INTO hall.business_step (business, pos, step, label) VALUES ('site', 4, 'seal', '电子签章');
SELECT is(pg_temp.taken('{"business": ["site"], "seal_mode": "asked"}'), 'ok', 'which may be the kind''s');

-- ---- keys ----
SELECT is(pg_temp.outcome(format('UPDATE hall.project SET %s WHERE id = %L', change, :'project')), wanted, change) FROM (VALUES
    ('business = ''{new,magic}''', 'CH422 /business'), ('business = ''{}''', '23514'), ('payment_ways = ''{wechatpay,cash}''', 'CH422 /payment_ways'),
    ('payment_ways = ''{alipay,wechatpay}''', 'ok'), ('couriers = ''{pigeon}''', 'CH422 /couriers'), ('couriers = ''{}''', 'ok')) v(change, wanted);
SELECT is(pg_temp.outcome(change), '23503', change) FROM unnest(ARRAY['DELETE FROM hall.payment_channel WHERE code = ''counter''',
    'UPDATE hall.payment_channel SET code = ''hall'' WHERE code = ''counter''', 'DELETE FROM hall.business WHERE code = ''seal''',
    'DELETE FROM hall.courier WHERE code = ''ems''', 'DELETE FROM hall.step WHERE code = ''phone''']) change;
UPDATE hall.project SET payment_ways = '{wechatpay}' WHERE 'counter' = ANY (payment_ways);
SELECT is(pg_temp.outcome('DELETE FROM hall.payment_channel WHERE code = ''counter'''), '23503', 'a channel that was paid by stays, too');
INSERT INTO hall.payment_channel (code, pos, name, hint) VALUES ('idle', 11, '闲置', '');
SELECT is(pg_temp.outcome('DELETE FROM hall.payment_channel WHERE code = ''idle'''), 'ok', 'one that nothing names goes');
SELECT is(pg_temp.outcome(change), wanted, change) FROM (VALUES
    ('INSERT INTO hall.payment_notice (channel, id) VALUES (''magic'', ''1'')', '23503'),
    ('INSERT INTO hall.bill (channel, day) VALUES (''transfer'', ''2026-03-01'')', '23503'),
    ('INSERT INTO hall.bill (channel, day) VALUES (''alipay'', ''2026-03-01'')', 'ok'),
    ('UPDATE hall.payment SET channel = ''magic'' WHERE out_trade_no = ''TAP-KIND''', '23503'),
    ('UPDATE hall.orders SET courier = ''pigeon'' WHERE id = (SELECT id FROM hall.orders LIMIT 1)', '23503'),
    ('UPDATE hall.orders SET courier_wanted = ''pigeon'' WHERE id = (SELECT id FROM hall.orders LIMIT 1)', '23503'),
    ('UPDATE hall.business_step SET step = ''dance'' WHERE business = ''new'' AND pos = 1', '23503'),
    ('UPDATE hall.payment_channel SET page = true WHERE code = ''transfer''', '23514')) v(change, wanted);
SELECT * FROM finish();
ROLLBACK;
