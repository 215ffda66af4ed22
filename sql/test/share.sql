-- The page of an order that its applicant sends to colleagues.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project() AS project, pg_temp.new_project() AS elsewhere, pg_temp.new_account() AS account,
       pg_temp.new_account() AS stranger \gset
SELECT pg_temp.new_order(:'project', :'account', '{"state": "rejected", "subject": "深圳市某某建筑有限公司", "finauth_text": "户名不符"}') AS o,
       pg_temp.new_order(:'project', :'account') AS draft \gset
INSERT INTO hall.order_history (order_id, event, text) VALUES (:'o', 'submit', '提交申请'), (:'o', 'payout', '金融认证失败：某人'), (:'o', 'reject', '审核驳回');
CREATE FUNCTION pg_temp.links(wanted uuid) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(encode(token_hash, 'hex') || ' ' || (expires_at - now()), ',') FROM hall.link WHERE subject = wanted AND purpose = 'share' $$;
CREATE FUNCTION pg_temp.seen() RETURNS jsonb LANGUAGE sql AS $$ SELECT hall.link_share_view()::jsonb $$;

-- ---- made and withdrawn by the owner alone ----

SELECT pg_temp.be_applicant(:'stranger', :'project');
SELECT is(pg_temp.outcome(format(q, :'o')), 'CH404', 'a stranger: ' || q)
  FROM unnest(ARRAY['SELECT hall.share_make(%L, sha256(''x''))', 'SELECT hall.share_withdraw(%L)']) q;
SELECT is(hall.my_share(:'o'), NULL, 'nor does a stranger learn of it');
SELECT pg_temp.be_applicant(:'account', :'elsewhere');
SELECT is(pg_temp.outcome(format('SELECT hall.share_make(%L, sha256(''x''))', :'o')), 'CH404', 'nor under another project''s path');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT hall.share_make(%L, sha256(''x''))', :'draft')), 'CH409', 'a draft has nothing that others wait for');
SELECT is(hall.my_share(:'o')::jsonb, '{"link": null}', 'none yet');
SELECT hall.share_make(:'o', sha256('one')), hall.share_make(:'o', sha256('two'));
SELECT is(pg_temp.links(:'o'), encode(sha256('two'), 'hex') || ' 30 days', 'one at a time, for thirty days, and only the token''s hash');
SELECT isnt(hall.my_share(:'o')::jsonb #>> '{link,expires_at}', NULL, 'its owner knows until when');
SELECT is((SELECT array_agg(detail ->> 'share') FROM hall.audit WHERE subject = :'o' AND detail ? 'share'), '{made,made}', 'the trail has each');

-- ---- what it shows ----

SELECT pg_temp.be('link', :'o', '{share}', :'project');
SELECT is(pg_temp.seen() ->> 'subject', '深圳****公司', 'masked');
SELECT is(pg_temp.seen() ->> 'waits_for', '等待经办人办理：请按驳回原因修改后重新提交，已支付的费用继续有效。', 'what is waited for');
SELECT is(pg_temp.seen() #>> '{promise,text}', '重新提交后 1 个工作日内完成审核', 'and what is promised');
SELECT is(jsonb_path_query_array(pg_temp.seen(), '$.course[*].text'), '["提交申请", "审核驳回"]', 'the transitions, and nothing that somebody has written');
SELECT is((SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(pg_temp.seen()) k),
    '{business_name,course,expires_at,label,number,parcel,project_name,promise,state,subject,title,tone,updated_at,waits_for}', 'and no more');
INSERT INTO hall.parcel (order_id, courier, payment, state, waybill, routes) VALUES (:'o', 'sf', 'collect', 'delivering', 'SF0001',
    '[{"at": "2026-11-24T10:00:00+08:00", "place": "深圳市", "text": "张三正在派送"}, {"at": null, "place": "", "text": "李四"}]');
UPDATE hall.orders SET state = 'shipped', courier = 'sf', tracking_no = 'SF0001', shipped_at = now() WHERE id = :'o';
SELECT is((pg_temp.seen() -> 'parcel') - 'shipped_at', '{"courier_name": "顺丰速运", "page": "https://www.sf-express.com/chn/sc/waybill/waybill-detail/SF0001",
    "tracking_no": "SF0001", "state_name": "派送中", "routes": [{"at": "2026-11-24T10:00:00+08:00", "place": "深圳市"}]}', 'the parcel''s places, without its people');

-- ---- what it cannot do, and when it ends ----

SELECT is(pg_temp.outcome(format(q, :'o')), 'CH404', 'a link does nothing: ' || q)
  FROM unnest(ARRAY['SELECT hall.share_make(%L, sha256(''x''))', 'SELECT hall.share_withdraw(%L)', 'SELECT hall.order_received(%L, 1)']) q;
SELECT is((SELECT count(*) FROM hall.order_page(:'o')), 0::bigint, 'nor does it read the order''s own page');
SELECT pg_temp.be('link', :'o', '{share}', :'elsewhere');
SELECT is(pg_temp.outcome('SELECT hall.link_share_view()'), 'CH410', 'in its own project');
SELECT pg_temp.be('link', :'draft', '{share}', :'project');
SELECT is(pg_temp.outcome('SELECT hall.link_share_view()'), 'CH410', 'not of what went back to a draft');
SELECT pg_temp.be('link', :'o', '{share}', :'project');
UPDATE hall.public_count SET n = hall.share_reads() WHERE kind = 'share' AND who = '192.0.2.1';
SELECT is(pg_temp.outcome('SELECT hall.link_share_view()'), 'CH429', 'not without end');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT hall.share_withdraw(:'o');
SELECT is(pg_temp.links(:'o'), NULL, 'withdrawn');
SELECT is((SELECT detail ->> 'share' FROM hall.audit WHERE subject = :'o' AND detail ? 'share' ORDER BY seq DESC LIMIT 1), 'withdrawn', 'as the trail says');
SELECT hall.share_make(:'o', sha256('three'));
SELECT pg_temp.be_system();
SELECT hall.erase_order(:'o', 'order');
SELECT is(pg_temp.links(:'o'), NULL, 'an order that was erased has no page');

SELECT * FROM finish();
