-- Money is counted once, in the right amount, for the right order; a surplus stays visible.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account \gset

CREATE FUNCTION pg_temp.unpaid(project uuid, account uuid, more jsonb DEFAULT '{}') RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE o uuid := pg_temp.new_order(project, account, more);
BEGIN
    PERFORM pg_temp.add_papers(o);
    PERFORM pg_temp.add_sealpicture(o);
    PERFORM pg_temp.submit(o);
    RETURN o;
END $$;
CREATE FUNCTION pg_temp.open(wanted uuid) RETURNS text LANGUAGE sql AS $$
    SELECT out_trade_no FROM hall.payment_open(gen_random_uuid(), wanted, 'wechatpay', 'TAP' || nextval('counter')) $$;
CREATE FUNCTION pg_temp.pay_state(number text) RETURNS text LANGUAGE sql AS $$ SELECT state FROM hall.payment WHERE out_trade_no = number $$;
CREATE FUNCTION pg_temp.noted(wanted uuid) RETURNS jsonb LANGUAGE sql AS $$
    SELECT detail - 'payment' FROM hall.audit WHERE subject = wanted ORDER BY seq DESC LIMIT 1 $$;
SELECT pg_temp.be_applicant(:'account', :'project');

-- ---- opening ----
SELECT pg_temp.new_order(:'project', :'account') AS draft \gset
SELECT is(pg_temp.outcome(format('SELECT pg_temp.open(%L)', :'draft')), 'CH409', 'a draft is not paid');
SELECT pg_temp.unpaid(:'project', :'account') AS o \gset
SELECT is(pg_temp.outcome(format('SELECT hall.payment_open(gen_random_uuid(), %L, ''alipay'', ''X'')', :'o')), 'CH422 /channel', 'a way that the project does not have');
SELECT pg_temp.open(:'o') AS n \gset
SELECT is(pg_temp.open(:'o'), :'n', 'asked again, the open payment is handed out');
SELECT is((SELECT total FROM hall.payment WHERE out_trade_no = :'n'), 10000, 'it is of the price');
SELECT is((SELECT paid FROM hall.orders WHERE id = :'o'), 'waiting', 'and waited for');
UPDATE hall.payment SET expires_at = now() - interval '1 second' WHERE out_trade_no = :'n';
SELECT isnt(pg_temp.open(:'o'), :'n', 'after its time there is another one');
SELECT is(pg_temp.pay_state(:'n'), 'closed', 'and the old one is closed');

-- ---- inside the vendor's own app ----
SELECT pg_temp.unpaid(:'project', :'account') AS o \gset
CREATE FUNCTION pg_temp.open_inside(wanted uuid) RETURNS uuid LANGUAGE sql AS $$
    SELECT id FROM hall.payment_open(gen_random_uuid(), wanted, 'wechatpay', 'TAP' || nextval('counter'), false, false, true) $$;
CREATE FUNCTION pg_temp.waiting(wanted uuid) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM hall.payment WHERE order_id = wanted AND state = 'waiting' $$;
SELECT results_eq(format('SELECT * FROM hall.payment_inside(%L, ''wechatpay'')', :'o'), 'VALUES (NULL, 10000)', 'nothing is open yet');
SELECT is(pg_temp.outcome(format('SELECT hall.payment_inside(%L, ''alipay'')', :'o')), 'CH422 /channel', 'a way that the project does not have');
SELECT is(pg_temp.outcome(format('SELECT hall.payment_inside(%L, ''wechatpay'')', :'draft')), 'CH409', 'a draft is not paid there either');
SELECT pg_temp.open_inside(:'o') AS first \gset
SELECT hall.payment_code(:'first', 'wx-first');
SELECT results_eq(format('SELECT * FROM hall.payment_inside(%L, ''wechatpay'')', :'o'), $$VALUES ('wx-first', 10000)$$, 'what one payer has begun');
SELECT isnt(pg_temp.open_inside(:'o'), :'first', 'the next payer begins anew');
SELECT is((SELECT state FROM hall.payment WHERE id = :'first'), 'closed', 'and closes it');
SELECT pg_temp.waiting(:'o') AS second \gset
SELECT pg_temp.open(:'o');
SELECT is((SELECT state FROM hall.payment WHERE id = :'second'), 'closed', 'a code is not what was begun in the app');
SELECT is((SELECT opened FROM hall.payment_inside(:'o', 'wechatpay')), NULL, 'nor is a code handed to the app');
SELECT pg_temp.open_inside(:'o') AS third \gset
SELECT hall.payment_code(:'third', 'wx-third');
UPDATE hall.payment SET expires_at = now() WHERE id = :'third';
SELECT is((SELECT opened FROM hall.payment_inside(:'o', 'wechatpay')), NULL, 'nor what is out of its time');

-- ---- paid ----
SELECT pg_temp.unpaid(:'project', :'account') AS o \gset
SELECT pg_temp.open(:'o') AS n \gset
SELECT pg_temp.be('nobody', NULL, '{vendor}');
SELECT is(hall.payment_paid('TAP-NOBODY', 'tx0', 10000, now()), 'unknown', 'a number that is not ours');
SELECT is(hall.payment_paid(:'n', 'tx0', 9999, now()), 'wrong_amount', 'a fen too little');
SELECT is(pg_temp.noted(:'o'), '{"wrong_amount": 9999}', 'is on record');
SELECT is(hall.payment_paid(:'n', 'tx0', 10001, now()), 'wrong_amount', 'a fen too much');
SELECT is(pg_temp.state_of(:'o') || ' ' || pg_temp.pay_state(:'n'), 'unpaid waiting', 'neither pays the order');
SELECT is(hall.payment_paid(:'n', 'tx1', 10000, now()), 'paid', 'the right amount does');
SELECT is(pg_temp.state_of(:'o') || ' ' || pg_temp.pay_state(:'n'), 'in_review paid', 'into the review');
SELECT is((SELECT paid || ' ' || finauth FROM hall.orders WHERE id = :'o'), 'paid queued', 'the account comes next');
SELECT pg_temp.version_of(:'o') AS v \gset
SELECT is(hall.payment_paid(:'n', 'tx1', 10000, now()), 'again', 'told twice');
SELECT is(hall.payment_paid(:'n', 'tx1', 1, now()), 'again', 'with whatever amount');
SELECT is(pg_temp.version_of(:'o'), :v, 'nothing happens again');
SELECT is((SELECT count(*) FROM hall.order_history WHERE order_id = :'o' AND event = 'paid'), 1::bigint, 'one line in its history');
SELECT ok(hall.payment_notice_new('wechatpay', 'TAP-1') AND NOT hall.payment_notice_new('wechatpay', 'TAP-1'), 'a notification is new once');

-- ---- paid although it should not be ----
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.unpaid(:'project', :'account') AS c, pg_temp.unpaid(:'project', :'account') AS e, pg_temp.unpaid(:'project', :'account') AS t \gset
SELECT pg_temp.open(:'c') AS nc, pg_temp.open(:'e') AS ne, pg_temp.open(:'t') AS nt \gset
SELECT hall.order_cancel(:'c', pg_temp.version_of(:'c'));
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'payment_close' AND subject = (SELECT id FROM hall.payment WHERE out_trade_no = :'nc')),
          1::bigint, 'cancelling has the payment closed at the vendor');
SELECT hall.order_edit(:'e', pg_temp.version_of(:'e'));
SELECT is(hall.payment_paid(:'nc', 'tx2', 10000, now()), 'refund_due', 'paid after it was cancelled');
SELECT is(pg_temp.state_of(:'c') || ' ' || pg_temp.pay_state(:'nc'), 'cancelled refund_due', 'it stays cancelled, the money is owed');
SELECT is(pg_temp.noted(:'c'), '{"refund_due": 10000}', 'visibly');
SELECT is((pg_temp.page(o.id) ->> 'refund_due')::int, 10000, 'to the applicant as well') FROM hall.orders o WHERE id = :'c';
SELECT is(hall.payment_paid(:'nc', 'tx2', 10000, now()), 'again', 'and once');
SELECT is(hall.payment_paid(:'ne', 'tx3', 10000, now()), 'refund_due', 'paid after it was taken back');
SELECT is(pg_temp.state_of(:'e'), 'draft', 'it stays a draft');

-- An old payment of an order that was paid in another way.
UPDATE hall.payment SET state = 'closed' WHERE out_trade_no = :'nt';
SELECT pg_temp.open(:'t') AS nt2 \gset
SELECT is(hall.payment_paid(:'nt2', 'tx4', 10000, now()), 'paid', 'the second payment pays');
SELECT is(hall.payment_paid(:'nt', 'tx5', 10000, now()), 'refund_due', 'the first one, late, is owed');
SELECT is((SELECT count(*) FROM hall.payment WHERE order_id = :'t' AND state = 'paid'), 1::bigint, 'counted once');
SELECT is(pg_temp.outcome(format('SELECT hall.payment_paid(%L, ''tx4'', 10000, now())', pg_temp.open(pg_temp.unpaid(:'project', :'account')))), '23505',
          'a transaction does not pay another order');

-- ---- taken back, made dearer, handed in again while the old payment is still open at the vendor ----
SELECT pg_temp.unpaid(:'project', :'account') AS d \gset
SELECT pg_temp.open(:'d') AS nd \gset
SELECT hall.order_edit(:'d', pg_temp.version_of(:'d'));
UPDATE hall.orders SET years = 3 WHERE id = :'d';
SELECT pg_temp.submit(:'d');
SELECT is((SELECT total FROM hall.orders WHERE id = :'d'), 30000, 'the price is another one now');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.open(%L)', :'d')), 'CH409', 'the old payment is not handed out for the new price');
SELECT is(hall.payment_paid(:'nd', 'tx6', 10000, now()), 'refund_due', 'and does not pay it');
SELECT is(pg_temp.state_of(:'d'), 'unpaid', 'it still waits for its money');
SELECT isnt(pg_temp.open(:'d'), :'nd', 'with a payment of its own');

-- ---- nothing to pay ----
SELECT pg_temp.unpaid(:'project', :'account', '{"cert_type": "free"}') AS z \gset
SELECT is((SELECT state || ' ' || paid || ' ' || coalesce(finauth, '-') FROM hall.orders WHERE id = :'z'), 'in_review zero -', 'a zero total counts as paid');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.open(%L)', :'z')), 'CH409', 'and is not paid again');

-- ---- the seal's part ----
SELECT pg_temp.unpaid(:'project', :'account', '{"seal_wanted": true}') AS s \gset
SELECT is((SELECT total || ' ' || jsonb_array_length(price) FROM hall.orders WHERE id = :'s'), '15000 2', 'a seal is charged when it is wanted');
UPDATE hall.project_price SET fen = 1 WHERE project = :'project';
SELECT is((SELECT sum((p ->> 'fen')::int) FROM jsonb_array_elements(pg_temp.page(o.id) -> 'price') p), 15000::bigint, 'a later price changes nothing that was handed in') FROM hall.orders o WHERE id = :'s';

-- ---- closed at the vendor ----
SELECT pg_temp.open(:'s') AS ns \gset
SELECT hall.payment_closed(id) FROM hall.payment WHERE out_trade_no = :'ns';
SELECT is((SELECT paid FROM hall.orders WHERE id = :'s') || ' ' || pg_temp.pay_state(:'ns'), 'none closed', 'closed');
SELECT hall.payment_closed(id) FROM hall.payment WHERE out_trade_no = :'nt2';
SELECT is(pg_temp.pay_state(:'nt2'), 'paid', 'what is paid is not closed');

SELECT * FROM finish();
ROLLBACK;
