-- Another phone number for an account whose own is lost: which person counts, the waiting time, what stops the change, and what ends with it.
\ir fixture.psql
SELECT no_plan();
SELECT sha256('code 1') AS code, sha256('code x') AS wrong, sha256('new') AS fresh, sha256('nobody') AS unknown \gset
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS me, pg_temp.new_account() AS other \gset
SELECT phone_hash AS mine FROM hall.account WHERE id = :'me' \gset
SELECT phone_hash AS theirs FROM hall.account WHERE id = :'other' \gset
CREATE FUNCTION pg_temp.passed(o uuid, ago interval) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO hall.identity (id, order_id, state, way, expires_at, passed_at) VALUES (gen_random_uuid(), o, 'passed', 'face', now(), now() - ago);
    SELECT o $$;
CREATE FUNCTION pg_temp.code(phone bytea) RETURNS void LANGUAGE sql AS $$
    UPDATE hall.sms_code SET created_at = created_at - interval '61 seconds' WHERE phone_hash = phone;
    INSERT INTO hall.sms_code (id, phone_hash, purpose, code_hash, address) VALUES (gen_random_uuid(), phone, 'rebind', sha256('code 1'), '') $$;
CREATE FUNCTION pg_temp.ask(old bytea, phone bytea, code bytea DEFAULT sha256('code 1'), new_id uuid DEFAULT gen_random_uuid(), per_hour int DEFAULT 100) RETURNS text LANGUAGE sql AS $$
    SELECT word FROM hall.rebinding_start(new_id, old, phone, '138****0009', code, '\x00', sha256(new_id::text::bytea), '30 minutes', 24, per_hour) $$;
CREATE FUNCTION pg_temp.asked(old bytea, phone bytea) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE id uuid := gen_random_uuid();
BEGIN
    PERFORM pg_temp.code(phone), pg_temp.ask(old, phone, new_id => id);
    RETURN id;
END $$;
CREATE FUNCTION pg_temp.pass(wanted uuid) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.agree(wanted), hall.identity_result(wanted, true, NULL, 'face');
    RETURN (SELECT outcome FROM hall.identity WHERE id = wanted);
END $$;
CREATE FUNCTION pg_temp.state(wanted uuid) RETURNS text LANGUAGE sql AS $$ SELECT state FROM hall.rebinding WHERE id = wanted $$;

-- ---- whose person counts ----
SELECT is((hall.rebinding_order(:'mine')).id, NULL, 'an account without orders has nobody');
SELECT pg_temp.new_order(:'project', :'me', '{"phone_state": "none"}') AS bare, pg_temp.passed(pg_temp.new_order(:'project', :'me'), '3 days') AS first \gset
SELECT is((hall.rebinding_order(:'mine')).id, :'first', 'whoever has passed for one of its orders');
SELECT pg_temp.passed(pg_temp.new_order(:'project', :'me'), '1 day') AS later \gset
SELECT is((hall.rebinding_order(:'mine')).id, :'later', 'the latest');
UPDATE hall.orders SET phone_state = 'none' WHERE id = :'later';
SELECT is((hall.rebinding_order(:'mine')).id, :'first', 'not when the form names somebody else since');
UPDATE hall.orders SET phone_state = 'passed' WHERE id = :'later';
INSERT INTO hall.order_history (order_id, event, text) VALUES (:'later', 'hand_over', 'x');
SELECT is((hall.rebinding_order(:'mine')).id, :'first', 'nor who passed before a hand-over to this account');
SELECT pg_temp.passed(:'later', '-1 minute');
SELECT is((hall.rebinding_order(:'mine')).id, :'later', 'but who passed after it');
UPDATE hall.orders SET erased_at = now() WHERE id = :'later';
SELECT is((hall.rebinding_order(:'mine')).id, :'first', 'an erased order names nobody');

-- ---- the start ----
SELECT pg_temp.be('nobody', NULL, '{public}');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L, %L)', :'mine', :'mine')), 'CH422 /phone', 'to the same number');
SELECT pg_temp.code(:'fresh');
SELECT is(pg_temp.ask(:'mine', :'fresh', :'wrong'), 'wrong', 'a wrong code');
SELECT is((SELECT count(*)::int FROM hall.rebinding WHERE created_at = now()), 0, 'begins nothing');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L, %L, per_hour => 0)', :'mine', :'fresh')), 'CH429', 'an address has its limit');
SELECT pg_temp.code(:'theirs');
SELECT is(pg_temp.ask(:'mine', :'theirs'), 'taken', 'a number with an account');
SELECT is((SELECT used FROM hall.sms_code WHERE phone_hash = :'theirs'), false, 'which does not use up the code');
SELECT pg_temp.asked(:'unknown', :'fresh') AS nobody, pg_temp.asked(:'mine', :'fresh') AS one \gset
SELECT is((SELECT array[account, order_id] FROM hall.rebinding WHERE id = :'nobody'), array[NULL, NULL]::uuid[], 'a number that nobody has begins one as well');
SELECT is((SELECT array[account, order_id] FROM hall.rebinding WHERE id = :'one'), array[:'me', :'first']::uuid[], 'with an account it keeps whose');
SELECT is((SELECT count(*)::int FROM hall.link WHERE subject IN (:'one', :'nobody')), 2, 'either has a link');
SELECT pg_temp.be('link', id, '{phone}') FROM (VALUES (:'one'::uuid)) v(id);
SELECT is((SELECT array[purpose, order_id::text, outcome] FROM hall.link_identity), array['rebind', :'first', NULL], 'its page has the person');
SELECT hall.identity_refused();
SELECT is((SELECT refusals FROM hall.identity WHERE id = :'one'), 1, 'a card of somebody else counts');
SELECT hall.identity_card(s) FROM unnest('{front,back}'::text[]) s;
SELECT is((SELECT kind FROM hall.outbox WHERE key = 'carrier/' || :'one'), 'carrier', 'the carrier is asked about the new number');
SELECT pg_temp.be('link', id, '{phone}', :'project') FROM (VALUES (:'one'::uuid)) v(id);
SELECT is_empty('SELECT FROM hall.link_identity', 'the page of another project has nothing');
SELECT pg_temp.be('nobody', NULL, '{public}');
INSERT INTO hall.identity (id, purpose, address, expires_at, refusals) SELECT gen_random_uuid(), 'rebind', '', now(), 1 FROM generate_series(1, 10);
INSERT INTO hall.rebinding (id, old_hash, phone_hash, phone_mask, phones, wait)
SELECT i.id, :'unknown', :'fresh', '', '', '1 hour' FROM hall.identity i WHERE refusals = 1 AND address = '' AND purpose = 'rebind';
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L, %L)', :'unknown', :'fresh')), 'CH429', 'ten refused cards a day for a number, whether it has an account or not');

-- ---- the wait ----
SELECT pg_temp.be_system();
SELECT is(pg_temp.pass(:'one'), 'waits', 'the person has passed');
SELECT is((SELECT array[state, (due_at - now())::text] FROM hall.rebinding WHERE id = :'one'), array['waiting', '1 day'], 'it waits');
SELECT is((SELECT due_at - now() FROM hall.outbox WHERE key = 'rebinding/' || :'one'), '24:00:00', 'and its job with it');
SELECT is((SELECT array[recipient, detail ->> 'mask'] FROM hall.message WHERE event = 'rebinding_waits' AND created_at = now()), array['old_phone', '138****0009'], 'the old number is told');
SELECT ok((SELECT phone_hash = :'mine' FROM hall.account WHERE id = :'me'), 'nothing has changed yet');
SELECT pg_temp.asked(:'mine', sha256('third')) AS two \gset
SELECT is(pg_temp.pass(:'two'), 'underway', 'one at a time');
SELECT pg_temp.passed(pg_temp.new_order(:'project', :'other'), '1 day');
SELECT is(pg_temp.outcome(format('UPDATE hall.rebinding SET state = ''waiting'', due_at = now() WHERE id = %L', :'two')), '23505', 'as the table itself says');
SELECT pg_temp.code(:'fresh');
SELECT is(pg_temp.ask(:'theirs', :'fresh'), 'taken', 'the number that waits is nobody else''s');
SELECT pg_temp.code(:'fresh');
UPDATE hall.sms_code SET purpose = 'login' WHERE phone_hash = :'fresh';
SELECT is(pg_temp.outcome(format('SELECT hall.login_sms(%L, ''login'', %L, gen_random_uuid(), ''\x00'', ''x'', NULL, sha256(''t''), 60, 60)', :'fresh', :'code')),
          'CH409', 'and opens no account of its own meanwhile');
SELECT pg_temp.be_applicant(:'other', NULL);
SELECT is_empty('SELECT FROM hall.own_rebinding', 'another account sees none');
SELECT is(pg_temp.outcome('SELECT hall.my_rebinding_stop()'), 'CH409', 'and stops none');
SELECT pg_temp.be_applicant(:'me', NULL);
SELECT is((SELECT phone FROM hall.own_rebinding), '138****0009', 'its owner sees it');
SELECT hall.rebinding_do(:'one', '\x01');
SELECT is(pg_temp.state(:'one'), 'waiting', 'it has no effect before its time');

-- ---- stopped ----
SAVEPOINT waits;
SELECT hall.my_rebinding_stop();
SELECT is(pg_temp.state(:'one'), 'stopped', 'stopped');
SELECT is((SELECT recipient FROM hall.message WHERE event = 'rebinding_stopped' AND created_at = now()), 'new_phone', 'whoever asked is told');
SELECT is(pg_temp.outcome('SELECT hall.my_rebinding_stop()'), 'CH409', 'once');
SELECT is((hall.rebinding_order(:'mine')).id, NULL, 'for a week nobody can ask again');
UPDATE hall.rebinding SET ended_at = now() - interval '8 days' WHERE id = :'one';
SELECT is((hall.rebinding_order(:'mine')).id, :'first', 'then again');
SELECT is(pg_temp.pass(pg_temp.asked(:'mine', :'fresh')), 'waits', 'as before');
UPDATE hall.rebinding SET due_at = now() WHERE account = :'me' AND state = 'waiting';
SELECT pg_temp.asked(:'theirs', sha256('fourth')) AS four \gset
UPDATE hall.orders SET phone_state = 'none' WHERE account = :'other';
SELECT is(pg_temp.pass(:'four'), 'changed', 'a person who stands for the account no more');
ROLLBACK TO waits;
SELECT hall.rebinding_stop(:'me');
SELECT is(pg_temp.state(:'one'), 'stopped', 'a change of the number with both codes stops it, too');
ROLLBACK TO waits;

-- ---- its effect ----
UPDATE hall.rebinding SET due_at = now() - interval '1 second' WHERE id = :'one';
UPDATE hall.account SET password = 'x' WHERE id = :'me';
SELECT hall.session_open(sha256('old'), :'me', NULL, 'sms', 60, 7200);
INSERT INTO hall.hand_over (id, account, taker, taker_mask, unit_hash, subject) VALUES (gen_random_uuid(), :'me', '\x01', '', '\x01', '');
SELECT pg_temp.be_system();
SELECT is((SELECT account FROM hall.rebinding_work(:'one')), :'me', 'the runner finds it');
SELECT hall.rebinding_do(:'one', '\x01');
SELECT is((SELECT array[phone_hash::text, phone_mask, password] FROM hall.account WHERE id = :'me'), array[(:'fresh'::bytea)::text, '138****0009', NULL], 'the number is the new one, the password is void');
SELECT is_empty(format('SELECT FROM hall.session WHERE account = %L', :'me'), 'every session has ended');
SELECT is((SELECT state FROM hall.hand_over WHERE account = :'me'), 'withdrawn', 'what was offered is withdrawn');
SELECT bag_eq($$ SELECT event || ' ' || recipient FROM hall.message WHERE event IN ('phone_changed', 'rebinding_done') AND created_at = now() $$,
              ARRAY['phone_changed old_phone', 'rebinding_done new_phone'], 'both numbers are told');
SELECT is_empty(format('SELECT FROM hall.rebinding_work(%L)', :'one'), 'once');
SELECT bag_eq(format($$ SELECT d FROM hall.audit, jsonb_object_keys(detail) d WHERE subject = %L AND detail ->> 'rebinding' = %L AND d <> 'rebinding' $$, :'me', :'one'),
              ARRAY['refused', 'id_card', 'id_card', 'way', 'identity', 'passed', 'due', 'done'], 'each step is in the account''s trail');

-- ---- what is kept ----
UPDATE hall.rebinding SET created_at = now() - interval '200 days', ended_at = now() - interval '181 days' WHERE id = :'one';
SELECT is((SELECT string_agg(what, ' ') FROM hall.retention_due() WHERE subject = :'one'), 'rebinding', 'after half a year it is erased');
SELECT hall.retention_step(1000);
SELECT is_empty(format('SELECT FROM hall.rebinding WHERE id = %L', :'one'), 'it is gone');

-- ---- the tables ----
SELECT is(pg_temp.outcome(format($$ INSERT INTO hall.identity (id, purpose, expires_at, %s) VALUES (gen_random_uuid(), 'rebind', now(), %s) $$, c, v)), '23514', 'an authentication for a rebinding has no ' || c) FROM (VALUES
    ('address, role', $$ '', 'agent' $$), ('address, serial', $$ '', 'x' $$), ('address, outcome', $$ '', 'waits' $$), ('address, outcome, state', $$ '', 'held', 'passed' $$), ('address', 'NULL')) v(c, v);
SELECT is(pg_temp.outcome(format('UPDATE hall.rebinding SET %s WHERE id = %L', c, :'two')), '23514', c) FROM unnest(ARRAY['state = ''waiting''', 'state = ''done''', 'due_at = now()',
    'ended_at = now()', 'account = NULL', 'order_id = NULL', 'old_hash = phone_hash', 'wait = ''0''', 'phone_hash = ''\x01''']) c;
SELECT * FROM finish();
ROLLBACK;
