-- The life of a PUK, move by move; who may ask for one and when; what opens it; how it ends.
\ir fixture.psql
SELECT no_plan();
INSERT INTO hall.ca (name, algorithm) VALUES ('sm2', 'sm2') ON CONFLICT DO NOTHING;
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account, pg_temp.new_account() AS stranger, pg_temp.new_staff('producer') AS producer \gset

CREATE FUNCTION pg_temp.puk_in(wanted uuid, s text) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO hall.pin (order_id, generation) VALUES (wanted, 1) ON CONFLICT DO NOTHING;
    INSERT INTO hall.puk (order_id, generation, item, state, kek, key, encrypted, released_at, ends_at)
    SELECT wanted, 1, 1, s, CASE WHEN there THEN 1 END, CASE WHEN there THEN '\x02'::bytea END, CASE WHEN there THEN '\x01'::bytea END,
           CASE s WHEN 'released' THEN now() END, CASE WHEN there THEN now() + interval '1 year' END FROM (SELECT s IN ('made', 'released') AS there) x
    RETURNING id $$;
CREATE FUNCTION pg_temp.puk_is(wanted uuid) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', state, CASE WHEN encrypted IS NULL AND key IS NULL AND kek IS NULL THEN 'empty' END) FROM hall.puk
     WHERE order_id = wanted ORDER BY generation DESC, item LIMIT 1 $$;
CREATE FUNCTION pg_temp.certify(wanted uuid, s text DEFAULT 'valid') RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE c hall.certificate := jsonb_populate_record(NULL::hall.certificate, jsonb_build_object('id', gen_random_uuid(), 'order_id', wanted,
        'serial', upper(lpad(to_hex(nextval('counter')), 16, 'B')), 'ca', 'sm2', 'algorithm', 'sm2', 'state', 'issuing', 'item', 1,
        'key_use', 'signature', 'not_before', now() - interval '1 day', 'not_after', now() + interval '1 year', 'tbs_sm3', sha256('x'),
        'public_sha256', sha256(nextval('counter')::text::bytea), 'audit_seq', 0, 'audit_head', '\x00', 'unsigned', false));
BEGIN
    INSERT INTO hall.certificate SELECT c.*;
    UPDATE hall.certificate SET state = s, certificate = '\x30', issued_at = clock_timestamp() WHERE id = c.id AND s <> 'issuing';
    RETURN c.id;
END $$;
CREATE FUNCTION pg_temp.unlock(wanted uuid, cert uuid) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.outcome(format('SELECT hall.unlock_start(gen_random_uuid(), %L, %L, sha256(nextval(''counter'')::text::bytea), ''30 minutes'')', wanted,
        (SELECT serial FROM hall.certificate WHERE id = cert))) $$;

-- The same for good: pg_temp.outcome undoes what it has tried.
CREATE FUNCTION pg_temp.asks(wanted uuid, cert uuid) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hall.unlock_start(gen_random_uuid(), wanted, (SELECT serial FROM hall.certificate WHERE id = cert), sha256(nextval('counter')::text::bytea), '30 minutes');
    RETURN 'ok';
END $$;

-- ---- every move there is, and every other one refused ----

CREATE TEMP TABLE states AS SELECT unnest(ARRAY['wanted', 'made', 'released', 'destroyed', 'void']) AS s;
CREATE FUNCTION pg_temp.move(project uuid, account uuid, was text, becomes text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE o uuid := pg_temp.new_order(project, account, '{"state": "accepted", "paid": "paid"}');
BEGIN
    RETURN pg_temp.outcome(format('UPDATE hall.puk SET state = %L, kek = 1, key = ''\x02'', encrypted = ''\x01'', ends_at = now(),
        released_at = CASE %1$L WHEN ''released'' THEN now() END WHERE id = %2$L', becomes, pg_temp.puk_in(o, was)));
END $$;
SELECT is(pg_temp.move(:'project', :'account', a.s, b.s), CASE WHEN (a.s, b.s) IN (('wanted', 'made'), ('wanted', 'void'), ('made', 'void'), ('made', 'released'),
    ('made', 'destroyed'), ('released', 'made'), ('released', 'destroyed')) THEN 'ok' ELSE 'CH409' END, a.s || ' to ' || b.s)
  FROM states a CROSS JOIN states b WHERE a.s <> b.s;

-- ---- made with the PIN, one for each token ----

SELECT pg_temp.new_order(:'project', :'account', '{"state": "approved", "paid": "paid"}') AS o \gset
SELECT pg_temp.be_system();
SELECT hall.want_pin(:'o');
SELECT is(pg_temp.puk_is(:'o'), 'wanted empty', 'wanted with the PIN');
SELECT p AS p FROM hall.signer_puks_wanted(:'o', 1) p \gset
SELECT is_empty(format('SELECT hall.signer_puks_wanted(%L, 2)', :'o'), 'not of another generation');
SELECT hall.signer_puk(:'p', 3, '\x02', '\x01');
SELECT is(pg_temp.puk_is(:'o'), 'made', 'made');
SELECT is(pg_temp.outcome(format('SELECT hall.signer_puk(%L, 3, ''\x02'', ''\x01'')', :'p')), 'CH409', 'once');
SELECT hall.want_pin(:'o');
SELECT is((SELECT string_agg(generation || state, ' ' ORDER BY generation) FROM hall.puk WHERE order_id = :'o'), '1void 2wanted', 'the next PIN has the next PUK');
SELECT ok((SELECT bool_and(encrypted IS NULL AND key IS NULL) FROM hall.puk WHERE order_id = :'o'), 'of the void one nothing is left');
SELECT hall.project_import((SELECT jsonb_build_object('slug', 'tap-file-puk', 'project_id', md5('puk'), 'name', '测试', 'title', '测试', 'form_title', '申请表', 'business', '["new"]'::jsonb,
    'login_ways', '["sms"]'::jsonb, 'self_registration', true, 'seal_mode', 'never', 'payment_ways', '["wechatpay"]'::jsonb, 'finauth', 'none', 'account_asked', 'form', 'couriers', '["sf"]'::jsonb,
    'courier_payment', 'collect', 'agreements', '[{"code": "service", "version": "2026-01"}]'::jsonb, 'steps', '[]'::jsonb, 'fields', '[]'::jsonb, 'papers', '[]'::jsonb,
    'types', '[{"cert_type": "institution", "name": "机构证书", "person": "institution", "medium": "file", "prices": [{"years": 1, "parts": [{"part": "certificate", "name": "证书费", "fen": 1}]}]}]'::jsonb))) AS files \gset
SELECT pg_temp.new_order(:'files', :'account', '{"state": "approved", "paid": "paid"}') AS f \gset
SELECT hall.want_pin(:'f');
SELECT is(pg_temp.puk_is(:'f'), NULL, 'a key file has none');

-- ---- opened for the page of the producer alone ----

SELECT pg_temp.new_order(:'project', :'account', '{"state": "accepted", "paid": "paid"}') AS b \gset
SELECT pg_temp.puk_in(:'b', 'made') AS bp \gset
SELECT is(pg_temp.outcome(format('SELECT hall.signer_puks_open(%L)', gen_random_uuid())), 'CH409', 'nobody has asked');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT hall.desk_pin_box(:'b', decode('04' || repeat('00', 64), 'hex'))::jsonb ->> 'id' AS box \gset
SELECT is((SELECT pin FROM hall.signer_pin_box(:'box')), false, 'a key file''s PIN is not in the box');
SELECT results_eq(format('SELECT id, item FROM hall.signer_puks_open(%L)', :'box'), format('VALUES (%L::uuid, 1)', :'bp'), 'handed out to the signer');
SELECT is((SELECT purpose || attempt || ' ' || recipient FROM hall.pin_ledger WHERE order_id = :'b'), 'puk1 ' || (SELECT name FROM hall.staff WHERE id = :'producer'), 'on record');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT is((hall.desk_pin(:'b')::jsonb -> 'puks' -> 0) - 'released_at', '{"item": 1, "state": "made"}', 'the desk sees how it stands');

-- ---- asked for by its holder ----

SELECT pg_temp.new_order(:'project', :'account', '{"state": "produced", "paid": "paid"}') AS s \gset
SELECT pg_temp.puk_in(:'s', 'made') AS sp \gset
SELECT pg_temp.be_system();
SELECT pg_temp.certify(:'s') AS c \gset
SELECT is((SELECT ends_at FROM hall.puk WHERE id = :'sp'), (SELECT not_after FROM hall.certificate WHERE id = :'c'), 'it ends with the certificate');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.unlock(:'s', :'c'), 'CH409', 'not before the token has left');
UPDATE hall.orders SET state = 'shipped' WHERE id = :'s';
SELECT pg_temp.be_applicant(:'stranger', :'project');
SELECT is(pg_temp.unlock(:'s', :'c'), 'CH404', 'a stranger finds nothing');
SELECT is(hall.my_unlocks(:'s'), NULL, 'and sees nothing');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is((hall.my_unlocks(:'s')::jsonb -> 'items' -> 0 ->> 'can'), 'true', 'the owner is told that it can be unlocked');
SELECT is(pg_temp.asks(:'s', :'c'), 'ok', 'and asks');
SELECT is(pg_temp.asks(:'s', :'c'), 'ok', 'again');
SELECT is((SELECT string_agg(state, ' ' ORDER BY state) FROM hall.identity WHERE certificate = :'c'), 'pending void', 'the last link alone is good');
SELECT is((SELECT count(*) FROM hall.link l JOIN hall.identity i ON i.id = l.subject WHERE i.certificate = :'c'), 1::bigint, 'the other one is gone');
SELECT is((SELECT role FROM hall.identity WHERE certificate = :'c' AND state = 'pending'), 'agent', 'the person to whom the PIN goes');
SELECT id AS i FROM hall.identity WHERE certificate = :'c' AND state = 'pending' \gset
SELECT pg_temp.be_system();
SELECT is(pg_temp.outcome(format('SELECT hall.runner_puk_open(%L, ''x'')', :'sp')), 'CH409', 'nothing is opened before the person has passed');
SELECT pg_temp.agree(:'i'), hall.identity_result(:'i', true, NULL, 'face');
SELECT is((SELECT outcome FROM hall.identity WHERE id = :'i'), 'puk_sent', 'passed');
SELECT is((SELECT string_agg(event || ' ' || recipient, ', ' ORDER BY event) FROM hall.message WHERE order_id = :'s'), 'puk agent', 'it goes to that person');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.unlock(:'s', :'c'), 'CH409', 'not while it is on its way');
SELECT pg_temp.be_system();
SELECT isnt_empty(format('SELECT hall.runner_puk_open(%L, ''139****0000'')', :'sp'), 'opened for the message');
SELECT is((SELECT purpose || ' ' || recipient FROM hall.pin_ledger WHERE order_id = :'s'), 'unlock 139****0000', 'on record');
SELECT id AS m FROM hall.message WHERE order_id = :'s' AND event = 'puk' \gset
SELECT is(pg_temp.outcome(format('SELECT hall.desk_message_send(%L)', :'m')), 'CH404', 'nobody sends it again');
SELECT hall.message_sent(:'m', now(), NULL, 'refused by the vendor');
SELECT is(pg_temp.puk_is(:'s'), 'made', 'a message that the vendor refused releases nothing');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.asks(:'s', :'c'), 'ok', 'so it can be asked for again');
SELECT id AS i FROM hall.identity WHERE certificate = :'c' AND state = 'pending' \gset
SELECT pg_temp.be_system();
SELECT pg_temp.agree(:'i'), hall.identity_result(:'i', true, NULL, 'face');
SELECT id AS m FROM hall.message WHERE order_id = :'s' AND event = 'puk' AND state = 'queued' \gset
SELECT hall.message_sent(:'m', now(), 'serial-puk', NULL);
SELECT is(pg_temp.puk_is(:'s'), 'released', 'taken by the vendor: released');
SELECT is((SELECT ends_at FROM hall.puk WHERE id = :'sp'), now() + hall.puk_rest(), 'kept a week for the case that it does not arrive');
SELECT is(pg_temp.outcome(format('SELECT hall.runner_puk_open(%L, ''x'')', :'sp')), 'CH409', 'not opened again');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.unlock(:'s', :'c'), 'CH409', 'nor asked for again');
SELECT pg_temp.be_system();
SELECT hall.message_report('serial-puk', false, 'UNREACHED', now());
SELECT is(pg_temp.puk_is(:'s'), 'made', 'it never got there');
SELECT is((SELECT ends_at FROM hall.puk WHERE id = :'sp'), (SELECT not_after FROM hall.certificate WHERE id = :'c'), 'and lives as long as the certificate again');

-- ---- what stands in the way ----

SELECT pg_temp.be_applicant(:'account', :'project');
UPDATE hall.certificate SET state = 'hold' WHERE id = :'c';
SELECT is(pg_temp.unlock(:'s', :'c'), 'CH409', 'a hold');
UPDATE hall.certificate SET state = 'valid' WHERE id = :'c';
SELECT is(pg_temp.asks(:'s', :'c'), 'ok', 'which has ended');
SELECT id AS i FROM hall.identity WHERE certificate = :'c' AND state = 'pending' \gset
UPDATE hall.certificate SET not_after = now() WHERE id = :'c';
SELECT is(pg_temp.unlock(:'s', :'c'), 'CH409', 'the end of its validity');
SELECT pg_temp.be_system();
SELECT pg_temp.agree(:'i'), hall.identity_result(:'i', true, NULL, 'face');
SELECT is((SELECT outcome FROM hall.identity WHERE id = :'i'), 'puk_gone', 'what has happened since the link was made counts');
UPDATE hall.certificate SET not_after = now() + interval '1 year' WHERE id = :'c';
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.asks(:'s', :'c'), 'ok', 'the fifth of the day');
SELECT is(pg_temp.unlock(:'s', :'c'), 'CH429', 'not a sixth');
SELECT pg_temp.new_order(:'project', :'account', '{"state": "done", "paid": "paid"}') AS old \gset
SELECT pg_temp.certify(:'old') AS oldc \gset
SELECT is(pg_temp.unlock(:'old', :'oldc'), 'CH409', 'a token from before there were PUKs');

-- ---- the end ----

SELECT pg_temp.be_system();
SELECT hall.pins_destroy();
SELECT is(pg_temp.puk_is(:'s'), 'made', 'while the certificate is valid, it stays');
UPDATE hall.certificate SET state = 'hold' WHERE id = :'c'; -- its payout came back
SELECT pg_temp.certify(:'s') AS again \gset
UPDATE hall.certificate SET state = 'revoked', reason = 'superseded' WHERE id = :'c';
SELECT hall.pins_destroy();
SELECT is(pg_temp.puk_is(:'s'), 'made', 'the same token has another certificate');
UPDATE hall.certificate SET state = 'revoked', reason = 'cessation' WHERE id = :'again';
SELECT hall.pins_destroy();
SELECT is(pg_temp.puk_is(:'s'), 'destroyed empty', 'revoked: nothing is left');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.unlock(:'s', :'c'), 'CH409', 'and nothing can be asked for');

-- ---- the key-encryption key ----

SELECT isnt_empty(format('SELECT FROM hall.signer_pins_old(4, 100000) WHERE order_id = %L AND generation = 0', :'bp'), 'older than the newest');
SELECT hall.signer_pin_rewrapped(:'bp', 0, 4, '\x03', '\x01');
SELECT is((SELECT kek FROM hall.puk WHERE id = :'bp'), 4, 'wrapped anew');
SELECT hall.signer_pin_rewrapped(:'bp', 0, 2, '\x04', '\x01');
SELECT is((SELECT kek FROM hall.puk WHERE id = :'bp'), 4, 'never under an older one');
SELECT is(pg_temp.outcome($$ INSERT INTO hall.mail_template (event, subject, body) VALUES ('puk', 'x', '{puk}') $$), '23514', 'it goes to no mailbox');
SELECT is(pg_temp.outcome($$ UPDATE hall.message_template SET recipients = '{holder}' WHERE event = 'puk' $$), '23514', 'and to nobody else');

SELECT * FROM finish();
ROLLBACK;
