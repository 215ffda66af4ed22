-- The personal centre: which session fits which project, codes for the account itself, password and phone, sessions, lists, the promise
-- in words, units and their hand-over.
\ir fixture.psql
SELECT no_plan();
SELECT sha256('code 1') AS code, sha256('code x') AS wrong \gset
SELECT pg_temp.new_project('{"login_ways": ["sms"]}') AS by_sms, pg_temp.new_project('{"login_ways": ["password"]}') AS by_password,
       pg_temp.new_project('{"login_ways": ["password", "sms"], "own_list": "我的业务单-内部应用"}') AS own \gset
SELECT slug AS sms_slug FROM hall.project WHERE id = :'by_sms' \gset
SELECT slug AS password_slug FROM hall.project WHERE id = :'by_password' \gset
SELECT slug AS own_slug FROM hall.project WHERE id = :'own' \gset
SELECT pg_temp.new_account() AS me, pg_temp.new_account() AS other \gset
SELECT phone_hash AS my_phone FROM hall.account WHERE id = :'me' \gset
SELECT phone_hash AS other_phone FROM hall.account WHERE id = :'other' \gset

-- Asks for a code for that purpose as the caller, and moves it into the past.
CREATE FUNCTION pg_temp.ask(phone bytea, why text) RETURNS void LANGUAGE sql AS $$
    UPDATE hall.sms_code SET created_at = created_at - interval '61 seconds' WHERE phone_hash = phone;
    SELECT hall.sms_code_new(gen_random_uuid(), phone, why, sha256('code 1'), 100, 1000, gen_random_uuid(), '\x00') $$;
CREATE FUNCTION pg_temp.session(who uuid, token text, way text DEFAULT 'sms') RETURNS void LANGUAGE sql AS $$
    SELECT hall.session_open(sha256(token::bytea), who, NULL, way, 60, 7200) $$;
CREATE FUNCTION pg_temp.alive(token text) RETURNS bool LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM hall.session WHERE token_hash = sha256(token::bytea)) $$;

-- ---- networks ----
SELECT is(hall.network(a), n, format('%s is counted as %s', a, n)) FROM (VALUES
    ('192.0.2.7', '192.0.2.7'), ('2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'), ('2001:db8:1:2::ffff', '2001:db8:1:2::/64'),
    ('2001:db8:1:3::1', '2001:db8:1:3::/64'), ('::1', '::/64'), ('::ffff:192.0.2.7', '192.0.2.7'), ('', ''), ('a:b', 'a:b'),
    ('fixture', 'fixture')) v(a, n);
SELECT pg_temp.be('nobody', NULL, '{public}');
SELECT pg_temp.be_with('address', '2001:db8:1:2::1');
SELECT hall.sms_code_new(gen_random_uuid(), sha256('six'), 'login', :'code', 9, 1, gen_random_uuid(), '\x00');
SELECT pg_temp.be_with('address', '2001:db8:1:2::2');
SELECT is(pg_temp.outcome(format('SELECT hall.sms_code_new(gen_random_uuid(), %L, ''login'', ''\x00'', 9, 1, gen_random_uuid(), ''\x00'')', sha256('seven'))),
          'CH429', 'another address of the same /64 has no codes of its own');
SELECT hall.login_try(sha256(n::text::bytea), '2001:db8:1:2::2') FROM generate_series(1, 50) n;
SELECT is(pg_temp.outcome($$ SELECT hall.login_try(sha256('x'), '2001:db8:1:2:ffff::9') $$), 'CH429', 'nor tries');
SELECT is(pg_temp.outcome($$ SELECT hall.login_try(sha256('x'), '2001:db8:1:9::9') $$), 'ok', 'the neighbour has');
SELECT is(pg_temp.outcome($$ SELECT hall.count_public('serial', '2001:db8:7:7::1', 1, 'x'), hall.count_public('serial', '2001:db8:7:7::2', 1, 'x') $$), 'CH429', 'nor look-ups');

-- ---- whose session fits where ----
SELECT pg_temp.session(:'me', 'by sms', 'sms'), pg_temp.session(:'me', 'by password', 'password');
SELECT is(pg_temp.outcome(format('SELECT hall.enter(%L, %L, %L, ''op'', '''', '''')', sha256(token::bytea), roles, CASE place
              WHEN 'sms' THEN :'sms_slug' WHEN 'password' THEN :'password_slug' WHEN 'both' THEN :'own_slug' ELSE place END)), wanted,
          format('%s at %s as %s', token, place, roles)) FROM (VALUES
    ('by sms', 'sms', '{applicant}', 'ok'), ('by sms', 'password', '{applicant}', 'CH401'), ('by sms', 'both', '{applicant}', 'ok'),
    ('by sms', 'hall', '{applicant}', 'ok'), ('by sms', '', '{applicant}', 'ok'), ('by password', 'sms', '{applicant}', 'CH401'),
    ('by password', 'password', '{applicant}', 'ok'), ('by password', 'both', '{applicant}', 'ok'),
    ('by password', 'sms', '{public}', 'ok')) v(token, place, roles, wanted);
SELECT hall.enter(sha256('by password'), '{public}', :'sms_slug', 'op', '', '');
SELECT is(array[hall.my_kind(), hall.me()::text], array['nobody', NULL], 'there it is nobody''s');
SELECT is(hall.session_elsewhere(sha256(t::bytea)), w, t || ': of elsewhere') FROM (VALUES ('by password', true), ('none', false)) v(t, w);

-- ---- codes ----
SELECT pg_temp.be('nobody', NULL, '{public}');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L, %L)', :'my_phone', why)), CASE WHEN why IN ('login', 'register', 'reset') THEN 'ok' ELSE 'CH401' END,
          why || ' is asked for by nobody') FROM unnest('{login,register,reset,password,phone,new_phone,hand_over,take_over,sessions}'::text[]) why;
SELECT pg_temp.be('nobody', NULL, '{public}', :'by_sms');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L, ''reset'')', :'my_phone')), 'CH403', 'where no password is taken, none is set anew');
SELECT pg_temp.be_applicant(:'me', :'by_sms');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L, %L)', phone, why)), wanted, format('%s to %s', why, whose)) FROM (VALUES
    ('password', 'my own', :'my_phone'::bytea, 'ok'), ('password', 'another', :'other_phone'::bytea, 'CH401'),
    ('phone', 'another', :'other_phone'::bytea, 'CH401'), ('new_phone', 'my own', :'my_phone'::bytea, 'CH422 /phone'),
    ('new_phone', 'a new one', sha256('new'), 'ok'), ('hand_over', 'another', :'other_phone'::bytea, 'CH401')) v(why, whose, phone, wanted);
SELECT pg_temp.ask(:'my_phone', 'password');
SELECT is((SELECT detail ->> 'action' FROM hall.message WHERE event = 'account_code' AND created_at = now() LIMIT 1), '修改登录密码', 'the message says what the code is for');
SELECT is(hall.sms_code_use(:'my_phone', 'phone', :'code'), 'expired', 'and it is good for that alone');

-- ---- reset ----
SELECT pg_temp.be('nobody', NULL, '{public}', :'by_password');
SELECT pg_temp.ask(sha256('stranger'), 'reset');
SELECT is((SELECT word FROM hall.login_sms(sha256('stranger'), 'reset', :'code', gen_random_uuid(), '\x00', '-', 'secret', sha256('r1'), 60, 7200)), 'unknown', 'a reset registers nobody');
SELECT is(pg_temp.alive('r1'), false, 'and opens no session');
SELECT pg_temp.ask(:'my_phone', 'reset');
SELECT is((SELECT word FROM hall.login_sms(:'my_phone', 'reset', :'code', gen_random_uuid(), '\x00', '-', 'secret', sha256('r2'), 60, 7200)), 'ok', 'a reset');
SELECT is((SELECT array[password, made_by] FROM hall.account a JOIN hall.session s ON s.account = a.id WHERE a.id = :'me'), '{secret,password}', 'sets the password and comes in by it');
SELECT is(pg_temp.alive(t), t = 'r2', t) FROM unnest('{by sms,by password,r2}'::text[]) t;

-- ---- password ----
-- A record of the password whose proof is sha256('right').
CREATE FUNCTION pg_temp.record(salt text) RETURNS text LANGUAGE sql AS $$
    SELECT '$scrypt$ln=4$' || salt || '$' || hall.base64url(sha256(sha256('right'))) $$;
CREATE FUNCTION pg_temp.change(good bool, code bytea) RETURNS text LANGUAGE sql AS $$
    SELECT hall.password_change(CASE WHEN good THEN sha256('right') ELSE sha256('wrong') END, code, pg_temp.record(nextval('counter')::text), sha256('r2'),
                                gen_random_uuid(), '\x00') $$;
UPDATE hall.account SET password = pg_temp.record('first') WHERE id = :'me';
SELECT pg_temp.be_applicant(:'me', NULL);
SELECT pg_temp.session(:'me', 'elsewhere'), pg_temp.session(:'other', 'somebody else');
SELECT is(pg_temp.change(false, NULL), 'wrong_password', 'a wrong old password');
SELECT is((SELECT password FROM hall.account WHERE id = :'me'), pg_temp.record('first'), 'changes nothing');
SELECT pg_temp.ask(:'my_phone', 'password');
SELECT is(pg_temp.change(true, :'wrong'), 'wrong', 'with a code the code counts');
SELECT is(pg_temp.alive('elsewhere'), true, 'so far all are where they were');
SELECT is(pg_temp.change(false, :'code'), 'ok', 'the right code');
SELECT is(pg_temp.change(false, :'code'), 'expired', 'once');
SELECT is(pg_temp.alive(t), t <> 'elsewhere', 'afterwards: ' || t) FROM unnest('{elsewhere,r2,somebody else}'::text[]) t;
SELECT is(pg_temp.change(true, NULL), 'ok', 'or the old password');
SELECT is((SELECT count(*) FROM hall.message WHERE event = 'password_changed' AND created_at = now()), 2::bigint, 'told each time');
SELECT alike((SELECT detail ->> 'password' FROM hall.audit WHERE subject = :'me' ORDER BY seq DESC LIMIT 1), 'hmac:%', 'the trail has it, and not what it is');

-- ---- phone ----
CREATE FUNCTION pg_temp.move(old_code bytea, phone bytea, new_code bytea) RETURNS text LANGUAGE sql AS $$
    SELECT which || ' ' || word FROM hall.phone_change(old_code, phone, new_code, '\x01', '137****0001', sha256('r2'), gen_random_uuid(), '\x00') $$;
SELECT sha256('new phone') AS new_phone \gset
SELECT pg_temp.ask(:'my_phone', 'phone'), pg_temp.ask(:'new_phone', 'new_phone');
SELECT is(pg_temp.move(:'code', :'new_phone', :'wrong'), 'new wrong', 'a wrong code on the new phone');
SELECT is(pg_temp.move(:'wrong', :'new_phone', :'code'), 'old wrong', 'a wrong one on the old');
SELECT is((SELECT phone_hash FROM hall.account WHERE id = :'me'), :'my_phone'::bytea, 'nothing has moved');
SELECT pg_temp.ask(:'other_phone', 'new_phone');
SELECT pg_temp.session(:'me', 'elsewhere');
SAVEPOINT taken;
SELECT is(pg_temp.move(:'code', :'other_phone', :'code'), 'new taken', 'somebody else''s number');
SELECT is((SELECT count(DISTINCT phone_hash) FROM hall.account WHERE id IN (:'me', :'other')), 2::bigint, 'stays somebody else''s');
SELECT is(pg_temp.move(:'code', :'new_phone', :'code'), 'old expired', 'and both codes are gone');
ROLLBACK TO taken;
SELECT is(pg_temp.move(:'code', :'new_phone', :'code'), 'old ok', 'mistakes in one have not used up the other');
SELECT is((SELECT array[phone_hash::text, phone_mask] FROM hall.account WHERE id = :'me'), array[(:'new_phone'::bytea)::text, '137****0001'], 'moved');
SELECT is(pg_temp.alive('elsewhere'), false, 'others are out');
SELECT is((SELECT detail ->> 'mask' FROM hall.message WHERE event = 'phone_changed' AND created_at = now()), '137****0001', 'the old number is told where to');
SELECT is(pg_temp.move(:'code', sha256('third'), :'code'), 'old expired', 'codes of the old phone are good for nothing now');
SELECT pg_temp.ask(:'new_phone', 'phone'), pg_temp.ask(sha256('third'), 'new_phone');
SELECT pg_temp.move(:'wrong', sha256('third'), :'code') FROM generate_series(1, 3);
SELECT is(pg_temp.move(:'code', sha256('third'), :'code'), 'old too_many', 'three tries, however right the other one is');

-- ---- sessions ----
SELECT pg_temp.session(:'me', 's' || n) FROM generate_series(1, 3) n;
SELECT hall.session_device(sha256('s1'), 'Chrome 浏览器');
SELECT id AS s1 FROM hall.session WHERE token_hash = sha256('s1') \gset
SELECT id AS theirs FROM hall.session WHERE token_hash = sha256('somebody else') \gset
SELECT is(jsonb_array_length(hall.my_sessions(sha256('r2'))::jsonb -> 'items'), 4, 'mine, and nobody else''s');
SELECT is((SELECT array[i ->> 'current', i ->> 'way'] FROM jsonb_array_elements(hall.my_sessions(sha256('r2'))::jsonb -> 'items') i LIMIT 1), '{true,password}', 'the one that asks comes first');
SELECT is((SELECT count(*) FROM jsonb_array_elements(hall.my_sessions(sha256('r2'))::jsonb -> 'items') i WHERE i ->> 'device' = 'Chrome 浏览器'), 1::bigint, 'with its device');
SELECT is(hall.sessions_end(:'s1', sha256('r2'), :'code'), 'expired', 'nothing ends without a code for it');
SELECT pg_temp.ask(:'new_phone', 'sessions');
SELECT is(hall.sessions_end(:'s1', sha256('r2'), :'wrong'), 'wrong', 'nor under another');
SELECT is(pg_temp.alive('s1'), true, 'it is there');
SELECT is(pg_temp.outcome(format('SELECT hall.sessions_end(%L, %L, %L)', :'theirs', sha256('r2'), :'code')), 'CH404', 'somebody else''s is not there for me');
SELECT is(hall.sessions_end(:'s1', sha256('r2'), :'code'), 'ok', 'one ended');
SELECT pg_temp.ask(:'new_phone', 'sessions');
SELECT is(pg_temp.outcome(format('SELECT hall.sessions_end(%L, %L, %L)', :'s1', sha256('r2'), :'code')), 'CH404', 'once');
SELECT is(hall.sessions_end(NULL, sha256('r2'), :'code'), 'ok', 'all others ended');
SELECT is(pg_temp.alive(t), true, t || ' stays') FROM unnest('{r2,somebody else}'::text[]) t;
SELECT pg_temp.ask(:'new_phone', 'sessions');
SELECT is(hall.sessions_end(NULL, sha256('r2'), :'code'), 'ok', 'though there are none');

-- ---- lists ----
SELECT pg_temp.new_order(:'by_sms', :'me', '{"subject": "甲公司", "state": "in_review", "created_at": "2026-03-02T00:30:00+08:00"}') AS o1,
       pg_temp.new_order(:'by_sms', :'me', '{"subject": "乙公司", "state": "approved", "finauth": "failed", "created_at": "2026-03-03T23:30:00+08:00"}') AS o2,
       pg_temp.new_order(:'own', :'me', '{"subject": "甲公司", "state": "draft", "created_at": "2026-03-04T12:00:00+08:00"}') AS o3,
       pg_temp.new_order(:'by_sms', :'other', '{"subject": "甲公司", "state": "draft"}') AS o4 \gset
SELECT number AS n1 FROM hall.orders WHERE id = :'o1' \gset
CREATE FUNCTION pg_temp.found(list text, label text DEFAULT NULL, state text DEFAULT NULL, number text DEFAULT NULL, business text DEFAULT NULL,
    words text DEFAULT NULL, first date DEFAULT NULL, last date DEFAULT NULL, after text DEFAULT NULL, size int DEFAULT 20) RETURNS uuid[] LANGUAGE sql AS $$
    SELECT coalesce(array_agg((i ->> 'id')::uuid), '{}') FROM jsonb_array_elements(hall.my_orders(list, label, state, number, business, words, first, last, after, size)::jsonb -> 'items') i $$;
SELECT is(pg_temp.found(NULL), array[:'o3', :'o2', :'o1']::uuid[], 'all of mine, newest first');
SELECT is(pg_temp.found('certificate'), array[:'o2', :'o1']::uuid[], 'applications: without those of a list of their own');
SELECT is(pg_temp.found(:'own_slug'), array[:'o3']::uuid[], 'which they have');
SELECT is(pg_temp.found(:'sms_slug'), '{}'::uuid[], 'a project without one has none');
SELECT is(pg_temp.found('authentication'), array[:'o2']::uuid[], 'what waits for the financial authentication');
SELECT is(pg_temp.found(NULL, label => '金融认证失败'), array[:'o2']::uuid[], '#165 by what is shown as the state');
SELECT is(pg_temp.found(NULL, label => '待审核'), array[:'o1']::uuid[], '#172 another');
SELECT is(pg_temp.found(NULL, state => 'draft'), array[:'o3']::uuid[], 'by state');
SELECT is(pg_temp.found(NULL, number => right(:'n1', 6)), array[:'o1']::uuid[], 'by a part of the number');
SELECT is(pg_temp.found(NULL, number => '%'), '{}'::uuid[], 'which is no pattern');
SELECT is(pg_temp.found(NULL, words => '甲'), array[:'o3', :'o1']::uuid[], 'by subject');
SELECT is(pg_temp.found(NULL, business => 'seal'), '{}'::uuid[], 'by business');
SELECT is(pg_temp.found(NULL, first => '2026-03-02', last => '2026-03-02'), array[:'o1']::uuid[], 'a day is a day in Beijing');
SELECT is(pg_temp.found(NULL, first => '2026-03-03', last => '2026-03-04'), array[:'o3', :'o2']::uuid[], 'both ends included');
SELECT is(pg_temp.found(NULL, after => hall.my_orders(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 2)::jsonb ->> 'next', size => 2),
          array[:'o1']::uuid[], 'the second page');
SELECT set_eq(format('SELECT jsonb_array_elements_text(hall.my_orders(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, 1)::jsonb -> ''labels'')'),
              '{草稿,待审核,金融认证失败}'::text[], 'the labels to choose from are those of the list');
SELECT is((SELECT jsonb_object_agg(l ->> 'list', l -> 'orders') FROM jsonb_array_elements(hall.order_lists()) l),
          jsonb_build_object('certificate', 2, 'authentication', 1, :'own_slug'::text, 1), 'how many each holds');
SELECT is((SELECT l ->> 'name' FROM jsonb_array_elements(hall.order_lists()) l WHERE l ->> 'list' = :'own_slug'), '内部应用', '#15 one called by its own name');
SELECT pg_temp.be_applicant(:'other', NULL);
SELECT is(pg_temp.found(NULL), array[:'o4']::uuid[], 'somebody else sees others');
SELECT is((SELECT count(*) FROM jsonb_array_elements(hall.order_lists())), 2::bigint, 'and no list that is not theirs');
SELECT pg_temp.be_applicant(:'other', :'own');
SELECT is((SELECT count(*) FROM jsonb_array_elements(hall.order_lists())), 3::bigint, 'unless they are just there');

-- ---- the promise ----
CREATE FUNCTION pg_temp.promise(wanted uuid, columns text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE said text;
BEGIN
    EXECUTE format('UPDATE hall.orders SET %s WHERE id = $1', columns) USING wanted;
    SELECT hall.promise(o) ->> 'text' INTO said FROM hall.orders o WHERE o.id = wanted;
    RETURN said;
END $$;
UPDATE hall.project SET review_days = 3, ship_days = 5 WHERE id = :'by_sms';
SELECT is(pg_temp.promise(:'o1', $$ state = 'in_review', due_at = '2099-11-25 17:00+08' $$), '预计 11 月 25 日（3 个工作日内）完成审核', 'by when, in words');
SELECT is(pg_temp.promise(:'o1', $$ due_at = '2026-01-05 17:00+08' $$), '原定 1 月 5 日 完成审核，现已超过承诺时间，正在优先处理，给您添麻烦了', 'not kept, and said');
SELECT is(pg_temp.promise(:'o1', $$ due_at = NULL $$), '3 个工作日内完成审核（下一年度的放假安排尚未公布，暂不能给出日期）', 'no guess at a year that is not known');
SELECT is(pg_temp.promise(:'o1', $$ state = 'accepted', ship_due_at = '2099-12-01 17:00+08' $$), '预计 12 月 1 日（5 个工作日内）制证寄出', 'the second clock');
SELECT is(pg_temp.promise(:'o1', $$ state = 'verifying' $$), '金融认证完成后 3 个工作日内完成审核', 'before the clock runs');
SELECT is(pg_temp.promise(:'o1', $$ state = 'rejected' $$), '重新提交后 3 个工作日内完成审核', 'while it stands still');
SELECT is(pg_temp.promise(:'o1', $$ state = 'unpaid' $$), '支付成功后 3 个工作日内完成审核', 'before it is paid');
SELECT is(pg_temp.promise(:'o1', $$ state = 'approved' $$), '成功受理后 5 个工作日内制证寄出', 'between the two clocks');
SELECT is(pg_temp.promise(:'o1', format('state = %L', s)), NULL, 'nothing more is promised: ' || s) FROM unnest('{draft,shipped,done,cancelled}'::text[]) s;
UPDATE hall.project SET ship_days = NULL WHERE id = :'by_sms';
SELECT is(pg_temp.promise(:'o1', $$ state = 'in_review', due_at = '2099-11-25 17:00+08' $$), '预计 11 月 25 日（3 个工作日内）完成审核', 'the review alone is promised');
SELECT is(pg_temp.promise(:'o1', format('state = %L', s)), NULL, 'and no making: ' || s) FROM unnest('{approved,accepted,produced}'::text[]) s;
UPDATE hall.project SET review_days = NULL, whole_days = 2 WHERE id = :'by_sms';
SELECT is(pg_temp.promise(:'o1', $$ state = 'in_review', due_at = '2099-11-25 17:00+08' $$), '预计 11 月 25 日（2 个工作日内）完成审核和制证', 'one term for both');
SELECT is(pg_temp.promise(:'o1', $$ state = 'approved' $$), NULL, 'what it waits for is not ours');
SELECT is(pg_temp.promise(:'o1', $$ state = 'accepted', ship_due_at = '2099-11-26 17:00+08' $$), '预计 11 月 26 日（2 个工作日内）完成制证', 'its second half');
SELECT is(pg_temp.promise(:'o1', $$ state = 'produced' $$), NULL, 'which is kept with that');
UPDATE hall.project SET whole_days = NULL WHERE id = :'by_sms';
SELECT is(pg_temp.promise(:'o1', format('state = %L', s)), NULL, 'a project that promises nothing: ' || s) FROM unnest('{unpaid,in_review,accepted}'::text[]) s;

-- ---- the course ----
SELECT pg_temp.be_applicant(:'me', :'by_sms');
INSERT INTO hall.order_history (order_id, event, text, at) VALUES (:'o1', 'submit', '提交申请', '2026-03-02 10:00+08');
INSERT INTO hall.message (event, order_id, recipient, state, sent_at, delivery) VALUES ('approved', :'o1', 'agent', 'sent', '2026-03-03 10:00+08', 'delivered'),
                                                                                        ('of tomorrow', :'o1', 'holder', 'refused', '2026-03-04 10:00+08', NULL);
INSERT INTO hall.payment (id, order_id, channel, out_trade_no, total, state, expires_at, transaction_id, paid_at)
VALUES (gen_random_uuid(), :'o1', 'wechatpay', 'tap-1', 35000, 'paid', now(), 'tap-1', '2026-03-02 11:00+08');
SELECT is((SELECT array_agg(i ->> 'text') FROM jsonb_array_elements(hall.my_order_course(:'o1')::jsonb -> 'items') i),
          '{提交申请,"微信支付 350.00 元已到账",短信已发送：审核通过通知，对方已收到,短信未能发送给证书持有人：业务通知}', 'states, money and messages in one line of time');
SELECT is(hall.my_order_course(:'o4'), NULL, 'not of somebody else''s order');
SELECT is(hall.my_order_course(:'o3'), NULL, 'nor of another project''s');

-- ---- units ----
INSERT INTO hall.ca (name, algorithm) VALUES ('sm2', 'sm2') ON CONFLICT DO NOTHING;
CREATE FUNCTION pg_temp.certificate(wanted uuid, ends interval) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hall.certificate (order_id, serial, algorithm, state, subject, not_before, not_after, tbs_sm3, certificate, issued_at, ca, audit_seq, audit_head)
    SELECT wanted, upper(substr(md5(nextval('counter')::text), 1, 16)), 'sm2', 'valid', 'CN', now() - interval '1 day', now() + ends, sha256(''), '\x00',
           now(), 'sm2', 0, '' $$;
SELECT sha256('unit one') AS unit1, sha256('unit two') AS unit2 \gset
SELECT pg_temp.new_order(:'by_sms', :'me', jsonb_build_object('subject', '丙公司', 'state', 'done', 'unit_hash', :'unit1')) AS u1,
       pg_temp.new_order(:'own', :'me', jsonb_build_object('subject', '丙公司', 'state', 'in_review', 'unit_hash', :'unit1')) AS u2,
       pg_temp.new_order(:'by_sms', :'me', jsonb_build_object('subject', '丁公司', 'state', 'done', 'unit_hash', :'unit2')) AS u3,
       pg_temp.new_order(:'by_sms', :'me', jsonb_build_object('subject', '王*', 'state', 'done', 'unit_hash', sha256('person'), 'cert_type', 'natural')) AS u4,
       pg_temp.new_order(:'by_sms', :'me', jsonb_build_object('subject', '丙公司', 'state', 'draft', 'unit_hash', :'unit1')) AS u5,
       pg_temp.new_order(:'by_sms', :'other', jsonb_build_object('subject', '丙公司', 'state', 'done', 'unit_hash', :'unit1')) AS u6 \gset
SELECT pg_temp.certificate(:'u1', '20 days'), pg_temp.certificate(:'u3', '200 days'), pg_temp.certificate(:'u6', '300 days');
CREATE FUNCTION pg_temp.units() RETURNS TABLE (name text, orders int, certificates int, may bool, renewable bool) LANGUAGE sql AS $$
    SELECT u.name, u.orders::int, count(c.unit)::int, u.given IS NOT NULL, bool_or(c.renewal_open)
      FROM hall.my_units() u LEFT JOIN hall.own_certificate c USING (unit) GROUP BY u.unit, u.name, u.orders, u.given $$;
SELECT results_eq($$ SELECT * FROM pg_temp.units() WHERE name IN ('丙公司', '丁公司', '王*') ORDER BY orders DESC, certificates DESC $$,
    $$ VALUES ('丙公司', 2, 1, true, true), ('丁公司', 1, 1, true, false), ('王*', 1, 0, false, NULL) $$,
    '#74 certificates by unit, those of one''s own orders; renewal opens in the last month');

-- ---- hand-over ----
CREATE FUNCTION pg_temp.offer(wanted uuid, whole bool, phone bytea, code bytea DEFAULT sha256('code 1')) RETURNS text LANGUAGE sql AS $$
    SELECT hall.hand_over_ask(gen_random_uuid(), wanted, whole, phone, '136****0002', code, gen_random_uuid(), '\x00') $$;
SELECT pg_temp.be_applicant(:'me', :'by_sms');
SELECT is(pg_temp.offer(:'u1', true, :'other_phone'), 'expired', 'not without a code of one''s own');
SELECT pg_temp.ask(:'new_phone', 'hand_over');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.offer(%L, true, %L)', wanted, phone)), came, what) FROM (VALUES
    (:'u6'::uuid, :'other_phone'::bytea, 'CH404', 'nobody gives what is somebody else''s'), (:'u4', :'other_phone', 'CH409', 'a person''s own order stays'),
    (:'u5', :'other_phone', 'CH409', 'a draft too'), (:'u1', :'new_phone', 'CH422 /phone', 'not to oneself')) v(wanted, phone, came, what);
SELECT is(pg_temp.offer(:'u1', true, :'other_phone', :'wrong'), 'wrong', 'a wrong code');
SELECT is(pg_temp.offer(:'u1', true, :'other_phone'), 'ok', 'the unit is offered');
SELECT is((SELECT account FROM hall.orders WHERE id = :'u1'), :'me'::uuid, 'and nothing has moved');
SELECT pg_temp.ask(:'new_phone', 'hand_over');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.offer(%L, false, %L)', :'u1', sha256('third'))), 'CH409', 'to one at a time');
SELECT id AS offer FROM hall.hand_over WHERE created_at = now() \gset
SELECT is((SELECT count(*)::int FROM hall.own_hand_over), 1, 'I see my offer');
SELECT is(pg_temp.outcome(format('SELECT hall.hand_over_accept(%L, %L)', :'offer', :'code')), 'CH404', 'and cannot accept it myself');
SELECT pg_temp.be_applicant(pg_temp.new_account(), NULL);
SELECT is((SELECT count(*)::int FROM hall.own_hand_over), 0, 'a third one sees nothing of it');
SELECT is(pg_temp.outcome(format('SELECT hall.hand_over_accept(%L, %L)', :'offer', :'code')), 'CH404', 'and takes nothing');
SELECT is(pg_temp.outcome(format('SELECT hall.hand_over_end(%L)', :'offer')), 'CH404', 'and ends nothing');
SELECT pg_temp.be_applicant(:'other', NULL);
SELECT is((SELECT array[mine::text, unit, phone] FROM hall.own_hand_over), '{false,丙公司,137****0001}', 'who is to take sees from whom');
SELECT is((hall.hand_over_accept(:'offer', :'code')).word, 'expired', 'not without a code');
SELECT pg_temp.ask(:'other_phone', 'take_over');
SELECT is(pg_temp.outcome(format('SELECT hall.hand_over_end(%L)', :'offer')), 'ok', 'may say no');
SAVEPOINT late;
UPDATE hall.hand_over SET expires_at = now() - interval '1 second' WHERE id = :'offer';
SELECT is(pg_temp.outcome(format('SELECT hall.hand_over_accept(%L, %L)', :'offer', :'code')), 'CH409', 'after a week it is over');
ROLLBACK TO late;
INSERT INTO hall.link (token_hash, purpose, subject, expires_at) SELECT sha256(uuid_send(o)), 'share', o, now() + interval '1 day' FROM unnest(ARRAY[:'u1', :'u3']::uuid[]) o;
SELECT word, "out"::jsonb AS taken FROM hall.hand_over_accept(:'offer', :'code') \gset
SELECT is(:'word', 'ok'::text, 'accepts');
SELECT is(:'taken'::jsonb -> 'moved', '2'::jsonb, 'and is told how many there are');
SELECT is((SELECT string_agg(n ->> 'number', ' ') FROM jsonb_array_elements(:'taken'::jsonb -> 'orders') n),
          (SELECT string_agg(number, ' ' ORDER BY number DESC) FROM hall.orders WHERE id IN (:'u1', :'u2')), 'which, the newest first');
SELECT isnt(:'taken'::jsonb #> '{orders,0,ahead}', NULL, 'and what happens next to each');
SELECT is((SELECT array_agg(subject) FROM hall.link WHERE purpose = 'share' AND subject IN (:'u1', :'u3')), ARRAY[:'u3']::uuid[], 'links that the giver had made to their pages are void');
SELECT results_eq(format('SELECT id, account FROM hall.orders WHERE id IN (%L, %L, %L, %L, %L) ORDER BY number', :'u1', :'u2', :'u3', :'u4', :'u5'),
    format('SELECT * FROM (VALUES (%L::uuid, %L::uuid), (%L, %L), (%L, %L), (%L, %L), (%L, %L)) v', :'u1', :'other', :'u2', :'other', :'u3', :'me', :'u4', :'me', :'u5', :'me'),
    'the unit''s orders are the other one''s; other units, persons and drafts are not');
SELECT is((SELECT text FROM hall.order_history WHERE order_id = :'u1' ORDER BY id DESC LIMIT 1), '业务单已移交给新的经办账号', 'the order says so');
SELECT is((SELECT actor FROM hall.audit WHERE subject = :'u1' ORDER BY seq DESC LIMIT 1), 'account:' || :'other', 'and the trail who did it');
SELECT is((SELECT detail ->> 'count' FROM hall.message WHERE event = 'handed_over' AND created_at = now() LIMIT 1), '2', 'the former agent is told');
SELECT is(pg_temp.outcome(format('SELECT hall.hand_over_accept(%L, %L)', :'offer', :'code')), 'CH409', 'once');
SELECT is((SELECT certificates FROM pg_temp.units() WHERE name = '丙公司'), 2, 'now the unit has the certificates of both');
SELECT pg_temp.be_applicant(:'me', :'by_sms');
SELECT is_empty($$ SELECT FROM pg_temp.units() WHERE name = '丙公司' $$, 'the giver has none of it any more');
SELECT is(pg_temp.outcome(format('SELECT hall.my_order(%L)', :'u1')), 'CH404', 'nor its orders');
SELECT pg_temp.ask(:'new_phone', 'hand_over');
SELECT is(pg_temp.offer(:'u3', false, sha256('third')), 'ok', 'another unit');
SELECT id AS second FROM hall.hand_over WHERE state = 'asked' AND created_at = now() \gset
SELECT hall.hand_over_end(:'second');
SELECT is((SELECT state FROM hall.hand_over WHERE id = :'second'), 'withdrawn', 'taken back');

-- ---- help ----
INSERT INTO hall.faq (project, pos, topic, question, answer) VALUES (:'by_sms', 1, 'apply', '本项目的问题', '本项目的回答');
SELECT is(hall.help_json()::jsonb #>> '{faq,0,question}', '本项目的问题', 'a project''s own questions come first');
SELECT pg_temp.be_applicant(:'me', NULL);
SELECT is_empty($$ SELECT FROM jsonb_array_elements(hall.help_json()::jsonb -> 'faq') q WHERE q ->> 'question' = '本项目的问题' $$, 'and are that project''s');
SELECT is(pg_temp.new_project('{"slug": "tapfaq", "faq": [{"question": "问", "answer": "答"}], "downloads": [{"name": "工具", "url": "https://ca.example/x"}]}') IS NOT NULL, true, 'they come with its document');
SELECT results_eq($$ SELECT question, answer, topic FROM hall.faq WHERE project = (SELECT id FROM hall.project WHERE slug = 'tapfaq') $$, $$ VALUES ('问', '答', 'other') $$, 'as rows');
SELECT is(pg_temp.outcome($$ INSERT INTO hall.download (project, pos, name, url) VALUES (NULL, 99, 'x', 'javascript:alert(1)') $$), '23514', 'a download is a link');

SELECT * FROM finish();
ROLLBACK;
