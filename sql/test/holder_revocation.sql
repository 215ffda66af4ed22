-- Revocation by a person of the order: who may ask, what stands in the way, what an authentication does, and that an account alone revokes nothing.
\ir fixture.psql
SELECT no_plan();
INSERT INTO hall.ca (name, algorithm) VALUES ('sm2', 'sm2') ON CONFLICT DO NOTHING;
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account, pg_temp.new_account() AS stranger \gset
CREATE FUNCTION pg_temp.certify(wanted uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE c hall.certificate := jsonb_populate_record(NULL::hall.certificate, jsonb_build_object('id', gen_random_uuid(), 'order_id', wanted,
        'serial', upper(lpad(to_hex(nextval('counter')), 16, 'C')), 'ca', 'sm2', 'algorithm', 'sm2', 'state', 'issuing', 'item', 1,
        'key_use', 'signature', 'not_before', now() - interval '1 day', 'not_after', now() + interval '1 year', 'tbs_sm3', sha256('x'),
        'public_sha256', sha256(nextval('counter')::text::bytea), 'audit_seq', 0, 'audit_head', '\x00', 'unsigned', false));
BEGIN
    INSERT INTO hall.certificate SELECT c.*;
    UPDATE hall.certificate SET state = 'valid', certificate = '\x30', issued_at = clock_timestamp() WHERE id = c.id;
    RETURN c.id;
END $$;
CREATE FUNCTION pg_temp.asks(cert uuid, role text DEFAULT 'agent', why text DEFAULT 'cessation') RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE i uuid := gen_random_uuid();
BEGIN
    PERFORM FROM hall.certificate c, hall.revoke_form(c.order_id, c.serial) WHERE c.id = cert;
    PERFORM hall.revoke_start(i, c.order_id, c.serial, role, why, sha256(nextval('counter')::text::bytea), '30 minutes')
       FROM hall.certificate c WHERE c.id = cert;
    RETURN i;
END $$;
CREATE FUNCTION pg_temp.asked(cert uuid, role text DEFAULT 'agent', why text DEFAULT 'cessation') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.outcome(format('SELECT pg_temp.asks(%L, %L, %L)', cert, role, why)) $$;
CREATE FUNCTION pg_temp.is_now(cert uuid) RETURNS text LANGUAGE sql AS $$ SELECT concat_ws(' ', state, reason) FROM hall.certificate WHERE id = cert $$;

SELECT pg_temp.new_order(:'project', :'account', '{"state": "produced", "paid": "paid"}') AS o \gset
SELECT pg_temp.be_system();
SELECT pg_temp.certify(:'o') AS c \gset
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.asked(:'c'), 'CH409', 'not before it was handed over');
UPDATE hall.orders SET state = 'shipped' WHERE id = :'o';
SELECT is(pg_temp.asked(:'c'), 'ok', 'by its agent');
SELECT is(pg_temp.asked(:'c', 'legal', 'key_compromise'), 'ok', 'or its legal person');
SELECT is(pg_temp.asked(:'c', 'holder'), 'CH422 /role', 'a unit''s certificate has no holder');
SELECT is(pg_temp.asked(:'c', 'agent', why), 'CH422 /reason', 'not as ' || why) FROM unnest('{superseded,privilege_withdrawn,hold,nonsense}'::text[]) why;
SELECT pg_temp.be_applicant(:'stranger', :'project');
SELECT is(pg_temp.asked(:'c'), 'CH404', 'a stranger finds nothing');
SELECT is(hall.my_revocables(:'o'), NULL, 'and sees nothing');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(hall.my_revocables(:'o')::jsonb -> 'roles', '["agent", "legal"]', 'who may');
SELECT is((hall.my_revocables(:'o')::jsonb -> 'items' -> 0) - 'serial' - 'name', '{"can": true, "why": null, "seal": false, "asked": null, "state": "valid"}', 'and what');

-- ---- only the person revokes ----

SELECT pg_temp.asks(:'c') AS first \gset
SELECT pg_temp.asks(:'c', 'legal', 'affiliation_changed') AS i \gset
SELECT is((SELECT state FROM hall.identity WHERE id = :'first'), 'void', 'the last link alone is good');
SELECT is(pg_temp.is_now(:'c'), 'valid', 'asking does nothing');
SELECT pg_temp.be_system();
SELECT pg_temp.agree(:'first'), hall.identity_result(:'first', true, NULL, 'face');
SELECT is(pg_temp.is_now(:'c'), 'valid', 'nor does a void link');
SELECT hall.identity_result(:'i', false, 'another face', 'face');
SELECT is(pg_temp.is_now(:'c'), 'valid', 'nor a face that fails');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.asks(:'c', 'legal', 'affiliation_changed') AS i \gset
SELECT pg_temp.be_system();
SELECT pg_temp.agree(:'i'), hall.identity_result(:'i', true, NULL, 'face');
SELECT is(pg_temp.is_now(:'c'), 'revoked affiliation_changed', 'revoked, for that reason');
SELECT is((SELECT outcome FROM hall.identity WHERE id = :'i'), 'revoked_now', 'the page is told');
SELECT is((SELECT concat_ws(' ', kind, way, state, reason) FROM hall.revocation WHERE certificate = :'c'), 'revoke link done affiliation_changed', 'one row of the register');
SELECT is((SELECT string_agg(event || ' ' || recipient || ' ' || (detail ->> 'reason'), ', ') FROM hall.message WHERE order_id = :'o'), 'certificate_revoked agent 证书信息变更', 'told');
SELECT is_empty('SELECT hall.signer_revocations() EXCEPT SELECT id FROM hall.revocation WHERE staff IS NOT NULL', 'no act of staff is missing');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.asked(:'c'), 'CH409', 'once');
SELECT is(pg_temp.outcome(format('UPDATE hall.certificate SET state = ''valid'', reason = NULL WHERE id = %L', :'c')) <> 'ok', true, 'for good');

-- ---- holds, ends, days ----

SELECT pg_temp.new_order(:'project', :'account', '{"state": "done", "paid": "paid"}') AS h \gset
SELECT pg_temp.be_system();
SELECT pg_temp.certify(:'h') AS k \gset
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT hall.loss_report(gen_random_uuid(), :'h', (SELECT serial FROM hall.certificate WHERE id = :'k'));
SELECT is(pg_temp.asked(:'k'), 'ok', 'one that is on hold');
SELECT pg_temp.asks(:'k') AS i \gset
UPDATE hall.certificate SET not_after = now() WHERE id = :'k';
SELECT is(pg_temp.asked(:'k'), 'CH409', 'not one that has expired');
SELECT pg_temp.be_system();
SELECT pg_temp.agree(:'i'), hall.identity_result(:'i', true, NULL, 'face');
SELECT is((SELECT outcome FROM hall.identity WHERE id = :'i') || ' ' || pg_temp.is_now(:'k'), 'revoked_not hold hold', 'what has happened since the link was made counts');
UPDATE hall.certificate SET not_after = now() + interval '1 year' WHERE id = :'k';
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.asks(:'k') FROM generate_series(1, 4);
SELECT is(pg_temp.asked(:'k'), 'CH429', 'five times a day');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.revocation (id, certificate, kind, reason, account, state, ended_at) VALUES (gen_random_uuid(), %L, ''revoke'', ''cessation'', %L, ''done'', now())', :'k', :'account')),
          '23514', 'an account alone revokes nothing, whatever a program does');

SELECT * FROM finish();
ROLLBACK;
