-- Production by CSR, pairs, external authorities, the applicant's download, and projects that cannot be served.
\ir fixture.psql
SELECT no_plan();
INSERT INTO hall.ca (name, algorithm, external) VALUES ('sm2', 'sm2', false), ('taprsa', 'rsa', true), ('tapsm2', 'sm2', true)
    ON CONFLICT DO NOTHING;

CREATE FUNCTION pg_temp.types(more jsonb) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('types', jsonb_build_array('{"cert_type": "natural", "name": "x", "person": "natural",
        "medium": "ukey", "prices": [{"years": 1, "parts": [{"part": "certificate", "name": "x", "fen": 0}]}]}'::jsonb || more)) $$;
CREATE FUNCTION pg_temp.import(more jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.outcome(format('SELECT pg_temp.new_project(%L)', more)) $$;
CREATE FUNCTION pg_temp.accepted(project uuid, account uuid) RETURNS uuid LANGUAGE sql AS $$
    SELECT pg_temp.new_order(project, account, '{"state": "accepted", "cert_type": "natural", "paid": "paid"}') $$;
CREATE FUNCTION pg_temp.produce(wanted uuid, der bytea DEFAULT NULL, public text DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT hall.produce(%L, %s, %L, %L)', wanted, pg_temp.version_of(wanted), der, sha256(public::bytea)) $$;
CREATE FUNCTION pg_temp.wants(wanted uuid) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', CASE WHEN request_wanted THEN 'request' END, CASE WHEN issue_wanted THEN 'issue' END)
      FROM hall.signer_order(wanted) $$;
CREATE FUNCTION pg_temp.job(wanted uuid) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(kind, ' ' ORDER BY id) FROM hall.outbox WHERE subject = wanted AND kind IN ('issue', 'request', 'cmp') $$;
CREATE FUNCTION pg_temp.issuing(wanted uuid, serial text, ca text DEFAULT 'sm2', use text DEFAULT 'signature') RETURNS void LANGUAGE sql AS $$
    SELECT hall.signer_issuing(wanted, 1, use, serial, ca, 'sm2', 'natural', now(), now() + interval '1 year', sha256('t'), sha256(serial::bytea)) $$;

-- ---- projects ----
SELECT is(pg_temp.import('{"ca": "nobody"}'), 'CH422 /ca', 'an authority that is not known');
SELECT is(pg_temp.import('{"ca": "tapsm2"}'), 'CH422 /ca', 'an external one for SM2');
SELECT is(pg_temp.import('{"ca": "taprsa"}'), 'ok', 'an external one for RSA');
SELECT is(pg_temp.import('{"ca": ""}'), 'ok', 'the one of the setting');
SELECT is(pg_temp.import('{"ca": "taprsa"}' || pg_temp.types('{"key_origin": "token"}')), 'CH422 /types', 'no token with an external one');
SELECT is(pg_temp.import('{"ca": "taprsa"}' || pg_temp.types('{"pair": true}')), 'CH422 /types', 'no pair with an external one');
SELECT is(pg_temp.import(pg_temp.types('{"key_origin": "token", "medium": "file"}')), 'CH422 /types/0/medium', 'no token without a medium');
SELECT is(pg_temp.import(pg_temp.types('{"key_origin": "elsewhere"}')), 'CH422 /types/0/key_origin', 'a key is made by the signer or on the token');

-- ---- a token's request ----
SELECT pg_temp.new_account() AS account, pg_temp.new_account() AS stranger, pg_temp.new_staff('producer') AS producer,
       pg_temp.new_project(pg_temp.types('{"key_origin": "token", "pair": true}')) AS token,
       pg_temp.new_project(pg_temp.types('{}')) AS plain, pg_temp.new_project(pg_temp.types('{"medium": "file"}')) AS download,
       pg_temp.new_project('{"ca": "taprsa"}' || pg_temp.types('{}')) AS other \gset
SELECT pg_temp.accepted(:'token', :'account') AS t, pg_temp.accepted(:'token', :'account') AS u, pg_temp.accepted(:'plain', :'account') AS p,
       pg_temp.accepted(:'download', :'account') AS d, pg_temp.accepted(:'other', :'account') AS e \gset
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT is(pg_temp.outcome(pg_temp.produce(:'t')), 'CH422 /csr', 'a token''s production wants the request');
SELECT is(pg_temp.outcome(pg_temp.produce(:'p', '\x30', 'a')), 'CH422 /csr', 'another one does not take it');
SELECT is(pg_temp.wants(:'t'), NULL, 'nothing is wanted of the signer before');
SELECT pg_temp.produce(:'t', '\x30', 'a') \gexec
SELECT is(pg_temp.wants(:'t') || '|' || pg_temp.job(:'t'), 'issue|issue', 'then the certificate is');
SELECT is((SELECT request FROM hall.signer_order(:'t')), '\x30', 'for that request');
SELECT is((SELECT detail ->> 'csr' FROM hall.audit WHERE subject = :'t' AND detail ? 'csr'), encode(sha256('a'), 'hex'), 'which the trail tells of');
SELECT is(pg_temp.outcome(pg_temp.produce(:'u', '\x30', 'a')), 'CH422 /csr', 'a key is not asked for by two orders');
SELECT pg_temp.produce(:'t', '\x3031', 'b') \gexec
SELECT is((SELECT count(*) FROM hall.csr WHERE order_id = :'t'), 1::bigint, 'a second request takes the place of the first');

-- ---- a pair ----
SELECT pg_temp.issuing(:'t', '00000000000000F1'), pg_temp.issuing(:'t', '00000000000000F2', use => 'encryption');
SELECT is((SELECT concat_ws(' ', serial, encryption_serial) FROM hall.signer_order(:'t')), '00000000000000F1 00000000000000F2', 'cut off, both are taken up');
SELECT is((SELECT count(*) FROM hall.signature WHERE subject IN ('00000000000000F1', '00000000000000F2') AND kind = 'certificate'), 2::bigint,
          'both signatures are on record before they are made');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.issuing(%L, ''00000000000000F3'')', :'t')), '23505', 'there is one of each');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.issuing(%L, ''00000000000000F1'')', :'u')), 'CH409', 'and not for an order that nobody produces');
SELECT hall.signer_issued(:'t', 'sm2', '00000000000000F2', '\x02', NULL, '\x05', 'CN=x');
SELECT is(pg_temp.state_of(:'t'), 'accepted', 'one alone is no production');
SELECT hall.signer_issued(:'t', 'sm2', '00000000000000F1', '\x01', NULL, NULL, 'CN=x'), hall.signer_produced(:'t');
SELECT is(pg_temp.state_of(:'t'), 'produced', 'both are');
SELECT is((SELECT state FROM hall.csr WHERE order_id = :'t'), 'done', 'the request is done with');
SELECT is(pg_temp.page(o.id) ->> 'serial', '00000000000000F1', 'people are shown the one to sign with') FROM hall.orders o WHERE id = :'t';
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT is((SELECT enveloped_key FROM hall.desk_key_file(:'t', 'encryption', 'enveloped_key')), '\x05', 'the enveloped key is the producer''s');
SELECT hall.ship(:'t', pg_temp.version_of(:'t'), 'sf', 'SF123456');
SELECT is((SELECT count(*) FROM hall.certificate WHERE order_id = :'t' AND enveloped_key IS NOT NULL), 0::bigint, 'until the parcel leaves');
SELECT is(pg_temp.outcome(pg_temp.produce(:'u', '\x30', '00000000000000F1')), 'CH422 /csr', 'a key that was certified is not certified again');

-- ---- what the applicant downloads ----
SELECT pg_temp.produce(:'d') \gexec
SELECT pg_temp.issuing(:'d', '00000000000000F4'), hall.signer_issued(:'d', 'sm2', '00000000000000F4', '\x04', '\x44', NULL, 'CN=x'), hall.signer_produced(:'d');
SELECT is((SELECT count(*) FROM hall.message WHERE order_id = :'d' AND event = 'download'), 1::bigint, 'the applicant is told that the file is there');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT is((SELECT key_file FROM hall.desk_key_file(:'d')), NULL, 'it is not the producer''s');
SELECT is(pg_temp.outcome(format('SELECT hall.ship(%L, %s, ''sf'', ''SF123456'')', :'d', pg_temp.version_of(:'d'))), 'CH409', 'and no parcel leaves');
SELECT pg_temp.be_applicant(:'stranger', :'download');
SELECT is(pg_temp.outcome(format('SELECT hall.key_file_take(%L)', :'d')), 'CH404', 'nobody else takes it');
SELECT is_empty(format('SELECT * FROM hall.my_order_certificates(%L)', :'d'), 'or reads the certificate');
SELECT pg_temp.be_applicant(:'account', :'download');
SELECT is((SELECT key_file FROM hall.key_file_take(:'d')), '\x44', 'its owner does');
SELECT is(pg_temp.state_of(:'d'), 'done', 'which ends the order');
SELECT is((SELECT due_at - now() FROM hall.outbox WHERE kind = 'key_file_end' AND subject = :'d'), '1 day', 'and the file in a day');
SELECT is((SELECT count(*) FROM generate_series(2, 5) n, LATERAL hall.key_file_take((:'d' || left(n::text, 0))::uuid)), 4::bigint, 'a broken download is repeated');
SELECT is(pg_temp.outcome(format('SELECT hall.key_file_take(%L)', :'d')), 'CH410', 'five times in all');
SELECT hall.key_file_end(:'d');
SELECT is((hall.my_key_file(:'d')::jsonb ->> 'there'), 'false', 'then it is gone');
SELECT is(pg_temp.outcome(format('SELECT hall.key_file_take(%L)', :'t')), 'CH404', 'an order of another project');

-- ---- what is revoked or expires and never leaves ----
SELECT pg_temp.accepted(:'plain', :'account') AS r, pg_temp.accepted(:'token', :'account') AS s, pg_temp.accepted(:'download', :'account') AS x \gset
CREATE FUNCTION pg_temp.kept(wanted uuid) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', (SELECT string_agg(nullif(concat_ws('+', CASE WHEN key_file IS NOT NULL THEN 'file' END, CASE WHEN enveloped_key IS NOT NULL THEN 'enveloped' END), ''), ' '
                                  ORDER BY key_use DESC) FROM hall.certificate WHERE order_id = wanted),
                          (SELECT 'pin ' || state FROM hall.pin WHERE order_id = wanted AND encrypted IS NOT NULL)) $$;
INSERT INTO hall.pin (order_id, generation, kind, state, kek, key, encrypted, fulfilled)
SELECT o, 1, k, 'opened', 1, '\x02', '\x01', '{}' FROM (VALUES (:'r'::uuid, 'file'), (:'s', 'token'), (:'x', 'file')) v(o, k);
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT pg_temp.produce(:'r') \gexec
SELECT pg_temp.produce(:'s', '\x30', 's') \gexec
SELECT pg_temp.produce(:'x') \gexec
SELECT pg_temp.be_system();
SELECT pg_temp.issuing(:'r', '00000000000000A1'), pg_temp.issuing(:'s', '00000000000000A2'), pg_temp.issuing(:'s', '00000000000000A3', use => 'encryption'),
       pg_temp.issuing(:'x', '00000000000000A4');
SELECT hall.signer_issued(:'r', 'sm2', '00000000000000A1', '\xA1', '\x44', NULL, 'CN=x'), hall.signer_produced(:'r'),
       hall.signer_issued(:'s', 'sm2', '00000000000000A2', '\xA2', NULL, NULL, 'CN=x'),
       hall.signer_issued(:'s', 'sm2', '00000000000000A3', '\xA3', NULL, '\x55', 'CN=x'), hall.signer_produced(:'s'),
       hall.signer_issued(:'x', 'sm2', '00000000000000A4', '\xA4', '\x44', NULL, 'CN=x'), hall.signer_produced(:'x');
SELECT is(pg_temp.kept(o::uuid), kept, 'made: ' || kept) FROM (VALUES (:'r', 'file pin opened'), (:'s', 'enveloped pin opened'), (:'x', 'file pin opened')) v(o, kept);
UPDATE hall.certificate SET state = 'revoked', reason = 'key_compromise', revoked_at = now() WHERE serial = '00000000000000A3';
SELECT hall.pins_destroy();
SELECT is(pg_temp.kept(:'s'), 'pin opened', 'one of a pair is revoked: its key is gone, the PIN is still that of the other');
UPDATE hall.certificate SET state = 'revoked', reason = 'key_compromise', revoked_at = now() WHERE serial IN ('00000000000000A1', '00000000000000A2');
SELECT is(pg_temp.kept(:'r'), 'pin opened', 'revoked before it was shipped: the key file is gone with it');
UPDATE hall.certificate SET not_before = now() - interval '2 years', not_after = now() - interval '1 second' WHERE serial = '00000000000000A4';
SELECT hall.pins_destroy();
SELECT is(pg_temp.kept(o::uuid), '', 'nothing is kept of ' || why) FROM (VALUES (:'r', 'a key file that nobody ships'), (:'s', 'a token that nobody ships'),
    (:'x', 'a key file that nobody has downloaded in time')) v(o, why);
SELECT is((SELECT string_agg(state, ' ') FROM hall.pin WHERE order_id IN (:'r', :'s', :'x')), 'void void void', 'their PINs are void');

-- ---- an external authority ----
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT pg_temp.produce(:'e') \gexec
SELECT is(pg_temp.wants(:'e') || '|' || pg_temp.job(:'e'), 'request|request', 'the signer makes key and request first');
SELECT is_empty(format('SELECT * FROM hall.cmp_work(%L)', :'e'), 'before that there is nothing to ask');
SELECT hall.signer_requested(:'e', 1, '\x30', sha256('e'), '\x99');
SELECT is(pg_temp.wants(:'e') || '|' || pg_temp.job(:'e'), '|request cmp', 'then the runner asks');
SELECT is(pg_temp.outcome(format('SELECT hall.signer_requested(%L, 1, ''\x30'', sha256(''f''), ''\x99'')', :'e')), 'CH409', 'there is one request');
SELECT is(format('%s %s %s', ca, until, old), 'taprsa  ', 'that authority; in nobody''s place') FROM hall.cmp_work(:'e');
SELECT hall.csr_refused(:'e', 1, 'no');
SELECT is((SELECT state || (key_encrypted IS NULL) FROM hall.csr WHERE order_id = :'e'), 'refusedtrue', 'refused, the key is destroyed');
SELECT is((SELECT producer FROM hall.orders WHERE id = :'e'), NULL, 'and somebody may ask again');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT pg_temp.produce(:'e') \gexec
SELECT hall.signer_requested(:'e', 1, '\x30', sha256('h'), '\x99'), hall.cmp_answered(:'e', 1, '\x08'), hall.signer_answer_refused(:'e', 1, 'too long', '\x08');
SELECT is((SELECT state || (key_encrypted IS NULL) || reason FROM hall.csr WHERE order_id = :'e'), 'refusedtruetoo long', 'what it issued is not what was asked for');
SELECT id AS unwanted FROM hall.certificate_unwanted WHERE order_id = :'e' \gset
SELECT is((SELECT string_agg(kind, ' ') FROM hall.outbox WHERE subject = :'unwanted'), 'cmp_revoke', 'it is to be revoked there');
SELECT is(format('%s %s %s', ca, certificate, reason), 'taprsa \x08 5', 'as one that is not needed') FROM hall.cmp_revoke_work(:'unwanted');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT pg_temp.produce(:'e') \gexec
SELECT hall.signer_requested(:'e', 1, '\x30', sha256('i'), '\x99'), hall.cmp_answered(:'e', 1, '\x09'), hall.signer_answer_refused(:'e', 1, 'no certificate', NULL);
SELECT is((SELECT count(*) FROM hall.certificate_unwanted WHERE order_id = :'e'), 1::bigint, 'what it did not issue for our key, we do not have revoked');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT pg_temp.produce(:'e') \gexec
SELECT hall.signer_requested(:'e', 1, '\x30', sha256('g'), '\x99'), hall.cmp_answered(:'e', 1, '\x07');
SELECT is(pg_temp.wants(:'e'), 'issue', 'answered, the signer looks at it');
SELECT pg_temp.issuing(:'e', '0102030405060708090A', 'taprsa');
SELECT is((SELECT count(*) FROM hall.signature WHERE subject = '0102030405060708090A'), 0::bigint, 'no key of ours has signed it');
SELECT hall.signer_issued(:'e', 'taprsa', '0102030405060708090A', '\x07', '\x77', NULL, 'CN=x'), hall.signer_produced(:'e');
SELECT is(pg_temp.state_of(:'e'), 'produced', 'produced');
SELECT id AS cert FROM hall.certificate WHERE order_id = :'e' \gset
SELECT is_empty(format('SELECT 1 FROM hall.outbox WHERE kind = ''cmp_revoke'' AND subject = %L', :'cert'), 'issued: nothing to tell');
SELECT is(reason, 8, 'in force: as after a hold') FROM hall.cmp_revoke_work(:'cert');
UPDATE hall.certificate SET state = 'hold' WHERE id = :'cert';
SELECT is(reason, 6, 'held') FROM hall.cmp_revoke_work(:'cert');
UPDATE hall.certificate SET state = 'revoked', reason = 'key_compromise' WHERE id = :'cert';
SELECT is(reason, 1, 'revoked, with the reason''s number') FROM hall.cmp_revoke_work(:'cert');
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'cmp_revoke' AND subject = :'cert'), 2::bigint, 'each change is told');
SELECT is_empty(format('SELECT * FROM hall.cmp_revoke_work(%L)', id), 'our own are nobody else''s') FROM hall.certificate WHERE order_id = :'d';
SELECT * FROM finish();
ROLLBACK;
