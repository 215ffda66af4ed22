-- Invoices.

-- Creates the invoice of an accepted order that cost money. Whether one is wanted is in the encrypted form, which the runner can
-- read.
CREATE OR REPLACE FUNCTION hall.invoice_due(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF o.paid = 'paid' AND o.total > 0 THEN
        PERFORM enqueue('invoice_wanted', 'invoice_wanted/' || o.id, o.id);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.invoice_wanted_work(wanted uuid) RETURNS TABLE (form bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT form FROM orders o WHERE id = wanted AND paid = 'paid' AND NOT (state_of(o)).void;
END $$;

CREATE OR REPLACE FUNCTION hall.invoice_send(i hall.invoice) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enqueue('invoice', 'invoice/' || i.id || '/' || count(*), i.id) FROM outbox
     WHERE kind = 'invoice' AND subject = i.id;
END $$;

CREATE OR REPLACE FUNCTION hall.invoice_ask(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    i invoice;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted FOR NO KEY UPDATE;
    IF o.paid <> 'paid' OR (state_of(o)).void OR EXISTS (SELECT FROM invoice WHERE order_id = wanted) THEN
        RETURN;
    END IF;
    INSERT INTO invoice (order_id, request_no, parts, total)
    VALUES (wanted, 'I' || o.number || '01', o.price, o.total) RETURNING * INTO i;
    PERFORM note('order', wanted, jsonb_build_object('invoice', i.id, 'state', 'asked', 'fen', i.total)), invoice_send(i);
END $$;

-- A red letter for an issued invoice; for others nothing more is issued.
CREATE OR REPLACE FUNCTION hall.invoice_take_back(blue hall.invoice) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i invoice;
BEGIN
    IF blue.state = 'issued' AND NOT EXISTS (SELECT FROM invoice WHERE red_of = blue.id) THEN
        INSERT INTO invoice (order_id, red_of, request_no, parts, total)
        VALUES (blue.order_id, blue.id, 'R' || substr(blue.request_no, 2), blue.parts, blue.total) RETURNING * INTO i;
        PERFORM invoice_send(i);
    ELSIF blue.state = 'failed' AND blue.number IS NULL THEN
        UPDATE invoice SET state = 'dropped' WHERE id = blue.id;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.invoice_refunded(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM invoice_take_back(i) FROM invoice i WHERE i.order_id = o.id AND i.red_of IS NULL;
END $$;

-- `dead`: the order is refunded, so an invoice that Nuonuo does not know need not be requested.
CREATE OR REPLACE FUNCTION hall.invoice_work(wanted uuid)
RETURNS TABLE (order_id uuid, order_number text, form bytea, buyer bytea, request_no text, taken bool, state text, parts text,
               total int, red bool, blue_number text, blue_serial text, dead bool)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.id, o.number, o.form, i.buyer, i.request_no, i.taken, i.state, i.parts::text, i.total, i.red_of IS NOT NULL,
           b.number, b.serial, i.red_of IS NULL AND o.state = 'refunded'
      FROM invoice i JOIN orders o ON o.id = i.order_id LEFT JOIN invoice b ON b.id = i.red_of WHERE i.id = wanted;
END $$;

-- Nuonuo has accepted it; it is queried until it is issued.
CREATE OR REPLACE FUNCTION hall.invoice_taken(wanted uuid, serial_ text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE invoice SET state = 'issuing', taken = true, serial = coalesce(nullif(serial_, ''), serial), why = NULL
     WHERE id = wanted AND state = 'asked';
    PERFORM enqueue('invoice_query', 'invoice_query/' || wanted || '/' ||
                    (SELECT count(*) FROM outbox WHERE kind = 'invoice' AND subject = wanted), wanted);
END $$;

CREATE OR REPLACE FUNCTION hall.invoice_failed(wanted uuid, cause text, number_ text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    i invoice;
BEGIN
    SELECT x.* INTO o FROM invoice v JOIN orders x ON x.id = v.order_id WHERE v.id = wanted FOR NO KEY UPDATE OF x;
    UPDATE invoice SET state = 'failed', why = left(cause, 200), number = coalesce(nullif(number_, ''), number)
     WHERE id = wanted AND state IN ('asked', 'issuing') RETURNING * INTO i;
    IF FOUND THEN
        PERFORM note('order', o.id, jsonb_build_object('invoice', wanted, 'state', 'failed'));
        IF o.state = 'refunded' AND i.red_of IS NULL THEN
            PERFORM invoice_take_back(i);
        END IF;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.invoice_dropped(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE invoice SET state = 'dropped' WHERE id = wanted AND state = 'asked';
END $$;

CREATE OR REPLACE FUNCTION hall.invoice_issued(wanted uuid, serial_ text, number_ text, pdf_ text, ofd_ text, xml_ text,
    at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    i invoice;
BEGIN
    SELECT x.* INTO o FROM invoice v JOIN orders x ON x.id = v.order_id WHERE v.id = wanted FOR NO KEY UPDATE OF x;
    UPDATE invoice SET state = 'issued', serial = coalesce(nullif(serial_, ''), serial), number = number_,
        pdf = nullif(pdf_, ''),
           ofd = nullif(ofd_, ''), xml = nullif(xml_, ''), why = NULL, issued_at = coalesce(at, now())
     WHERE id = wanted AND state IN ('asked', 'issuing', 'failed') RETURNING * INTO i;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM note('order', o.id, jsonb_build_object('invoice', wanted, 'state', 'issued', 'number', i.number));
    INSERT INTO order_history (order_id, event, text)
    VALUES (o.id, 'invoice', CASE WHEN i.red_of IS NULL THEN '电子发票已开具' ELSE '电子发票已冲红' END);
    IF i.red_of IS NOT NULL THEN
        UPDATE invoice SET state = 'red' WHERE id = i.red_of;
    ELSIF o.state = 'refunded' THEN
        PERFORM invoice_take_back(i);
    ELSE
        PERFORM tell(o.id, 'invoice', 'agent', i.id::text, jsonb_build_object('amount',
            yuan(i.total), 'number', i.number, 'link', coalesce(i.pdf, '')));
    END IF;
END $$;

-- A callback says that Nuonuo has news about this number, so it is queried at once. Anybody can send such a callback.
CREATE OR REPLACE FUNCTION hall.invoice_hint(request text) RETURNS bool
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE outbox o SET due_at = now() FROM invoice i
     WHERE i.request_no = request AND i.state = 'issuing' AND o.kind = 'invoice_query' AND o.subject = i.id AND o.state = 'due'
       AND o.due_at > now();
    RETURN EXISTS (SELECT FROM invoice WHERE request_no = request);
END $$;

CREATE OR REPLACE FUNCTION hall.invoice_row(i hall.invoice) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', i.id, 'order_id', o.id, 'order_number', o.number, 'project_name', p.name,
        'subject', o.subject,
        'red', i.red_of IS NOT NULL, 'request_no', i.request_no, 'state', i.state, 'state_name',
            word('invoice_state', i.state), 'total', i.total,
        'number', i.number, 'pdf', i.pdf, 'why', i.why, 'by_hand', i.by_hand, 'asked_at', iso(i.asked_at),
            'issued_at', iso(i.issued_at),
        'order_label', l.label)
      FROM orders o JOIN project p ON p.id = o.project JOIN order_standing l ON l.code = o.standing WHERE o.id = i.order_id);
END $$;

-- `kind`: a state, or "open" for invoices that need finance; '' for all. The days are those of the request.
CREATE OR REPLACE FUNCTION hall.invoices_json(kind text, first_day date, last_day date, after text, page_size int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    keys text[] := cursor_keys(after, 'timestamptz', 'uuid');
    after_at timestamptz := keys[1];
    after_id uuid := keys[2];
    most int := look_for(after, page_size);
    wanted text := nullif(nullif(kind, ''), 'open');
    ids uuid[];
BEGIN
    ids := ARRAY(SELECT i.id FROM invoice i WHERE my_kind() = 'staff' AND (wanted IS NULL OR i.state = wanted)
        AND (kind IS DISTINCT FROM 'open' OR i.state IN ('asked', 'issuing', 'failed')
             AND (i.state = 'failed' OR i.asked_at < now() - interval '1 day'))
        AND (first_day IS NULL OR i.asked_at >= first_day::timestamp AT TIME ZONE 'Asia/Shanghai')
        AND (last_day IS NULL OR i.asked_at < (last_day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
        AND (after IS NULL OR (i.asked_at, i.id) < (after_at, after_id))
      ORDER BY i.asked_at DESC, i.id DESC LIMIT most);
    PERFORM set_config('plan_cache_mode', 'auto', true); -- from here on the rows are shown in the same way for every search
    RETURN (SELECT page(jsonb_agg(invoice_row(i) ORDER BY x.n),
        array_agg(cursor_of(i.asked_at::text, i.id::text) ORDER BY x.n), page_size, after, cardinality(ids))
        || jsonb_build_object('states', choices('invoice_state'))
      FROM unnest(ids[1 : page_size + 1]) WITH ORDINALITY AS x(id, n) JOIN invoice i ON i.id = x.id)::text;
END $$;

-- One invoice, with the encrypted data of its buyer; the reading is recorded.
CREATE OR REPLACE FUNCTION hall.invoice_view(wanted uuid) RETURNS TABLE ("out" text, order_id uuid, form bytea, buyer bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i invoice;
BEGIN
    SELECT * INTO i FROM invoice WHERE id = wanted AND my_kind() = 'staff';
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这张发票。');
    END IF;
    PERFORM note('order', i.order_id, jsonb_build_object('read', 'invoice'));
    RETURN QUERY SELECT (invoice_row(i) || jsonb_build_object('parts', i.parts))::text, o.id, o.form, i.buyer
        FROM orders o WHERE o.id = i.order_id;
END $$;

CREATE OR REPLACE FUNCTION hall.invoice_desk(wanted uuid) RETURNS hall.invoice
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i invoice;
BEGIN
    PERFORM 1 FROM orders WHERE id = (SELECT order_id FROM invoice WHERE id = wanted) FOR NO KEY UPDATE;
    SELECT * INTO i FROM invoice WHERE id = wanted AND my_kind() = 'staff' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这张发票。');
    END IF;
    RETURN i;
END $$;

-- Tries again after a failure; queries again when it takes long.
CREATE OR REPLACE FUNCTION hall.invoice_retry(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i invoice := invoice_desk(wanted);
BEGIN
    IF i.state = 'failed' THEN
        UPDATE invoice SET state = 'asked', why = NULL WHERE id = wanted;
    ELSIF i.state NOT IN ('asked', 'issuing') THEN
        PERFORM refuse(409, '这张发票不需要重新开具。');
    END IF;
    PERFORM note('order', i.order_id, jsonb_build_object('invoice', wanted, 'again', i.state));
    IF i.state = 'issuing' THEN
        PERFORM enqueue('invoice_query', 'invoice_query/' || wanted || '/again/' ||
                        (SELECT count(*) FROM outbox WHERE kind = 'invoice_query' AND subject = wanted), wanted);
    ELSE
        PERFORM invoice_send(i);
    END IF;
END $$;

-- Issues to another title, which is a new request; only possible when no invoice was issued.
CREATE OR REPLACE FUNCTION hall.invoice_buyer(wanted uuid, encrypted bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i invoice := invoice_desk(wanted);
BEGIN
    IF i.state <> 'failed' OR i.number IS NOT NULL OR i.red_of IS NOT NULL THEN
        PERFORM refuse(409, '只有开具失败的发票可以更改抬头；已开具的发票请按税务规定处理。');
    END IF;
    UPDATE invoice SET buyer = encrypted, state = 'asked', taken = false, serial = NULL, why = NULL,
           request_no = left(i.request_no, 19) || lpad((substr(i.request_no, 20)::int + 1)::text, 2, '0')
     WHERE id = wanted RETURNING * INTO i;
    PERFORM note('order', i.order_id, jsonb_build_object('invoice', wanted, 'buyer', 'changed', 'request_no', i.request_no)),
            invoice_send(i);
END $$;

-- Records a red letter that was issued at the tax bureau because Nuonuo could not issue it.
CREATE OR REPLACE FUNCTION hall.invoice_close(wanted uuid, red_number text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i invoice := invoice_desk(wanted);
BEGIN
    IF i.red_of IS NULL OR i.state <> 'failed' THEN
        PERFORM refuse(409, '只有未能自动开具的红字发票需要人工登记。');
    END IF;
    UPDATE invoice SET by_hand = true WHERE id = wanted;
    PERFORM invoice_issued(wanted, NULL, red_number, NULL, NULL, NULL, now());
END $$;

-- The invoice as its buyer reads of it; NULL before the payment.
CREATE OR REPLACE FUNCTION hall.invoice_json(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i record;
BEGIN
    IF o.paid NOT IN ('paid', 'zero') THEN
        RETURN NULL;
    END IF;
    SELECT x.state, x.total, x.number, x.pdf, x.ofd, x.xml, x.issued_at INTO i FROM invoice x WHERE x.order_id = o.id AND x.red_of IS NULL;
    IF NOT FOUND AND NOT (o.paid = 'zero' AND o.total = 0) THEN
        RETURN NULL;
    END IF;
    RETURN jsonb_build_object('state', i.state, 'text', CASE
        WHEN i.state IN ('asked', 'issuing', 'failed') THEN '发票正在开具，开具后会通知您。'
        WHEN i.state = 'issued' THEN '发票已开具。' WHEN i.state = 'red' THEN '已退费，发票已冲红作废。'
        WHEN i.state = 'dropped' THEN '已退费，不再开具发票。' ELSE '本业务单无需支付，不开具发票。' END,
        'total', i.total, 'number', i.number, 'pdf', i.pdf, 'ofd', i.ofd, 'xml', i.xml, 'issued_at', iso(i.issued_at));
END $$;
