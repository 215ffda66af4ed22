-- Once there is a roster, projects and staff are changed under a resolution of two security officers; the facts of its text.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.be_system();
ALTER TABLE hall.resolution DISABLE TRIGGER resolution_kept;
DELETE FROM hall.resolution;
ALTER TABLE hall.resolution ENABLE TRIGGER resolution_kept;
DELETE FROM hall.roster;

-- Tries a statement, returns its outcome, and undoes it; or runs it.
CREATE FUNCTION pg_temp.put(roles text, signed jsonb, outlet text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.outcome(format('SELECT hall.staff_put(gen_random_uuid(), ''tapnew'', ''新人'', %L, %L, %L)', roles, outlet, signed)) $$;
CREATE FUNCTION pg_temp.does_put(roles text[], signed jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT hall.staff_put(gen_random_uuid(), 'tapnew', '新人', roles, NULL, signed); SELECT 'ok' $$;
CREATE FUNCTION pg_temp.said(roles text, shown text DEFAULT '新人') RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(label || '：' || value, '/') FROM hall.staff_facts('tapnew', shown, roles::text[], NULL) $$;
CREATE FUNCTION pg_temp.document(more jsonb) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('slug', 'tapdoc', 'project_id', md5('tapdoc'), 'name', '文档', 'title', '文档', 'form_title', '申请表',
        'business', '["new"]'::jsonb, 'login_ways', '["sms"]'::jsonb, 'self_registration', true, 'seal_mode', 'never',
        'payment_ways', '["wechatpay"]'::jsonb, 'finauth', 'none', 'account_asked', 'form', 'review_days', 1, 'couriers', '["sf"]'::jsonb,
        'courier_payment', 'collect', 'agreements', '[{"code": "service", "version": "2026-01"}]'::jsonb,
        'types', '[{"cert_type": "x", "name": "x", "person": "institution", "medium": "ukey", "prices": [{"years": 1, "parts": [{"part": "certificate", "name": "费", "fen": 1}]}]}]'::jsonb)
        || more $$;
CREATE FUNCTION pg_temp.take(more jsonb, signed jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.outcome(format('SELECT hall.project_take(%L, %L)', pg_temp.document(more), signed)) $$;
CREATE FUNCTION pg_temp.does_take(more jsonb, signed jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT count(*) FROM hall.project_take(pg_temp.document(more), signed); SELECT 'ok' $$;
CREATE FUNCTION pg_temp.published(more jsonb) RETURNS SETOF text LANGUAGE sql AS $$
    SELECT label || '：' || value FROM hall.project_facts(pg_temp.document(more), 'd1') $$;

-- ---- before the first roster ----
SELECT is(pg_temp.does_put('{reviewer}', NULL), 'ok', 'a new installation has staff before anybody can sign');
SELECT is(pg_temp.does_take('{}', NULL), 'ok', 'and projects');
SELECT is((SELECT count(*) FROM hall.resolution), 0::bigint, 'nothing is kept of that');

-- ---- then two officers decide ----
INSERT INTO hall.roster (version, text) VALUES (1, '{}');
SELECT id AS who FROM hall.staff WHERE name = 'tapnew' \gset
SELECT id AS project FROM hall.project WHERE slug = 'tapdoc' \gset
SELECT is(pg_temp.put('{finance}', NULL), 'CH403', 'no change of staff without them');
SELECT is(pg_temp.take('{"name": "新"}', NULL), 'CH403', 'no project');
SELECT is((SELECT roles::text || p.name FROM hall.staff s, hall.project p WHERE s.id = :'who' AND p.id = :'project'), '{reviewer}文档', 'nothing has changed');
SELECT pg_temp.resolved('{"statement": "one"}') AS one \gset
SELECT is(pg_temp.does_put('{finance}', :'one'), 'ok', 'with them it is done');
SELECT results_eq('SELECT what, subject, roster, statement, signatures, document FROM hall.resolution',
                  format('SELECT ''staff'', %L::uuid, 1, ''one'', ''[]'', NULL::text', :'who'), 'and kept');
SELECT is((SELECT detail FROM hall.audit WHERE subject = :'who' ORDER BY seq DESC LIMIT 1), jsonb_build_object('resolution', :'one'::jsonb -> 'id', 'signed', hall.sha256_hex('[]')), 'the trail tells which');
SELECT is(pg_temp.put('{auditor}', :'one'), 'CH409', 'it is used once');
SELECT is(pg_temp.put('{auditor}', pg_temp.resolved('{"statement": "one"}')), 'CH409', 'under another id as well');
SELECT is(pg_temp.put('{auditor}', pg_temp.resolved('{"roster": 2}')), 'CH409', 'signed by another roster''s officers it is not');
SELECT is(pg_temp.put('{auditor}', pg_temp.resolved('{"document": "x"}')), '23514', 'a document is a project''s');
SELECT is(pg_temp.take('{"name": "新"}', pg_temp.resolved()), '23514', 'which has one');
SELECT is((SELECT count(*) FROM hall.resolution), 1::bigint, 'what is refused is not kept');
SELECT is(pg_temp.does_take('{"name": "新"}', pg_temp.resolved('{"document": "x"}')), 'ok', 'a project is published');
SELECT is((SELECT name FROM hall.project WHERE id = :'project'), '新', 'and there');
SELECT is(pg_temp.outcome('UPDATE hall.resolution SET statement = ''two'''), 'P0001', 'no word is changed');
SELECT is(pg_temp.outcome('DELETE FROM hall.resolution'), 'P0001', 'and none taken away');
SELECT is(pg_temp.outcome('DELETE FROM hall.roster'), '23503', 'nor whose officers have signed');

-- ---- what the texts say ----
SELECT is(pg_temp.said('{auditor}'), format('人员：tapnew %s/依据：该人员的第 %s 条审计记录/变更前：姓名 新人，角色 财务，在用/变更后：姓名 新人，角色 审计员，在用', id, audit_seq),
          'who, from what, to what') FROM hall.staff WHERE id = :'who';
SELECT is((SELECT roles FROM hall.staff WHERE id = :'who'), '{finance}'::text[], 'and nothing is done by saying so');
SELECT hall.staff_end('tapnew', true);
SELECT matches(pg_temp.said('{auditor,finance}'), '变更前：姓名 新人，角色 财务，停用/变更后：姓名 新人，角色 审计员、财务，在用$', 'who was locked out comes in again');
SELECT is((SELECT string_agg(label || '：' || value, '/') FROM hall.staff_facts('tapother', '他人', '{reviewer}', NULL)),
          '人员：tapother/依据：尚无此人/变更前：无/变更后：姓名 他人，角色 审核员，在用', 'somebody new');
SELECT is(pg_temp.outcome($$ SELECT * FROM hall.staff_facts('tapother', '他人', '{reviewer,admin}', NULL) $$), 'CH422 /roles', 'what would be refused is not worded');
SELECT is(pg_temp.outcome($$ SELECT * FROM hall.staff_facts('tapother', '他人', '{outlet}', 'nowhere') $$), 'CH422 /outlet', 'nor an outlet that is not there');

SELECT results_eq($$ SELECT pg_temp.published('{"review_days": 3, "open": false, "links": [{"label": "帮助", "url": "https://x.example"}]}') $$,
    $$ VALUES ('项目：文档'), ('网址：tapdoc'), ('项目编号：' || md5('tapdoc')), ('文件摘要：d1'), ('版本：第 3 版，替换第 2 版'), ('改动：4 处'),
              ('名称（name）：新 → 文档'), ('审核天数（review_days）：1 → 3'), ('开放（open）：是 → 否'), ('链接（links）增加：类别 link，名称 帮助，地址 https://x.example') $$,
    'a project: which, of what file, which version, and what differs');
SELECT is((SELECT name || revision FROM hall.project WHERE id = :'project'), '新2', 'nothing is published by saying so');
SELECT ok('改动：0 处' IN (SELECT pg_temp.published('{"name": "新"}')), 'or nothing');
SELECT is(pg_temp.outcome($$ SELECT pg_temp.published('{"colour": "red"}') $$), 'CH422 /colour', 'a document with a mistake is not worded');
SELECT is(hall.project_value('prices', '{"fen": 12305, "name": "", "pos": 1, "with_seal": true, "formats": ["a", "b"]}'), '金额 123.05 元，格式 a、b，仅办理签章时 是', 'values in words');
SELECT is_empty($$ SELECT m FROM (SELECT hall.columns_of('hall.project')::text AS m UNION SELECT member FROM hall.project_list
                      UNION SELECT unnest('{prices,gifts}'::text[]) UNION SELECT hall.columns_of(tbl) FROM hall.project_list
                      UNION SELECT hall.columns_of('hall.project_price') UNION SELECT hall.columns_of('hall.project_gift')) x
                    WHERE m NOT IN ('id', 'revision', 'audit_seq', 'audit_head', 'project', 'pos') AND hall.project_word(m) = m $$,
                'every member of a document has a name');
SELECT * FROM finish();
ROLLBACK;
