-- The life of a PIN, move by move; what opens one and what does not; field keys that cannot be lost, and values that cannot be
-- stored under a key that is gone.
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account, pg_temp.new_staff('producer') AS producer,
       pg_temp.new_staff('producer') AS another, pg_temp.new_staff('reviewer') AS reviewer \gset

CREATE FUNCTION pg_temp.pin_in(wanted uuid, s text, k text DEFAULT 'file') RETURNS void LANGUAGE sql AS $$
    INSERT INTO hall.pin (order_id, generation, kind, state, kek, key, encrypted, fulfilled)
    SELECT wanted, coalesce((SELECT max(generation) FROM hall.pin WHERE order_id = wanted), 0) + 1, k, s,
           CASE WHEN there THEN 1 END, CASE WHEN there THEN '\x02'::bytea END, CASE WHEN there THEN '\x01'::bytea END,
           CASE WHEN s = 'confirmed' THEN '{production,sms}'::text[] ELSE '{}' END
      FROM (SELECT s IN ('made', 'opened', 'confirmed') AS there) x $$;
CREATE FUNCTION pg_temp.pin_of(wanted uuid) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', state, nullif(array_to_string(fulfilled, ','), ''), CASE WHEN encrypted IS NULL AND key IS NULL AND kek IS NULL THEN 'empty' END)
      FROM hall.pin WHERE order_id = wanted ORDER BY generation DESC LIMIT 1 $$;

-- ---- every move there is, and every other one refused ----

CREATE TEMP TABLE states AS SELECT unnest(ARRAY['wanted', 'made', 'opened', 'confirmed', 'void', 'destroyed']) AS s;
CREATE FUNCTION pg_temp.move(project uuid, account uuid, was text, becomes text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE o uuid := pg_temp.new_order(project, account, '{"state": "accepted", "paid": "paid"}');
BEGIN
    PERFORM pg_temp.pin_in(o, was);
    RETURN pg_temp.outcome(format('UPDATE hall.pin SET state = %L, fulfilled = CASE WHEN %2$L = ''confirmed'' THEN ''{production,sms}''::text[] ELSE fulfilled END,
        kek = 1, key = ''\x02'', encrypted = ''\x01'' WHERE order_id = %3$L', becomes, becomes, o));
END $$;
SELECT is(pg_temp.move(:'project', :'account', a.s, b.s), CASE WHEN t.from_state IS NULL THEN 'CH409' ELSE 'ok' END, a.s || ' to ' || b.s)
  FROM states a CROSS JOIN states b LEFT JOIN hall.pin_transition t ON t.from_state = a.s AND t.to_state = b.s WHERE a.s <> b.s;
SELECT is((SELECT count(*) FROM hall.pin_transition), 9::bigint, 'nine moves');

-- ---- openings ----

SELECT pg_temp.new_order(:'project', :'account', '{"state": "accepted", "paid": "paid"}') AS o \gset
SELECT is_empty(format('SELECT hall.pin_open(%L, NULL, ''production'', ''x'')', :'o'), 'there is none yet');
SELECT pg_temp.pin_in(:'o', 'wanted');
SELECT is_empty(format('SELECT hall.pin_open(%L, NULL, ''production'', ''x'')', :'o'), 'it is not made yet');
SELECT results_eq(format('SELECT generation, token, wanted FROM hall.signer_pin_wanted(%L)', :'o'), 'VALUES (1, false, true)', 'the signer is told what kind');
SELECT hall.signer_pin(:'o', 1, 3, '\x02', '\x01');
SELECT is(pg_temp.outcome(format('SELECT hall.signer_pin(%L, 1, 3, ''\x02'', ''\x01'')', :'o')), 'CH409', 'made once');
SELECT is(pg_temp.outcome(format('SELECT hall.signer_pin_open(%L, ''production'')', :'o')), 'CH409', 'no producer has asked');
SELECT pg_temp.be_staff(:'producer', 'producer');
UPDATE hall.orders SET producer = :'producer' WHERE id = :'o';
SELECT is(pg_temp.outcome(format('SELECT hall.signer_pin_open(%L, ''sms'')', :'o')), 'CH409', 'the signer opens for production alone');
SELECT is(pg_temp.outcome(format('SELECT hall.runner_pin_open(%L, NULL, %L, ''x'')', :'o', why)), 'CH409', 'nothing is under way for ' || why)
  FROM unnest(ARRAY['production', 'sms', 'remark']) why;
SELECT results_eq(format('SELECT * FROM hall.signer_pin_open(%L, ''production'')', :'o'), $$ VALUES (1, 3, '\x02'::bytea, '\x01'::bytea) $$, 'asked for, it is handed out');
SELECT is(pg_temp.pin_of(:'o'), 'opened', 'opened');
SELECT lives_ok(format('SELECT hall.signer_pin_open(%L, ''production'')', :'o'), 'again, after a crash');
SELECT is((SELECT string_agg(purpose || attempt, ' ' ORDER BY id) FROM hall.pin_ledger WHERE order_id = :'o'), 'production1 production2', 'each on record');
SELECT pg_temp.be_system();
SELECT hall.advance(:'o', 'produce');
SELECT is(pg_temp.pin_of(:'o'), 'opened production', 'produced: that purpose is fulfilled');
SELECT is(pg_temp.outcome(format('SELECT hall.pin_open(%L, NULL, ''production'', ''x'')', :'o')), 'CH409', 'and not opened again');
SELECT hall.tell(:'o', 'pin', 'agent', 'x');
SELECT is_empty(format('SELECT hall.runner_pin_open(%L, 2, ''sms'', ''x'')', :'o'), 'not another generation');
SELECT isnt_empty(format('SELECT hall.runner_pin_open(%L, NULL, ''sms'', ''139****0000'')', :'o'), 'for the message that is queued');
SELECT id AS m FROM hall.message WHERE order_id = :'o' AND event = 'pin' \gset
SELECT hall.message_sent(:'m', now(), NULL, 'refused by the vendor');
SELECT is(pg_temp.pin_of(:'o'), 'opened production', 'a message that was refused fulfils nothing');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT hall.desk_pin_send(:'o');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_pin_send(%L)', :'o')), 'CH409', 'not while it is on its way');
SELECT pg_temp.be_system();
SELECT id AS m FROM hall.message WHERE order_id = :'o' AND event = 'pin' AND state = 'queued' \gset
SELECT hall.message_sent(:'m', now(), 'serial', NULL);
SELECT is(pg_temp.pin_of(:'o'), 'confirmed production,sms', 'taken by the vendor: confirmed');
SELECT is(pg_temp.outcome(format('SELECT hall.pin_open(%L, NULL, %L, ''x'')', :'o', why)), CASE why WHEN 'remark' THEN 'ok' ELSE 'CH409' END, 'opened for ' || why)
  FROM unnest(ARRAY['production', 'sms']) why;
SELECT is(pg_temp.outcome(format('SELECT hall.desk_pin_send(%L)', :'o')), 'CH404', 'staff alone send it');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(hall.desk_pin(:'o'), NULL, 'an applicant sees nothing of it');
SELECT is((SELECT count(*) FROM hall.audit WHERE subject = :'o' AND detail ? 'pin'), 4::bigint, 'made, opened, sent again, confirmed: in the trail');

-- ---- orders that end, payments that come back ----

SELECT pg_temp.new_order(:'project', :'account', '{"state": "approved", "paid": "paid", "finauth": "queued"}') AS r \gset
SELECT pg_temp.pin_in(:'r', 'made');
SELECT pg_temp.be_system();
INSERT INTO hall.bank_account (order_id, cnaps, encrypted, masked, name) VALUES (:'r', '102584000010', '\x00', '*', '测试');
INSERT INTO hall.payout (id, order_id, number, yur_ref, generation) VALUES (gen_random_uuid(), :'r', 1, 'TAP-S1', 1) RETURNING id AS p \gset
SELECT isnt_empty(format('SELECT hall.runner_pin_open(%L, 1, ''remark'', ''*'')', :'r'), 'for the payout that is queued');
SELECT is(pg_temp.outcome(format('SELECT hall.runner_pin_open(%L, 2, ''remark'', ''*'')', :'r')), 'CH409', 'not for another one');
SELECT hall.payout_state(:'p', 'sent', NULL), hall.payout_state(:'p', 'succeeded', NULL);
SELECT is(pg_temp.pin_of(:'r'), 'opened remark', 'it has arrived');
SELECT hall.payout_state(:'p', 'returned', '账号不符');
SELECT is(pg_temp.pin_of(:'r'), 'void remark empty', 'it has come back: void at once, and nothing of it is left');

SELECT pg_temp.new_order(:'project', :'account', '{"state": "accepted", "paid": "paid"}') AS e \gset
SELECT pg_temp.pin_in(:'e', 'opened');
UPDATE hall.orders SET refund = 'done', state = 'refunded' WHERE id = :'e';
SELECT is(pg_temp.pin_of(:'e'), 'void empty', 'a refunded order keeps no PIN');

-- ---- destruction ----

SELECT pg_temp.new_order(:'project', :'account', '{"state": "shipped", "paid": "paid"}') AS d \gset
SELECT pg_temp.pin_in(:'d', 'opened');
UPDATE hall.pin SET fulfilled = '{remark,production}', state = 'confirmed' WHERE order_id = :'d';
INSERT INTO hall.payout (order_id, number, yur_ref, generation, state, ended_at) VALUES (:'d', 1, 'TAP-D1', 1, 'succeeded', now() - interval '4 days');
SELECT hall.pins_destroy();
SELECT is(pg_temp.pin_of(:'d'), 'confirmed remark,production', 'the payment may still come back');
UPDATE hall.payout SET ended_at = now() - interval '6 days' WHERE order_id = :'d';
SELECT hall.pins_destroy();
SELECT is(pg_temp.pin_of(:'d'), 'destroyed remark,production empty', 'then it is destroyed');
SELECT is(pg_temp.outcome(format('UPDATE hall.pin SET encrypted = ''\x01'', kek = 1 WHERE order_id = %L', :'d')), '23514', 'and cannot be put back');

-- ---- the key-encryption key of PINs ----

SELECT isnt_empty(format('SELECT FROM hall.signer_pins_old(4, 100) WHERE order_id = %L', :'o'), 'older than the newest');
SELECT hall.signer_pin_rewrapped(:'o', 1, 4, '\x03', '\x01');
SELECT is_empty(format('SELECT FROM hall.signer_pins_old(4, 100) WHERE order_id = %L', :'o'), 'wrapped anew');
SELECT hall.signer_pin_rewrapped(:'o', 1, 2, '\x04', '\x01');
SELECT is((SELECT kek FROM hall.pin WHERE order_id = :'o'), 4, 'never under an older one');
SELECT hall.signer_pin_rewrapped(:'d', 1, 4, '\x03', '\x01');
SELECT is(pg_temp.pin_of(:'d'), 'destroyed remark,production empty', 'what is destroyed stays so');

-- ---- a token's PIN ----

SELECT pg_temp.new_order(:'project', :'account', '{"state": "accepted", "paid": "paid"}') AS t \gset
SELECT pg_temp.pin_in(:'t', 'made', 'token');
INSERT INTO hall.review (order_id, staff, approved) VALUES (:'t', :'reviewer', true);
SELECT pg_temp.be_staff(:'reviewer', 'reviewer', 'producer');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_pin_box(%L, %L)', :'t', '\x04' || repeat('00', 64))), 'CH409', 'its reviewer does not produce it');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_pin_box(%L, ''\x04'')', :'t')), '23514', 'a key of the right length');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_pin_box(%L, %L)', :'o', '\x04' || repeat('00', 64))), 'CH409', 'a key file has none to be looked at');
SELECT hall.desk_pin_box(:'t', decode('04' || repeat('00', 64), 'hex'))::jsonb ->> 'id' AS box \gset
SELECT is(hall.desk_pin_take(:'t', :'box'), '{"box": null}', 'not there yet');
SELECT isnt_empty(format('SELECT hall.signer_pin_box(%L)', :'box'), 'the signer is told of it');
SELECT isnt_empty(format('SELECT hall.signer_pin_open(%L, ''production'')', :'t'), 'and opens the PIN for it');
SELECT hall.signer_pin_boxed(:'box', '\x0506');
SELECT is_empty(format('SELECT hall.signer_pin_box(%L)', :'box'), 'once');
SELECT pg_temp.be_staff(:'another', 'producer');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_pin_take(%L, %L)', :'t', :'box')), 'CH404', 'nobody else takes it');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_pin_box(%L, %L)', :'t', '\x04' || repeat('00', 64))), 'CH409', 'or opens one');
SELECT is(pg_temp.outcome(format('UPDATE hall.orders SET producer = %L WHERE id = %L', :'another', :'t')), 'CH403', 'or produces with a PIN that he does not know');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT is(hall.desk_pin_take(:'t', :'box'), '{"box": "BQY="}', 'it is taken');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_pin_take(%L, %L)', :'t', :'box')), 'CH410', 'once');
SELECT is((SELECT encrypted FROM hall.pin_box WHERE id = :'box'), NULL, 'and is gone');
UPDATE hall.orders SET producer = :'producer' WHERE id = :'t';
SELECT pg_temp.be_system();
SELECT hall.advance(:'t', 'produce');
SELECT is(pg_temp.pin_of(:'t'), 'opened', 'the token is still in the producer''s hands');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT lives_ok(format('SELECT hall.desk_pin_box(%L, %L)', :'t', '\x04' || repeat('00', 64)) || ' FROM generate_series(1, 4)', 'five times at most');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_pin_box(%L, %L)', :'t', '\x04' || repeat('00', 64))), 'CH409', 'not a sixth');
UPDATE hall.orders SET state = 'shipped' WHERE id = :'t';
SELECT is(pg_temp.pin_of(:'t'), 'opened production', 'it has left');

-- ---- field keys ----

SELECT is(hall.key_of('\x01000000070000000000000000000000000000000000000000000000000000000000'), 7, 'the key that a value names');
SELECT is(hall.key_of(v), NULL, 'no encrypted value') FROM unnest(ARRAY['\x', '\x0100000007', '\x02000000070000000000000000000000000000000000000000000000000000000000']::bytea[]) v;
INSERT INTO hall.data_key (id) VALUES (9001);
SELECT hall.data_key_part_new(9001, 'order', 1, '\x'), hall.data_key_part_new(9001, 'paper', 1, '\x');
SELECT is(pg_temp.outcome('SELECT hall.data_key_part_new(9001, ''paper'', 1, ''\x'')'), '23505', 'a data key has one part for a folder');
SELECT is((SELECT string_agg(folder, ',') FROM hall.data_keys('{paper,money}') WHERE id = 9001), 'paper', 'a program gets the parts of its folders');
UPDATE hall.orders SET form = '\x01000023290000000000000000000000000000000000000000000000000000000000' WHERE id = :'t';
SELECT is((SELECT form_data_key FROM hall.orders WHERE id = :'t'), 9001, 'a row names its key by itself');
SELECT is(pg_temp.outcome('DELETE FROM hall.data_key WHERE id = 9001'), '23503', 'a key that a value needs is not deleted');
SELECT is(pg_temp.outcome(format('UPDATE hall.orders SET form = %L WHERE id = %L', '\x010000232a0000000000000000000000000000000000000000000000000000000000', :'t')),
          '23503', 'and nothing is stored under one that is not there');
SELECT ok(NOT detail::text LIKE '%data_key%', 'the trail is of the value, not of the key') FROM hall.audit WHERE subject = :'t' ORDER BY id DESC LIMIT 1;
SELECT is(pg_temp.outcome('SELECT hall.data_key_next(hall.data_key_free(), ''0'')'), 'CH409', 'one rotation at a time');
SELECT hall.data_key_activate();
SELECT is((SELECT string_agg(id::text, ',') FROM hall.data_key WHERE active), '9001', 'the newest becomes active');
SELECT ok((SELECT bool_and(retired_at IS NOT NULL) FROM hall.data_key WHERE id <> 9001), 'the others are retired');
SELECT is(hall.data_keys_end('1 hour'), (SELECT count(*)::int FROM hall.data_key WHERE id <> 9001), 'and are kept a little');
SELECT is(hall.data_key_free(), 9002, 'a number is given once');
SELECT is(pg_temp.outcome(format('SELECT hall.data_key_rewrapped(9001, ''order'', %s, 5, ''\x'')', k)), o, 'rewrapped from ' || k) FROM (VALUES (1, 'ok'), (4, 'CH409')) v(k, o);
SELECT is((SELECT kek FROM hall.data_key_part WHERE data_key = 9001 AND folder = 'paper'), 1, 'the part of another folder is as it was');
SELECT is_empty($$ SELECT attrelid::regclass, attname FROM pg_attribute JOIN hall.encrypted_column s ON attrelid = ('hall.' || s."table")::regclass AND attname = s.key_column
                    WHERE NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conrelid = attrelid AND c.confrelid = 'hall.data_key'::regclass AND attnum = ANY (c.conkey)) $$,
                'each encrypted column is held to the keys');

SELECT * FROM finish();
ROLLBACK;
