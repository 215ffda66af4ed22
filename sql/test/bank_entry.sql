-- Transfers that prove who somebody is: codes, entries that are kept once, what each proves, and the one job that asks the bank.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account \gset
DELETE FROM hall.outbox WHERE kind = 'entries' AND state = 'due';
UPDATE hall.identity SET state = 'void' WHERE way = 'transfer' AND state = 'pending';
CREATE FUNCTION pg_temp.waits(code text, ready bool DEFAULT true) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    o uuid := pg_temp.new_order(current_setting('t.project')::uuid, current_setting('t.account')::uuid, '{"phone_state": "none"}');
    i uuid := gen_random_uuid();
BEGIN
    PERFORM pg_temp.be_applicant(current_setting('t.account')::uuid, current_setting('t.project')::uuid);
    PERFORM hall.identity_start(i, o, sha256(i::text::bytea), '30 minutes');
    UPDATE hall.identity SET front = ready, back = ready, carrier = true WHERE id = i;
    PERFORM pg_temp.be('link', i, '{phone}', current_setting('t.project')::uuid);
    IF code IS NOT NULL THEN
        PERFORM hall.identity_transfer(code);
    END IF;
    RETURN i;
END $$;
CREATE FUNCTION pg_temp.comes(number text, code text, same bool DEFAULT true, fen bigint DEFAULT 1, at timestamptz DEFAULT now()) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.be_system();
    PERFORM hall.entry_take(gen_random_uuid(), '2026-03-02', number, at, fen, '\x00', '张* **** **** 2222', code, same);
    RETURN (SELECT outcome FROM hall.bank_entry e WHERE e.number = comes.number);
END $$;
SELECT set_config('t.project', :'project', false), set_config('t.account', :'account', false);

-- ---- the code ----
SELECT pg_temp.waits(NULL, false) AS early \gset
SELECT is(pg_temp.outcome('SELECT hall.identity_transfer(''AAAA2222'')'), 'CH409', 'not before the card');
SELECT pg_temp.waits('AAAA2222') AS one \gset
SELECT is((SELECT concat_ws(' ', step, way, code) FROM hall.link_identity), 'transfer transfer AAAA2222', 'the page shows it');
SELECT is((SELECT array_agg(expires_at) FROM (SELECT expires_at FROM hall.identity WHERE id = :'one' UNION SELECT expires_at FROM hall.link WHERE subject = :'one'
            UNION SELECT ends_at FROM hall.proof_code WHERE identity = :'one') x), ARRAY[now() + interval '24 hours'], 'code, link and authentication last a day');
SELECT hall.identity_transfer('BBBB2222');
SELECT is((SELECT code FROM hall.link_identity), 'AAAA2222', 'who asks again keeps it');
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'entries' AND state = 'due'), 1::bigint, 'one job');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.proof_code VALUES (%L, %L, now(), now() + interval ''1 day'')', c, :'one')), '23514', 'no code: ' || c)
  FROM unnest('{AAAA222,AAAA22222,aaaa2222,AAAA222O,AAAA2221}'::text[]) c;
SELECT is(pg_temp.outcome(format('INSERT INTO hall.proof_code VALUES (''AAAA2222'', %L, now(), now() + interval ''1 day'')', :'early')), '23505', 'a code is given once');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome('SELECT hall.identity_transfer(''CCCC2222'')'), 'CH410', 'an applicant''s session is no link');
UPDATE hall.identity_way SET purposes = '{loss}' WHERE code = 'transfer';
SELECT pg_temp.be('link', :'one', '{phone}', :'project');
SELECT is(pg_temp.outcome('SELECT hall.identity_transfer(''CCCC2222'')'), 'CH409', 'nor where it is not offered');
UPDATE hall.identity_way SET purposes = '{phone,loss,legal,rebind,unlock,revoke}' WHERE code = 'transfer';

-- ---- what an entry proves ----
SELECT is(pg_temp.comes('N1', 'AAAA2222', same => false), 'other_name', 'another name');
SELECT is((SELECT concat_ws(' ', state, way, reason LIKE '%户名%') FROM hall.identity WHERE id = :'one'), 'failed transfer t', 'fails, and is told');
SELECT is(pg_temp.comes('N2', 'AAAA2222'), 'late', 'what has failed does not pass with the same code');
SELECT pg_temp.be('link', :'one', '{phone}', :'project');
UPDATE hall.proof_code SET made_at = made_at - interval '2 minutes' WHERE code = 'AAAA2222';
SELECT hall.identity_transfer('BBBB2222');
SELECT is(pg_temp.comes('N3', 'AAAA2222'), 'late', 'a code that was replaced');
SELECT is(pg_temp.comes('N4', 'BBBB2222', fen => 100), 'other_amount', 'another amount');
SELECT pg_temp.be('link', :'one', '{phone}', :'project');
UPDATE hall.proof_code SET made_at = made_at - interval '1 minute' WHERE code = 'BBBB2222';
SELECT hall.identity_transfer('DDDD2222');
SELECT is(pg_temp.comes('N5', 'DDDD2222', at => now() - interval '6 minutes'), 'late', 'from before the code was made');
SELECT is(pg_temp.comes('N6', 'DDDD2222', at => now() + interval '25 hours'), 'late', 'after its end');
SELECT is(pg_temp.comes('N7', 'DDDD2222', at => now() - interval '1 minute'), 'matched', 'the bank''s clock need not be ours');
SELECT is((SELECT concat_ws(' ', state, way, passed_at = now()) FROM hall.identity WHERE id = :'one'), 'passed transfer t', 'passes without a consent to a face');
SELECT is_empty(format('SELECT FROM hall.consent WHERE identity = %L', :'one'), 'of which there is none');
SELECT is(pg_temp.comes('N7', 'DDDD2222', same => false), 'matched', 'an entry that comes twice changes nothing');
SELECT is((SELECT count(*) FROM hall.bank_entry WHERE number = 'N7'), 1::bigint, 'and is kept once');
SELECT is((SELECT string_agg(detail ->> 'outcome', ' ' ORDER BY seq) FROM hall.audit WHERE subject = (SELECT order_id FROM hall.identity WHERE id = :'one') AND detail ? 'entry'),
          'other_name late late other_amount late late matched', 'each is in the trail');
SELECT is(pg_temp.comes('N8', NULL), 'no_code', '0.01 yuan without a code is kept');
SELECT is(pg_temp.comes('N9', NULL, fen => 2), NULL, 'other money is not');
SELECT pg_temp.waits('EEEE2222') AS gone \gset
UPDATE hall.identity SET state = 'void' WHERE id = :'gone';
SELECT is(pg_temp.comes('N10', 'EEEE2222'), 'late', 'a void authentication does not pass');
SELECT is((SELECT state FROM hall.identity WHERE id = :'gone'), 'void', 'and stays void');

-- ---- constraints ----
SELECT is(pg_temp.outcome('UPDATE hall.bank_entry SET fen = 2 WHERE number = ''N7'''), '23514', 'nothing but 0.01 yuan proves');
SELECT is(pg_temp.outcome('UPDATE hall.bank_entry SET outcome = ''no_code'' WHERE number = ''N7'''), '23514', 'a code is a code');
SELECT is(pg_temp.outcome('UPDATE hall.bank_entry SET outcome = ''late'' WHERE number = ''N8'''), '23514', 'and none is none');
SELECT is(pg_temp.outcome('UPDATE hall.bank_entry SET outcome = ''matched'' WHERE number IN (''N5'', ''N7'')'), '23505', 'a code proves once');
SELECT is(pg_temp.outcome('UPDATE hall.bank_entry SET number = ''N1'' WHERE number = ''N7'''), '23505', 'the bank''s number is there once a day');
SELECT is(pg_temp.outcome('UPDATE hall.bank_entry SET number = ''N1'', day = day + 1 WHERE number = ''N7'''), 'ok', 'and may be there again on another');
SELECT is(pg_temp.outcome('INSERT INTO hall.bank_cursor VALUES (false)'), '23514', 'one place in the bank''s list');

-- ---- what finance sees ----
SELECT is_empty('SELECT FROM hall.entries_list(NULL, 100)', 'the system is no member of staff');
SELECT pg_temp.be_staff(pg_temp.new_staff('finance'), 'finance');
SELECT is((SELECT string_agg(e."out"::jsonb ->> 'number', ' ' ORDER BY e."out"::jsonb ->> 'number') FROM hall.entries_list(NULL, 100) e WHERE e."out"::jsonb ->> 'number' ~ '^N\d'), 'N1 N10 N2 N3 N4 N5 N6 N8', 'what proved nothing');

-- ---- the job ----
SELECT pg_temp.be_system();
UPDATE hall.identity SET state = 'void' WHERE way = 'transfer' AND state = 'pending';
SELECT is_empty('SELECT FROM hall.entries_work()', 'nobody waits: the bank is not asked');
DELETE FROM hall.outbox WHERE kind = 'entries';
SELECT hall.entries_rest();
SELECT is_empty('SELECT FROM hall.outbox WHERE kind = ''entries''', 'and the job ends');
UPDATE hall.bank_cursor SET begins = NULL, cursor = NULL;
SELECT pg_temp.waits('FFFF2222') AS f \gset
SELECT pg_temp.be_system();
SELECT is((SELECT concat_ws(' ', (now() AT TIME ZONE 'Asia/Shanghai')::date - first, last - first, cursor IS NULL) FROM hall.entries_work()), '1 1 t', 'from yesterday');
SELECT hall.entries_read((SELECT first FROM hall.entries_work()), 'here');
SELECT is((SELECT cursor FROM hall.entries_work()), 'here', 'on from where the bank ended');
UPDATE hall.proof_code SET made_at = now() - interval '3 days' WHERE code = 'FFFF2222';
SELECT is((SELECT concat_ws(' ', last - first, cursor IS NULL, waits) FROM hall.entries_work()), '3 t 3 days', 'a code of before: from its day, anew');
UPDATE hall.outbox SET due_at = now() + interval '5 minutes' WHERE kind = 'entries' AND state = 'due';
SELECT pg_temp.waits('GGGG2222') AS g \gset
SELECT is((SELECT array_agg(due_at) FROM hall.outbox WHERE kind = 'entries' AND state = 'due'), ARRAY[now() + interval '10 seconds'], 'somebody new wakes the job that sleeps');
UPDATE hall.outbox SET due_at = now() + interval '90 seconds' WHERE kind = 'entries' AND state = 'due';
SELECT pg_temp.waits('HHHH2222') AS h \gset
SELECT is((SELECT array_agg(due_at) FROM hall.outbox WHERE kind = 'entries' AND state = 'due'), ARRAY[now() + interval '90 seconds'], 'but not one that is at work');
UPDATE hall.outbox SET state = 'done' WHERE kind = 'entries';
SELECT pg_temp.be_system();
SELECT hall.entries_rest();
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'entries' AND state = 'due'), 1::bigint, 'who has come while the job was ending is not forgotten');

-- ---- the end ----
SELECT order_id AS o FROM hall.identity WHERE id = :'one' \gset
SELECT hall.erase_order(:'o', 'order');
SELECT is((SELECT array_agg(DISTINCT concat(payer, masked)) FROM hall.bank_entry WHERE order_id = :'o'), ARRAY['\x'], 'payers go with their order');
UPDATE hall.bank_entry SET seen_at = now() - interval '181 days' WHERE number IN ('N8', 'N2');
SELECT is((SELECT array_agg(e.number) FROM hall.retention_due() d JOIN hall.bank_entry e ON e.id = d.subject), ARRAY['N8'], 'without an order after half a year');
SELECT hall.retention_step(100);
SELECT is_empty('SELECT FROM hall.bank_entry WHERE number = ''N8''', 'wholly');
SELECT * FROM finish();
ROLLBACK;
