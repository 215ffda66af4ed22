-- Orders of several certificates: what the signer is told item by item, all or none, requests of tokens, key files taken one by
-- one, pictures and seals of each item.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project('{"papers": [{"code": "form", "name": "申请表", "stamped": true, "formats": ["bmp"], "of_form": true}],
  "finauth": "none", "seal_mode": "always", "types": [
  {"cert_type": "institution", "name": "机构证书", "person": "institution", "medium": "file", "prices": [{"years": 1, "parts": [{"part": "certificate", "name": "证书费", "fen": 1}]}]},
  {"cert_type": "business", "name": "机构业务证书", "person": "institution", "profile": "business", "medium": "file", "pair": true, "prices": [{"years": 2, "parts": [{"part": "certificate", "name": "证书费", "fen": 1}]}]},
  {"cert_type": "holder", "name": "机构个人证书", "person": "holder", "medium": "file", "prices": []},
  {"cert_type": "posted", "name": "介质证书", "person": "institution", "medium": "ukey", "prices": []}]}') AS project,
       pg_temp.new_account() AS account, pg_temp.new_staff('producer') AS producer \gset
INSERT INTO hall.ca (name, algorithm) VALUES ('sm2', 'sm2') ON CONFLICT DO NOTHING;

CREATE FUNCTION pg_temp.add_items(wanted uuid, types text[]) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hall.order_item (order_id, item, cert_type, years, subject, seal_name)
    SELECT wanted, n, t, 1, t || n, CASE t WHEN 'business' THEN '业务章' || n END FROM unnest(types) WITH ORDINALITY AS x(t, n) $$;
CREATE FUNCTION pg_temp.issuing(wanted uuid, item int, use text DEFAULT 'signature') RETURNS text LANGUAGE plpgsql AS $$
DECLARE new_serial text := upper(lpad(to_hex(nextval('counter')), 16, 'B'));
BEGIN
    PERFORM hall.signer_issuing(wanted, item, use, new_serial, 'sm2', 'sm2', 'p', now(), now() + interval '1 year', sha256('t'), sha256(new_serial::bytea));
    RETURN new_serial;
END $$;
CREATE FUNCTION pg_temp.issued(wanted uuid, serials text[]) RETURNS void LANGUAGE sql AS $$
    SELECT hall.signer_issued(wanted, 'sm2', s, convert_to(s, 'UTF8'), '\x01', NULL, s) FROM unnest(serials) s $$;
CREATE FUNCTION pg_temp.accept(wanted uuid, the_item int, kind text DEFAULT 'unit') RETURNS void LANGUAGE sql AS $$
    SELECT hall.sealpicture_accept(gen_random_uuid(), wanted, hall.sealpicture_mark(o, the_item), 'generated', kind, '\x01', '\x02', '\x03',
                                   sha256('m'), 40, 40, NULL, the_item) FROM hall.orders o WHERE o.id = wanted $$;
CREATE FUNCTION pg_temp.lacks_sealpicture(wanted uuid) RETURNS bool LANGUAGE sql AS $$
    SELECT EXISTS (SELECT FROM hall.orders o, hall.order_lacks(o) l WHERE o.id = wanted AND l.pointer = '/sealpicture') $$;

-- ---- items that belong together ----
SELECT pg_temp.new_order(:'project', :'account', '{"seal_wanted": true, "marks": {"sealpicture": "m1"}}') AS o,
       pg_temp.new_order(:'project', :'account', '{"marks": {"sealpicture": "m1"}}') AS plain \gset
SELECT is(pg_temp.outcome(format('SELECT pg_temp.add_items(%L, ''{institution,posted}'')', :'o')), 'CH422 /items', 'one order, one medium');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.add_items(%L, ''{nothing}'')', :'o')), 'CH422 /items', 'of the project''s types');
SELECT pg_temp.add_items(:'o', '{institution,business,holder}'), pg_temp.add_papers(:'o');
SELECT results_eq(format('SELECT p.item, p.person, p.profile, p.pair FROM hall.orders o, hall.productions(o) p WHERE o.id = %L ORDER BY 1', :'o'),
    $$VALUES (1, 'institution', 'institution', false), (2, 'institution', 'business', true), (3, 'holder', 'holder', false)$$, 'each is made by its own type');
SELECT results_eq(format('SELECT p.item, p.profile FROM hall.orders o, hall.productions(o) p WHERE o.id = %L', :'plain'),
    $$VALUES (1, 'institution')$$, 'an order without rows is one of its own type');

-- ---- pictures ----
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.accept(:'o', 1), pg_temp.accept(:'o', 2);
SELECT ok(pg_temp.lacks_sealpicture(:'o'), 'a picture of two items is not one of three');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.accept(%L, 3)', :'o')), 'CH409', 'a person''s is a person''s');
SELECT pg_temp.accept(:'o', 3, 'person');
SELECT ok(NOT pg_temp.lacks_sealpicture(:'o'), 'with the last nothing lacks');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.accept(%L, 4)', :'o')), 'CH404', 'there is no fourth');
SELECT is_empty(format('SELECT * FROM hall.sealpicture_source(%L, 4)', :'o'), 'nothing is drawn of it either');
UPDATE hall.order_item SET seal_name = '合同专用章' WHERE order_id = :'o' AND item = 2;
SELECT ok(pg_temp.lacks_sealpicture(:'o'), 'another name undoes that item''s');
SELECT is((SELECT array_agg(i.item) FROM hall.orders o, hall.items(o) i, hall.sealpicture_of(o, i.item) WHERE o.id = :'o'), '{1,3}', 'and no other');
SELECT pg_temp.accept(:'o', 2);
SELECT isnt(hall.seal_code_of(:'o', '440305', 1), hall.seal_code_of(:'o', '440305', 2), 'each its own number');

SELECT is((SELECT array_agg(hall.sealpicture_nth(o, i.item, 'seal_form') ORDER BY i.item) FROM hall.orders o, hall.items(o) i WHERE o.id = :'o'), '{1,2,2}',
    'on one collection form the units'' stamps stand in the order of their items');
SELECT is(hall.sealpicture_nth(o, 1, 'seal_form') + hall.sealpicture_nth(o, 1, 'form'), 0, 'alone it is the only one') FROM hall.orders o WHERE o.id = :'plain';

-- ---- production ----
SELECT pg_temp.be_system();
UPDATE hall.orders SET state = 'accepted', producer = :'producer' WHERE id IN (:'o', :'plain');
SELECT results_eq(format('SELECT item, seal_name, profile, issue_wanted FROM hall.signer_order(%L)', :'o'),
    $$VALUES (1, NULL, 'institution', true), (2, '合同专用章', 'business', true), (3, NULL, 'holder', true)$$, 'the signer is told of each');
SELECT is((SELECT count(*) FROM hall.signer_order(:'plain')), 1::bigint, 'of one, of an order without rows');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.issuing(%L, 4)', :'o')), 'CH409', 'and records no other');
SELECT pg_temp.issuing(:'o', 1) AS s1, pg_temp.issuing(:'o', 2) AS s2, pg_temp.issuing(:'o', 2, 'encryption') AS e2, pg_temp.issuing(:'o', 3) AS s3 \gset
SELECT is((SELECT array_agg(serial ORDER BY item) FROM hall.signer_order(:'o')), ARRAY[:'s1', :'s2', :'s3'], 'a crash finds the serial numbers again');
SELECT pg_temp.issued(:'o', ARRAY[:'s3', :'s2', :'s1']);
SELECT is(pg_temp.outcome(format('SELECT hall.signer_produced(%L)', :'o')), 'CH409', 'not before the last certificate is there, the pair''s second');
SELECT pg_temp.issued(:'o', ARRAY[:'e2']);
UPDATE hall.certificate SET key_file = NULL WHERE serial = :'e2';
SELECT lives_ok(format('SELECT hall.signer_produced(%L)', :'o'), 'then it is produced');
SELECT is((SELECT recipient FROM hall.message WHERE order_id = :'o' AND event = 'pin'), 'agent', 'one PIN, to the agent');
SELECT is((SELECT count(*) FROM hall.outbox b JOIN hall.certificate c ON c.id = b.subject WHERE b.kind = 'seal' AND c.order_id = :'o'), 3::bigint, 'three seals are asked for');

-- ---- seals ----
CREATE FUNCTION pg_temp.make_seal(the_serial text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE s record;
BEGIN
    SELECT x.* INTO s FROM hall.certificate c, hall.signer_seal(c.id) x WHERE c.serial = the_serial;
    PERFORM hall.signer_seal_signing(s.seal, 'sm2', 'ABCD', sha256('info'));
    PERFORM hall.signer_seal_made(s.seal, '\x3000');
    RETURN s.es_id;
END $$;
SELECT pg_temp.make_seal(:'s1') AS es1, pg_temp.make_seal(:'s3') AS es3 \gset
SELECT is((SELECT count(*) FROM hall.message WHERE order_id = :'o' AND event = 'seal_made'), 0::bigint, 'nothing is said before the last');
SELECT pg_temp.make_seal(:'s2') AS es2 \gset
SELECT is((SELECT count(*) FROM hall.message WHERE order_id = :'o' AND event = 'seal_made'), 1::bigint, 'then once');
SELECT is((SELECT count(DISTINCT left(e, 13)) FROM unnest(ARRAY[:'es1', :'es2', :'es3']) e WHERE e ~ '^[0-9]{13}01$'), 3::bigint, 'three numbers, each the first of its item');
UPDATE hall.certificate SET state = 'revoked' WHERE serial = :'s2';
SELECT is((SELECT array_agg(s.state ORDER BY c.item) FROM hall.seal s JOIN hall.certificate c ON c.id = s.certificate WHERE s.order_id = :'o'),
    '{valid,withdrawn,valid}', 'a revocation reaches its own seal');

-- ---- key files ----
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT hall.key_file_take(%L, 4)', :'o')), 'CH404', 'no fourth file');
SELECT is(pg_temp.outcome(format('SELECT hall.key_file_take(%L, 2)', :'o')), 'CH410', 'none of a revoked certificate');
SELECT is((SELECT t.number FROM hall.key_file_take(:'o', 3) t), (SELECT number || '-3' FROM hall.orders WHERE id = :'o'), 'the third, named so');
SELECT is((SELECT state FROM hall.orders WHERE id = :'o'), 'produced', 'one of two');
SELECT lives_ok(format('SELECT hall.key_file_take(%L)', :'o'), 'the first');
SELECT is((SELECT state FROM hall.orders WHERE id = :'o'), 'done', 'was the last: the order is done');
SELECT is(hall.my_key_file(:'o')::jsonb #> '{items,2,left}', '4', 'each is counted');

-- ---- requests of tokens ----
SELECT pg_temp.be_system();
SELECT pg_temp.new_order(:'project', :'account', '{}') AS t \gset
UPDATE hall.project_type SET medium = 'ukey', key_origin = 'token' WHERE project = :'project';
SELECT pg_temp.add_items(:'t', '{institution,business}');
UPDATE hall.orders SET state = 'accepted' WHERE id = :'t';
CREATE FUNCTION pg_temp.hand_in(wanted uuid, item int, public text) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT hall.produce(%L, %s, ''\x30'', %L, %s)', wanted, pg_temp.version_of(wanted), sha256(public::bytea), item) $$;
CREATE FUNCTION pg_temp.begun(wanted uuid) RETURNS bool LANGUAGE sql AS $$ SELECT EXISTS (SELECT FROM hall.outbox WHERE kind = 'issue' AND subject = wanted) $$;
SELECT pg_temp.be_staff(:'producer', '{producer}');
SELECT is(pg_temp.outcome(pg_temp.hand_in(:'t', 3, 'k')), 'CH404 /item', 'no third');
SELECT lives_ok(pg_temp.hand_in(:'t', 2, 'k2'), 'the second''s first');
SELECT is(pg_temp.outcome(pg_temp.hand_in(:'t', 1, 'k2')), 'CH422 /csr', 'its key is no other''s');
SELECT ok(NOT pg_temp.begun(:'t') AND NOT hall.producing(o), 'nothing begins') FROM hall.orders o WHERE id = :'t';
SELECT is((SELECT array_agg(request_wanted OR issue_wanted ORDER BY item) FROM hall.signer_order(:'t')), '{f,t}', 'the signer would wait too');
SELECT lives_ok(pg_temp.hand_in(:'t', 1, 'k1'), 'the last');
SELECT ok(pg_temp.begun(:'t') AND hall.producing(o), 'begins it') FROM hall.orders o WHERE id = :'t';
SELECT * FROM finish();
ROLLBACK;
