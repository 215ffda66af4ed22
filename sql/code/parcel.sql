-- Parcels and couriers.

CREATE OR REPLACE FUNCTION hall.ship(wanted uuid, seen int, carrier text, parcel_no text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order_locked(wanted, seen);
BEGIN
    PERFORM outlet_makes(o, me());
    IF NOT carrier = ANY (SELECT unnest(couriers) FROM project WHERE id = o.project) THEN
        PERFORM refuse(422, '本项目不使用这家快递。', '/courier');
    ELSIF (SELECT bool_and(medium = 'file') FROM production(wanted)) THEN
        PERFORM refuse(409, '这类证书由申请人自行下载，不需要寄送。');
    END IF;
    PERFORM advance(wanted, 'hand_over');
    UPDATE orders SET courier = carrier, tracking_no = parcel_no, shipped_at = now() WHERE id = wanted;
    UPDATE certificate SET key_file = NULL, enveloped_key = NULL -- they are on the token now
     WHERE order_id = wanted AND (key_file IS NOT NULL OR enveloped_key IS NOT NULL);
    PERFORM tell(wanted, 'shipped', 'agent', '1', jsonb_build_object('courier', carrier, 'number', parcel_no));
    PERFORM enqueue('signed_for', 'signed_for/' || wanted, wanted, '15 days');
END $$;

-- The parcel of an order that was shipped, and its route.
CREATE OR REPLACE FUNCTION hall.parcel_json(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p parcel;
    payer text := o.courier_payment;
    name text;
    page text;
BEGIN
    SELECT x.payment, x.state, x.routes INTO p.payment, p.state, p.routes FROM parcel x
     WHERE x.order_id = o.id AND x.state NOT IN ('refused', 'cancelling', 'cancelled');
    payer := coalesce(p.payment, payer);
    IF payer IS NULL THEN
        payer := (SELECT j.courier_payment FROM project j WHERE j.id = o.project);
    END IF;
    SELECT c.name, replace(c.page, '{number}', o.tracking_no) INTO name, page FROM courier c WHERE c.code = o.courier;
    RETURN jsonb_build_object('courier', o.courier, 'courier_name', coalesce(name, o.courier), 'page', page,
        'payment_name', payment_name(payer), 'tracking_no', o.tracking_no, 'shipped_at', iso(o.shipped_at),
        'state_name', CASE WHEN o.state = 'done' THEN '已签收' ELSE parcel_state_name(p.state) END, 'routes', coalesce(p.routes, '[]'));
END $$;

-- Who brings the parcel and who pays for it, as shown before shipping; NULL for a certificate in a file, which is downloaded.
CREATE OR REPLACE FUNCTION hall.delivery_json(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p project;
    payment text;
    name text;
BEGIN
    SELECT j.couriers, j.courier_payment INTO p.couriers, p.courier_payment FROM project j WHERE j.id = o.project AND o.makes
       AND NOT EXISTS (SELECT FROM project_type t WHERE t.project = j.id AND t.cert_type = o.cert_type AND t.medium = 'file');
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    payment := coalesce(o.courier_payment, p.courier_payment);
    name := coalesce((SELECT string_agg(coalesce(c.name, u.code), '或' ORDER BY u.n)
                        FROM unnest(CASE WHEN o.courier_wanted IS NOT NULL THEN ARRAY[o.courier_wanted] ELSE p.couriers END)
                             WITH ORDINALITY AS u(code, n) LEFT JOIN courier c ON c.code = u.code), '快递');
    RETURN jsonb_build_object('courier', o.courier_wanted, 'courier_name', name, 'payment', payment,
        'payment_name', payment_name(payment), 'fee', o.courier_fee, 'text', CASE
        WHEN payment = 'prepaid' AND o.courier_payment IS NULL THEN '填写收件地区后自动匹配快递公司与付款方式。'
        WHEN payment = 'prepaid' AND o.courier_fee > 0 THEN format('由%s寄付，快递费 %s 元与证书费用一并支付、一并开票。', name,
                                                                         yuan(o.courier_fee))
        WHEN payment = 'prepaid' THEN format('由%s寄付，不另收快递费。', name)
        ELSE format('由%s到付，快递费在收件时付给快递员。', name) END);
END $$;

CREATE OR REPLACE FUNCTION hall.parcel_of(o hall.orders) RETURNS hall.parcel
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT p FROM parcel p WHERE order_id = o.id AND state NOT IN ('refused', 'cancelling', 'cancelled'));
END $$;

CREATE OR REPLACE FUNCTION hall.parcel_payment(o hall.orders) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN coalesce(o.courier_payment, (SELECT courier_payment FROM project WHERE id = o.project));
END $$;

-- A producer orders the courier. Who pays is fixed in the order, whichever courier it is, since the applicant may have paid already.
CREATE OR REPLACE FUNCTION hall.parcel_ask(wanted uuid, seen int, carrier text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := desk_order_locked(wanted, seen);
    p uuid := gen_random_uuid();
BEGIN
    IF o.state <> 'produced' OR (SELECT bool_and(medium = 'file') FROM production(wanted)) THEN
        PERFORM refuse(409, '证书介质制作完成、等待寄出时才能向快递公司下单。');
    ELSIF o.outlet IS NOT NULL THEN -- the outlet's parcels are fetched at its own address, under its own contract
        PERFORM refuse(409, '网点的快递请自行交寄，然后登记运单号。');
    ELSIF NOT EXISTS (SELECT FROM project j, courier c WHERE j.id = o.project AND c.code = carrier
        AND c.code = ANY (j.couriers)) THEN
        PERFORM refuse(422, '本项目不使用这家快递。', '/courier');
    ELSIF NOT (SELECT orders FROM courier WHERE code = carrier) THEN
        PERFORM refuse(422, '这家快递不能在线下单，请自行交寄后登记运单号。', '/courier');
    ELSIF (parcel_of(o)).id IS NOT NULL THEN
        PERFORM refuse(409, '这个业务单已有快递单；如需改用别家，请先取消。');
    END IF;
    INSERT INTO parcel (id, order_id, courier, payment, number, state, staff)
    SELECT p, wanted, carrier, parcel_payment(o), 'CH' || o.number || lpad((count(*) + 1)::text, 2, '0'), 'asked', me()
      FROM parcel WHERE order_id = wanted;
    PERFORM note('order', wanted, jsonb_build_object('parcel', p, 'courier', carrier));
    PERFORM enqueue('parcel', 'parcel/' || p, p);
END $$;

CREATE OR REPLACE FUNCTION hall.parcel_stop(p hall.parcel) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE parcel SET state = CASE WHEN p.number IS NULL THEN 'cancelled' ELSE 'cancelling' END WHERE id = p.id;
    PERFORM enqueue('parcel_cancel', 'parcel_cancel/' || p.id || '/' ||
                   (SELECT count(*) FROM outbox WHERE kind = 'parcel_cancel' AND subject = p.id), p.id)
     WHERE p.number IS NOT NULL;
END $$;

CREATE OR REPLACE FUNCTION hall.parcel_cancel(wanted uuid, seen int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := desk_order_locked(wanted, seen);
    p parcel := parcel_of(o);
BEGIN
    IF o.state <> 'produced' OR p.id IS NULL THEN
        PERFORM refuse(409, '没有可以取消的快递单。');
    ELSIF p.state = 'asked' AND p.created_at > now() - interval '2 minutes' THEN -- a call to the courier may be running
        PERFORM refuse(409, '正在向快递公司下单，请稍后再取消。');
    END IF;
    PERFORM parcel_stop(p), note('order', wanted, jsonb_build_object('parcel', p.id, 'state', 'cancelling'));
END $$;

-- The parcel is shipped, with a number from a courier or one that was typed in; from now on its route is queried.
CREATE OR REPLACE FUNCTION hall.parcel_left(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p parcel := parcel_of(o);
BEGIN
    IF p.id IS NOT NULL AND (p.courier, p.waybill) IS DISTINCT FROM (o.courier, o.tracking_no) THEN
        PERFORM parcel_stop(p);
        p.id := NULL;
    END IF;
    IF p.id IS NULL THEN
        INSERT INTO parcel (order_id, courier, payment, state, waybill, staff)
        SELECT o.id, c.code, parcel_payment(o), 'ordered', o.tracking_no, me() FROM courier c WHERE c.code = o.courier
        RETURNING * INTO p;
    END IF;
    IF (SELECT orders FROM courier WHERE code = p.courier) THEN
        PERFORM enqueue('track', 'track/' || p.id, p.id);
    END IF;
END $$;

-- A returned payment stops a parcel that is not shipped yet.
CREATE OR REPLACE FUNCTION hall.parcel_stays(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM parcel_stop(p) FROM parcel_of(o) p WHERE p.id IS NOT NULL;
END $$;

CREATE OR REPLACE FUNCTION hall.parcel_work(wanted uuid)
RETURNS TABLE (order_id uuid, order_state text, courier text, payment text, number text, state text, waybill text, form bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.id, o.state, p.courier, p.payment, p.number, p.state, p.waybill, o.form
      FROM parcel p JOIN orders o ON o.id = p.order_id WHERE p.id = wanted;
END $$;

-- The courier's answer to an order (ordered, refused) or to a cancellation (cancelled, kept).
CREATE OR REPLACE FUNCTION hall.parcel_result(wanted uuid, said text, bill text, cause text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p parcel;
BEGIN
    -- The order is locked first.
    PERFORM 1 FROM orders WHERE id = (SELECT order_id FROM parcel WHERE id = wanted) FOR NO KEY UPDATE;
    SELECT * INTO p FROM parcel WHERE id = wanted FOR NO KEY UPDATE;
    IF p.state = 'cancelling' AND said = 'ordered' THEN
        UPDATE parcel SET waybill = bill WHERE id = wanted; -- the cancellation continues
        RETURN;
    ELSIF p.state <> (CASE WHEN said IN ('ordered', 'refused') THEN 'asked' ELSE 'cancelling' END) THEN
        RETURN;
    ELSIF said = 'kept' AND (p.waybill IS NULL OR EXISTS (SELECT FROM parcel x WHERE x.order_id = p.order_id AND x.id <> wanted
                                                            AND x.state NOT IN ('refused', 'cancelling', 'cancelled'))) THEN
        said := 'cancelled'; -- another parcel has replaced it; people look after this one, as `why` says
    END IF;
    UPDATE parcel SET state = CASE said WHEN 'kept' THEN 'ordered' ELSE said END, waybill = coalesce(bill, waybill),
           why = left(cause, 200) WHERE id = wanted;
    PERFORM note('order', p.order_id, jsonb_build_object('parcel', wanted, 'state', said));
END $$;

-- Stores the route. When the receiver has signed for the parcel, the order is done.
CREATE OR REPLACE FUNCTION hall.parcel_routes(wanted uuid, steps jsonb, reached text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT x.* INTO o FROM parcel p JOIN orders x ON x.id = p.order_id WHERE p.id = wanted FOR NO KEY UPDATE OF x;
    UPDATE parcel SET state = coalesce(reached, state), checked_at = now(),
           routes = CASE WHEN jsonb_array_length(steps) > 0
                         THEN regexp_replace(steps::text, '\y(1[0-9]{2})[0-9]{4}([0-9]{4})\y', '\1****\2', 'g')::jsonb
                             ELSE routes END
     WHERE id = wanted AND state NOT IN ('signed', 'refused', 'cancelling', 'cancelled');
    IF reached = 'signed' AND o.state = 'shipped' THEN
        PERFORM advance(o.id, 'signed_for');
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.parcel_state_name(state text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE state WHEN 'asked' THEN '正在向快递公司下单' WHEN 'ordered' THEN '等待揽收' WHEN 'refused' THEN '快递公司未接单'
           WHEN 'cancelling' THEN '正在取消' WHEN 'cancelled' THEN '已取消' WHEN 'collected' THEN '已揽收' WHEN 'moving' THEN '运输中'
           WHEN 'delivering' THEN '派送中' ELSE '已签收' END $$;

-- For the producer: the parcel that was ordered, and the actions that are possible.
CREATE OR REPLACE FUNCTION hall.desk_parcels(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('delivery', delivery_json(o), 'can_ask', m.sends AND o.outlet IS NULL
        AND (parcel_of(o)).id IS NULL,
        'can_cancel', m.sends AND ((parcel_of(o)).state IS NOT DISTINCT FROM 'ordered'
            OR ((parcel_of(o)).state IS NOT DISTINCT FROM 'asked' AND (parcel_of(o)).created_at <= now() - interval '2 minutes')),
        'couriers', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', c.code, 'name', c.name, 'orders', c.orders) ORDER BY n), '[]')
            FROM project p, unnest(p.couriers) WITH ORDINALITY AS u(code, n) JOIN courier c USING (code) WHERE p.id = o.project),
        'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('courier', x.courier, 'courier_name', courier_name(x.courier),
            'payment_name', payment_name(x.payment), 'number', x.number, 'waybill', x.waybill, 'state', x.state,
            'state_name', parcel_state_name(x.state), 'why', x.why, 'routes', x.routes, 'created_at', iso(x.created_at),
            'checked_at', iso(x.checked_at)) ORDER BY x.created_at DESC), '[]') FROM parcel x WHERE x.order_id = o.id))::text
      FROM orders o CROSS JOIN LATERAL (SELECT o.state = 'produced' AND my_roles() && '{producer,outlet}' AS sends) m
     WHERE o.id = wanted AND my_kind() = 'staff' AND o.state <> 'draft');
END $$;
