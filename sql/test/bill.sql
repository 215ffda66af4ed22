-- Our books are compared with the vendors' bills: every kind of difference is found, and nothing else.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account \gset
\set day '2026-03-10'

CREATE FUNCTION pg_temp.payment(project uuid, account uuid, fen int, at timestamptz, state text DEFAULT 'paid', way text DEFAULT 'wechatpay') RETURNS text LANGUAGE plpgsql AS $$
DECLARE n text := 'TAP' || nextval('counter');
BEGIN
    INSERT INTO hall.payment (id, order_id, channel, out_trade_no, total, state, expires_at, transaction_id, paid_at)
    VALUES (gen_random_uuid(), pg_temp.new_order(project, account, jsonb_build_object('state', 'in_review', 'paid', 'paid')), way, n, fen, state,
            now(), 'T' || n, at);
    RETURN n;
END $$;
CREATE FUNCTION pg_temp.line(number text, fen int, refund text DEFAULT '') RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('kind', CASE refund WHEN '' THEN 'payment' ELSE 'refund' END, 'number', number, 'refund_number', refund,
                              'vendor_number', 'T' || number, 'amount', fen, 'at', '2026-03-10T09:00:00+08:00') $$;
CREATE FUNCTION pg_temp.found(b uuid) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(concat_ws(' ', kind, what, number, coalesce(ours, -1), coalesce(theirs, -1)), '; ' ORDER BY kind, number), '')
      FROM hall.bill_difference WHERE bill = b $$;
INSERT INTO hall.bill (channel, day) VALUES ('wechatpay', :'day') RETURNING id AS b \gset
SELECT pg_temp.payment(:'project', :'account', 100, '2026-03-10T00:00:00+08:00') AS first,
       pg_temp.payment(:'project', :'account', 200, '2026-03-10T23:59:59+08:00', 'refund_due') AS last,
       pg_temp.payment(:'project', :'account', 300, '2026-03-09T23:59:59+08:00') AS before,
       pg_temp.payment(:'project', :'account', 400, '2026-03-11T00:00:00+08:00') AS after,
       pg_temp.payment(:'project', :'account', 500, '2026-03-10T12:00:00+08:00', 'paid', 'alipay') AS other \gset
SELECT pg_temp.be_system();

SELECT is(hall.bill_compare(:'b', jsonb_build_array(pg_temp.line(:'first', 100), pg_temp.line(:'last', 200))), 0, 'a day begins and ends at midnight in Beijing');
SELECT is((SELECT state FROM hall.bill WHERE id = :'b'), 'compared', 'it is compared');
SELECT is(hall.bill_compare(:'b', jsonb_build_array(pg_temp.line(:'first', 100))), 1, 'one that the vendor does not have');
SELECT is(pg_temp.found(:'b'), 'payment only_ours ' || :'last' || ' 200 -1', 'is named');
SELECT hall.bill_compare(:'b', jsonb_build_array(pg_temp.line(:'first', 100), pg_temp.line(:'last', 200), pg_temp.line('STRANGER', 900)));
SELECT is(pg_temp.found(:'b'), 'payment only_theirs STRANGER -1 900', 'one that we do not have');
SELECT hall.bill_compare(:'b', jsonb_build_array(pg_temp.line(:'first', 101), pg_temp.line(:'last', 200)));
SELECT is(pg_temp.found(:'b'), 'payment amount ' || :'first' || ' 100 101', 'a fen more');
SELECT hall.bill_compare(:'b', jsonb_build_array(pg_temp.line(:'first', 100), pg_temp.line(:'first', 100), pg_temp.line(:'last', 200)));
SELECT is(pg_temp.found(:'b'), 'payment twice ' || :'first' || ' 100 200', 'twice in the bill');
SELECT hall.bill_compare(:'b', jsonb_build_array(pg_temp.line(:'first', 100), pg_temp.line(:'last', 200), pg_temp.line(:'other', 500)));
SELECT is(pg_temp.found(:'b'), 'payment only_theirs ' || :'other' || ' -1 500', 'a number of the other channel is none of this one''s');
UPDATE hall.payment SET state = 'closed' WHERE out_trade_no = :'last';
SELECT hall.bill_compare(:'b', jsonb_build_array(pg_temp.line(:'first', 100), pg_temp.line(:'last', 200)));
SELECT is(pg_temp.found(:'b'), 'payment only_theirs ' || :'last' || ' -1 200', 'paid at the vendor, not here');
SELECT ok((SELECT order_id IS NOT NULL FROM hall.bill_difference WHERE bill = :'b'), 'with the order it is about');
UPDATE hall.payment SET state = 'refund_due' WHERE out_trade_no = :'last'; -- which wants a refund

-- ---- refunds ----
UPDATE hall.refund SET state = 'succeeded', ended_at = '2026-03-11T00:00:01+08:00' WHERE out_refund_no = 'R' || :'last';
SELECT is(hall.bill_compare(:'b', jsonb_build_array(pg_temp.line(:'first', 100), pg_temp.line(:'last', 200), pg_temp.line(:'last', 200, 'R' || :'last'))), 0,
          'a refund that the vendor dates a second earlier');
INSERT INTO hall.bill (channel, day) VALUES ('wechatpay', '2026-03-11') RETURNING id AS b2 \gset
SELECT is(hall.bill_compare(:'b2', jsonb_build_array(pg_temp.line(:'after', 400))), 0, 'is not missing on the next day either');
SELECT hall.bill_compare(:'b', jsonb_build_array(pg_temp.line(:'first', 100), pg_temp.line(:'last', 200), pg_temp.line(:'last', 100, 'R' || :'last')));
SELECT is(pg_temp.found(:'b'), 'refund amount ' || :'last' || ' 200 100', 'half of it');
SELECT hall.bill_compare(:'b', jsonb_build_array(pg_temp.line(:'first', 100), pg_temp.line(:'last', 200)));
SELECT hall.bill_compare(:'b2', jsonb_build_array(pg_temp.line(:'after', 400)));
SELECT is(pg_temp.found(:'b2'), 'refund only_ours ' || :'last' || ' 200 -1', 'one that no bill has');
SELECT hall.bill_compare(:'b', jsonb_build_array(pg_temp.line(:'first', 100), pg_temp.line(:'last', 200), pg_temp.line(:'first', 100, 'RX')));
SELECT is(pg_temp.found(:'b'), 'refund only_theirs ' || :'first' || ' -1 100', 'one that nobody here ordered');

-- ---- asking ----
SELECT pg_temp.be_staff(pg_temp.new_staff('finance'), 'finance');
SELECT is(pg_temp.outcome('SELECT hall.bill_want(''wechatpay'', (now() AT TIME ZONE ''Asia/Shanghai'')::date + 1)'), 'CH422 /day', 'tomorrow has no bill');
SELECT is(pg_temp.outcome('SELECT hall.bill_want(''wechatpay'', (now() - interval ''91 days'')::date)'), 'CH422 /day', 'nor has last spring');
SELECT hall.bill_want('wechatpay', (now() AT TIME ZONE 'Asia/Shanghai')::date) AS t \gset
SELECT is(hall.bill_want('wechatpay', (now() AT TIME ZONE 'Asia/Shanghai')::date), :'t', 'a day has one bill');
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'bill' AND subject = :'t'), 2::bigint, 'asked for twice when somebody asks twice');
SELECT is(jsonb_array_length(hall.bill_differences(:'b')::jsonb -> 'items'), 1, 'the differences as people read them');
SELECT ok((SELECT (x ->> 'differences')::int = 1 AND (x -> 'theirs' ->> 'paid')::int = 300 AND (x -> 'theirs' ->> 'refunded')::int = 100
             FROM jsonb_array_elements(hall.bills_json(NULL, 100)::jsonb -> 'items') x WHERE x ->> 'id' = :'b'), 'and their sums');
SELECT throws_ok('INSERT INTO hall.bill (channel, day) VALUES (''cash'', ''2026-01-01'')', '23503', NULL, 'no bill of cash');

SELECT * FROM finish();
ROLLBACK;
