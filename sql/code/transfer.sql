-- Transfers and their vouchers.

CREATE OR REPLACE FUNCTION hall.transfer_apart() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM money_apart(NEW.order_id, NEW.staff);
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER transfer_duties BEFORE INSERT OR UPDATE OF staff ON hall.transfer
    FOR EACH ROW WHEN (NEW.staff IS NOT NULL) EXECUTE FUNCTION hall.transfer_apart();

-- Whether a voucher can be added to an order as it is now, and in which place if one is named.
CREATE OR REPLACE FUNCTION hall.voucher_place(o hall.orders, wanted_slot int DEFAULT NULL) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF o.state <> 'unpaid' THEN
        PERFORM refuse(409, '业务单目前不需要汇款凭证。');
    ELSIF NOT 'transfer' = ANY (pay_ways(o)) THEN
        PERFORM refuse(409, '这个业务单不能以公对公转账支付，请选择其他支付方式。');
    ELSIF wanted_slot NOT BETWEEN 1 AND 3 THEN
        PERFORM refuse(404, '汇款凭证最多三个文件。');
    END IF;
END $$;

-- The caller's order, locked, if a voucher can be added to it.
CREATE OR REPLACE FUNCTION hall.voucher_order(wanted uuid, seen int DEFAULT NULL) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted, seen);
BEGIN
    PERFORM voucher_place(o);
    RETURN o;
END $$;

-- A check before the file is stored. Nothing is locked; hall.voucher_put checks again under the lock.
CREATE OR REPLACE FUNCTION hall.voucher_slot(wanted uuid, wanted_slot int) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM voucher_place(order_mine(wanted), wanted_slot);
END $$;

-- The file of a voucher that is replaced or deleted before it is submitted is deleted, too.
CREATE OR REPLACE FUNCTION hall.voucher_gone() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enqueue('file_gone', 'file_gone/' || OLD.id, OLD.id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER voucher_gone AFTER DELETE ON hall.voucher FOR EACH ROW EXECUTE FUNCTION hall.voucher_gone();

CREATE OR REPLACE FUNCTION hall.voucher_put(new_id uuid, wanted uuid, wanted_slot int, name text, type text, size int, hash bytea,
                                 encrypted_key bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM voucher_place(my_order(wanted), wanted_slot);
    PERFORM file_in_time(new_id);
    DELETE FROM voucher WHERE order_id = wanted AND slot = wanted_slot AND payment_id IS NULL;
    INSERT INTO voucher (id, order_id, slot, file_name, mime, bytes, sha256, file_key)
    VALUES (new_id, wanted, wanted_slot, name, type, size, hash, encrypted_key);
    PERFORM note('order', wanted, jsonb_build_object('voucher', wanted_slot, 'id', new_id, 'sha256', committed(wanted, 'sha256', encode(hash, 'hex'))));
END $$;

-- Without its key the file cannot be read any more.
CREATE OR REPLACE FUNCTION hall.voucher_delete(wanted uuid, wanted_slot int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM voucher_order(wanted);
    DELETE FROM voucher WHERE order_id = wanted AND slot = wanted_slot AND payment_id IS NULL;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这份凭证。');
    END IF;
    PERFORM note('order', wanted, jsonb_build_object('voucher', wanted_slot, 'deleted', true));
END $$;

-- A voucher of the caller's own order: of the transfer being prepared, or of the last one that was submitted.
CREATE OR REPLACE FUNCTION hall.voucher_view(wanted uuid, wanted_slot int)
RETURNS TABLE (id uuid, mime text, file_name text, file_key bytea, bytes int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT v.id, v.mime, v.file_name, v.file_key, v.bytes FROM voucher v JOIN orders o ON o.id = v.order_id
     WHERE o.id = wanted AND v.slot = wanted_slot AND o.account = me() AND o.project = my_project() AND my_kind() = 'account'
     ORDER BY v.payment_id IS NULL DESC, v.uploaded_at DESC LIMIT 1;
END $$;

CREATE OR REPLACE FUNCTION hall.desk_voucher(wanted uuid, wanted_voucher uuid)
RETURNS TABLE (id uuid, mime text, file_name text, file_key bytea, bytes int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF my_kind() = 'staff' AND EXISTS (SELECT FROM voucher v WHERE v.id = wanted_voucher AND v.order_id = wanted
                                          AND v.payment_id IS NOT NULL) THEN
        PERFORM note('order', wanted, jsonb_build_object('read', 'voucher/' || wanted_voucher));
        RETURN QUERY SELECT v.id, v.mime, v.file_name, v.file_key, v.bytes FROM voucher v WHERE v.id = wanted_voucher;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.vouchers_json(wanted uuid, payment uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'slot', v.slot, 'file_name', v.file_name, 'mime', v.mime,
               'bytes', v.bytes, 'uploaded_at', iso(v.uploaded_at)) ORDER BY v.slot), '[]')
      FROM voucher v WHERE v.order_id = wanted AND v.payment_id IS NOT DISTINCT FROM payment);
END $$;

-- The number of an order's next transfer.
CREATE OR REPLACE FUNCTION hall.transfer_number(o hall.orders) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT 'T' || o.number || lpad((count(*) + 1)::text, 2, '0') FROM transfer t WHERE t.order_id = o.id);
END $$;

-- “提交汇款凭证”: the review begins, and finance looks for the money meanwhile. An account that has paid by itself needs no payout as
-- proof.
CREATE OR REPLACE FUNCTION hall.voucher_submit(new_id uuid, wanted uuid, seen int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := voucher_order(wanted, seen);
BEGIN
    IF NOT EXISTS (SELECT FROM voucher WHERE order_id = wanted AND payment_id IS NULL) THEN
        PERFORM refuse(422, '请先上传汇款凭证。', '/vouchers');
    END IF;
    PERFORM payments_close(wanted);
    INSERT INTO payment (id, order_id, channel, out_trade_no, total, expires_at)
    VALUES (new_id, wanted, 'transfer', transfer_number(o), o.total, now() + interval '1 year');
    INSERT INTO transfer (payment_id, order_id) VALUES (new_id, wanted);
    UPDATE voucher SET payment_id = new_id WHERE order_id = wanted AND payment_id IS NULL;
    UPDATE orders SET paid = 'voucher' WHERE id = wanted;
    PERFORM advance(wanted, 'voucher');
    PERFORM start_review(wanted);
    PERFORM approval_goes_on(wanted);
END $$;

-- What the desk needs for its decision: the expected payer, and the transfer that waits, if there is one.
CREATE OR REPLACE FUNCTION hall.transfer_work(wanted uuid) RETURNS TABLE (payment_id uuid, form bytea, person text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT t.payment_id, o.form, person_of(o) FROM orders o
      LEFT JOIN transfer t ON t.order_id = o.id AND t.state = 'waiting'
     WHERE o.id = wanted AND my_kind() = 'staff' AND o.state <> 'draft';
END $$;

-- An entry of the bank's statement can pay for one thing only.
CREATE OR REPLACE FUNCTION hall.entry_must_be_new(bank_ref text, entry_day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE taken text;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('entry/' || bank_ref, 0));
    SELECT o.number INTO taken FROM payment p JOIN orders o ON o.id = p.order_id WHERE p.transaction_id = bank_ref;
    IF FOUND THEN
        PERFORM refuse(422, format('这笔银行流水已登记在业务单 %s，不能重复登记。', taken), '/reference');
    ELSIF entry_day > (now() AT TIME ZONE 'Asia/Shanghai')::date THEN
        PERFORM refuse(422, '到账日期不能晚于今天。', '/day');
    END IF;
END $$;

-- Whether the payment is a transfer of the order that waits for its money.
CREATE OR REPLACE FUNCTION hall.transfer_waits(entry uuid, wanted uuid) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM transfer WHERE payment_id = entry AND order_id = wanted AND state = 'waiting');
END $$;

-- The order, locked, that an entry of the bank's statement may pay for: exactly the price, and from the unit's own account or, with a
-- reason, from another.
CREATE OR REPLACE FUNCTION hall.transfer_confirmable(entry uuid, wanted uuid, seen int, fen int, entry_day date, bank_ref text,
                                          matches bool, reasoned bool) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order_locked(wanted, seen);
BEGIN
    IF NOT (transfer_waits(entry, wanted) AND o.paid = 'voucher') AND o.state <> 'unpaid' THEN
        PERFORM refuse(409, '这个业务单没有等待确认的汇款；收到的款项请登记为多收款。');
    ELSIF fen <> o.total THEN
        PERFORM refuse(422, '到账金额与应付金额不一致，不能确认；请退回凭证，并将收到的款项登记为多收款。', '/fen');
    ELSIF NOT (matches OR reasoned) THEN
        PERFORM refuse(422, '付款户名与申请单位不一致，请填写仍予确认的理由。', '/reason');
    END IF;
    PERFORM entry_must_be_new(bank_ref, entry_day);
    PERFORM money_apart(wanted, me());
    RETURN o;
END $$;

-- What an act says of an entry of the bank's statement; the payer is in the module's words.
CREATE OR REPLACE FUNCTION hall.entry_facts(fen int, entry_day date, bank_ref text) RETURNS TABLE (label text, value text)
LANGUAGE sql STABLE AS $$
    VALUES ('到账金额', hall.yuan(fen) || ' 元'), ('到账日期', to_char(entry_day, 'YYYY-MM-DD')), ('银行流水号', bank_ref) $$;

-- What the act of confirming a transfer says; one that could not be confirmed is refused.
CREATE OR REPLACE FUNCTION hall.transfer_facts(entry uuid, wanted uuid, seen int, fen int, entry_day date, bank_ref text, matches bool,
                                    reasoned bool) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := transfer_confirmable(entry, wanted, seen, fen, entry_day, bank_ref, matches, reasoned);
BEGIN
    RETURN QUERY SELECT f.* FROM order_facts(o) f;
    RETURN QUERY VALUES ('应付金额', yuan(o.total) || ' 元');
    RETURN QUERY SELECT f.* FROM entry_facts(fen, entry_day, bank_ref) f;
END $$;

-- The money has arrived, under the act `signed`. This is also possible for an unpaid order without vouchers, when the entry's remark
-- names it.
CREATE OR REPLACE FUNCTION hall.transfer_confirm(entry uuid, wanted uuid, seen int, fen int, entry_day date, bank_ref text,
                                      encrypted_payer bytea, matches bool, encrypted_reason bytea, signed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := transfer_confirmable(entry, wanted, seen, fen, entry_day, bank_ref, matches, encrypted_reason IS NOT NULL);
    waits bool := transfer_waits(entry, wanted);
BEGIN
    PERFORM act_keep('confirm_transfer', wanted, wanted, signed, 'order', wanted);
    IF NOT waits THEN
        PERFORM payments_close(wanted);
        INSERT INTO payment (id, order_id, channel, out_trade_no, total, expires_at)
        VALUES (entry, wanted, 'transfer', transfer_number(o), fen, now());
        INSERT INTO transfer (payment_id, order_id) VALUES (entry, wanted);
    END IF;
    UPDATE transfer SET state = 'confirmed', staff = me(), decided_at = now(), day = entry_day, payer = encrypted_payer,
           payer_matches = matches, reason = encrypted_reason WHERE payment_id = entry;
    UPDATE payment SET state = 'paid', transaction_id = bank_ref, paid_at = entry_day::timestamp AT TIME ZONE 'Asia/Shanghai'
     WHERE id = entry;
    UPDATE orders SET paid = 'paid', updated_at = now() WHERE id = wanted;
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'transfer_confirmed', '已确认收到汇款');
    PERFORM note('order', wanted, jsonb_build_object('transfer', entry, 'state', 'confirmed', 'fen', fen, 'payer_matches', matches));
    IF NOT waits THEN
        PERFORM advance_itself(wanted, 'paid');
        PERFORM start_review(wanted);
        PERFORM approval_goes_on(wanted);
    END IF;
    PERFORM try_gates(wanted);
END $$;

-- The money has not arrived, or not as it should. For a refund requested meanwhile there is nothing to pay back.
CREATE OR REPLACE FUNCTION hall.transfer_refuse(wanted uuid, seen int, words text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := desk_order_locked(wanted, seen);
    t transfer;
BEGIN
    SELECT * INTO t FROM transfer WHERE order_id = wanted AND state = 'waiting';
    IF NOT FOUND OR o.paid <> 'voucher' THEN
        PERFORM refuse(409, '这个业务单没有等待确认的汇款。');
    ELSIF o.state = 'rejected' THEN
        PERFORM refuse(409, '业务单已被审核驳回，请在申请人重新提交后再退回凭证。');
    END IF;
    UPDATE transfer SET state = 'refused', staff = me(), decided_at = now(), why = words WHERE payment_id = t.payment_id;
    UPDATE payment SET state = 'closed' WHERE id = t.payment_id;
    UPDATE refund_request SET state = 'withdrawn', ended_at = now() WHERE order_id = wanted AND state = 'asked';
    UPDATE orders SET paid = 'none', refund = NULL, approval_stands = (o.state = 'approved'), unpaid_since = now(), due_at = NULL
     WHERE id = wanted;
    PERFORM note('order', wanted, jsonb_build_object('transfer', t.payment_id, 'state', 'refused'));
    PERFORM advance(wanted, 'voucher_refused');
    PERFORM tell(wanted, 'voucher_refused', 'agent', t.payment_id::text, jsonb_build_object('reason', words));
    PERFORM unpaid_begins(wanted, o.version + 1);
END $$;

-- The order, locked, with which an entry of the bank's statement may be booked that pays for nothing.
CREATE OR REPLACE FUNCTION hall.surplus_bookable(wanted uuid, entry_day date, bank_ref text) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order_locked(wanted, NULL);
BEGIN
    PERFORM entry_must_be_new(bank_ref, entry_day);
    PERFORM money_apart(wanted, me());
    RETURN o;
END $$;

-- What the act of booking a surplus says.
CREATE OR REPLACE FUNCTION hall.surplus_facts(wanted uuid, fen int, entry_day date, bank_ref text) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT f.* FROM order_facts(surplus_bookable(wanted, entry_day, bank_ref)) f;
    RETURN QUERY SELECT f.* FROM entry_facts(fen, entry_day, bank_ref) f;
END $$;

-- Money that pays for nothing: paid twice, late, or of a wrong amount. It is booked where finance sees it, under the act `signed`, and
-- paid back.
CREATE OR REPLACE FUNCTION hall.transfer_surplus(entry uuid, wanted uuid, fen int, entry_day date, bank_ref text, encrypted_payer bytea,
                                      matches bool, encrypted_reason bytea, signed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := surplus_bookable(wanted, entry_day, bank_ref);
BEGIN
    PERFORM act_keep('book_surplus', wanted, wanted, signed, 'order', wanted);
    INSERT INTO payment (id, order_id, channel, out_trade_no, total, state, expires_at, transaction_id, paid_at)
    VALUES (entry, wanted, 'transfer', transfer_number(o), fen, 'closed', now(), bank_ref,
            entry_day::timestamp AT TIME ZONE 'Asia/Shanghai');
    INSERT INTO transfer (payment_id, order_id, state, staff, decided_at, day, payer, payer_matches, reason)
    VALUES (entry, wanted, 'surplus', me(), now(), entry_day, encrypted_payer, matches, encrypted_reason);
    UPDATE payment SET state = 'refund_due' WHERE id = entry;
    PERFORM note('order', wanted, jsonb_build_object('transfer', entry, 'state', 'surplus', 'fen', fen));
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'refund_due', '收到一笔不应支付的汇款，将汇回付款账户');
END $$;

CREATE OR REPLACE FUNCTION hall.transfer_json(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('state', t.state, 'at', iso(p.created_at), 'decided_at', iso(t.decided_at), 'why', t.why,
               'total', o.total, 'remark', o.number, 'files', 3,
               'drafts', vouchers_json(o.id, NULL),
               'vouchers', CASE WHEN t.payment_id IS NULL THEN '[]' ELSE vouchers_json(o.id, t.payment_id) END)
      FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT * FROM transfer x WHERE x.order_id = o.id AND x.state <> 'surplus'
               ORDER BY x.state IN ('waiting', 'confirmed') DESC, x.decided_at DESC LIMIT 1) t ON true
      LEFT JOIN payment p ON p.id = t.payment_id);
END $$;

-- The transfer's page; the module adds our account.
CREATE OR REPLACE FUNCTION hall.transfer_view(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT transfer_json(o)::text FROM orders o
     WHERE o.id = wanted AND o.account = me() AND o.project = my_project() AND my_kind() = 'account'
       AND 'transfer' = ANY (pay_ways(o)));
END $$;
