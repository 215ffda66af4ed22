-- Deploy certhall:money to pg
-- Transfers with their vouchers, refunds that people ask for, and all money that is not settled.
BEGIN;

-- ---- a transfer from the unit's own account ----

ALTER TABLE hall.project ADD transfer_natural bool NOT NULL DEFAULT false; -- a natural person may pay by transfer as well
ALTER TABLE hall.payment ADD page bool NOT NULL DEFAULT false; -- code_url is a page to go to, and not the content of a QR code
ALTER TABLE hall.payment ADD odd_fen int CHECK (odd_fen <> total); -- what the vendor says was paid, where it is not the price

-- Handed in with vouchers, or found by finance on the account's statement.
CREATE TABLE hall.transfer (
    payment_id    uuid PRIMARY KEY REFERENCES hall.payment,
    order_id      uuid NOT NULL REFERENCES hall.orders,
    state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'confirmed', 'refused', 'surplus')),
    staff         uuid REFERENCES hall.staff, -- who decided
    decided_at    timestamptz,
    why           text,  -- finance's word to the applicant, of a refusal
    day           date,  -- of the bank's entry
    payer         bytea, -- as the bank has it; sealed, place "transfer.payer"
    payer_matches bool,  -- the unit's name, or the natural person's
    reason        bytea, -- of taking it from another payer, of its being a surplus; sealed, place "transfer.reason"
    CHECK ((state = 'waiting') = (staff IS NULL) AND (staff IS NULL) = (decided_at IS NULL)),
    CHECK ((state = 'refused') = (why IS NOT NULL)),
    CHECK ((state IN ('confirmed', 'surplus')) = (payer IS NOT NULL AND day IS NOT NULL AND payer_matches IS NOT NULL)),
    CHECK (reason IS NOT NULL OR NOT (state = 'surplus' OR (state = 'confirmed' AND NOT payer_matches)))
);
CREATE INDEX transfer_order ON hall.transfer (order_id);
CREATE INDEX transfer_waiting ON hall.transfer (payment_id) WHERE state = 'waiting';

-- Files in the store, as hall.material.
CREATE TABLE hall.voucher (
    id          uuid PRIMARY KEY,
    order_id    uuid NOT NULL REFERENCES hall.orders,
    slot        int NOT NULL CHECK (slot BETWEEN 1 AND 3),
    payment_id  uuid REFERENCES hall.transfer, -- NULL: not handed in yet
    file_name   text NOT NULL,
    mime        text NOT NULL CHECK (mime IN ('image/jpeg', 'image/png', 'image/bmp', 'image/gif', 'application/pdf')),
    bytes       int NOT NULL CHECK (bytes BETWEEN 1 AND 2097152),
    sha256      bytea NOT NULL CHECK (length(sha256) = 32),
    file_key    bytea NOT NULL, -- sealed, place "voucher.key"
    uploaded_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX voucher_draft ON hall.voucher (order_id, slot) WHERE payment_id IS NULL;
CREATE UNIQUE INDEX voucher_slot ON hall.voucher (payment_id, slot) WHERE payment_id IS NOT NULL;

-- ---- money back on somebody's wish ----

CREATE TABLE hall.refund_request (
    id         uuid PRIMARY KEY,
    order_id   uuid NOT NULL REFERENCES hall.orders,
    account    uuid REFERENCES hall.account, -- the applicant asks,
    staff      uuid REFERENCES hall.staff,   -- or finance does
    reason     bytea NOT NULL,               -- sealed, place "refund_request.reason"
    state      text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'withdrawn', 'refused', 'approved')),
    payment_id uuid REFERENCES hall.payment, -- what goes back; NULL: nothing was to pay
    decided_by uuid REFERENCES hall.staff,
    answer     text,                         -- finance's word to the applicant
    asked_at   timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    CHECK ((account IS NULL) <> (staff IS NULL)),
    CHECK (decided_by <> staff), -- two persons
    CHECK ((decided_by IS NOT NULL) = (state IN ('refused', 'approved')) AND (ended_at IS NULL) = (state = 'asked')),
    CHECK (state <> 'refused' OR answer IS NOT NULL)
);
CREATE UNIQUE INDEX refund_request_open ON hall.refund_request (order_id) WHERE state IN ('asked', 'approved');
CREATE INDEX refund_request_order ON hall.refund_request (order_id);

ALTER TABLE hall.refund ADD staff uuid REFERENCES hall.staff; -- who saw to it by hand
CREATE INDEX refund_unsettled ON hall.refund (created_at) WHERE state <> 'succeeded';

SELECT hall.seal_column('transfer.payer', 'transfer', 'payer', 'payment_id'),
       hall.seal_column('transfer.reason', 'transfer', 'reason', 'payment_id'),
       hall.seal_column('voucher.key', 'voucher', 'file_key', 'id'),
       hall.seal_column('refund_request.reason', 'refund_request', 'reason', 'id');

ALTER TABLE hall.orders ADD approval_stands bool NOT NULL DEFAULT false; -- approved, and to be paid again: no second review
ALTER TABLE hall.orders ADD unpaid_since timestamptz;                    -- when it became so again; NULL: when it was submitted

-- ---- who may not do both ----

-- No one person both reviews an order and decides about its money.
CREATE FUNCTION hall.money_apart(wanted uuid, who uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM review WHERE order_id = wanted AND staff = who) THEN
        PERFORM refuse(403, '审核人不能处理同一业务单的款项，请由其他财务人员办理。');
    END IF;
END $$;

CREATE FUNCTION hall.transfer_apart() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM money_apart(NEW.order_id, NEW.staff);
    RETURN NEW;
END $$;
CREATE TRIGGER transfer_duties BEFORE INSERT OR UPDATE OF staff ON hall.transfer
    FOR EACH ROW WHEN (NEW.staff IS NOT NULL) EXECUTE FUNCTION hall.transfer_apart();

CREATE FUNCTION hall.refund_apart() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM money_apart(NEW.order_id, NEW.decided_by);
    RETURN NEW;
END $$;
CREATE TRIGGER refund_duties BEFORE INSERT OR UPDATE OF decided_by ON hall.refund_request
    FOR EACH ROW WHEN (NEW.decided_by IS NOT NULL) EXECUTE FUNCTION hall.refund_apart();

CREATE FUNCTION hall.review_not_money() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM transfer WHERE order_id = NEW.order_id AND staff = NEW.staff)
       OR EXISTS (SELECT FROM refund_request WHERE order_id = NEW.order_id AND decided_by = NEW.staff) THEN
        PERFORM refuse(403, '处理过款项的人员不能审核同一业务单。');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_money_duties BEFORE INSERT OR UPDATE ON hall.review
    FOR EACH ROW EXECUTE FUNCTION hall.review_not_money();

-- ---- what holds an order ----

-- A refund that is asked for or under way holds the order: what people decide waits, what the bank says goes on. Refunded is
-- what a refund has made so.
CREATE FUNCTION hall.refund_holds() RETURNS trigger
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
CREATE TRIGGER orders_refund_holds BEFORE UPDATE OF state, producer ON hall.orders
    FOR EACH ROW EXECUTE FUNCTION hall.refund_holds();

-- What has been transferred is the price: the fields that make it are locked as after any other payment.
CREATE FUNCTION hall.voucher_locks_price() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM refuse(422, '已提交汇款凭证，影响费用的内容不能更改；如需更改，请申请退费后重新办理。', '/form/cert_type');
END $$;
CREATE TRIGGER orders_voucher_price BEFORE UPDATE OF marks ON hall.orders
    FOR EACH ROW WHEN (OLD.paid = 'voucher' AND OLD.marks ? 'price' AND OLD.marks ->> 'price' IS DISTINCT FROM NEW.marks ->> 'price')
    EXECUTE FUNCTION hall.voucher_locks_price();

-- ---- gifts: from the voucher on, once for a unit ----

CREATE FUNCTION hall.gift_had(o hall.orders) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT EXISTS (SELECT FROM orders WHERE unit_hash = o.unit_hash AND project = o.project AND id <> o.id
                      AND paid IN ('voucher', 'paid', 'zero') AND state NOT IN ('cancelled', 'refunded')) $$;

CREATE OR REPLACE FUNCTION hall.give_gift() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('gift/' || NEW.project || encode(coalesce(NEW.unit_hash, ''), 'hex'), 0));
    IF gift_had(NEW) THEN
        RETURN NEW;
    END IF;
    UPDATE project_gift SET stock = stock - 1
     WHERE project = NEW.project AND years = NEW.years AND stock > 0 AND (NEW.seal_wanted OR NOT needs_seal)
    RETURNING name, years INTO NEW.gift, NEW.gift_years;
    RETURN NEW;
END $$;
DROP TRIGGER orders_a_gift ON hall.orders;
CREATE TRIGGER orders_a_gift BEFORE UPDATE OF paid ON hall.orders
    FOR EACH ROW WHEN (NEW.paid IN ('voucher', 'paid', 'zero') AND OLD.paid NOT IN ('voucher', 'paid', 'zero'))
    EXECUTE FUNCTION hall.give_gift();
CREATE TRIGGER orders_a_gift_unpaid BEFORE UPDATE OF paid ON hall.orders
    FOR EACH ROW WHEN (OLD.paid = 'voucher' AND NEW.paid = 'none' AND OLD.gift_years IS NOT NULL)
    EXECUTE FUNCTION hall.take_gift_back();

-- The gift that paying would bring, and whether there are any left; none where the order brings none.
CREATE FUNCTION hall.gift_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce((SELECT jsonb_build_object('gift', jsonb_build_object('name', g.name,
                                'state', CASE WHEN g.stock > 0 THEN 'offered' ELSE 'out_of_stock' END))
                       FROM project_gift g
                      WHERE g.project = o.project AND g.years = o.years AND (o.seal_wanted OR NOT g.needs_seal)
                        AND o.gift IS NULL AND o.state IN ('draft', 'unpaid') AND NOT gift_had(o)), '{}') $$;

-- ---- ways of paying ----

CREATE FUNCTION hall.pay_ways(o hall.orders) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT ARRAY(SELECT w FROM project p, unnest(p.payment_ways) WITH ORDINALITY u(w, n)
                  WHERE p.id = o.project AND (w <> 'transfer' OR p.transfer_natural OR person_of(o) IS DISTINCT FROM 'natural')
                  ORDER BY n) $$;

-- Closes whatever is open here at once, at the vendor by the runner; should it be paid all the same, it is seen.
CREATE FUNCTION hall.payments_close(wanted uuid, but text DEFAULT '', but_page bool DEFAULT false) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p payment;
BEGIN
    UPDATE payment SET state = 'closed' WHERE order_id = wanted AND state = 'waiting' AND channel <> 'transfer'
       AND (channel, page) IS DISTINCT FROM (but, but_page) RETURNING * INTO p;
    IF FOUND THEN
        PERFORM enqueue('payment_close', 'payment_close/' || p.id, p.id);
    END IF;
END $$;

DROP FUNCTION hall.payment_open(uuid, uuid, text, text);
-- Opens a payment, or hands out the open one: a QR code, or (`on_page`) the vendor's own page. Its number is committed before
-- the vendor hears of it. Who changes the way of paying closes the other one; should it be paid all the same, it counts, and
-- a second payment goes back.
CREATE FUNCTION hall.payment_open(new_id uuid, wanted uuid, way text, number text, on_page bool DEFAULT false)
RETURNS TABLE (id uuid, channel text, out_trade_no text, total int, code_url text, expires_at timestamptz, description text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted);
BEGIN
    IF o.state <> 'unpaid' THEN
        PERFORM refuse(409, '业务单目前不需要支付。');
    ELSIF way = 'transfer' OR NOT way = ANY (pay_ways(o)) THEN
        PERFORM refuse(422, '本项目不支持这种支付方式。', '/channel');
    END IF;
    UPDATE payment p SET state = 'closed' WHERE p.order_id = wanted AND p.state = 'waiting' AND p.expires_at <= now();
    PERFORM payments_close(wanted, way, on_page);
    IF EXISTS (SELECT FROM payment p WHERE p.order_id = wanted AND p.state = 'waiting' AND p.total <> o.total) THEN
        PERFORM refuse(409, '价格已更改，原来的支付正在关闭，请稍后再试。');
    END IF;
    INSERT INTO payment (id, order_id, channel, page, out_trade_no, total, expires_at)
    SELECT new_id, wanted, way, on_page, number, o.total, now() + interval '2 hours'
     WHERE NOT EXISTS (SELECT FROM payment p WHERE p.order_id = wanted AND p.state = 'waiting');
    IF FOUND THEN
        UPDATE orders SET paid = 'waiting', updated_at = now() WHERE orders.id = wanted;
        PERFORM enqueue('payment_query', 'payment_query/' || new_id, new_id, '30 seconds');
    END IF;
    RETURN QUERY SELECT p.id, p.channel, p.out_trade_no, p.total, p.code_url, p.expires_at,
           (SELECT j.name FROM project j WHERE j.id = o.project) || ' 数字证书 ' || o.number
      FROM payment p WHERE p.order_id = wanted AND p.state = 'waiting';
END $$;

-- The payment that people mean: the one that counts, the one under way, the one that goes back on their wish.
CREATE FUNCTION hall.payment_of(o hall.orders) RETURNS hall.payment
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT p FROM payment p WHERE p.order_id = o.id
       AND (p.state IN ('paid', 'waiting') OR p.id = (SELECT payment_id FROM refund_request WHERE order_id = o.id AND state = 'approved'))
     ORDER BY p.state = 'paid' DESC, p.state = 'waiting' DESC LIMIT 1 $$;

CREATE OR REPLACE FUNCTION hall.payment_view(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('state', CASE o.paid WHEN 'zero' THEN 'paid' ELSE o.paid END, 'total', o.total,
               'channel', p.channel, 'paid_at', iso(p.paid_at), 'expires_at', iso(p.expires_at))::text
      FROM orders o CROSS JOIN payment_of(o) p
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project() $$;

-- ---- moving on ----

-- What is nobody's decision now: it follows from one that `role` has made before.
CREATE FUNCTION hall.advance_itself(wanted uuid, happened text, role text DEFAULT 'system') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE had text := current_setting('hall.roles', true);
BEGIN
    PERFORM set_config('hall.roles', format('{%s}', role), true);
    PERFORM advance(wanted, happened);
    PERFORM set_config('hall.roles', coalesce(had, ''), true);
END $$;

-- Paid again after a transfer that never came: what was approved stays approved. What holds an approval up (limits of the unit)
-- must not hold up money: then a reviewer looks at it again.
CREATE FUNCTION hall.approval_goes_on(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM FROM orders WHERE id = wanted AND state = 'in_review' AND approval_stands FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE orders SET approval_stands = false WHERE id = wanted;
    BEGIN
        PERFORM advance_itself(wanted, 'approval_stands');
    EXCEPTION WHEN SQLSTATE 'CH409' THEN
        RETURN;
    END;
    PERFORM want_payout(wanted);
    PERFORM try_gates(wanted);
END $$;

-- By whatever way it came back into the review, at the latest when that way is at its end.
CREATE FUNCTION hall.approval_at_last() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM approval_goes_on(NEW.id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER orders_approval_stands AFTER UPDATE OF state ON hall.orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.state = 'in_review' AND OLD.state <> 'in_review' AND NEW.approval_stands)
    EXECUTE FUNCTION hall.approval_at_last();

-- As before; another amount than the price stays in finance's sight, and what else is open is closed.
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
        UPDATE payment SET odd_fen = amount WHERE id = p.id;
        PERFORM note('order', o.id, jsonb_build_object('payment', p.id, 'wrong_amount', amount));
        RETURN 'wrong_amount';
    ELSIF o.state <> 'unpaid' OR p.total <> o.total THEN -- cancelled, taken back, changed, or paid already in another way
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

-- Account data that the form asked for go along, sealed by the caller.
CREATE OR REPLACE FUNCTION hall.order_submit(wanted uuid, seen int, branch text, sealed_account bytea, shown text, unit text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted, seen);
    parts jsonb := coalesce(price_parts(o), '[]');
BEGIN
    PERFORM order_must_be_whole(o);
    IF branch IS NOT NULL AND NOT EXISTS (SELECT FROM bank_branch WHERE cnaps = branch) THEN
        PERFORM refuse(422, '请从搜索结果中选择开户行。', '/form/account_branch');
    END IF;
    PERFORM advance(wanted, 'submit');
    UPDATE orders SET price = parts, submitted_at = now(), unpaid_since = NULL,
           total = (SELECT coalesce(sum((x ->> 'fen')::int), 0) FROM jsonb_array_elements(parts) x) WHERE id = wanted RETURNING * INTO o;
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

-- What is changed is looked at anew.
CREATE OR REPLACE FUNCTION hall.order_edit(wanted uuid, seen int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM my_order(wanted, seen);
    PERFORM advance(wanted, 'edit');
    UPDATE orders SET approval_stands = false WHERE id = wanted AND approval_stands;
    PERFORM close_payment(wanted);
END $$;

-- Seven days unpaid: cancelled.
CREATE OR REPLACE FUNCTION hall.order_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM orders WHERE id = wanted AND state = 'unpaid'
                  AND coalesce(unpaid_since, submitted_at) <= now() - interval '7 days') THEN
        PERFORM advance(wanted, 'cancel');
        PERFORM close_payment(wanted);
    END IF;
END $$;

-- ---- vouchers ----

-- The caller's order, where a voucher can be given to it now.
CREATE FUNCTION hall.voucher_order(wanted uuid, seen int DEFAULT NULL) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted, seen);
BEGIN
    IF o.state <> 'unpaid' THEN
        PERFORM refuse(409, '业务单目前不需要汇款凭证。');
    ELSIF NOT 'transfer' = ANY (pay_ways(o)) THEN
        PERFORM refuse(409, '这个业务单不能以公对公转账支付，请选择其他支付方式。');
    END IF;
    RETURN o;
END $$;

CREATE FUNCTION hall.voucher_slot(wanted uuid, wanted_slot int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM voucher_order(wanted);
    IF wanted_slot NOT BETWEEN 1 AND 3 THEN
        PERFORM refuse(404, '汇款凭证最多三个文件。');
    END IF;
    RETURN wanted_slot;
END $$;

CREATE FUNCTION hall.voucher_put(new_id uuid, wanted uuid, wanted_slot int, name text, type text, size int, hash bytea,
                                 sealed_key bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM voucher_slot(wanted, wanted_slot);
    DELETE FROM voucher WHERE order_id = wanted AND slot = wanted_slot AND payment_id IS NULL;
    INSERT INTO voucher (id, order_id, slot, file_name, mime, bytes, sha256, file_key)
    VALUES (new_id, wanted, wanted_slot, name, type, size, hash, sealed_key);
    PERFORM note('order', wanted, jsonb_build_object('voucher', wanted_slot, 'id', new_id, 'sha256', encode(hash, 'hex')));
END $$;

-- With its key the file is gone.
CREATE FUNCTION hall.voucher_delete(wanted uuid, wanted_slot int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM voucher_order(wanted);
    DELETE FROM voucher WHERE order_id = wanted AND slot = wanted_slot AND payment_id IS NULL;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这份凭证。');
    END IF;
    PERFORM note('order', wanted, jsonb_build_object('voucher', wanted_slot, 'deleted', true));
END $$;

-- A voucher of the applicant's own order: the one being prepared, or the last that was handed in.
CREATE FUNCTION hall.voucher_view(wanted uuid, wanted_slot int)
RETURNS TABLE (id uuid, mime text, file_name text, file_key bytea, bytes int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT v.id, v.mime, v.file_name, v.file_key, v.bytes FROM voucher v JOIN orders o ON o.id = v.order_id
     WHERE o.id = wanted AND v.slot = wanted_slot AND o.account = me() AND o.project = my_project() AND my_kind() = 'account'
     ORDER BY v.payment_id IS NULL DESC, v.uploaded_at DESC LIMIT 1 $$;

CREATE FUNCTION hall.desk_voucher(wanted uuid, wanted_voucher uuid)
RETURNS TABLE (id uuid, mime text, file_name text, file_key bytea, bytes int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF my_kind() = 'staff' AND EXISTS (SELECT FROM voucher v WHERE v.id = wanted_voucher AND v.order_id = wanted
                                          AND v.payment_id IS NOT NULL) THEN
        PERFORM note('order', wanted, jsonb_build_object('read', 'voucher/' || wanted_voucher));
        RETURN QUERY SELECT v.id, v.mime, v.file_name, v.file_key, v.bytes FROM voucher v WHERE v.id = wanted_voucher;
    END IF;
END $$;

CREATE FUNCTION hall.vouchers_json(wanted uuid, payment uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', v.id, 'slot', v.slot, 'file_name', v.file_name, 'mime', v.mime,
               'bytes', v.bytes, 'uploaded_at', iso(v.uploaded_at)) ORDER BY v.slot), '[]')
      FROM voucher v WHERE v.order_id = wanted AND v.payment_id IS NOT DISTINCT FROM payment $$;

-- The number of an order's next transfer.
CREATE FUNCTION hall.transfer_number(o hall.orders) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT 'T' || o.number || lpad((count(*) + 1)::text, 2, '0') FROM transfer t WHERE t.order_id = o.id $$;

-- “提交汇款凭证”: review begins, finance looks for the money meanwhile. No payout proves an account that paid by itself.
CREATE FUNCTION hall.voucher_submit(new_id uuid, wanted uuid, seen int) RETURNS void
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

-- ---- finance and transfers ----

-- What the desk needs before it decides: whose money it should be, and the transfer that waits, if one does.
CREATE FUNCTION hall.transfer_work(wanted uuid) RETURNS TABLE (payment_id uuid, form bytea, person text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT t.payment_id, o.form, person_of(o) FROM orders o
      LEFT JOIN transfer t ON t.order_id = o.id AND t.state = 'waiting'
     WHERE o.id = wanted AND my_kind() = 'staff' AND o.state <> 'draft' $$;

-- An entry on the bank's statement pays for one thing.
CREATE FUNCTION hall.entry_must_be_new(bank_ref text, entry_day date) RETURNS void
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

-- The money is there. Of the price to the fen, and from the unit's own account or for a reason. Also for an order that is
-- unpaid and has no voucher: the entry's remark names it.
CREATE FUNCTION hall.transfer_confirm(entry uuid, wanted uuid, seen int, fen int, entry_day date, bank_ref text,
                                      sealed_payer bytea, matches bool, sealed_reason bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := desk_order(wanted, seen);
    waits bool := EXISTS (SELECT FROM transfer WHERE payment_id = entry AND order_id = wanted AND state = 'waiting');
BEGIN
    IF NOT (waits AND o.paid = 'voucher') AND o.state <> 'unpaid' THEN
        PERFORM refuse(409, '这个业务单没有等待确认的汇款；收到的款项请登记为多收款。');
    ELSIF fen <> o.total THEN
        PERFORM refuse(422, '到账金额与应付金额不一致，不能确认；请退回凭证，并将收到的款项登记为多收款。', '/fen');
    ELSIF NOT matches AND sealed_reason IS NULL THEN
        PERFORM refuse(422, '付款户名与申请单位不一致，请填写仍予确认的理由。', '/reason');
    END IF;
    PERFORM entry_must_be_new(bank_ref, entry_day);
    IF NOT waits THEN
        PERFORM payments_close(wanted);
        INSERT INTO payment (id, order_id, channel, out_trade_no, total, expires_at)
        VALUES (entry, wanted, 'transfer', transfer_number(o), fen, now());
        INSERT INTO transfer (payment_id, order_id) VALUES (entry, wanted);
    END IF;
    UPDATE transfer SET state = 'confirmed', staff = me(), decided_at = now(), day = entry_day, payer = sealed_payer,
           payer_matches = matches, reason = sealed_reason WHERE payment_id = entry;
    UPDATE payment SET state = 'paid', transaction_id = bank_ref, paid_at = entry_day::timestamp AT TIME ZONE 'Asia/Shanghai'
     WHERE id = entry;
    UPDATE orders SET paid = 'paid', version = version + 1, updated_at = now() WHERE id = wanted;
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'transfer_confirmed', '已确认收到汇款');
    PERFORM note('order', wanted, jsonb_build_object('transfer', entry, 'state', 'confirmed', 'fen', fen, 'payer_matches', matches));
    IF NOT waits THEN
        PERFORM advance_itself(wanted, 'paid');
        PERFORM start_review(wanted);
        PERFORM approval_goes_on(wanted);
    END IF;
    PERFORM try_gates(wanted);
END $$;

-- It never came, or not as it should. A refund that was asked for meanwhile has nothing to give back.
CREATE FUNCTION hall.transfer_refuse(wanted uuid, seen int, words text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := desk_order(wanted, seen);
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
    PERFORM tell(wanted, 'voucher_refused', 'handler', t.payment_id::text, jsonb_build_object('reason', words));
    PERFORM enqueue('unpaid_end', 'unpaid_end/' || wanted || '/' || (o.version + 1), wanted, '7 days');
END $$;

-- Money that pays for nothing here: twice, late, of another amount. It is booked, in sight, and goes back.
CREATE FUNCTION hall.transfer_surplus(entry uuid, wanted uuid, fen int, entry_day date, bank_ref text, sealed_payer bytea,
                                      matches bool, sealed_reason bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order(wanted, NULL);
BEGIN
    PERFORM entry_must_be_new(bank_ref, entry_day);
    INSERT INTO payment (id, order_id, channel, out_trade_no, total, state, expires_at, transaction_id, paid_at)
    VALUES (entry, wanted, 'transfer', transfer_number(o), fen, 'closed', now(), bank_ref,
            entry_day::timestamp AT TIME ZONE 'Asia/Shanghai');
    INSERT INTO transfer (payment_id, order_id, state, staff, decided_at, day, payer, payer_matches, reason)
    VALUES (entry, wanted, 'surplus', me(), now(), entry_day, sealed_payer, matches, sealed_reason);
    UPDATE payment SET state = 'refund_due' WHERE id = entry;
    PERFORM note('order', wanted, jsonb_build_object('transfer', entry, 'state', 'surplus', 'fen', fen));
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'refund_due', '收到一笔不应支付的汇款，将汇回付款账户');
END $$;

-- ---- giving back ----

-- Online the runner does it; a transfer is paid back by people, who record it here.
CREATE OR REPLACE FUNCTION hall.refund_want(wanted uuid, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE r uuid;
BEGIN
    INSERT INTO refund (payment_id, out_refund_no, amount, reason)
    SELECT p.id, 'R' || p.out_trade_no, p.total, why FROM payment p WHERE p.id = wanted
    ON CONFLICT (payment_id) DO NOTHING RETURNING id INTO r;
    IF FOUND AND (SELECT channel <> 'transfer' FROM payment WHERE id = wanted) THEN
        PERFORM enqueue('refund', 'refund/' || r, r);
    END IF;
END $$;
DROP TRIGGER payment_goes_back ON hall.payment;
CREATE TRIGGER payment_goes_back AFTER UPDATE OF state ON hall.payment FOR EACH ROW
    WHEN (NEW.state = 'refund_due' AND OLD.state <> 'refund_due') EXECUTE FUNCTION hall.payment_goes_back();

-- The whole of it is back, as finance has decided: gift, limits, PIN and invoice follow from the state.
CREATE FUNCTION hall.refund_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE orders SET refund = 'done' WHERE id = wanted;
    PERFORM advance_itself(wanted, 'refund', 'finance');
END $$;

-- What the vendor, or finance, says of a refund. Answers what came of it: accepted, succeeded, failed, again, unknown. One
-- that failed can still succeed: somebody saw to it by hand.
CREATE OR REPLACE FUNCTION hall.refund_state(refund_no text, new_state text, vendor text, cause text, at timestamptz) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    r refund;
    o orders;
    way text;
    amount text;
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
    amount := to_char(r.amount / 100.0, 'FM999999990.00');
    UPDATE refund SET state = new_state, vendor_no = coalesce(vendor, vendor_no), why = cause,
           ended_at = CASE WHEN new_state IN ('succeeded', 'failed') THEN coalesce(at, now()) END WHERE id = r.id;
    PERFORM note('order', o.id, jsonb_build_object('refund', r.id, 'state', new_state, 'fen', r.amount));
    IF new_state = 'accepted' THEN
        PERFORM enqueue('refund_query', 'refund_query/' || r.id, r.id);
    ELSIF new_state = 'succeeded' THEN
        UPDATE payment SET state = 'refunded' WHERE id = r.payment_id RETURNING channel INTO way;
        INSERT INTO order_history (order_id, event, text)
        VALUES (o.id, 'refunded', format(CASE way WHEN 'transfer' THEN '已汇回 %s 元' ELSE '已原路退回 %s 元' END, amount));
        PERFORM tell(o.id, CASE way WHEN 'transfer' THEN 'remitted_back' ELSE 'refunded' END, 'handler', r.out_refund_no,
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

-- A refund that people have paid: of a transfer, or one that the vendor could not get through.
CREATE FUNCTION hall.refund_settle(wanted uuid, bank_ref text, entry_day date) RETURNS void
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
    IF NOT (r.state = 'failed' OR (r.state = 'queued' AND p.channel = 'transfer')) THEN
        PERFORM refuse(409, '这笔退款不需要人工登记，请刷新后再看。');
    ELSIF entry_day > (now() AT TIME ZONE 'Asia/Shanghai')::date THEN
        PERFORM refuse(422, '汇出日期不能晚于今天。', '/day');
    ELSIF EXISTS (SELECT FROM refund WHERE vendor_no = bank_ref AND id <> wanted) THEN
        PERFORM refuse(422, '这笔银行流水已登记在另一笔退款，不能重复登记。', '/reference');
    END IF;
    PERFORM money_apart(p.order_id, me());
    UPDATE refund SET staff = me() WHERE id = wanted;
    PERFORM refund_state(r.out_refund_no, 'succeeded', bank_ref, NULL, entry_day::timestamp AT TIME ZONE 'Asia/Shanghai');
END $$;

-- ---- 申请退费 ----

CREATE FUNCTION hall.refund_open(new_id uuid, o hall.orders, by_account uuid, by_staff uuid, words bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO refund_request (id, order_id, account, staff, reason) VALUES (new_id, o.id, by_account, by_staff, words);
    UPDATE orders SET refund = 'asked', version = version + 1, updated_at = now() WHERE id = o.id;
    INSERT INTO order_history (order_id, event, text)
    VALUES (o.id, 'refund_asked', CASE WHEN by_staff IS NULL THEN '已申请退费，等待财务审批' ELSE '工作人员提请退费，等待财务审批' END);
END $$;

-- States in which the whole amount can go back: nothing has been made yet.
CREATE FUNCTION hall.refundable(o hall.orders, states text[]) RETURNS bool
LANGUAGE sql STABLE AS $$
    SELECT o.state = ANY (states) AND o.paid IN ('voucher', 'paid', 'zero') AND o.producer IS NULL
       AND coalesce(o.refund, 'refused') = 'refused' $$;

CREATE FUNCTION hall.refund_ask(new_id uuid, wanted uuid, seen int, words bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted, seen);
BEGIN
    IF NOT refundable(o, '{verifying,in_review,rejected,approved}') THEN
        PERFORM refuse(409, CASE WHEN o.refund IN ('asked', 'sending') THEN '退费申请已在处理中。'
                                 ELSE '业务单目前不能申请退费，如有疑问请联系客服。' END);
    END IF;
    PERFORM refund_open(new_id, o, me(), NULL, words);
END $$;

CREATE FUNCTION hall.desk_refund_ask(new_id uuid, wanted uuid, seen int, words bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order(wanted, seen);
BEGIN
    IF NOT refundable(o, '{verifying,in_review,rejected,approved,accepted}') THEN
        PERFORM refuse(409, '业务单目前不能退费：证书已在制作，或退费已在处理中。');
    END IF;
    PERFORM refund_open(new_id, o, NULL, me(), words);
END $$;

CREATE FUNCTION hall.refund_back_out(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE refund_request SET state = 'withdrawn', ended_at = now() WHERE order_id = o.id AND state = 'asked'
       AND (account = me() OR staff = me());
    IF NOT FOUND THEN
        PERFORM refuse(409, '没有可以撤回的退费申请，请刷新后再看。');
    END IF;
    UPDATE orders SET refund = NULL, version = version + 1, updated_at = now() WHERE id = o.id;
    INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'refund_withdrawn', '退费申请已撤回');
END $$;

CREATE FUNCTION hall.refund_withdraw(wanted uuid, seen int) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$ SELECT refund_back_out(my_order(wanted, seen)) $$;
CREATE FUNCTION hall.desk_refund_withdraw(wanted uuid, seen int) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$ SELECT refund_back_out(desk_order(wanted, seen)) $$;

-- The request that finance decides about; refused where its own clerk asked.
CREATE FUNCTION hall.refund_asked(o hall.orders) RETURNS hall.refund_request
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

-- A payout that nobody has begun is not begun; the PIN that it would carry is destroyed.
CREATE FUNCTION hall.payout_stop(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    WITH unsent AS (UPDATE outbox b SET state = 'done', done_at = now() FROM payout y
                     WHERE y.order_id = wanted AND y.state = 'queued' AND b.kind = 'payout' AND b.subject = y.id
                       AND b.state = 'due' AND b.attempts = 0 RETURNING y.id)
    UPDATE payout SET state = 'failed', reason = '业务单已退费', ended_at = now() WHERE id IN (SELECT id FROM unsent);
    PERFORM pin_void(wanted);
END $$;

-- The whole amount goes back. An order that cost nothing just ends.
CREATE FUNCTION hall.refund_approve(wanted uuid, seen int, words text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := desk_order(wanted, seen);
    q refund_request := refund_asked(o);
    paid_by uuid;
BEGIN
    IF o.paid = 'voucher' THEN
        PERFORM refuse(409, '请先核对汇款是否到账：已到账的确认后再批准退费，未到账的请退回凭证。');
    END IF;
    SELECT id INTO paid_by FROM payment WHERE order_id = wanted AND state = 'paid';
    UPDATE refund_request SET state = 'approved', decided_by = me(), answer = words, ended_at = now(), payment_id = paid_by
     WHERE id = q.id;
    UPDATE orders SET refund = 'sending', version = version + 1, updated_at = now() WHERE id = wanted;
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'refund_approved', '退费申请已批准');
    PERFORM payout_stop(wanted);
    IF paid_by IS NULL THEN
        PERFORM refund_end(wanted);
        PERFORM tell(wanted, 'refund_ended', 'handler', q.id::text);
    ELSE
        PERFORM tell(wanted, 'refund_approved', 'handler', q.id::text,
                     jsonb_build_object('amount', to_char(o.total / 100.0, 'FM999999990.00')));
        PERFORM refund_want(paid_by, '申请退费');
        UPDATE payment SET state = 'refund_due' WHERE id = paid_by;
    END IF;
END $$;

CREATE FUNCTION hall.refund_refuse(wanted uuid, seen int, words text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := desk_order(wanted, seen);
    q refund_request := refund_asked(o);
BEGIN
    UPDATE refund_request SET state = 'refused', decided_by = me(), answer = words, ended_at = now() WHERE id = q.id;
    UPDATE orders SET refund = 'refused', version = version + 1, updated_at = now() WHERE id = wanted;
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'refund_refused', '退费申请未获批准：' || words);
    PERFORM tell(wanted, 'refund_refused', 'handler', q.id::text, jsonb_build_object('reason', words));
END $$;

-- A payment of another amount, once finance has seen to it at the vendor's.
CREATE FUNCTION hall.odd_settle(wanted uuid, words text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p payment;
BEGIN
    UPDATE payment SET odd_fen = NULL WHERE id = wanted AND odd_fen IS NOT NULL AND my_kind() = 'staff' RETURNING * INTO p;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这笔金额不符的款项。');
    END IF;
    PERFORM note('order', p.order_id, jsonb_build_object('payment', wanted, 'wrong_amount', 'settled',
                 'words', 'sm3:' || encode(public.digest(words, 'sm3'), 'hex')));
    INSERT INTO order_history (order_id, event, text) VALUES (p.order_id, 'odd_settled', '一笔金额不符的款项已由工作人员处理');
END $$;

-- ---- in the eyes of people ----

CREATE FUNCTION hall.transfer_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('state', t.state, 'at', iso(p.created_at), 'decided_at', iso(t.decided_at), 'why', t.why,
               'total', o.total, 'remark', o.number, 'files', 3,
               'drafts', vouchers_json(o.id, NULL),
               'vouchers', CASE WHEN t.payment_id IS NULL THEN '[]' ELSE vouchers_json(o.id, t.payment_id) END)
      FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT * FROM transfer x WHERE x.order_id = o.id AND x.state <> 'surplus'
               ORDER BY x.state IN ('waiting', 'confirmed') DESC, x.decided_at DESC LIMIT 1) t ON true
      LEFT JOIN payment p ON p.id = t.payment_id $$;

-- The transfer's page; the account that it goes to is the module's to add.
CREATE FUNCTION hall.transfer_view(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT transfer_json(o)::text FROM orders o
     WHERE o.id = wanted AND o.account = me() AND o.project = my_project() AND my_kind() = 'account'
       AND 'transfer' = ANY (pay_ways(o)) $$;

CREATE FUNCTION hall.refund_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN o.refund IS NOT NULL THEN jsonb_build_object('state', o.refund, 'asked_at', iso(q.asked_at),
               'by_staff', q.staff IS NOT NULL, 'answer', q.answer, 'ended_at', iso(q.ended_at), 'amount', o.total,
               'channel', (SELECT channel FROM payment WHERE id = q.payment_id)) END
      FROM (SELECT 1) one LEFT JOIN LATERAL (SELECT * FROM refund_request x WHERE x.order_id = o.id AND x.state <> 'withdrawn'
               ORDER BY asked_at DESC LIMIT 1) q ON true $$;

CREATE OR REPLACE FUNCTION hall.order_money_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT gift_json(o) || jsonb_build_object('pay_ways', pay_ways(o), 'refund', refund_json(o),
        'transfer', CASE WHEN 'transfer' = ANY (pay_ways(o)) OR EXISTS (SELECT FROM transfer WHERE order_id = o.id) THEN transfer_json(o) END,
        'payment', jsonb_build_object('state', CASE o.paid WHEN 'zero' THEN 'paid' ELSE o.paid END, 'channel', p.channel,
            'paid_at', iso(p.paid_at), 'total', o.total))
      FROM payment_of(o) p $$;

CREATE OR REPLACE FUNCTION hall.order_money_can(o hall.orders) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT array_remove(ARRAY[
        CASE WHEN o.state = 'unpaid' AND 'transfer' = ANY (pay_ways(o)) THEN 'transfer' END,
        CASE WHEN refundable(o, '{verifying,in_review,rejected,approved}') THEN 'refund' END,
        CASE WHEN o.refund = 'asked' AND EXISTS (SELECT FROM refund_request q WHERE q.order_id = o.id AND q.state = 'asked'
                                                    AND q.account = o.account) THEN 'refund_withdraw' END], NULL) $$;

-- ---- finance's desk ----

-- What is not settled, and what comes next.
CREATE TABLE hall.money_kind (
    kind text PRIMARY KEY,
    pos  int NOT NULL,
    name text NOT NULL,
    next text NOT NULL
);
INSERT INTO hall.money_kind VALUES
    ('voucher', 1, '待确认汇款', '核对银行到账，确认或退回凭证'),
    ('refund_asked', 2, '待审批退费', '批准或不予批准'),
    ('refund_by_hand', 3, '待汇回', '汇回付款账户后登记'),
    ('refund_failed', 4, '退款失败', '在支付机构处理或汇回后登记'),
    ('wrong_amount', 5, '金额不符', '在支付机构处理后登记'),
    ('refund_under_way', 6, '退款途中', '等待支付机构退回');

CREATE VIEW hall.money_open AS
    SELECT 'voucher' AS kind, t.payment_id AS id, t.order_id, p.channel, p.total AS fen, p.created_at AS since, p.out_trade_no AS number
      FROM hall.transfer t JOIN hall.payment p ON p.id = t.payment_id WHERE t.state = 'waiting'
    UNION ALL
    SELECT 'refund_asked', q.id, q.order_id, p.channel, o.total, q.asked_at, p.out_trade_no
      FROM hall.refund_request q JOIN hall.orders o ON o.id = q.order_id
      LEFT JOIN hall.payment p ON p.order_id = o.id AND p.state = 'paid' WHERE q.state = 'asked'
    UNION ALL
    SELECT CASE WHEN r.state = 'failed' THEN 'refund_failed' WHEN p.channel = 'transfer' THEN 'refund_by_hand' ELSE 'refund_under_way' END,
           r.id, p.order_id, p.channel, r.amount, r.created_at, r.out_refund_no
      FROM hall.refund r JOIN hall.payment p ON p.id = r.payment_id WHERE r.state <> 'succeeded'
    UNION ALL
    SELECT 'wrong_amount', p.id, p.order_id, p.channel, p.odd_fen, p.created_at, p.out_trade_no
      FROM hall.payment p WHERE p.odd_fen IS NOT NULL;

-- NULL as kind: all of them.
CREATE FUNCTION hall.money_json(wanted text, page int, page_size int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH found AS (SELECT m FROM money_open m WHERE my_kind() = 'staff' AND (wanted IS NULL OR m.kind = wanted))
    SELECT jsonb_build_object('total', (SELECT count(*) FROM found), 'page', page, 'page_size', page_size,
        'kinds', (SELECT jsonb_agg(jsonb_build_object('kind', k.kind, 'name', k.name, 'count',
                      (SELECT count(*) FROM money_open m WHERE m.kind = k.kind)) ORDER BY k.pos) FROM money_kind k),
        'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('kind', k.kind, 'name', k.name, 'next', k.next, 'id', (p.m).id,
                'order_id', o.id, 'order_number', o.number, 'project_name', j.name, 'subject', o.subject, 'label', l.label,
                'tone', l.tone, 'channel', (p.m).channel, 'fen', (p.m).fen, 'since', iso((p.m).since), 'number', (p.m).number,
                'due_at', iso(o.due_at)) ORDER BY p.n), '[]')
              FROM (SELECT m, row_number() OVER (ORDER BY (m).since, (m).id) AS n FROM found
                     ORDER BY (m).since, (m).id LIMIT page_size OFFSET (page - 1) * page_size) p
              JOIN money_kind k ON k.kind = (p.m).kind JOIN orders o ON o.id = (p.m).order_id
              JOIN project j ON j.id = o.project CROSS JOIN order_label(o) l))::text $$;

-- What staff may do about an order's money now.
CREATE FUNCTION hall.money_can(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT to_jsonb(array_remove(ARRAY[
        CASE WHEN o.paid = 'voucher' OR o.state = 'unpaid' THEN 'confirm' END,
        CASE WHEN o.paid = 'voucher' AND o.state IN ('in_review', 'approved') THEN 'refuse' END,
        'surplus',
        CASE WHEN refundable(o, '{verifying,in_review,rejected,approved,accepted}') THEN 'refund' END,
        CASE WHEN o.refund = 'asked' AND o.paid <> 'voucher' AND q.staff IS DISTINCT FROM me() THEN 'approve' END,
        CASE WHEN o.refund = 'asked' AND q.staff IS DISTINCT FROM me() THEN 'refuse_refund' END,
        CASE WHEN q.staff = me() THEN 'withdraw' END], NULL))
      FROM (SELECT 1) one LEFT JOIN refund_request q ON q.order_id = o.id AND q.state = 'asked' $$;

CREATE FUNCTION hall.order_payments_json(wanted uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('id', p.id, 'channel', p.channel, 'number', p.out_trade_no, 'fen', p.total,
        'state', p.state, 'odd_fen', p.odd_fen, 'reference', p.transaction_id, 'paid_at', iso(p.paid_at), 'created_at', iso(p.created_at),
        'transfer', CASE WHEN t.payment_id IS NOT NULL THEN jsonb_build_object('state', t.state, 'staff', s.display_name,
            'decided_at', iso(t.decided_at), 'why', t.why, 'day', t.day, 'payer_matches', t.payer_matches,
            'vouchers', vouchers_json(wanted, t.payment_id)) END,
        'refund', CASE WHEN r.id IS NOT NULL THEN jsonb_build_object('id', r.id, 'number', r.out_refund_no, 'fen', r.amount, 'state', r.state,
            'by_hand', p.channel = 'transfer' OR r.state = 'failed', 'why', r.why, 'reference', r.vendor_no, 'staff', b.display_name,
            'created_at', iso(r.created_at), 'ended_at', iso(r.ended_at)) END) ORDER BY p.created_at, p.out_trade_no), '[]')
      FROM payment p LEFT JOIN transfer t ON t.payment_id = p.id LEFT JOIN staff s ON s.id = t.staff
      LEFT JOIN refund r ON r.payment_id = p.id LEFT JOIN staff b ON b.id = r.staff WHERE p.order_id = wanted $$;

-- All money of one order. That somebody reads it goes into the audit trail.
CREATE FUNCTION hall.desk_money(wanted uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted AND my_kind() = 'staff' AND state <> 'draft';
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    PERFORM note('order', wanted, '{"read": "money"}');
    RETURN (SELECT jsonb_build_object('order_id', o.id, 'number', o.number, 'version', o.version, 'subject', o.subject, 'label', l.label,
        'tone', l.tone, 'total', o.total, 'paid', o.paid, 'parts', o.price, 'refund', o.refund,
        'can', CASE WHEN 'finance' = ANY (my_roles()) THEN money_can(o) ELSE '[]' END,
        'payments', order_payments_json(wanted),
        'requests', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', q.id, 'state', q.state, 'by', CASE WHEN q.staff IS NULL THEN 'applicant'
            ELSE 'staff' END, 'staff', a.display_name, 'decided_by', d.display_name, 'answer', q.answer, 'asked_at', iso(q.asked_at),
            'ended_at', iso(q.ended_at)) ORDER BY q.asked_at), '[]')
            FROM refund_request q LEFT JOIN staff a ON a.id = q.staff LEFT JOIN staff d ON d.id = q.decided_by WHERE q.order_id = wanted))
        FROM order_label(o) l)::text;
END $$;

-- The sealed words beside it.
CREATE FUNCTION hall.desk_money_sealed(wanted uuid) RETURNS TABLE (place text, id uuid, sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT 'transfer.payer', t.payment_id, t.payer FROM transfer t WHERE t.order_id = wanted AND t.payer IS NOT NULL AND my_kind() = 'staff'
    UNION ALL
    SELECT 'transfer.reason', t.payment_id, t.reason FROM transfer t WHERE t.order_id = wanted AND t.reason IS NOT NULL AND my_kind() = 'staff'
    UNION ALL
    SELECT 'refund_request.reason', q.id, q.reason FROM refund_request q WHERE q.order_id = wanted AND my_kind() = 'staff' $$;

-- ---- who may ----

GRANT EXECUTE ON FUNCTION hall.payment_open, hall.transfer_view, hall.voucher_submit, hall.form_spec, hall.order_view, hall.code_names TO certhall_pay;
GRANT EXECUTE ON FUNCTION hall.voucher_slot, hall.voucher_put, hall.voucher_delete, hall.voucher_view TO certhall_material;
GRANT EXECUTE ON FUNCTION hall.refund_ask, hall.refund_withdraw TO certhall_orders;
GRANT EXECUTE ON FUNCTION hall.desk_voucher, hall.transfer_work, hall.transfer_confirm, hall.transfer_refuse, hall.transfer_surplus,
    hall.desk_refund_ask, hall.desk_refund_withdraw, hall.refund_approve, hall.refund_refuse, hall.refund_settle, hall.odd_settle,
    hall.money_json, hall.desk_money, hall.desk_money_sealed TO certhall_desk;

COMMIT;
