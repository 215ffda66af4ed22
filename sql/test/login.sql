-- Codes by SMS, passwords and sessions: what is counted, what ends, and who may enter where.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.be('nobody', NULL, '{public}');
SELECT sha256('phone 1') AS phone, sha256('code 1') AS code, sha256('code x') AS wrong \gset

CREATE FUNCTION pg_temp.ask(phone bytea, code bytea DEFAULT sha256('code 1'), per_day int DEFAULT 10, per_hour int DEFAULT 20,
                            why text DEFAULT 'login') RETURNS void LANGUAGE sql AS $$
    SELECT hall.sms_code_new(gen_random_uuid(), phone, why, code, per_day, per_hour, gen_random_uuid(), '\x00') $$;
-- Moves the codes of a phone into the past.
CREATE FUNCTION pg_temp.later(wanted bytea, t interval) RETURNS void LANGUAGE sql AS $$
    UPDATE hall.sms_code SET created_at = created_at - t WHERE phone_hash = wanted $$;

-- ---- limits ----
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L)', :'phone')), 'ok', 'a code');
SELECT pg_temp.ask(:'phone');
SELECT is((SELECT count(*) FROM hall.message m JOIN hall.outbox b ON b.subject = m.id WHERE m.event = 'login_code' AND m.created_at = now()), 1::bigint, 'one message goes out for it');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L)', :'phone')), 'CH429', 'not two in a minute');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L)', sha256('phone 2'))), 'ok', 'another phone may');
SELECT pg_temp.later(:'phone', '59 seconds');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L)', :'phone')), 'CH429', 'not after 59 seconds');
SELECT pg_temp.later(:'phone', '2 seconds');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L)', :'phone')), 'ok', 'after a minute');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L, per_day => 1)', :'phone')), 'CH429', 'as many as a day has');
SELECT pg_temp.later(:'phone', '1 day');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L, per_day => 1)', :'phone')), 'ok', 'the next day again');
SELECT pg_temp.ask(sha256('p' || n::text::bytea)) FROM generate_series(1, 3) n;
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L, per_hour => 3)', sha256('phone 3'))), 'CH429', 'as many as an address has in an hour');
SELECT pg_temp.be_with('address', '192.0.2.2');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L, per_hour => 3)', sha256('phone 3'))), 'ok', 'another address may');

-- ---- use ----
SELECT sha256('phone 9') AS p9 \gset
SELECT is(hall.sms_code_use(:'p9', 'login', :'code'), 'expired', 'no code was asked for');
SELECT pg_temp.ask(:'p9');
SELECT is(hall.sms_code_use(:'p9', 'register', :'code'), 'expired', 'a code is for its purpose');
SELECT is(hall.sms_code_use(:'p9', 'login', :'wrong'), 'wrong', 'a wrong one');
SELECT is(hall.sms_code_use(:'p9', 'login', :'code'), 'ok', 'the right one');
SELECT is(hall.sms_code_use(:'p9', 'login', :'code'), 'expired', 'is good once');
SELECT sha256('phone 10') AS p10 \gset
SELECT pg_temp.ask(:'p10');
SELECT is(hall.sms_code_use(:'p10', 'login', :'wrong'), 'wrong', 'try ' || n) FROM generate_series(1, 3) n;
SELECT is(hall.sms_code_use(:'p10', 'login', :'code'), 'too_many', 'after three wrong tries the right one is refused');
SELECT pg_temp.later(:'p10', '61 seconds');
SELECT pg_temp.ask(:'p10', sha256('code 2'));
SELECT is(hall.sms_code_use(:'p10', 'login', :'code'), 'wrong', 'a new code makes the old one void');
SELECT is(hall.sms_code_use(:'p10', 'login', sha256('code 2')), 'ok', 'and counts its tries anew');
SELECT sha256('phone 11') AS p11 \gset
SELECT pg_temp.ask(:'p11');
SELECT pg_temp.later(:'p11', '10 minutes 1 second');
SELECT is(hall.sms_code_use(:'p11', 'login', :'code'), 'expired', 'ten minutes');

-- ---- log-in ----
CREATE FUNCTION pg_temp.in_by_sms(phone bytea, code bytea, token bytea, secret text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT word || ' ' || coalesce(id::text, '-') FROM hall.login_sms(phone, 'login', code, gen_random_uuid(), '\x00', '139****0000', secret, token, 60, 7200) $$;
SELECT sha256('phone 12') AS p12 \gset
SELECT pg_temp.ask(:'p12');
SELECT is(pg_temp.in_by_sms(:'p12', :'wrong', sha256('t1')), 'wrong -', 'a wrong code opens no session');
SELECT is_empty($$ SELECT 1 FROM hall.session WHERE token_hash = sha256('t1') $$, 'none at all');
SELECT is((SELECT tries FROM hall.sms_code WHERE phone_hash = :'p12'), 1, 'but the try is counted');
SELECT pg_temp.in_by_sms(:'p12', :'code', sha256('t2')) AS first \gset
SELECT alike(:'first'::text, 'ok %', 'the right one registers the phone');
SELECT pg_temp.later(:'p12', '61 seconds');
SELECT pg_temp.ask(:'p12');
SELECT is(pg_temp.in_by_sms(:'p12', :'code', sha256('t3'), 'new secret'), :'first', 'the same phone is the same account');
SELECT is((SELECT password FROM hall.account WHERE phone_hash = :'p12'), 'new secret', 'whose password a proved phone sets anew');

-- Tries for an account and for nobody: whether each is allowed, and how many are counted in the end.
CREATE FUNCTION pg_temp.tries(who bytea, n int, address text DEFAULT '192.0.2.9') RETURNS text LANGUAGE sql VOLATILE AS $$
    SELECT string_agg(left(hall.login_try(who, address)::text, 1), '') FROM generate_series(1, n) $$;
CREATE FUNCTION pg_temp.counted(for_whom bytea) RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM hall.login_try WHERE who = for_whom $$;
-- The record of a password whose proof is sha256('right').
UPDATE hall.account SET password = '$scrypt$ln=4$AAAAAAAAAAAAAAAAAAAAAA$' || hall.base64url(sha256(sha256('right'))) WHERE phone_hash = :'p12';
SELECT is(hall.account_salt(:'p12', 15), '$scrypt$ln=4$AAAAAAAAAAAAAAAAAAAAAA', 'a program gets cost and salt, and no verifier');
SELECT ok(hall.account_salt(sha256('nobody'), 15) ~ '^\$scrypt\$ln=15\$[A-Za-z0-9_-]{22}$', 'an unknown phone has a salt as well');
SELECT is(hall.account_salt(sha256('nobody'), 15), hall.account_salt(sha256('nobody'), 15), 'which stays the same');
SELECT isnt(hall.account_salt(sha256('nobody'), 15), hall.account_salt(sha256('no other'), 15), 'and is its own');
SELECT is(pg_temp.tries(who, 8), 'tttttfff', 'five tries may be compared: ' || what)
  FROM (VALUES (:'p12'::bytea, 'an account'), (sha256('nobody'), 'nobody')) v(who, what);
SELECT is(pg_temp.counted(who), 5::bigint, 'and are counted; those of the lock-out are not: ' || what)
  FROM (VALUES (:'p12'::bytea, 'an account'), (sha256('nobody'), 'nobody')) v(who, what);
SELECT is((SELECT count(*) FROM hall.login_password(:'p12', proof, sha256('t4'), 60, 7200)), 0::bigint, 'a wrong proof opens nothing: ' || what)
  FROM (VALUES (NULL::bytea, 'none'), (sha256('wrong'), 'another'), (sha256(sha256('right')), 'the verifier'), ('\x', 'empty'), (substr(sha256('right'), 1, 31), 'cut')) v(proof, what);
SELECT is(pg_temp.counted(:'p12'), 5::bigint, 'and is not counted twice');
SELECT is(pg_temp.tries(sha256('phone 13'), 1), 't', 'others may');
UPDATE hall.login_try SET at = at - interval '14 minutes' WHERE who = :'p12';
SELECT is(pg_temp.tries(:'p12', 3), 'fff', 'after 14 minutes not yet');
UPDATE hall.login_try SET at = at - interval '1 minute' WHERE who = :'p12';
SELECT is(pg_temp.tries(:'p12', 6), 'tttttf', 'after 15 minutes, though there were tries meanwhile');
SELECT is((SELECT count(*) FROM hall.login_password(:'p12', sha256('right'), sha256('t5'), 60, 7200)), 1::bigint, 'the right one opens a session');
SELECT is(pg_temp.counted(:'p12'), 0::bigint, 'and takes the tries back');
SELECT hall.login_try(sha256(n::text::bytea), '192.0.2.66') FROM generate_series(1, 50) n;
SELECT is(pg_temp.outcome(format('SELECT hall.login_try(%L, %L)', sha256('phone 13'), address)), wanted, address) FROM (VALUES
    ('192.0.2.66', 'CH429'), ('192.0.2.67', 'ok')) v(address, wanted);
SELECT is((SELECT count(*) FROM hall.login_password(sha256('nobody'), sha256('right'), sha256('t6'), 60, 7200)), 0::bigint, 'a phone without account opens nothing');
SELECT is_empty($$ SELECT 1 FROM hall.session WHERE token_hash IN (sha256('t4'), sha256('t6')) $$, 'none of these opened a session');

-- ---- staff ----
SELECT pg_temp.new_staff('reviewer') AS s \gset
SELECT name FROM hall.staff WHERE id = :'s' \gset
CREATE FUNCTION pg_temp.nonce(n int) RETURNS bytea LANGUAGE sql AS $$ SELECT substr(sha256(n::text::bytea), 1, 16) $$;
SELECT is(hall.staff_login(:'s', pg_temp.nonce(1), sha256('s1'), 60, 1800)::jsonb -> 'roles', '["reviewer"]', 'a log-in tells who came');
SELECT is((SELECT concat_ws(' ', audience, staff, made_by) FROM hall.session WHERE token_hash = sha256('s1')), concat_ws(' ', 'desk', :'s', 'passkey'), 'and opens a session');
SELECT is(pg_temp.outcome(format('SELECT hall.staff_login(%L, %L, sha256(''s2''), 60, 1800)', :'s', pg_temp.nonce(1))), 'CH409', 'the same signature opens no second one');
SELECT hall.session_close(sha256('s1'));
SELECT is(pg_temp.outcome(format('SELECT hall.staff_login(%L, %L, sha256(''s2''), 60, 1800)', :'s', pg_temp.nonce(1))), 'CH409', 'nor when the first is closed');
SELECT is(pg_temp.outcome(format('SELECT hall.staff_login(%L, %L, sha256(''s2''), 60, 1800)', :'s', '\x00')), '23514', 'half a nonce is none');
SELECT is(hall.staff_login(gen_random_uuid(), pg_temp.nonce(2), sha256('s2'), 60, 1800), NULL, 'who has a key and is no staff does not come in');
SELECT hall.staff_login(:'s', pg_temp.nonce(3), sha256('s4'), 60, 1800), hall.staff_put(gen_random_uuid(), :'name', '审核员', '{reviewer}', NULL, pg_temp.resolved());
SELECT is_empty($$ SELECT FROM hall.session WHERE token_hash IN (sha256('s2'), sha256('s4')) $$, 'who is changed logs in anew');
SELECT hall.staff_login(:'s', pg_temp.nonce(4), sha256('s5'), 60, 1800);
SELECT ok(hall.staff_end(:'name', false), 'an administrator ends sessions');
SELECT is_empty($$ SELECT FROM hall.session WHERE token_hash = sha256('s5') $$, 'which are gone');
SELECT is((SELECT detail ->> 'sessions_ended' FROM hall.audit WHERE subject = :'s' ORDER BY seq DESC LIMIT 1), '1', 'which the trail has');
SELECT ok((SELECT active FROM hall.staff WHERE id = :'s'), 'and that is all');
SELECT ok(NOT hall.staff_end('nobody', true), 'of nobody: it is said');
SELECT hall.staff_end(:'name', true);
SELECT is(hall.staff_login(:'s', pg_temp.nonce(5), sha256('s6'), 60, 1800), NULL, 'who is locked out does not come in');
SELECT is_empty($$ SELECT FROM hall.session WHERE token_hash = sha256('s6') $$, 'by no session');
SELECT hall.staff_put(gen_random_uuid(), :'name', '审核员', '{reviewer}', NULL, pg_temp.resolved());
SELECT isnt(hall.staff_login(:'s', pg_temp.nonce(6), sha256('s7'), 60, 1800), NULL, 'until added anew');
SELECT hall.staff_end(:'name', true);
SELECT is(pg_temp.outcome(format('SELECT hall.session_open(sha256(''s8''), NULL, %L, ''password'', 60, 1800)', :'s')), '23514', 'no password opens a session of staff');
UPDATE hall.login_used SET at = now() - interval '25 hours' WHERE nonce = pg_temp.nonce(1);
SELECT hall.sweep();
SELECT is((SELECT array_agg(nonce ORDER BY nonce) FROM hall.login_used WHERE nonce IN (pg_temp.nonce(1), pg_temp.nonce(6))), ARRAY[pg_temp.nonce(6)], 'what no signature fits any more is forgotten');

-- ---- hall.enter ----
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account, pg_temp.new_staff('reviewer') AS reviewer \gset
SELECT slug FROM hall.project WHERE id = :'project' \gset
SELECT hall.session_open(sha256('hall'), :'account', NULL, 'sms', 60, 7200), hall.session_open(sha256('desk'), NULL, :'reviewer', 'passkey', 3600, 1800),
       hall.session_open(sha256('old'), :'account', NULL, 'sms', -1, 7200), hall.session_open(sha256('gone'), NULL, :'s', 'passkey', 60, 1800);
INSERT INTO hall.link (token_hash, purpose, subject, expires_at) VALUES (sha256('link'), 'phone', :'account', now() + interval '1 minute'),
                                                                        (sha256('oldlink'), 'phone', :'account', now() - interval '1 second');
SELECT is(pg_temp.outcome(format('SELECT hall.enter(%L, %L, %L, ''op'', '''', '''')', sha256(token::bytea), roles, CASE slug_ WHEN 'p' THEN :'slug' ELSE slug_ END)),
          wanted, format('%s as %s under "%s"', token, roles, slug_)) FROM (VALUES
    ('hall', '{applicant}', 'p', 'ok'), ('hall', '{applicant}', '', 'ok'), ('hall', '{applicant}', 'nowhere', 'CH404'),
    ('hall', '{reviewer}', '', 'CH403'), ('hall', '{public}', 'p', 'ok'), ('hall', '{phone}', 'p', 'CH403'),
    ('desk', '{reviewer,finance}', '', 'ok'), ('desk', '{finance}', '', 'CH403'), ('desk', '{applicant}', 'p', 'CH403'),
    ('desk', '{admin}', '', 'CH403'), ('old', '{applicant}', 'p', 'CH401'), ('old', '{public}', 'p', 'ok'), ('gone', '{reviewer}', '', 'CH403'),
    ('nobody', '{applicant}', 'p', 'CH401'), ('nobody', '{reviewer}', '', 'CH401'), ('nobody', '{public}', 'p', 'ok'),
    ('nobody', '{public}', 'nowhere', 'CH404'), ('nobody', '{vendor}', '', 'ok'), ('nobody', '{system}', '', 'CH401'),
    ('link', '{phone}', 'p', 'ok'), ('link', '{applicant}', 'p', 'CH401'), ('oldlink', '{phone}', 'p', 'CH410'), ('nobody', '{phone}', 'p', 'CH410')
    ) v(token, roles, slug_, wanted);
SELECT is(pg_temp.outcome($$ SELECT hall.enter(NULL, '{applicant}', '', 'op', '', '') $$), 'CH401', 'no token at all');
-- Whether a request is accepted after so many minutes without one.
CREATE FUNCTION pg_temp.after(token text, role text, minutes int) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    UPDATE hall.session SET seen_at = now() - make_interval(mins => minutes) WHERE token_hash = sha256(token::bytea);
    RETURN pg_temp.outcome(format('SELECT hall.enter(%L, %L, '''', ''op'', '''', '''')', sha256(token::bytea), ARRAY[role]));
END $$;
SELECT is(pg_temp.after('desk', 'reviewer', 29), 'ok', 'staff come back after 29 minutes');
SELECT hall.enter(sha256('desk'), '{reviewer}', '', 'op', '', '');
SELECT is((SELECT seen_at FROM hall.session WHERE token_hash = sha256('desk')), now(), 'which counts as seen');
SELECT is(pg_temp.after('desk', 'reviewer', 31), 'CH401', 'and not after 31');
SELECT is(pg_temp.after('hall', 'applicant', 119), 'ok', 'applicants after nearly two hours');
SELECT is(pg_temp.after('hall', 'applicant', 121), 'CH401', 'and not after more');
UPDATE hall.session SET seen_at = now() WHERE token_hash = sha256('hall');
SELECT hall.sweep();
SELECT is_empty($$ SELECT FROM hall.session WHERE token_hash = sha256('desk') $$, 'a session that was left is swept away');
SELECT hall.session_open(sha256('desk'), NULL, :'reviewer', 'passkey', 3600, 1800);
SELECT hall.enter(sha256('desk'), '{reviewer,finance}', '', 'op', '192.0.2.3', 'req');
SELECT is(array[hall.my_kind(), hall.me()::text, hall.my_roles()::text, hall.my_project()::text, (hall.caller()).op, (hall.caller()).address, (hall.caller()).request],
          array['staff', :'reviewer', '{reviewer}', NULL, 'op', '192.0.2.3', 'req'], 'what the transaction knows of staff');
SELECT hall.enter(sha256('hall'), '{applicant}', :'slug', 'op', '', '');
SELECT is(array[hall.my_kind(), hall.me()::text, hall.my_roles()::text, hall.my_project()::text], array['account', :'account', '{applicant}', :'project'], 'of an applicant');
SELECT hall.enter(NULL, '{public}', '', 'op', '', '');
SELECT is(array[hall.my_kind(), hall.me()::text, hall.my_roles()::text, hall.my_project()::text], array['nobody', NULL, '{public}', NULL], 'of nobody: nothing stays of the one before');
SELECT hall.session_open(sha256('later'), :'account', NULL, 'sms', 60, 7200);
SELECT isnt_empty($$ SELECT FROM hall.session WHERE token_hash = sha256('hall') $$, 'a log-in elsewhere ends no session here');
SELECT hall.enter(sha256('hall'), '{public}', :'slug', 'op', '', '');
SELECT hall.session_open(sha256('anew'), :'account', NULL, 'sms', 60, 7200);
SELECT is((SELECT array_agg(t) FROM unnest('{hall,later,anew}'::text[]) t WHERE EXISTS (SELECT FROM hall.session WHERE token_hash = sha256(t::bytea))),
          '{later,anew}', 'a log-in ends the session that it came with, and no other');
SELECT hall.session_close(sha256('anew'));
SELECT is(pg_temp.outcome($$ SELECT hall.enter(sha256('hall'), '{applicant}', '', 'op', '', '') $$), 'CH401', 'a closed session is none');

SELECT * FROM finish();
ROLLBACK;
