-- Renewal: when a certificate can be renewed and when not, how long the new one lasts, that the old one goes on until its end or a day that
-- was chosen, what need not be proved again, and that nothing of the way to a certificate is left out.
\ir fixture.psql
SELECT no_plan();
INSERT INTO hall.ca (name, algorithm) VALUES ('sm2', 'sm2') ON CONFLICT DO NOTHING;
SELECT pg_temp.new_account() AS account, pg_temp.new_account() AS stranger, pg_temp.new_staff('reviewer') AS reviewer,
       pg_temp.new_project('{"business": ["new", "renew", "reissue"], "seal_mode": "never", "finauth": "none",
           "papers": [{"code": "form", "name": "申请表", "stamped": true, "formats": ["bmp"], "of_form": true},
                      {"code": "licence", "name": "营业执照", "stamped": true, "formats": ["bmp"], "good_days": 400},
                      {"code": "agent_id", "name": "经办人身份证", "stamped": false, "formats": ["bmp"], "good_days": 400},
                      {"code": "asked", "name": "每次都要", "stamped": false, "formats": ["bmp"]}]}') AS project,
       pg_temp.new_project('{"business": ["renew"], "seal_mode": "never"}') AS elsewhere \gset
CREATE TEMP TABLE fixture AS SELECT :'project'::uuid AS project, :'account'::uuid AS account;
-- A certificate that ends after so many days.
CREATE FUNCTION pg_temp.certified(days int, more jsonb DEFAULT '{}', mine jsonb DEFAULT '{}') RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    o uuid;
    c hall.certificate;
BEGIN
    SELECT pg_temp.new_order(project, account, '{"state": "done", "unit_hash": "\\x01"}' || mine) INTO o FROM fixture;
    c := jsonb_populate_record(NULL::hall.certificate, jsonb_build_object('id', gen_random_uuid(), 'order_id', o,
        'serial', upper(lpad(to_hex(nextval('counter')), 16, 'D')), 'ca', 'sm2', 'algorithm', 'sm2', 'state', 'issuing', 'item', 1,
        'key_use', 'signature', 'not_before', now() - interval '1 year', 'not_after', now() + make_interval(days => days),
        'tbs_sm3', sha256('x'), 'public_sha256', sha256(nextval('counter')::text::bytea), 'audit_seq', 0, 'audit_head', '\x00', 'unsigned', false) || more);
    INSERT INTO hall.certificate SELECT c.*;
    UPDATE hall.certificate SET state = 'valid', certificate = '\x30', issued_at = clock_timestamp() WHERE id = c.id;
    RETURN c.id;
END $$;
CREATE FUNCTION pg_temp.refusal(cert uuid, stranger bool DEFAULT false) RETURNS text LANGUAGE sql AS $$
    SELECT hall.successor_refusal(c, 'renew', stranger) FROM hall.certificate c WHERE c.id = cert $$;
CREATE FUNCTION pg_temp.ask(cert uuid, kind text DEFAULT 'renew', marks jsonb DEFAULT '{"phone": "p", "legal": "l"}') RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE o uuid := gen_random_uuid();
BEGIN
    PERFORM pg_temp.be_with('op', kind || '.create');
    PERFORM hall.successor_create(o, lpad(nextval('counter')::text, 18, '7'), kind, ARRAY[cert], NULL, '[{"code": "service", "version": "2026-01"}]', '\x00', marks);
    RETURN o;
END $$;
CREATE FUNCTION pg_temp.saved(wanted uuid, marks jsonb, years int DEFAULT 1, unit bytea DEFAULT '\x01') RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.be_with('op', 'renew.save');
    RETURN pg_temp.outcome(format('SELECT hall.order_save(%L, NULL, ''institution'', %s, NULL, ''\x00'', true, %L, %L, ''测试'', NULL, NULL)', wanted, years, marks, unit));
END $$;
SELECT pg_temp.be_applicant(:'account', :'project');

-- ---- when ----
SELECT pg_temp.certified(31) AS early, pg_temp.certified(29) AS due, pg_temp.certified(-1) AS over, pg_temp.certified(10) AS revoked, pg_temp.certified(10) AS held \gset
UPDATE hall.certificate SET state = 'revoked', reason = 'superseded' WHERE id = :'revoked';
INSERT INTO hall.revocation (id, certificate, kind, account, state, ended_at) VALUES (gen_random_uuid(), :'held', 'hold', :'account', 'done', now());
SELECT ok(pg_temp.refusal(:'early') ~ ('^还没有到办理证书更新的时间，' || to_char((now() + interval '1 day') AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')), 'too early: from when on');
SELECT is(pg_temp.refusal(:'due'), NULL, 'in the last thirty days');
SELECT is(pg_temp.refusal(:'over'), '证书已经过期，不能办理证书更新，请在本项目办理证书新办。', 'expired: the next step');
SELECT is(pg_temp.refusal(:'revoked'), '证书已经吊销，不能办理证书更新，请在本项目办理证书新办。', 'revoked: the next step');
SELECT ok(pg_temp.refusal(:'held') ~ '介质遗失补办', 'on hold');
SELECT is(pg_temp.refusal(:'early', true), NULL, 'a stranger is not told when it ends');
UPDATE hall.project SET renew_days = 40 WHERE id = :'project';
SELECT is(pg_temp.refusal(:'early'), NULL, 'the window is the project''s');
UPDATE hall.project SET renew_days = 30 WHERE id = :'project';
SELECT is(pg_temp.outcome(format('UPDATE hall.project SET renew_days = %s WHERE id = %L', d, :'project')), wanted, d || ' days') FROM (VALUES (0, '23514'), (90, 'ok'), (91, '23514')) v(d, wanted);
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L)', c)), 'CH409 /certificates/0/serial', 'refused') FROM unnest(ARRAY[:'early', :'over', :'revoked', :'held']) c;
CREATE FUNCTION pg_temp.listed() RETURNS TABLE (serial text, one jsonb) LANGUAGE sql AS $$
    SELECT x ->> 'serial', x FROM jsonb_array_elements(hall.successor_own('renew')::jsonb -> 'certificates') x $$;
SELECT is((SELECT array_agg(c.id ORDER BY c.issued_at) FROM pg_temp.listed() JOIN hall.certificate c USING (serial) WHERE one -> 'refusal' = 'null'), ARRAY[:'due'::uuid], 'one''s own that can be renewed');
SELECT is((SELECT array_agg(c.id ORDER BY c.issued_at) FROM pg_temp.listed() JOIN hall.certificate c USING (serial) WHERE one ->> 'refusal' = pg_temp.refusal(c.id)),
          ARRAY[:'early'::uuid, :'held'::uuid], 'those that cannot now, with the reason; none that is over');
SELECT pg_temp.be_applicant(:'account', :'elsewhere');
SELECT ok(pg_temp.refusal(:'over') ~ '请办理新证书。$', 'where no new ones are offered');

-- ---- the reminder's page, for everybody ----
SELECT pg_temp.be('', NULL, '{}', :'project'), pg_temp.be_with('op', 'renew.window');
CREATE FUNCTION pg_temp.shown(cert uuid) RETURNS jsonb LANGUAGE sql AS $$ SELECT hall.renewal_window(serial, 1000)::jsonb -> 'certificate' FROM hall.certificate WHERE id = cert $$;
SELECT is((pg_temp.shown(:'early') ->> 'opens_at')::timestamptz::date, (now() + interval '1 day')::date, 'when it opens');
SELECT ok(pg_temp.shown(:'over') ->> 'refusal' ~ '过期', 'that it is over');
UPDATE hall.orders SET published = false WHERE id = (SELECT order_id FROM hall.certificate WHERE id = :'early');
SELECT is(pg_temp.shown(:'early') - 'key_use' - 'type' - 'algorithm' - 'since', '{"state": "valid", "published": false, "refusal": null, "opens_at": null, "not_before": null, "not_after": null}',
          'of one that is not published only whether it is valid');
SELECT is(hall.renewal_window('0000000000000000', 1000)::jsonb -> 'certificate', 'null', 'no such certificate');
UPDATE hall.project SET business = '{new}' WHERE id = :'project';
SELECT is(pg_temp.outcome('SELECT hall.renewal_window(''0000000000000000'', 1000)'), 'CH404', 'a project without renewals');
UPDATE hall.project SET business = '{new,renew,reissue}' WHERE id = :'project';

-- ---- what need not be proved again ----
SELECT pg_temp.be_applicant(:'account', :'project');
INSERT INTO hall.paper (id, order_id, code, file_name, mime, bytes, sha256, file_key, uploaded_at)
SELECT gen_random_uuid(), order_id, code, 'x', 'image/bmp', 1, sha256(''), '\x01', now() - age FROM hall.certificate,
       (VALUES ('form', interval '1 day'), ('licence', '300 days'), ('agent_id', '1 day'), ('asked', '1 day')) v(code, age) WHERE id = :'due';
SELECT pg_temp.ask(:'due') AS o \gset
SELECT is((SELECT phone_state || years FROM hall.orders WHERE id = :'o'), 'passed1', 'the phone authentication stands, and as many years');
SELECT ok(EXISTS (SELECT FROM hall.outbox WHERE kind = 'paper_carry' AND subject = :'o'), 'the papers are copied');
CREATE FUNCTION pg_temp.carry(wanted uuid) RETURNS void LANGUAGE sql AS $$
    SELECT hall.paper_carried(wanted, (SELECT jsonb_agg(jsonb_build_object('id', pg_temp.stored(), 'old', w.id, 'key', '02')) FROM hall.paper_carry_work(wanted) w)) $$;
SELECT pg_temp.carry(:'o');
SELECT is((SELECT array_agg(code ORDER BY code) FROM hall.paper WHERE order_id = :'o' AND carried IS NOT NULL), '{agent_id,licence}', 'not what the hall prints, nor what is asked for each time');
SELECT is((SELECT uploaded_at::date FROM hall.paper WHERE order_id = :'o' AND code = 'licence'), (now() - interval '300 days')::date, 'as old as they are');
SELECT is((SELECT count(*) FROM hall.paper_carry_work(:'o')), 0::bigint, 'once');
UPDATE hall.paper SET uploaded_at = now() - interval '401 days' WHERE code = 'licence' AND carried IS NULL;
DELETE FROM hall.paper_check WHERE order_id = :'o'; DELETE FROM hall.licence_check WHERE order_id = :'o'; DELETE FROM hall.paper WHERE order_id = :'o' AND code = 'licence';
SELECT is((SELECT count(*) FROM hall.paper_carry_work(:'o')), 0::bigint, 'one that is too old is asked for again');
UPDATE hall.paper SET uploaded_at = now() WHERE code = 'licence' AND carried IS NULL;
SELECT pg_temp.carry(:'o');
CREATE FUNCTION pg_temp.after_saving(wanted uuid, marks jsonb) RETURNS text LANGUAGE plpgsql AS $$
DECLARE said text;
BEGIN
    PERFORM pg_temp.be_with('op', 'renew.save');
    PERFORM hall.order_save(wanted, NULL, 'institution', 1, NULL, '\x00', true, marks, '\x01', '测试', NULL, NULL);
    said := (SELECT phone_state FROM hall.orders WHERE id = wanted) || (SELECT string_agg(' ' || code || ' ' || state, '' ORDER BY code) FROM hall.paper WHERE order_id = wanted AND state <> 'replaced');
    RAISE EXCEPTION USING ERRCODE = 'UNDO0', MESSAGE = said;
EXCEPTION WHEN SQLSTATE 'UNDO0' THEN RETURN said;
END $$;
SELECT is(pg_temp.after_saving(:'o', '{"phone": "p", "legal": "l", "print": "x"}'), 'passed agent_id ok licence ok', 'nothing that they show has changed');
SELECT is(pg_temp.after_saving(:'o', '{"phone": "p", "legal": "other"}'), 'passed agent_id ok licence stale', 'another legal person: the licence anew');
SELECT is(pg_temp.after_saving(:'o', '{"phone": "other", "legal": "l"}'), 'none agent_id stale licence ok', 'another agent: the ID card and the phone anew');
SELECT is(pg_temp.saved(:'o', '{"phone": "p", "legal": "l"}', 3), 'ok', 'other years');
SELECT is(pg_temp.saved(:'o', '{"phone": "p", "legal": "l"}', 1, '\x02'), 'CH422 /form/unit_code', 'not another unit');
SELECT is((SELECT hall.order_locked(o) ? 'years' FROM hall.orders o WHERE id = :'o'), false, 'years are not locked, as they are in a reissue');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L)', :'due')), 'CH409', 'one draft for a certificate');
SELECT pg_temp.be_applicant(:'stranger', :'project'), pg_temp.be_with('op', 'renew.create');
SELECT gen_random_uuid() AS s \gset
SELECT hall.successor_create(:'s', '777777777777777777', 'renew', ARRAY[:'due'::uuid], '\x01', '[{"code": "service", "version": "2026-01"}]', '\x00', '{}');
SELECT is((SELECT phone_state FROM hall.orders WHERE id = :'s'), 'none', 'another account of the unit authenticates');
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'paper_carry' AND subject = :'s'), 0::bigint, 'and brings its papers');

-- ---- the way to the certificate is the same as for a new one ----
SELECT pg_temp.be_applicant(:'account', :'project'), pg_temp.be_with('op', 'renew.submit');
UPDATE hall.orders SET form_complete = true, printed = true WHERE id = :'o';
SELECT is((SELECT l.pointer FROM hall.orders o, hall.order_lacks(o) l WHERE o.id = :'o' LIMIT 1), '/papers/form', 'the form is signed anew');
INSERT INTO hall.paper (id, order_id, code, file_name, mime, bytes, sha256, file_key) SELECT gen_random_uuid(), :'o', c, 'x', 'image/bmp', 1, sha256(''), '\x01' FROM unnest(ARRAY['form', 'asked']) c;
SELECT pg_temp.submit(:'o');
SELECT is((SELECT state || total FROM hall.orders WHERE id = :'o'), 'unpaid10000', 'without a price for renewals that of new ones');
SELECT ok(pg_temp.refusal(:'due') ~ '证书更新申请正在办理', 'a second one is not under way at the same time');
SELECT ok((SELECT hall.successor_refusal(c, 'reissue', false) ~ '证书更新申请正在办理' FROM hall.certificate c WHERE id = :'due'), 'of whatever kind');
CREATE FUNCTION pg_temp.leaps(state text) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(pg_temp.outcome(format('SELECT hall.advance(%L, %L)', o.id, event)), ',')
    FROM (SELECT id FROM hall.orders WHERE business = 'renew' AND orders.state = leaps.state LIMIT 1) o, unnest(ARRAY['approve', 'gates_open', 'produce', 'hand_over']) event $$;
SELECT pg_temp.be_system();
SELECT is(pg_temp.leaps('unpaid'), 'CH409,CH409,CH409,CH409', 'nothing follows the payment but the review');
SELECT is((SELECT array_agg(DISTINCT from_state) FROM hall.transition WHERE to_state = 'approved' AND event NOT IN ('payout_returned')), '{in_review}', 'approved is what was in review');
SELECT is((SELECT array_agg(DISTINCT who::text) FROM hall.transition WHERE event = 'approve'), '{"{reviewer}"}', 'by a reviewer');
UPDATE hall.orders SET paid = 'paid', state = 'in_review' WHERE id = :'o';
SELECT is(pg_temp.leaps('in_review'), 'CH403,CH409,CH409,CH409', 'not by the system');
SELECT is((SELECT count(*) FROM hall.signer_order(:'o')), 0::bigint, 'the signer has nothing to issue');
SELECT is(pg_temp.outcome(format('SELECT hall.signer_issuing(%L, 1, ''signature'', ''AA'', ''sm2'', ''sm2'', ''institution'', now(), now() + interval ''1 year'', sha256(''t''), sha256(''k''))', :'o')), 'CH409', 'nor takes it any');
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT is((SELECT until FROM hall.decision_facts(:'o', pg_temp.version_of(:'o'))), (SELECT not_after + interval '1 year' FROM hall.certificate WHERE id = :'due'),
          'what the reviewer signs: the old end and the years');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.new_order(:'project', :'account', jsonb_build_object('business', 'reissue', 'replaces', :'early', 'unit_hash', '\x01', 'state', 'in_review')) AS r \gset
SELECT is((SELECT hall.successor_end(business, replaces, years) FROM hall.orders o WHERE id = :'r'), (SELECT not_after FROM hall.certificate WHERE id = :'early'), 'a reissue ends as the old one does');

-- ---- the old one goes on ----
CREATE FUNCTION pg_temp.issue(wanted uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    o hall.orders;
    new_id uuid := gen_random_uuid();
BEGIN
    UPDATE hall.orders SET state = 'produced' WHERE id = wanted RETURNING * INTO o;
    INSERT INTO hall.certificate SELECT (jsonb_populate_record(c, jsonb_build_object('id', new_id, 'order_id', wanted, 'replaces', o.replaces, 'state', 'issuing', 'certificate', NULL,
        'serial', upper(lpad(to_hex(nextval('counter')), 16, 'E')), 'not_before', now(), 'not_after', hall.successor_end(o.business, o.replaces, o.years), 'public_sha256', sha256(nextval('counter')::text::bytea)))).*
      FROM hall.certificate c WHERE c.id = o.replaces;
    UPDATE hall.certificate SET state = 'valid', certificate = '\x30', issued_at = clock_timestamp() WHERE id = new_id;
    RETURN new_id;
END $$;
CREATE FUNCTION pg_temp.state_of_old(cert uuid) RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', state, reason) FROM hall.certificate WHERE id = cert $$;
SELECT pg_temp.issue(:'o') AS n \gset
SELECT is(pg_temp.state_of_old(:'due'), 'valid', 'both are valid');
SELECT is((SELECT n.not_after - c.not_after FROM hall.certificate n, hall.certificate c WHERE n.id = :'n' AND c.id = :'due')::text, '365 days', 'the new one a year longer');
SELECT ok(pg_temp.refusal(:'due') ~ '已有新证书', 'it is renewed once');
CREATE FUNCTION pg_temp.told(word text) RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM hall.message WHERE event = word $$;
SELECT pg_temp.be_system();
SELECT hall.successor_days();
SELECT is(pg_temp.state_of_old(:'due'), 'valid', 'nobody has chosen a day');

-- ---- or ends on a day that was chosen ----
SELECT pg_temp.be_applicant(:'account', :'project'), pg_temp.be_with('op', 'renew.day');
CREATE FUNCTION pg_temp.chosen(wanted uuid, day date) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.outcome(format('SELECT hall.successor_day(%L, NULL, %L)', wanted, day)) $$;
SELECT is(pg_temp.chosen(:'o', current_date), 'CH422 /on', 'not today');
SELECT is(pg_temp.chosen(:'o', current_date + 31), 'CH422 /on', 'nor after its end');
SELECT is(pg_temp.chosen(:'o', current_date + 1), 'ok', 'tomorrow');
SELECT is(pg_temp.chosen(:'o', NULL), 'ok', 'or not at all');
SELECT is(pg_temp.outcome(format('SELECT hall.successor_day(%L, NULL, %L)', :'r', current_date + 1)), 'CH404', 'only of a renewal');
SELECT hall.successor_day(:'o', NULL, current_date + 5);
SELECT is(pg_temp.told('replacing'), 0::bigint, 'five days before nothing is said');
UPDATE hall.orders SET replaced_on = current_date WHERE id = :'o';
SELECT pg_temp.be_system();
SELECT hall.successor_days();
SELECT is(pg_temp.state_of_old(:'due') || pg_temp.told('replacing'), 'valid1', 'the word first');
SELECT hall.successor_days();
SELECT is(pg_temp.state_of_old(:'due') || pg_temp.told('replacing'), 'valid1', 'and a day for it');
UPDATE hall.message SET created_at = created_at - interval '1 day' WHERE event = 'replacing';
SELECT hall.successor_days();
SELECT is(pg_temp.state_of_old(:'due'), 'revoked superseded', 'then it is revoked');
SELECT is((SELECT kind || reason || way FROM hall.revocation WHERE certificate = :'due'), 'revokesupersededsystem', 'on record');
SELECT is((SELECT state FROM hall.certificate WHERE id = :'n'), 'valid', 'the new one is not touched');
SELECT hall.successor_days();
SELECT is((SELECT count(*) FROM hall.revocation WHERE certificate = :'due'), 1::bigint, 'once');
SELECT pg_temp.be_applicant(:'account', :'project'), pg_temp.be_with('op', 'renew.day');
SELECT is(pg_temp.chosen(:'o', NULL), 'CH409', 'what has ended is not chosen again');

-- An old one that is revoked while its renewal is under way ends the renewal.
SELECT pg_temp.certified(5) AS bad \gset
SELECT pg_temp.ask(:'bad') AS b \gset
UPDATE hall.certificate SET state = 'revoked', reason = 'key_compromise' WHERE id = :'bad';
SELECT is(pg_temp.outcome(format('SELECT pg_temp.issue(%L)', :'b')), 'CH409', 'nothing is issued in its place');

-- ---- several in one order ----
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.certified(20) AS m1, pg_temp.certified(12) AS m2, pg_temp.certified(5) AS m3 \gset
CREATE FUNCTION pg_temp.items(VARIADIC certificates uuid[]) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_agg(jsonb_build_object('cert_type', 'institution', 'years', 1, 'subject', 'x', 'serial', c.serial) ORDER BY n)
      FROM unnest(certificates) WITH ORDINALITY u(id, n) JOIN hall.certificate c USING (id) $$;
CREATE FUNCTION pg_temp.ask_all(VARIADIC certificates uuid[]) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE o uuid := gen_random_uuid();
BEGIN
    PERFORM pg_temp.be_with('op', 'renew.create');
    PERFORM hall.successor_create(o, lpad(nextval('counter')::text, 18, '7'), 'renew', certificates, NULL, '[{"code": "service", "version": "2026-01"}]', '\x00', '{}',
                                  pg_temp.items(VARIADIC certificates));
    RETURN o;
END $$;
CREATE FUNCTION pg_temp.put(wanted uuid, asked jsonb) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.be_with('op', 'renew.save');
    RETURN pg_temp.outcome(format('SELECT hall.order_save(%L, NULL, ''institution'', 1, NULL, ''\x00'', true, ''{}'', ''\x01'', ''测试'', NULL, %L)', wanted, asked));
END $$;
CREATE FUNCTION pg_temp.replaced(wanted uuid) RETURNS uuid[] LANGUAGE sql AS $$ SELECT array_agg(replaces ORDER BY item) FROM hall.succession WHERE order_id = wanted $$;
SELECT pg_temp.ask_all(:'m1', :'m2', :'m3') AS m \gset
SELECT is(pg_temp.replaced(:'m'), ARRAY[:'m1', :'m2', :'m3']::uuid[], 'an item for each');
SELECT is((SELECT array_agg((SELECT x.replaces FROM hall.items(o) x WHERE x.item = i)) FROM hall.orders o, generate_series(1, 3) i WHERE o.id = :'m'), ARRAY[:'m1', :'m2', :'m3']::uuid[], 'its own');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L)', :'m2')), 'CH409', 'one draft for a certificate');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.order_item (order_id, item, cert_type, years, replaces) VALUES (%L, 4, ''institution'', 1, %L)', :'m', :'m1')), '23505', 'in an order once');
SELECT is(pg_temp.put(:'m', pg_temp.items(:'m1', :'due')), 'CH422 /form/items/1/serial', 'none comes');
SELECT is(pg_temp.put(:'m', '[]'), 'CH422 /form/items', 'one stays at least');
SELECT is(pg_temp.put(:'m', jsonb_set(pg_temp.items(:'m1', :'m2'), '{1,holder_hash}', '"01"')), 'CH422 /form/items/1/serial', 'for the same person');
SELECT pg_temp.be_with('op', 'renew.save');
SELECT hall.order_save(:'m', NULL, 'institution', 1, NULL, '\x00', true, '{}', '\x01', '测试', NULL, pg_temp.items(:'m2', :'m3')); -- the first goes
SELECT is(pg_temp.replaced(:'m'), ARRAY[:'m2', :'m3']::uuid[], 'the others move up');
SELECT is((SELECT replaces FROM hall.orders WHERE id = :'m'), :'m2'::uuid, 'and the order is that of the first');
SELECT is(pg_temp.outcome(format('UPDATE hall.orders SET replaces = %L WHERE id = %L', :'m1', :'m')), 'CH422 /form/unit_code', 'of no other');
-- another order for the third is handed in first
SELECT pg_temp.new_order(:'project', :'stranger', jsonb_build_object('business', 'renew', 'replaces', :'m3', 'unit_hash', '\x01', 'state', 'draft')) AS rival \gset
UPDATE hall.orders SET state = 'unpaid' WHERE id = :'rival';
SELECT is(pg_temp.outcome(format('UPDATE hall.orders SET state = ''unpaid'' WHERE id = %L', :'m')), 'CH409 /form/items/1', 'then this one is refused at that item');
UPDATE hall.orders SET state = 'cancelled' WHERE id = :'rival';
UPDATE hall.orders SET state = 'unpaid' WHERE id = :'m'; -- when that came to nothing it is not
SELECT pg_temp.new_order(:'project', :'stranger', jsonb_build_object('business', 'renew', 'replaces', :'m3', 'unit_hash', '\x01', 'state', 'draft')) AS rival \gset
SELECT is(pg_temp.outcome(format('UPDATE hall.orders SET state = ''unpaid'' WHERE id = %L', :'rival')), 'CH409', 'nor another while it is under way');
SELECT is((SELECT array_agg(x.until - c.not_after) FROM hall.orders o CROSS JOIN hall.productions(o) p JOIN hall.certificate c ON c.id = p.replaces
             CROSS JOIN LATERAL hall.successor_end(o.business, p.replaces, p.years) x(until) WHERE o.id = :'m'),
          (SELECT array_agg(c.not_after + interval '1 year' - c.not_after) FROM hall.certificate c WHERE c.id IN (:'m2', :'m3')), 'each ends at its own day');
SELECT is((SELECT string_agg(hall.superseded(:'m', i, 'signature')::text, ',' ORDER BY i) FROM generate_series(1, 2) i), concat_ws(',', :'m2', :'m3'), 'and replaces its own');

-- ---- reminders ----
SELECT pg_temp.be_system();
DELETE FROM hall.message;
UPDATE hall.certificate SET not_after = not_after - interval '1 year' WHERE id = :'n'; -- as in a year
SELECT pg_temp.certified(45) AS far, pg_temp.certified(20) AS near, pg_temp.certified(3) AS last \gset
SELECT hall.expiry_tell();
SELECT is((SELECT string_agg(m.event, ',' ORDER BY m.event) FROM hall.message m WHERE m.detail ->> 'serial' = (SELECT serial FROM hall.certificate WHERE id = c)), wanted, wanted)
  FROM (VALUES (:'far'::uuid, 'renewal_opens'), (:'near', 'renewable'), (:'last', 'renewable')) v(c, wanted);
SELECT is((SELECT detail ->> 'path' FROM hall.message WHERE detail ->> 'serial' = (SELECT serial FROM hall.certificate WHERE id = :'near')),
          (SELECT format('/%s/renew?serial=%s', slug, serial) FROM hall.project, hall.certificate c WHERE project.id = :'project' AND c.id = :'near'), 'with the way there');
SELECT is((SELECT detail ->> 'opens' FROM hall.message WHERE event = 'renewal_opens'
             AND detail ->> 'serial' = (SELECT serial FROM hall.certificate WHERE id = :'far')), to_char(now() + interval '15 days', 'YYYY-MM-DD'), 'and the day');
UPDATE hall.project SET business = '{new}' WHERE id = :'project';
DELETE FROM hall.message; DELETE FROM hall.outbox WHERE kind = 'message';
SELECT hall.expiry_tell();
SELECT is((SELECT event FROM hall.message WHERE detail ->> 'serial' = (SELECT serial FROM hall.certificate WHERE id = :'near')), 'expiring', 'where there is no renewal');
SELECT * FROM finish();
ROLLBACK;
