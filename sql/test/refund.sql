-- A refund is requested once and announced once, whoever learns of it first. The way of paying may be changed.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project('{"payment_ways": ["wechatpay", "alipay"]}') AS project, pg_temp.new_account() AS account \gset

CREATE FUNCTION pg_temp.unpaid(project uuid, account uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE o uuid := pg_temp.new_order(project, account);
BEGIN
    PERFORM pg_temp.add_papers(o);
    PERFORM pg_temp.submit(o);
    RETURN o;
END $$;
CREATE FUNCTION pg_temp.open(wanted uuid, way text DEFAULT 'wechatpay') RETURNS text LANGUAGE sql AS $$
    SELECT out_trade_no FROM hall.payment_open(gen_random_uuid(), wanted, way, 'TAP' || nextval('counter')) $$;
CREATE FUNCTION pg_temp.pay_state(number text) RETURNS text LANGUAGE sql AS $$ SELECT state FROM hall.payment WHERE out_trade_no = number $$;
CREATE FUNCTION pg_temp.refund_of(number text) RETURNS hall.refund LANGUAGE sql AS $$
    SELECT r FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id WHERE p.out_trade_no = number $$;
CREATE FUNCTION pg_temp.told(number text, said text) RETURNS text LANGUAGE sql AS $$
    SELECT hall.refund_state('R' || number, said, 'V1', CASE said WHEN 'failed' THEN 'ABNORMAL' END, NULL) $$;
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.unpaid(:'project', :'account') AS a, pg_temp.unpaid(:'project', :'account') AS b, pg_temp.unpaid(:'project', :'account') AS c \gset
SELECT pg_temp.open(:'a') AS na, pg_temp.open(:'b') AS nb, pg_temp.open(:'c') AS nc \gset
SELECT hall.order_cancel(:'a', pg_temp.version_of(:'a'));
SELECT hall.order_cancel(:'b', pg_temp.version_of(:'b'));

-- ---- what must not be kept goes back by itself ----
SELECT pg_temp.be('nobody', NULL, '{vendor}');
SELECT is(hall.payment_paid(:'nc', 'rx3', 10000, now()), 'paid', 'a right payment');
SELECT ok(pg_temp.refund_of(:'nc') IS NULL, 'is not refunded');
SELECT is(hall.payment_paid(:'na', 'rx1', 10000, now()), 'refund_due', 'a payment of a cancelled order');
SELECT is((pg_temp.refund_of(:'na')).state, 'queued', 'is refunded');
SELECT is((pg_temp.refund_of(:'na')).out_refund_no, 'R' || :'na', 'under a number that follows from the payment''s');
SELECT is((pg_temp.refund_of(:'na')).amount, 10000, 'whole');
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'refund' AND subject = (pg_temp.refund_of(:'na')).id), 1::bigint, 'by the runner');
SELECT hall.refund_want((SELECT id FROM hall.payment WHERE out_trade_no = :'na'), 'again');
SELECT is((SELECT count(*) FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id WHERE p.out_trade_no = :'na'), 1::bigint, 'once');

-- ---- what the vendor says of it ----
SELECT is(hall.refund_state('R-NOBODY', 'succeeded', 'V', NULL, NULL), 'unknown', 'a refund that is not ours');
SELECT is(hall.refund_state('R' || :'na', 'succeeded', 'V1', NULL, NULL, 9999), 'wrong_amount', 'a report of another amount');
SELECT is((pg_temp.refund_of(:'na')).state || pg_temp.pay_state(:'na'), 'queuedrefund_due', 'changes nothing');
SELECT is(hall.refund_state('R' || :'na', 'accepted', 'V1', NULL, NULL, 10000), 'accepted', 'taken');
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'refund_query' AND subject = (pg_temp.refund_of(:'na')).id), 1::bigint, 'so it is asked after');
SELECT is(pg_temp.told(:'na', 'accepted'), 'again', 'taken twice');
SELECT is(pg_temp.pay_state(:'na'), 'refund_due', 'taken is not refunded');
SELECT is(pg_temp.told(:'na', 'succeeded'), 'succeeded', 'refunded');
SELECT is(pg_temp.pay_state(:'na'), 'refunded', 'the payment says so');
SELECT is((pg_temp.refund_of(:'na')).vendor_no, 'V1', 'with the vendor''s number');
SELECT is((pg_temp.page(o.id) ->> 'refund_due')::int, 0, 'nothing is owed any more') FROM hall.orders o WHERE id = :'a';
SELECT is((SELECT text FROM hall.order_history WHERE order_id = :'a' ORDER BY id DESC LIMIT 1), '已原路退回 100.00 元', 'the applicant reads it');
SELECT is((SELECT count(*) FROM hall.message WHERE order_id = :'a' AND event = 'refunded'), 1::bigint, 'and is told');
SELECT is(pg_temp.told(:'na', 'succeeded') || pg_temp.told(:'na', 'failed') || pg_temp.told(:'na', 'accepted'), 'againagainagain', 'the end is the end');
SELECT is((SELECT count(*) FROM hall.message WHERE order_id = :'a' AND event = 'refunded'), 1::bigint, 'told once');
SELECT is(hall.payment_paid(:'na', 'rx1', 10000, now()), 'again', 'the old notification does not refund again');
SELECT is(pg_temp.pay_state(:'na'), 'refunded', 'it stays refunded');

-- ---- one that fails is in sight, and may still succeed ----
SELECT is(hall.payment_paid(:'nb', 'rx2', 10000, now()), 'refund_due', 'another one');
SELECT is(pg_temp.told(:'nb', 'failed'), 'failed', 'does not get through');
SELECT is((pg_temp.refund_of(:'nb')).why, 'ABNORMAL', 'with the reason');
SELECT is(pg_temp.pay_state(:'nb'), 'refund_due', 'the money is still owed');
SELECT is((SELECT event FROM hall.order_history WHERE order_id = :'b' ORDER BY id DESC LIMIT 1), 'refund_failed', 'and people see it');
SELECT is(pg_temp.told(:'nb', 'accepted'), 'again', 'it does not begin anew by itself');
SELECT is(pg_temp.told(:'nb', 'succeeded'), 'succeeded', 'somebody saw to it at the vendor''s console');
SELECT is(pg_temp.pay_state(:'nb'), 'refunded', 'then it is refunded');
SELECT ok((SELECT count(*) >= 2 FROM hall.audit WHERE subject = :'b' AND detail ? 'refund'), 'each step is in the trail');

-- ---- constraints ----
SELECT throws_ok(format('INSERT INTO hall.refund (payment_id, out_refund_no, amount, reason) SELECT id, ''X'', 1, '''' FROM hall.payment WHERE out_trade_no = %L', :'na'),
                 '23505', NULL, 'a payment is refunded once');
SELECT throws_ok(format('UPDATE hall.refund SET ended_at = NULL WHERE out_refund_no = %L', 'R' || :'na'), '23514', NULL, 'an end has its time');

-- ---- the way of paying is changed ----
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.unpaid(:'project', :'account') AS w \gset
SELECT pg_temp.open(:'w') AS nw \gset
SELECT pg_temp.open(:'w', 'alipay') AS nz \gset
SELECT isnt(:'nz', :'nw'::text, 'another way, another payment');
SELECT is((SELECT channel FROM hall.payment WHERE out_trade_no = :'nz'), 'alipay', 'of the other way');
SELECT is(pg_temp.pay_state(:'nw'), 'closed', 'the first is closed here');
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'payment_close' AND subject = (SELECT id FROM hall.payment WHERE out_trade_no = :'nw')), 1::bigint,
          'and at the vendor');
SELECT is(pg_temp.open(:'w', 'alipay'), :'nz', 'asked again, the open one is handed out');
SELECT hall.payment_closed((SELECT id FROM hall.payment WHERE out_trade_no = :'nw'));
SELECT is((SELECT paid FROM hall.orders WHERE id = :'w'), 'waiting', 'closing the first at the vendor does not end the second');
SELECT pg_temp.be('nobody', NULL, '{vendor}');
SELECT is(hall.payment_paid(:'nw', 'rx4', 10000, now()), 'paid', 'the first one, paid all the same, counts');
SELECT is(hall.payment_paid(:'nz', 'rx5', 10000, now()), 'refund_due', 'the second goes back');
SELECT is((pg_temp.refund_of(:'nz')).state, 'queued', 'by itself');

SELECT * FROM finish();
ROLLBACK;
