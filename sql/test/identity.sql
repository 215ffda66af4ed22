-- Phone authentication: one link at a time, both sides of the card, the carrier, liveness; a void authentication stays void.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account \gset
CREATE FUNCTION pg_temp.phone_of(wanted uuid) RETURNS text LANGUAGE sql AS $$ SELECT phone_state FROM hall.orders WHERE id = wanted $$;
CREATE FUNCTION pg_temp.start(wanted uuid, new_id uuid DEFAULT gen_random_uuid()) RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hall.identity_start(new_id, wanted, sha256(new_id::text::bytea), '30 minutes');
    RETURN new_id;
END $$;
CREATE FUNCTION pg_temp.be_link(identity uuid, project uuid) RETURNS void LANGUAGE sql AS $$ SELECT pg_temp.be('link', identity, '{phone}', project) $$;

-- ---- the start ----
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.start(%L)', pg_temp.new_order(:'project', :'account', more::jsonb))), wanted, label) FROM (VALUES
    ('{"phone_state": "none"}', 'ok', 'a draft'), ('{"phone_state": "none", "state": "rejected"}', 'ok', 'a rejected order'),
    ('{"phone_state": "failed"}', 'ok', 'after a failure'), ('{"phone_state": "none", "form_complete": false}', 'CH409', 'not before the form is whole'),
    ('{"phone_state": "none", "state": "unpaid"}', 'CH409', 'not after submission'), ('{"phone_state": "passed"}', 'CH409', 'not when it has passed')) v(more, wanted, label);
SELECT pg_temp.new_order(:'project', :'account', '{"phone_state": "none"}') AS o \gset
SELECT pg_temp.start(:'o') AS one \gset
SELECT is(pg_temp.phone_of(:'o'), 'pending', 'begun');
SELECT is((SELECT count(*) FROM hall.link WHERE subject = :'one'), 1::bigint, 'its link is there');
SELECT pg_temp.start(:'o') AS two \gset
SELECT is((SELECT state FROM hall.identity WHERE id = :'one'), 'void', 'a second start makes the first void');
SELECT is((SELECT array_agg(subject) FROM hall.link WHERE subject IN (:'one', :'two')), array[:'two']::uuid[], 'and its link is gone');
SELECT is(pg_temp.outcome(format('SELECT hall.enter(sha256(%L), ''{phone}'', '''', ''op'', '''', '''')', :'one')), 'CH410', 'who scans the old one is told so');

-- ---- the phone ----
SELECT pg_temp.be_link(:'one', :'project');
SELECT is(pg_temp.outcome('SELECT hall.identity_card(''front'')'), 'CH410', 'a void authentication takes nothing');
SELECT pg_temp.be_link(:'two', :'project');
SELECT is(pg_temp.outcome('SELECT hall.identity_liveness(''t'')'), 'CH409', 'no liveness before the card');
SELECT is(pg_temp.outcome('SELECT hall.identity_for_liveness()'), 'CH409', 'which the vendor is not asked for either');
SELECT hall.identity_card('front');
SELECT is_empty(format('SELECT 1 FROM hall.outbox WHERE key = ''carrier/'' || %L', :'two'), 'one side does not ask the carrier');
SELECT is(pg_temp.outcome('SELECT hall.identity_liveness(''t'')'), 'CH409', 'nor with one side of it');
SELECT hall.identity_card('back');
SELECT is((SELECT kind FROM hall.outbox WHERE key = 'carrier/' || :'two'), 'carrier', 'both sides do');
SELECT is((SELECT front AND back FROM hall.identity WHERE id = :'two'), true, 'both are kept');
SELECT is(pg_temp.outcome('SELECT hall.identity_liveness(''t'')'), 'CH409', 'nor before the person has agreed to the processing of their face');
SELECT is(pg_temp.outcome('SELECT hall.identity_consent(true, ''2020-01'')'), 'CH422 /version', 'to the text as it stands');
SELECT is(pg_temp.outcome('SELECT hall.identity_consent(true, NULL)'), 'CH422 /version', 'which must have been read');
SELECT hall.identity_consent(false, NULL);
SELECT is((SELECT concat_ws(' ', agreed, declined) FROM hall.link_identity), 'f t', 'who does not agree is told so');
SELECT is(pg_temp.outcome('SELECT hall.identity_for_liveness()'), 'CH409', 'and no vendor is asked');
SELECT hall.identity_consent(true, version) FROM hall.face_text();
SELECT hall.identity_consent(true, version) FROM hall.face_text();
SELECT is((SELECT concat_ws(' ', agreed, declined) FROM hall.link_identity), 't f', 'who agrees after all');
SELECT is((SELECT string_agg(concat_ws(' ', c.order_id = :'o', c.account = :'account', c.code, c.sha256 = f.sha256, c.address, c.withdrawn_at IS NULL), ',')
             FROM hall.consent c, hall.face_text() f WHERE c.identity = :'two'), 't t face t 192.0.2.1 t', 'is on record once: order, account, text, digest, address');
SELECT hall.identity_liveness('token ' || n) FROM generate_series(1, 5) n;
SELECT is(pg_temp.outcome('SELECT hall.identity_liveness(''t'')'), 'CH429', 'five tries');
SELECT is(pg_temp.outcome('SELECT hall.identity_for_liveness()'), 'CH429', 'and no question to the vendor after them');
SELECT is((SELECT biz_token FROM hall.identity WHERE id = :'two'), 'token 5', 'the last one counts');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome('SELECT hall.identity_card(''front'')'), 'CH410', 'an applicant''s session is no link');

-- ---- text recognition costs money: ten pictures for a link, forty a day for an order ----
SELECT pg_temp.new_order(:'project', :'account', '{"phone_state": "none"}') AS t \gset
SELECT pg_temp.start(:'t') AS ti \gset
SELECT is(pg_temp.outcome('SELECT hall.identity_reading()'), 'CH410', 'an applicant''s session has no pictures to count');
SELECT pg_temp.be_link(:'ti', :'project');
SELECT hall.identity_reading() FROM generate_series(1, 10);
SELECT is(pg_temp.outcome('SELECT hall.identity_reading()'), 'CH429', 'not the eleventh');
SELECT is((SELECT readings FROM hall.identity WHERE id = :'ti'), 10, 'a refused one does not count');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.start(:'t') AS tj \gset
UPDATE hall.identity SET readings = 30 WHERE id = :'ti';
SELECT pg_temp.be_link(:'tj', :'project');
SELECT hall.identity_reading() FROM generate_series(1, 9);
SELECT is(pg_temp.outcome('SELECT hall.identity_reading()'), 'ok', 'the fortieth of the order');
UPDATE hall.identity SET readings = 31 WHERE id = :'ti';
UPDATE hall.identity SET readings = 9 WHERE id = :'tj';
SELECT is(pg_temp.outcome('SELECT hall.identity_reading()'), 'CH429', 'the forty-first waits, though the link has one left');
UPDATE hall.identity SET created_at = now() - interval '25 hours' WHERE id = :'ti';
SELECT is(pg_temp.outcome('SELECT hall.identity_reading()'), 'ok', 'until the next day');
SELECT pg_temp.be_applicant(:'account', :'project');

-- ---- the end ----
SELECT pg_temp.be_system();
SELECT hall.identity_carrier(:'two', true, NULL);
SELECT is(pg_temp.phone_of(:'o'), 'pending', 'the carrier alone is not enough');
SELECT pg_temp.agree(:'two'), hall.identity_result(:'two', true, NULL, 'face');
SELECT is(pg_temp.phone_of(:'o'), 'passed', 'passed');
SELECT hall.identity_result(:'two', false, 'late', 'face'), hall.identity_carrier(:'two', false, 'late');
SELECT is(pg_temp.phone_of(:'o'), 'passed', 'a late word changes nothing');
SELECT is((SELECT string_agg(text, ',') FROM hall.order_history WHERE order_id = :'o'), '手机认证通过（人脸核验）', 'said once, with the way');
SELECT is((SELECT detail FROM hall.audit WHERE subject = :'o' AND detail ? 'identity'), '{"identity": "passed", "way": "face"}', 'as the trail says');
SELECT is((SELECT phone_way FROM hall.order_page(:'o')), NULL, 'the system has no page of it');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is((SELECT phone_way FROM hall.order_page(:'o')), '人脸核验', 'and the page of the order');
SELECT pg_temp.be_system();
SELECT pg_temp.agree(:'one'), hall.identity_result(:'one', true, NULL, 'face');
SELECT is((SELECT state FROM hall.identity WHERE id = :'one'), 'void', 'what is void does not pass');

-- ---- the carrier says no ----
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.new_order(:'project', :'account', '{"phone_state": "none"}') AS c \gset
SELECT pg_temp.start(:'c') AS ci \gset
SELECT hall.identity_carrier(:'ci', false, '姓名与手机号码不一致');
SELECT is(pg_temp.phone_of(:'c'), 'failed', 'the carrier''s no is the end');
SELECT is((SELECT state || ' ' || reason FROM hall.identity WHERE id = :'ci'), 'failed 姓名与手机号码不一致', 'with its reason');
SELECT pg_temp.agree(:'ci'), hall.identity_result(:'ci', true, NULL, 'face');
SELECT is(pg_temp.phone_of(:'c'), 'failed', 'liveness does not mend it');

SELECT pg_temp.be_link(:'ci', :'project');
UPDATE hall.identity SET front = true, back = true WHERE id = :'ci';
SELECT is(pg_temp.outcome('SELECT hall.identity_liveness(''t'')'), 'CH422', 'and is not tried: what the carrier said comes first');

-- ---- the consent to the face is taken back ----
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.new_order(:'project', :'account', '{"phone_state": "none"}') AS w \gset
SELECT pg_temp.start(:'w') AS wi \gset
UPDATE hall.identity SET front = true, back = true, carrier = true WHERE id = :'wi';
SELECT pg_temp.be_link(:'wi', :'project');
SELECT hall.identity_consent(true, version) FROM hall.face_text();
SELECT hall.identity_liveness('t');
SELECT is((SELECT agreed FROM hall.identity_work(:'wi')), true, 'the runner may ask');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is((SELECT hall.consent_withdraw(id, gen_random_uuid(), '\x00')::jsonb ->> 'followed' FROM hall.consent WHERE identity = :'wi'), 'face', 'in the personal centre');
SELECT is((SELECT agreed FROM hall.identity_work(:'wi')), false, 'the runner asks no more');
SELECT pg_temp.be_system();
SELECT hall.identity_result(:'wi', true, NULL, 'face');
SELECT is((SELECT concat_ws(' ', state, reason LIKE '您没有同意或已经撤回人脸信息的处理%', biz_token IS NULL) FROM hall.identity WHERE id = :'wi'), 'failed t t', 'and a result that comes all the same is not used');
SELECT is(pg_temp.phone_of(:'w'), 'failed', 'nor for the order');
UPDATE hall.orders SET state = 'unpaid', phone_state = 'passed' WHERE id = :'w';
SELECT is((SELECT state FROM hall.orders WHERE id = :'w'), 'unpaid', 'which goes on by another way');
SELECT pg_temp.be_link(:'wi', :'project');
SELECT hall.identity_consent(n % 2 = 0, (SELECT version FROM hall.face_text())) FROM generate_series(1, 18) n;
SELECT is(pg_temp.outcome('SELECT hall.identity_consent(false, NULL)'), 'CH429', 'nobody fills the ledger');

-- ---- liveness fails and is tried again ----
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.new_order(:'project', :'account', '{"phone_state": "none"}') AS l \gset
SELECT pg_temp.start(:'l') AS li \gset
UPDATE hall.identity SET front = true, back = true WHERE id = :'li';
SELECT pg_temp.be_link(:'li', :'project');
SELECT pg_temp.agree(:'li'), hall.identity_liveness('first');
SELECT hall.identity_result(:'li', false, '人脸比对未通过', 'face');
SELECT is(pg_temp.phone_of(:'l'), 'failed', 'a face that is another''s');
SELECT hall.identity_liveness('second');
SELECT is(pg_temp.phone_of(:'l'), 'pending', 'is tried again with the same link');
SELECT is((SELECT state || ' ' || coalesce(reason, '-') || ' ' || tries FROM hall.identity WHERE id = :'li'), 'pending - 2', 'from a clean start');
SELECT hall.identity_carrier(:'li', true, NULL), hall.identity_result(:'li', true, NULL, 'face');
SELECT is(pg_temp.phone_of(:'l'), 'passed', 'and passes');
SELECT is(pg_temp.outcome('SELECT hall.identity_liveness(''t'')'), 'CH409', 'once');

-- ---- the way ----
SELECT is(pg_temp.outcome('UPDATE hall.identity SET way = NULL WHERE state = ''passed'''), '23514', 'nobody passes without a way');
SELECT is(pg_temp.outcome('UPDATE hall.identity SET way = ''oath'''), '23503', 'nor by one that there is not');
SELECT is(pg_temp.outcome('INSERT INTO hall.identity_way VALUES (''oath'', 9, ''o'', '''', ''{oath}'')'), '23514', 'a way is for purposes that there are');
INSERT INTO hall.identity_way VALUES ('oath', 9, '宣誓', '', '{loss}');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.new_order(:'project', :'account', '{"phone_state": "none"}') AS y \gset
SELECT pg_temp.start(:'y') AS yi \gset
UPDATE hall.identity SET front = true, back = true, carrier = true WHERE id = :'yi';
SELECT pg_temp.be_link(:'yi', :'project');
SELECT is((SELECT string_agg(w ->> 'code', ' ') FROM hall.link_identity, jsonb_array_elements(ways) w WHERE w ->> 'code' = 'oath'), NULL, 'one that is not offered for a purpose is not shown');
SELECT is(pg_temp.outcome('SELECT hall.identity_ready(''oath'')'), 'CH409', 'nor gone');
UPDATE hall.identity_way SET purposes = '{phone}' WHERE code = 'oath';
SELECT is((SELECT string_agg(w ->> 'name', ' ') FROM hall.link_identity, jsonb_array_elements(ways) w WHERE w ->> 'code' = 'oath'), '宣誓', 'one that is, is');
SELECT is((SELECT way FROM hall.link_identity), NULL, 'and none is chosen beforehand');
SELECT pg_temp.agree(:'yi'), hall.identity_liveness('t');
SELECT is((SELECT concat_ws(' ', step, way) FROM hall.link_identity), 'liveness face', 'the face is');
UPDATE hall.identity SET way = 'oath' WHERE id = :'yi';
SELECT hall.identity_result(:'yi', false, '人脸比对未通过', 'face');
SELECT is((SELECT concat_ws(' ', state, way, biz_token) FROM hall.identity WHERE id = :'yi'), 'pending oath', 'the failure of a way that was left changes nothing');
SELECT hall.identity_result(:'yi', true, NULL, 'oath');
SELECT is((SELECT text FROM hall.order_history WHERE order_id = :'y'), '手机认证通过（宣誓）', 'another way needs no consent to a face');

-- ---- whether the phone has opened the link, and has left the liveness check ----
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.new_order(:'project', :'account', '{"phone_state": "none"}') AS v \gset
SELECT pg_temp.start(:'v') AS vi \gset
CREATE FUNCTION pg_temp.gone(wanted uuid) RETURNS bool LANGUAGE sql AS $$ SELECT w."left" FROM hall.identity_work(wanted) w $$;
SELECT is((SELECT step FROM hall.own_identity WHERE order_id = :'v'), NULL, 'a link that was made is not opened');
SELECT pg_temp.be_link(:'vi', :'project');
SELECT hall.identity_arrived();
SELECT is((SELECT step || ' ' || (arrived_at IS NULL) FROM hall.identity WHERE id = :'vi'), 'opened true', 'it is once the phone shows the page');
UPDATE hall.identity SET front = true, back = true WHERE id = :'vi';
SELECT pg_temp.agree(:'vi'), hall.identity_liveness('first');
SELECT is(pg_temp.gone(:'vi'), false, 'who is in the liveness check has not left it');
SELECT hall.identity_arrived();
SELECT is(pg_temp.gone(:'vi'), false, 'who comes back may have a result in a moment');
UPDATE hall.identity SET arrived_at = now() - interval '4 seconds' WHERE id = :'vi';
SELECT hall.identity_arrived();
SELECT is(pg_temp.gone(:'vi'), true, 'but not for long, however often the page is loaded');
SELECT hall.identity_result(:'vi', false, '没有完成', 'face'), hall.identity_arrived();
SELECT hall.identity_liveness('second');
SELECT is(pg_temp.gone(:'vi'), false, 'another try begins anew');
UPDATE hall.identity SET expires_at = now() - interval '1 second' WHERE id = :'vi';
SELECT hall.identity_result(:'vi', false, '没有完成', 'face');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is((SELECT state || ' ' || expired FROM hall.own_identity WHERE order_id = :'v'), 'failed true', 'a failed one expires like others');

-- ---- another name in the form ----
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.new_order(:'project', :'account', '{"phone_state": "none", "marks": {"phone": "a", "print": "a"}}') AS f \gset
SELECT pg_temp.start(:'f') AS fi \gset
SELECT hall.identity_carrier(:'fi', true, NULL);
SELECT pg_temp.agree(:'fi'), hall.identity_result(:'fi', true, NULL, 'face');
SELECT hall.order_save(:'f', 1, 'institution', 1, false, '\x01', true, '{"phone": "a", "print": "a"}', NULL, '', NULL, NULL);
SELECT is((SELECT phone_state || ' ' || printed FROM hall.orders WHERE id = :'f'), 'passed true', 'the same data keep it');
SELECT hall.order_save(:'f', 2, 'institution', 1, false, '\x00', true, '{"phone": "b", "print": "a"}', NULL, '', NULL, NULL);
SELECT is((SELECT phone_state || ' ' || printed FROM hall.orders WHERE id = :'f'), 'none true', 'another person must authenticate anew');
SELECT is((SELECT state FROM hall.identity WHERE id = :'fi'), 'void', 'the old one is void');
SELECT hall.order_save(:'f', 3, 'institution', 1, false, '\x00', true, '{"phone": "b", "print": "b"}', NULL, '', NULL, NULL);
SELECT is((SELECT phone_state || ' ' || printed FROM hall.orders WHERE id = :'f'), 'none false', 'another form is printed anew');

-- ---- how often ----
INSERT INTO hall.identity (id, order_id, state, expires_at) SELECT gen_random_uuid(), :'c', 'void', now() FROM generate_series(1, 19);
SELECT is(pg_temp.outcome(format('SELECT pg_temp.start(%L)', :'c')), 'CH429', 'twenty a day');

SELECT * FROM finish();
ROLLBACK;
