-- Refunds.

-- The runner refunds online payments; a transfer is paid back by people, who record it here.
CREATE OR REPLACE FUNCTION hall.refund_want(wanted uuid, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE r refund;
BEGIN
    INSERT INTO refund (payment_id, out_refund_no, amount, reason, by_hand)
    SELECT p.id, 'R' || p.out_trade_no, p.total, why, NOT c.online FROM payment p JOIN payment_channel c ON c.code = p.channel
     WHERE p.id = wanted
    ON CONFLICT (payment_id) DO NOTHING RETURNING * INTO r;
    IF NOT r.by_hand THEN
        PERFORM enqueue('refund', 'refund/' || r.id, r.id);
    END IF;
END $$;

-- A transfer is paid back by people.
CREATE OR REPLACE FUNCTION hall.payment_goes_back() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM refund_want(NEW.id, '业务单已关闭或已支付，款项原路退回');
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER payment_goes_back AFTER UPDATE OF state ON hall.payment FOR EACH ROW
    WHEN (NEW.state = 'refund_due' AND OLD.state <> 'refund_due') EXECUTE FUNCTION hall.payment_goes_back();

CREATE OR REPLACE FUNCTION hall.refund_work(wanted uuid)
RETURNS TABLE (channel text, out_trade_no text, out_refund_no text, total int, amount int, reason text, state text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT p.channel, p.out_trade_no, r.out_refund_no, p.total, r.amount, r.reason, r.state
      FROM refund r JOIN payment p ON p.id = r.payment_id WHERE r.id = wanted;
END $$;

-- Stores what the vendor, or finance, says about a refund. Returns the result: accepted, succeeded, failed, again, unknown, or
-- wrong_amount, which changes nothing, when a report says another amount (`fen`) than that of the refund. A refund that failed can
-- still succeed when somebody settles it by hand.
CREATE OR REPLACE FUNCTION hall.refund_state(refund_no text, new_state text, vendor text, cause text, at timestamptz, fen int DEFAULT NULL) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    r refund;
    o orders;
    amount text;
BEGIN
    SELECT o1.* INTO o FROM refund r1 JOIN payment p ON p.id = r1.payment_id JOIN orders o1 ON o1.id = p.order_id
     WHERE r1.out_refund_no = refund_no FOR NO KEY UPDATE OF o1; -- as everywhere, the order is locked first
    IF NOT FOUND THEN
        RETURN 'unknown';
    END IF;
    SELECT * INTO r FROM refund WHERE out_refund_no = refund_no FOR NO KEY UPDATE;
    IF r.state = new_state OR r.state = 'succeeded' OR (r.state = 'failed' AND new_state <> 'succeeded') THEN
        RETURN 'again';
    ELSIF fen <> r.amount THEN
        PERFORM note('order', o.id, jsonb_build_object('refund', r.id, 'wrong_amount', fen));
        RETURN 'wrong_amount';
    END IF;
    amount := yuan(r.amount);
    UPDATE refund SET state = new_state, vendor_no = coalesce(vendor, vendor_no), why = cause,
           ended_at = CASE WHEN new_state IN ('succeeded', 'failed') THEN coalesce(at, now()) END WHERE id = r.id;
    PERFORM note('order', o.id, jsonb_build_object('refund', r.id, 'state', new_state, 'fen', r.amount));
    IF new_state = 'accepted' THEN
        PERFORM enqueue('refund_query', 'refund_query/' || r.id, r.id);
    ELSIF new_state = 'succeeded' THEN
        UPDATE payment SET state = 'refunded' WHERE id = r.payment_id;
        INSERT INTO order_history (order_id, event, text)
        VALUES (o.id, 'refunded', format(CASE WHEN r.by_hand THEN '已汇回 %s 元' ELSE '已原路退回 %s 元' END, amount));
        PERFORM tell(o.id, CASE WHEN r.by_hand THEN 'remitted_back' ELSE 'refunded' END, 'agent', r.out_refund_no,
                     jsonb_build_object('amount', amount));
        IF EXISTS (SELECT FROM refund_request q WHERE q.order_id = o.id AND q.state = 'approved' AND q.payment_id = r.payment_id) THEN
            PERFORM refund_end(o.id);
        END IF;
    ELSE
        INSERT INTO order_history (order_id, event, text)
        VALUES (o.id, 'refund_failed', '退款未能原路退回，工作人员将与您联系');
    END IF;
    RETURN new_state;
END $$;

CREATE OR REPLACE FUNCTION hall.refund_apart() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM money_apart(NEW.order_id, NEW.decided_by);
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER refund_duties BEFORE INSERT OR UPDATE OF decided_by ON hall.refund_request
    FOR EACH ROW WHEN (NEW.decided_by IS NOT NULL) EXECUTE FUNCTION hall.refund_apart();

-- A refund that is requested or under way holds the order: decisions of people wait, answers of the bank are processed. Only a refund
-- makes an order refunded.
CREATE OR REPLACE FUNCTION hall.refund_holds() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE moved bool := NEW.state <> OLD.state AND (OLD.state, NEW.state) NOT IN (('approved', 'accepted'), ('accepted', 'approved'));
BEGIN
    IF NEW.state = 'refunded' AND OLD.state <> 'refunded' AND NEW.refund IS DISTINCT FROM 'done' THEN
        PERFORM refuse(409, '退费须经财务批准，并在款项退回后完成。');
    ELSIF OLD.refund IN ('asked', 'sending') AND NEW.refund = OLD.refund
          AND (moved OR (NEW.producer IS NOT NULL AND NEW.producer IS DISTINCT FROM OLD.producer)) THEN
        PERFORM refuse(409, '业务单正在申请退费，退费结束前不能继续办理。');
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER orders_refund_holds BEFORE UPDATE OF state, producer ON hall.orders
    FOR EACH ROW EXECUTE FUNCTION hall.refund_holds();

-- The whole amount was paid back, as finance decided: gift, limits, PIN and invoice follow from the state.
CREATE OR REPLACE FUNCTION hall.refund_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE orders SET refund = 'done' WHERE id = wanted;
    PERFORM advance_itself(wanted, 'refund', 'finance');
END $$;

-- A refund, locked, that people have paid: that of a transfer, or one that failed at the vendor.
CREATE OR REPLACE FUNCTION hall.refund_settleable(wanted uuid, bank_ref text, entry_day date) RETURNS hall.refund
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    r refund;
    p payment;
BEGIN
    SELECT x.* INTO p FROM refund y JOIN payment x ON x.id = y.payment_id WHERE y.id = wanted AND my_kind() = 'staff';
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这笔退款。');
    END IF;
    PERFORM FROM orders WHERE id = p.order_id FOR NO KEY UPDATE;
    SELECT * INTO r FROM refund WHERE id = wanted FOR NO KEY UPDATE;
    IF NOT (r.state = 'failed' OR (r.state = 'queued' AND r.by_hand)) THEN
        PERFORM refuse(409, '这笔退款不需要人工登记，请刷新后再看。');
    ELSIF entry_day > (now() AT TIME ZONE 'Asia/Shanghai')::date THEN
        PERFORM refuse(422, '汇出日期不能晚于今天。', '/day');
    ELSIF EXISTS (SELECT FROM refund WHERE vendor_no = bank_ref AND id <> wanted) THEN
        PERFORM refuse(422, '这笔银行流水已登记在另一笔退款，不能重复登记。', '/reference');
    END IF;
    PERFORM money_apart(p.order_id, me());
    RETURN r;
END $$;

-- What the act of settling a refund says. Whoever has paid a transfer is in `payer`, for the module to decrypt.
CREATE OR REPLACE FUNCTION hall.settle_facts(wanted uuid, bank_ref text, entry_day date)
RETURNS TABLE (label text, value text, payment uuid, payer bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE r refund := refund_settleable(wanted, bank_ref, entry_day);
BEGIN
    RETURN QUERY SELECT f.label, f.value, p.id, t.payer
      FROM payment p JOIN payment_channel c ON c.code = p.channel JOIN orders o ON o.id = p.order_id
      LEFT JOIN transfer t ON t.payment_id = p.id, LATERAL (SELECT * FROM order_facts(o) UNION ALL VALUES
        ('原支付方式', c.name), ('商户单号', p.out_trade_no), ('退款单号', r.out_refund_no), ('退款金额', yuan(r.amount) || ' 元'),
        ('汇出日期', to_char(entry_day, 'YYYY-MM-DD')), ('银行流水号', bank_ref)) f
     WHERE p.id = r.payment_id;
END $$;

-- The refund was paid by people, under the act `signed`.
CREATE OR REPLACE FUNCTION hall.refund_settle(wanted uuid, bank_ref text, entry_day date, signed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE r refund := refund_settleable(wanted, bank_ref, entry_day);
BEGIN
    PERFORM act_keep('settle_refund', wanted, p.order_id, signed, 'order', p.order_id) FROM payment p WHERE p.id = r.payment_id;
    UPDATE refund SET staff = me() WHERE id = wanted;
    PERFORM refund_state(r.out_refund_no, 'succeeded', bank_ref, NULL, entry_day::timestamp AT TIME ZONE 'Asia/Shanghai');
END $$;

CREATE OR REPLACE FUNCTION hall.refund_open(new_id uuid, o hall.orders, by_account uuid, by_staff uuid, words bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO refund_request (id, order_id, account, staff, reason) VALUES (new_id, o.id, by_account, by_staff, words);
    UPDATE orders SET refund = 'asked', updated_at = now() WHERE id = o.id;
    INSERT INTO order_history (order_id, event, text)
    VALUES (o.id, 'refund_asked', CASE WHEN by_staff IS NULL THEN '已申请退费，等待财务审批' ELSE '工作人员提请退费，等待财务审批' END);
END $$;

-- Whether the whole amount can be refunded, because nothing was made yet. After acceptance the applicant can no longer ask for it.
CREATE OR REPLACE FUNCTION hall.refundable(o hall.orders, accepted bool DEFAULT false) RETURNS bool
LANGUAGE sql STABLE AS $$
    SELECT o.paid IN ('voucher', 'paid', 'zero') AND o.producer IS NULL AND coalesce(o.refund, 'refused') = 'refused'
       AND ((hall.state_of(o)).pending OR accepted AND o.state = 'accepted') $$;

CREATE OR REPLACE FUNCTION hall.refund_ask(new_id uuid, wanted uuid, seen int, words bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted, seen);
BEGIN
    IF NOT refundable(o) THEN
        PERFORM refuse(409, CASE WHEN o.refund IN ('asked', 'sending') THEN '退费申请已在处理中。'
                                 ELSE '业务单目前不能申请退费，如有疑问请联系客服。' END);
    END IF;
    PERFORM refund_open(new_id, o, me(), NULL, words);
END $$;

-- The order, locked, for which staff may ask for a refund.
CREATE OR REPLACE FUNCTION hall.desk_refundable(wanted uuid, seen int) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order_locked(wanted, seen);
BEGIN
    IF NOT refundable(o, accepted => true) THEN
        PERFORM refuse(409, '业务单目前不能退费：证书已在制作，或退费已在处理中。');
    END IF;
    RETURN o;
END $$;

-- What the act of asking for a refund says.
CREATE OR REPLACE FUNCTION hall.refund_wanted_facts(o hall.orders, fen int) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT f.* FROM order_facts(o) f;
    RETURN QUERY VALUES ('退费金额', yuan(fen) || ' 元');
END $$;

CREATE OR REPLACE FUNCTION hall.refund_ask_facts(wanted uuid, seen int) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_refundable(wanted, seen);
BEGIN
    RETURN QUERY SELECT f.* FROM refund_wanted_facts(o, coalesce(o.total, 0)) f;
END $$;

-- Staff ask for a refund, under the act `signed`; another person approves it.
CREATE OR REPLACE FUNCTION hall.desk_refund_ask(new_id uuid, wanted uuid, seen int, words bytea, signed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_refundable(wanted, seen);
BEGIN
    PERFORM act_keep('ask_refund', wanted, wanted, signed, 'order', wanted);
    PERFORM refund_open(new_id, o, NULL, me(), words);
END $$;

CREATE OR REPLACE FUNCTION hall.refund_back_out(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE refund_request SET state = 'withdrawn', ended_at = now() WHERE order_id = o.id AND state = 'asked'
       AND (account = me() OR staff = me());
    IF NOT FOUND THEN
        PERFORM refuse(409, '没有可以撤回的退费申请，请刷新后再看。');
    END IF;
    UPDATE orders SET refund = NULL, updated_at = now() WHERE id = o.id;
    INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'refund_withdrawn', '退费申请已撤回');
END $$;

CREATE OR REPLACE FUNCTION hall.refund_withdraw(wanted uuid, seen int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM refund_back_out(my_order(wanted, seen));
END $$;

CREATE OR REPLACE FUNCTION hall.desk_refund_withdraw(wanted uuid, seen int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM refund_back_out(desk_order_locked(wanted, seen));
END $$;

-- The request that finance decides about; refused when the caller made it.
CREATE OR REPLACE FUNCTION hall.refund_asked(o hall.orders) RETURNS hall.refund_request
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE q refund_request;
BEGIN
    SELECT * INTO q FROM refund_request WHERE order_id = o.id AND state = 'asked';
    IF NOT FOUND THEN
        PERFORM refuse(409, '没有等待审批的退费申请，请刷新后再看。');
    ELSIF q.staff = me() THEN
        PERFORM refuse(403, '提请退费的人员不能审批同一笔退费，请由其他财务人员办理。');
    END IF;
    RETURN q;
END $$;

-- The request, of an order that is locked, that the caller may approve; with the payment that would go back.
CREATE OR REPLACE FUNCTION hall.refund_approvable(wanted uuid, seen int) RETURNS hall.refund_request
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := desk_order_locked(wanted, seen);
    q refund_request := refund_asked(o);
BEGIN
    IF o.paid = 'voucher' THEN
        PERFORM refuse(409, '请先核对汇款是否到账：已到账的确认后再批准退费，未到账的请退回凭证。');
    END IF;
    PERFORM money_apart(wanted, me());
    q.payment_id := (SELECT id FROM payment WHERE order_id = wanted AND state = 'paid');
    RETURN q;
END $$;

-- What the act of approving a refund says: all of what is paid back. The words of who has asked are in `words`, for the program to
-- decrypt.
CREATE OR REPLACE FUNCTION hall.refund_facts(q hall.refund_request, fen int)
RETURNS TABLE (label text, value text, request uuid, words bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT f.label, f.value, q.id, q.reason
      FROM orders o LEFT JOIN payment p ON p.id = q.payment_id LEFT JOIN payment_channel c ON c.code = p.channel,
           LATERAL (SELECT * FROM order_facts(o) UNION ALL VALUES
        ('退费申请', q.id::text), ('提请人', CASE WHEN q.staff IS NULL THEN '申请人' ELSE (SELECT name FROM staff WHERE id = q.staff) END),
        ('提请时间', iso(q.asked_at)), ('退费金额', yuan(fen) || ' 元'), ('原支付方式', c.name),
        ('商户单号', p.out_trade_no)) f
     WHERE o.id = q.order_id;
END $$;

CREATE OR REPLACE FUNCTION hall.refund_approve_facts(wanted uuid, seen int)
RETURNS TABLE (label text, value text, request uuid, words bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE q refund_request := refund_approvable(wanted, seen);
BEGIN
    RETURN QUERY SELECT f.* FROM refund_facts(q, coalesce((SELECT total FROM payment WHERE id = q.payment_id), 0)) f;
END $$;

-- What the acts must say under which staff have a refund paid ('ask_refund', unless the applicant has asked, and 'approve_refund'), a
-- fact a row, with the act (NULL: there is none). Nothing for a refund that the rules make by themselves.
CREATE OR REPLACE FUNCTION hall.runner_refund_act(wanted uuid, the_act text)
RETURNS TABLE (label text, value text, request uuid, words bytea, answer text, staff uuid, decided_at timestamptz,
               credential bytea, client_data bytea, authenticator_data bytea, signature bytea, leaves int, place int, path bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    r refund;
    q refund_request;
    o orders;
BEGIN
    SELECT * INTO r FROM refund WHERE id = wanted;
    SELECT * INTO o FROM orders WHERE id = (SELECT order_id FROM payment WHERE id = r.payment_id);
    SELECT * INTO q FROM refund_request x WHERE x.order_id = o.id AND x.payment_id = r.payment_id AND x.state = 'approved';
    IF NOT FOUND THEN
        RETURN;
    END IF;
    RETURN QUERY SELECT f.label, f.value, q.id, q.reason, q.answer, k.staff, k.decided_at, k.credential, k.client_data,
           k.authenticator_data, k.signature, k.leaves, k.place, k.path
      FROM (SELECT x.label, x.value FROM refund_wanted_facts(o, r.amount) x WHERE the_act = 'ask_refund' AND q.staff IS NOT NULL
            UNION ALL SELECT x.label, x.value FROM refund_facts(q, r.amount) x WHERE the_act = 'approve_refund') f
      LEFT JOIN (SELECT x.* FROM act x WHERE x.order_id = q.order_id AND x.what = the_act AND CASE the_act
                 WHEN 'ask_refund' THEN x.staff = q.staff AND x.at = q.asked_at
                 ELSE x.subject = q.id AND x.staff = q.decided_by END ORDER BY x.decided_at DESC LIMIT 1) k ON true;
END $$;

-- The runner has not paid, because an act does not hold. The refund has failed, with the reason; finance settles it by hand.
CREATE OR REPLACE FUNCTION hall.runner_refund_refused(wanted uuid, words text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM note('order', p.order_id, jsonb_build_object('refund', wanted, 'act_refused', words))
       FROM refund r JOIN payment p ON p.id = r.payment_id WHERE r.id = wanted;
    PERFORM refund_state(r.out_refund_no, 'failed', NULL, words, NULL) FROM refund r WHERE r.id = wanted;
END $$;

-- The whole amount is paid back, under the act `signed`. An order that cost nothing just ends.
CREATE OR REPLACE FUNCTION hall.refund_approve(wanted uuid, seen int, words text, signed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    q refund_request := refund_approvable(wanted, seen);
    paid_by uuid := q.payment_id;
    o orders;
BEGIN
    PERFORM act_keep('approve_refund', q.id, wanted, signed, 'order', wanted);
    SELECT * INTO o FROM orders WHERE id = wanted;
    UPDATE refund_request SET state = 'approved', decided_by = me(), answer = words, ended_at = now(), payment_id = paid_by
     WHERE id = q.id;
    UPDATE orders SET refund = 'sending', updated_at = now() WHERE id = wanted;
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'refund_approved', '退费申请已批准');
    PERFORM payout_stop(wanted);
    IF paid_by IS NULL THEN
        PERFORM refund_end(wanted);
        PERFORM tell(wanted, 'refund_ended', 'agent', q.id::text);
    ELSE
        PERFORM tell(wanted, 'refund_approved', 'agent', q.id::text,
                     jsonb_build_object('amount', yuan(o.total)));
        PERFORM refund_want(paid_by, '申请退费');
        UPDATE payment SET state = 'refund_due' WHERE id = paid_by;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.refund_refuse(wanted uuid, seen int, words text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := desk_order_locked(wanted, seen);
    q refund_request := refund_asked(o);
BEGIN
    UPDATE refund_request SET state = 'refused', decided_by = me(), answer = words, ended_at = now() WHERE id = q.id;
    UPDATE orders SET refund = 'refused', updated_at = now() WHERE id = wanted;
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'refund_refused', format('退费申请未获批准：%s', words));
    PERFORM tell(wanted, 'refund_refused', 'agent', q.id::text, jsonb_build_object('reason', words));
END $$;

CREATE OR REPLACE FUNCTION hall.refund_json(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT CASE WHEN o.refund IS NOT NULL THEN jsonb_build_object('state', o.refund, 'asked_at', iso(q.asked_at),
               'by_staff', q.staff IS NOT NULL, 'answer', q.answer, 'ended_at', iso(q.ended_at), 'amount', o.total,
               'channel', c.code, 'channel_name', c.name) END
      FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT * FROM refund_request x WHERE x.order_id = o.id AND x.state <> 'withdrawn'
               ORDER BY asked_at DESC LIMIT 1) q ON true
      LEFT JOIN payment p ON p.id = q.payment_id LEFT JOIN payment_channel c ON c.code = p.channel);
END $$;
