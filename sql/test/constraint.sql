-- Rows that the constraints of the tables refuse.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account, pg_temp.new_staff('reviewer') AS reviewer,
       pg_temp.new_staff('producer') AS producer, pg_temp.new_staff('reviewer', 'producer') AS both \gset
SELECT pg_temp.new_order(:'project', :'account') AS o \gset

-- ---- projects ----
SELECT is(pg_temp.outcome(format('UPDATE hall.project SET slug = %L WHERE id = %L', word, :'project')), '23514', 'reserved: ' || word)
  FROM unnest(ARRAY['hall', 'desk', 'partner', 'ocsp', 'crl', 'healthz', 'metrics', 'assets', 'sandbox', 'notify', 'api', 'docs', 'index']) word;
SELECT is(pg_temp.outcome(format('UPDATE hall.project SET slug = %L WHERE id = %L', word, :'project')), '23514', 'no slug: ' || word)
  FROM unnest(ARRAY['', 'a', '1a', 'Ab', 'a b', 'a/b', 'a.b', '-a', 'ä1', repeat('a', 32)]) word;
SELECT is(pg_temp.outcome(format('UPDATE hall.project SET slug = %L WHERE id = %L', word, :'project')), 'ok', 'a slug: ' || word)
  FROM unnest(ARRAY['hunan-2', 'a1', 'casign-2', repeat('a', 31)]) word;
SELECT is(pg_temp.outcome(format('UPDATE hall.project SET slug = (SELECT slug FROM hall.project WHERE id <> %1$L LIMIT 1) WHERE id = %1$L', :'project')),
          '23505', 'one project a slug');
SELECT is(pg_temp.outcome(format('UPDATE hall.project SET %s WHERE id = %L', change, :'project')), '23514', change)
  FROM unnest(ARRAY['project_id = ''x''', 'login_ways = ''{}''', 'login_ways = ''{magic}''', 'seal_mode = ''maybe''', 'finauth = ''trust''',
                    'account_asked = ''never''', 'review_days = 0', 'ship_days = 0', 'courier_payment = ''none''']) change;
SELECT is(pg_temp.outcome(format('UPDATE hall.project SET payment_ways = ''{cash}'' WHERE id = %L', :'project')), 'CH422 /payment_ways', 'a way of paying that there is not');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.project_price VALUES (%L, ''institution'', %s, %L, ''x'', %s)', :'project', y, p, f)), '23514',
          format('price of %s years, part %s, %s fen', y, p, f))
  FROM (VALUES (6, 'medium', 1), (0, 'medium', 1), (2, 'bribe', 1), (2, 'medium', -1)) v(y, p, f);

-- ---- staff ----
SELECT is(pg_temp.outcome(format('SELECT pg_temp.new_staff(VARIADIC %L)', roles)), wanted, 'staff ' || roles) FROM (VALUES
    ('{admin}', 'ok'), ('{admin,auditor}', 'ok'), ('{reviewer,producer}', 'ok'), ('{reviewer,finance,producer,auditor}', 'ok'),
    ('{admin,reviewer}', '23514'), ('{admin,finance}', '23514'), ('{producer,admin}', '23514'),
    ('{}', '23514'), ('{applicant}', '23514'), ('{system}', '23514')) v(roles, wanted);
SELECT is(pg_temp.outcome(format('UPDATE hall.staff SET roles = roles || ''{admin}'' WHERE id = %L', :'reviewer')), '23514',
          'a reviewer is not made an administrator afterwards');
SELECT is(pg_temp.outcome(format('UPDATE hall.staff SET name = %L WHERE id = %L', name, :'reviewer')), '23514', 'staff name ' || name)
  FROM unnest(ARRAY['Admin', '1x', 'x', 'a b', 'a''b']) name;

-- ---- sessions and links ----
SELECT is(pg_temp.outcome(format('INSERT INTO hall.session (token_hash, audience, account, staff, made_by, address, expires_at, idle)
              VALUES (%s, %L, %L, %L, %L, '''', now(), 1800)', token, audience, a, s, way)), wanted, label)
  FROM (VALUES ('sha256(''1'')', 'hall', :'account', NULL, 'sms', 'ok', 'a session of an account'),
               ('sha256(''1'')', 'desk', NULL, :'reviewer', 'passkey', 'ok', 'a session of staff'),
               ('sha256(''2'')', 'desk', NULL, :'reviewer', 'password', '23514', 'staff by a password'),
               ('sha256(''2'')', 'hall', :'account', NULL, 'passkey', '23514', 'an account by a passkey'),
               ('sha256(''1'')', 'desk', :'account', NULL, 'sms', '23514', 'an account at the desk'),
               ('sha256(''1'')', 'hall', NULL, :'reviewer', 'passkey', '23514', 'staff in the hall'),
               ('sha256(''1'')', 'hall', :'account', :'reviewer', 'sms', '23514', 'both in one'),
               ('sha256(''1'')', 'hall', NULL, NULL, 'sms', '23514', 'nobody''s session'),
               ('''plain token''', 'hall', :'account', NULL, 'sms', '23514', 'a token that is not hashed'),
               ('sha256(''1'')', 'hall', :'account', NULL, 'trust', '23514', 'an unknown way')) v(token, audience, a, s, way, wanted, label);

-- ---- orders ----
SELECT is(pg_temp.outcome(format('UPDATE hall.orders SET %s WHERE id = %L', change, :'o')), wanted, change) FROM (VALUES
    ('number = ''12345678901234567''', '23514'), ('number = ''12345678901234567x''', '23514'), ('years = 0', '23514'), ('years = 6', '23514'),
    ('total = -1', '23514'), ('paid = ''maybe''', '23514'), ('finauth = ''trusted''', '23514'), ('phone_state = ''skipped''', '23514'),
    ('state = ''nowhere''', '23503'), ('account = gen_random_uuid()', '23503'), ('project = gen_random_uuid()', '23503')) v(change, wanted);
SELECT is(pg_temp.outcome(format('SELECT pg_temp.new_order(project, account, jsonb_build_object(''number'', number)) FROM hall.orders WHERE id = %L', :'o')),
          '23505', 'a number is given once');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.review (order_id, staff, approved, reasons) VALUES (%L, %L, %L, %L)', :'o', :'reviewer', a, r)), wanted, label)
  FROM (VALUES (true, NULL, 'ok', 'an approval'), (false, '[]', 'ok', 'a rejection'), (true, '[]', '23514', 'an approval with reasons'),
               (false, NULL, '23514', 'a rejection without')) v(a, r, wanted, label);

-- ---- no one person reviews and produces the same order ----
SELECT pg_temp.new_order(:'project', :'account', '{"state": "in_review", "paid": "paid", "finauth": "succeeded"}') AS r \gset
SELECT pg_temp.be_staff(:'both', 'reviewer', 'producer');
SELECT hall.approve(:'r', 1, NULL);
SELECT is(pg_temp.state_of(:'r'), 'accepted', 'somebody with both roles approves');
SELECT is(pg_temp.outcome(format('SELECT hall.produce(%L, %s)', :'r', pg_temp.version_of(:'r'))), 'CH403', 'and does not produce it');
SELECT is(pg_temp.outcome(format('UPDATE hall.orders SET producer = %L WHERE id = %L', :'both', :'r')), 'CH403', 'nor by a direct UPDATE');
SELECT is(pg_temp.outcome(format('UPDATE hall.orders SET producer = %L WHERE id = %L', :'producer', :'r')), 'ok', 'another one does');
SELECT pg_temp.new_order(:'project', :'account', jsonb_build_object('state', 'in_review', 'paid', 'paid', 'producer', :'both')) AS p \gset
SELECT is(pg_temp.outcome(format('SELECT hall.approve(%L, 1, NULL)', :'p')), 'CH403', 'who produced it before, does not approve it');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.review (order_id, staff, approved) VALUES (%L, %L, true)', :'p', :'both')), 'CH403',
          'nor by a direct INSERT');
SELECT is(pg_temp.outcome(format('SELECT hall.reject(%L, 1, ''[]'')', :'p')), 'CH403', 'nor rejects it');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.review (order_id, staff, approved) VALUES (%L, %L, true)', :'p', :'reviewer')), 'ok', 'another one does');

-- ---- payments ----
CREATE FUNCTION pg_temp.pay_row(wanted uuid, state text, tx text DEFAULT NULL) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hall.payment (id, order_id, channel, out_trade_no, total, state, transaction_id, expires_at)
    VALUES (gen_random_uuid(), wanted, 'wechatpay', 'TAP' || nextval('counter'), 1, state, tx, now()) $$;
SELECT pg_temp.pay_row(:'o', 'waiting'), pg_temp.pay_row(:'o', 'paid', 'tx1'), pg_temp.pay_row(:'o', 'closed'), pg_temp.pay_row(:'o', 'closed');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.pay_row(%L, ''waiting'')', :'o')), '23505', 'one open payment an order');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.pay_row(%L, ''paid'')', :'o')), '23505', 'one counted payment an order');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.pay_row(%L, ''refund_due'', ''tx2'')', :'o')), 'ok', 'what is too much stands beside it');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.pay_row(%L, ''refund_due'', ''tx1'')', :'r')), '23505', 'a transaction pays once');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.pay_row(%L, ''lost'')', :'r')), '23514', 'no other state');
SELECT is(pg_temp.outcome(format('UPDATE hall.payment SET total = 0 WHERE order_id = %L', :'o')), '23514', 'no payment of nothing');

-- ---- PINs and payouts ----
CREATE FUNCTION pg_temp.pin_row(wanted uuid, g int, state text, encrypted bytea) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hall.pin (order_id, generation, state, kek, encrypted) VALUES (wanted, g, state, 1, encrypted) $$;
SELECT is(pg_temp.outcome(format('SELECT pg_temp.pin_row(%L, %s, %L, %L)', :'o', g, s, b)), wanted, label) FROM (VALUES
    (1, 'wanted', NULL, 'ok', 'a PIN that is wanted'), (1, 'made', '\x01', 'ok', 'one that is made'), (1, 'void', NULL, 'ok', 'a void one'),
    (1, 'destroyed', NULL, 'ok', 'a destroyed one'), (1, 'made', NULL, '23514', 'made without a PIN'),
    (1, 'wanted', '\x01', '23514', 'wanted with a PIN'), (1, 'void', '\x01', '23514', 'a void PIN that is still there'),
    (1, 'destroyed', '\x01', '23514', 'a destroyed PIN that is still there'), (0, 'wanted', NULL, '23514', 'generation 0'),
    (1, 'lost', NULL, '23514', 'no other state')) v(g, s, b, wanted, label);
SELECT pg_temp.pin_row(:'o', 1, 'made', '\x01');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.pin_row(%L, 2, %L, %L)', :'o', s, b)), '23505', 'no second current PIN: ' || s)
  FROM (VALUES ('made', '\x01'), ('wanted', NULL)) v(s, b);
SELECT is(pg_temp.outcome(format('SELECT hall.pin_open(%L, 1, ''remark'', ''*'')', :'o')), 'ok', 'an opening for the remark');
SELECT is(pg_temp.outcome(format('SELECT hall.pin_open(%L, 1, ''curiosity'', ''*'')', :'o')), '23514', 'not for anything else');
SELECT is_empty(format('SELECT hall.pin_open(%L, 2, ''sms'', ''*'')', :'o'), 'nor of a PIN that is not there');
INSERT INTO hall.payout (order_id, number, yur_ref, generation) VALUES (:'o', 1, 'TAP-P1', 1);
SELECT is(pg_temp.outcome(format('INSERT INTO hall.payout (order_id, number, yur_ref, generation, state) VALUES (%L, %s, %L, %s, %L)', :'o', n, ref, g, s)),
          wanted, label) FROM (VALUES
    (2, 'TAP-P2', 1, 'queued', '23505', 'one open payout an order'), (1, 'TAP-P2', 1, 'failed', '23505', 'one payout a number'),
    (2, 'TAP-P1', 1, 'failed', '23505', 'our number towards the bank is given once'), (2, 'TAP-P2', 9, 'failed', '23503', 'each with a PIN'),
    (2, 'TAP-P2', 1, 'lost', '23514', 'no other state')) v(n, ref, g, s, wanted, label);

-- ---- certificates ----
INSERT INTO hall.ca (name, algorithm) VALUES ('sm2', 'sm2') ON CONFLICT DO NOTHING;
CREATE FUNCTION pg_temp.cert(wanted uuid, serial text, state text, der bytea) RETURNS void LANGUAGE sql AS $$
    INSERT INTO hall.certificate (serial, order_id, ca, algorithm, state, not_before, not_after, tbs_sm3, certificate, reason,
        revoked_at)
    VALUES (serial, wanted, 'sm2', 'sm2', state, now(), now() + interval '1 year', sha256(''), der,
        CASE state WHEN 'revoked' THEN 'unspecified' END, CASE state WHEN 'revoked' THEN now() END) $$;
SELECT is(pg_temp.outcome(format('SELECT pg_temp.cert(%L, %L, %L, %L)', :'o', n, s, b)), wanted, label) FROM (VALUES
    ('0123456789ABCDEF', 'issuing', NULL, 'ok', 'one being issued'), ('0123456789ABCDEF', 'valid', '\x01', 'ok', 'a valid one'),
    ('0123456789abcdef', 'issuing', NULL, '23514', 'a serial number in small letters'), ('0123456789ABCDE', 'issuing', NULL, '23514', '15 digits'),
    ('0123456789ABCDEF', 'issuing', '\x01', '23514', 'issuing, but there'), ('0123456789ABCDEF', 'valid', NULL, '23514', 'valid, but not there')) v(n, s, b, wanted, label);
SELECT pg_temp.cert(:'o', '0123456789ABCDEF', 'valid', '\x01'), pg_temp.cert(:'o', '0123456789ABCDE0', 'issuing', NULL);
SELECT is(pg_temp.outcome(format('SELECT pg_temp.cert(%L, %L, %L, %L)', :'o', n, s, b)), '23505', label) FROM (VALUES
    ('0123456789ABCDE1', 'valid', '\x01', 'one valid certificate an order'), ('0123456789ABCDE1', 'issuing', NULL, 'one being issued'),
    ('0123456789ABCDEF', 'revoked', '\x01', 'a serial number is given once')) v(n, s, b, label);
SELECT is(pg_temp.outcome(format('UPDATE hall.certificate SET not_after = not_before WHERE order_id = %L', :'o')), '23514', 'it is valid for some time');

-- ---- papers, keys, jobs ----
SELECT pg_temp.add_papers(:'o');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.add_papers(%L)', :'o')), '23505', 'one current paper in each place');
SELECT is(pg_temp.outcome('INSERT INTO hall.data_key (id, active) VALUES (900, true), (901, true)'), '23505', 'one data key is active');
SELECT hall.enqueue('test', 'tap/1', NULL), hall.enqueue('test', 'tap/1', NULL);
SELECT is((SELECT count(*) FROM hall.outbox WHERE key = 'tap/1'), 1::bigint, 'the same thing is asked for once');
SELECT hall.tell(:'o', 'approved', 'agent', '1'), hall.tell(:'o', 'approved', 'agent', '1'), hall.tell(:'o', 'approved', 'agent', '2');
SELECT is((SELECT count(*) FROM hall.message WHERE order_id = :'o' AND event = 'approved'), 2::bigint, 'a message goes once for each occasion');

SELECT * FROM finish();
ROLLBACK;
