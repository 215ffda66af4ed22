-- Revert certhall:payway from pg
BEGIN;

DROP FUNCTION hall.payment_open;
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

GRANT EXECUTE ON FUNCTION hall.payment_open TO certhall_pay;

-- A payment that nobody can make any more.
CREATE OR REPLACE FUNCTION hall.payment_closed(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE payment SET state = 'closed' WHERE id = wanted AND state = 'waiting';
    UPDATE orders o SET paid = 'none' FROM payment p
     WHERE p.id = wanted AND o.id = p.order_id AND o.paid = 'waiting' AND o.state IN ('unpaid', 'draft', 'cancelled');
END $$;

COMMIT;
