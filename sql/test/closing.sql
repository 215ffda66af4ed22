-- An account that its owner closes.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS me, pg_temp.new_account() AS other \gset
SELECT phone_hash AS phone FROM hall.account WHERE id = :'me' \gset
UPDATE hall.account SET profile = '\x01', password = 'scrypt' WHERE id = :'me';
SELECT pg_temp.new_order(:'project', :'me', '{"state": "unpaid"}') AS open,
       pg_temp.new_order(:'project', :'me', '{"state": "cancelled", "subject": "某公司"}') AS cancelled,
       pg_temp.new_order(:'project', :'me', '{"state": "done", "paid": "paid", "subject": "某公司"}') AS done \gset
INSERT INTO hall.link (token_hash, purpose, subject, expires_at) VALUES (sha256('share'), 'share', :'done', now() + interval '1 day');
CREATE FUNCTION pg_temp.ask(phone bytea) RETURNS void LANGUAGE sql AS $$
    UPDATE hall.sms_code SET created_at = created_at - interval '61 seconds' WHERE phone_hash = phone;
    SELECT hall.sms_code_new(gen_random_uuid(), phone, 'close', sha256('right'), 100, 1000, gen_random_uuid(), '\x00') $$;
CREATE FUNCTION pg_temp.close(code text) RETURNS text LANGUAGE sql AS $$ SELECT hall.account_close(sha256(code::bytea), gen_random_uuid(), '\x00') $$;
SELECT hall.session_open(sha256('mine'), :'me', NULL, 'sms', 60, 7200), hall.session_open(sha256('theirs'), :'other', NULL, 'sms', 60, 7200);

SELECT pg_temp.be_applicant(:'me', NULL);
SELECT is((SELECT jsonb_path_query_array(hall.my_closing()::jsonb, '$.waits[*].id')), jsonb_build_array(:'open'), 'what is open stands in the way');
SELECT pg_temp.ask(:'phone');
SELECT is(pg_temp.outcome($$ SELECT pg_temp.close('right') $$), 'CH409', 'whatever the code');
UPDATE hall.orders SET state = 'cancelled' WHERE id = :'open';
UPDATE hall.orders SET refund = 'asked' WHERE id = :'done';
SELECT is(pg_temp.outcome($$ SELECT pg_temp.close('right') $$), 'CH409', 'so does a refund that was asked for');
UPDATE hall.orders SET refund = NULL WHERE id = :'done';
SELECT pg_temp.be('nobody', NULL, '{public}');
SELECT is(pg_temp.close('right'), 'expired', 'nobody closes nothing');
SELECT pg_temp.be_applicant(:'other', NULL);
SELECT is(pg_temp.close('right'), 'expired', 'nor does another account, whose code this is not');
SELECT pg_temp.be_applicant(:'me', NULL);
SELECT is(pg_temp.close('wrong'), 'wrong', 'a wrong code');
SELECT is((SELECT closed_at FROM hall.account WHERE id = :'me'), NULL, 'closes nothing');
SELECT is(pg_temp.close('right'), 'ok', 'closed');

SELECT is((SELECT concat_ws(' ', phone_mask, password, profile, length(phone_encrypted), phone_hash = :'phone', closed_at IS NOT NULL) FROM hall.account WHERE id = :'me'),
          '已注销 0 f t', 'nothing of the person is left in the row');
SELECT is((SELECT count(*) FROM hall.audit_key WHERE owner = :'me'), 0::bigint, 'nor can the trail be read for it');
SELECT is((SELECT detail #>> '{closed_at,1}' IS NOT NULL OR detail ? 'closed_at' FROM hall.audit WHERE subject = :'me' ORDER BY seq DESC LIMIT 1), true, 'which says that it was closed');
SELECT is((SELECT array_agg(account) FROM hall.session WHERE token_hash IN (sha256('mine'), sha256('theirs'))), ARRAY[:'other']::uuid[], 'its sessions have ended');
SELECT is((SELECT count(*) FROM hall.link WHERE token_hash = sha256('share')), 0::bigint, 'and the links that it gave out');
SELECT is((SELECT string_agg(subject || '/' || (erased_at IS NOT NULL), ' ' ORDER BY subject) FROM hall.orders WHERE account = :'me'), '/true /true 某公司/false',
          'what was cancelled is erased, what the law asks for stays');
SELECT is((SELECT text FROM hall.order_history WHERE order_id = :'cancelled' AND event = 'erased'), '账号已注销，个人信息与资料已删除', 'as its history says');
SELECT is((SELECT event FROM hall.message WHERE created_at = now() AND event = 'account_closed'), 'account_closed', 'the number is told');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.account (id, phone_hash, phone_encrypted, phone_mask) VALUES (gen_random_uuid(), %L, '''', ''x'')', :'phone')),
          'ok', 'and can register anew');

SELECT * FROM finish();
