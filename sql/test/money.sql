-- Transfers, and refunds that people ask for: two persons decide, amounts are whole, nothing happens twice, nothing is hidden.
\ir fixture.psql
SELECT no_plan();
SELECT is(ARRAY[hall.yuan(0), hall.yuan(7), hall.yuan(99999), hall.yuan(100000), hall.yuan(123456789)],
          '{0.00,0.07,999.99,"1,000.00","1,234,567.89"}'::text[], 'amounts are told with their thousands separated');
CREATE TEMP VIEW money_open AS SELECT * FROM hall.money_from(NULL, '-infinity', '00000000-0000-0000-0000-000000000000', 1000);
SELECT pg_temp.new_project('{"payment_ways": ["wechatpay", "transfer"], "finauth": "none",
           "gifts": [{"years": 1, "name": "充电宝", "needs_seal": false, "stock": 2}]}') AS project,
       pg_temp.new_account() AS account, pg_temp.new_account() AS stranger,
       pg_temp.new_staff('reviewer', 'finance') AS both, pg_temp.new_staff('reviewer') AS reviewer,
       pg_temp.new_staff('finance') AS f1, pg_temp.new_staff('finance') AS f2, pg_temp.new_staff('producer') AS producer \gset

CREATE FUNCTION pg_temp.unpaid(project uuid, account uuid, more jsonb DEFAULT '{}') RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE o uuid := pg_temp.new_order(project, account, jsonb_build_object('unit_hash', sha256(gen_random_uuid()::text::bytea)) || more);
BEGIN
    PERFORM pg_temp.be_applicant(account, project);
    PERFORM pg_temp.add_papers(o);
    PERFORM pg_temp.submit(o);
    RETURN o;
END $$;
CREATE FUNCTION pg_temp.put(wanted uuid, slot int DEFAULT 1, type text DEFAULT 'image/png', size int DEFAULT 10) RETURNS void LANGUAGE sql AS $$
    SELECT hall.voucher_put(pg_temp.stored(), wanted, slot, '凭证.png', type, size, sha256(''), '\x00') $$;
CREATE FUNCTION pg_temp.hand_in(wanted uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE p uuid := gen_random_uuid();
BEGIN
    PERFORM pg_temp.put(wanted);
    PERFORM hall.voucher_submit(p, wanted, pg_temp.version_of(wanted));
    RETURN p;
END $$;
CREATE FUNCTION pg_temp.confirm(entry uuid, wanted uuid, reference text, fen int DEFAULT 10000, matches bool DEFAULT true,
                                reason bytea DEFAULT NULL, day date DEFAULT '2026-01-05') RETURNS void LANGUAGE sql AS $$
    SELECT hall.transfer_confirm(entry, wanted, pg_temp.version_of(wanted), fen, day, reference, '\x01', matches, reason, pg_temp.signed()) $$;
CREATE FUNCTION pg_temp.refuse(wanted uuid) RETURNS void LANGUAGE sql AS $$
    SELECT hall.transfer_refuse(wanted, pg_temp.version_of(wanted), '没有收到这笔汇款') $$;
CREATE FUNCTION pg_temp.transferred(project uuid, account uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE o uuid := pg_temp.unpaid(project, account);
BEGIN
    PERFORM pg_temp.hand_in(o);
    RETURN o;
END $$;
CREATE FUNCTION pg_temp.entry_of(wanted uuid) RETURNS uuid LANGUAGE sql AS $$
    SELECT payment_id FROM hall.transfer WHERE order_id = wanted ORDER BY state = 'waiting' DESC LIMIT 1 $$;
CREATE FUNCTION pg_temp.money_of(wanted uuid) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', state, paid, refund) FROM hall.orders WHERE id = wanted $$;
CREATE FUNCTION pg_temp.stock(wanted uuid) RETURNS int LANGUAGE sql AS $$ SELECT stock FROM hall.project_gift WHERE project = wanted $$;
CREATE FUNCTION pg_temp.paid(project uuid, account uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    o uuid := pg_temp.unpaid(project, account);
    n text := 'TAP' || nextval('counter');
BEGIN
    PERFORM hall.payment_open(gen_random_uuid(), o, 'wechatpay', n);
    PERFORM pg_temp.be('nobody', NULL, '{vendor}');
    PERFORM hall.payment_paid(n, n || 'x', 10000, now());
    RETURN o;
END $$;
CREATE FUNCTION pg_temp.ask(wanted uuid) RETURNS void LANGUAGE sql AS $$
    SELECT hall.refund_ask(gen_random_uuid(), wanted, pg_temp.version_of(wanted), '\x02') $$;
CREATE FUNCTION pg_temp.approve_refund(wanted uuid) RETURNS void LANGUAGE sql AS $$
    SELECT hall.refund_approve(wanted, pg_temp.version_of(wanted), NULL, pg_temp.signed()) $$;
CREATE FUNCTION pg_temp.review_yes(wanted uuid) RETURNS void LANGUAGE sql AS $$
    SELECT hall.approve(wanted, pg_temp.version_of(wanted), NULL) $$;

-- ---- vouchers ----
SELECT pg_temp.unpaid(:'project', :'account') AS o \gset
SELECT is(pg_temp.outcome(format('SELECT hall.voucher_submit(gen_random_uuid(), %L, pg_temp.version_of(%1$L))', :'o')), 'CH422 /vouchers', '#151 without a voucher nothing is handed in');
SELECT pg_temp.put(:'o', 1), pg_temp.put(:'o', 2, 'application/pdf'), pg_temp.put(:'o', 3), pg_temp.put(:'o', 3);
SELECT is((SELECT count(*) FROM hall.voucher WHERE order_id = :'o'), 3::bigint, '#137 three files; one put again takes its own place');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.put(%L, 4)', :'o')), 'CH404', 'no fourth');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.voucher SELECT gen_random_uuid(), order_id, 3, NULL, '''', mime, 1, sha256, file_key FROM hall.voucher WHERE order_id = %L LIMIT 1', :'o')), '23505', 'not by two at once either');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.put(%L, 1, ''text/html'')', :'o')), '23514', 'nothing but pictures and PDF');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.put(%L, 1, ''image/png'', 2097153)', :'o')), '23514', 'and not beyond two MiB');
SELECT hall.voucher_delete(:'o', 2);
SELECT is(pg_temp.outcome(format('SELECT hall.voucher_delete(%L, 2)', :'o')), 'CH404', 'deleted once');
SELECT pg_temp.be_applicant(:'stranger', :'project');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.put(%L, 1)', :'o')) || pg_temp.outcome(format('SELECT hall.voucher_delete(%L, 1)', :'o')), 'CH404CH404', 'a stranger finds no order to pay for');
SELECT is((SELECT count(*) FROM hall.voucher_view(:'o', 1)), 0::bigint, 'nor a voucher to read');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT out_trade_no AS n FROM hall.payment_open(gen_random_uuid(), :'o', 'wechatpay', 'TAP-SWITCH') \gset
SELECT gen_random_uuid() AS p \gset
SELECT hall.voucher_submit(:'p', :'o', pg_temp.version_of(:'o'));
SELECT is(pg_temp.money_of(:'o'), 'in_review voucher', '#153 #155 handed in: the review begins, the money is looked for');
SELECT ok(due_at IS NOT NULL AND finauth IS NULL, '#156 the clock runs; a transfer needs no payout') FROM hall.orders WHERE id = :'o';
SELECT is((SELECT state FROM hall.payment WHERE out_trade_no = :'n'), 'closed', 'the QR code that was open is closed');
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'payment_close' AND subject = (SELECT id FROM hall.payment WHERE out_trade_no = :'n')), 1::bigint, 'at the vendor as well');
SELECT is(pg_temp.stock(:'project'), 1, 'the gift is kept from the voucher on');
SELECT is(pg_temp.outcome(format('SELECT hall.voucher_submit(gen_random_uuid(), %L, pg_temp.version_of(%1$L))', :'o'))
       || pg_temp.outcome(format('SELECT pg_temp.put(%L)', :'o')) || pg_temp.outcome(format('SELECT hall.voucher_delete(%L, 1)', :'o')), 'CH409CH409CH409', 'then nothing is added or taken away');
SELECT is(pg_temp.outcome(format('SELECT hall.payment_open(gen_random_uuid(), %L, ''wechatpay'', ''X'')', :'o')), 'CH409', 'nor paid online');
SELECT pg_temp.be('nobody', NULL, '{vendor}');
SELECT is(hall.payment_paid(:'n', 'tap-late', 10000, now()), 'refund_due', 'the closed code, paid all the same, goes back');
SELECT is((SELECT count(*) FROM hall.refund r JOIN hall.outbox b ON b.subject = r.id WHERE r.out_refund_no = 'R' || :'n'), 1::bigint, 'by the runner');
SELECT is(pg_temp.money_of(:'o'), 'in_review voucher', 'and counts for nothing');

-- ---- finance confirms ----
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.confirm(%L, %L, ''BANK-1'', 9999)', :'p', :'o')), 'CH422 /fen', 'a fen too little');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.confirm(%L, %L, ''BANK-1'', 10001)', :'p', :'o')), 'CH422 /fen', 'a fen too much');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.confirm(%L, %L, ''BANK-1'', 10000, false)', :'p', :'o')), 'CH422 /reason', '#152 G17 another payer wants a reason');
SELECT is(pg_temp.outcome(format('UPDATE hall.transfer SET state = ''confirmed'', staff = %L, decided_at = now(), day = ''2026-01-05'', payer = ''\x01'', payer_matches = false WHERE payment_id = %L', :'f1', :'p')), '23514', 'by the table itself');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.confirm(%L, %L, ''BANK-1'', day => ''2999-01-01'')', :'p', :'o')), 'CH422 /day', 'money of tomorrow');
SELECT is(pg_temp.outcome(format('SELECT hall.transfer_confirm(%L, %L, 1, 10000, ''2026-01-05'', ''BANK-1'', ''\x01'', true, NULL, pg_temp.signed())', :'p', :'o')), 'CH409', 'another version');
SELECT pg_temp.version_of(:'o') AS v \gset
SELECT pg_temp.confirm(:'p', :'o', 'BANK-1');
SELECT is(pg_temp.money_of(:'o') || ' ' || (SELECT state FROM hall.payment WHERE id = :'p'), 'in_review paid paid', 'confirmed');
SELECT is(pg_temp.outcome(format('SELECT hall.transfer_confirm(%L, %L, %s, 10000, ''2026-01-05'', ''BANK-2'', ''\x01'', true, NULL, pg_temp.signed())', :'p', :'o', :'v')), 'CH409', 'the second of two clerks comes too late');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.confirm(%L, %L, ''BANK-2'')', :'p', :'o')), 'CH409', 'with the right version, too');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.refuse(%L)', :'o')), 'CH409', 'confirmed is not refused any more');
SELECT pg_temp.transferred(:'project', :'account') AS t \gset
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.confirm(pg_temp.entry_of(%L), %1$L, ''BANK-1'')', :'t')), 'CH422 /reference', 'one entry of the bank pays for one order');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.payment (id, order_id, channel, out_trade_no, total, expires_at, transaction_id) VALUES (gen_random_uuid(), %L, ''transfer'', ''X'', 1, now(), ''BANK-1'')', :'t')), '23505', 'by the table itself');

-- ---- two persons ----
SELECT pg_temp.be_staff(:'both', 'reviewer', 'finance');
SELECT pg_temp.review_yes(:'t');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.confirm(pg_temp.entry_of(%L), %1$L, ''BANK-3'')', :'t')) || pg_temp.outcome(format('SELECT pg_temp.refuse(%L)', :'t')),
          'CH403CH403', 'who has reviewed does not decide about the money');
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT pg_temp.confirm(pg_temp.entry_of(:'t'), :'t', 'BANK-3');
SELECT is(pg_temp.money_of(:'t'), 'accepted paid', 'approved before, it goes on with the money');
SELECT pg_temp.transferred(:'project', :'account') AS u \gset
SELECT pg_temp.be_staff(:'both', 'reviewer', 'finance');
SELECT pg_temp.confirm(pg_temp.entry_of(:'u'), :'u', 'BANK-4', 10000, false, '\x05');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.review_yes(%L)', :'u')), 'CH403', 'nor the other way round');
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT is(pg_temp.outcome(format('SELECT hall.advance(%L, ''voucher_refused'')', :'u')), 'CH403', 'a reviewer refuses no voucher');

-- ---- refused ----
SELECT pg_temp.transferred(:'project', :'account') AS r \gset
SELECT is((SELECT gift FROM hall.orders WHERE id = :'r'), NULL, 'the shelf is empty by now');
SELECT is(pg_temp.page(o.id) ->> 'gift', NULL, 'a handed-in order is offered nothing') FROM hall.orders o WHERE id = :'r';
UPDATE hall.project_gift SET stock = 1 WHERE project = :'project';
SELECT pg_temp.unpaid(:'project', :'account') AS offered \gset
SELECT is(pg_temp.page(o.id) -> 'gift' ->> 'state', 'offered', 'before payment the gift is offered') FROM hall.orders o WHERE id = :'offered';
SELECT pg_temp.hand_in(:'offered');
SELECT is(pg_temp.stock(:'project'), 0, 'taken');
SELECT pg_temp.unpaid(:'project', :'account') AS late \gset
SELECT is(pg_temp.page(o.id) -> 'gift' ->> 'state', 'out_of_stock', 'and said to be gone to the next one') FROM hall.orders o WHERE id = :'late';
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT pg_temp.refuse(:'offered');
SELECT is(pg_temp.money_of(:'offered') || pg_temp.stock(:'project'), 'unpaid none1', 'a refused voucher puts it back');
SELECT is((SELECT count(*) FROM hall.message WHERE order_id = :'offered' AND event = 'voucher_refused'), 1::bigint, 'the applicant is told');
SELECT ok(NOT approval_stands, 'what was not approved is not') FROM hall.orders WHERE id = :'offered';
SELECT pg_temp.hand_in(x) FROM (SELECT :'offered'::uuid AS x, pg_temp.be_applicant(:'account', :'project')) y;
SELECT is(pg_temp.money_of(:'offered'), 'in_review voucher', 'a new voucher is looked at anew');

-- ---- what was approved stays approved ----
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT pg_temp.review_yes(:'offered');
SELECT is(pg_temp.money_of(:'offered'), 'approved voucher', 'approved, the money not yet there');
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT pg_temp.refuse(:'offered');
SELECT is(pg_temp.money_of(:'offered'), 'unpaid none', 'the money never came');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.hand_in(:'offered');
SELECT is(pg_temp.money_of(:'offered'), 'approved voucher', 'with a new voucher it is approved at once');
SELECT is((SELECT count(*) FROM hall.review WHERE order_id = :'offered'), 1::bigint, 'by the one review there was');
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT pg_temp.refuse(:'offered');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT hall.payment_open(gen_random_uuid(), :'offered', 'wechatpay', 'TAP-AGAIN');
SELECT pg_temp.be('nobody', NULL, '{vendor}');
SELECT is(hall.payment_paid('TAP-AGAIN', 'tap-again', 10000, now()), 'paid', 'paid online instead');
SELECT is(pg_temp.money_of(:'offered'), 'accepted paid', 'it goes straight on');
SELECT pg_temp.transferred(:'project', :'account') AS e \gset
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT pg_temp.review_yes(:'e');
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT pg_temp.refuse(:'e');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT hall.order_edit(:'e', pg_temp.version_of(:'e'));
SELECT pg_temp.submit(:'e');
SELECT pg_temp.hand_in(:'e');
SELECT is(pg_temp.money_of(:'e'), 'in_review voucher', 'what was changed meanwhile is reviewed anew');

-- ---- seven days ----
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT pg_temp.refuse(:'e');
UPDATE hall.orders SET submitted_at = now() - interval '8 days' WHERE id = :'e';
SELECT pg_temp.be_system();
SELECT hall.order_end(:'e');
SELECT is(pg_temp.state_of(:'e'), 'unpaid', 'the seven days begin with the refusal');
UPDATE hall.orders SET unpaid_since = now() - interval '8 days' WHERE id = :'e';
SELECT hall.order_end(:'e');
SELECT is(pg_temp.state_of(:'e'), 'cancelled', 'and end');

-- ---- money without a voucher, and money that pays for nothing ----
SELECT pg_temp.unpaid(:'project', :'account') AS w \gset
SELECT hall.payment_open(gen_random_uuid(), :'w', 'wechatpay', 'TAP-W');
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT pg_temp.confirm(gen_random_uuid(), :'w', 'BANK-W');
SELECT is(pg_temp.money_of(:'w'), 'in_review paid', 'G17 an entry that names an unpaid order pays it');
SELECT is((SELECT state FROM hall.payment WHERE out_trade_no = 'TAP-W'), 'closed', 'the open code is closed');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.confirm(gen_random_uuid(), %L, ''BANK-W2'')', :'w')), 'CH409', 'not twice');
SELECT hall.transfer_surplus(gen_random_uuid(), :'w', 777, '2026-01-05', 'BANK-W2', '\x01', false, '\x02', pg_temp.signed());
SELECT is((SELECT r.state || ' ' || r.amount FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id WHERE p.transaction_id = 'BANK-W2'), 'queued 777', 'a second transfer is owed back, to the fen');
SELECT is((SELECT count(*) FROM hall.outbox b JOIN hall.refund r ON r.id = b.subject JOIN hall.payment p ON p.id = r.payment_id WHERE p.transaction_id = 'BANK-W2'), 0::bigint, 'and no machine sends it');
SELECT is((SELECT kind FROM money_open WHERE order_id = :'w'), 'refund_by_hand', 'it stays in sight');
SELECT r.id AS wr FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id WHERE p.transaction_id = 'BANK-W2' \gset
SELECT is(pg_temp.outcome(format('SELECT hall.refund_settle(%L, ''OUT-1'', ''2999-01-01'', pg_temp.signed())', :'wr')), 'CH422 /day', 'paid back tomorrow');
SELECT hall.refund_settle(:'wr', 'OUT-1', '2026-01-06', pg_temp.signed());
SELECT is((SELECT state || ' ' || vendor_no FROM hall.refund WHERE id = :'wr'), 'succeeded OUT-1', 'until somebody has paid it back');
SELECT is(pg_temp.outcome(format('SELECT hall.refund_settle(%L, ''OUT-2'', ''2026-01-06'', pg_temp.signed())', :'wr')), 'CH409', 'once');
SELECT is(pg_temp.money_of(:'w'), 'in_review paid', 'the order itself goes on');
SELECT is((SELECT count(*) FROM hall.message WHERE order_id = :'w' AND event = 'remitted_back'), 1::bigint, 'the applicant is told');
SELECT is_empty(format('SELECT 1 FROM money_open WHERE order_id = %L', :'w'), 'nothing is open');
SELECT hall.payment_open(gen_random_uuid(), x, 'wechatpay', 'TAP-ODD') FROM (SELECT pg_temp.unpaid(:'project', :'account') AS x) y;
SELECT pg_temp.be('nobody', NULL, '{vendor}');
SELECT is(hall.payment_paid('TAP-ODD', 'odd', 9999, now()), 'wrong_amount', 'another amount than the price');
SELECT is((SELECT kind || ' ' || fen FROM money_open WHERE number = 'TAP-ODD'), 'wrong_amount 9999', 'is in sight, too');
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT hall.odd_settle((SELECT id FROM hall.payment WHERE out_trade_no = 'TAP-ODD'), '已在商户平台退回', pg_temp.signed());
SELECT is_empty($$ SELECT 1 FROM money_open WHERE number = 'TAP-ODD' $$, 'until somebody has seen to it');

-- ---- natural persons ----
SELECT pg_temp.unpaid(:'project', :'account', '{"cert_type": "natural"}') AS nat \gset
SELECT is(hall.pay_ways(o), '{wechatpay}'::text[], 'a natural person does not transfer') FROM hall.orders o WHERE id = :'nat';
SELECT is(pg_temp.outcome(format('SELECT pg_temp.put(%L)', :'nat')), 'CH409', 'nor hands in vouchers');
UPDATE hall.project SET transfer_natural = true WHERE id = :'project';
SELECT is(pg_temp.outcome(format('SELECT pg_temp.put(%L)', :'nat')), 'ok', 'but where the project says so');

-- ---- a refund is asked for ----
SELECT pg_temp.paid(:'project', :'account') AS a \gset
SELECT pg_temp.be_applicant(:'stranger', :'project');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L)', :'a')), 'CH404', 'a stranger asks for nothing');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L)', :'nat')), 'CH409', 'what is unpaid is cancelled, not refunded');
SELECT ok(pg_temp.page(o.id) -> 'can' ? 'refund', '#199 the button is there') FROM hall.orders o WHERE id = :'a';
SELECT pg_temp.version_of(:'a') AS v \gset
SELECT pg_temp.ask(:'a');
SELECT is((SELECT label FROM hall.orders o, hall.order_label(o) WHERE id = :'a'), '退费申请中', 'the label says so');
SELECT is(pg_temp.outcome(format('SELECT hall.refund_ask(gen_random_uuid(), %L, %s, ''\x02'')', :'a', :'v')) || pg_temp.outcome(format('SELECT pg_temp.ask(%L)', :'a')), 'CH409CH409', 'asked twice, clicked twice');
SELECT is(pg_temp.outcome(format('INSERT INTO hall.refund_request (id, order_id, account, reason) VALUES (gen_random_uuid(), %L, %L, '''')', :'a', :'account')), '23505', 'one request at a time, by the table itself');
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.review_yes(%L)', :'a')) || pg_temp.outcome(format('SELECT hall.reject(%L, pg_temp.version_of(%1$L), ''[]'')', :'a')), 'CH409CH409', 'nobody reviews meanwhile');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT hall.refund_withdraw(:'a', pg_temp.version_of(:'a'));
SELECT is(pg_temp.money_of(:'a'), 'in_review paid', 'withdrawn');
SELECT is(pg_temp.outcome(format('SELECT hall.refund_withdraw(%L, pg_temp.version_of(%1$L))', :'a')), 'CH409', 'once');
SELECT pg_temp.ask(:'a');

-- ---- finance refuses ----
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT is(pg_temp.outcome(format('SELECT hall.advance(%L, ''refund'')', :'a')), 'CH409', 'an order is not refunded by its state');
SELECT hall.refund_refuse(:'a', pg_temp.version_of(:'a'), '证书已符合要求，请继续办理');
SELECT is(pg_temp.money_of(:'a'), 'in_review paid refused', 'refused');
SELECT is(pg_temp.page(o.id) -> 'refund' ->> 'answer', '证书已符合要求，请继续办理', 'the applicant reads why') FROM hall.orders o WHERE id = :'a';
SELECT is(pg_temp.outcome(format('UPDATE hall.refund_request SET answer = NULL WHERE order_id = %L AND state = ''refused''', :'a')), '23514', 'a refusal has words');
SELECT is((SELECT count(*) FROM hall.message WHERE order_id = :'a' AND event = 'refund_refused'), 1::bigint, 'by SMS, too');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.approve_refund(%L)', :'a')), 'CH409', 'and is not approved afterwards');

-- ---- finance approves ----
SELECT pg_temp.be_staff(:'both', 'reviewer', 'finance');
SELECT pg_temp.review_yes(:'a');
SELECT is(pg_temp.state_of(:'a'), 'accepted', 'the work goes on');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.ask(%L)', :'a')), 'CH409', 'once accepted, the applicant asks no more');
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT hall.desk_refund_ask(gen_random_uuid(), :'a', pg_temp.version_of(:'a'), '\x03', pg_temp.signed());
SELECT is(pg_temp.outcome(format('SELECT pg_temp.approve_refund(%L)', :'a')), 'CH403', 'who asked does not approve');
SELECT is(pg_temp.outcome(format('UPDATE hall.refund_request SET decided_by = staff, state = ''approved'', ended_at = now() WHERE order_id = %L AND state = ''asked''', :'a')), '23514', 'by the table itself');
SELECT pg_temp.be_staff(:'both', 'reviewer', 'finance');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.approve_refund(%L)', :'a')), 'CH403', 'nor who reviewed');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT is(pg_temp.outcome(format('UPDATE hall.orders SET producer = %L WHERE id = %L', :'producer', :'a')), 'CH409', 'nothing is produced meanwhile');
SELECT pg_temp.be_staff(:'f2', 'finance');
SELECT pg_temp.version_of(:'a') AS v \gset
SELECT pg_temp.approve_refund(:'a');
SELECT is(pg_temp.money_of(:'a'), 'accepted paid sending', 'the money is sent');
SELECT is(pg_temp.outcome(format('SELECT hall.refund_approve(%L, %s, NULL, pg_temp.signed())', :'a', :'v')) || pg_temp.outcome(format('SELECT pg_temp.approve_refund(%L)', :'a')), 'CH409CH409', 'once');
SELECT is((SELECT count(*) FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id JOIN hall.outbox b ON b.subject = r.id WHERE p.order_id = :'a' AND r.amount = 10000), 1::bigint, 'the whole of it, by the runner');
SELECT is((SELECT count(*) FROM hall.pin WHERE order_id = :'a' AND encrypted IS NOT NULL), 0::bigint, 'there is no PIN any more');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_refund_ask(gen_random_uuid(), %L, pg_temp.version_of(%1$L), ''\x03'', pg_temp.signed())', :'a')), 'CH409', 'nor asked for again');
SELECT pg_temp.be('nobody', NULL, '{vendor}');
SELECT is(hall.refund_state((SELECT r.out_refund_no FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id WHERE p.order_id = :'a'), 'failed', NULL, 'ABNORMAL', now()), 'failed', 'it does not get through');
SELECT is(pg_temp.money_of(:'a') || ' ' || (SELECT kind FROM money_open WHERE order_id = :'a'), 'accepted paid sending refund_failed', 'finance sees it');
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT hall.refund_settle((SELECT id FROM money_open WHERE order_id = :'a'), 'OUT-9', '2026-01-07', pg_temp.signed());
SELECT is(pg_temp.money_of(:'a'), 'refunded paid done', 'paid back by hand, it is refunded');
SELECT is_empty(format('SELECT 1 FROM money_open WHERE order_id = %L', :'a'), 'and settled');
SELECT is(pg_temp.stock(:'project'), 0, 'with nothing to put back, as it had no gift');

-- ---- by transfer, with a gift; of nothing; while a voucher waits ----
UPDATE hall.project_gift SET stock = 1 WHERE project = :'project';
SELECT pg_temp.transferred(:'project', :'account') AS b \gset
SELECT is(pg_temp.stock(:'project'), 0, 'the gift of a voucher');
SELECT pg_temp.ask(:'b');
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.approve_refund(%L)', :'b')), 'CH409', 'first the money is looked for');
SELECT pg_temp.confirm(pg_temp.entry_of(:'b'), :'b', 'BANK-B');
SELECT pg_temp.approve_refund(:'b');
SELECT is(pg_temp.money_of(:'b') || ' ' || (SELECT kind FROM money_open WHERE order_id = :'b'), 'in_review paid sending refund_by_hand', 'people pay a transfer back');
SELECT hall.refund_settle((SELECT id FROM money_open WHERE order_id = :'b'), 'OUT-B', '2026-01-07', pg_temp.signed());
SELECT is(pg_temp.money_of(:'b') || pg_temp.stock(:'project'), 'refunded paid done1', 'refunded, the gift back on the shelf');
SELECT pg_temp.transferred(:'project', :'account') AS c \gset
SELECT pg_temp.ask(:'c');
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT pg_temp.refuse(:'c');
SELECT is(pg_temp.money_of(:'c'), 'unpaid none', 'a refund of money that never came ends with its voucher');
SELECT pg_temp.unpaid(:'project', :'account', '{"cert_type": "free"}') AS z \gset
SELECT is(pg_temp.money_of(:'z'), 'in_review zero', 'nothing to pay');
SELECT pg_temp.ask(:'z');
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT pg_temp.approve_refund(:'z');
SELECT is(pg_temp.money_of(:'z'), 'refunded zero done', 'nothing to give back: it just ends');
SELECT is((SELECT count(*) FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id WHERE p.order_id = :'z'), 0::bigint, 'without a refund');

-- ---- under an act each ----
CREATE FUNCTION pg_temp.said(query text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE out text;
BEGIN
    EXECUTE 'SELECT string_agg(label || ''='' || value, '' '') FROM ' || query INTO out;
    RETURN out;
END $$;
CREATE FUNCTION pg_temp.without(query text) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', pg_temp.outcome(format('SELECT ' || query, 'NULL')), pg_temp.outcome(format('SELECT ' || query, '''{}''')),
                     pg_temp.outcome(format('SELECT ' || query, 'pg_temp.signed(''{"signature": null}'')'))) $$;
SELECT pg_temp.transferred(:'project', :'account') AS s, pg_temp.signed() AS first \gset
SELECT number || ' ' || id || ' 申请主体=' || subject AS named FROM hall.orders WHERE id = :'s' \gset
SELECT pg_temp.be_staff(:'both', 'reviewer', 'finance');
SELECT pg_temp.review_yes(:'s');
SELECT is(pg_temp.outcome(format('SELECT hall.transfer_facts(pg_temp.entry_of(%L), %1$L, pg_temp.version_of(%1$L), 10000, ''2026-01-05'', ''BANK-S'', true, false)', :'s')), 'CH403', 'who has reviewed is offered nothing to sign');
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT is(pg_temp.said(format('hall.transfer_facts(pg_temp.entry_of(%L), %1$L, pg_temp.version_of(%1$L), 10000, ''2026-01-05'', ''BANK-S'', true, false)', :'s')),
          '业务单=' || :'named' || ' 应付金额=100.00 元 到账金额=100.00 元 到账日期=2026-01-05 银行流水号=BANK-S', 'what is signed of a transfer');
SELECT is(pg_temp.outcome(format('SELECT hall.transfer_facts(pg_temp.entry_of(%L), %1$L, pg_temp.version_of(%1$L), 9999, ''2026-01-05'', ''BANK-S'', true, false)', :'s')), 'CH422 /fen', 'nothing of one that is not confirmed');
SELECT is(pg_temp.without(format('hall.transfer_confirm(pg_temp.entry_of(%L), %1$L, pg_temp.version_of(%1$L), 10000, ''2026-01-05'', ''BANK-S'', ''\x01'', true, NULL, %%s)', :'s')), 'CH403 CH403 23502', 'no money is booked without an act');
SELECT is((SELECT count(*) FROM hall.act WHERE order_id = :'s'), 0::bigint, 'what is refused leaves none');
SELECT hall.transfer_confirm(pg_temp.entry_of(:'s'), :'s', pg_temp.version_of(:'s'), 10000, '2026-01-05', 'BANK-S', '\x01', true, NULL, :'first');
SELECT is((SELECT (what, subject, staff)::text FROM hall.act WHERE order_id = :'s'), ('confirm_transfer', :'s'::uuid, :'f1'::uuid)::text, 'with one it is, and the act is kept');
SELECT is((SELECT detail ->> 'signed' FROM hall.audit WHERE subject = :'s' AND detail ->> 'act' = :'first'::jsonb ->> 'id'), encode(sha256('\x05'), 'hex'), 'the trail of the order tells of it');
SELECT is((SELECT after FROM hall.act_signer('confirm_transfer', :'s')), (:'first'::jsonb ->> 'decided_at')::timestamptz, 'the next is signed later');
SELECT is(pg_temp.said(format('hall.surplus_facts(%L, 77, ''2026-01-05'', ''BANK-S2'')', :'s')), '业务单=' || :'named' || ' 到账金额=0.77 元 到账日期=2026-01-05 银行流水号=BANK-S2', 'of a surplus');
SELECT is(pg_temp.without(format('hall.transfer_surplus(gen_random_uuid(), %L, 77, ''2026-01-05'', ''BANK-S2'', ''\x01'', false, ''\x02'', %%s)', :'s')), 'CH403 CH403 23502', 'no surplus without');
SELECT hall.transfer_surplus(gen_random_uuid(), :'s', 77, '2026-01-05', 'BANK-S2', '\x01', false, '\x02', :'first'::jsonb || jsonb_build_object('id', gen_random_uuid()));
SELECT is(pg_temp.outcome(format('SELECT hall.transfer_surplus(gen_random_uuid(), %L, 77, ''2026-01-05'', ''BANK-S3'', ''\x01'', false, ''\x02'', %L)', :'s', :'first'::jsonb || jsonb_build_object('id', gen_random_uuid()))), 'CH409', 'an act is used once, under another id, too');
SELECT r.id AS back, p.out_trade_no AS n FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id WHERE p.transaction_id = 'BANK-S2' \gset
SELECT is(pg_temp.said(format('hall.settle_facts(%L, ''OUT-S'', ''2026-01-06'')', :'back')), '业务单=' || :'named' || ' 原支付方式=公对公转账 商户单号=' || :'n' || ' 退款单号=R' || :'n' || ' 退款金额=0.77 元 汇出日期=2026-01-06 银行流水号=OUT-S', 'of money that was paid back');
SELECT is((SELECT payer FROM hall.settle_facts(:'back', 'OUT-S', '2026-01-06') LIMIT 1), '\x01'::bytea, 'with who has paid it');
SELECT is(pg_temp.without(format('hall.refund_settle(%L, ''OUT-S'', ''2026-01-06'', %%s)', :'back')), 'CH403 CH403 23502', 'not settled without');
SELECT is(pg_temp.said(format('hall.refund_ask_facts(%L, pg_temp.version_of(%1$L))', :'s')), '业务单=' || :'named' || ' 退费金额=100.00 元', 'of a refund that staff ask for');
SELECT is(pg_temp.without(format('hall.desk_refund_ask(gen_random_uuid(), %L, pg_temp.version_of(%1$L), ''\x03'', %%s)', :'s')), 'CH403 CH403 23502', 'not asked without');
SELECT hall.desk_refund_ask(gen_random_uuid(), :'s', pg_temp.version_of(:'s'), '\x03', pg_temp.signed());
SELECT is(pg_temp.outcome(format('SELECT hall.refund_approve_facts(%L, pg_temp.version_of(%1$L))', :'s')), 'CH403', 'who has asked is offered nothing to sign');
SELECT pg_temp.be_staff(:'both', 'reviewer', 'finance');
SELECT is(pg_temp.outcome(format('SELECT hall.refund_approve_facts(%L, pg_temp.version_of(%1$L))', :'s')), 'CH403', 'nor who has reviewed');
SELECT pg_temp.be_staff(:'f2', 'finance');
SELECT q.id AS q, hall.iso(q.asked_at) AS at, t.name AS asker, p.out_trade_no AS n FROM hall.refund_request q JOIN hall.staff t ON t.id = q.staff
  JOIN hall.payment p ON p.order_id = q.order_id AND p.state = 'paid' WHERE q.order_id = :'s' AND q.state = 'asked' \gset
SELECT is(pg_temp.said(format('hall.refund_approve_facts(%L, pg_temp.version_of(%1$L))', :'s')),
          format('业务单=%s 退费申请=%s 提请人=%s 提请时间=%s 退费金额=100.00 元 原支付方式=公对公转账 商户单号=%s', :'named', :'q', :'asker', :'at', :'n'), 'of a refund that is approved: who asked, how much, what goes back');
SELECT is((SELECT words FROM hall.refund_approve_facts(:'s', pg_temp.version_of(:'s')) LIMIT 1), '\x03'::bytea, 'with the words of who has asked');
SELECT is(pg_temp.without(format('hall.refund_approve(%L, pg_temp.version_of(%1$L), NULL, %%s)', :'s')), 'CH403 CH403 23502', 'not approved without');
SELECT pg_temp.approve_refund(:'s');
SELECT is((SELECT (what, staff)::text FROM hall.act WHERE subject = :'q'), ('approve_refund', :'f2'::uuid)::text, 'with one, of that request');
SELECT is(pg_temp.said(format('hall.refund_facts((SELECT q FROM hall.refund_request q WHERE id = %L), 10000)', :'q')),
          format('业务单=%s 退费申请=%s 提请人=%s 提请时间=%s 退费金额=100.00 元 原支付方式=公对公转账 商户单号=%s', :'named', :'q', :'asker', :'at', :'n'), 'the same is written of it afterwards');
SELECT r.id AS back FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id WHERE p.out_trade_no = :'n' \gset
SELECT is(pg_temp.said(format('hall.runner_refund_act(%L, ''approve_refund'')', :'back')),
          format('业务单=%s 退费申请=%s 提请人=%s 提请时间=%s 退费金额=100.00 元 原支付方式=公对公转账 商户单号=%s', :'named', :'q', :'asker', :'at', :'n'), 'the runner reads what the approval must say');
SELECT is(pg_temp.said(format('hall.runner_refund_act(%L, ''ask_refund'')', :'back')), '业务单=' || :'named' || ' 退费金额=100.00 元', 'and the request, as staff have asked');
SELECT is((SELECT string_agg(DISTINCT (a.staff, a.signature)::text, ' ') FROM unnest(ARRAY['ask_refund', 'approve_refund']) w, hall.runner_refund_act(:'back', w) a),
          (SELECT string_agg(ROW(x, '\x05'::bytea)::text, ' ' ORDER BY ROW(x, '\x05'::bytea)::text) FROM unnest(ARRAY[:'f1'::uuid, :'f2']) x), 'with the signature of each');
SELECT hall.runner_refund_refused(:'back', '签署没有通过核验');
SELECT is((SELECT state || ' ' || why FROM hall.refund WHERE id = :'back'), 'failed 签署没有通过核验', 'refused by the runner it has failed, with the reason');
SELECT ok(EXISTS (SELECT FROM hall.audit WHERE subject = :'s' AND detail ->> 'act_refused' = '签署没有通过核验'), 'which is in the trail');
SELECT is((SELECT count(*) FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id, hall.runner_refund_act(r.id, 'approve_refund') WHERE p.transaction_id = 'BANK-S2'), 0::bigint, 'a surplus goes back by the rules, without an act');
SELECT hall.payment_open(gen_random_uuid(), x, 'wechatpay', 'TAP-ODD-2') FROM (SELECT pg_temp.unpaid(:'project', :'account') AS x) y;
SELECT pg_temp.be('nobody', NULL, '{vendor}');
SELECT hall.payment_paid('TAP-ODD-2', 'odd-2', 9999, now());
SELECT p.id AS odd, o.number || ' ' || o.id || ' 申请主体=' || o.subject AS named FROM hall.payment p JOIN hall.orders o ON o.id = p.order_id WHERE out_trade_no = 'TAP-ODD-2' \gset
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT is(pg_temp.said(format('hall.odd_facts(%L)', :'odd')), '业务单=' || :'named' || ' 支付方式=微信支付 商户单号=TAP-ODD-2 应付金额=100.00 元 实收金额=99.99 元', 'of an amount that does not fit');
SELECT is(pg_temp.without(format('hall.odd_settle(%L, ''已退回'', %%s)', :'odd')), 'CH403 CH403 23502', 'not settled without');
SELECT hall.odd_settle(:'odd', '已退回', pg_temp.signed());
SELECT is(pg_temp.outcome(format('SELECT hall.odd_facts(%L)', :'odd')), 'CH404', 'once');

-- ---- a payout that nobody has begun is not begun ----
SELECT pg_temp.new_order(:'project', :'account', '{"state": "approved", "paid": "paid", "finauth": "queued"}') AS y \gset
INSERT INTO hall.payment (id, order_id, channel, out_trade_no, total, state, expires_at, transaction_id) VALUES (gen_random_uuid(), :'y', 'wechatpay', 'TAP-Y', 10000, 'paid', now(), 'y');
INSERT INTO hall.pin (order_id, generation, state, encrypted, kek) VALUES (:'y', 1, 'made', '\x00', 1);
INSERT INTO hall.bank_account (order_id, cnaps, encrypted, masked, name) VALUES (:'y', '102584000010', '\x00', '', '');
SELECT hall.want_payout(:'y');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.ask(:'y');
SELECT pg_temp.be_staff(:'f1', 'finance');
SELECT pg_temp.approve_refund(:'y');
SELECT is((SELECT y.state || ' ' || b.state FROM hall.payout y JOIN hall.outbox b ON b.subject = y.id WHERE order_id = :'y'), 'failed done', 'stopped');
SELECT is((SELECT state FROM hall.pin WHERE order_id = :'y'), 'void', 'its PIN destroyed');

-- ---- what staff see ----
SELECT is((hall.money_json('voucher', NULL, 50)::jsonb -> 'items' -> 0 ->> 'next'), '核对银行到账，确认或退回凭证', 'each row names its next step')
  FROM (SELECT pg_temp.transferred(:'project', :'account'), pg_temp.be_staff(:'f1', 'finance')) x;
SELECT is((SELECT sum((k ->> 'count')::int) FROM jsonb_array_elements(hall.money_json(NULL, NULL, 1)::jsonb -> 'kinds') k), (SELECT count(*) FROM money_open), 'the kinds add up');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is((hall.money_json(NULL, NULL, 50)::jsonb ->> 'total')::int, 0, 'applicants see none of it');
SELECT is(hall.desk_money(:'b'), NULL, 'nor an order''s money');
SELECT is((SELECT count(*) FROM hall.desk_money_encrypted(:'b')), 0::bigint, 'nor its words');
SELECT ok((SELECT count(*) >= 3 FROM hall.audit WHERE subject = :'b' AND (detail ? 'transfer' OR detail ? 'refund')), 'each step is in the trail');

SELECT * FROM finish();
ROLLBACK;
