-- Revert certhall:money from pg
BEGIN;

DROP FUNCTION hall.desk_money_sealed, hall.desk_money, hall.order_payments_json, hall.money_can, hall.money_json;
DROP VIEW hall.money_open;
DROP TABLE hall.money_kind;
CREATE OR REPLACE FUNCTION hall.order_money_json(o hall.orders) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT '{}'::jsonb $$;
CREATE OR REPLACE FUNCTION hall.order_money_can(o hall.orders) RETURNS text[] LANGUAGE sql STABLE AS $$ SELECT '{}'::text[] $$;
DROP FUNCTION hall.refund_json, hall.transfer_view, hall.transfer_json, hall.odd_settle, hall.refund_refuse, hall.refund_approve,
    hall.payout_stop, hall.refund_asked, hall.desk_refund_withdraw, hall.refund_withdraw, hall.refund_back_out, hall.desk_refund_ask,
    hall.refund_ask, hall.refundable, hall.refund_open, hall.refund_settle;

-- What the vendor says of a refund, from its notification or from our query. Answers what came of it: accepted, succeeded,
-- failed, again, unknown. One that failed can still succeed: somebody saw to it at the vendor's console.
CREATE OR REPLACE FUNCTION hall.refund_state(refund_no text, new_state text, vendor text, cause text, at timestamptz) RETURNS text
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

DROP FUNCTION hall.refund_end;
DROP TRIGGER payment_goes_back ON hall.payment;
CREATE TRIGGER payment_goes_back AFTER UPDATE OF state ON hall.payment FOR EACH ROW
    WHEN (NEW.state = 'refund_due' AND OLD.state <> 'refund_due' AND NEW.channel <> 'transfer')
    EXECUTE FUNCTION hall.payment_goes_back();

CREATE OR REPLACE FUNCTION hall.refund_want(wanted uuid, why text) RETURNS void
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

DROP FUNCTION hall.transfer_surplus, hall.transfer_refuse, hall.transfer_confirm, hall.entry_must_be_new, hall.transfer_work, hall.voucher_submit,
    hall.transfer_number, hall.vouchers_json, hall.desk_voucher, hall.voucher_view, hall.voucher_delete, hall.voucher_put, hall.voucher_slot,
    hall.voucher_order;

-- Seven days unpaid: cancelled. The version tells whether it is still that same submission.
CREATE OR REPLACE FUNCTION hall.order_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM orders WHERE id = wanted AND state = 'unpaid' AND submitted_at <= now() - interval '7 days') THEN
        PERFORM advance(wanted, 'cancel');
        PERFORM close_payment(wanted);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.order_edit(wanted uuid, seen int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM my_order(wanted, seen);
    PERFORM advance(wanted, 'edit');
    PERFORM close_payment(wanted);
END $$;

-- Account data that the form asked for go along, sealed by the caller.
CREATE OR REPLACE FUNCTION hall.order_submit(wanted uuid, seen int, branch text, sealed_account bytea, shown text, unit text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted, seen);
    parts jsonb := price_parts(o);
BEGIN
    PERFORM order_must_be_whole(o);
    IF branch IS NOT NULL AND NOT EXISTS (SELECT FROM bank_branch WHERE cnaps = branch) THEN
        PERFORM refuse(422, '请从搜索结果中选择开户行。', '/form/account_branch');
    END IF;
    PERFORM advance(wanted, 'submit');
    UPDATE orders SET price = parts, submitted_at = now(),
           total = (SELECT sum((x ->> 'fen')::int) FROM jsonb_array_elements(parts) x) WHERE id = wanted RETURNING * INTO o;
    IF branch IS NOT NULL THEN
        INSERT INTO bank_account (order_id, cnaps, sealed, masked, name) VALUES (wanted, branch, sealed_account, shown, unit)
        ON CONFLICT (order_id) DO UPDATE SET (cnaps, sealed, masked, name) =
            (EXCLUDED.cnaps, EXCLUDED.sealed, EXCLUDED.masked, EXCLUDED.name);
    END IF;
    PERFORM enqueue('unpaid_end', 'unpaid_end/' || wanted || '/' || o.version, wanted, '7 days');
    IF o.total = 0 THEN
        PERFORM order_paid(wanted, 'zero');
    END IF;
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

DROP TRIGGER orders_approval_stands ON hall.orders;
DROP FUNCTION hall.approval_at_last, hall.approval_goes_on, hall.advance_itself;

CREATE OR REPLACE FUNCTION hall.payment_view(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('state', CASE o.paid WHEN 'zero' THEN 'paid' ELSE o.paid END, 'total', o.total,
               'channel', p.channel, 'paid_at', iso(p.paid_at), 'expires_at', iso(p.expires_at))::text
      FROM orders o LEFT JOIN payment p ON p.order_id = o.id AND p.state IN ('waiting', 'paid')
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project() $$;

DROP FUNCTION hall.payment_of, hall.payment_open;

-- Opens a payment, or hands out the open one. Its number is committed before the vendor hears of it. Who changes the way of
-- paying closes the other one: here at once, at the vendor by the runner; should it be paid all the same, it counts, and a
-- second payment goes back.
CREATE FUNCTION hall.payment_open(new_id uuid, wanted uuid, way text, number text)
RETURNS TABLE (id uuid, channel text, out_trade_no text, total int, code_url text, expires_at timestamptz, description text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    other uuid;
BEGIN
    IF o.state <> 'unpaid' THEN
        PERFORM refuse(409, '业务单目前不需要支付。');
    ELSIF NOT way = ANY (SELECT unnest(payment_ways) FROM project p WHERE p.id = o.project) THEN
        PERFORM refuse(422, '本项目不支持这种支付方式。', '/channel');
    END IF;
    UPDATE payment p SET state = 'closed' WHERE p.order_id = wanted AND p.state = 'waiting' AND p.expires_at <= now();
    UPDATE payment p SET state = 'closed' WHERE p.order_id = wanted AND p.state = 'waiting' AND p.channel <> way
        RETURNING p.id INTO other;
    IF FOUND THEN
        PERFORM enqueue('payment_close', 'payment_close/' || other, other);
    END IF;
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
    RETURN QUERY SELECT p.id, p.channel, p.out_trade_no, p.total, p.code_url, p.expires_at,
           (SELECT j.name FROM project j WHERE j.id = o.project) || ' 数字证书 ' || o.number
      FROM payment p WHERE p.order_id = wanted AND p.state = 'waiting';
END $$;

GRANT EXECUTE ON FUNCTION hall.payment_open TO certhall_pay;
REVOKE EXECUTE ON FUNCTION hall.form_spec, hall.order_view, hall.code_names FROM certhall_pay;
DROP FUNCTION hall.payments_close, hall.pay_ways, hall.gift_json;
DROP TRIGGER orders_a_gift_unpaid ON hall.orders;
DROP TRIGGER orders_a_gift ON hall.orders;

-- Gifts: promised when the money is there, to a unit's first order, as long as there are any.
CREATE OR REPLACE FUNCTION hall.give_gift() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM orders WHERE unit_hash = NEW.unit_hash AND project = NEW.project AND id <> NEW.id
                  AND paid IN ('paid', 'zero') AND state NOT IN ('cancelled', 'refunded')) THEN
        RETURN NEW;
    END IF;
    UPDATE project_gift SET stock = stock - 1
     WHERE project = NEW.project AND years = NEW.years AND stock > 0 AND (NEW.seal_wanted OR NOT needs_seal)
    RETURNING name, years INTO NEW.gift, NEW.gift_years;
    RETURN NEW;
END $$;

CREATE TRIGGER orders_a_gift BEFORE UPDATE OF paid ON hall.orders
    FOR EACH ROW WHEN (NEW.paid IN ('paid', 'zero') AND OLD.paid NOT IN ('paid', 'zero')) EXECUTE FUNCTION hall.give_gift();
DROP FUNCTION hall.gift_had;

DROP TRIGGER orders_voucher_price ON hall.orders;
DROP FUNCTION hall.voucher_locks_price;
DROP TRIGGER orders_refund_holds ON hall.orders;
DROP FUNCTION hall.refund_holds;
DROP TRIGGER review_money_duties ON hall.review;
DROP FUNCTION hall.review_not_money;
DELETE FROM hall.sealed_column WHERE place IN ('transfer.payer', 'transfer.reason', 'voucher.key', 'refund_request.reason');
DROP TABLE hall.refund_request, hall.voucher, hall.transfer;
DROP FUNCTION hall.refund_apart, hall.transfer_apart, hall.money_apart;
DROP INDEX hall.refund_unsettled;
ALTER TABLE hall.refund DROP COLUMN staff;
ALTER TABLE hall.orders DROP COLUMN approval_stands, DROP COLUMN unpaid_since;
ALTER TABLE hall.payment DROP COLUMN page, DROP COLUMN odd_fen;
ALTER TABLE hall.project DROP COLUMN transfer_natural;

COMMIT;
