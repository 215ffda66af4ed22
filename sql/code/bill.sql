-- The comparison of our books with the vendors' bills.

-- Asks for the bill of a day, also if it was asked for before.
CREATE OR REPLACE FUNCTION hall.bill_want(way text, wanted date, wait interval DEFAULT '0') RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE b uuid;
BEGIN
    IF wanted IS NULL OR wanted > (now() AT TIME ZONE 'Asia/Shanghai')::date OR wanted < (now() - interval '90 days')::date THEN
        PERFORM refuse(422, '只能核对最近 90 天内的账单。', '/day');
    ELSIF NOT EXISTS (SELECT FROM payment_channel WHERE code = way AND online) THEN
        PERFORM refuse(422, '这种支付方式没有账单。', '/channel');
    END IF;
    INSERT INTO bill (channel, day) VALUES (way, wanted)
    ON CONFLICT (channel, day) DO UPDATE SET state = 'queued' RETURNING id INTO b;
    PERFORM enqueue('bill', 'bill/' || b || '/' || extract(epoch FROM clock_timestamp()), b, wait);
    RETURN b;
END $$;

-- Asks for yesterday's bills of the channels that are set up, from half past ten (Beijing time), when the vendors have made them.
CREATE OR REPLACE FUNCTION hall.bills_due(ways text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    beijing timestamp := now() AT TIME ZONE 'Asia/Shanghai';
    way text;
BEGIN
    IF beijing::time < '10:30' THEN
        RETURN;
    END IF;
    FOREACH way IN ARRAY ways LOOP
        IF NOT EXISTS (SELECT FROM bill WHERE channel = way AND day = beijing::date - 1) THEN
            PERFORM bill_want(way, beijing::date - 1, '1 minute'); -- the runner may just have been started for the first time
        END IF;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION hall.bill_work(wanted uuid) RETURNS TABLE (channel text, day text, state text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT b.channel, b.day::text, b.state FROM bill b WHERE b.id = wanted;
END $$;

-- Our books of a channel and day. A refund belongs to the day on which it succeeded.
CREATE OR REPLACE FUNCTION hall.bill_ours(way text, wanted date)
RETURNS TABLE (kind text, number text, refund_number text, amount bigint, order_id uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    since timestamptz := wanted::timestamp AT TIME ZONE 'Asia/Shanghai';
    until timestamptz := (wanted + 1)::timestamp AT TIME ZONE 'Asia/Shanghai';
BEGIN
    RETURN QUERY SELECT 'payment', p.out_trade_no, '', p.total::bigint, p.order_id FROM payment p
     WHERE p.channel = way AND p.state IN ('paid', 'refund_due', 'refunded')
       AND p.paid_at >= since AND p.paid_at < until
    UNION ALL
    SELECT 'refund', p.out_trade_no, r.out_refund_no, r.amount::bigint, p.order_id FROM refund r JOIN payment p ON p.id = r.payment_id
     WHERE p.channel = way AND r.state = 'succeeded' AND r.ended_at >= since AND r.ended_at < until;
END $$;

-- Compares a bill with our books: `lines` are the vendor's, [{kind, number, refund_number, vendor_number, amount, at}]. Returns the
-- number of differences. A refund near midnight may be in the vendor's bill of one day and in our books of the next, so what one side
-- has is searched on the other side on any day.
CREATE OR REPLACE FUNCTION hall.bill_compare(wanted uuid, lines jsonb) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    b bill;
    n int;
BEGIN
    UPDATE bill SET state = 'compared', compared_at = now() WHERE id = wanted RETURNING * INTO b;
    DELETE FROM bill_line WHERE bill = wanted;
    DELETE FROM bill_difference WHERE bill = wanted;
    INSERT INTO bill_line (bill, kind, number, refund_number, vendor_number, amount, at)
    SELECT wanted, l.kind, l.number, coalesce(l.refund_number, ''), l.vendor_number, l.amount, l.at
      FROM jsonb_to_recordset(lines) AS l (kind text, number text, refund_number text, vendor_number text, amount bigint, at timestamptz);
    INSERT INTO bill_difference (bill, kind, number, refund_number, what, ours, theirs, order_id)
    WITH theirs AS (SELECT kind, number, refund_number, sum(amount)::bigint AS amount, count(*) AS times
                      FROM bill_line WHERE bill = wanted GROUP BY 1, 2, 3),
         ours AS (SELECT 'payment' AS kind, p.out_trade_no AS number, '' AS refund_number, p.total::bigint AS amount, p.order_id
                    FROM payment p WHERE p.channel = b.channel AND p.state IN ('paid', 'refund_due', 'refunded')
                  UNION ALL
                  SELECT 'refund', p.out_trade_no, r.out_refund_no, r.amount::bigint, p.order_id
                    FROM refund r JOIN payment p ON p.id = r.payment_id
                   WHERE p.channel = b.channel AND r.state <> 'queued')
    SELECT wanted, t.kind, t.number, t.refund_number,
           CASE WHEN o.number IS NULL THEN 'only_theirs' WHEN t.times > 1 THEN 'twice' ELSE 'amount' END,
           o.amount, t.amount, coalesce(o.order_id, (SELECT p.order_id FROM payment p WHERE p.out_trade_no = t.number))
      FROM theirs t LEFT JOIN ours o USING (kind, number, refund_number)
     WHERE o.number IS NULL OR o.amount <> t.amount OR t.times > 1
    UNION ALL
    SELECT wanted, o.kind, o.number, o.refund_number, 'only_ours', o.amount, NULL, o.order_id
      FROM bill_ours(b.channel, b.day) o
     WHERE NOT EXISTS (SELECT FROM bill_line l JOIN bill x ON x.id = l.bill AND x.channel = b.channel
                        WHERE (l.kind, l.number, l.refund_number) = (o.kind, o.number, o.refund_number));
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END $$;

-- The list for finance, auditors and administrators, and the channels that have bills.
CREATE OR REPLACE FUNCTION hall.bills_json(after text, page_size int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    keys text[] := cursor_keys(after, 'date', 'text');
    after_day date := coalesce(keys[1], 'infinity');
    after_channel text := keys[2];
    ids uuid[] := ARRAY(SELECT b.id FROM bill b
        WHERE after IS NULL OR b.day < after_day OR b.day = after_day AND b.channel > after_channel
        ORDER BY b.day DESC, b.channel LIMIT look_for(after, page_size));
BEGIN
    RETURN (SELECT page(jsonb_agg(jsonb_build_object('id', b.id, 'channel', b.channel, 'channel_name', c.name, 'day', b.day, 'state', b.state,
            'compared_at', iso(b.compared_at), 'why', (SELECT o.last_error FROM outbox o WHERE o.subject = b.id AND o.kind = 'bill'
                AND o.state <> 'done' AND b.state = 'queued' ORDER BY o.id DESC LIMIT 1),
            'theirs', (SELECT jsonb_build_object('payments', count(*) FILTER (WHERE kind = 'payment'),
                'paid', coalesce(sum(amount) FILTER (WHERE kind = 'payment'), 0), 'refunds', count(*) FILTER (WHERE kind = 'refund'),
                'refunded', coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0)) FROM bill_line l WHERE l.bill = b.id),
            'ours', (SELECT jsonb_build_object('payments', count(*) FILTER (WHERE kind = 'payment'),
                'paid', coalesce(sum(amount) FILTER (WHERE kind = 'payment'), 0), 'refunds', count(*) FILTER (WHERE kind = 'refund'),
                'refunded', coalesce(sum(amount) FILTER (WHERE kind = 'refund'), 0)) FROM bill_ours(b.channel, b.day)), 'differences', (SELECT count(*) FROM bill_difference d WHERE d.bill = b.id)) ORDER BY x.n),
        array_agg(cursor_of(b.day::text, b.channel) ORDER BY x.n), page_size, after, cardinality(ids))
        || jsonb_build_object('channels', (SELECT jsonb_agg(jsonb_build_object('code', code, 'name', name) ORDER BY pos)
                                             FROM payment_channel WHERE online))
      FROM unnest(ids[1 : page_size + 1]) WITH ORDINALITY AS x(id, n) JOIN bill b ON b.id = x.id
      JOIN payment_channel c ON c.code = b.channel)::text;
END $$;

-- NULL when there is no such bill.
CREATE OR REPLACE FUNCTION hall.bill_differences(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT CASE WHEN EXISTS (SELECT FROM bill WHERE id = wanted)
        THEN jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('kind', d.kind, 'kind_name', word('bill_kind', d.kind),
        'number', d.number, 'refund_number', nullif(d.refund_number, ''), 'what', d.what, 'what_name', word('bill_difference', d.what), 'ours', d.ours, 'theirs', d.theirs, 'order_id', d.order_id,
        'order_number', o.number) ORDER BY d.kind, d.number), '[]'))::text END
      FROM bill_difference d LEFT JOIN orders o ON o.id = d.order_id WHERE d.bill = wanted);
END $$;
