-- Proof of the account: who waits for which payment, what a code is worth and for how long, the legal person in its place, where
-- PINs go; opening branches as people type them.
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.new_project('{"finauth": "code"}') AS project, pg_temp.new_project('{"finauth": "code", "account_asked": "after_payment"}') AS later,
       pg_temp.new_project('{"legal_auth_after": 1}') AS pins, pg_temp.new_project('{"ship_days": 3}') AS shipping, pg_temp.new_project('{"finauth": "code", "legal_auth": false}') AS closed,
       pg_temp.new_account() AS account, pg_temp.new_account() AS stranger, pg_temp.new_staff('finance') AS finance \gset

CREATE FUNCTION pg_temp.add_account(wanted uuid) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hall.bank_account (order_id, cnaps, encrypted, masked, name) VALUES (wanted, '102584000010', '\x00', '****', '测试') $$;
CREATE FUNCTION pg_temp.has(wanted uuid) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', o.state, o.finauth, (SELECT string_agg(p.number || p.state || coalesce('/' || c.state || c.tries, ''), ' ' ORDER BY p.number)
      FROM hall.payout p LEFT JOIN hall.payout_code c ON c.payout = p.id WHERE p.order_id = o.id)) FROM hall.orders o WHERE o.id = wanted $$;
CREATE FUNCTION pg_temp.last_payout(wanted uuid) RETURNS uuid LANGUAGE sql AS $$ SELECT (hall.payout_last(wanted)).id $$;
CREATE FUNCTION pg_temp.can(wanted uuid) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(c, ' ' ORDER BY c) FROM hall.orders o, unnest((hall.order_may(o)).can) c
     WHERE o.id = wanted AND c IN ('account', 'payout', 'code', 'code_link', 'legal_auth') $$;
CREATE FUNCTION pg_temp.next(wanted uuid) RETURNS text LANGUAGE sql AS $$ SELECT (hall.order_may(o)).step FROM hall.orders o WHERE o.id = wanted $$;
-- A paid order whose payout was sent with the code "right".
CREATE FUNCTION pg_temp.sent(project uuid, account uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE o uuid := pg_temp.new_order(project, account, '{"state": "unpaid"}');
BEGIN
    PERFORM pg_temp.be_system();
    PERFORM pg_temp.add_account(o), hall.order_paid(o, 'paid');
    PERFORM pg_temp.carry(o);
    RETURN o;
END $$;
CREATE FUNCTION pg_temp.carry(o uuid) RETURNS void LANGUAGE sql AS $$
    SELECT hall.payout_code_put(pg_temp.last_payout(o), '\x01', sha256('right'));
    SELECT hall.payout_state(pg_temp.last_payout(o), 'sent', NULL);
$$;
CREATE FUNCTION pg_temp.type(o uuid, code text) RETURNS text LANGUAGE sql AS $$ SELECT word || tries_left FROM hall.my_code_try(o, sha256(code::bytea)) $$;

-- ---- who does what next ----

CREATE FUNCTION pg_temp.ahead(project uuid, account uuid, what text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE o uuid := pg_temp.new_order(project, account, what::jsonb);
BEGIN
    RETURN (SELECT coalesce(string_agg(concat(r ->> 'who', '：', r ->> 'what'), ' ' ORDER BY n), '') FROM hall.orders x,
            jsonb_array_elements(hall.order_ahead(x, (hall.order_may(x)).step_text, hall.promise(x))) WITH ORDINALITY a(r, n) WHERE x.id = o);
END $$;
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT matches(pg_temp.ahead(w.project, :'account', w.what), '^' || w.told || '$', w.name) FROM (VALUES
    (:'pins'::uuid, '{"state": "draft"}', '', 'a draft waits for its applicant alone'),
    (:'pins', '{"state": "unpaid"}', '您：请尽快完成支付.* 审核人员：支付成功后 \d+ 个工作日内.*，结果会以短信通知。 制证人员：审核通过后.*', 'unpaid'),
    (:'pins', '{"state": "in_review", "paid": "voucher"}', '财务人员：核对汇款.* 审核人员：.* 制证人员：.*', 'a transfer'),
    (:'pins', '{"state": "in_review", "finauth": "queued"}', '(您：请填写单位对公账户.* )?单位财务：审核通过后查收.* PIN .* 审核人员：.* 制证人员：.*', 'the remark will carry the PIN'),
    (:'project', '{"state": "verifying", "finauth": "sent"}', '单位财务：查收.*随机码告诉经办人。 审核人员：金融认证完成后.* 制证人员：.*', 'the remark carries the code'),
    (:'pins', '{"state": "rejected"}', '您：请按驳回原因修改.* 审核人员：重新提交后 \d+ 个工作日内.* 制证人员：.*', 'rejected'),
    (:'pins', '{"state": "accepted"}', '制证人员：审核通过后制作证书并寄出.*', 'accepted: nothing is left to review'),
    (:'shipping', '{"state": "accepted"}', '制证人员：.* 个工作日内.*制证寄出.*，完成后会以短信通知。', 'nor is there when a parcel is promised'),
    (:'pins', '{"state": "produced"}', '制证人员：把已制作的证书交给快递，运单号会以短信通知。', 'produced, without a promise for the parcel'),
    (:'shipping', '{"state": "produced"}', '制证人员：.* 个工作日内.*制证寄出.*，完成后会以短信通知。', 'produced, with one'),
    (:'pins', '{"state": "shipped"}', '您：收到快递后请确认签收。', 'shipped'),
    (:'pins', '{"state": "done"}', '', 'done'), (:'pins', '{"state": "refunded"}', '', 'refunded'), (:'pins', '{"state": "cancelled"}', '', 'cancelled')) w(project, what, told, name);
SELECT pg_temp.be_system();
SELECT matches(pg_temp.ahead(:'pins', :'account', '{"state": "rejected"}'), '^经办人：请按驳回原因', 'to anybody else the applicant is the agent');

-- ---- the way of an order ----

SELECT pg_temp.new_order(:'project', :'account', '{"state": "unpaid"}') AS o \gset
SELECT pg_temp.be_system();
SELECT pg_temp.add_account(:'o');
SELECT hall.order_paid(:'o', 'paid');
SELECT is(pg_temp.has(:'o'), 'verifying queued 1queued', 'paid: the payment goes out at once');
SELECT is((SELECT concat_ws(' ', due_at, review_at) FROM hall.orders WHERE id = :'o'), '', 'the review has not begun');
SELECT is((SELECT generation FROM hall.payout WHERE order_id = :'o'), NULL, 'it carries no PIN');
SELECT is(hall.payout_code_put(pg_temp.last_payout(:'o'), '\x01', sha256('right')), '\x01'::bytea, 'a code is stored');
SELECT is(hall.payout_code_put(pg_temp.last_payout(:'o'), '\x02', sha256('other')), '\x01'::bytea, 'once: asked again, the same');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.type(%L, ''right'')', :'o')), 'CH409', 'nothing to type in before it is sent');
SELECT pg_temp.be_system();
SELECT hall.payout_state(pg_temp.last_payout(:'o'), 'sent', NULL);
SELECT is((SELECT string_agg(event, ' ') FROM hall.message WHERE order_id = :'o'), 'code_wanted', 'the agent is told to ask for the code');
SELECT is((SELECT encrypted FROM hall.payout_code WHERE payout = pg_temp.last_payout(:'o')), NULL, 'the bank has it: nobody else needs it');
SELECT is(pg_temp.next(:'o') || ' ' || pg_temp.can(:'o'), 'code code code_link', 'now it can be typed in');
SELECT pg_temp.be_applicant(:'stranger', :'project');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.type(%L, ''right'')', :'o')), 'CH404', 'not by a stranger');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.type(:'o', 'wrong'), 'wrong2', 'two tries left');
SELECT is(pg_temp.type(:'o', 'right'), 'right2', 'right');
SELECT is(pg_temp.has(:'o'), 'in_review verified 1sent/right1', 'the review begins');
SELECT isnt((SELECT due_at FROM hall.orders WHERE id = :'o'), NULL, 'with its promised date');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.type(%L, ''right'')', :'o')), 'CH409', 'once');
SELECT pg_temp.be_system();
SELECT hall.payout_state(pg_temp.last_payout(:'o'), 'succeeded', NULL);
SELECT is(pg_temp.has(:'o'), 'in_review verified 1succeeded/right1', 'the bank''s word comes after that');
UPDATE hall.orders SET state = 'approved' WHERE id = :'o';
SELECT hall.want_pin(:'o'), hall.signer_pin(:'o', 1, 1, '\x02', '\x01');
SELECT is((SELECT count(*) FROM hall.payout WHERE order_id = :'o'), 1::bigint, 'a PIN asks for no payment here');
SELECT hall.try_gates(:'o');
SELECT is(pg_temp.state_of(:'o'), 'accepted', 'the gates are open');
SELECT hall.payout_state(pg_temp.last_payout(:'o'), 'returned', '退票');
SELECT is(pg_temp.has(:'o') || (SELECT ' ' || state FROM hall.pin WHERE order_id = :'o'), 'accepted verified 1returned/right1 made', 'what comes back after the right code undoes nothing');
SELECT pg_temp.be_staff(:'finance', 'finance');
SELECT is((SELECT x ->> 'task' FROM jsonb_array_elements(hall.desk_payouts(NULL, 100)::jsonb -> 'items') x WHERE x ->> 'order_id' = :'o'), 'returned', 'it is finance''s');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_payout(%L, ''fail'')', pg_temp.last_payout(:'o'))), 'CH409', 'which cannot undo it either');
SELECT hall.desk_payout(pg_temp.last_payout(:'o'), 'done');
SELECT is_empty(format('SELECT FROM jsonb_array_elements(hall.desk_payouts(NULL, 100)::jsonb -> ''items'') x WHERE x ->> ''order_id'' = %L', :'o'), 'seen to');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_payout(%L, ''done'')', gen_random_uuid())), 'CH404', 'no such payment');

-- ---- the account asked after the payment; natural persons ----

SELECT pg_temp.new_order(:'later', :'account', '{"state": "unpaid"}') AS l, pg_temp.new_order(:'project', :'account', '{"state": "unpaid", "cert_type": "natural"}') AS n \gset
SELECT pg_temp.be_system();
SELECT hall.order_paid(:'l', 'zero'), hall.order_paid(:'n', 'paid');
SELECT is(pg_temp.has(:'l') || ' ' || pg_temp.next(:'l') || ' ' || pg_temp.can(:'l'), 'verifying account_wanted account account', 'the account comes first');
SELECT is(pg_temp.has(:'n'), 'in_review', '#D6 a natural person has no account');
SELECT hall.account_remind(:'l');
SELECT is((SELECT string_agg(event, ' ') FROM hall.message WHERE order_id = :'l'), 'account_wanted', 'and is reminded of it');
SELECT pg_temp.be_applicant(:'account', :'later');
SELECT is(pg_temp.outcome(format('SELECT hall.account_put(%L, ''999999999999'', ''\x00'', ''*'', ''x'')', :'l')), 'CH422 /account_branch', 'out of the list');
UPDATE hall.bank_branch SET offered = false WHERE cnaps = '102584000020';
SELECT is(pg_temp.outcome(format('SELECT hall.account_put(%L, ''102584000020'', ''\x00'', ''*'', ''x'')', :'l')), 'CH422 /account_branch', 'no longer in the list');
SELECT hall.account_put(:'l', '102584000010', '\x00', '*', 'x');
SELECT is(pg_temp.has(:'l'), 'verifying queued 1queued', 'given: paid at once');
SELECT is(pg_temp.outcome(format('SELECT hall.account_put(%L, ''102584000010'', ''\x00'', ''*'', ''x'')', :'l')), 'CH409', 'and not changed under way');

-- ---- three tries, seven days, three payouts ----

SELECT pg_temp.sent(:'closed', :'account') AS t \gset
SELECT pg_temp.be_applicant(:'account', :'closed');
SELECT results_eq(format('SELECT pg_temp.type(%L, ''wrong'') FROM generate_series(1, 3)', :'t'), ARRAY['wrong2', 'wrong1', 'void0'], 'three tries');
SELECT is(pg_temp.has(:'t'), 'verifying failed 1sent/void3', 'then it is void');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.type(%L, ''right'')', :'t')), 'CH409', 'right or not');
SELECT hall.my_payout_again(:'t');
SELECT is(pg_temp.has(:'t'), 'verifying queued 1sent/void3', 'the next waits for the bank''s word on this one');
SELECT pg_temp.be_system();
SELECT hall.payout_state(pg_temp.last_payout(:'t'), 'succeeded', NULL);
SELECT is(pg_temp.has(:'t'), 'verifying queued 1succeeded/void3 2queued', 'which moves nothing else');
SELECT pg_temp.carry(:'t');
UPDATE hall.payout_code SET expires_at = now() WHERE payout = pg_temp.last_payout(:'t');
SELECT pg_temp.be_applicant(:'account', :'closed');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.type(%L, ''right'')', :'t')), 'CH409', 'too late');
SELECT pg_temp.be_system();
SELECT hall.code_end(id) FROM hall.payout WHERE order_id = :'t' ORDER BY number;
SELECT is(pg_temp.has(:'t'), 'verifying failed 1succeeded/void3 2sent/void0', 'expired');
SELECT hall.payout_state(pg_temp.last_payout(:'t'), 'succeeded', NULL);
SELECT pg_temp.be_applicant(:'account', :'closed');
SELECT hall.my_payout_again(:'t');
SELECT pg_temp.be_system();
SELECT hall.payout_state(pg_temp.last_payout(:'t'), 'failed', '户名不符');
SELECT is(pg_temp.has(:'t'), 'verifying failed 1succeeded/void3 2succeeded/void0 3failed', 'refused before it had a code');
SELECT is(pg_temp.next(:'t'), 'finauth', 'no way on here but the telephone');
SELECT is(pg_temp.can(:'t'), NULL, 'three payouts at most');
SELECT pg_temp.be_applicant(:'account', :'closed');
SELECT is(pg_temp.outcome(format(q, :'t')), 'CH409', q) FROM unnest(ARRAY['SELECT hall.my_payout_again(%L)', 'SELECT hall.code_link(%L, sha256(''''))',
    'SELECT hall.account_put(%L, ''102584000010'', ''\x00'', ''*'', ''x'')', 'SELECT hall.legal_start(gen_random_uuid(), %L, sha256(''''), ''1 hour'', ''\x00'', ''*'')']) q;
SELECT is((SELECT string_agg(event, ' ' ORDER BY event) FROM hall.message WHERE order_id = :'t'), 'code_failed code_failed code_wanted code_wanted finauth_ended',
          'each told once, and at the end whom to call');

-- Where the legal person may stand in, the last failure says so.
SELECT pg_temp.sent(:'project', :'account') AS w \gset
SELECT hall.payout_state(pg_temp.last_payout(:'w'), 'failed', '户名不符');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT hall.my_payout_again(:'w');
SELECT pg_temp.be_system();
SELECT hall.payout_state(pg_temp.last_payout(:'w'), 'failed', '户名不符');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT hall.my_payout_again(:'w');
SELECT pg_temp.be_system();
SELECT hall.payout_state(pg_temp.last_payout(:'w'), 'failed', '户名不符');
SELECT is((SELECT string_agg(event, ' ' ORDER BY event) FROM hall.message WHERE order_id = :'w'), 'code_wanted finauth_failed finauth_failed legal_wanted', 'told to ask the legal person');

-- ---- a former payment's end is not this one's ----

SELECT pg_temp.sent(:'project', :'account') AS f \gset
SELECT pg_temp.last_payout(:'f') AS first \gset
SELECT hall.payout_state(:'first', 'succeeded', NULL);
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.type(:'f', 'wrong') FROM generate_series(1, 3);
SELECT hall.my_payout_again(:'f');
SELECT pg_temp.be_system();
SELECT pg_temp.carry(:'f');
SELECT hall.payout_state(:'first', 'returned', '退票');
SELECT is(pg_temp.has(:'f'), 'verifying sent 1returned/void3 2sent/open0', 'the first comes back, the second goes on');

-- ---- the link ----

SELECT pg_temp.be_applicant(:'account', :'project');
SELECT hall.code_link(:'f', sha256('one')), hall.code_link(:'f', sha256('two'));
SELECT is((SELECT count(*) FROM hall.link WHERE purpose = 'code' AND subject = pg_temp.last_payout(:'f')), 1::bigint, 'one at a time');
SELECT pg_temp.be('link', pg_temp.last_payout(:'f'), '{code}', :'project');
SELECT is((SELECT ("out"::jsonb) - 'sent_at' - 'expires_at' - 'project_name' - 'number' FROM hall.link_code_view()),
          '{"left": 3, "unit": "测试", "account_no": "****", "branch_name": "中国工商银行股份有限公司深圳福田支行", "arrived": false}'::jsonb, 'what it shows');
SELECT is(pg_temp.outcome(format('SELECT hall.link_code_try(sha256(''right''), %L)', :'t')), 'CH410', 'for its own order alone');
SELECT pg_temp.be('link', pg_temp.last_payout(:'f'), '{code}', :'later');
SELECT is(pg_temp.outcome('SELECT hall.link_code_view()'), 'CH410', 'in its own project');
SELECT pg_temp.be('link', :'first', '{code}', :'project');
SELECT is(pg_temp.outcome('SELECT hall.link_code_view()'), 'CH410', 'for its own payment');
SELECT pg_temp.be('link', pg_temp.last_payout(:'f'), '{code}', :'project');
SELECT is((SELECT concat(word, ' ', "out"::jsonb -> 'number' = to_jsonb(o.number), ' ', "out"::jsonb #>> '{ahead,0,who}') FROM hall.link_code_try(sha256('right'), :'f'), hall.orders o WHERE o.id = :'f'),
          'right t 审核人员', 'typed in by whoever has it, who hears of which order it was and who goes on');
SELECT is(pg_temp.has(:'f'), 'in_review verified 1returned/void3 2sent/right0', 'goes on');
SELECT is_empty(format('SELECT FROM hall.link WHERE purpose = ''code'' AND subject = %L', pg_temp.last_payout(:'f')), 'and the link has ended');
SELECT is(pg_temp.outcome('SELECT hall.link_code_view()'), 'CH410', 'for good');

-- ---- the legal person ----

SELECT pg_temp.sent(:'project', :'account') AS g \gset
SELECT hall.payout_state(pg_temp.last_payout(:'g'), 'failed', '户名不符');
SELECT is((SELECT hall.legal_auth(o) FROM hall.orders o WHERE id = :'g'), 'later', 'after another failure');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT hall.my_payout_again(:'g');
SELECT is((SELECT hall.legal_auth(o) FROM hall.orders o WHERE id = :'g'), 'closed', 'not while a payment is under way');
SELECT pg_temp.be_system();
SELECT hall.payout_state(pg_temp.last_payout(:'g'), 'failed', '户名不符');
SELECT is(pg_temp.can(:'g'), 'account legal_auth payout', 'open');
SAVEPOINT unpaid;
SELECT pg_temp.new_staff('finance') AS clerk \gset
SELECT pg_temp.be_staff(:'clerk', 'finance');
SELECT is((SELECT string_agg(label || '=' || value, ' ') FROM hall.payout_again_facts(:'g', pg_temp.version_of(:'g')) WHERE label NOT IN ('业务单', '申请主体')),
          (SELECT format('打款次数=第 3 次 打款金额=0.01 元 开户行=%s %s', r.name, r.cnaps) FROM hall.bank_account b
             JOIN hall.bank_branch r USING (cnaps) WHERE b.order_id = :'g'), 'what finance signs of another payout');
SELECT is((SELECT (f.name, f.masked)::text FROM hall.payout_again_facts(:'g', pg_temp.version_of(:'g')) f LIMIT 1),
          (SELECT (b.name, b.masked)::text FROM hall.bank_account b WHERE b.order_id = :'g'), 'to that account');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_payout_again(%L, pg_temp.version_of(%1$L), NULL)', :'g')), 'CH403', 'none without an act');
SELECT hall.desk_payout_again(:'g', pg_temp.version_of(:'g'), pg_temp.signed());
SELECT is((SELECT (what, subject, staff)::text FROM hall.act WHERE order_id = :'g'), ('pay_out_again', :'g'::uuid, :'clerk'::uuid)::text, 'with one it is paid');
SELECT is(pg_temp.outcome(format('SELECT hall.payout_again_facts(%L, pg_temp.version_of(%1$L))', :'g')), 'CH409', 'nothing to sign while it is under way');
SELECT is((SELECT act FROM hall.payout WHERE id = pg_temp.last_payout(:'g')), (SELECT id FROM hall.act WHERE order_id = :'g'), 'the payout names the act');
SELECT is((SELECT act FROM hall.bank_account WHERE order_id = :'g'), NULL, 'which is for this payout alone');
SELECT is((SELECT string_agg(label || '=' || value, ' ') FROM hall.runner_payout_act(pg_temp.last_payout(:'g')) WHERE label ~ '打款'), '打款次数=第 3 次 打款金额=0.01 元', 'the runner reads what it must say');
SELECT is((SELECT bool_and(signature = '\x05' AND staff = :'clerk') FROM hall.runner_payout_act(pg_temp.last_payout(:'g'))), true, 'and the signature');
SELECT is((SELECT count(*) FROM hall.payout y, hall.runner_payout_act(y.id) WHERE y.order_id = :'g' AND y.number < 3), 0::bigint, 'those that nobody of staff has asked for need none');
SELECT hall.runner_payout_refused(pg_temp.last_payout(:'g'), '签署没有通过核验');
SELECT is(pg_temp.has(:'g') || ' ' || (SELECT reason FROM hall.payout WHERE id = pg_temp.last_payout(:'g')), 'verifying failed 1failed/void0 2failed 3failed 签署没有通过核验', 'refused by the runner it has failed, with the reason');
SELECT ok(EXISTS (SELECT FROM hall.audit WHERE subject = :'g' AND detail ->> 'act_refused' = '签署没有通过核验'), 'which is in the trail');
ROLLBACK TO unpaid;
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT gen_random_uuid() AS i, gen_random_uuid() AS j \gset
SELECT hall.legal_start(:'i', :'g', sha256('legal'), '1 day', '\x00', '张*');
SELECT hall.my_payout_again(:'g');
SELECT is((SELECT state FROM hall.identity WHERE id = :'i'), 'void', 'one way at a time');
SELECT pg_temp.be_system();
SELECT pg_temp.agree(:'i'), hall.identity_result(:'i', true, NULL, 'face');
SELECT is(pg_temp.has(:'g'), 'verifying queued 1failed/void0 2failed 3queued', 'what is void passes nobody');
SELECT hall.payout_state(pg_temp.last_payout(:'g'), 'failed', '户名不符');
SELECT is(pg_temp.next(:'g'), 'legal', 'the only way on');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT hall.legal_start(:'j', :'g', sha256('legal'), '1 day', NULL, NULL);
SELECT pg_temp.be_system();
SELECT pg_temp.agree(:'j'), hall.identity_result(:'j', true, NULL, 'face');
SELECT is(pg_temp.has(:'g'), 'in_review replaced 1failed/void0 2failed 3failed', 'the legal person stands in');
SELECT is((SELECT phone_state FROM hall.orders WHERE id = :'g'), 'passed', 'and nothing else has changed');

SELECT pg_temp.new_order(:'pins', :'account', '{"state": "approved", "paid": "paid", "finauth": "queued"}') AS k, gen_random_uuid() AS m \gset
SELECT pg_temp.add_account(:'k');
SELECT hall.want_pin(:'k'), hall.signer_pin(:'k', 1, 1, '\x02', '\x01');
SELECT hall.payout_state(pg_temp.last_payout(:'k'), 'sent', NULL), hall.payout_state(pg_temp.last_payout(:'k'), 'failed', '账号不存在');
SELECT pg_temp.be_applicant(:'account', :'pins');
SELECT hall.legal_start(:'m', :'k', sha256('pins'), '1 day', '\x00', '张*');
SELECT pg_temp.be_system();
SELECT hall.identity_result(:'m', true, NULL, 'transfer');
SELECT is((SELECT text FROM hall.order_history WHERE order_id = :'k' AND text LIKE '法定代表人认证%'), '法定代表人认证通过（本人银行账户转账），代替对公账户认证', 'by a transfer, as the history says');
SELECT is(pg_temp.has(:'k'), 'accepted replaced 1failed', 'after one failure, as this project says; the gates open');
SELECT is((SELECT string_agg(generation || state, ' ' ORDER BY generation) FROM hall.pin WHERE order_id = :'k'), '1void 2wanted', 'with a PIN of its own');

-- ---- where PINs go (section 5, as rows) ----

CREATE FUNCTION pg_temp.told(project uuid, account uuid, person text, finauth text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE o uuid := pg_temp.new_order(project, account, jsonb_build_object('state', 'produced', 'cert_type', person, 'finauth', finauth));
BEGIN
    RETURN (SELECT hall.pin_recipient(x) FROM hall.orders x WHERE id = o);
END $$;
INSERT INTO hall.project_type (project, pos, cert_type, name, person, medium) SELECT p, 9, 'holder', '机构个人证书', 'holder', 'ukey'
  FROM unnest(ARRAY[:'project', :'pins']::uuid[]) p;
SELECT is(pg_temp.told(p::uuid, :'account', person, f), goes, concat_ws(' ', fact, '#D5', what, person, f))
  FROM (VALUES ('#192', :'project', 'code', 'institution', 'verified', 'agent'), ('#192', :'project', 'code', 'holder', 'verified', 'agent'),
    ('#192', :'project', 'code', 'holder', 'replaced', 'agent'), ('#191', :'project', 'code', 'natural', NULL, 'holder'),
    ('#189', :'pins', 'pin', 'institution', NULL, 'agent'), ('#190', :'pins', 'pin', 'holder', NULL, 'holder'),
    ('#190', :'pins', 'pin', 'holder', 'replaced', 'holder'), ('#189', :'pins', 'pin', 'institution', 'replaced', 'agent'),
    ('#191', :'pins', 'pin', 'natural', NULL, 'holder')) AS x (fact, p, what, person, f, goes);
SELECT is((SELECT hall.pin_goes(jsonb_populate_record(o, '{"finauth": "succeeded"}')) FROM hall.orders o WHERE id = :'k'), 'remark', 'a payout that arrived carries it');

-- ---- suspended at the bank ----

SELECT pg_temp.sent(:'project', :'account') AS s \gset
SELECT hall.payout_suspended(pg_temp.last_payout(:'s'));
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT hall.my_payout_again(%L)', :'s')), 'CH409', 'nobody pays twice on a suspicion');
SELECT pg_temp.be_staff(:'finance', 'finance');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_payout(%L, ''done'')', pg_temp.last_payout(:'s'))), 'CH409', 'and it is not just put aside');
SELECT hall.desk_payout(pg_temp.last_payout(:'s'), 'ask');
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'payout_query' AND subject = pg_temp.last_payout(:'s')), 2::bigint, 'the bank is asked again');
SELECT hall.payout_suspended(pg_temp.last_payout(:'s')), hall.desk_payout(pg_temp.last_payout(:'s'), 'fail');
SELECT is(pg_temp.has(:'s'), 'verifying failed 1failed/void0', 'settled by people');

-- ---- branches ----

SELECT is(hall.bank_short('中国工商银行股份有限公司 深圳（福田）支行'), '中国工商银行深圳福田支行', 'as it is searched');
SELECT is(hall.bigrams('工商银'), ARRAY['商银', '工商'], 'pairs');
SELECT is(ARRAY(SELECT unnest(hall.bank_words(typed)) ORDER BY 1), words, typed) FROM (VALUES ('工行 深圳市', ARRAY['工商银行', '深圳']), ('建行长沙', ARRAY['建设银行', '长沙']),
    ('%_''\ ', '{}'::text[]), ('中国银行股份有限公司，北京', ARRAY['中国银行', '北京']), ('ICBC', ARRAY['工商银行'])) x (typed, words);
CREATE FUNCTION pg_temp.first(typed text) RETURNS text LANGUAGE sql AS $$ SELECT hall.bank_search(typed)::jsonb #>> '{banks,0,cnaps}' $$;
SELECT is(pg_temp.first(typed), '102584000010', typed) FROM unnest(ARRAY['工行 福田', '福田 工行', '深圳市工商银行 福田区', '102584000010', '1025840000', 'icbc福田', '工伤 深圳福田支行',
    '中国工商银行深圳福天支行', '中国工商银行股份有限公司深圳福田支行']) typed;
SELECT is(pg_temp.first(typed), NULL, typed) FROM unnest(ARRAY['', '工', '火星', '000000000000', '%%']) typed;

SELECT pg_temp.be_system();
SELECT hall.bank_import_begin(), hall.bank_import_add('[[2, "102584000010", "中国工商银行", "中国工商银行股份有限公司深圳福田支行"], [3, "900000000001", "某银行", "某银行山城支行"], [4, "900000000001", "某银行", "某银行山城支行"]]');
SELECT results_eq('SELECT * FROM hall.bank_import_twice()', $$ VALUES (4, '900000000001', 3) $$, 'a number that stands there twice');
SELECT hall.bank_import_begin(), hall.bank_import_add('[[2, "102584000010", "中国工商银行", "中国工商银行股份有限公司深圳福田支行"], [3, "900000000001", "某银行", "某银行山城支行"]]');
SELECT results_eq('SELECT added, changed, offered FROM hall.bank_import_end()', 'VALUES (1, 0, 2)', 'another list');
SELECT is(pg_temp.first('山城'), '900000000001', 'its branches are found');
SELECT is(pg_temp.first('罗湖'), NULL, 'the former ones are not offered');
SELECT is((SELECT count(*) FROM hall.bank_branch WHERE cnaps = '102584000030'), 1::bigint, 'but kept');

SELECT * FROM finish();
ROLLBACK;
