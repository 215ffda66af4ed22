-- Money received.

CREATE OR REPLACE FUNCTION hall.payment_code(wanted uuid, url text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE payment SET code_url = url WHERE id = wanted AND state = 'waiting';
END $$;

-- A payment has arrived. One of a wrong amount stays with finance, and other open payments are closed.
CREATE OR REPLACE FUNCTION hall.payment_paid(number text, transaction text, amount int, at timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p payment;
    o orders;
BEGIN
    SELECT * INTO p FROM payment WHERE out_trade_no = number;
    IF NOT FOUND THEN
        RETURN 'unknown';
    END IF;
    SELECT * INTO o FROM orders WHERE id = p.order_id FOR NO KEY UPDATE; -- the order is locked before its payments
    SELECT * INTO p FROM payment WHERE out_trade_no = number FOR NO KEY UPDATE;
    IF p.state IN ('paid', 'refund_due', 'refunded') THEN
        RETURN 'again';
    ELSIF p.total <> amount THEN
        UPDATE payment SET odd_fen = amount WHERE id = p.id;
        PERFORM note('order', o.id, jsonb_build_object('payment', p.id, 'wrong_amount', amount));
        RETURN 'wrong_amount';
    ELSIF o.state <> 'unpaid' OR p.total <> o.total THEN -- cancelled, taken back, changed, or already paid in another way
        UPDATE payment SET state = 'refund_due', transaction_id = transaction, paid_at = at, odd_fen = NULL WHERE id = p.id;
        PERFORM note('order', o.id, jsonb_build_object('payment', p.id, 'refund_due', amount));
        INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'refund_due', '收到一笔不应支付的款项，将原路退回');
        RETURN 'refund_due';
    END IF;
    UPDATE payment SET state = 'paid', transaction_id = transaction, paid_at = at, odd_fen = NULL WHERE id = p.id;
    PERFORM payments_close(o.id);
    PERFORM order_paid(o.id, 'paid');
    PERFORM approval_goes_on(o.id);
    RETURN 'paid';
END $$;

-- The vendor has closed the payment; another way of paying may be open by now.
CREATE OR REPLACE FUNCTION hall.payment_closed(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE payment SET state = 'closed' WHERE id = wanted AND state = 'waiting';
    UPDATE orders o SET paid = 'none' FROM payment p
     WHERE p.id = wanted AND o.id = p.order_id AND o.paid = 'waiting' AND o.state IN ('unpaid', 'draft', 'cancelled')
       AND NOT EXISTS (SELECT FROM payment other WHERE other.order_id = o.id AND other.state = 'waiting');
END $$;

-- Closes the open payment, at the vendor through the outbox.
CREATE OR REPLACE FUNCTION hall.close_payment(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enqueue('payment_close', 'payment_close/' || id, id) FROM payment WHERE order_id = wanted AND state = 'waiting';
END $$;

CREATE OR REPLACE FUNCTION hall.payment_view(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('state', CASE o.paid WHEN 'zero' THEN 'paid' ELSE o.paid END, 'total', o.total,
               'channel', p.channel, 'paid_at', iso(p.paid_at), 'expires_at', iso(p.expires_at))::text
      FROM orders o CROSS JOIN payment_of(o) p
     WHERE p.id IS NOT NULL AND o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project());
END $$;

CREATE OR REPLACE FUNCTION hall.payment_notice_new(way text, notice text) RETURNS bool
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO payment_notice (channel, id) VALUES (way, notice) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END $$;

CREATE OR REPLACE FUNCTION hall.payment_work(wanted uuid)
RETURNS TABLE (order_id uuid, channel text, out_trade_no text, total int, state text, expired bool, age interval)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT p.order_id, p.channel, p.out_trade_no, p.total, p.state, p.expires_at <= now(), now() - p.created_at
      FROM payment p WHERE p.id = wanted;
END $$;

-- The check before a payment is opened.
CREATE OR REPLACE FUNCTION hall.payment_limits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM limit_keep(o, 'infinity') FROM orders o WHERE o.id = NEW.order_id AND o.state = 'unpaid';
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER payment_limits BEFORE INSERT ON hall.payment FOR EACH ROW EXECUTE FUNCTION hall.payment_limits();

CREATE OR REPLACE FUNCTION hall.pay_ways(o hall.orders) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT project_pay_ways(p, t) FROM project p
              LEFT JOIN project_type t ON t.project = p.id AND t.cert_type = o.cert_type WHERE p.id = o.project);
END $$;

CREATE OR REPLACE FUNCTION hall.project_pay_ways(p hall.project, t hall.project_type) RETURNS text[]
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN p.transfer_natural OR t.person IS DISTINCT FROM 'natural' THEN p.payment_ways
                ELSE array_remove(p.payment_ways, 'transfer') END $$;

-- Closes all open payments here at once; the runner closes them at the vendor. A payment that arrives all the same is noticed. What
-- is paid inside the vendor's own app is one payer's alone, so it never stays open for another.
CREATE OR REPLACE FUNCTION hall.payments_close(wanted uuid, but text DEFAULT '', but_page bool DEFAULT false,
                                               but_phone bool DEFAULT false) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p payment;
BEGIN
    UPDATE payment SET state = 'closed' WHERE order_id = wanted AND state = 'waiting'
       AND channel IN (SELECT code FROM payment_channel WHERE online) AND (inside OR (channel, page, phone) IS DISTINCT FROM (but, but_page, but_phone))
    RETURNING * INTO p;
    IF FOUND THEN
        PERFORM enqueue('payment_close', 'payment_close/' || p.id, p.id);
    END IF;
END $$;

-- Refuses to let an order be paid that is not to be paid, or not in this way.
CREATE OR REPLACE FUNCTION hall.payment_wanted(o hall.orders, way text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF o.state <> 'unpaid' THEN
        PERFORM refuse(409, '业务单目前不需要支付。');
    ELSIF NOT EXISTS (SELECT FROM payment_channel c WHERE c.code = way AND c.online AND c.code = ANY (pay_ways(o))) THEN
        PERFORM refuse(422, '本项目不支持这种支付方式。', '/channel');
    END IF;
END $$;

-- What is to be paid inside the vendor's own app; `opened` stands for it at the vendor, where a payer has begun already.
CREATE OR REPLACE FUNCTION hall.payment_inside(wanted uuid, way text) RETURNS TABLE (opened text, total int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := order_mine(wanted);
BEGIN
    PERFORM payment_wanted(o, way);
    RETURN QUERY SELECT (SELECT p.code_url FROM payment p WHERE p.order_id = wanted AND p.state = 'waiting' AND p.inside
                            AND p.channel = way AND p.expires_at > now() AND p.total = o.total), o.total;
END $$;

-- Opens a payment, or returns the open one: a QR code, the vendor's own page (`on_page`), or its page for a phone (`on_phone`). A payer in
-- the vendor's own app (`in_app`) always gets a new one. Its number is committed before the vendor gets it. Changing the way of paying
-- closes the other payment; if that is paid all the same it counts, and a second payment is refunded.
CREATE OR REPLACE FUNCTION hall.payment_open(new_id uuid, wanted uuid, way text, number text, on_page bool DEFAULT false,
                                            on_phone bool DEFAULT false, in_app bool DEFAULT false)
RETURNS TABLE (id uuid, channel text, out_trade_no text, total int, code_url text, expires_at timestamptz, description text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted);
BEGIN
    PERFORM payment_wanted(o, way);
    UPDATE payment p SET state = 'closed' WHERE p.order_id = wanted AND p.state = 'waiting' AND p.expires_at <= now();
    PERFORM payments_close(wanted, CASE WHEN NOT in_app THEN way END, on_page, on_phone);
    IF EXISTS (SELECT FROM payment p WHERE p.order_id = wanted AND p.state = 'waiting' AND p.total <> o.total) THEN
        PERFORM refuse(409, '价格已更改，原来的支付正在关闭，请稍后再试。');
    END IF;
    INSERT INTO payment (id, order_id, channel, page, phone, inside, out_trade_no, total, expires_at)
    SELECT new_id, wanted, way, on_page, on_phone, in_app, number, o.total, now() + interval '2 hours'
     WHERE NOT EXISTS (SELECT FROM payment p WHERE p.order_id = wanted AND p.state = 'waiting');
    IF FOUND THEN
        UPDATE orders SET paid = 'waiting', updated_at = now() WHERE orders.id = wanted;
        PERFORM enqueue('payment_query', 'payment_query/' || new_id, new_id, '30 seconds');
    END IF;
    RETURN QUERY SELECT p.id, p.channel, p.out_trade_no, p.total, p.code_url, p.expires_at,
           (SELECT j.name FROM project j WHERE j.id = o.project) || ' 数字证书 ' || o.number
      FROM payment p WHERE p.order_id = wanted AND p.state = 'waiting';
END $$;

-- The payment that people mean: the one that counts, the one that is open, or the one that is refunded at their request; NULL: none.
CREATE OR REPLACE FUNCTION hall.payment_of(o hall.orders) RETURNS hall.payment
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p payment;
BEGIN
    SELECT * INTO p FROM payment x WHERE x.order_id = o.id AND x.state IN ('paid', 'waiting') ORDER BY x.state = 'paid' DESC LIMIT 1;
    IF NOT FOUND AND o.refund IS NOT NULL THEN
        SELECT x.* INTO p FROM payment x JOIN refund_request q ON q.payment_id = x.id
         WHERE x.order_id = o.id AND q.order_id = o.id AND q.state = 'approved';
    END IF;
    RETURN p;
END $$;

CREATE OR REPLACE FUNCTION hall.order_payments_json(wanted uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'channel', p.channel, 'channel_name', c.name,
        'number', p.out_trade_no, 'fen', p.total,
        'state', p.state, 'odd_fen', p.odd_fen, 'reference', p.transaction_id, 'paid_at', iso(p.paid_at), 'created_at', iso(p.created_at),
        'transfer', CASE WHEN t.payment_id IS NOT NULL THEN jsonb_build_object('state', t.state, 'staff', s.display_name,
            'decided_at', iso(t.decided_at), 'why', t.why, 'day', t.day, 'payer_matches', t.payer_matches,
            'vouchers', vouchers_json(wanted, t.payment_id)) END,
        'refund', CASE WHEN r.id IS NOT NULL THEN jsonb_build_object('id', r.id, 'number', r.out_refund_no, 'fen', r.amount, 'state', r.state,
            'by_hand', r.by_hand OR r.state = 'failed', 'why', r.why, 'reference', r.vendor_no, 'staff', b.display_name,
            'created_at', iso(r.created_at), 'ended_at', iso(r.ended_at)) END) ORDER BY p.created_at, p.out_trade_no), '[]')
      FROM payment p JOIN payment_channel c ON c.code = p.channel LEFT JOIN transfer t ON t.payment_id = p.id LEFT JOIN staff s ON s.id = t.staff
      LEFT JOIN refund r ON r.payment_id = p.id LEFT JOIN staff b ON b.id = r.staff WHERE p.order_id = wanted);
END $$;

-- An amount in fen, as people read it: yuan with two decimal places, the thousands separated.
CREATE OR REPLACE FUNCTION hall.yuan(fen int) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT to_char(fen / 100.0, 'FM999,999,990.00') $$;

CREATE OR REPLACE FUNCTION hall.payment_name(payment text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT CASE payment WHEN 'prepaid' THEN '寄付' WHEN 'collect' THEN '到付' END $$;
