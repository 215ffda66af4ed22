-- Everything that is sent: the courier for an address, parcels, invoices, messages by two channels, reminders of the end of certificates.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project('{"couriers": ["jd", "sf", "ems"], "courier_payment": "prepaid", "finauth": "none"}') AS prepaid,
       pg_temp.new_project('{"couriers": ["sf", "ems"], "invoice_by": ["sms", "email"]}') AS collect,
       pg_temp.new_project('{"couriers": ["sf"], "courier_rules": [
           {"region": "44", "courier": "sf", "payment": "prepaid", "fee": 800}, {"region": "4403", "courier": "sf", "payment": "prepaid", "fee": 500},
           {"keyword": "南山", "courier": "sf", "payment": "collect", "priority": 5}, {"region": "11", "courier": "jd", "payment": "prepaid", "fee": 100}]}') AS own,
       pg_temp.new_account() AS account \gset

-- ---- #52 #54 which courier ----
CREATE FUNCTION pg_temp.match(project uuid, place text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', courier, payment, fee) FROM hall.courier_match(project, place) $$;
DELETE FROM hall.courier_rule WHERE project IS NULL;
INSERT INTO hall.courier_rule (region, courier, payment, fee) VALUES ('', 'jd', 'prepaid', 1300), ('65', 'sf', 'collect', 0);
SELECT is(pg_temp.match(:'prepaid', '440305'), 'jd prepaid 1300', 'the rule for everywhere');
SELECT is(pg_temp.match(:'prepaid', '650102'), 'sf collect 0', 'the rule of a smaller region comes before it');
SELECT is(pg_temp.match(:'prepaid', NULL), '', 'no address, no courier');
SELECT is(pg_temp.match(:'collect', '440305'), '', 'the hall''s rules are for projects that ship prepaid');
SELECT is(pg_temp.match(:'own', '440106'), 'sf prepaid 800', 'a project''s own rules stand in their place');
SELECT is(pg_temp.match(:'own', '440303'), 'sf prepaid 500', 'and the smallest region counts');
SELECT is(pg_temp.match(:'own', '440305'), 'sf collect 0', 'unless another is of higher priority; a word of the region''s name decides');
SELECT is(pg_temp.match(:'own', '110101'), '', 'a courier that the project does not use is no rule');
SELECT is(pg_temp.outcome($$ INSERT INTO hall.courier_rule (region, courier, payment, fee) VALUES ('1', 'sf', 'collect', 1) $$), '23514', 'what the receiver pays is no fee');
SELECT is(pg_temp.outcome($$ INSERT INTO hall.courier_rule (region, courier, payment) VALUES ('1', 'nobody', 'collect') $$), '23503', 'a courier there is');

-- ---- the fee is fixed with the price ----
SELECT pg_temp.new_order(:'prepaid', :'account', '{"mail_region": "440305", "total": 11300}') AS o,
       pg_temp.new_order(:'collect', :'account', '{"mail_region": "440305"}') AS c \gset
CREATE FUNCTION pg_temp.fee(wanted uuid) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', courier_wanted, courier_payment, courier_fee) FROM hall.orders WHERE id = wanted $$;
SELECT is(pg_temp.fee(:'o'), 'jd prepaid 1300', 'matched as it is saved');
SELECT is((SELECT jsonb_path_query_array(hall.price_parts(o), '$[*].part') FROM hall.orders o WHERE id = :'o'), '["certificate", "courier"]', '#53 part of the price');
SELECT is(pg_temp.fee(:'c'), 'collect 0', 'collect adds nothing');
SELECT is((SELECT hall.delivery_json(o) ->> 'text' FROM hall.orders o WHERE id = :'c'), '由顺丰速运或EMS到付，快递费在收件时付给快递员。', 'and says whom it is paid to');
UPDATE hall.orders SET mail_region = '650102' WHERE id = :'o';
SELECT is(pg_temp.fee(:'o'), 'sf collect 0', 'another address, another courier');
UPDATE hall.orders SET mail_region = '440305' WHERE id = :'o';
UPDATE hall.orders SET state = 'rejected', paid = 'paid' WHERE id = :'o';
UPDATE hall.orders SET mail_region = '650102' WHERE id = :'o';
SELECT is(pg_temp.fee(:'o'), 'jd prepaid 1300', 'what was paid stands');

-- ---- parcels ----
SELECT pg_temp.new_staff('producer') AS producer \gset
UPDATE hall.orders SET state = 'produced' WHERE id = :'o';
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT is(pg_temp.outcome(format('SELECT hall.parcel_ask(%L, %s, ''ems'')', :'o', pg_temp.version_of(:'o'))), 'CH422 /courier', 'EMS takes no orders from us');
SELECT is(pg_temp.outcome(format('SELECT hall.parcel_ask(%L, %s, ''zto'')', :'o', pg_temp.version_of(:'o'))), 'CH422 /courier', 'nor does a stranger');
SELECT is(pg_temp.outcome(format('SELECT hall.parcel_ask(%L, 99, ''jd'')', :'o')), 'CH409', 'an old page is told so');
SELECT is(pg_temp.outcome(format('SELECT hall.parcel_ask(%L, %s, ''sf'')', :'c', pg_temp.version_of(:'c'))), 'CH409', 'a draft has no parcel');
SELECT hall.parcel_ask(:'o', pg_temp.version_of(:'o'), 'jd');
SELECT id AS p, number AS n FROM hall.parcel WHERE order_id = :'o' \gset
SELECT is((SELECT payment || state FROM hall.parcel WHERE id = :'p'), 'prepaidasked', 'paid as the order says, asked for');
SELECT is(pg_temp.outcome(format('SELECT hall.parcel_ask(%L, %s, ''jd'')', :'o', pg_temp.version_of(:'o'))), 'CH409', 'once');
SELECT is(pg_temp.outcome(format('SELECT hall.parcel_cancel(%L, %s)', :'o', pg_temp.version_of(:'o'))), 'CH409', 'not cancelled while the call may be under way');
SELECT pg_temp.be_system();
SELECT hall.parcel_result(:'p', 'ordered', 'JDX00000001', NULL), hall.parcel_result(:'p', 'refused', NULL, 'late');
SELECT is((SELECT state || waybill FROM hall.parcel WHERE id = :'p'), 'orderedJDX00000001', 'the first word counts');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT hall.parcel_cancel(:'o', pg_temp.version_of(:'o'));
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'parcel_cancel' AND subject = :'p'), 1::bigint, 'cancelled at the courier as well');
SELECT pg_temp.be_system();
SELECT hall.parcel_result(:'p', 'kept', NULL, '已揽收');
SELECT is((SELECT state || why FROM hall.parcel WHERE id = :'p'), 'ordered已揽收', 'a courier that has fetched it keeps it');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT hall.ship(:'o', pg_temp.version_of(:'o'), 'jd', 'JDX00000001');
SELECT is((SELECT count(*) FROM hall.parcel WHERE order_id = :'o'), 1::bigint, 'the number that the courier gave is that parcel');
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'track' AND subject = :'p'), 1::bigint, 'and is followed');
SELECT pg_temp.be_system();
SELECT hall.parcel_routes(:'p', '[{"at": null, "place": "深圳市", "text": "派件员 13812345678 派送中"}]', 'delivering');
SELECT is((SELECT routes #>> '{0,text}' FROM hall.parcel WHERE id = :'p'), '派件员 138****5678 派送中', 'nobody''s telephone is kept');
SELECT is(pg_temp.state_of(:'o'), 'shipped', 'under way');
SELECT hall.parcel_routes(:'p', '[]', 'signed');
SELECT is(pg_temp.state_of(:'o'), 'done', 'signed for');
SELECT is((SELECT jsonb_array_length(routes) FROM hall.parcel WHERE id = :'p'), 1, 'a list that comes empty takes nothing away');

-- A payment that comes back stops the parcel.
SELECT pg_temp.new_order(:'prepaid', :'account', '{"state": "produced", "paid": "paid", "mail_region": "440305"}') AS back \gset
INSERT INTO hall.parcel (order_id, courier, payment, number, state, waybill) VALUES (:'back', 'jd', 'prepaid', 'CHX', 'ordered', 'JDX2');
UPDATE hall.orders SET state = 'approved' WHERE id = :'back';
SELECT is((SELECT state FROM hall.parcel WHERE order_id = :'back'), 'cancelling', 'the parcel stays here');

-- Names of a region for couriers.
SELECT is((SELECT concat_ws('/', province, city, county) FROM hall.region_path('440305')), '广东省/深圳市/南山区', 'level by level');
SELECT is((SELECT concat_ws('/', province, city, county) FROM hall.region_path('110101')), '北京市/北京市/东城区', 'a city that is none is named as its province');

-- ---- invoices ----
SELECT pg_temp.new_order(:'collect', :'account', '{"state": "approved", "paid": "paid", "total": 10000, "price": [{"part": "certificate", "name": "证书费", "fen": 10000}]}') AS i,
       pg_temp.new_order(:'collect', :'account', '{"state": "approved", "paid": "zero", "total": 0}') AS zero \gset
UPDATE hall.orders SET state = 'accepted' WHERE id IN (:'i', :'zero');
SELECT is((SELECT count(*) FROM hall.outbox WHERE key = 'invoice_wanted/' || :'i'), 1::bigint, 'acceptance looks whether one is wanted');
SELECT is((SELECT count(*) FROM hall.outbox WHERE key = 'invoice_wanted/' || :'zero'), 0::bigint, 'without money there is none');
SELECT is((SELECT hall.invoice_json(o) ->> 'text' FROM hall.orders o WHERE id = :'zero'), '本业务单无需支付，不开具发票。', 'which is said');
SELECT hall.invoice_ask(:'i'), hall.invoice_ask(:'i');
SELECT id AS v, request_no AS r FROM hall.invoice WHERE order_id = :'i' \gset
SELECT is((SELECT count(*) FROM hall.invoice WHERE order_id = :'i'), 1::bigint, 'asked for once');
SELECT hall.invoice_taken(:'v', 'S1'), hall.invoice_failed(:'v', '开票员未登录');
SELECT is((SELECT state || why FROM hall.invoice WHERE id = :'v'), 'failed开票员未登录', 'failed, with a reason');
SELECT pg_temp.new_staff('finance') AS finance \gset
SELECT pg_temp.be_staff(:'finance', 'finance');
SELECT hall.invoice_buyer(:'v', '\x00');
SELECT is((SELECT request_no || state || taken FROM hall.invoice WHERE id = :'v'), left(:'r', 19) || '02askedfalse', 'another title is another request');
SELECT is(pg_temp.outcome(format('SELECT hall.invoice_buyer(%L, ''\x01'')', :'v')), 'CH409', 'not while one is being issued');
SELECT pg_temp.be_system();
SELECT hall.invoice_issued(:'v', 'S2', '24442000000000000009', 'http://x/pdf', '', '', now()), hall.invoice_issued(:'v', 'S3', '24442000000000000008', '', '', '', now());
SELECT is((SELECT number || state FROM hall.invoice WHERE id = :'v'), '24442000000000000009issued', 'issued once');
SELECT set_eq(format($$ SELECT channel || '/' || recipient || '/' || (detail ->> 'amount') FROM hall.message WHERE order_id = %L AND event = 'invoice' $$, :'i'),
    ARRAY['sms/agent/100.00', 'email/agent/100.00'], '#197 told by both, as the project says');
UPDATE hall.orders SET refund = 'done', state = 'refunded' WHERE id = :'i';
SELECT is((SELECT request_no FROM hall.invoice WHERE red_of = :'v'), 'R' || substr(left(:'r', 19), 2) || '02', 'refunded: a red letter is asked for');
SELECT hall.invoice_issued((SELECT id FROM hall.invoice WHERE red_of = :'v'), 'S4', '24442000000000000010', '', '', '', now());
SELECT is((SELECT state FROM hall.invoice WHERE id = :'v'), 'red', 'and takes it back');
SELECT pg_temp.new_order(:'collect', :'account', '{"state": "accepted", "paid": "paid", "total": 10000, "price": []}') AS j \gset
SELECT hall.invoice_ask(:'j');
SELECT id AS w FROM hall.invoice WHERE order_id = :'j' \gset
UPDATE hall.orders SET refund = 'done', state = 'refunded' WHERE id = :'j';
SELECT ok((SELECT dead FROM hall.invoice_work(:'w')), 'refunded before it was asked for: the runner drops it');
SELECT hall.invoice_taken(:'w', 'S'), hall.invoice_failed(:'w', 'no');
SELECT is((SELECT state FROM hall.invoice WHERE id = :'w'), 'dropped', 'or it is dropped as it fails');

-- ---- messages ----
SELECT hall.project_import((SELECT jsonb_build_object('slug', 'tapmail', 'project_id', md5('tapmail'), 'name', 'x', 'title', 'x', 'form_title', 'x', 'business', '["new"]'::jsonb,
    'login_ways', '["sms"]'::jsonb, 'self_registration', true, 'seal_mode', 'never', 'payment_ways', '["wechatpay"]'::jsonb, 'finauth', 'none', 'account_asked', 'form', 'review_days', 1,
    'couriers', '["sf"]'::jsonb, 'courier_payment', 'collect',
    'types', '[{"cert_type": "institution", "name": "x", "person": "institution", "medium": "ukey", "prices": []}, {"cert_type": "natural", "name": "x", "person": "natural", "medium": "ukey", "prices": []}]'::jsonb,
    'messages', '[{"event": "approved", "vendor_id": "9", "body": "x", "parameters": [], "recipients": ["agent", "holder"]}]'::jsonb,
    'mails', '[{"event": "approved", "subject": "x", "body": "x"}]'::jsonb))) AS mail \gset
SELECT pg_temp.new_order(:'mail', :'account') AS m, pg_temp.new_order(:'mail', :'account', '{"cert_type": "natural"}') AS mn \gset
CREATE FUNCTION pg_temp.ways(wanted uuid, event text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(channel || ' ' || recipient, ', ' ORDER BY channel, recipient) FROM hall.orders o, hall.message_ways(o, event, 'agent') WHERE o.id = wanted $$;
SELECT is(pg_temp.ways(:'m', 'approved'), 'email agent, sms agent, sms holder', '#D27 the recipients that the project names');
SELECT is(pg_temp.ways(:'mn', 'approved'), 'email agent, sms holder', 'a natural person is one');
SELECT is(pg_temp.ways(:'m', 'rejected'), 'sms agent', 'else whom the event concerns');
SELECT is(pg_temp.ways(:'m', 'pin'), 'sms agent', 'a PIN goes nowhere else');
SELECT is(pg_temp.outcome($$ UPDATE hall.message_template SET recipients = '{holder}' WHERE event = 'pin' $$), '23514', 'whatever a document says');
SELECT is(pg_temp.outcome($$ INSERT INTO hall.mail_template (event, subject, body) VALUES ('pin', 'x', '{pin}') $$), '23514', 'nor by e-mail');
SELECT hall.tell(:'m', 'approved', 'agent', '1'), hall.tell(:'m', 'approved', 'agent', '1');
SELECT is((SELECT count(*) FROM hall.message WHERE order_id = :'m'), 3::bigint, 'each once for an occasion');

-- A message that was given up was not sent, and can be sent again.
SELECT m.id AS lost FROM hall.message m WHERE order_id = :'m' AND channel = 'email' \gset
UPDATE hall.orders SET state = 'in_review' WHERE id = :'m';
UPDATE hall.outbox SET state = 'failed', last_error = 'no answer' WHERE subject = :'lost';
SELECT is((SELECT state || reason FROM hall.message WHERE id = :'lost'), 'refusedgiven_up', 'given up by the runner');
SELECT pg_temp.new_staff('reviewer') AS reviewer \gset
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_message_send(%L)', (SELECT id FROM hall.message WHERE order_id = :'m' AND channel = 'sms' LIMIT 1))), 'CH409', 'not what is on its way');
SELECT hall.desk_message_send(:'lost');
SELECT is((SELECT count(*) FROM hall.message WHERE order_id = :'m' AND channel = 'email' AND state = 'queued'), 1::bigint, 'sent again');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_message_send(%L)', :'lost')), 'CH409', 'once');
INSERT INTO hall.message (event, order_id, recipient, state) VALUES ('pin', :'m', 'agent', 'refused') RETURNING id AS pin \gset
SELECT is(pg_temp.outcome(format('SELECT hall.desk_message_send(%L)', :'pin')), 'CH409', 'a PIN has a way of its own');
SELECT pg_temp.be_applicant(:'account', :'mail');
SELECT is(jsonb_array_length(hall.my_messages(:'m')::jsonb -> 'items'), 5, 'the applicant sees what was sent');
SELECT is((SELECT count(*) FROM jsonb_array_elements(hall.my_messages(:'m')::jsonb -> 'items') i WHERE i ? 'detail' OR i ? 'note' OR i ? 'content'), 0::bigint, 'and nothing of what stood in it');
SELECT pg_temp.be_applicant(pg_temp.new_account(), :'mail');
SELECT is(hall.my_messages(:'m'), NULL, 'of one''s own orders alone');

-- ---- #74 #223 certificates that come to their end ----
SELECT pg_temp.be_system();
CREATE FUNCTION pg_temp.ending(of_order uuid, days int, state text DEFAULT 'valid') RETURNS void LANGUAGE sql AS $$
    INSERT INTO hall.certificate (serial, order_id, algorithm, state, not_before, not_after, tbs_sm3, certificate, ca, reason, revoked_at)
    SELECT lpad(upper(to_hex(nextval('counter') + 4096)), 16, 'A'), of_order, 'sm2', state, now() - interval '300 days', now() + make_interval(days => days),
           sha256(nextval('counter')::text::bytea), decode(lpad(to_hex(nextval('counter')), 8, '0'), 'hex'), (SELECT name FROM hall.ca ORDER BY name LIMIT 1),
           CASE state WHEN 'hold' THEN 'hold' END, CASE state WHEN 'hold' THEN now() END $$;
SELECT pg_temp.new_order(:'mail', :'account') AS e30, pg_temp.new_order(:'mail', :'account') AS e6, pg_temp.new_order(:'mail', :'account') AS e40, pg_temp.new_order(:'mail', :'account') AS held \gset
SELECT pg_temp.ending(:'e30', 20), pg_temp.ending(:'e6', 6), pg_temp.ending(:'e40', 40), pg_temp.ending(:'held', 20, 'hold');
SELECT hall.expiry_tell(), hall.expiry_tell();
CREATE FUNCTION pg_temp.warned(wanted uuid) RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM hall.message WHERE order_id = wanted AND event = 'expiring' $$;
SELECT is(pg_temp.warned(:'e30'), 1::bigint, 'within thirty days: once');
SELECT is((SELECT detail ->> 'days' FROM hall.message WHERE order_id = :'e6' AND event = 'expiring'), '6', 'within seven: with the days that are left');
SELECT is(pg_temp.warned(:'e40') + pg_temp.warned(:'held'), 0::bigint, '#223 not before, and not of what is on hold');
UPDATE hall.certificate SET not_after = now() + interval '5 days' WHERE order_id = :'e30';
SELECT hall.expiry_tell();
SELECT is(pg_temp.warned(:'e30'), 2::bigint, 'and again at seven');

SELECT * FROM finish();
ROLLBACK;
