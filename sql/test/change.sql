-- Changes of what is on file: what a project offers, who may ask, what stays, which papers are asked for, that a change of what stands in
-- the certificate revokes the old one in the same transaction, and that any other makes nothing.
\ir fixture.psql
SELECT no_plan();
INSERT INTO hall.ca (name, algorithm) VALUES ('sm2', 'sm2') ON CONFLICT DO NOTHING;
SELECT pg_temp.new_account() AS account, pg_temp.new_account() AS stranger, pg_temp.new_staff('reviewer') AS reviewer,
       pg_temp.new_project('{"business": ["new", "change", "reissue", "renew"], "changes": ["unit_name", "legal", "agent"], "seal_mode": "never", "finauth": "pin", "courier_payment": "prepaid",
           "fields": [{"field": "unit_name"}, {"field": "account_branch"}, {"field": "account_no"}],
           "fees": [{"business": "change", "part": "certificate", "name": "变更费", "fen": 500}, {"business": "change", "part": "medium", "name": "介质费", "fen": 10000}],
           "papers": [{"code": "form", "name": "申请表", "stamped": true, "formats": ["bmp"], "of_form": true},
                      {"code": "notice", "name": "变更证明", "stamped": true, "formats": ["bmp"], "businesses": ["change"], "changes": ["unit_name"]},
                      {"code": "authority", "name": "委托书", "stamped": true, "formats": ["bmp"], "good_days": 400, "businesses": ["change"], "changes": ["agent"]},
                      {"code": "agent_id", "name": "经办人身份证", "stamped": false, "formats": ["bmp"], "good_days": 400}]}') AS project \gset
CREATE TEMP TABLE fixture AS SELECT :'project'::uuid AS project, :'account'::uuid AS account;
CREATE FUNCTION pg_temp.certified(use text DEFAULT 'signature', of_order uuid DEFAULT NULL) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    o uuid := of_order;
    new_id uuid := gen_random_uuid();
BEGIN
    IF o IS NULL THEN
        SELECT pg_temp.new_order(project, account, '{"state": "done", "unit_hash": "\\x01", "phone_state": "passed"}') INTO o FROM fixture;
    END IF;
    INSERT INTO hall.certificate SELECT (jsonb_populate_record(NULL::hall.certificate, jsonb_build_object('id', new_id, 'order_id', o,
        'serial', upper(lpad(to_hex(nextval('counter')), 16, 'C')), 'ca', 'sm2', 'algorithm', 'sm2', 'state', 'issuing', 'item', 1,
        'key_use', use, 'not_before', now() - interval '1 year', 'not_after', now() + interval '100 days',
        'tbs_sm3', sha256('x'), 'public_sha256', sha256(nextval('counter')::text::bytea), 'audit_seq', 0, 'audit_head', '\x00', 'unsigned', false))).*;
    UPDATE hall.certificate SET state = 'valid', certificate = '\x30', issued_at = clock_timestamp() WHERE id = new_id;
    RETURN new_id;
END $$;
CREATE FUNCTION pg_temp.ask(cert uuid, kinds jsonb, marks jsonb DEFAULT '{"phone": "p"}') RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE o uuid := gen_random_uuid();
BEGIN
    PERFORM pg_temp.be_with('op', 'change.create');
    PERFORM hall.successor_create(o, lpad(nextval('counter')::text, 18, '6'), 'change', ARRAY[cert], '\x01', '[{"code": "service", "version": "2026-01"}]', '\x00', marks);
    PERFORM hall.change_begin(o, kinds);
    RETURN o;
END $$;
CREATE FUNCTION pg_temp.o(wanted uuid) RETURNS hall.orders LANGUAGE sql AS $$ SELECT o FROM hall.orders o WHERE id = wanted $$;
CREATE FUNCTION pg_temp.papers(wanted uuid) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(code, ' ' ORDER BY code) FROM hall.papers_wanted(pg_temp.o(wanted)) $$;
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.certified() AS c \gset
SELECT order_id AS first FROM hall.certificate WHERE id = :'c' \gset
SELECT pg_temp.certified('encryption', :'first') AS c2 \gset

-- ---- what is offered ----
SELECT is(pg_temp.outcome(format('UPDATE hall.project SET changes = ''{unit_name,colour}'' WHERE id = %L', :'project')), 'CH422 /changes', 'a kind that there is not');
SELECT is(pg_temp.outcome('DELETE FROM hall.change_kind WHERE code = ''legal'''), '23503', 'a kind that a project names');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L, %L)', :'c', k)), wanted, 'kinds ' || k)
  FROM (VALUES ('[]', 'CH422 /changes'), ('["address"]', 'CH422 /changes'), ('["holder_name"]', 'CH422 /changes'), ('["legal", "years"]', 'CH422 /changes')) v(k, wanted);
SELECT is(jsonb_path_query_array(hall.successor_own('change')::jsonb, '$.certificates[*].changes[*].code'), '["unit_name", "legal", "agent"]', 'the page has what the project offers');
SELECT pg_temp.be_applicant(:'stranger', :'project');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L, ''["legal"]'')', :'c')), 'CH409', 'another account, even one that knows the unit''s code');
SELECT pg_temp.be_applicant(:'account', :'project');

-- ---- what is proved again, and what stays ----
INSERT INTO hall.paper (id, order_id, code, file_name, mime, bytes, sha256, file_key)
SELECT gen_random_uuid(), :'first', code, 'x', 'image/bmp', 1, sha256(''), '\x01' FROM unnest(ARRAY['form', 'authority', 'agent_id']) code;
SELECT pg_temp.ask(:'c', '["agent"]') AS o \gset
SELECT is((SELECT concat_ws(' ', phone_state, makes, changes, basis = :'first') FROM hall.orders WHERE id = :'o'), 'passed f {agent} t', 'no certificate is made');
SELECT is(pg_temp.papers(:'o'), 'agent_id authority form', 'the papers follow from what changes');
SELECT is((SELECT array_agg(m.code) FROM hall.paper m JOIN hall.paper_carry_work(:'o') w ON w.id = m.id), '{agent_id}', 'what proves a change is never carried over');
SELECT ok(hall.order_locked(pg_temp.o(:'o')) ?& '{unit_name,unit_code,cert_type,holder_id,legal_name,unit_address}' AND NOT hall.order_locked(pg_temp.o(:'o')) ?| '{agent_name,agent_mobile,mail_address,account_no}', 'the others are locked');
SELECT is((SELECT sum((p ->> 'fen')::int) FROM jsonb_array_elements(hall.price_parts(pg_temp.o(:'o'))) p)::int, 500, 'no medium, no parcel');
SELECT is((SELECT concat_ws(' ', hall.finauth_mode(x), (hall.order_may(x)).proof, hall.delivery_json(x)) FROM pg_temp.o(:'o') x), 'none none', 'no payout, no parcel');

-- ---- nothing is made ----
CREATE FUNCTION pg_temp.hand_in(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.be_with('op', 'change.submit');
    UPDATE hall.orders SET form_complete = true, printed = true, phone_state = 'passed' WHERE id = wanted;
    INSERT INTO hall.paper (id, order_id, code, file_name, mime, bytes, sha256, file_key)
    SELECT gen_random_uuid(), wanted, code, 'x', 'image/bmp', 1, sha256(''), '\x01' FROM hall.papers_wanted(pg_temp.o(wanted));
    PERFORM pg_temp.submit(wanted);
END $$;
SELECT pg_temp.certified() AS unused \gset
SELECT pg_temp.ask(:'unused', '["legal"]') AS stale \gset
SELECT pg_temp.hand_in(:'o');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L, ''["legal"]'')', :'c')), 'CH409', 'one at a time');
SELECT is((SELECT what FROM hall.promised(pg_temp.o(:'o'))), '完成审核', 'nothing else is promised');
SELECT pg_temp.be_system();
UPDATE hall.orders SET paid = 'paid', state = 'in_review' WHERE id = :'o';
SELECT ok(hall.order_ahead(pg_temp.o(:'o'), NULL, NULL)::text !~ '制作|寄', 'nor said');
SELECT is(pg_temp.outcome(format('SELECT hall.advance(%L, ''data_changed'')', :'o')), 'CH409', 'not without the review');
SELECT is((SELECT who FROM hall.transition WHERE event = 'data_changed'), '{system}', 'nobody files it by hand');
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT hall.approve(:'o', pg_temp.version_of(:'o'), '');
SELECT is((SELECT concat_ws(' ', state, ship_due_at) FROM hall.orders WHERE id = :'o'), 'done', 'approved, accepted and filed at once');
SELECT is((SELECT count(*) FROM hall.pin WHERE order_id = :'o') + (SELECT count(*) FROM hall.certificate WHERE order_id = :'o') + (SELECT count(*) FROM hall.payout WHERE order_id = :'o'), 0::bigint, 'no PIN, no certificate, no payout');
SELECT is((SELECT array_agg(order_id ORDER BY order_id = :'o') FROM hall.message WHERE event = 'data_changed' AND order_id IN (:'first', :'o')), ARRAY[:'first', :'o']::uuid[], 'the former agent and the new one are told');
SELECT is((SELECT count(*) FROM hall.signer_order(:'o')), 0::bigint, 'the signer has nothing to issue');
SELECT is((SELECT state FROM hall.certificate WHERE id = :'c'), 'valid', 'the certificate goes on');
SELECT is((SELECT array_agg(DISTINCT hall.on_file(x)) FROM hall.certificate x WHERE id IN (:'c', :'c2')), ARRAY[:'o']::uuid[], 'its form is on file, for both of a pair');
SELECT is((SELECT order_id FROM hall.certificate_ending WHERE id = :'c'), NULL, 'not ending yet');
UPDATE hall.certificate SET not_after = now() + interval '20 days' WHERE id = :'c';
SELECT is((SELECT order_id FROM hall.certificate_ending WHERE id = :'c'), :'o'::uuid, 'reminders go by it');
UPDATE hall.certificate SET not_after = now() + interval '100 days' WHERE id = :'c';
SELECT is(hall.certificates_ended(pg_temp.o(:'o')), (SELECT not_after FROM hall.certificate WHERE id = :'c'), 'it is kept as long as the certificate needs');
SELECT is(hall.items_held(pg_temp.o(:'stale'), (SELECT cert_type FROM hall.orders WHERE id = :'o'), 'infinity'), (SELECT count(*) FROM hall.orders WHERE project = :'project' AND makes AND unit_hash = '\x01' AND counts_from IS NOT NULL AND id <> :'stale'), 'it is no certificate of the unit');

-- ---- it can change again, from what is on file now ----
SELECT pg_temp.be_applicant(:'account', :'project');
UPDATE hall.orders SET basis = (SELECT basis FROM hall.orders WHERE id = :'o') WHERE id = :'stale';
SELECT is(pg_temp.outcome(format('SELECT pg_temp.hand_in(%L)', :'stale')), 'CH409', 'a draft that began with other data');
SELECT pg_temp.ask(:'c', '["unit_name", "legal"]') AS n \gset
SELECT is((SELECT concat_ws(' ', makes, changes, basis = :'o') FROM hall.orders WHERE id = :'n'), 't {unit_name,legal} t', 'what stands in the certificate makes one');
SELECT is(pg_temp.papers(:'n'), 'agent_id form notice', 'the registry''s certificate');
SELECT is((SELECT sum((p ->> 'fen')::int) FROM jsonb_array_elements(hall.price_parts(pg_temp.o(:'n'))) p WHERE p ->> 'part' <> 'courier')::int, 10500, 'with a medium');
SELECT is((SELECT hall.finauth_mode(x) FROM pg_temp.o(:'n') x), 'pin', 'and the proof of the account');
SELECT pg_temp.hand_in(:'n');
SELECT is((SELECT hall.successor_end(x.business, x.replaces, x.years) FROM pg_temp.o(:'n') x), (SELECT not_after FROM hall.certificate WHERE id = :'c'), 'the reviewer signs the old end');
CREATE FUNCTION pg_temp.issue(wanted uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE new_id uuid := gen_random_uuid();
BEGIN
    INSERT INTO hall.certificate SELECT (jsonb_populate_record(c, jsonb_build_object('id', new_id, 'order_id', wanted, 'replaces', o.replaces, 'state', 'issuing', 'certificate', NULL,
        'serial', upper(lpad(to_hex(nextval('counter')), 16, 'E')), 'not_before', now(), 'public_sha256', sha256(nextval('counter')::text::bytea)))).*
      FROM hall.orders o JOIN hall.certificate c ON c.id = o.replaces WHERE o.id = wanted;
    UPDATE hall.certificate SET state = 'valid', certificate = '\x30', issued_at = clock_timestamp() WHERE id = new_id;
    RETURN new_id;
END $$;
SELECT pg_temp.be_system();
UPDATE hall.orders SET paid = 'paid', state = 'in_review' WHERE id = :'n';
SELECT is((SELECT count(*) FROM hall.signer_order(:'n')), 0::bigint, 'nothing is issued before the review');
UPDATE hall.orders SET state = 'produced' WHERE id = :'n';
SAVEPOINT before_issue;
SELECT pg_temp.issue(:'n') AS fresh \gset
SELECT is((SELECT array_agg(concat_ws(' ', state, reason) ORDER BY key_use) FROM hall.certificate WHERE id IN (:'c', :'c2')), '{revoked affiliation_changed,revoked affiliation_changed}', 'both of the old pair end as the new one begins');
ROLLBACK TO before_issue;
SELECT is((SELECT array_agg(state) FROM hall.certificate WHERE id IN (:'c', :'c2')), '{valid,valid}', 'or neither does');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.certificate SELECT (jsonb_populate_record(c, jsonb_build_object(''id'', gen_random_uuid(), ''order_id'', %L, ''state'', ''issuing'', ''certificate'', NULL, ''replaces'', c.id, ''serial'', ''EEEEEEEEEEEEEEEE''))).* FROM hall.certificate c WHERE id = %L', :'o', :'c')),
          'CH409', 'an order that makes none gets none');
SELECT * FROM finish();
ROLLBACK;
