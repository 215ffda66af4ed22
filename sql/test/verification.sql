-- What everybody may ask about certificates, and what nobody can find out by asking.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS mine, pg_temp.new_account() AS theirs \gset
INSERT INTO hall.ca (name, algorithm) VALUES ('tap', 'sm2');

-- A certificate of a fresh order of that account and unit.
CREATE FUNCTION pg_temp.new_certificate(project uuid, account uuid, unit text, number text, more jsonb DEFAULT '{}') RETURNS uuid
LANGUAGE plpgsql AS $$
DECLARE
    o uuid := pg_temp.new_order(project, account, jsonb_build_object('state', 'done', 'subject', unit,
        'unit_hash', '\x' || encode(sha256(convert_to(unit, 'UTF8')), 'hex')) || more);
    c uuid;
BEGIN
    INSERT INTO hall.certificate (serial, order_id, ca, algorithm, state, subject, not_before, not_after, tbs_sm3, certificate, issued_at)
    VALUES (number, o, 'tap', 'sm2', 'valid', unit, now() - interval '1 day', now() + interval '1 year', sha256(''),
            convert_to(number, 'UTF8'), clock_timestamp()) RETURNING id INTO c;
    RETURN c;
END $$;
CREATE FUNCTION pg_temp.unit(name text) RETURNS bytea LANGUAGE sql AS $$ SELECT sha256(convert_to(name, 'UTF8')) $$;
CREATE FUNCTION pg_temp.status(number text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(x ->> 'state', ' ') FROM jsonb_array_elements(hall.serial_status(number, 1000)::jsonb -> 'certificates') x $$;

SELECT pg_temp.new_certificate(:'project', :'mine', '甲（集团）公司', 'AAAAAAAAAAAAAA01') AS a1,
       pg_temp.new_certificate(:'project', :'mine', '甲（集团）公司', 'AAAAAAAAAAAAAA02') AS a2,
       pg_temp.new_certificate(:'project', :'theirs', '乙公司', 'AAAAAAAAAAAAAA03') AS b \gset

-- ---- by serial number ----
SELECT pg_temp.be('nobody', NULL, '{public}');
SELECT is(pg_temp.status('AAAAAAAAAAAAAA01'), 'valid', 'a valid certificate');
SELECT is(pg_temp.status('AAAAAAAAAAAAAA09'), NULL, 'one that is not there');
SELECT is((SELECT array_agg(k ORDER BY k) FROM jsonb_object_keys(hall.serial_status('AAAAAAAAAAAAAA01', 1000)::jsonb -> 'certificates' -> 0) k),
          '{algorithm,key_use,not_after,not_before,published,since,state,type}', 'nothing of whose it is');
UPDATE hall.certificate SET state = 'hold' WHERE id = :'a1';
SELECT is(pg_temp.status('AAAAAAAAAAAAAA01'), 'hold', 'on hold');
UPDATE hall.certificate SET state = 'revoked', reason = 'superseded' WHERE id = :'a1';
SELECT is(pg_temp.status('AAAAAAAAAAAAAA01'), 'revoked', 'revoked');
SELECT ok((hall.serial_status('AAAAAAAAAAAAAA01', 1000)::jsonb -> 'certificates' -> 0 ->> 'since') IS NOT NULL, 'and since when');
UPDATE hall.certificate SET not_before = now() - interval '2 years', not_after = now() - interval '1 day' WHERE id = :'a2';
SELECT is(pg_temp.status('AAAAAAAAAAAAAA02'), 'expired', 'expired');
SELECT is(pg_temp.outcome('SELECT hall.serial_status(''AAAAAAAAAAAAAA09'', 3)'), 'CH429', 'an address asks only so often, found or not');
SELECT pg_temp.be_with('address', '192.0.2.2') \g /dev/null
SELECT is(pg_temp.outcome('SELECT hall.serial_status(''AAAAAAAAAAAAAA09'', 3)'), 'ok', 'another may');
UPDATE hall.certificate SET not_after = now() + interval '1 year' WHERE id = :'a2';

-- ---- one's own ----
SELECT pg_temp.be_applicant(:'mine', NULL);
SELECT is((SELECT string_agg(u ->> 'unit' || ' ' || jsonb_array_length(u -> 'certificates'), ', ') FROM jsonb_array_elements(hall.my_certificates()::jsonb -> 'units') u),
          '甲（集团）公司 2', 'the certificates of one''s own orders, by unit');
SELECT pg_temp.be_applicant(:'theirs', NULL);
SELECT ok(hall.my_certificates() NOT LIKE '%甲%', 'and of nobody else''s');
SELECT pg_temp.be_staff(:'mine', 'reviewer');
SELECT is(hall.my_certificates()::jsonb -> 'units', '[]', 'an account''s id does not help staff');
SELECT pg_temp.be('nobody', NULL, '{public}');
SELECT is(hall.my_certificates()::jsonb -> 'units', '[]', 'nobody has none');

-- ---- by unit and code ----
-- Asks, does the work of the runner, and returns the messages: "event recipient serials".
CREATE FUNCTION pg_temp.ask(unit_code bytea, name text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    r uuid := gen_random_uuid();
    before timestamptz := clock_timestamp();
BEGIN
    PERFORM pg_temp.be_with('address', '192.0.2.' || nextval('counter') % 250);
    PERFORM hall.serials_ask(r, unit_code, name, 1000, 1000);
    IF NOT EXISTS (SELECT FROM hall.outbox WHERE kind = 'serials' AND subject = r) THEN
        RETURN 'no job';
    END IF;
    PERFORM hall.serials_tell(r);
    RETURN (SELECT concat_ws(' ', m.recipient, m.detail ->> 'unit', m.detail ->> 'count', m.detail ->> 'serials')
              FROM hall.outbox x JOIN hall.message m ON m.id = x.subject WHERE x.kind = 'message' AND x.key LIKE '%/serials/' || r);
END $$;
SELECT is(pg_temp.ask(pg_temp.unit('甲（集团）公司'), '甲(集团) 公司'), 'agent 甲（集团）公司 1 AAAAAAAAAAAAAA02', 'the agent is told what is still good, however the brackets are written');
SELECT is(pg_temp.ask(pg_temp.unit('甲（集团）公司'), '乙公司'), NULL, 'the name of another unit: nothing');
SELECT is(pg_temp.ask(pg_temp.unit('乙公司'), '甲（集团）公司'), NULL, 'the code of another unit: nothing');
SELECT is(pg_temp.ask(pg_temp.unit('丙公司'), '丙公司'), NULL, 'a unit without a certificate: nothing');
SELECT is((SELECT count(*) FROM hall.serials_request), 0::bigint, 'no request is kept when it was looked at');
SELECT pg_temp.ask(pg_temp.unit('甲（集团）公司'), '甲（集团）公司') FROM generate_series(1, 2) \g /dev/null
SELECT is(pg_temp.ask(pg_temp.unit('甲（集团）公司'), '甲（集团）公司'), NULL, 'an agent gets three a day');
SELECT pg_temp.new_certificate(:'project', :'mine', '丁公司', 'AAAAAAAAAAAAAA04') \g /dev/null
SELECT is(pg_temp.ask(pg_temp.unit('丁公司'), '丁公司'), NULL, 'for all units that he acts for');
SELECT pg_temp.be_with('address', '192.0.2.254') \g /dev/null
SELECT hall.serials_ask(gen_random_uuid(), '\x01', '戊', 2, 100) FROM generate_series(1, 2) \g /dev/null
SELECT is(pg_temp.outcome('SELECT hall.serials_ask(gen_random_uuid(), ''\x01'', ''戊'', 2, 100)'), 'CH429', 'a unit is asked for only so often');
SELECT is(pg_temp.outcome('SELECT hall.serials_ask(gen_random_uuid(), ''\x02'', ''己'', 2, 2)'), 'CH429', 'and by an address, whatever the unit');
SELECT is(pg_temp.outcome('SELECT hall.serials_tell(gen_random_uuid())'), 'ok', 'a job that comes again finds nothing to do');

-- ---- what is not published ----
SELECT pg_temp.new_account() AS hider, gen_random_uuid() AS message \gset
SELECT pg_temp.new_certificate(:'project', :'hider', '庚公司', 'AAAAAAAAAAAAAA11') AS shown, pg_temp.new_certificate(:'project', :'hider', '庚公司', 'AAAAAAAAAAAAAA12') AS hidden,
       pg_temp.new_certificate(:'project', :'hider', '辛公司', 'AAAAAAAAAAAAAA13', '{"published": null}') AS unknown \gset
SELECT order_id AS order FROM hall.certificate WHERE id = :'hidden' \gset
CREATE FUNCTION pg_temp.told(number text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(f.key, ' ' ORDER BY f.key) FROM jsonb_each_text(hall.serial_status(number, 1000)::jsonb -> 'certificates' -> 0) f WHERE f.value IS NOT NULL $$;
SELECT pg_temp.be_applicant(:'theirs', :'project');
SELECT is(pg_temp.outcome(format('SELECT hall.publication_put(%L, false)', :'order')), 'CH404', 'another account does not decide');
SELECT pg_temp.be_staff(:'hider', 'reviewer');
SELECT is(pg_temp.outcome(format('SELECT hall.publication_put(%L, false)', :'order')), 'CH404', 'nor does staff');
SELECT pg_temp.be_applicant(:'hider', :'project');
SELECT hall.publication_put(:'order', false), hall.publication_put(:'order', false) \g /dev/null
SELECT is((SELECT string_agg(text, ' ') FROM hall.order_history WHERE order_id = :'order' AND event = 'publication'), '证书信息改为不公开', 'the holder does; said twice it is one line');
SELECT is((SELECT count(*) FROM hall.audit WHERE subject = :'order' AND detail -> 'published' = '[true, false]' AND actor = 'account:' || :'hider'), 1::bigint, 'and one of the trail');
SELECT pg_temp.be('nobody', NULL, '{public}');
SELECT is(pg_temp.told('AAAAAAAAAAAAAA11'), 'algorithm key_use not_after not_before published state type', 'a published one');
SELECT is(pg_temp.told('AAAAAAAAAAAAAA12'), 'published state', '#73 of one that is not, whether it is valid');
SELECT is(pg_temp.told('AAAAAAAAAAAAAA13'), 'published state', 'as of one whose form nobody has read');
SELECT is((SELECT string_agg(place || ' ' || state || coalesce(' ' || type, ''), ', ' ORDER BY place) FROM hall.certificates_known(ARRAY['AAAAAAAAAAAAAA11', 'AAAAAAAAAAAAAA12']::text[]::bytea[])),
          '1 valid 机构证书, 2 valid', 'whoever holds it learns whether it is valid');
SELECT is(pg_temp.ask(pg_temp.unit('庚公司'), '庚公司'), 'agent 庚公司 1 AAAAAAAAAAAAAA11', 'the search by name has the published one alone');
SELECT is(pg_temp.ask(pg_temp.unit('辛公司'), '辛公司'), NULL, 'and none of a unit that has no other');
UPDATE hall.certificate SET state = 'revoked', reason = 'superseded' WHERE id = :'hidden';
SELECT is(pg_temp.told('AAAAAAAAAAAAAA12'), 'published since state', 'a relying party learns since when it is revoked');
SELECT is((SELECT count(*) FROM hall.ocsp_response WHERE serial = 'AAAAAAAAAAAAAA12'), 1::bigint, 'and has its OCSP response');
SELECT pg_temp.be_applicant(:'hider', :'project');
SELECT hall.publication_put(:'order', true) \g /dev/null
SELECT is(pg_temp.told('AAAAAAAAAAAAAA12'), 'algorithm key_use not_after not_before published since state type', 'published again');
SELECT is((SELECT jsonb_agg(c -> 'type' IS NOT NULL) FROM jsonb_array_elements(hall.my_certificates()::jsonb -> 'units') u, jsonb_array_elements(u -> 'certificates') c), '[true, true, true]', 'the holder sees all of it');
UPDATE hall.orders SET state = 'rejected' WHERE id = :'order';
SELECT is(pg_temp.outcome(format('SELECT hall.publication_put(%L, false)', :'order')), 'CH409', 'while the form can be changed, the form has the choice');
CREATE FUNCTION pg_temp.save(wanted uuid, hidden bool) RETURNS void LANGUAGE sql AS $$
    SELECT hall.order_save(id, version, cert_type, years, NULL, '\x00', true, marks, unit_hash, subject, mail_region, NULL, hidden)
      FROM hall.orders WHERE id = wanted $$;
SELECT pg_temp.save(:'order', NULL) \g /dev/null
SELECT is((SELECT published FROM hall.orders WHERE id = :'order'), true, 'a form that does not ask changes nothing');
SELECT pg_temp.save(:'order', true) \g /dev/null
SELECT is((SELECT published FROM hall.orders WHERE id = :'order'), false, 'one that asks does');

-- ---- old counts ----
INSERT INTO hall.public_count (kind, who, day) VALUES ('serial', '192.0.2.9', current_date - 2), ('serial', '192.0.2.9', current_date - 1);
SELECT hall.count_public('serial', '192.0.2.10', 5, '') \g /dev/null
SELECT is((SELECT count(*) FROM hall.public_count WHERE kind = 'serial' AND who = '192.0.2.9'), 1::bigint, 'addresses are kept for two days');

-- ---- for the verification ----
SELECT is((SELECT string_agg(place || ' ' || state || coalesce(' ' || reason, ''), ', ' ORDER BY place) FROM hall.certificates_known(
              ARRAY['AAAAAAAAAAAAAA09', 'AAAAAAAAAAAAAA01', 'AAAAAAAAAAAAAA03']::text[]::bytea[])), '2 revoked superseded, 3 valid', 'certificates that somebody shows');
SELECT is((SELECT count(*) FROM hall.seal_known('000000000000000', '\x00')), 0::bigint, 'a seal that is not there');
SELECT is((SELECT count(*) FROM hall.certificates_known('{}')), 0::bigint, 'none shown, none known');

-- ---- who may ----
SELECT ok(NOT has_function_privilege('certhall_verify', f, 'execute'), 'verify may not: ' || f)
  FROM unnest('{hall.my_certificates(),"hall.serials_tell(uuid)","hall.serial_status(text,int)","hall.order_page(uuid)"}'::text[]) f;
SELECT ok(NOT has_table_privilege(r, t, 'select'), r || ' does not read ' || t)
  FROM unnest('{certhall_verify,certhall_status}'::text[]) r, unnest('{hall.certificate,hall.orders,hall.seal,hall.serials_request}'::text[]) t;
SELECT ok(NOT has_function_privilege('certhall_status', 'hall.serials_tell(uuid)', 'execute'), 'who is asked does not tell');

SELECT * FROM finish();
ROLLBACK;
