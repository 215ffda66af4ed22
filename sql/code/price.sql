-- The price of an order: its parts, gifts, and the courier.

-- The named parts of an order's price; NULL: it cannot be told yet. A kind of business whose price does not depend on type and years
-- costs only its fees. Where an order replaces several certificates, fees are for each, and a part has in `items` what it is for each.
CREATE OR REPLACE FUNCTION hall.price_parts(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE several bool := o.replaces IS NOT NULL AND EXISTS (SELECT FROM order_item WHERE order_id = o.id);
BEGIN
    RETURN (WITH owed(item, part, name, fen) AS (
        SELECT i.item, p.part, p.name, p.fen FROM business b CROSS JOIN items(o) i
          JOIN prices(o.project, o.business) p ON p.cert_type = i.cert_type AND p.years = i.years
         WHERE b.code = o.business AND b.priced AND (o.seal_wanted OR NOT p.with_seal)
        UNION ALL SELECT i.item, f.part, f.name, f.fen FROM project_fee f
          LEFT JOIN items(o) i ON several
         WHERE f.project = o.project AND f.business = o.business AND (o.makes OR f.part = 'certificate')
        UNION ALL SELECT NULL, 'courier', '快递费（寄付）', o.courier_fee WHERE o.courier_fee > 0 AND o.makes)
    SELECT jsonb_agg(jsonb_build_object('part', part, 'name', name, 'fen', fen)
                     || CASE WHEN several AND part <> 'courier' THEN jsonb_build_object('items', each) ELSE '{}' END
                     ORDER BY array_position(ARRAY['certificate', 'medium', 'seal', 'courier'], part), name)
      FROM (SELECT part, name, sum(fen)::int AS fen, jsonb_agg(jsonb_build_object('item', item, 'fen', fen) ORDER BY item) AS each
              FROM owed GROUP BY part, name) x);
END $$;

-- Gifts are promised when the order is paid, to a unit's first order (not to one for a certificate that it has already), as long as there are any.
CREATE OR REPLACE FUNCTION hall.gift_given(o hall.orders) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF o.replaces IS NOT NULL THEN
        RETURN o;
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended('gift/' || o.project || encode(coalesce(o.unit_hash, ''), 'hex'), 0));
    IF gift_had(o) THEN
        RETURN o;
    END IF;
    UPDATE project_gift SET stock = stock - 1
     WHERE project = o.project AND years = o.years AND stock > 0 AND (o.seal_wanted OR NOT needs_seal)
    RETURNING name, years INTO o.gift, o.gift_years;
    RETURN o;
END $$;

CREATE OR REPLACE FUNCTION hall.gift_taken_back(o hall.orders) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE project_gift SET stock = stock + 1 WHERE project = o.project AND years = o.gift_years;
    o.gift := NULL;
    o.gift_years := NULL;
    RETURN o;
END $$;

-- A transfer was of the price at that time, so the fields that determine the price are locked as after any other payment.
CREATE OR REPLACE FUNCTION hall.voucher_locks_price() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM refuse(422, '已提交汇款凭证，影响费用的内容不能更改；如需更改，请申请退费后重新办理。', '/form/cert_type');
END $$;
CREATE OR REPLACE TRIGGER orders_voucher_price BEFORE UPDATE OF marks ON hall.orders
    FOR EACH ROW WHEN (OLD.paid = 'voucher' AND OLD.marks ? 'price' AND OLD.marks ->> 'price' IS DISTINCT FROM NEW.marks ->> 'price')
    EXECUTE FUNCTION hall.voucher_locks_price();

CREATE OR REPLACE FUNCTION hall.gift_had(o hall.orders) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM orders WHERE unit_hash = o.unit_hash AND project = o.project AND id <> o.id
                      AND paid IN ('voucher', 'paid', 'zero') AND state NOT IN (SELECT state FROM order_state WHERE void));
END $$;

-- The gift that paying would bring, and whether there are any left; none for an order without a gift.
CREATE OR REPLACE FUNCTION hall.gift_json(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN coalesce((SELECT jsonb_build_object('gift', jsonb_build_object('name', g.name,
                                'state', CASE WHEN g.stock > 0 THEN 'offered' ELSE 'out_of_stock' END))
                       FROM project_gift g
                      WHERE g.project = o.project AND g.years = o.years AND (o.seal_wanted OR NOT g.needs_seal)
                        AND o.gift IS NULL AND o.replaces IS NULL AND (state_of(o)).to_pay AND NOT gift_had(o)), '{}');
END $$;

CREATE OR REPLACE FUNCTION hall.courier_name(wanted text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN coalesce((SELECT name FROM courier WHERE code = wanted), wanted);
END $$;

CREATE OR REPLACE FUNCTION hall.courier_match(wanted uuid, place text) RETURNS hall.courier_rule
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT r FROM project p JOIN courier_rule r
        ON r.project = p.id OR (r.project IS NULL AND p.courier_payment = 'prepaid'
                                AND NOT EXISTS (SELECT FROM courier_rule own WHERE own.project = p.id))
     WHERE p.id = wanted AND r.courier = ANY (p.couriers) AND starts_with(place, r.region)
       AND (r.keyword IS NULL OR position(r.keyword IN region_name(place)) > 0)
     ORDER BY r.priority DESC, length(r.region) DESC, r.keyword NULLS LAST LIMIT 1);
END $$;

-- The courier's fee is a part of the price and is fixed with it: a later correction of the address changes nothing here.
CREATE OR REPLACE FUNCTION hall.courier_matched(o hall.orders) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE r courier_rule := courier_match(o.project, o.mail_region);
BEGIN
    o.courier_wanted := r.courier;
    o.courier_payment := CASE WHEN o.mail_region IS NOT NULL THEN coalesce(r.payment, 'collect') END;
    o.courier_fee := coalesce(r.fee, 0);
    RETURN o;
END $$;
