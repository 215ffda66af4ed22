-- What pages show of an order: a row with what is read, decided and worded of it (hall.order_page), its papers, its history.
-- core/order/order.c writes the document from them and from the process's copy of the project; views add what staff see besides.

-- The orders that the calling member of staff has to do with: for an outlet's producer those that the outlet is to make or has made,
-- for the CA's own producer those that no outlet makes, for everybody else all of them.
CREATE OR REPLACE VIEW hall.desk_reach WITH (security_barrier) AS
SELECT o.id, o.state FROM hall.orders o JOIN hall.staff s ON s.id = (SELECT c.who FROM hall.caller() c WHERE c.kind = 'staff')
 WHERE CASE WHEN s.outlet IS NOT NULL THEN s.outlet = o.outlet
                 AND (s.id = o.producer OR o.state IN (SELECT t.state FROM hall.order_state t WHERE t.outlet))
            WHEN s.roles = ARRAY['producer'] THEN o.outlet IS NULL ELSE true END;

-- Those of them that were submitted: only the applicant reads a draft.
CREATE OR REPLACE VIEW hall.desk_read WITH (security_barrier) AS
SELECT id FROM hall.desk_reach WHERE state <> 'draft';

-- What staff see besides the page. Forms are not edited at the desk.
CREATE OR REPLACE VIEW hall.desk_order WITH (security_barrier) AS
SELECT o.id, p.slug, o.producer IS NOT NULL AND o.state = 'accepted' AS producing,
       EXISTS (SELECT FROM hall.certificate k WHERE k.order_id = o.id AND k.key_file IS NOT NULL) AS key_file,
       o.basis, b.form AS basis_form -- of a change: the order whose form was on file, and that form
  FROM hall.desk_read d JOIN hall.orders o ON o.id = d.id JOIN hall.project p ON p.id = o.project LEFT JOIN hall.orders b ON b.id = o.basis;

CREATE OR REPLACE VIEW hall.desk_payout_row WITH (security_barrier) AS
SELECT y.order_id, y.number, y.yur_ref, y.state, y.reason, y.created_at
  FROM hall.payout y JOIN hall.desk_read o ON o.id = y.order_id;

CREATE OR REPLACE VIEW hall.desk_review WITH (security_barrier) AS
SELECT v.order_id, v.id, v.at, s.display_name AS staff, v.approved, v.reasons, v.note
  FROM hall.review v JOIN hall.desk_read o ON o.id = v.order_id JOIN hall.staff s ON s.id = v.staff;

-- Who has seen the order's person at a counter, and the pictures that were taken (hall.counter_taken).
CREATE OR REPLACE VIEW hall.desk_counter WITH (security_barrier) AS
SELECT a.order_id, a.number::text AS number, a.ended_at AS at, u.name AS outlet, s.display_name AS staff, hall.counter_taken(a.order_id) AS pictures
  FROM hall.appointment a JOIN hall.desk_read o ON o.id = a.order_id JOIN hall.identity i ON i.id = a.identity AND i.state = 'passed'
  JOIN hall.outlet u ON u.code = a.outlet JOIN hall.staff s ON s.id = a.staff
 WHERE a.state = 'passed';

-- The newest decisions that the signer has not carried out.
CREATE OR REPLACE VIEW hall.desk_refusal WITH (security_barrier) AS
SELECT d.order_id, d.what, d.refused AS reason
  FROM hall.decision d JOIN hall.desk_read o ON o.id = d.order_id
 WHERE d.refused IS NOT NULL
   AND NOT EXISTS (SELECT FROM hall.decision n WHERE n.order_id = d.order_id AND n.what = d.what AND n.id > d.id);

-- ---- one order ----

-- An order that the caller may see: an applicant's own, of the current project if there is one (the hall's own pages show all of them),
-- the one whose papers the caller's link is for, or one that the member of staff has to do with. NULL: the caller may not see it.
CREATE OR REPLACE FUNCTION hall.order_seen(wanted uuid) RETURNS hall.orders
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c caller := caller();
    o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted;
    IF c.kind = 'account' AND o.account = c.who AND o.project = coalesce(c.project, o.project) THEN
        RETURN o;
    ELSIF c.kind = 'link' AND 'papers' = ANY (c.roles) AND o.id = c.who AND o.project = c.project THEN
        RETURN o;
    ELSIF c.kind = 'staff' AND EXISTS (SELECT FROM desk_read d WHERE d.id = wanted) THEN
        RETURN o;
    END IF;
    RETURN NULL;
END $$;

-- The names of the fields that must stay as they came with a ticket, or as they are in the replaced certificate; NULL: all may be changed.
CREATE OR REPLACE FUNCTION hall.order_locked(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF o.locked <> '{}' THEN
        RETURN (SELECT jsonb_agg(k ORDER BY k) FROM jsonb_object_keys(o.locked) k);
    ELSIF o.changes IS NOT NULL THEN
        RETURN change_locked(o);
    ELSIF o.replaces IS NOT NULL THEN -- what each of several has is compared item by item (core/order/successor.c)
        RETURN CASE WHEN extends(o.business) THEN '[]'::jsonb ELSE '["years"]' END
            || '["cert_type", "unit_name", "unit_doc_type", "unit_code", "holder_name", "holder_id"]';
    END IF;
    RETURN NULL;
END $$;

-- The row; none for an order that the caller may not see. Tables are read one after the other, which costs PostgreSQL less than a
-- join, and what only some orders have is only searched where it can exist. `items` has the rows of order_item.
CREATE OR REPLACE FUNCTION hall.order_page(wanted uuid) RETURNS TABLE (id uuid, number text, business text, version int, state text, published bool,
    cert_type text, years int, seal_wanted bool, subject text, form bytea, form_complete bool, printed bool, annex_printed bool, items json,
    phone_state text, phone_reason text, phone_way text, total int, price jsonb, gift jsonb, created_at timestamptz, updated_at timestamptz,
    due_at timestamptz, ship_due_at timestamptz, due_note text, promise jsonb, ahead jsonb, label text, tone text, step text, step_text text, can jsonb, locked jsonb,
    payment_state text, payment_channel text, payment_channel_name text, paid_at timestamptz, pay_ways jsonb, refund_due bigint,
    refund jsonb, transfer jsonb, proof text, finauth text, finauth_text text, payouts int, payouts_max int, legal_auth text, code jsonb,
    rejection jsonb, delivery jsonb, parcel jsonb, invoice jsonb, outlet jsonb, replaces jsonb, serial text, not_before timestamptz,
    not_after timestamptz, certificate_subject text, algorithm text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    o orders := order_seen(wanted);
    may record;
    y payment;
BEGIN
    IF o.id IS NULL THEN
        RETURN;
    END IF;
    id := o.id; number := o.number; business := o.business; version := o.version; state := o.state; subject := o.subject;
    cert_type := o.cert_type; years := o.years; seal_wanted := o.seal_wanted; form := o.form; form_complete := o.form_complete;
    published := coalesce(o.published, false); printed := o.printed; annex_printed := o.annex_printed; phone_state := o.phone_state; total := o.total;
    created_at := o.created_at; updated_at := o.updated_at; due_at := o.due_at; ship_due_at := o.ship_due_at; promise := promise(o);
    finauth := o.finauth; finauth_text := o.finauth_text; locked := order_locked(o);
    payment_state := CASE o.paid WHEN 'zero' THEN 'paid' ELSE o.paid END;

    -- how it stands, and what may be done next
    SELECT n.label, n.tone INTO label, tone FROM order_standing n WHERE n.code = o.standing;
    may := order_may(o);
    step := may.step; step_text := may.step_text; can := to_jsonb(may.can); pay_ways := to_jsonb(may.pay_ways);
    proof := may.proof; payouts := may.payouts; payouts_max := payouts_max(); legal_auth := may.legal_auth;
    ahead := order_ahead(o, may.step_text, promise);
    IF may.code_left IS NOT NULL THEN
        code := jsonb_build_object('left', may.code_left, 'expires_at', iso(may.code_expires));
    END IF;
    IF may.clock IS NOT NULL AND promise IS NOT NULL AND o.promised_at = 'infinity' THEN
        due_note := '跨年节假日安排尚未公布，公布后告知办结日期。';
    END IF;
    IF o.state = 'rejected' THEN
        SELECT jsonb_build_object('at', iso(r.at), 'reasons', r.reasons) INTO rejection FROM review r
         WHERE r.order_id = o.id ORDER BY r.id DESC LIMIT 1;
    END IF;
    IF o.phone_state NOT IN ('none', 'passed') THEN
        SELECT i.reason INTO phone_reason FROM identity i WHERE i.order_id = o.id ORDER BY i.created_at DESC LIMIT 1;
    END IF;

    IF o.phone_state = 'passed' THEN
        SELECT w.name INTO phone_way FROM identity i JOIN identity_way w ON w.code = i.way
         WHERE i.order_id = o.id AND i.purpose = 'phone' AND i.state = 'passed' ORDER BY i.created_at DESC LIMIT 1;
    END IF;

    -- money
    price := o.price;
    IF price IS NULL THEN
        price := price_parts(o);
    END IF;
    IF o.gift IS NOT NULL THEN
        gift := jsonb_build_object('name', o.gift, 'state', 'reserved');
    ELSIF may.to_pay THEN
        gift := gift_json(o) -> 'gift';
    END IF;
    y := payment_of(o);
    payment_channel := y.channel; paid_at := y.paid_at;
    SELECT c.name INTO payment_channel_name FROM payment_channel c WHERE c.code = y.channel;
    SELECT coalesce(sum(p.total) FILTER (WHERE p.state = 'refund_due'), 0),
           CASE WHEN bool_or(p.channel = 'transfer') THEN transfer_json(o) END INTO refund_due, transfer FROM payment p WHERE p.order_id = o.id;
    IF o.refund IS NOT NULL THEN
        refund := refund_json(o);
    END IF;
    invoice := invoice_json(o);

    -- the certificate and its way
    SELECT x.serial, x.not_before, x.not_after, x.subject, x.algorithm INTO serial, not_before, not_after, certificate_subject, algorithm
      FROM certificate x WHERE x.order_id = o.id AND x.state <> 'issuing' ORDER BY x.issued_at DESC LIMIT 1;
    IF o.tracking_no IS NULL THEN
        delivery := delivery_json(o);
    ELSE
        parcel := parcel_json(o);
    END IF;
    IF o.outlet IS NOT NULL THEN
        SELECT jsonb_build_object('name', t.name, 'place', t.place) INTO outlet FROM outlet t WHERE t.code = o.outlet;
    END IF;
    IF o.replaces IS NOT NULL THEN
        replaces := replaced_json(o);
    END IF;

    SELECT coalesce(json_agg(json_build_object('item', i.item, 'cert_type', i.cert_type, 'years', i.years, 'subject', i.subject,
               'style', i.style, 'seal_name', i.seal_name) ORDER BY i.item), '[]') INTO items FROM order_item i WHERE i.order_id = o.id;
    RETURN NEXT;
END $$;

-- Whether there is news of the caller's order, which its page asks every few seconds: a tag that is another one after every line of
-- the order's trail and every move of its parcel. `final`: no more will come of it.
CREATE OR REPLACE FUNCTION hall.my_order_version(wanted uuid) RETURNS TABLE (tag text, said jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE o orders := order_seen(wanted);
BEGIN
    IF o.id IS NULL THEN
        RETURN;
    END IF;
    tag := o.audit_seq;
    IF o.tracking_no IS NOT NULL THEN
        tag := concat_ws('-', tag, (SELECT concat_ws('-', p.state, jsonb_array_length(p.routes)) FROM parcel_of(o) p));
    END IF;
    said := jsonb_build_object('tag', tag, 'version', o.version, 'updated_at', iso(o.updated_at),
                               'final', (state_of(o)).void OR o.state = 'done');
    RETURN NEXT;
END $$;

-- All papers that are required, each with the sheets that were uploaded for it; `check` is that of the licence, which is read
-- automatically. The state is the worst of the sheets'.
CREATE OR REPLACE FUNCTION hall.order_papers(wanted uuid) RETURNS TABLE (code text, name text, state text, reason text, "check" jsonb, stamped bool,
    formats jsonb, note text, template text, looks text, sheets_max smallint, sheets jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE o orders := order_seen(wanted);
BEGIN
    RETURN QUERY SELECT w.code, w.name, coalesce(u.state, 'missing'), u.reason, u.licence, w.stamped, to_jsonb(w.formats), w.note, w.template,
               paper_looks(w), w.sheets, coalesce(u.sheets, '[]')
          FROM papers_wanted(o) w
          LEFT JOIN LATERAL (SELECT CASE WHEN bool_or(m.state = 'rejected') THEN 'rejected' WHEN bool_or(m.state = 'stale') THEN 'stale' WHEN count(*) > 0 THEN 'ok' END,
                   max(m.reason), (array_agg(licence_json(l) ORDER BY m.sheet) FILTER (WHERE l.paper_id IS NOT NULL))[1],
                   jsonb_agg(jsonb_build_object('sheet', m.sheet, 'id', m.id, 'file_name', m.file_name, 'bytes', m.bytes, 'mime', m.mime,
                       'uploaded_at', iso(m.uploaded_at), 'carried', m.carried IS NOT NULL, 'quality', paper_json(o, c, w)) ORDER BY m.sheet)
              FROM paper m LEFT JOIN paper_check c ON c.paper_id = m.id LEFT JOIN licence_check l ON l.paper_id = m.id
             WHERE m.order_id = wanted AND m.code = w.code AND m.state <> 'replaced') u(state, reason, licence, sheets) ON true
         WHERE o.id IS NOT NULL
         ORDER BY w.pos, length(w.code), w.code;
END $$;

-- Only the months that the order has lived through are read; the day is for rows of transactions that began after the reader's.
CREATE OR REPLACE FUNCTION hall.order_lines(wanted uuid) RETURNS TABLE (at timestamptz, text text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE o orders := order_seen(wanted);
BEGIN
    RETURN QUERY SELECT h.at, h.text FROM order_history h
                  WHERE h.order_id = o.id AND h.at >= o.created_at AND h.at < now() + interval '1 day' ORDER BY h.id;
END $$;

-- The form alone, and the fields that must stay.
CREATE OR REPLACE FUNCTION hall.order_form(wanted uuid) RETURNS TABLE (form bytea, locked jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := order_seen(wanted);
BEGIN
    IF o.id IS NOT NULL THEN
        form := o.form; locked := order_locked(o);
        RETURN NEXT;
    END IF;
END $$;

-- The order whose data a draft can begin with: the account's last one before it that was filled in completely, of any project.
CREATE OR REPLACE FUNCTION hall.my_earlier_form(wanted uuid) RETURNS TABLE (id uuid, number text, project_name text, created_at timestamptz, form bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := order_mine(wanted);
BEGIN
    RETURN QUERY SELECT e.id, e.number, p.name, e.created_at, e.form FROM orders e JOIN project p ON p.id = e.project
     WHERE e.account = o.account AND e.created_at < o.created_at AND e.form_complete AND e.form IS NOT NULL
     ORDER BY e.created_at DESC, e.id DESC LIMIT 1;
END $$;
