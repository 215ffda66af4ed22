-- The finance desk: all money that is not settled, on one page.

-- Nobody both reviews an order and decides about its money.
CREATE OR REPLACE FUNCTION hall.money_apart(wanted uuid, who uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM review WHERE order_id = wanted AND staff = who) THEN
        PERFORM refuse(403, '审核人不能处理同一业务单的款项，请由其他财务人员办理。');
    END IF;
END $$;

-- What every act about an order's money says of the order.
CREATE OR REPLACE FUNCTION hall.order_facts(o hall.orders) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY VALUES ('业务单', o.number || ' ' || o.id), ('申请主体', o.subject);
END $$;

-- A payment of a wrong amount, locked.
CREATE OR REPLACE FUNCTION hall.odd_payment(wanted uuid) RETURNS hall.payment
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p payment;
BEGIN
    SELECT * INTO p FROM payment WHERE id = wanted AND odd_fen IS NOT NULL AND my_kind() = 'staff' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这笔金额不符的款项。');
    END IF;
    PERFORM money_apart(p.order_id, me());
    RETURN p;
END $$;

-- What the act of settling such a payment says.
CREATE OR REPLACE FUNCTION hall.odd_facts(wanted uuid) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p payment := odd_payment(wanted);
BEGIN
    RETURN QUERY SELECT f.* FROM orders o, order_facts(o) f WHERE o.id = p.order_id;
    RETURN QUERY SELECT f.* FROM payment_channel c, LATERAL (VALUES ('支付方式', c.name), ('商户单号', p.out_trade_no),
        ('应付金额', yuan(p.total) || ' 元'), ('实收金额', yuan(p.odd_fen) || ' 元')) f WHERE c.code = p.channel;
END $$;

-- Marks a payment of a wrong amount as settled, after finance has settled it at the vendor, under the act `signed`.
CREATE OR REPLACE FUNCTION hall.odd_settle(wanted uuid, words text, signed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p payment := odd_payment(wanted);
BEGIN
    PERFORM act_keep('settle_odd', wanted, p.order_id, signed, 'order', p.order_id);
    UPDATE payment SET odd_fen = NULL WHERE id = wanted;
    PERFORM note('order', p.order_id, jsonb_build_object('payment', wanted, 'wrong_amount', 'settled',
                 'words', committed(p.order_id, 'words', words)));
    INSERT INTO order_history (order_id, event, text) VALUES (p.order_id, 'odd_settled', '一笔金额不符的款项已由工作人员处理');
END $$;

-- Money that is not settled, oldest first, after a cursor. From each source as many rows are read as the page may need, by the
-- source's own index.
CREATE OR REPLACE FUNCTION hall.money_from(wanted text, after_at timestamptz, after_id uuid, most int)
RETURNS TABLE (kind text, id uuid, order_id uuid, channel text, fen int, since timestamptz, number text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY SELECT * FROM (
        (SELECT 'voucher', t.payment_id, t.order_id, p.channel, p.total, t.created_at, p.out_trade_no
           FROM transfer t JOIN payment p ON p.id = t.payment_id
          WHERE t.state = 'waiting' AND coalesce(wanted, 'voucher') = 'voucher' AND (t.created_at, t.payment_id) > (after_at, after_id)
          ORDER BY t.created_at, t.payment_id LIMIT most)
        UNION ALL
        (SELECT 'refund_asked', q.id, q.order_id, p.channel, o.total, q.asked_at, p.out_trade_no
           FROM refund_request q JOIN orders o ON o.id = q.order_id
           LEFT JOIN payment p ON p.order_id = o.id AND p.state = 'paid'
          WHERE q.state = 'asked' AND coalesce(wanted, 'refund_asked') = 'refund_asked' AND (q.asked_at, q.id) > (after_at, after_id)
          ORDER BY q.asked_at, q.id LIMIT most)
        UNION ALL
        (SELECT r.task, r.id, p.order_id, p.channel, r.amount, r.created_at, r.out_refund_no
           FROM refund r JOIN payment p ON p.id = r.payment_id
          WHERE r.task IS NOT NULL AND (wanted IS NULL OR r.task = wanted) AND (r.created_at, r.id) > (after_at, after_id)
          ORDER BY r.created_at, r.id LIMIT most)
        UNION ALL
        (SELECT 'wrong_amount', p.id, p.order_id, p.channel, p.odd_fen, p.created_at, p.out_trade_no
           FROM payment p
          WHERE p.odd_fen IS NOT NULL AND coalesce(wanted, 'wrong_amount') = 'wrong_amount' AND (p.created_at, p.id) > (after_at, after_id)
          ORDER BY p.created_at, p.id LIMIT most)) m(a, b, c, d, e, at, f)
     ORDER BY m.at, m.b LIMIT most;
END $$;

CREATE OR REPLACE FUNCTION hall.money_counts() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_agg(jsonb_build_object('kind', k.kind, 'name', k.name, 'count', CASE k.kind
            WHEN 'voucher' THEN (SELECT count(*) FROM (SELECT FROM transfer WHERE state = 'waiting' LIMIT count_most()) x)
            WHEN 'refund_asked' THEN (SELECT count(*) FROM (SELECT FROM refund_request WHERE state = 'asked' LIMIT count_most()) x)
            WHEN 'wrong_amount' THEN (SELECT count(*) FROM (SELECT FROM payment WHERE odd_fen IS NOT NULL LIMIT count_most()) x)
            ELSE (SELECT count(*) FROM (SELECT FROM refund r WHERE r.task = k.kind LIMIT count_most()) x) END) ORDER BY k.pos)
        FROM money_kind k);
END $$;

-- NULL as kind: all kinds.
CREATE OR REPLACE FUNCTION hall.money_json(wanted text, after text, page_size int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    keys text[] := cursor_keys(after, 'timestamptz', 'uuid');
    after_at timestamptz := coalesce(keys[1], '-infinity');
    after_id uuid := coalesce(keys[2], '00000000-0000-0000-0000-000000000000');
    kinds jsonb := money_counts();
    found int := (SELECT sum((k ->> 'count')::int) FROM jsonb_array_elements(kinds) k WHERE wanted IS NULL OR k ->> 'kind' = wanted);
BEGIN
    IF my_kind() <> 'staff' THEN
        RETURN page(NULL, NULL, page_size, after, 0) || '{"kinds": []}';
    END IF;
    RETURN (SELECT page(jsonb_agg(jsonb_build_object('kind', k.kind, 'name', k.name, 'next', k.next, 'id', m.id, 'order_id', o.id,
            'order_number', o.number, 'project_name', j.name, 'subject', o.subject, 'label', l.label, 'tone', l.tone,
            'channel', m.channel, 'channel_name', c.name, 'fen', m.fen, 'since', iso(m.since), 'number', m.number, 'due_at', iso(o.due_at))
            ORDER BY m.since, m.id),
        array_agg(cursor_of(m.since::text, m.id::text) ORDER BY m.since, m.id), page_size, after, coalesce(found, 0))
        || jsonb_build_object('kinds', kinds)
      FROM money_from(wanted, after_at, after_id, page_size + 1) m JOIN money_kind k ON k.kind = m.kind
      LEFT JOIN payment_channel c ON c.code = m.channel
      JOIN orders o ON o.id = m.order_id JOIN project j ON j.id = o.project JOIN order_standing l ON l.code = o.standing)::text;
END $$;

-- The actions that staff may take about an order's money now.
CREATE OR REPLACE FUNCTION hall.money_can(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT to_jsonb(array_remove(ARRAY[
        CASE WHEN o.paid = 'voucher' OR o.state = 'unpaid' THEN 'confirm' END,
        CASE WHEN o.paid = 'voucher' AND o.state IN ('in_review', 'approved') THEN 'refuse' END,
        'surplus',
        CASE WHEN refundable(o, accepted => true) THEN 'refund' END,
        CASE WHEN o.refund = 'asked' AND o.paid <> 'voucher' AND q.staff IS DISTINCT FROM me() THEN 'approve' END,
        CASE WHEN o.refund = 'asked' AND q.staff IS DISTINCT FROM me() THEN 'refuse_refund' END,
        CASE WHEN q.staff = me() THEN 'withdraw' END], NULL))
      FROM (SELECT 1) one LEFT JOIN refund_request q ON q.order_id = o.id AND q.state = 'asked');
END $$;

-- All payments and refunds of an order. The reading is recorded in the audit trail.
CREATE OR REPLACE FUNCTION hall.desk_money(wanted uuid) RETURNS text
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

-- The encrypted texts that belong to them.
CREATE OR REPLACE FUNCTION hall.desk_money_encrypted(wanted uuid) RETURNS TABLE (place text, id uuid, encrypted bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT 'transfer.payer', t.payment_id, t.payer FROM transfer t WHERE t.order_id = wanted AND t.payer IS NOT NULL AND my_kind() = 'staff'
    UNION ALL
    SELECT 'transfer.reason', t.payment_id, t.reason FROM transfer t WHERE t.order_id = wanted AND t.reason IS NOT NULL AND my_kind() = 'staff'
    UNION ALL
    SELECT 'refund_request.reason', q.id, q.reason FROM refund_request q WHERE q.order_id = wanted AND my_kind() = 'staff';
END $$;
