-- Revert certhall:refund from pg
BEGIN;
-- The vendor says that `number` was paid. Answers what came of it: paid, again, refund_due, wrong_amount, unknown.
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

DROP FUNCTION hall.refund_state;
DROP FUNCTION hall.refund_work;
DROP TRIGGER payment_goes_back ON hall.payment;
DROP FUNCTION hall.payment_goes_back;
DROP FUNCTION hall.refund_want;
UPDATE hall.payment SET state = 'refund_due' WHERE state = 'refunded';
ALTER TABLE hall.payment DROP CONSTRAINT payment_state_check;
ALTER TABLE hall.payment ADD CONSTRAINT payment_state_check CHECK (state IN ('waiting', 'paid', 'closed', 'refund_due'));
DROP TABLE hall.refund;
COMMIT;
