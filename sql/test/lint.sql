-- The records of the nightly lint: which certificates are checked, how findings come and go, and when a run begins.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account \gset
SELECT pg_temp.be_system();
DELETE FROM hall.lint_finding;
DELETE FROM hall.lint;

-- A CA for this test, so that other certificates do not count.
DELETE FROM hall.outbox WHERE kind IN ('lint', 'renew');
INSERT INTO hall.ca (name, algorithm, external) VALUES ('sm2', 'sm2', false), ('tap-out', 'rsa', true) ON CONFLICT DO NOTHING;
CREATE FUNCTION pg_temp.own(ca text, role text, starts interval, ends interval, der bytea) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO hall.ca_certificate (ca, role, serial, subject, not_before, not_after, certificate)
    VALUES (ca, role, 'AA', 'CN=' || role, now() + starts, now() + ends, der) RETURNING id $$;
CREATE FUNCTION pg_temp.leaf(o uuid, number int, state text, ca text DEFAULT 'sm2', ends interval DEFAULT '1 year') RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE c uuid;
BEGIN
    INSERT INTO hall.certificate (serial, order_id, ca, algorithm, profile, item, not_before, not_after, tbs_sm3, public_sha256)
    VALUES (lpad(to_hex(number), 16, 'F'), o, ca, CASE ca WHEN 'sm2' THEN 'sm2' ELSE 'rsa' END, 'institution', number, now() - interval '1 day', now() + ends,
            sha256(number::text::bytea), sha256(('k' || number)::bytea)) RETURNING id INTO c;
    IF state <> 'issuing' THEN
        UPDATE hall.certificate SET state = 'valid', certificate = ('\x30' || lpad(to_hex(number), 8, '0'))::bytea, issued_at = now() WHERE id = c;
    END IF;
    IF state NOT IN ('issuing', 'valid') THEN
        UPDATE hall.certificate h SET state = leaf.state WHERE id = c;
    END IF;
    RETURN c;
END $$;
SELECT pg_temp.new_order(:'project', :'account', '{"state": "produced", "paid": "paid"}') AS o \gset
UPDATE hall.ca_certificate SET not_before = now() - interval '20 years', not_after = now() - interval '10 years' WHERE ca = 'sm2';
UPDATE hall.certificate SET not_after = now() - interval '1 second', not_before = now() - interval '2 years' WHERE ca = 'sm2';
SELECT pg_temp.own('sm2', 'root', '-2 years', '18 years', '\x01') AS root, pg_temp.own('sm2', 'issuing', '-2 years', '13 years', '\x02') AS first,
       pg_temp.own('sm2', 'issuing', '-1 hour', '15 years', '\x03') AS second, pg_temp.own('sm2', 'ocsp', '-60 days', '30 days', '\x04') AS ocsp,
       pg_temp.own('tap-out', 'issuing', '-60 days', '30 days', '\x05') AS outside \gset
SELECT pg_temp.leaf(:'o', 1, 'valid') AS valid, pg_temp.leaf(:'o', 2, 'hold') AS held, pg_temp.leaf(:'o', 3, 'revoked') AS revoked,
       pg_temp.leaf(:'o', 4, 'issuing') AS issuing, pg_temp.leaf(:'o', 5, 'valid', 'tap-out') AS strange,
       pg_temp.leaf(:'o', 6, 'valid', 'sm2', '-1 second') AS ended \gset

-- ---- a night ----
SELECT hall.lint_want('2026-03-10') AS night \gset
SELECT is((SELECT count(*)::int FROM hall.outbox WHERE kind = 'lint' AND subject = :'night'), 1, 'a night is a job');
SELECT bag_eq(format('SELECT id FROM hall.lint_work(%L, 100) WHERE ca = ''sm2''', :'night'),
              format('SELECT unnest(%L::uuid[])', ARRAY[:'valid', :'held', :'root', :'first', :'second', :'ocsp']),
              'valid ones, those on hold, and the authority''s own; no revoked, unfinished, ended or external one');
SELECT is((SELECT issuer FROM hall.lint_work(:'night', 100) WHERE id = :'valid'), '\x02', 'the issuer is the one in force when it was issued, not the newest');
SELECT is((SELECT issuer FROM hall.lint_work(:'night', 100) WHERE id = :'root'), NULL, 'a root has none');
SELECT is((SELECT issuer FROM hall.lint_work(:'night', 100) WHERE id = :'second'), '\x01', 'an issuing CA''s is the root');
SELECT is((SELECT issuer FROM hall.lint_work(:'night', 100) WHERE id = :'ocsp'), '\x02', 'an OCSP signer''s the issuing CA');
SELECT is((SELECT profile FROM hall.lint_work(:'night', 100) WHERE id = :'ocsp'), 'ocsp', 'its role is its profile');

-- ---- batches ----
SELECT array_agg(id ORDER BY id) AS batch FROM hall.lint_work(:'night', 2) \gset
SELECT hall.lint_found(:'night', :'batch', '[]');
SELECT is((SELECT count(*)::int FROM hall.lint_work(:'night', 100) w WHERE w.id = ANY (:'batch'::uuid[])), 0, 'a batch is looked at once');
SELECT is((SELECT certificates FROM hall.lint WHERE id = :'night'), 2, 'and counted');
SELECT is((SELECT count(*)::int FROM hall.outbox WHERE kind = 'lint' AND subject = :'night'), 2, 'the next one is a job of its own');
SELECT array_agg(id) AS rest FROM hall.lint_work(:'night', 100) \gset
SELECT hall.lint_found(:'night', :'rest', '[]');
SELECT is((SELECT count(*)::int FROM hall.lint_work(:'night', 100)), 0, 'all were looked at');
SELECT hall.lint_found(:'night', '{}', '[]');
SELECT isnt((SELECT ended_at FROM hall.lint WHERE id = :'night'), NULL, 'nothing left: the run is over');
SELECT is((SELECT count(*)::int FROM hall.outbox WHERE kind = 'lint' AND subject = :'night'), 3, 'and asks for no more');

-- ---- findings ----
CREATE FUNCTION pg_temp.found() RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(rule, ' ' ORDER BY rule), '') FROM hall.lint_finding $$;
SELECT hall.lint_found(:'night', ARRAY[:'valid', :'ocsp']::uuid[], jsonb_build_array(
    jsonb_build_object('id', :'valid', 'rule', 'policy', 'sentence', 'x'), jsonb_build_object('id', :'valid', 'rule', 'serial', 'sentence', 'y'),
    jsonb_build_object('id', :'ocsp', 'rule', 'times', 'sentence', 'z')));
SELECT is(pg_temp.found(), 'policy serial times', 'findings of both kinds of certificate');
UPDATE hall.lint_finding SET found_at = '2026-03-01';
SELECT hall.lint_found(:'night', ARRAY[:'valid']::uuid[], jsonb_build_array(jsonb_build_object('id', :'valid', 'rule', 'policy', 'sentence', 'x')));
SELECT is(pg_temp.found(), 'policy times', 'what is found no more is forgotten, other certificates'' findings stay');
SELECT is((SELECT found_at FROM hall.lint_finding WHERE rule = 'policy'), '2026-03-01'::timestamptz, 'what is found again was found first then');
SELECT is((hall.lint_json()::jsonb ->> 'total')::int, 2, 'the desk sees how many');
SELECT is(hall.lint_json()::jsonb #>> '{findings,0,order_id}', :'o', 'and of which order');
UPDATE hall.certificate SET state = 'revoked' WHERE id = :'valid';
SELECT hall.lint_found(:'night', '{}', '[]');
SELECT is(pg_temp.found(), 'times', 'a revoked certificate''s are forgotten at the end of the run');

-- ---- what is due ----
SELECT is((SELECT warning FROM hall.ca_newest() WHERE ca = 'sm2' AND role = 'ocsp'), NULL, 'an OCSP signer in its last third is not late yet');
SELECT hall.authority_due();
SELECT is((SELECT count(*)::int FROM hall.outbox WHERE key LIKE 'renew/sm2/%'), 0, 'exactly a third left: not yet');
UPDATE hall.ca_certificate SET not_after = now() + interval '29 days' WHERE id = :'ocsp';
SELECT hall.authority_due();
SELECT hall.authority_due();
SELECT is((SELECT count(*)::int FROM hall.outbox WHERE key LIKE 'renew/sm2/%'), 1, 'in the last third it is renewed, asked for once a day');
UPDATE hall.ca_certificate SET not_after = now() + interval '10 days' WHERE id = :'ocsp';
SELECT is((SELECT warning FROM hall.ca_newest() WHERE ca = 'sm2' AND role = 'ocsp'), 'late', 'then it is late');
SELECT is((SELECT warning FROM hall.ca_newest() WHERE ca = 'sm2' AND role = 'issuing'), NULL, 'an issuing CA with years left is fine');
UPDATE hall.ca_certificate SET not_after = now() + interval '4 years' WHERE id IN (:'first', :'second');
SELECT is((SELECT warning FROM hall.ca_newest() WHERE ca = 'sm2' AND role = 'issuing'), 'short', 'with less than five it shortens certificates');
SELECT is((SELECT warning FROM hall.ca_newest() WHERE ca = 'tap-out'), 'soon', 'an external one that ends soon');

-- ---- who may ----
SELECT is(has_function_privilege('certhall_runner', 'hall.lint_found(uuid, uuid[], jsonb)', 'EXECUTE'), true, 'the runner does it');
SELECT is(has_function_privilege('certhall_registry', 'hall.lint_found(uuid, uuid[], jsonb)', 'EXECUTE'), false, 'nobody else');
SELECT is(has_function_privilege('certhall_registry', 'hall.lint_json()', 'EXECUTE'), true, 'the desk sees it');
SELECT is(has_function_privilege('certhall_new', 'hall.lint_json()', 'EXECUTE'), false, 'applicants'' modules do not');
SELECT * FROM finish();
ROLLBACK;
