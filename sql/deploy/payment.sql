-- Deploy certhall:payment to pg
-- Money received. The truth is the vendor's notification and our own query, both idempotent; what was paid too much, too
-- late or twice stays visible as "to be refunded".
BEGIN;

CREATE TABLE hall.payment (
    id             uuid PRIMARY KEY,
    order_id       uuid NOT NULL REFERENCES hall.orders,
    channel        text NOT NULL CHECK (channel IN ('wechat', 'alipay', 'transfer')),
    out_trade_no   text NOT NULL UNIQUE, -- our number towards the vendor
    total          int NOT NULL CHECK (total > 0),
    state          text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'paid', 'closed', 'refund_due')),
    code_url       text,
    expires_at     timestamptz NOT NULL,
    transaction_id text UNIQUE,
    paid_at        timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX payment_open ON hall.payment (order_id) WHERE state = 'waiting';
CREATE UNIQUE INDEX payment_counted ON hall.payment (order_id) WHERE state = 'paid';

-- The vendors' notifications by their own id: a second one changes nothing.
CREATE TABLE hall.payment_notice (
    channel text NOT NULL,
    id      text NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (channel, id)
);

-- Opens a payment, or hands out the open one. Its number is committed before the vendor hears of it.
CREATE FUNCTION hall.payment_open(new_id uuid, wanted uuid, way text, number text)
RETURNS TABLE (id uuid, out_trade_no text, total int, code_url text, expires_at timestamptz, description text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted);
BEGIN
    IF o.state <> 'unpaid' THEN
        PERFORM refuse(409, '业务单目前不需要支付。');
    ELSIF NOT way = ANY (SELECT unnest(payment_ways) FROM project p WHERE p.id = o.project) THEN
        PERFORM refuse(422, '本项目不支持这种支付方式。', '/channel');
    END IF;
    UPDATE payment p SET state = 'closed' WHERE p.order_id = wanted AND p.state = 'waiting' AND p.expires_at <= now();
    IF EXISTS (SELECT FROM payment p WHERE p.order_id = wanted AND p.state = 'waiting' AND p.total <> o.total) THEN
        PERFORM refuse(409, '价格已更改，原来的支付正在关闭，请稍后再试。');
    END IF;
    INSERT INTO payment (id, order_id, channel, out_trade_no, total, expires_at)
    SELECT new_id, wanted, way, number, o.total, now() + interval '2 hours'
     WHERE NOT EXISTS (SELECT FROM payment p WHERE p.order_id = wanted AND p.state = 'waiting');
    IF FOUND THEN
        UPDATE orders SET paid = 'waiting', updated_at = now() WHERE orders.id = wanted;
        PERFORM enqueue('payment_query', 'payment_query/' || new_id, new_id, '30 seconds');
    END IF;
    RETURN QUERY SELECT p.id, p.out_trade_no, p.total, p.code_url, p.expires_at,
           (SELECT j.name FROM project j WHERE j.id = o.project) || ' 数字证书 ' || o.number
      FROM payment p WHERE p.order_id = wanted AND p.state = 'waiting';
END $$;

CREATE FUNCTION hall.payment_code(wanted uuid, url text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE payment SET code_url = url WHERE id = wanted AND state = 'waiting' $$;

-- Paid orders go on: to the review, or first to the proof of the account.
CREATE FUNCTION hall.order_paid(wanted uuid, how text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p project;
    o orders;
BEGIN
    UPDATE orders SET paid = how WHERE id = wanted RETURNING * INTO o;
    SELECT * INTO p FROM project WHERE id = o.project;
    PERFORM advance(wanted, 'paid');
    IF person_of(o) <> 'natural' AND p.finauth <> 'none' THEN
        UPDATE orders SET finauth = CASE WHEN p.account_asked = 'form' THEN 'queued' ELSE 'account_wanted' END
         WHERE id = wanted;
        IF p.account_asked = 'after_payment' THEN
            PERFORM enqueue('account_reminder', 'account_reminder/' || wanted, wanted,
                            coalesce(due(now(), 1), now() + interval '1 day') - now());
        END IF;
    END IF;
    PERFORM start_review(wanted);
END $$;

-- The vendor says that `number` was paid. Answers what came of it: paid, again, refund_due, wrong_amount, unknown.
CREATE FUNCTION hall.payment_paid(number text, transaction text, amount int, at timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p payment;
    o orders;
BEGIN
    SELECT * INTO p FROM payment WHERE out_trade_no = number;
    IF NOT FOUND THEN
        RETURN 'unknown';
    END IF;
    SELECT * INTO o FROM orders WHERE id = p.order_id FOR NO KEY UPDATE; -- the order's lock comes before its payments'
    SELECT * INTO p FROM payment WHERE out_trade_no = number FOR NO KEY UPDATE;
    IF p.state IN ('paid', 'refund_due') THEN
        RETURN 'again';
    ELSIF p.total <> amount THEN
        PERFORM note('order', o.id, jsonb_build_object('payment', p.id, 'wrong_amount', amount));
        RETURN 'wrong_amount';
    ELSIF o.state <> 'unpaid' OR p.total <> o.total THEN -- cancelled, taken back, changed, or paid already in another way
        UPDATE payment SET state = 'refund_due', transaction_id = transaction, paid_at = at WHERE id = p.id;
        PERFORM note('order', o.id, jsonb_build_object('payment', p.id, 'refund_due', amount));
        INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'refund_due', '收到一笔不应支付的款项，将原路退回');
        RETURN 'refund_due';
    END IF;
    UPDATE payment SET state = 'paid', transaction_id = transaction, paid_at = at WHERE id = p.id;
    PERFORM order_paid(o.id, 'paid');
    RETURN 'paid';
END $$;

-- A payment that nobody can make any more.
CREATE FUNCTION hall.payment_closed(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE payment SET state = 'closed' WHERE id = wanted AND state = 'waiting';
    UPDATE orders o SET paid = 'none' FROM payment p
     WHERE p.id = wanted AND o.id = p.order_id AND o.paid = 'waiting' AND o.state IN ('unpaid', 'draft', 'cancelled');
END $$;

COMMIT;
