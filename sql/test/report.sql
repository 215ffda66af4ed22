-- Delivery reports, and the automatic reading of the licence.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project('{"papers": [{"code": "form", "name": "申请表", "stamped": true, "formats": ["bmp"], "of_form": true},
                                        {"code": "licence", "name": "营业执照", "stamped": true, "formats": ["jpeg"]}]}') AS project,
       pg_temp.new_account() AS account \gset
SELECT pg_temp.new_order(:'project', :'account') AS o \gset

-- ---- messages ----
INSERT INTO hall.message (event, order_id, recipient, state, serial_no) VALUES ('approved', :'o', 'agent', 'sent', 'S1'), ('pin', :'o', 'agent', 'sent', 'S2');
SELECT pg_temp.be('nobody', NULL, '{vendor}');
SELECT ok(NOT hall.message_report('S0', true, 'DELIVRD', NULL), 'a message that is not ours');
SELECT ok(hall.message_report('S1', true, 'DELIVRD', '2026-03-10T09:00:00+08:00'), 'one that reached its phone');
SELECT ok(hall.message_report('S2', false, '用户关机', NULL), 'one that did not');
SELECT ok(hall.message_report('S2', true, 'DELIVRD', NULL), 'a second word about it');
SELECT is((SELECT string_agg(delivery || ' ' || delivery_note, '; ' ORDER BY serial_no) FROM hall.message WHERE order_id = :'o'),
          'delivered DELIVRD; undelivered 用户关机', 'the first word counts');
SELECT ok(hall.messages_json(:'o') IS NULL, 'nobody but staff sees them');
SELECT pg_temp.be_staff(pg_temp.new_staff('reviewer'), 'reviewer');
SELECT ok(hall.messages_json(:'o') IS NULL, 'not even they, of a draft');
UPDATE hall.orders SET state = 'in_review' WHERE id = :'o';
SELECT is((SELECT string_agg(x ->> 'state', ' ' ORDER BY x ->> 'event') FROM jsonb_array_elements(hall.messages_json(:'o')::jsonb -> 'items') x), 'delivered undelivered', 'staff do');
SELECT ok(hall.messages_json(gen_random_uuid()) IS NULL, 'an order that is not there has none');
UPDATE hall.orders SET state = 'draft' WHERE id = :'o';

-- ---- the licence ----
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.stored() AS m \gset
SELECT hall.paper_put(:'m', :'o', 'licence', 'a.jpg', 'image/jpeg', 10, sha256(''), '\x00');
CREATE FUNCTION pg_temp.shown(wanted uuid) RETURNS jsonb LANGUAGE sql AS $$
    SELECT x -> 'check' FROM jsonb_array_elements(pg_temp.page(wanted) -> 'papers') x WHERE x ->> 'code' = 'licence' $$;
CREATE FUNCTION pg_temp.asked(wanted uuid) RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM hall.outbox WHERE kind = 'licence' AND subject = wanted $$;
SELECT is(pg_temp.shown(:'o') ->> 'state', 'queued', 'an uploaded licence is being read');
SELECT is(pg_temp.asked(:'m'), 1::bigint, 'by the runner');
SELECT is((SELECT file_key FROM hall.licence_work(:'m')), '\x00', 'who is told which file');
SELECT hall.licence_checked(:'m', '\x01', 'differs', '{unit_name,legal_name}');
SELECT is(pg_temp.shown(:'o') ->> 'text', '证照内容与申请表不一致：单位名称、法定代表人。请核对申请表或更换证照；确认无误也可继续提交。', 'what differs is said');
SELECT is((SELECT seen FROM hall.licence_work(:'m')), '\x01', 'what was read is kept');
SELECT hall.licence_checked(:'m', NULL, 'agrees', '{}');
SELECT is((SELECT seen FROM hall.licence_work(:'m')), '\x01', 'and stays, when nothing was read anew');
SELECT is(pg_temp.shown(:'o') ->> 'state', 'agrees', 'compared again');
SELECT throws_ok(format('UPDATE hall.licence_check SET fields = ''{unit_name}'' WHERE paper_id = %L', :'m'), '23514', NULL, 'a difference is a difference');
UPDATE hall.orders SET form = '\x02', version = version + 1 WHERE id = :'o';
SELECT is(pg_temp.asked(:'m'), 2::bigint, 'a changed form is compared again');
UPDATE hall.orders SET form = '\x03', form_complete = false, version = version + 1 WHERE id = :'o';
SELECT is(pg_temp.asked(:'m'), 2::bigint, 'an unfinished one is not');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.submit(%L)', :'o')), 'CH422 /form', 'nothing of this keeps an unfinished order from being refused');
SELECT hall.paper_put(pg_temp.stored(), :'o', 'licence', 'b.jpg', 'image/jpeg', 10, sha256(''), '\x00');
SELECT is((SELECT count(*) FROM hall.licence_work(:'m')), 0::bigint, 'a replaced paper is not read any more');
SELECT is(pg_temp.shown(:'o') ->> 'state', 'queued', 'the new one is');

-- ---- what reports count ----
-- The rows that are kept, and those that differ from what orders, payments and refunds say.
CREATE TEMP VIEW kept AS SELECT day, business, channel, sum(orders) AS orders, sum(received) AS received, sum(refunded) AS refunded
    FROM hall.report_count WHERE project = :'project' GROUP BY 1, 2, 3 HAVING (sum(orders), sum(received), sum(refunded)) <> (0, 0, 0);
CREATE TEMP VIEW read AS SELECT hall.beijing_day(at) AS day, business, channel, sum(orders) AS orders, sum(received) AS received, sum(refunded) AS refunded
    FROM hall.report_rows('-infinity', 'infinity') WHERE project = :'project' GROUP BY 1, 2, 3;
CREATE TEMP VIEW differs AS (SELECT * FROM kept EXCEPT SELECT * FROM read) UNION ALL (SELECT * FROM read EXCEPT SELECT * FROM kept);
CREATE FUNCTION pg_temp.counted(project uuid) RETURNS text LANGUAGE sql AS $$
    SELECT (x -> 'totals' ->> 'orders') || ' ' || (x -> 'totals' ->> 'received') || ' ' || (x -> 'totals' ->> 'refunded')
      FROM (SELECT hall.report_orders(project, '2000-01-01', current_date + 2, '{day,channel}')::jsonb AS x) r $$;
SELECT pg_temp.be_system();
SELECT is(pg_temp.counted(:'project'), '0 0 0', 'a draft does not count');
SELECT pg_temp.new_order(:'project', :'account', '{"created_at": "2026-03-10T15:30:00Z"}') AS night,
       pg_temp.new_order(:'project', :'account', '{"created_at": "2026-03-10T16:30:00Z"}') AS morning,
       pg_temp.new_order(:'project', :'account') AS dropped \gset
UPDATE hall.orders SET state = 'unpaid', submitted_at = now() WHERE id IN (:'night', :'morning');
UPDATE hall.orders SET state = 'cancelled' WHERE id = :'dropped';
SELECT is((SELECT string_agg(day || ' ' || orders, ', ' ORDER BY day) FROM kept), '2026-03-10 1, 2026-03-11 1', 'an order counts when it is handed in, on the day in Beijing on which it was begun');
UPDATE hall.orders SET state = 'draft' WHERE id = :'morning';
SELECT is(pg_temp.counted(:'project'), '1 0 0', 'not while it is a draft again');
UPDATE hall.orders SET state = 'cancelled' WHERE id IN (:'night', :'morning');
SELECT is(pg_temp.counted(:'project'), '2 0 0', 'nor less for coming to nothing');
INSERT INTO hall.payment (id, order_id, channel, out_trade_no, total, expires_at) VALUES (gen_random_uuid(), :'night', 'wechatpay', 'R1', 300, now()),
    (gen_random_uuid(), :'morning', 'alipay', 'R2', 500, now());
SELECT is(pg_temp.counted(:'project'), '2 0 0', 'a payment that is awaited does not count');
UPDATE hall.payment SET state = 'paid', paid_at = '2026-03-12T01:00:00Z' WHERE out_trade_no IN ('R1', 'R2');
SELECT is_empty('SELECT * FROM differs', 'what is kept is what payments say');
UPDATE hall.payment SET state = 'refund_due' WHERE out_trade_no = 'R1';
UPDATE hall.payment SET paid_at = '2026-03-14T01:00:00Z', total = 501 WHERE out_trade_no = 'R2';
SELECT is((SELECT string_agg(day || ' ' || received, ', ' ORDER BY day) FROM kept WHERE received > 0), '2026-03-12 300, 2026-03-14 501', 'one that changes counts as it is now');
SELECT r.id AS refund FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id WHERE p.out_trade_no = 'R1' \gset
SELECT is(pg_temp.counted(:'project'), '2 801 0', 'nor does a refund under way');
UPDATE hall.refund SET state = 'succeeded', ended_at = '2026-03-15T01:00:00Z' WHERE id = :'refund';
SELECT is(pg_temp.counted(:'project'), '2 801 300', 'it counts when it is paid');
SELECT is_empty('SELECT * FROM differs', 'what is kept is what refunds say');
SELECT hall.report_sum();
SELECT is((SELECT count(*) FROM hall.report_count WHERE NOT summed), 0::bigint, 'the rows are summed up');
SELECT is_empty('SELECT * FROM differs', 'to the same');
DELETE FROM hall.refund WHERE id = :'refund';
DELETE FROM hall.payment WHERE out_trade_no = 'R2';
SELECT is(pg_temp.counted(:'project'), '2 300 0', 'what is gone does not count');
SELECT is(hall.report_orders(:'project', '2026-03-01', '2026-03-31', '{month}')::jsonb -> 'totals', hall.report_orders(:'project', '2026-03-01', '2026-03-31', '{month,state}')::jsonb -> 'totals', 'by state it is the same');
SELECT hall.report_recount();
SELECT is_empty('SELECT * FROM differs', 'counted anew, too');

SELECT * FROM finish();
ROLLBACK;
