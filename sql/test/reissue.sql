-- A reissue: who may ask for it, what cannot be changed, and that only one of two requests succeeds; and outlets, each with only its own orders.
\ir fixture.psql
SELECT no_plan();
INSERT INTO hall.ca (name, algorithm) VALUES ('sm2', 'sm2') ON CONFLICT DO NOTHING;
SELECT hall.outlet_put('tap-here', '这里', '一路', NULL, NULL, NULL, pg_temp.resolved()), hall.outlet_put('tap-there', '那里', '二路', NULL, NULL, NULL, pg_temp.resolved());
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account, pg_temp.new_account() AS stranger,
       pg_temp.new_project('{"business": ["reissue"], "seal_mode": "never", "outlets": [{"business": "reissue", "outlet": "tap-here"}],
           "fees": [{"business": "reissue", "part": "medium", "name": "介质费", "fen": 0}]}') AS desk,
       pg_temp.new_staff('producer') AS maker, pg_temp.new_staff('reviewer') AS reviewer,
       pg_temp.new_staff('producer', 'reviewer') AS many \gset
CREATE TEMP TABLE fixture AS SELECT :'project'::uuid AS project, :'account'::uuid AS account, :'desk'::uuid AS desk;
CREATE FUNCTION pg_temp.outlet_staff(of_outlet text) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO hall.staff (id, name, display_name, roles, outlet)
    VALUES (gen_random_uuid(), 'tap' || nextval('counter'), '网点', '{outlet}', of_outlet) RETURNING id $$;
SELECT pg_temp.outlet_staff('tap-here') AS here, pg_temp.outlet_staff('tap-there') AS there \gset

CREATE FUNCTION pg_temp.certified(more jsonb DEFAULT '{}', mine jsonb DEFAULT '{}') RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    o uuid;
    c hall.certificate;
BEGIN
    SELECT pg_temp.new_order(project, account, '{"state": "done", "unit_hash": "\\x01"}' || mine) INTO o FROM fixture;
    c := jsonb_populate_record(NULL::hall.certificate, jsonb_build_object('id', gen_random_uuid(), 'order_id', o,
        'serial', upper(lpad(to_hex(nextval('counter')), 16, 'C')), 'ca', 'sm2', 'algorithm', 'sm2', 'state', 'issuing', 'item', 1,
        'key_use', 'signature', 'not_before', now() - interval '2 days', 'not_after', now() + interval '1 year',
        'tbs_sm3', sha256('x'), 'public_sha256', sha256(nextval('counter')::text::bytea), 'audit_seq', 0, 'audit_head', '\x00', 'unsigned', false) || more);
    INSERT INTO hall.certificate SELECT c.*;
    UPDATE hall.certificate SET state = 'valid', certificate = '\x30', issued_at = clock_timestamp() WHERE id = c.id;
    RETURN c.id;
END $$;
CREATE FUNCTION pg_temp.serial_of(cert uuid) RETURNS text LANGUAGE sql AS $$ SELECT serial FROM hall.certificate WHERE id = cert $$;
CREATE FUNCTION pg_temp.found(cert uuid) RETURNS jsonb LANGUAGE sql AS $$
    SELECT hall.successor_find(pg_temp.serial_of(cert), 'reissue', 1000)::jsonb -> 'certificates' -> 0 $$;
CREATE FUNCTION pg_temp.ask(cert uuid, code bytea DEFAULT NULL) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE o uuid := gen_random_uuid();
BEGIN
    PERFORM hall.successor_create(o, lpad(nextval('counter')::text, 18, '8'), 'reissue', ARRAY[cert], code, '[{"code": "service", "version": "2026-01"}]', '\x00', '{}');
    RETURN o;
END $$;
CREATE FUNCTION pg_temp.try(cert uuid, code bytea DEFAULT NULL) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.outcome(format('SELECT pg_temp.ask(%L, %L)', cert, code)) $$;
CREATE FUNCTION pg_temp.handed_in(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    UPDATE hall.orders SET form_complete = true, printed = true, phone_state = 'passed' WHERE id = wanted;
    PERFORM pg_temp.add_papers(wanted);
    PERFORM pg_temp.submit(wanted);
END $$;
SELECT pg_temp.certified() AS c \gset

-- ---- what is found ----
SELECT pg_temp.be_applicant(:'account', :'desk');
SELECT is(pg_temp.found(:'c') ->> 'own', 'true', 'the account''s own certificate');
SELECT is(pg_temp.found(:'c') ->> 'proof', 'none', 'needs no more proof');
SELECT is(hall.mask_unit('深圳市示范科技有限公司'), '深圳****公司', 'a unit''s name is masked');
SELECT is(hall.successor_find(lower(pg_temp.serial_of(:'c')), 'reissue', 1000)::jsonb -> 'certificates', '[]', '#202 compared as typed: another case is another number');
SELECT pg_temp.be_applicant(:'stranger', :'desk');
SELECT is(pg_temp.found(:'c') ->> 'proof', 'unit', 'a stranger has to say the unit''s code');
SELECT is(pg_temp.found(:'c') - ARRAY['serial', 'own', 'refusal', 'opens_at', 'proof', 'draft', 'changes', 'together'], hall.certificate_public(x)
              || '{"subject": null, "order": null, "holder": null, "cert_type": null, "years": null, "fen": null}',
          'and is told what the page on serial numbers tells, no more') FROM hall.certificate x WHERE id = :'c';
UPDATE hall.orders SET published = false WHERE id = (SELECT order_id FROM hall.certificate WHERE id = :'c');
SELECT is((SELECT array_agg(k ORDER BY k) FROM jsonb_each_text(pg_temp.found(:'c')) f(k, v) WHERE k = ANY ('{type,key_use,algorithm,not_before,not_after,since,state,published}') AND v IS NOT NULL),
          '{published,state}', '#73 of one that is not published only whether it is valid');
SELECT pg_temp.be_applicant(:'account', :'desk');
SELECT ok(pg_temp.found(:'c') ->> 'type' IS NOT NULL AND pg_temp.found(:'c') ->> 'not_after' IS NOT NULL, 'its owner sees it all');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.try(:'c'), 'CH404', 'a project that does not offer it');

-- ---- who may ----
SELECT pg_temp.be_applicant(:'stranger', :'desk');
SELECT is(pg_temp.try(:'c'), 'CH422 /code', 'a stranger without a word');
SELECT is(pg_temp.try(:'c', '\x02'), 'CH422 /code', 'another unit''s code');
SELECT is(pg_temp.try(:'c', '\x01'), 'ok', 'the unit''s code');
SELECT is(pg_temp.outcome(format('SELECT * FROM hall.successor_open(ARRAY[%L], ''reissue'', false)', pg_temp.serial_of(:'c'))), 'CH422 /code', 'asked for before anything is opened');
SELECT is(pg_temp.outcome($$ SELECT * FROM hall.successor_open('{0000000000000000}', 'reissue', true) $$), 'CH422 /serial', 'no such certificate');
DO $$ BEGIN FOR n IN 1..hall.successor_tries() LOOP PERFORM hall.successor_open(ARRAY[pg_temp.serial_of((SELECT id FROM hall.certificate
    ORDER BY issued_at DESC LIMIT 1))], 'reissue', true); END LOOP; END $$;
SELECT is(pg_temp.outcome(format('SELECT * FROM hall.successor_open(ARRAY[%L], ''reissue'', true)', pg_temp.serial_of(:'c'))), 'CH429', 'five tries a day');
SELECT is((SELECT count(*)::int FROM hall.audit WHERE subject = :'c' AND detail ->> 'reissue' = 'tried'), hall.successor_tries(), 'each in the trail');
SELECT pg_temp.be_applicant(:'account', :'desk');
SELECT is(pg_temp.outcome(format('SELECT * FROM hall.successor_open(ARRAY[%L], ''reissue'', false)', pg_temp.serial_of(:'c'))), 'ok', 'the owner is not kept out by that');
SELECT is(pg_temp.outcome(format($$ SELECT hall.successor_create(gen_random_uuid(), '%s', 'reissue', ARRAY[%L]::uuid[], NULL, '[]', '\x00', '{}') $$, repeat('7', 18), :'c')),
          'CH422 /agreements', 'agreements come first');

-- ---- which certificates ----
SELECT is(pg_temp.try(pg_temp.certified('{"not_after": "2020-01-01", "not_before": "2019-01-01"}')), 'CH409', 'one that has expired');
SELECT is(pg_temp.try(pg_temp.certified('{}', '{"cert_type": "free"}')), 'ok', 'a type of the same kind of person');
SELECT pg_temp.new_project('{"business": ["reissue"], "types": [{"cert_type": "natural", "name": "自然人", "person": "natural", "medium": "ukey"}]}') AS narrow \gset
SELECT pg_temp.be_applicant(:'account', :'narrow');
SELECT is(pg_temp.try(:'c'), 'CH409', 'a type that this project does not make');
SELECT pg_temp.be_applicant(:'account', :'desk');
SELECT pg_temp.certified() AS dead, pg_temp.certified() AS lost \gset
UPDATE hall.certificate SET state = 'revoked', reason = 'cessation' WHERE id = :'dead';
UPDATE hall.certificate SET state = 'revoked', reason = 'key_compromise' WHERE id = :'lost';
SELECT is(pg_temp.try(:'dead'), 'CH409', 'one that was given up');
SELECT is(pg_temp.try(:'lost'), 'ok', 'one that was revoked because it was lost');

-- ---- the draft ----
SELECT pg_temp.ask(:'c') AS o \gset
SELECT is((replaces, cert_type, years, unit_hash, outlet, seal_wanted)::text, format('(%s,institution,1,"\\x01",tap-here,f)', :'c'),
          'it names the certificate, keeps type, years and unit, and the outlet makes it') FROM (SELECT replaces, cert_type, years,
          unit_hash, outlet, seal_wanted FROM hall.orders WHERE id = :'o') x;
SELECT is((SELECT count(*)::int FROM hall.consent WHERE order_id = :'o'), 1, 'what was agreed to is on record');
SELECT is(hall.price_parts(x), '[{"fen": 0, "name": "介质费", "part": "medium"}]', '#55 the fee of the business, nothing of a year''s price')
  FROM hall.orders x WHERE id = :'o';
SELECT is(pg_temp.try(:'c'), 'CH409', 'a second draft of the same person');
SELECT is(pg_temp.outcome(format('UPDATE hall.orders SET unit_hash = ''\x05'' WHERE id = %L', :'o')), 'CH422 /form/unit_code', 'another unit');
SELECT is(pg_temp.outcome(format('UPDATE hall.orders SET cert_type = ''natural'' WHERE id = %L', :'o')), 'CH422 /form/unit_code', 'another type');
SELECT is(pg_temp.outcome(format('UPDATE hall.orders SET replaces = %L WHERE id = %L', :'lost', :'o')), 'CH422 /form/unit_code', 'another certificate');
UPDATE hall.orders SET years = NULL WHERE id = :'o';
SELECT is((SELECT years FROM hall.orders WHERE id = :'o'), 1, 'a form that has no years leaves them');
SELECT is(pg_temp.page(x.id) -> 'replaces' #>> '{certificates,0,serial}', pg_temp.serial_of(:'c'), 'the order says what it replaces') FROM hall.orders x WHERE id = :'o';

-- ---- of two who ask, one ----
SELECT pg_temp.be_applicant(:'stranger', :'desk');
SELECT pg_temp.ask(:'c', '\x01') AS other \gset
SELECT pg_temp.handed_in(:'other');
SELECT is((SELECT concat_ws(' ', state, paid) FROM hall.orders WHERE id = :'other'), 'in_review zero', '#57 #D11 nothing to pay: straight to the review, as paid');
SELECT is((SELECT finauth FROM hall.orders WHERE id = :'other'), 'queued', '#D11 and the payout waits for the approval');
SELECT pg_temp.be_applicant(:'account', :'desk');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.handed_in(%L)', :'o')), 'CH409', 'the draft of the other is too late');
SELECT is(pg_temp.found(:'c') ->> 'refusal' IS NOT NULL, true, 'as the page says');

-- ---- whose it is to make ----
UPDATE hall.orders SET state = 'accepted' WHERE id = :'other';
SELECT pg_temp.new_order(:'project', :'account', '{"state": "accepted"}') AS ours \gset
CREATE FUNCTION pg_temp.queue() RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(CASE i ->> 'outlet' WHEN '这里' THEN 'here' ELSE coalesce(i ->> 'outlet', 'none') END, ' ' ORDER BY i ->> 'outlet')
      FROM jsonb_array_elements(hall.desk_orders('produce', NULL, 100)::jsonb -> 'items') i
     WHERE i ->> 'id' IN (SELECT id::text FROM hall.orders WHERE subject = '测试') $$;
SELECT pg_temp.be_staff(:'here', 'outlet');
SELECT is(pg_temp.queue(), 'here', '#229 an outlet''s producer has its own orders in the queue');
SELECT is((hall.desk_orders('all', NULL, 1)::jsonb ->> 'total')::int, 1, 'and no other anywhere');
SELECT is((SELECT count(*)::int FROM hall.desk_order o, hall.order_page(o.id) WHERE o.id = :'other'), 1, 'reads it');
SELECT is((SELECT count(*)::int FROM hall.desk_order WHERE id = :'ours'), 0, 'and none of the CA''s');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_seen(%L)', :'ours')), 'CH404', 'nor anything of it');
SELECT is(pg_temp.outcome(format('SELECT hall.produce(%L, pg_temp.version_of(%L))', :'ours', :'ours')), 'CH404', 'nor makes it');
SELECT is(pg_temp.outcome(format('SELECT hall.produce(%L, pg_temp.version_of(%L))', :'other', :'other')), 'ok', 'its own it makes');
SELECT is(hall.staff_face()::jsonb ->> 'outlet', '这里', 'the page knows the outlet');
SELECT pg_temp.be_staff(:'there', 'outlet');
SELECT is(pg_temp.queue(), NULL, 'another outlet has none of it');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_seen(%L)', :'other')), 'CH404', 'and sees nothing');
SELECT pg_temp.be_staff(:'maker', 'producer');
SELECT is(pg_temp.queue(), 'none', 'the CA''s producers have those without an outlet');
SELECT is(pg_temp.outcome(format('SELECT hall.produce(%L, pg_temp.version_of(%L))', :'other', :'other')), 'CH404', 'and make no other');
SELECT pg_temp.be_staff(:'many', 'producer', 'reviewer');
SELECT is(pg_temp.queue(), 'here none', 'a reviewer sees all');
SELECT is(pg_temp.outcome(format('SELECT hall.produce(%L, pg_temp.version_of(%L))', :'other', :'other')), 'CH403', 'but does not make what is an outlet''s');
UPDATE hall.orders SET state = 'produced', producer = :'here' WHERE id = :'other';
SELECT is(pg_temp.outcome(format('SELECT hall.ship(%L, pg_temp.version_of(%L), ''sf'', ''SF12345678'')', :'other', :'other')), 'CH403', 'nor posts it');
SELECT pg_temp.be_staff(:'here', 'outlet');
SELECT is(pg_temp.outcome(format('SELECT hall.ship(%L, pg_temp.version_of(%L), ''sf'', ''SF12345678'')', :'other', :'other')), 'ok', 'the outlet does');
UPDATE hall.orders SET state = 'in_review', producer = NULL WHERE id = :'other';
SELECT is(pg_temp.outcome(format('SELECT hall.desk_seen(%L)', :'other')), 'CH404', 'before it is accepted it is not the outlet''s to see');

-- ---- staff of outlets ----
SELECT is(pg_temp.outcome($$ SELECT hall.staff_put(gen_random_uuid(), 'tapone', '一', '{outlet}', 'tap-here', pg_temp.resolved()) $$), 'ok', 'a producer of an outlet');
SELECT is(pg_temp.outcome($$ SELECT hall.staff_put(gen_random_uuid(), 'tapone', '一', '{outlet}', NULL, pg_temp.resolved()) $$), 'CH422 /outlet', 'of which one?');
SELECT is(pg_temp.outcome($$ SELECT hall.staff_put(gen_random_uuid(), 'tapone', '一', '{outlet}', 'nowhere', pg_temp.resolved()) $$), 'CH422 /outlet', 'of one that is there');
SELECT is(pg_temp.outcome($$ SELECT hall.staff_put(gen_random_uuid(), 'tapone', '一', '{outlet,reviewer}', 'tap-here', pg_temp.resolved()) $$), 'CH422 /outlet', 'and of nothing else');
SELECT is(pg_temp.outcome(format('SELECT hall.staff_put(gen_random_uuid(), %L, ''一'', %L, NULL, pg_temp.resolved())', w.name, w.roles)), w.outcome, w.what)
  FROM (VALUES ('X', '{reviewer}', 'CH422 /name', 'a name that is none'), ('tapone', '{nobody}', 'CH422 /roles', 'a role that is none'), ('tapone', '{}', 'CH422 /roles', 'no role'),
               ('tapone', '{admin,finance}', 'CH422 /roles', 'an administrator decides nothing')) w(name, roles, outcome, what);
SELECT is(pg_temp.outcome(format($$ UPDATE hall.staff SET roles = '{producer}' WHERE id = %L $$, :'here')), '23514', 'no row says otherwise');
SELECT is(pg_temp.outcome($$ SELECT pg_temp.new_project('{"outlets": [{"business": "reissue", "outlet": "nowhere"}]}') $$), 'CH422 /outlets/0/outlet', 'a project names outlets that are there');

SELECT finish();
ROLLBACK;
