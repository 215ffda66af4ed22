-- Deploy certhall:post to pg
-- What leaves the house for the applicant: the courier that fits the address, parcels and their way, invoices and red letters,
-- messages by short message and by e-mail.
BEGIN;

-- ---- couriers ----

CREATE TABLE hall.courier (
    code   text PRIMARY KEY CHECK (code ~ '^[a-z]{2,8}$'),
    name   text NOT NULL,
    orders bool NOT NULL -- parcels are ordered and followed through core/gateway; else the number is typed in
);
INSERT INTO hall.courier VALUES ('sf', '顺丰速运', true), ('jd', '京东物流', true), ('ems', 'EMS', false);

CREATE FUNCTION hall.courier_name(wanted text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce((SELECT name FROM courier WHERE code = wanted), wanted) $$;

-- Which courier goes where, who pays, and what is added to the price. The rule of highest priority counts, among equals the
-- one of the smallest region. A project's own rules stand in place of the hall's; those are for projects that ship prepaid.
CREATE TABLE hall.courier_rule (
    project  uuid REFERENCES hall.project ON DELETE CASCADE, -- NULL: the hall's
    region   text NOT NULL DEFAULT '' CHECK (region ~ '^[0-9]{0,9}$'), -- how the region's code begins
    keyword  text, -- stands in the region's full name
    courier  text NOT NULL REFERENCES hall.courier,
    payment  text NOT NULL CHECK (payment IN ('collect', 'prepaid')),
    fee      int NOT NULL DEFAULT 0 CHECK (fee >= 0), -- fen
    priority int NOT NULL DEFAULT 0,
    UNIQUE NULLS NOT DISTINCT (project, region, keyword, priority),
    CHECK (payment = 'prepaid' OR fee = 0)
);
INSERT INTO hall.project_list VALUES ('courier_rules', 'hall.courier_rule');
-- Prepaid by JD; where JD does not go, SF and EMS go, and the receiver pays.
INSERT INTO hall.courier_rule (region, keyword, courier, payment, fee, priority) VALUES ('', NULL, 'jd', 'prepaid', 1300, 0),
    ('54', NULL, 'sf', 'collect', 0, 0), ('65', NULL, 'sf', 'collect', 0, 0), ('4603', NULL, 'ems', 'collect', 0, 0);

CREATE FUNCTION hall.courier_match(wanted uuid, place text) RETURNS hall.courier_rule
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT r.* FROM project p JOIN courier_rule r
        ON r.project = p.id OR (r.project IS NULL AND p.courier_payment = 'prepaid'
                                AND NOT EXISTS (SELECT FROM courier_rule own WHERE own.project = p.id))
     WHERE p.id = wanted AND r.courier = ANY (p.couriers) AND starts_with(place, r.region)
       AND (r.keyword IS NULL OR position(r.keyword IN region_name(place)) > 0)
     ORDER BY r.priority DESC, length(r.region) DESC, r.keyword NULLS LAST LIMIT 1 $$;

-- The fee is part of the price, so it is fixed with it: an address that is corrected after that changes nothing here.
CREATE FUNCTION hall.courier_matched() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE r courier_rule := courier_match(NEW.project, NEW.mail_region);
BEGIN
    NEW.courier_wanted := r.courier;
    NEW.courier_payment := CASE WHEN NEW.mail_region IS NOT NULL THEN coalesce(r.payment, 'collect') END;
    NEW.courier_fee := coalesce(r.fee, 0);
    RETURN NEW;
END $$;
CREATE TRIGGER courier_matched BEFORE INSERT OR UPDATE OF mail_region ON hall.orders FOR EACH ROW
    WHEN (NEW.state = 'draft') EXECUTE FUNCTION hall.courier_matched(); -- before orders_audited, by its name

-- ---- parcels ----

CREATE TABLE hall.parcel (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id   uuid NOT NULL REFERENCES hall.orders,
    courier    text NOT NULL REFERENCES hall.courier,
    payment    text NOT NULL CHECK (payment IN ('collect', 'prepaid')),
    number     text UNIQUE, -- ours towards the courier: repeated, never changed; NULL: somebody typed the waybill
    state      text NOT NULL CHECK (state IN ('asked', 'ordered', 'refused', 'cancelling', 'cancelled', 'collected', 'moving',
                                              'delivering', 'signed')),
    waybill    text,
    why        text, -- the courier's word when it said no
    routes     jsonb NOT NULL DEFAULT '[]', -- [{at, place, text}], oldest first; telephone numbers masked
    staff      uuid REFERENCES hall.staff,
    created_at timestamptz NOT NULL DEFAULT now(),
    checked_at timestamptz, -- when the courier was last asked where it is
    CHECK (waybill IS NOT NULL OR state IN ('asked', 'refused', 'cancelling', 'cancelled'))
);
CREATE UNIQUE INDEX parcel_open ON hall.parcel (order_id) WHERE state NOT IN ('refused', 'cancelling', 'cancelled');

CREATE FUNCTION hall.parcel_of(o hall.orders) RETURNS hall.parcel
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT * FROM parcel WHERE order_id = o.id AND state NOT IN ('refused', 'cancelling', 'cancelled') $$;

CREATE FUNCTION hall.parcel_payment(o hall.orders) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(o.courier_payment, (SELECT courier_payment FROM project WHERE id = o.project)) $$;

-- A producer has the courier come. Who pays stands in the order, whichever courier it is: what was paid is not asked for again.
CREATE FUNCTION hall.parcel_ask(wanted uuid, seen int, carrier text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := desk_order(wanted, seen);
    p uuid := gen_random_uuid();
BEGIN
    IF o.state <> 'produced' OR (SELECT bool_and(medium = 'file') FROM production(wanted)) THEN
        PERFORM refuse(409, '证书介质制作完成、等待寄出时才能向快递公司下单。');
    ELSIF o.outlet IS NOT NULL THEN -- its parcels leave from another place, by a contract of its own
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

CREATE FUNCTION hall.parcel_stop(p hall.parcel) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE parcel SET state = CASE WHEN p.number IS NULL THEN 'cancelled' ELSE 'cancelling' END WHERE id = p.id;
    SELECT enqueue('parcel_cancel', 'parcel_cancel/' || p.id || '/' ||
                   (SELECT count(*) FROM outbox WHERE kind = 'parcel_cancel' AND subject = p.id), p.id)
     WHERE p.number IS NOT NULL $$;

CREATE FUNCTION hall.parcel_cancel(wanted uuid, seen int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := desk_order(wanted, seen);
    p parcel := parcel_of(o);
BEGIN
    IF o.state <> 'produced' OR p.id IS NULL THEN
        PERFORM refuse(409, '没有可以取消的快递单。');
    ELSIF p.state = 'asked' AND p.created_at > now() - interval '2 minutes' THEN -- a call may be under way
        PERFORM refuse(409, '正在向快递公司下单，请稍后再取消。');
    END IF;
    PERFORM parcel_stop(p), note('order', wanted, jsonb_build_object('parcel', p.id, 'state', 'cancelling'));
END $$;

-- Handed over, with a number that a courier gave us or that somebody typed: from now on its way is asked for.
CREATE FUNCTION hall.parcel_left() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p parcel := parcel_of(NEW);
BEGIN
    IF p.id IS NOT NULL AND (p.courier, p.waybill) IS DISTINCT FROM (NEW.courier, NEW.tracking_no) THEN
        PERFORM parcel_stop(p);
        p.id := NULL;
    END IF;
    IF p.id IS NULL THEN
        INSERT INTO parcel (order_id, courier, payment, state, waybill, staff)
        SELECT NEW.id, c.code, parcel_payment(NEW), 'ordered', NEW.tracking_no, me() FROM courier c WHERE c.code = NEW.courier
        RETURNING * INTO p;
    END IF;
    IF (SELECT orders FROM courier WHERE code = p.courier) THEN
        PERFORM enqueue('track', 'track/' || p.id, p.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER orders_parcel_left AFTER UPDATE OF tracking_no ON hall.orders FOR EACH ROW
    WHEN (NEW.tracking_no IS NOT NULL AND NEW.tracking_no IS DISTINCT FROM OLD.tracking_no)
    EXECUTE FUNCTION hall.parcel_left();

-- A payment that came back stops the parcel that has not left.
CREATE FUNCTION hall.parcel_stays() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM parcel_stop(p) FROM parcel_of(NEW) p WHERE p.id IS NOT NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER orders_parcel_stays AFTER UPDATE OF state ON hall.orders FOR EACH ROW
    WHEN (OLD.state = 'produced' AND NEW.state = 'approved') EXECUTE FUNCTION hall.parcel_stays();

-- A region's names level by level, as couriers want them: a city that is none ("市辖区") is named as its province.
CREATE FUNCTION hall.region_path(region_code text) RETURNS TABLE (province text, city text, county text, town text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH n AS (SELECT level, name FROM region r WHERE starts_with(region_code, r.code))
    SELECT coalesce(max(name) FILTER (WHERE level = 1), ''),
           coalesce(max(name) FILTER (WHERE level = 2 AND name <> '县' AND name NOT LIKE '%直辖%' AND name <> '市辖区'),
                    max(name) FILTER (WHERE level = 1), ''),
           coalesce(max(name) FILTER (WHERE level = 3), ''), coalesce(max(name) FILTER (WHERE level = 4), '') FROM n $$;

CREATE FUNCTION hall.parcel_work(wanted uuid)
RETURNS TABLE (order_id uuid, order_state text, courier text, payment text, number text, state text, waybill text, form bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.id, o.state, p.courier, p.payment, p.number, p.state, p.waybill, o.form
      FROM parcel p JOIN orders o ON o.id = p.order_id WHERE p.id = wanted $$;

-- What the courier said to an order (ordered, refused) or to its cancelling (cancelled, kept).
CREATE FUNCTION hall.parcel_result(wanted uuid, said text, bill text, cause text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p parcel;
BEGIN
    -- the order's lock first
    PERFORM 1 FROM orders WHERE id = (SELECT order_id FROM parcel WHERE id = wanted) FOR NO KEY UPDATE;
    SELECT * INTO p FROM parcel WHERE id = wanted FOR NO KEY UPDATE;
    IF p.state = 'cancelling' AND said = 'ordered' THEN
        UPDATE parcel SET waybill = bill WHERE id = wanted; -- the cancelling goes on
        RETURN;
    ELSIF p.state <> (CASE WHEN said IN ('ordered', 'refused') THEN 'asked' ELSE 'cancelling' END) THEN
        RETURN;
    ELSIF said = 'kept' AND (p.waybill IS NULL OR EXISTS (SELECT FROM parcel x WHERE x.order_id = p.order_id AND x.id <> wanted
                                                            AND x.state NOT IN ('refused', 'cancelling', 'cancelled'))) THEN
        said := 'cancelled'; -- another has taken its place: people see to this one, as `why` tells
    END IF;
    UPDATE parcel SET state = CASE said WHEN 'kept' THEN 'ordered' ELSE said END, waybill = coalesce(bill, waybill),
           why = left(cause, 200) WHERE id = wanted;
    PERFORM note('order', p.order_id, jsonb_build_object('parcel', wanted, 'state', said));
END $$;

-- Where it has come to. Signed for, the order is done.
CREATE FUNCTION hall.parcel_routes(wanted uuid, steps jsonb, reached text) RETURNS void
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

-- ---- invoices ----

-- How the link to an invoice is told, beside the order's page.
ALTER TABLE hall.project ADD COLUMN invoice_by text[] NOT NULL DEFAULT '{sms}' CHECK (invoice_by <@ ARRAY['sms', 'email']);
-- What a choice offers in this project: values of core/hall/form.tbl, or words of its own (what an invoice is to say was sold).
ALTER TABLE hall.project_field ADD COLUMN options text[] CHECK (cardinality(options) > 0);

-- As before, with whatever a project says of its fields.
CREATE OR REPLACE FUNCTION hall.form_spec(wanted text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('revision', p.revision,
        'fields', (SELECT coalesce(jsonb_agg(to_jsonb(f) - 'project'), '[]') FROM project_field f WHERE f.project = p.id),
        'types', (SELECT jsonb_agg(jsonb_build_object('code', t.cert_type, 'name', t.name, 'person', t.person,
            'medium', t.medium, 'most', t.most, 'years', (SELECT jsonb_agg(jsonb_build_object('years', y.years,
                'total', y.total, 'parts', y.parts) ORDER BY y.years) FROM (SELECT years, sum(fen) AS total,
                    jsonb_agg(jsonb_build_object('part', part, 'name', name, 'fen', fen, 'with_seal', with_seal)
                              ORDER BY part) AS parts FROM project_price
                    WHERE project = p.id AND cert_type = t.cert_type GROUP BY years) y)) ORDER BY t.pos)
            FROM project_type t WHERE t.project = p.id))::text
      FROM project p WHERE p.slug = wanted $$;

CREATE TABLE hall.invoice (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id   uuid NOT NULL REFERENCES hall.orders,
    red_of     uuid UNIQUE REFERENCES hall.invoice, -- a red letter, which takes that one back as a whole
    request_no text NOT NULL UNIQUE, -- ours towards Nuonuo, which takes a number once: another when the particulars change
    taken      bool NOT NULL DEFAULT false, -- Nuonuo has that number
    -- red: taken back by its red letter; dropped: the order was refunded before there was an invoice.
    state      text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'issuing', 'issued', 'failed', 'red', 'dropped')),
    parts      jsonb NOT NULL, -- of the order's price
    total      int NOT NULL CHECK (total > 0),
    buyer      bytea, -- sealed {"invoice_kind","invoice_title","invoice_tax_no"}; NULL: as the order's form says
    serial     text,  -- Nuonuo's
    number     text CHECK (number ~ '^[0-9]{20}$'),
    pdf        text,
    ofd        text,
    xml        text,
    why        text, -- it failed
    by_hand    bool NOT NULL DEFAULT false, -- a red letter that was issued at the tax bureau
    asked_at   timestamptz NOT NULL DEFAULT now(),
    issued_at  timestamptz,
    CHECK (state NOT IN ('issued', 'red') OR number IS NOT NULL)
);
CREATE UNIQUE INDEX invoice_once ON hall.invoice (order_id) WHERE red_of IS NULL;
CREATE INDEX invoice_state ON hall.invoice (state, asked_at);
SELECT hall.seal_column('invoice.buyer', 'invoice', 'buyer', 'id');

-- Accepted, for money. Whether an invoice is wanted stands in the sealed form, which the runner can read.
CREATE FUNCTION hall.invoice_due() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enqueue('invoice_wanted', 'invoice_wanted/' || NEW.id, NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER orders_invoice_due AFTER UPDATE OF state ON hall.orders FOR EACH ROW
    WHEN (NEW.state = 'accepted' AND OLD.state <> 'accepted' AND NEW.paid = 'paid' AND NEW.total > 0)
    EXECUTE FUNCTION hall.invoice_due();

CREATE FUNCTION hall.invoice_wanted_work(wanted uuid) RETURNS TABLE (form bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT form FROM orders WHERE id = wanted AND paid = 'paid' AND state NOT IN ('refunded', 'cancelled') $$;

CREATE FUNCTION hall.invoice_send(i hall.invoice) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT enqueue('invoice', 'invoice/' || i.id || '/' || count(*), i.id) FROM outbox
     WHERE kind = 'invoice' AND subject = i.id $$;

CREATE FUNCTION hall.invoice_ask(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    i invoice;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted FOR NO KEY UPDATE;
    IF o.paid <> 'paid' OR o.state IN ('refunded', 'cancelled') OR EXISTS (SELECT FROM invoice WHERE order_id = wanted) THEN
        RETURN;
    END IF;
    INSERT INTO invoice (order_id, request_no, parts, total)
    VALUES (wanted, 'I' || o.number || '01', o.price, o.total) RETURNING * INTO i;
    PERFORM note('order', wanted, jsonb_build_object('invoice', i.id, 'state', 'asked', 'fen', i.total)), invoice_send(i);
END $$;

-- A red letter for what was issued; nothing more for what was not.
CREATE FUNCTION hall.invoice_take_back(blue hall.invoice) RETURNS void
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

CREATE FUNCTION hall.invoice_refunded() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM invoice_take_back(i) FROM invoice i WHERE i.order_id = NEW.id AND i.red_of IS NULL;
    RETURN NULL;
END $$;
CREATE TRIGGER orders_invoice_refunded AFTER UPDATE OF state ON hall.orders FOR EACH ROW
    WHEN (NEW.state = 'refunded' AND OLD.state <> 'refunded') EXECUTE FUNCTION hall.invoice_refunded();

-- `dead`: the order is refunded, so what Nuonuo has not seen need not be asked for.
CREATE FUNCTION hall.invoice_work(wanted uuid)
RETURNS TABLE (order_id uuid, order_number text, form bytea, buyer bytea, request_no text, taken bool, state text, parts text,
               total int, red bool, blue_number text, blue_serial text, dead bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.id, o.number, o.form, i.buyer, i.request_no, i.taken, i.state, i.parts::text, i.total, i.red_of IS NOT NULL,
           b.number, b.serial, i.red_of IS NULL AND o.state = 'refunded'
      FROM invoice i JOIN orders o ON o.id = i.order_id LEFT JOIN invoice b ON b.id = i.red_of WHERE i.id = wanted $$;

-- Nuonuo has it: asked for until it is there.
CREATE FUNCTION hall.invoice_taken(wanted uuid, serial_ text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE invoice SET state = 'issuing', taken = true, serial = coalesce(nullif(serial_, ''), serial), why = NULL
     WHERE id = wanted AND state = 'asked';
    PERFORM enqueue('invoice_query', 'invoice_query/' || wanted || '/' ||
                    (SELECT count(*) FROM outbox WHERE kind = 'invoice' AND subject = wanted), wanted);
END $$;

CREATE FUNCTION hall.invoice_failed(wanted uuid, cause text, number_ text DEFAULT NULL) RETURNS void
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

CREATE FUNCTION hall.invoice_dropped(wanted uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE invoice SET state = 'dropped' WHERE id = wanted AND state = 'asked' $$;

CREATE FUNCTION hall.invoice_issued(wanted uuid, serial_ text, number_ text, pdf_ text, ofd_ text, xml_ text,
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
        PERFORM tell(o.id, 'invoice', 'handler', i.id::text, jsonb_build_object('amount',
            to_char(i.total / 100.0, 'FM999999990.00'), 'number', i.number, 'link', coalesce(i.pdf, '')));
    END IF;
END $$;

-- Somebody says that Nuonuo has news of this number: it is asked at once. Anybody can say so.
CREATE FUNCTION hall.invoice_hint(request text) RETURNS bool
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE outbox o SET due_at = now() FROM invoice i
     WHERE i.request_no = request AND i.state = 'issuing' AND o.kind = 'invoice_query' AND o.subject = i.id AND o.state = 'due'
       AND o.due_at > now();
    IF FOUND THEN
        PERFORM pg_notify('outbox', 'invoice_query');
    END IF;
    RETURN EXISTS (SELECT FROM invoice WHERE request_no = request);
END $$;

-- ---- what finance does ----

CREATE FUNCTION hall.invoice_state_name(i hall.invoice) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE i.state WHEN 'asked' THEN '待开具' WHEN 'issuing' THEN '开具中' WHEN 'issued' THEN '已开具' WHEN 'failed' THEN '开具失败'
           WHEN 'red' THEN '已冲红' ELSE '不再开具' END $$;

CREATE FUNCTION hall.invoice_row(i hall.invoice) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('id', i.id, 'order_id', o.id, 'order_number', o.number, 'project_name', p.name,
        'subject', o.subject,
        'red', i.red_of IS NOT NULL, 'request_no', i.request_no, 'state', i.state, 'state_name',
            invoice_state_name(i), 'total', i.total,
        'number', i.number, 'pdf', i.pdf, 'why', i.why, 'by_hand', i.by_hand, 'asked_at', iso(i.asked_at),
            'issued_at', iso(i.issued_at),
        'order_label', l.label)
      FROM orders o JOIN project p ON p.id = o.project CROSS JOIN order_label(o) l WHERE o.id = i.order_id $$;

-- `kind`: a state, or "open" for what finance must see to; '' for all. Days by when it was asked for.
CREATE FUNCTION hall.invoices_json(kind text, first_day date, last_day date, page int, page_size int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH found AS (
        SELECT i FROM invoice i WHERE CASE coalesce(kind, '') WHEN '' THEN true WHEN 'open' THEN i.state = 'failed'
               OR (i.state IN ('asked', 'issuing') AND i.asked_at < now() - interval '1 day') ELSE i.state = kind END
           AND (first_day IS NULL OR (i.asked_at AT TIME ZONE 'Asia/Shanghai')::date >= first_day)
           AND (last_day IS NULL OR (i.asked_at AT TIME ZONE 'Asia/Shanghai')::date <= last_day))
    SELECT jsonb_build_object('total', (SELECT count(*) FROM found), 'page', page, 'page_size', page_size, 'items', coalesce((
        SELECT jsonb_agg(invoice_row(x.i) ORDER BY (x.i).asked_at DESC) FROM (
            SELECT i FROM found ORDER BY (i).asked_at DESC LIMIT page_size OFFSET (page - 1) * page_size) x), '[]'))::text $$;

-- One, with the sealed words that say to whom; the reading is on record.
CREATE FUNCTION hall.invoice_view(wanted uuid) RETURNS TABLE ("out" text, order_id uuid, form bytea, buyer bytea)
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

CREATE FUNCTION hall.invoice_desk(wanted uuid) RETURNS hall.invoice
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

-- Tries again what failed; asks again for what takes long.
CREATE FUNCTION hall.invoice_retry(wanted uuid) RETURNS void
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

-- Another title: a request of its own, and only where none was issued.
CREATE FUNCTION hall.invoice_buyer(wanted uuid, sealed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i invoice := invoice_desk(wanted);
BEGIN
    IF i.state <> 'failed' OR i.number IS NOT NULL OR i.red_of IS NOT NULL THEN
        PERFORM refuse(409, '只有开具失败的发票可以更改抬头；已开具的发票请按税务规定处理。');
    END IF;
    UPDATE invoice SET buyer = sealed, state = 'asked', taken = false, serial = NULL, why = NULL,
           request_no = left(i.request_no, 19) || lpad((substr(i.request_no, 20)::int + 1)::text, 2, '0')
     WHERE id = wanted RETURNING * INTO i;
    PERFORM note('order', i.order_id, jsonb_build_object('invoice', wanted, 'buyer', 'changed', 'request_no', i.request_no)),
            invoice_send(i);
END $$;

-- A red letter that Nuonuo could not issue, issued at the tax bureau.
CREATE FUNCTION hall.invoice_close(wanted uuid, red_number text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i invoice := invoice_desk(wanted);
BEGIN
    IF i.red_of IS NULL OR i.state <> 'failed' THEN
        PERFORM refuse(409, '只有未能自动开具的红字发票需要人工登记。');
    END IF;
    UPDATE invoice SET by_hand = true WHERE id = wanted;
    PERFORM invoice_issued(wanted, NULL, red_number, NULL, NULL, NULL, now());
END $$;

-- ---- messages ----

-- Who is told; NULL: whom the event concerns. A PIN goes to nobody else.
ALTER TABLE hall.message_template ADD COLUMN recipients text[]
    CHECK (recipients IS NULL OR (recipients <@ ARRAY['handler', 'holder'] AND cardinality(recipients) > 0 AND event <> 'pin'));

-- The same by e-mail: an event without a row here sends none. {name} is replaced in subject and body by what the event says.
CREATE TABLE hall.mail_template (
    event      text NOT NULL CHECK (event NOT IN ('pin', 'login_code')), -- secrets go to a telephone alone
    project    uuid REFERENCES hall.project ON DELETE CASCADE,
    subject    text NOT NULL,
    body       text NOT NULL, -- paragraphs stand on lines of their own
    recipients text[] CHECK (recipients <@ ARRAY['handler', 'holder'] AND cardinality(recipients) > 0),
    UNIQUE NULLS NOT DISTINCT (event, project)
);
INSERT INTO hall.project_list VALUES ('mails', 'hall.mail_template');
INSERT INTO hall.mail_template (event, subject, body) VALUES ('invoice', '您的电子发票（业务单 {order}）',
'您好：
您在{project}办理的业务（单号 {order}）已开具电子发票，发票号码 {number}，价税合计 {amount} 元。
查看与下载：{link}
发票文件也可以登录网上营业厅，在“我的业务单”的业务单页面下载。');

ALTER TABLE hall.message ADD COLUMN channel text NOT NULL DEFAULT 'sms' CHECK (channel IN ('sms', 'email'));

-- Over which channels, and to whom. An event without any text still makes a message, which then says that it has none.
CREATE FUNCTION hall.message_ways(o hall.orders, happened text, concerned text) RETURNS TABLE (channel text, recipient text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH texts AS (
        (SELECT 'sms' AS channel, recipients FROM message_template t
          WHERE event = happened AND coalesce(t.project, o.project) = o.project ORDER BY t.project NULLS LAST LIMIT 1)
        UNION ALL
        (SELECT 'email', recipients FROM mail_template t
          WHERE event = happened AND coalesce(t.project, o.project) = o.project ORDER BY t.project NULLS LAST LIMIT 1)),
    ways AS (
        SELECT t.channel, unnest(CASE WHEN person_of(o) = 'natural' THEN ARRAY['holder'] ELSE t.recipients END) AS recipient
          FROM texts t WHERE t.recipients IS NOT NULL
        UNION ALL SELECT t.channel, concerned FROM texts t WHERE t.recipients IS NULL
        UNION ALL SELECT 'sms', concerned WHERE NOT EXISTS (SELECT FROM texts))
    SELECT * FROM ways w
     WHERE happened <> 'invoice' OR w.channel = ANY (SELECT unnest(invoice_by) FROM project WHERE id = o.project) $$;

CREATE FUNCTION hall.message_new(order_id uuid, event text, recipient text, channel text, detail jsonb, job text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE m uuid := gen_random_uuid();
BEGIN
    INSERT INTO outbox (kind, key, subject) VALUES ('message', job, m) ON CONFLICT (key) DO NOTHING;
    IF FOUND THEN
        INSERT INTO message (id, event, order_id, recipient, channel, detail)
        VALUES (m, event, order_id, recipient, channel, detail);
        PERFORM pg_notify('outbox', 'message');
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.tell(order_id uuid, event text, recipient text, occasion text,
    detail jsonb DEFAULT '{}') RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT message_new(o.id, event, w.recipient, w.channel, detail, 'message/' || o.id || '/' || event || '/' || occasion ||
        CASE WHEN (w.channel, w.recipient) = ('sms', tell.recipient) THEN '' ELSE '/' || w.channel || '/' || w.recipient END)
      FROM orders o CROSS JOIN message_ways(o, event, recipient) w WHERE o.id = order_id $$;

DROP FUNCTION hall.message_work;
CREATE FUNCTION hall.message_work(wanted uuid)
RETURNS TABLE (event text, recipient text, channel text, content bytea, order_id uuid, form bytea, detail text, number text,
               project_name text, vendor_id text, parameters text[], subject text, body text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT m.event, m.recipient, m.channel, m.content, m.order_id, o.form,
           (m.detail || CASE WHEN m.detail ? 'courier' THEN jsonb_build_object('courier', courier_name(m.detail ->> 'courier'))
                             ELSE '{}' END)::text, o.number, p.title, t.vendor_id, t.parameters, e.subject, e.body
      FROM message m LEFT JOIN orders o ON o.id = m.order_id LEFT JOIN project p ON p.id = o.project
      LEFT JOIN LATERAL (SELECT * FROM message_template x WHERE x.event = m.event AND m.channel = 'sms'
           AND (x.project = o.project OR x.project IS NULL) ORDER BY x.project NULLS LAST LIMIT 1) t ON true
      LEFT JOIN LATERAL (SELECT * FROM mail_template x WHERE x.event = m.event AND m.channel = 'email'
           AND (x.project = o.project OR x.project IS NULL) ORDER BY x.project NULLS LAST LIMIT 1) e ON true
     WHERE m.id = wanted AND m.state = 'queued' $$;

-- A message whose job was given up has not been sent, and can be sent again.
CREATE FUNCTION hall.message_given_up() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE message SET state = 'refused', reason = 'given_up', content = NULL WHERE id = NEW.subject AND state = 'queued';
    RETURN NULL;
END $$;
CREATE TRIGGER outbox_message_given_up AFTER UPDATE OF state ON hall.outbox FOR EACH ROW
    WHEN (NEW.kind = 'message' AND NEW.state = 'failed' AND OLD.state = 'due') EXECUTE FUNCTION hall.message_given_up();

-- Why a message cannot be sent once more; NULL: it can.
CREATE FUNCTION hall.message_unsendable(m hall.message) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN m.event = 'pin' THEN 'PIN 码请在“PIN 码”栏中重新发送。'
        WHEN m.state <> 'refused' AND m.delivery IS DISTINCT FROM 'undelivered' THEN '这条消息没有失败，不需要重新发送。'
        WHEN EXISTS (SELECT FROM outbox WHERE key = 'message/again/' || m.id) THEN '这条消息已经重新发送过。' END $$;

CREATE FUNCTION hall.desk_message_send(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    m message;
    why text;
BEGIN
    SELECT * INTO m FROM message WHERE id = wanted AND order_id IS NOT NULL;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这条消息。');
    END IF;
    PERFORM desk_order(m.order_id, NULL);
    SELECT * INTO m FROM message WHERE id = wanted; -- as it stands under the order's lock
    why := message_unsendable(m);
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    END IF;
    PERFORM message_new(m.order_id, m.event, m.recipient, m.channel, m.detail, 'message/again/' || m.id),
            note('order', m.order_id, jsonb_build_object('message', m.id, 'sent_again', m.event));
END $$;

CREATE FUNCTION hall.message_row(m hall.message) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('id', m.id, 'event', m.event, 'channel', m.channel, 'recipient', m.recipient,
        'state', coalesce(m.delivery, m.state), 'at', iso(m.created_at), 'sent_at', iso(m.sent_at), 'delivery_at',
            iso(m.delivery_at)) $$;

CREATE OR REPLACE FUNCTION hall.messages_json(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN my_kind() = 'staff' AND EXISTS (SELECT FROM orders o WHERE o.id = wanted AND o.state <> 'draft')
        THEN jsonb_build_object('items', coalesce(jsonb_agg(message_row(m) || jsonb_build_object(
        'note', coalesce(m.delivery_note, m.reason), 'can_send', message_unsendable(m) IS NULL)
            ORDER BY m.created_at), '[]'))::text END
      FROM message m WHERE m.order_id = wanted $$;

-- The applicant sees what was sent and whether it arrived; what stood in it was sent to a telephone or an address.
CREATE FUNCTION hall.my_messages(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('items', coalesce((SELECT jsonb_agg(message_row(m) ORDER BY m.created_at DESC)
               FROM message m WHERE m.order_id = o.id), '[]'))::text
      FROM orders o WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project() $$;

-- ---- certificates that come to their end ----

-- Thirty and seven days before, each once a certificate: whoever was away at thirty is told at the next run.
CREATE FUNCTION hall.expiry_tell() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT tell(c.order_id, 'expiring', 'handler',
        c.id || '/' || CASE WHEN c.not_after < now() + interval '7 days' THEN 7 ELSE 30 END,
        jsonb_build_object('serial', c.serial, 'date', to_char(c.not_after AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'),
            'days', ceil(extract(epoch FROM c.not_after - now()) / 86400)::int::text))
      FROM certificate c WHERE c.state = 'valid' AND c.key_use = 'signature' AND c.not_after > now()
       AND c.not_after < now() + interval '30 days' $$;

-- Once a day, from nine in the morning on.
CREATE FUNCTION hall.expiry_due() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT enqueue('expiry', 'expiry/' || to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'), NULL)
     WHERE extract(hour FROM now() AT TIME ZONE 'Asia/Shanghai') >= 9 $$;

-- ---- an order in the eyes of people ----

CREATE FUNCTION hall.payment_name(payment text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT CASE payment WHEN 'prepaid' THEN '寄付' WHEN 'collect' THEN '到付' END $$;

CREATE FUNCTION hall.parcel_state_name(state text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE state WHEN 'asked' THEN '正在向快递公司下单' WHEN 'ordered' THEN '等待揽收' WHEN 'refused' THEN '快递公司未接单'
           WHEN 'cancelling' THEN '正在取消' WHEN 'cancelled' THEN '已取消' WHEN 'collected' THEN '已揽收' WHEN 'moving' THEN '运输中'
           WHEN 'delivering' THEN '派送中' ELSE '已签收' END $$;

-- How it will be sent, in words; NULL where nothing is sent.
CREATE FUNCTION hall.delivery_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('courier', o.courier_wanted, 'courier_name', n.name, 'payment', w.payment,
        'payment_name', payment_name(w.payment), 'fee', o.courier_fee, 'text', CASE
        WHEN w.payment = 'prepaid' AND o.courier_payment IS NULL THEN '填写收件地区后自动匹配快递公司与付款方式。'
        WHEN w.payment = 'prepaid' AND o.courier_fee > 0 THEN format('由%s寄付，快递费 %s 元与证书费用一并支付、一并开票。', n.name,
                                                  to_char(o.courier_fee / 100.0, 'FM990.00'))
        WHEN w.payment = 'prepaid' THEN format('由%s寄付，不另收快递费。', n.name)
        ELSE format('由%s到付，快递费在收件时付给快递员。', n.name) END)
      FROM project p CROSS JOIN parcel_payment(o) AS w(payment)
      CROSS JOIN LATERAL (SELECT coalesce(courier_name(o.courier_wanted), (SELECT string_agg(courier_name(c), '或' ORDER BY n)
          FROM unnest(p.couriers) WITH ORDINALITY AS u(c, n)), '快递') AS name) n
      LEFT JOIN project_type t ON t.project = p.id AND t.cert_type = o.cert_type
     WHERE p.id = o.project AND coalesce(t.medium, 'ukey') <> 'file' $$;

CREATE FUNCTION hall.invoice_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('state', i.state, 'text', CASE
        WHEN i.state IN ('asked', 'issuing', 'failed') THEN '发票正在开具，开具后会通知您。'
        WHEN i.state = 'issued' THEN '发票已开具。' WHEN i.state = 'red' THEN '已退费，发票已冲红作废。'
        WHEN i.state = 'dropped' THEN '已退费，不再开具发票。' ELSE '本业务单无需支付，不开具发票。' END,
        'total', i.total, 'number', i.number, 'pdf', i.pdf, 'ofd', i.ofd, 'xml', i.xml, 'issued_at', iso(i.issued_at))
      FROM (SELECT 1) one LEFT JOIN invoice i ON i.order_id = o.id AND i.red_of IS NULL
     WHERE i.id IS NOT NULL OR (o.paid = 'zero' AND o.total = 0) $$;

CREATE OR REPLACE FUNCTION hall.order_parcel_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('delivery', delivery_json(o), 'invoice', invoice_json(o), 'parcel',
        CASE WHEN o.tracking_no IS NOT NULL THEN jsonb_build_object('courier', o.courier, 'courier_name',
            courier_name(o.courier),
            'payment_name', payment_name(coalesce(p.payment, parcel_payment(o))), 'tracking_no', o.tracking_no,
                'shipped_at', iso(o.shipped_at),
            'state_name', CASE WHEN o.state = 'done' THEN '已签收' ELSE parcel_state_name(p.state) END, 'routes',
                coalesce(p.routes, '[]')) END)
      FROM parcel_of(o) p $$;

-- For the producer: what was ordered, and what may be.
CREATE FUNCTION hall.desk_parcels(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('delivery', delivery_json(o), 'can_ask', o.state = 'produced' AND o.outlet IS NULL
        AND (parcel_of(o)).id IS NULL,
        'can_cancel', o.state = 'produced' AND ((parcel_of(o)).state = 'ordered'
            OR ((parcel_of(o)).state = 'asked' AND (parcel_of(o)).created_at <= now() - interval '2 minutes')),
        'couriers', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', c.code, 'name', c.name, 'orders', c.orders) ORDER BY n), '[]')
            FROM project p, unnest(p.couriers) WITH ORDINALITY AS u(code, n) JOIN courier c USING (code) WHERE p.id = o.project),
        'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('courier', x.courier, 'courier_name', courier_name(x.courier),
            'payment_name', payment_name(x.payment), 'number', x.number, 'waybill', x.waybill, 'state', x.state,
            'state_name', parcel_state_name(x.state), 'why', x.why, 'routes', x.routes, 'created_at', iso(x.created_at),
            'checked_at', iso(x.checked_at)) ORDER BY x.created_at DESC), '[]') FROM parcel x WHERE x.order_id = o.id))::text
      FROM orders o WHERE o.id = wanted AND my_kind() = 'staff' AND o.state <> 'draft' $$;

-- ---- the hall's own rules and texts ----

-- Members as in a project's document ("courier_rules", "messages", "mails"); a list that is not named stays as it is. Texts are
-- replaced event by event, rules as a whole.
CREATE FUNCTION hall.defaults_import(d jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    list project_list;
    r record;
    wrong text;
BEGIN
    SELECT k INTO wrong FROM jsonb_object_keys(d) k WHERE k NOT IN ('courier_rules', 'messages', 'mails') LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, format('/%s 不是营业厅自己的规则或文本。', wrong), '/' || wrong);
    END IF;
    FOR list IN SELECT * FROM project_list WHERE d ? member LOOP
        IF list.member = 'courier_rules' THEN
            DELETE FROM courier_rule WHERE project IS NULL;
        ELSE
            EXECUTE format('DELETE FROM %s t USING jsonb_array_elements($1) e WHERE t.project IS NULL AND t.event = e ->> ''event''',
                           list.tbl) USING d -> list.member;
        END IF;
        FOR r IN SELECT value, ordinality AS n FROM jsonb_array_elements(d -> list.member) WITH ORDINALITY LOOP
            PERFORM row_import(list.tbl, r.value, '{"project": null}', format('/%s/%s', list.member, r.n - 1));
        END LOOP;
    END LOOP;
END $$;

CREATE FUNCTION hall.defaults_json() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_pretty(jsonb_build_object(
        'courier_rules', (SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(r)) - 'project' ORDER BY priority DESC, region,
            keyword) FROM courier_rule r WHERE project IS NULL),
        'messages', (SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(t)) - 'project' ORDER BY event)
            FROM message_template t WHERE project IS NULL),
        'mails', (SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(t)) - 'project' ORDER BY event) FROM mail_template t
            WHERE project IS NULL))) $$;

-- ---- who may ----

GRANT EXECUTE ON FUNCTION hall.message_work, hall.parcel_work, hall.region_path, hall.parcel_result,
    hall.parcel_routes, hall.invoice_wanted_work,
    hall.invoice_ask, hall.invoice_work, hall.invoice_taken, hall.invoice_failed, hall.invoice_dropped, hall.invoice_issued,
    hall.expiry_tell, hall.expiry_due TO certhall_runner;
GRANT EXECUTE ON FUNCTION hall.parcel_ask, hall.parcel_cancel, hall.desk_parcels, hall.desk_message_send, hall.invoices_json,
    hall.invoice_view, hall.invoice_retry, hall.invoice_buyer, hall.invoice_close TO certhall_desk;
GRANT EXECUTE ON FUNCTION hall.my_messages TO certhall_orders;
GRANT EXECUTE ON FUNCTION hall.invoice_hint TO certhall_notify;
GRANT EXECUTE ON FUNCTION hall.defaults_import, hall.defaults_json TO certhall_admin;

COMMIT;
