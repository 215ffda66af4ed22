-- Deploy certhall:refund to pg
-- Money that goes back to the payer. A payment that the hall must not keep (state refund_due) is refunded by itself, once,
-- under a number of ours that is committed before the vendor hears of it.
BEGIN;

CREATE TABLE hall.refund (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    payment_id    uuid NOT NULL REFERENCES hall.payment,
    out_refund_no text NOT NULL UNIQUE, -- our number towards the vendor: repeated, never changed
    amount        int NOT NULL CHECK (amount > 0),
    reason        text NOT NULL,
    state         text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'accepted', 'succeeded', 'failed')),
    vendor_no     text,
    why           text, -- it failed
    created_at    timestamptz NOT NULL DEFAULT now(),
    ended_at      timestamptz,
    CHECK ((ended_at IS NOT NULL) = (state IN ('succeeded', 'failed')))
);
CREATE UNIQUE INDEX refund_whole ON hall.refund (payment_id); -- whole amounts only, so one a payment

ALTER TABLE hall.payment DROP CONSTRAINT payment_state_check;
ALTER TABLE hall.payment ADD CONSTRAINT payment_state_check
    CHECK (state IN ('waiting', 'paid', 'closed', 'refund_due', 'refunded'));

CREATE FUNCTION hall.refund_want(wanted uuid, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE r uuid;
BEGIN
    INSERT INTO refund (payment_id, out_refund_no, amount, reason)
    SELECT p.id, 'R' || p.out_trade_no, p.total, why FROM payment p WHERE p.id = wanted
    ON CONFLICT (payment_id) DO NOTHING RETURNING id INTO r;
    IF FOUND THEN
        PERFORM enqueue('refund', 'refund/' || r, r);
    END IF;
END $$;

-- A transfer is paid back by people.
CREATE FUNCTION hall.payment_goes_back() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM refund_want(NEW.id, '订单已关闭或已支付，款项原路退回');
    RETURN NULL;
END $$;
CREATE TRIGGER payment_goes_back AFTER UPDATE OF state ON hall.payment FOR EACH ROW
    WHEN (NEW.state = 'refund_due' AND OLD.state <> 'refund_due' AND NEW.channel <> 'transfer')
    EXECUTE FUNCTION hall.payment_goes_back();

CREATE FUNCTION hall.refund_work(wanted uuid)
RETURNS TABLE (channel text, out_trade_no text, out_refund_no text, total int, amount int, reason text, state text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT p.channel, p.out_trade_no, r.out_refund_no, p.total, r.amount, r.reason, r.state
      FROM refund r JOIN payment p ON p.id = r.payment_id WHERE r.id = wanted $$;

-- What the vendor says of a refund, from its notification or from our query. Answers what came of it: accepted, succeeded,
-- failed, again, unknown. One that failed can still succeed: somebody saw to it at the vendor's console.
CREATE FUNCTION hall.refund_state(refund_no text, new_state text, vendor text, cause text, at timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    r refund;
    o orders;
BEGIN
    SELECT o1.* INTO o FROM refund r1 JOIN payment p ON p.id = r1.payment_id JOIN orders o1 ON o1.id = p.order_id
     WHERE r1.out_refund_no = refund_no FOR NO KEY UPDATE OF o1; -- the order's lock comes first, as everywhere
    IF NOT FOUND THEN
        RETURN 'unknown';
    END IF;
    SELECT * INTO r FROM refund WHERE out_refund_no = refund_no FOR NO KEY UPDATE;
    IF r.state = new_state OR r.state = 'succeeded' OR (r.state = 'failed' AND new_state <> 'succeeded') THEN
        RETURN 'again';
    END IF;
    UPDATE refund SET state = new_state, vendor_no = coalesce(vendor, vendor_no), why = cause,
           ended_at = CASE WHEN new_state IN ('succeeded', 'failed') THEN coalesce(at, now()) END WHERE id = r.id;
    PERFORM note('order', o.id, jsonb_build_object('refund', r.id, 'state', new_state, 'fen', r.amount));
    IF new_state = 'accepted' THEN
        PERFORM enqueue('refund_query', 'refund_query/' || r.id, r.id);
    ELSIF new_state = 'succeeded' THEN
        UPDATE payment SET state = 'refunded' WHERE id = r.payment_id;
        INSERT INTO order_history (order_id, event, text)
        VALUES (o.id, 'refunded', format('已原路退回 %s 元', to_char(r.amount / 100.0, 'FM999999990.00')));
        PERFORM tell(o.id, 'refunded', 'handler', r.out_refund_no,
                     jsonb_build_object('amount', to_char(r.amount / 100.0, 'FM999999990.00')));
    ELSE
        INSERT INTO order_history (order_id, event, text)
        VALUES (o.id, 'refund_failed', '退款未能原路退回，工作人员将与您联系');
    END IF;
    RETURN new_state;
END $$;

-- As before, but what was refunded already stays so.
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
    SELECT * INTO o FROM orders WHERE id = p.order_id FOR NO KEY UPDATE; -- the order's lock comes before its payments'
    SELECT * INTO p FROM payment WHERE out_trade_no = number FOR NO KEY UPDATE;
    IF p.state IN ('paid', 'refund_due', 'refunded') THEN
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

COMMIT;
