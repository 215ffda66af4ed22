-- Holds, releases and revocations: two persons, the day in which one person may undo a hold, loss reports, a reissue and what it revokes.
\ir fixture.psql
SELECT no_plan();
INSERT INTO hall.ca (name, algorithm) VALUES ('sm2', 'sm2') ON CONFLICT DO NOTHING;
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account, pg_temp.new_account() AS stranger,
       pg_temp.new_staff('reviewer') AS one, pg_temp.new_staff('reviewer') AS two, pg_temp.new_staff('finance') AS clerk,
       pg_temp.new_staff('producer') AS maker, pg_temp.new_staff('reviewer', 'producer') AS many \gset

CREATE TEMP TABLE fixture AS SELECT :'project'::uuid AS project, :'account'::uuid AS account;

-- A certificate of an order that is being issued, and then valid, as the signer records it.
CREATE FUNCTION pg_temp.issuing(wanted uuid, more jsonb DEFAULT '{}') RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE c hall.certificate;
BEGIN
    c := jsonb_populate_record(NULL::hall.certificate, jsonb_build_object('id', gen_random_uuid(), 'order_id', wanted,
        'serial', upper(lpad(to_hex(nextval('counter')), 16, 'A')), 'ca', 'sm2', 'algorithm', 'sm2', 'state', 'issuing', 'item', 1,
        'key_use', 'signature', 'not_before', now(), 'not_after', now() + interval '1 year', 'tbs_sm3', sha256('x'),
        'public_sha256', sha256(nextval('counter')::text::bytea), 'audit_seq', 0, 'audit_head', '\x00', 'unsigned', false) || more);
    INSERT INTO hall.certificate SELECT c.*;
    RETURN c.id;
END $$;
CREATE FUNCTION pg_temp.issued(cert uuid) RETURNS uuid LANGUAGE sql AS $$
    UPDATE hall.certificate SET state = 'valid', certificate = '\x30', issued_at = clock_timestamp() WHERE id = cert RETURNING id $$;
CREATE FUNCTION pg_temp.new_certificate(wanted uuid, more jsonb DEFAULT '{}') RETURNS uuid LANGUAGE sql AS $$
    SELECT pg_temp.issued(pg_temp.issuing(wanted, more)) $$;
CREATE FUNCTION pg_temp.fresh(more jsonb DEFAULT '{}') RETURNS uuid LANGUAGE sql AS $$
    SELECT pg_temp.new_certificate(pg_temp.new_order(project, account, '{"state": "done"}' || more)) FROM fixture $$;
CREATE FUNCTION pg_temp.is_now(cert uuid) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', state, reason) FROM hall.certificate WHERE id = cert $$;
CREATE FUNCTION pg_temp.serial_of(cert uuid) RETURNS text LANGUAGE sql AS $$ SELECT serial FROM hall.certificate WHERE id = cert $$;
CREATE FUNCTION pg_temp.order_of(cert uuid) RETURNS uuid LANGUAGE sql AS $$ SELECT order_id FROM hall.certificate WHERE id = cert $$;
-- Moves the entries about a certificate into the past.
CREATE FUNCTION pg_temp.age(certificate_ uuid, by interval) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    ALTER TABLE hall.revocation DISABLE TRIGGER revocation_rules;
    UPDATE hall.revocation SET ended_at = ended_at - by, asked_at = asked_at - by WHERE certificate = certificate_;
    ALTER TABLE hall.revocation ENABLE TRIGGER revocation_rules;
END $$;
CREATE FUNCTION pg_temp.ask(cert uuid, why text DEFAULT 'cessation') RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE request uuid := gen_random_uuid();
BEGIN
    PERFORM hall.revocation_ask(request, cert, why, '\x00', pg_temp.signed());
    RETURN request;
END $$;
CREATE FUNCTION pg_temp.hold(cert uuid) RETURNS void LANGUAGE sql AS $$ SELECT hall.certificate_hold(gen_random_uuid(), cert, '\x00') $$;
CREATE FUNCTION pg_temp.release(cert uuid) RETURNS void LANGUAGE sql AS $$ SELECT hall.certificate_release(gen_random_uuid(), cert, '\x00') $$;
CREATE FUNCTION pg_temp.report(cert uuid) RETURNS void LANGUAGE sql AS $$
    SELECT hall.loss_report(gen_random_uuid(), pg_temp.order_of(cert), pg_temp.serial_of(cert)) $$;
CREATE FUNCTION pg_temp.undo(cert uuid) RETURNS void LANGUAGE sql AS $$
    SELECT hall.loss_undo(gen_random_uuid(), pg_temp.order_of(cert), pg_temp.serial_of(cert)) $$;
SELECT pg_temp.fresh() AS c \gset

-- ---- two persons revoke ----
SELECT pg_temp.be_staff(:'clerk', 'finance');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L)', :'c')), 'CH403', 'who is no reviewer cannot ask, whatever the route says');
SELECT pg_temp.be_staff(:'one', 'reviewer');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L)', gen_random_uuid())), 'CH404', 'no such certificate');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L, ''superseded by me'')', :'c')), '23514', 'a reason of RFC 5280');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L, NULL)', :'c')), '23514', 'and there is one');
SELECT is(pg_temp.outcome(format('SELECT hall.revocation_ask(gen_random_uuid(), %L, ''cessation'', NULL, pg_temp.signed())', :'c')), '23514', 'with a note');
SELECT pg_temp.ask(:'c') AS r \gset
SELECT is(pg_temp.is_now(:'c'), 'valid', 'asked is not done');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L)', :'c')), 'CH409', 'one open request a certificate');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.revocation (id, certificate, kind, reason, staff, note) VALUES (gen_random_uuid(), %L, ''revoke'', ''cessation'', %L, '''')', :'c', :'two')),
          '23505', 'the table has it so too');
SELECT is(pg_temp.outcome(format('SELECT hall.revocation_decide(%L, ''done'', NULL, pg_temp.signed())', :'r')), 'CH403', 'the same person does not confirm');
SELECT is(pg_temp.outcome(format('UPDATE hall.revocation SET state = ''done'', ended_at = now(), decided_by = staff WHERE id = %L', :'r')), '23514', 'not even by an UPDATE of the owner');
SELECT is(pg_temp.outcome(format('UPDATE hall.revocation SET state = ''done'', ended_at = now() WHERE id = %L', :'r')), '23514', 'nor does nobody');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.revocation (id, certificate, kind, reason, staff, note, state, ended_at) VALUES (gen_random_uuid(), %L, ''revoke'', ''cessation'', %L, '''', ''done'', now())', :'c', :'one')),
          '23514', 'nor is it done from the start');
SELECT is(pg_temp.outcome(format('UPDATE hall.revocation SET staff = %L WHERE id = %L', :'two', :'r')), 'CH409', 'who asked stays');
SELECT pg_temp.be_staff(:'clerk', 'finance');
SELECT is(pg_temp.outcome(format('SELECT hall.revocation_decide(%L, ''done'', NULL, pg_temp.signed())', :'r')), 'CH403', 'the second person is a reviewer');
SELECT pg_temp.be_staff(:'many', 'reviewer', 'producer');
UPDATE hall.orders SET producer = :'many' WHERE id = pg_temp.order_of(:'c');
SELECT is(pg_temp.outcome(format('SELECT hall.revocation_decide(%L, ''done'', NULL, pg_temp.signed())', :'r')), 'CH403', 'and not the one who produced it');
UPDATE hall.orders SET producer = NULL WHERE id = pg_temp.order_of(:'c');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT hall.revocation_decide(%L, ''done'', NULL, pg_temp.signed())', :'r')), 'CH404', 'an applicant finds no requests');
SELECT pg_temp.be_staff(:'two', 'reviewer');
SELECT is(pg_temp.outcome(format('SELECT hall.revocation_decide(%L, ''withdrawn'', NULL, NULL)', :'r')), 'CH403', 'only who asked withdraws');
SELECT hall.revocation_decide(:'r', 'done', NULL, pg_temp.signed());
SELECT is(pg_temp.is_now(:'c'), 'revoked cessation', 'confirmed by another one it is done, in the same statement');
SELECT is((SELECT state || ' ' || (decided_by = :'two') FROM hall.revocation WHERE id = :'r'), 'done true', 'and says who confirmed');
SELECT is(pg_temp.outcome(format('SELECT hall.revocation_decide(%L, ''refused'', NULL, NULL)', :'r')), 'CH409', 'once');
SELECT is(pg_temp.outcome(format('UPDATE hall.revocation SET ended_at = now() + interval ''1 day'' WHERE id = %L', :'r')), 'CH409', 'what has ended stays as it is');
SELECT is(pg_temp.outcome(format('UPDATE hall.revocation SET note = ''\x02'' WHERE id = %L', :'r')), 'ok', 'but for its words, which a new key seals anew');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L)', :'c')), 'CH409', 'revoked is for good');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.hold(%L)', :'c')), 'CH409', 'no hold after it');
SELECT is(pg_temp.outcome(format('UPDATE hall.certificate SET state = ''valid'' WHERE id = %L', :'c')), 'CH409', 'nor back');
SELECT is((SELECT string_agg(event || ' ' || recipient || ' ' || (detail ->> 'reason'), ',') FROM hall.message WHERE order_id = pg_temp.order_of(:'c')),
          'certificate_revoked agent 不再使用', 'the agent hears of it, with the reason in words');
SELECT is((SELECT text FROM hall.order_history WHERE order_id = pg_temp.order_of(:'c') AND event = 'revoked'), '证书已吊销：不再使用', 'and the order''s history has it');
SELECT is((SELECT string_agg(coalesce(detail #>> '{state,1}', detail ->> 'state'), ',' ORDER BY seq) FROM hall.audit
            WHERE subject = :'c' AND detail ? 'request'), 'asked,done', 'request and confirmation stand in the certificate''s trail');
SELECT is((SELECT detail ->> 'note' FROM hall.audit WHERE subject = :'c' AND detail ? 'request' ORDER BY seq LIMIT 1),
          (SELECT hall.commitment(key, 'note', '\x00') FROM hall.audit_key WHERE owner = pg_temp.order_of(:'c')), 'the note as a commitment alone');

-- ---- under an act each ----
SELECT pg_temp.fresh() AS c, pg_temp.signed() AS first \gset
SELECT pg_temp.be_staff(:'one', 'reviewer');
SELECT is((SELECT string_agg(label, ' ') FROM hall.revoke_facts(:'c', 'cessation')), '证书序列号 证书主体 证书有效期至 业务单 吊销原因', 'what is signed');
SELECT is((SELECT value FROM hall.revoke_facts(:'c', 'cessation') WHERE label = '吊销原因'), '不再使用', 'in words');
SELECT is(pg_temp.outcome(format('SELECT hall.revoke_facts(%L, ''cessation'')', gen_random_uuid())), 'CH404', 'nothing of a certificate that is not there');
SELECT is(pg_temp.outcome(format('SELECT hall.revocation_ask(gen_random_uuid(), %L, ''cessation'', ''\x00'', NULL)', :'c')), 'CH403', 'no request without an act');
SELECT is(pg_temp.outcome(format('SELECT hall.revocation_ask(gen_random_uuid(), %L, ''cessation'', ''\x00'', ''{}'')', :'c')), 'CH403', 'nor with an empty one');
SELECT is(pg_temp.outcome(format('SELECT hall.revocation_ask(gen_random_uuid(), %L, ''cessation'', ''\x00'', pg_temp.signed(''{"signature": null}''))', :'c')), '23502', 'nor with one that nobody has signed');
SELECT is((SELECT count(*) FROM hall.act WHERE subject = :'c'), 0::bigint, 'what is refused leaves none');
SELECT gen_random_uuid() AS r \gset
SELECT hall.revocation_ask(:'r', :'c', 'cessation', '\x00', :'first');
SELECT is((SELECT (what, staff, order_id)::text FROM hall.act WHERE subject = :'c'), ('revoke', :'one'::uuid, pg_temp.order_of(:'c'))::text, 'it is kept with who and of what');
SELECT is((SELECT detail ->> 'signed' FROM hall.audit WHERE subject = :'c' AND detail ->> 'act' = :'first'::jsonb ->> 'id'), encode(sha256('\x05'), 'hex'), 'and the trail tells of it');
SELECT is((SELECT after FROM hall.act_signer('revoke', :'c')), (:'first'::jsonb ->> 'decided_at')::timestamptz, 'the next is signed later');
SELECT is(pg_temp.outcome(format('SELECT hall.revoke_facts(%L, ''cessation'')', :'c')), 'CH409', 'nothing to sign while one waits');
SELECT is(pg_temp.outcome(format('SELECT hall.revocation_facts(%L)', :'r')), 'CH403', 'for who has asked nothing to confirm');
SELECT hall.revocation_decide(:'r', 'withdrawn', NULL, NULL);
SELECT is(pg_temp.outcome(format('SELECT hall.revocation_ask(gen_random_uuid(), %L, ''cessation'', ''\x00'', %L)', :'c', :'first')), 'CH409', 'an act is used once');
SELECT is(pg_temp.outcome(format('SELECT hall.revocation_ask(gen_random_uuid(), %L, ''cessation'', ''\x00'', %L)', :'c', :'first'::jsonb || jsonb_build_object('id', gen_random_uuid()))), 'CH409', 'under another id, too');
SELECT pg_temp.ask(:'c') AS r \gset
SELECT pg_temp.be_staff(:'two', 'reviewer');
SELECT is((SELECT string_agg(label, ' ') FROM hall.revocation_facts(:'r')), '事项 申请 证书序列号 证书主体 证书有效期至 业务单 吊销原因 申请人 申请时间', 'what the second person signs');
SELECT is((SELECT note FROM hall.revocation_facts(:'r') LIMIT 1), '\x00'::bytea, 'with the words of the first');
SELECT is(pg_temp.outcome(format('SELECT hall.revocation_decide(%L, ''done'', NULL, NULL)', :'r')), 'CH403', 'no confirmation without an act');
SELECT is(pg_temp.is_now(:'c'), 'valid', 'so nothing is revoked');
SELECT hall.revocation_decide(:'r', 'done', NULL, pg_temp.signed());
SELECT is((SELECT (what, staff)::text FROM hall.act WHERE subject = :'r'), ('confirm_revocation', :'two'::uuid)::text, 'with one it is done');
SELECT is((SELECT string_agg(label, ' ') FROM hall.signer_revocation_act(:'r', 'revoke')), '证书序列号 证书主体 证书有效期至 业务单 吊销原因', 'the signer reads what the request must say');
SELECT is((SELECT string_agg(label, ' ') FROM hall.signer_revocation_act(:'r', 'confirm_revocation')), '事项 申请 证书序列号 证书主体 证书有效期至 业务单 吊销原因 申请人 申请时间', 'and the confirmation');
SELECT is((SELECT string_agg(DISTINCT w || ' ' || (a.staff = CASE w WHEN 'revoke' THEN :'one'::uuid ELSE :'two' END AND a.signature = '\x05' AND a.note = '\x00'), ',')
             FROM unnest(ARRAY['revoke', 'confirm_revocation']) w, hall.signer_revocation_act(:'r', w) a), 'confirm_revocation true,revoke true', 'with the signature of each, and the words of the first');
SELECT ok(:'r' IN (SELECT id FROM hall.signer_revocations() AS id), 'it is to be checked');
SAVEPOINT unchecked;
SELECT hall.signer_revocation_checked(:'r', NULL);
SELECT ok(:'r' NOT IN (SELECT id FROM hall.signer_revocations() AS id), 'once');
SELECT is((SELECT hall.published_reason(c) FROM hall.certificate c WHERE id = :'c'), 'cessation', 'what holds is published as it is');
ROLLBACK TO unchecked;
SELECT hall.signer_revocation_checked(:'r', '签署没有通过核验');
SELECT is(pg_temp.is_now(:'c') || ' ' || (SELECT hall.published_reason(c) FROM hall.certificate c WHERE id = :'c'), 'revoked cessation hold', 'what does not hold is given out as a hold');
SELECT ok(EXISTS (SELECT FROM hall.audit WHERE subject = :'c' AND detail ->> 'act_refused' = '签署没有通过核验'), 'which is in the trail');
SELECT is((hall.revocation_row(r) ->> 'refused'), '签署没有通过核验', 'and stands beside the revocation') FROM hall.revocation r WHERE id = :'r';
ROLLBACK TO unchecked;
SELECT pg_temp.be_staff(:'two', 'reviewer');
SELECT is(pg_temp.outcome(format('DELETE FROM hall.act WHERE subject = %L', :'r')), 'P0001', 'an act is not deleted');
SELECT is(pg_temp.outcome(format('UPDATE hall.act SET staff = %L WHERE subject = %L', :'one', :'r')), 'P0001', 'or given to another');
SELECT is(pg_temp.outcome(format('UPDATE hall.act SET signature = ''\x06'' WHERE subject = %L', :'r')), 'P0001', 'or signed anew');
SELECT hall.erase_order(pg_temp.order_of(:'c'), 'order');
SELECT is((SELECT count(*) FROM hall.act WHERE order_id = pg_temp.order_of(:'c') AND statement IS NULL), 3::bigint, 'their statements go with the order');

SELECT pg_temp.fresh() AS c \gset
SELECT pg_temp.be_staff(:'one', 'reviewer');
SELECT pg_temp.ask(:'c') AS r \gset
SELECT hall.revocation_decide(:'r', 'withdrawn', NULL, NULL);
SELECT is((SELECT state FROM hall.revocation WHERE id = :'r'), 'withdrawn', 'who asked may withdraw');
SELECT pg_temp.ask(:'c') AS r \gset
SELECT pg_temp.be_staff(:'two', 'reviewer');
SELECT hall.revocation_decide(:'r', 'refused', '\x01', NULL);
SELECT is((SELECT state FROM hall.revocation WHERE id = :'r') || ' ' || pg_temp.is_now(:'c'), 'refused valid', 'the second person may refuse');
UPDATE hall.staff SET active = false WHERE id = :'two';
SELECT pg_temp.be_staff(:'one', 'reviewer');
SELECT pg_temp.ask(:'c') AS r \gset
SELECT pg_temp.be_staff(:'two', 'reviewer');
SELECT is(pg_temp.outcome(format('SELECT hall.revocation_decide(%L, ''done'', NULL, pg_temp.signed())', :'r')), 'CH403', 'staff that were switched off confirm nothing');
UPDATE hall.staff SET active = true WHERE id = :'two';

-- ---- staff hold after a call ----
SELECT pg_temp.fresh() AS c \gset
SELECT pg_temp.be_staff(:'clerk', 'finance');
SELECT is(pg_temp.outcome(format('SELECT hall.certificate_hold(gen_random_uuid(), %L, NULL)', :'c')), '23514', 'who called stands in the note');
SELECT pg_temp.hold(:'c');
SELECT is(pg_temp.is_now(:'c'), 'hold hold', 'one person holds at once');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.hold(%L)', :'c')), 'CH409', 'once');
SELECT is((SELECT event FROM hall.message WHERE order_id = pg_temp.order_of(:'c')), 'certificate_held', 'the agent is told');
SELECT pg_temp.age(:'c', '23 hours 59 minutes');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.release(%L)', :'c')), 'ok', 'another one releases within the day');
SAVEPOINT held;
SELECT pg_temp.be_staff(:'one', 'reviewer');
SELECT pg_temp.ask(:'c');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.release(%L)', :'c')), 'CH409', 'but nobody alone while a revocation is asked for');
ROLLBACK TO held;
SELECT pg_temp.release(:'c');
SELECT is(pg_temp.is_now(:'c'), 'valid', 'valid again, without a reason');
SELECT pg_temp.hold(:'c');
SELECT pg_temp.age(:'c', '24 hours');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.release(%L)', :'c')), 'CH403', 'after it only reviewers ask');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.revocation (id, certificate, kind, staff, note, state, ended_at) VALUES (gen_random_uuid(), %L, ''release'', %L, '''', ''done'', now())', :'c', :'clerk')),
          'CH409', 'the table refuses a release by one');
SELECT pg_temp.be_staff(:'one', 'reviewer');
SELECT pg_temp.release(:'c');
SELECT is(pg_temp.is_now(:'c') || ' ' || (SELECT state FROM hall.revocation WHERE certificate = :'c' ORDER BY number DESC LIMIT 1), 'hold hold asked', 'a reviewer''s release waits for another one');
SELECT id AS r FROM hall.revocation WHERE certificate = :'c' AND state = 'asked' \gset
SELECT is(pg_temp.outcome(format('SELECT hall.revocation_decide(%L, ''done'', NULL, pg_temp.signed())', :'r')), 'CH403', 'not the same one');
SELECT pg_temp.be_staff(:'two', 'reviewer');
SELECT hall.revocation_decide(:'r', 'done', NULL, pg_temp.signed());
SELECT is(pg_temp.is_now(:'c'), 'valid', 'two release');

-- ---- a pair moves together ----
SELECT pg_temp.new_certificate(pg_temp.order_of(:'c'), '{"key_use": "encryption"}') AS e \gset
SELECT pg_temp.hold(:'e');
SELECT is(pg_temp.is_now(:'c') || ',' || pg_temp.is_now(:'e'), 'hold hold,hold hold', 'both halves are held');
SELECT is((SELECT count(*) FROM hall.revocation WHERE certificate IN (:'c', :'e') AND kind = 'hold' AND ended_at = now()), 1::bigint, 'by one row');
SELECT pg_temp.be_staff(:'one', 'reviewer');
SELECT is((SELECT way FROM hall.holding((SELECT x FROM hall.certificate x WHERE id = :'c'))), 'staff', 'under which either half stands');
SELECT pg_temp.ask(:'c', 'key_compromise') AS r \gset
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L)', :'e')), 'CH409', 'a request for one is one for both');
SELECT pg_temp.be_staff(:'two', 'reviewer');
SELECT hall.revocation_decide(:'r', 'done', NULL, pg_temp.signed());
SELECT is(pg_temp.is_now(:'c') || ',' || pg_temp.is_now(:'e'), 'revoked key_compromise,revoked key_compromise', 'and both are revoked');

-- ---- the account that owns the order ----
SELECT pg_temp.fresh() AS c \gset
SELECT pg_temp.be_applicant(:'stranger', :'project');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.report(%L)', :'c')), 'CH404', 'a stranger finds no order');
SELECT is(hall.my_losses(pg_temp.order_of(:'c')), NULL, 'nor its certificates');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT hall.loss_report(gen_random_uuid(), %L, ''0000000000000000'')', pg_temp.order_of(:'c'))), 'CH404', 'a serial number of its own');
SELECT is(pg_temp.outcome(format('SELECT hall.loss_report(gen_random_uuid(), %L, lower(%L))', pg_temp.order_of(:'c'), pg_temp.serial_of(:'c'))), 'CH404', 'compared as typed');
SELECT is(hall.my_losses(pg_temp.order_of(:'c'))::jsonb #>> '{items,0,can}', '["report"]', 'the owner may report it');
SELECT pg_temp.report(:'c');
SELECT is(pg_temp.is_now(:'c'), 'hold hold', 'held at once');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.report(%L)', :'c')), 'CH409', 'once');
SELECT is(hall.my_losses(pg_temp.order_of(:'c'))::jsonb #>> '{items,0,can}', '["undo"]', 'and may undo it');
SELECT pg_temp.be_staff(:'one', 'reviewer');
SELECT pg_temp.release(:'c');
SELECT is(pg_temp.is_now(:'c'), 'hold hold', 'staff do not undo it alone: it becomes a request');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.undo(:'c');
SELECT is(pg_temp.is_now(:'c'), 'valid', 'the same account does');
SELECT is((SELECT string_agg(state, ',') FROM hall.revocation WHERE certificate = :'c' AND staff IS NOT NULL), 'withdrawn', 'which ends the request to release');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.undo(%L)', :'c')), 'CH409', 'nothing is left to undo');
SELECT pg_temp.report(:'c');
SELECT pg_temp.age(:'c', '24 hours 1 minute');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.undo(%L)', :'c')), 'CH409', 'not after the day');
SELECT is(hall.my_losses(pg_temp.order_of(:'c'))::jsonb #>> '{items,0,can}', '[]', 'and is told so');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.revocation (id, certificate, kind, account, state, ended_at) VALUES (gen_random_uuid(), %L, ''release'', %L, ''done'', now())', :'c', :'account')), 'CH409', 'the table refuses it');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.revocation (id, certificate, kind, reason, account, state, ended_at) VALUES (gen_random_uuid(), %L, ''revoke'', ''cessation'', %L, ''done'', now())', :'c', :'account')), '23514', 'an account revokes nothing');
SELECT pg_temp.fresh() AS c \gset
SELECT pg_temp.be_staff(:'clerk', 'finance');
SELECT pg_temp.hold(:'c');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.undo(%L)', :'c')), 'CH409', 'what staff hold the account does not release');
SELECT pg_temp.fresh() AS c \gset
SELECT pg_temp.report(:'c'), pg_temp.undo(:'c') FROM generate_series(1, 5);
SELECT is(pg_temp.outcome(format('SELECT pg_temp.report(%L)', :'c')), 'CH429', 'five times a day');
UPDATE hall.certificate SET not_before = now() - interval '2 years', not_after = now() - interval '1 day' WHERE id = :'c';
SELECT is(pg_temp.outcome(format('SELECT pg_temp.report(%L)', :'c')), 'CH409', 'an expired one is not lost any more');

-- ---- by phone authentication ----
CREATE FUNCTION pg_temp.loss(cert uuid, the_role text DEFAULT 'agent', kind text DEFAULT 'hold', number text DEFAULT NULL) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE new_id uuid := gen_random_uuid();
BEGIN
    PERFORM pg_temp.be('nobody', NULL, '{public}', (SELECT project FROM fixture));
    PERFORM hall.loss_start(new_id, cert, the_role, kind, coalesce(number, pg_temp.serial_of(cert)), sha256(new_id::text::bytea), '30 minutes', 100);
    RETURN new_id;
END $$;
CREATE FUNCTION pg_temp.be_link(identity uuid) RETURNS void LANGUAGE sql AS $$ SELECT pg_temp.be('link', identity, '{phone}', (SELECT project FROM fixture)) $$;
CREATE FUNCTION pg_temp.passes(i uuid) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.be_system();
    PERFORM pg_temp.agree(i), hall.identity_result(i, true, NULL, 'face');
    RETURN (SELECT state || ' ' || outcome FROM hall.identity WHERE id = i);
END $$;
SELECT pg_temp.fresh() AS c \gset
SELECT is((SELECT certificate FROM hall.loss_find(pg_temp.serial_of(:'c'))), :'c'::uuid, 'found by its serial number');
SELECT is_empty(format('SELECT * FROM hall.loss_find(lower(%L))', pg_temp.serial_of(:'c')), 'as typed');
SELECT pg_temp.loss(:'c') AS i \gset
SELECT is(pg_temp.is_now(:'c'), 'valid', 'a start holds nothing');
SELECT pg_temp.be_link(:'i');
SELECT is((SELECT concat_ws(' ', purpose, role, kind, serial, subject) FROM hall.link_identity), 'loss agent hold', 'nothing of the certificate is told before');
SELECT is(pg_temp.outcome('SELECT hall.identity_liveness(''t'')'), 'CH409', 'no liveness before the card');
SELECT hall.identity_card('front'), hall.identity_card('back'), pg_temp.agree(:'i');
SELECT is((SELECT carrier FROM hall.identity WHERE id = :'i'), true, 'the carrier is not asked');
SELECT is_empty(format('SELECT 1 FROM hall.outbox WHERE key = ''carrier/'' || %L', :'i'), 'by no job');
SELECT hall.identity_liveness('token');
SELECT is((SELECT role || ' ' || state FROM hall.identity_work(:'i')), 'agent pending', 'the runner is given the right person');
SELECT is(pg_temp.passes(:'i'), 'passed held', 'authenticated, it is held');
SELECT is(pg_temp.is_now(:'c'), 'hold hold', 'in truth');
SELECT is((SELECT way FROM hall.revocation WHERE certificate = :'c'), 'link', 'and stands in the register');
SELECT is((SELECT event FROM hall.message WHERE order_id = pg_temp.order_of(:'c')), 'certificate_held', 'the agent is told');
SELECT pg_temp.be_link(:'i');
SELECT is((SELECT concat_ws(' ', outcome, serial, held_at IS NOT NULL) FROM hall.link_identity), 'held ' || pg_temp.serial_of(:'c') || ' t', 'now the page may say which');
SELECT is((SELECT project FROM hall.identity WHERE id = :'i'), :'project'::uuid, 'on the page it began on');
SELECT pg_temp.be('link', :'i', '{phone}', NULL);
SELECT is_empty('SELECT * FROM hall.link_identity', 'and on no other');
SELECT is(pg_temp.passes(pg_temp.loss(:'c')), 'passed held_before', 'a second report changes nothing');
SELECT is(pg_temp.passes(pg_temp.loss(:'c', 'legal', 'release')), 'passed other_way', 'another person does not undo it');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.undo(%L)', :'c')), 'CH409', 'nor does the account');
SELECT is(pg_temp.passes(pg_temp.loss(:'c', 'agent', 'release')), 'passed released', 'the same person does');
SELECT is(pg_temp.is_now(:'c'), 'valid', 'in truth');
SELECT is(pg_temp.passes(pg_temp.loss(:'c', 'agent', 'release')), 'passed not_held', 'once');
SELECT pg_temp.passes(pg_temp.loss(:'c', 'legal'));
SELECT pg_temp.age(:'c', '24 hours');
SELECT is(pg_temp.passes(pg_temp.loss(:'c', 'legal', 'release')), 'passed late', 'not after the day');
SELECT is(pg_temp.is_now(:'c'), 'hold hold', 'it stays held');
SELECT is((SELECT phone_state FROM hall.orders WHERE id = pg_temp.order_of(:'c')), 'passed', 'the order''s own authentication is untouched');

SELECT pg_temp.loss(NULL, 'agent', 'hold', 'FFFFFFFFFFFFFFFF') AS i \gset
SELECT pg_temp.be_link(:'i');
SELECT is((SELECT purpose || ' ' || step FROM hall.link_identity), 'loss card', 'a serial number that leads nowhere has a link as well');
SELECT hall.identity_refused(), hall.identity_refused(), hall.identity_refused(), hall.identity_refused();
SELECT is((SELECT state FROM hall.identity WHERE id = :'i'), 'pending', 'four wrong cards');
SELECT hall.identity_refused();
SELECT is((SELECT state FROM hall.identity WHERE id = :'i'), 'void', 'the fifth makes it void');
SELECT is(pg_temp.outcome('SELECT hall.identity_card(''back'')'), 'CH410', 'then it takes nothing');
SELECT pg_temp.fresh() AS c \gset
SELECT pg_temp.loss(:'c') AS i \gset
SELECT hall.identity_result(:'i', false, '人脸核身未通过', 'face');
SELECT is((SELECT state FROM hall.identity WHERE id = :'i') || ' ' || pg_temp.is_now(:'c'), 'failed valid', 'who fails holds nothing');
SELECT pg_temp.loss(NULL, 'agent', 'hold', 'EEEEEEEEEEEEEEEE') FROM generate_series(1, 10);
SELECT is(pg_temp.outcome('SELECT pg_temp.loss(NULL, ''agent'', ''hold'', ''EEEEEEEEEEEEEEEE'')'), 'ok', 'a start alone blocks nobody');
UPDATE hall.identity SET refusals = 1 WHERE serial = 'EEEEEEEEEEEEEEEE';
SELECT is(pg_temp.outcome('SELECT pg_temp.loss(NULL, ''agent'', ''hold'', ''EEEEEEEEEEEEEEEE'')'), 'CH429', 'ten refused a day for a serial number, there or not');
SELECT is(pg_temp.outcome(format('SELECT hall.loss_start(gen_random_uuid(), NULL, ''agent'', ''hold'', ''DDDDDDDDDDDDDDDD'', ''\x01'', ''30 minutes'', %s)',
          (SELECT count(*) FROM hall.identity WHERE address = '192.0.2.1'))), 'CH429', 'and so many an hour for an address');

-- ---- a payment that came back: the held one ends with the issuance of the next ----
SELECT pg_temp.fresh('{"state": "produced", "finauth": "succeeded"}') AS c \gset
SELECT pg_temp.order_of(:'c') AS o \gset
INSERT INTO hall.pin (order_id, generation, state) VALUES (:'o', 1, 'void');
INSERT INTO hall.payout (order_id, number, yur_ref, generation, state) VALUES (:'o', 1, 'tap' || :'o', 1, 'succeeded') RETURNING id AS payout \gset
SELECT pg_temp.be_system();
SELECT hall.payout_state(:'payout', 'returned', '户名不符');
SELECT is(pg_temp.is_now(:'c'), 'hold hold', 'held by the system');
SELECT is((SELECT way FROM hall.revocation WHERE certificate = :'c'), 'system', 'which stands in the register');
SELECT is_empty(format('SELECT 1 FROM hall.message WHERE order_id = %L AND event LIKE ''certificate%%''', :'o'), 'and is nobody''s concern: the token has not left');
SELECT pg_temp.be_staff(:'one', 'reviewer');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.release(%L)', :'c')), 'CH409', 'staff do not release it');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.undo(%L)', :'c')), 'CH409', 'nor the owner');
SELECT pg_temp.be_system();
SELECT pg_temp.issuing(:'o', jsonb_build_object('replaces', :'c')) AS n \gset
SELECT is(pg_temp.is_now(:'c'), 'hold hold', 'while its successor is made it stays so');
SELECT pg_temp.issued(:'n');
SELECT is(pg_temp.is_now(:'c') || ',' || pg_temp.is_now(:'n'), 'revoked superseded,valid', 'then it is revoked, superseded');
SELECT is_empty(format('SELECT 1 FROM hall.message WHERE order_id = %L AND event LIKE ''certificate%%''', :'o'), 'without a word to anybody');

-- ---- reissue ----
CREATE FUNCTION pg_temp.reissue(old uuid, more jsonb DEFAULT '{}') RETURNS uuid LANGUAGE sql AS $$
    SELECT pg_temp.new_order(project, account, '{"state": "accepted", "unit_hash": "\\x01"}' || jsonb_build_object('replaces', old) || more) FROM fixture $$;
SELECT pg_temp.fresh('{"unit_hash": "\\x01"}') AS c \gset
SELECT pg_temp.new_certificate(pg_temp.order_of(:'c'), '{"key_use": "encryption"}') AS e \gset
SELECT pg_temp.reissue(:'c') AS o \gset
SELECT is(pg_temp.outcome(format('SELECT pg_temp.reissue(%L)', :'c')), '23505', 'one order replaces a certificate');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.issuing(%L, %L)', :'o', jsonb_build_object('replaces', pg_temp.fresh('{"unit_hash": "\\x01"}')))), 'CH409', 'the one that the order names');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.issuing(%L, %L)', pg_temp.order_of(pg_temp.fresh('{"unit_hash": "\\x01"}')), jsonb_build_object('replaces', :'c'))), 'CH409', 'an order that names none replaces none');
SELECT pg_temp.be_system();
SELECT pg_temp.issuing(:'o', jsonb_build_object('replaces', :'c')) AS n \gset
SELECT pg_temp.issuing(:'o', jsonb_build_object('replaces', :'e', 'key_use', 'encryption')) AS m \gset
SELECT is(pg_temp.is_now(:'c'), 'valid', 'as long as it is being issued the old one is valid');
SAVEPOINT before;
SELECT pg_temp.issued(:'n');
SELECT is(pg_temp.is_now(:'c') || ',' || pg_temp.is_now(:'e') || ',' || pg_temp.is_now(:'n'), 'revoked superseded,revoked superseded,valid', 'the new one is valid, the old pair revoked: one statement');
ROLLBACK TO before;
SELECT is(pg_temp.is_now(:'c') || ',' || pg_temp.is_now(:'e') || ',' || pg_temp.is_now(:'n'), 'valid,valid,issuing', 'rolled back, both are untouched');
SELECT is((SELECT count(*) FROM hall.revocation WHERE certificate = :'c'), 0::bigint, 'the register too');
SELECT pg_temp.issued(:'n'), pg_temp.issued(:'m');
SELECT is(pg_temp.is_now(:'c') || ',' || pg_temp.is_now(:'n') || ',' || pg_temp.is_now(:'m'), 'revoked superseded,valid,valid', 'the second half follows');
SELECT is((SELECT string_agg(way || ' ' || reason, ',') FROM hall.revocation WHERE certificate IN (:'c', :'e')), 'system superseded', 'one row');
SELECT is((SELECT count(*) FROM hall.message WHERE order_id = pg_temp.order_of(:'c') AND event = 'certificate_revoked'), 1::bigint, 'the agent is told of the old one''s end');
UPDATE hall.orders SET state = 'cancelled' WHERE id = :'o';
SELECT is(pg_temp.outcome(format('SELECT pg_temp.issuing(%L)', pg_temp.reissue(:'c'))), 'CH409', 'not twice');
SELECT pg_temp.fresh('{"unit_hash": "\\x02"}') AS other \gset
SELECT is(pg_temp.outcome(format('SELECT pg_temp.issuing(%L, %L)', pg_temp.reissue(:'other'), jsonb_build_object('replaces', :'other'))), 'CH403', 'not somebody else''s');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.issuing(pg_temp.reissue(%L, ''{"unit_hash": null}''))', pg_temp.fresh())), 'CH403', 'nor a nobody''s');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.issuing(pg_temp.reissue(%L, ''{"cert_type": "natural"}''))', pg_temp.fresh('{"unit_hash": "\\x01"}'))), 'CH403', 'nor of another kind of person');
SELECT is(pg_temp.is_now(:'other'), 'valid', 'which is untouched');
SELECT pg_temp.fresh('{"unit_hash": "\\x01"}') AS c \gset
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.report(:'c');
SELECT pg_temp.be_system();
SELECT pg_temp.new_certificate(pg_temp.reissue(:'c'), jsonb_build_object('replaces', :'c')) AS n \gset
SELECT is(pg_temp.is_now(:'c'), 'revoked key_compromise', 'one that was reported lost is revoked for that reason');
SELECT pg_temp.fresh('{"unit_hash": "\\x01"}') AS c \gset
SELECT pg_temp.be_staff(:'one', 'reviewer');
SELECT pg_temp.ask(:'c', 'key_compromise') AS r \gset
SELECT pg_temp.be_system();
SAVEPOINT before;
SELECT pg_temp.new_certificate(pg_temp.reissue(:'c'), jsonb_build_object('replaces', :'c')) AS n \gset
SELECT is((SELECT state FROM hall.revocation WHERE id = :'r'), 'withdrawn', 'a reissue overtakes an open request');
ROLLBACK TO before;
SELECT pg_temp.be_staff(:'two', 'reviewer');
SELECT hall.revocation_decide(:'r', 'done', NULL, pg_temp.signed());
SELECT pg_temp.be_system();
SELECT is(pg_temp.outcome(format('SELECT pg_temp.new_certificate(pg_temp.reissue(%L))', :'c')), 'ok', 'one that was revoked as lost may still be reissued');
SELECT pg_temp.fresh('{"unit_hash": "\\x01"}') AS c \gset
SELECT pg_temp.be_staff(:'one', 'reviewer');
SELECT pg_temp.ask(:'c') AS r \gset
SELECT pg_temp.be_staff(:'two', 'reviewer');
SELECT hall.revocation_decide(:'r', 'done', NULL, pg_temp.signed());
SELECT is(pg_temp.outcome(format('SELECT pg_temp.issuing(pg_temp.reissue(%L))', :'c')), 'CH409', 'one that was revoked because it is not used any more may not');

-- ---- the audience of a reading ----
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(hall.desk_certificates(pg_temp.order_of(:'c')), NULL, 'the desk''s view is the desk''s');
SELECT is((hall.revocations_json(NULL, NULL, NULL, NULL, NULL, 10)::jsonb ->> 'total'), '0', 'so is the register');
SELECT is_empty(format('SELECT * FROM hall.revocation_read(%L)', :'r'), 'and its words');
SELECT is(hall.certificates_find(pg_temp.serial_of(:'c'), NULL, NULL, NULL, 20)::jsonb -> 'items', '[]', 'and the search');
SELECT pg_temp.be_staff(:'one', 'reviewer');
SELECT is((SELECT count(*) FROM hall.audit WHERE subject = :'c' AND detail ->> 'read' = 'found'), 0::bigint, 'nobody has looked it up');
SELECT is(hall.certificates_find(pg_temp.serial_of(:'c'), NULL, NULL, NULL, 20)::jsonb #>> '{items,0,state}', 'revoked', 'found by serial number');
SELECT is((SELECT actor FROM hall.audit WHERE subject = :'c' AND detail ->> 'read' = 'found'), 'staff:' || :'one', 'which is in its trail');
SELECT is(hall.certificates_find(NULL, NULL, NULL, NULL, 20)::jsonb -> 'items', '[]', 'asked for nothing, nothing is found');

SELECT * FROM finish();
ROLLBACK;
