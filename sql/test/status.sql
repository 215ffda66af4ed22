-- Revocation lists and signed statuses: what follows from the state of a certificate, the numbers, and the contents of each list.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account \gset
INSERT INTO hall.ca (name, algorithm, external) VALUES ('tap', 'p256', false), ('tapx', 'p256', true);
UPDATE hall.outbox SET state = 'done' WHERE kind IN ('crl', 'ocsp', 'ocsp_due') AND state = 'due';

CREATE FUNCTION pg_temp.new_certificate(number text, of_ca text DEFAULT 'tap', ends timestamptz DEFAULT now() + '1 year') RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE c uuid;
BEGIN
    INSERT INTO hall.certificate (serial, order_id, ca, algorithm, profile, not_before, not_after, tbs_sm3)
    VALUES (number, pg_temp.new_order((SELECT id FROM hall.project WHERE slug LIKE 'tap%' ORDER BY slug DESC LIMIT 1),
            (SELECT id FROM hall.account LIMIT 1)), of_ca, 'p256', 'institution', ends - interval '1 year', ends, decode(repeat('00', 32), 'hex'))
    RETURNING id INTO c;
    UPDATE hall.certificate SET state = 'valid', certificate = decode(number, 'hex'), subject = 'CN=x', issued_at = now() WHERE id = c;
    RETURN c;
END $$;
CREATE FUNCTION pg_temp.waiting(what text) RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM hall.outbox WHERE kind = what AND state = 'due' $$;
-- Makes a list as the signer does, and returns its number.
CREATE FUNCTION pg_temp.list(life interval DEFAULT '2 days') RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE n bigint;
BEGIN
    SELECT number INTO n FROM hall.signer_crl('tap', '1 day', life);
    PERFORM hall.signer_crl_signed('tap', n, '\x01', CASE WHEN base IS NOT NULL THEN '\x02'::bytea END, 1, CASE WHEN base IS NOT NULL THEN 1 END)
       FROM hall.crl WHERE ca = 'tap' AND number = n;
    RETURN n;
END $$;
CREATE FUNCTION pg_temp.told() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(left(serial, 2) || CASE WHEN listed THEN ' ' || reason ELSE '' END || CASE WHEN changed THEN ' *' ELSE '' END, ', ' ORDER BY serial)
      FROM hall.signer_crl_entries('tap') $$;
CREATE FUNCTION pg_temp.sign(c uuid, reason text DEFAULT NULL, at bigint DEFAULT NULL, life interval DEFAULT '4 days') RETURNS int LANGUAGE sql AS $$
    SELECT hall.signer_ocsp_signed(ARRAY[c], ARRAY[reason], ARRAY[at], ARRAY['abcd'], now(), now() + life) $$;
CREATE FUNCTION pg_temp.status(c uuid) RETURNS text LANGUAGE sql AS $$ SELECT coalesce(state, 'none') FROM hall.ocsp_response WHERE certificate = c $$;
CREATE FUNCTION pg_temp.revoked_at(c uuid) RETURNS bigint LANGUAGE sql AS $$ SELECT floor(extract(epoch FROM revoked_at))::bigint FROM hall.certificate WHERE id = c $$;
SELECT pg_temp.be_system();

-- ---- what a state brings about ----
SELECT pg_temp.new_certificate('AA00000000000001') AS a, pg_temp.new_certificate('BB00000000000002') AS b, pg_temp.new_certificate('CC00000000000003', 'tapx') AS x \gset
SELECT is(pg_temp.waiting('ocsp'), 2::bigint, 'a status of each new certificate is asked for, of an external CA''s none');
SELECT is(pg_temp.waiting('crl'), 0::bigint, 'a list is not: nothing is revoked');
SELECT is(pg_temp.status(:'a'), 'none', 'there is none yet');
SELECT ok(pg_temp.status(:'x') IS NULL, 'and of an external CA''s there will never be one');
SELECT is(pg_temp.sign(:'a'), 1, 'the signer hands it in');
SELECT is(pg_temp.status(:'a'), 'good', 'good');
SELECT is((SELECT due_at - this_update FROM hall.ocsp_response WHERE certificate = :'a'), interval '2 days', 'to be signed anew at half of its life');
SELECT is((SELECT etag FROM hall.ocsp_response WHERE certificate = :'a'), encode(sha256('\xabcd'), 'hex'), 'its entity tag is its digest');

UPDATE hall.certificate SET state = 'hold' WHERE id = :'a';
SELECT is(pg_temp.status(:'a'), 'none', 'a hold takes the status away in its own transaction');
SELECT is(pg_temp.waiting('crl'), 1::bigint, 'and asks for a list');
SELECT is(pg_temp.waiting('ocsp'), 3::bigint, 'and for a status');
SELECT is(pg_temp.sign(:'a'), 0, 'a status that was signed before and comes in after is not kept');
SELECT is(pg_temp.status(:'a'), 'none', 'so that nobody is told it');
SELECT is(pg_temp.sign(:'a', 'hold', pg_temp.revoked_at(:'a') - 1), 0, 'nor one of another moment');
SELECT is(pg_temp.sign(:'a', 'hold', pg_temp.revoked_at(:'a')), 1, 'the right one is');
SELECT is(pg_temp.status(:'a'), 'hold', 'on hold');
UPDATE hall.certificate SET subject = 'CN=y' WHERE id = :'a';
SELECT is(pg_temp.status(:'a'), 'hold', 'what is no change of state changes nothing');
SELECT is(pg_temp.sign(:'x'), 0, 'there is no place for a status of an external CA''s');
SELECT is((SELECT count(*) FROM hall.signer_ocsp(:'x')), 0::bigint, 'nor is one given out to be signed');
SELECT is((SELECT reason FROM hall.signer_ocsp(:'a')), 'hold', 'the signer is told the state');

-- ---- lists ----
SELECT is(pg_temp.outcome($$SELECT hall.signer_crl('tapx', '1 day', '2 days')$$), 'CH409', 'no list of an external CA');
SELECT is(pg_temp.outcome($$SELECT hall.signer_crl('nobody', '1 day', '2 days')$$), 'CH409', 'nor of none');
SELECT is(pg_temp.list(), 1::bigint, 'the first list');
SELECT is(pg_temp.told(), 'AA hold', 'has who is on hold; there is no delta list without another before it');
SELECT ok((SELECT delta IS NULL AND base IS NULL AND waited IS NOT NULL FROM hall.crl WHERE ca = 'tap' AND number = 1), 'and says how long it took');
SELECT is(pg_temp.outcome($$SELECT hall.signer_crl('tap', '1 day', '2 days')$$), 'CH409', 'no other is wanted');
SELECT is(pg_temp.outcome($$SELECT hall.signer_crl('tap', '0', '2 days')$$), 'ok', 'but when its time has come');
SELECT is(pg_temp.outcome($$SELECT hall.signer_crl_signed('tap', 1, '\x01', NULL, 1, NULL)$$), 'CH409', 'a list is signed once');
SELECT is(pg_temp.outcome($$SELECT hall.signer_crl_signed('tap', 9, '\x01', NULL, 1, NULL)$$), 'CH409', 'and only one whose number was taken');
SELECT throws_ok($$INSERT INTO hall.crl (ca, number, this_update, next_update) VALUES ('tap', 1, now(), now() + interval '1 day')$$, '23505', NULL, 'a number comes once');

UPDATE hall.certificate SET state = 'revoked', reason = 'superseded' WHERE id = :'b';
SELECT is((SELECT number FROM hall.signer_crl('tap', '1 day', '2 days')), 2::bigint, 'a revocation brings the next');
SELECT is(pg_temp.told(), 'AA hold, BB superseded *', 'with what has changed since the first marked');
-- here the signer dies: number 2 is never signed
SELECT is(pg_temp.list(), 3::bigint, 'a number that was taken and not signed is passed over');
SELECT is(pg_temp.told(), 'AA hold, BB superseded *', 'and what it would have told is told by the next');
UPDATE hall.certificate SET state = 'valid' WHERE id = :'a';
SELECT is(pg_temp.list(), 4::bigint, 'a release');
SELECT is(pg_temp.told(), 'AA *, BB superseded *', 'is told as a change to those who have the first, and gone from the full list');
SELECT is((SELECT base FROM hall.crl WHERE ca = 'tap' AND number = 4), 1::bigint, 'the delta goes with the oldest list that is in force');
UPDATE hall.crl SET this_update = now() - interval '3 days', next_update = now() - interval '1 day' WHERE ca = 'tap' AND number = 1;
UPDATE hall.certificate SET state = 'hold' WHERE id = :'a';
SELECT is(pg_temp.list(), 5::bigint, 'when the first is over');
SELECT is((SELECT base FROM hall.crl WHERE ca = 'tap' AND number = 5), 3::bigint, 'with the next that is, an unsigned one not counted');
SELECT is(pg_temp.told(), 'AA hold *, BB superseded', 'and what that one told is no change any more');
SELECT pg_temp.new_certificate('DD00000000000004', 'tap', now() + interval '1 second') AS d \gset
UPDATE hall.certificate SET state = 'revoked' WHERE id = :'d';
SELECT pg_temp.list();
SELECT matches(pg_temp.told(), 'DD unspecified', 'without a reason it is unspecified');
UPDATE hall.certificate SET not_after = now() - interval '8 days', not_before = now() - interval '9 days' WHERE id = :'d';
SELECT doesnt_match(pg_temp.told(), 'DD unspecified', 'a week after its end a certificate leaves the list');

-- ---- by the clock ----
UPDATE hall.outbox SET state = 'done' WHERE state = 'due';
UPDATE hall.ocsp_response SET due_at = 'infinity' WHERE ca <> 'tap';
SELECT pg_temp.sign(:'a', 'hold', pg_temp.revoked_at(:'a')), pg_temp.sign(:'b', 'superseded', pg_temp.revoked_at(:'b'));
UPDATE hall.ocsp_response SET due_at = now() WHERE certificate = :'b';
SELECT is((SELECT array_agg(id) FROM hall.signer_ocsp_due('tap', 10)), ARRAY[:'b'::uuid], 'what is due is given out, expired certificates'' not');
INSERT INTO hall.signature (at, ca, key, kind, subject, sm3) VALUES (now() - interval '500 days', 'tap', 'ocsp', 'ocsp', 'old', sha256('')),
    (now() - interval '500 days', 'tap', 'issuing', 'certificate', 'old', sha256(''));
SELECT hall.status_due('1 day', '400 days');
SELECT is(pg_temp.waiting('ocsp_due'), 1::bigint, 'a batch of the CA that has some due');
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'crl' AND state = 'due' AND key LIKE 'crl/tap/%'), 0::bigint, 'a fresh list need not be made');
SELECT is((SELECT string_agg(kind, ' ') FROM hall.signature WHERE ca = 'tap' AND subject = 'old'), 'certificate', 'old records of statuses are gone, no others');
SELECT ok(pg_temp.status(:'d') IS NULL, 'a certificate that has ended has no status any more');
UPDATE hall.crl SET this_update = now() - interval '25 hours' WHERE ca = 'tap';
SELECT hall.status_due('1 day', '400 days');
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'crl' AND state = 'due' AND key LIKE 'crl/tap/%'), 1::bigint, 'an old one must');
SELECT hall.status_due('1 day', '400 days');
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'crl' AND state = 'due' AND key LIKE 'crl/tap/%'), 1::bigint, 'asked for once a minute');

-- ---- the record of many ----
SELECT hall.signer_signatures('tap', 'ocsp', 'ocsp', '{one,two}', ARRAY[encode(sha256('1'), 'hex'), encode(sha256('2'), 'hex')]);
SELECT is((SELECT string_agg(subject, ' ' ORDER BY subject) FROM hall.signature WHERE ca = 'tap' AND sm3 IN (sha256('1'), sha256('2'))), 'one two', 'each has its row');

-- ---- what people see ----
SELECT is((SELECT i -> 'list' ->> 'number' FROM jsonb_array_elements(hall.status_json()::jsonb -> 'items') i WHERE i ->> 'ca' = 'tap'), '6', 'the newest list');
SELECT is((SELECT i -> 'responses' ->> 'hold' FROM jsonb_array_elements(hall.status_json()::jsonb -> 'items') i WHERE i ->> 'ca' = 'tap'), '1', 'how many on hold');
SELECT is((SELECT count(*) FROM jsonb_array_elements(hall.status_json()::jsonb -> 'items') i WHERE i ->> 'ca' = 'tapx'), 0::bigint, 'of our own CAs alone');

-- ---- who may ----
SELECT ok(NOT has_table_privilege('certhall_status', 'hall.certificate', 'SELECT'), 'module status reads no certificates of people');
SELECT ok(NOT has_function_privilege('certhall_status', 'hall.signer_ocsp_signed(uuid[], text[], bigint[], text[], timestamptz, timestamptz)', 'EXECUTE'), 'and hands in no status');
SELECT ok(NOT has_function_privilege('certhall_runner', 'hall.signer_crl_signed(text, bigint, bytea, bytea, int, int)', 'EXECUTE'), 'nor does the runner');

SELECT * FROM finish();
ROLLBACK;
