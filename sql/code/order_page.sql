-- What pages show of an order. Rows are read from views that limit callers to their own: hall.own_… for an applicant, hall.desk_… for
-- staff. The caller is determined once per statement, by an InitPlan. Two functions give what has to be decided or worded, and check
-- the caller's rights themselves: hall.order_now and hall.order_papers. They are not in the views, because functions in views run
-- with the reader's own rights. core/order/order.c puts all of it together.

-- ---- rows ----

-- On a page of a project only its orders are shown; the hall's own pages show all of them. `locked`: the fields that must stay as
-- they came with a ticket or as they are in the replaced certificate; NULL: all may be changed.
CREATE OR REPLACE VIEW hall.own_order WITH (security_barrier) AS
SELECT o.id, o.project, o.number, o.business, o.version, o.state, o.cert_type, o.years, o.seal_wanted, o.subject, o.form, o.form_complete,
       o.printed, o.annex_printed, o.phone_state, CASE o.paid WHEN 'zero' THEN 'paid' ELSE o.paid END AS payment_state, o.total,
       o.finauth, o.finauth_text, o.created_at, o.updated_at, o.due_at, o.ship_due_at, o.producer,
       CASE WHEN o.locked <> '{}' THEN (SELECT jsonb_agg(k ORDER BY k) FROM jsonb_object_keys(o.locked) k)
            WHEN o.replaces IS NOT NULL
            THEN '["cert_type", "years", "unit_name", "unit_doc_type", "unit_code", "holder_name", "holder_id"]' END AS locked,
       c.serial, c.not_before, c.not_after, c.subject AS certificate_subject, c.algorithm
  FROM hall.caller() me JOIN hall.orders o ON me.kind = 'account' AND o.account = me.who AND o.project = coalesce(me.project, o.project)
  LEFT JOIN LATERAL (SELECT x.* FROM hall.certificate x WHERE x.order_id = o.id AND x.state <> 'issuing'
                      ORDER BY x.issued_at DESC LIMIT 1) c ON true;

CREATE OR REPLACE VIEW hall.own_item WITH (security_barrier) AS
SELECT i.order_id, i.item, i.cert_type, i.years, i.subject, i.style, i.seal_name FROM hall.order_item i JOIN hall.orders o ON o.id = i.order_id
 WHERE o.account = (SELECT c.who FROM hall.caller() c WHERE c.kind = 'account');

CREATE OR REPLACE VIEW hall.own_history WITH (security_barrier) AS
SELECT h.order_id, h.id, h.at, h.text
  FROM hall.order_history h JOIN hall.orders o ON o.id = h.order_id AND h.at >= o.created_at -- so that no earlier month is searched
 WHERE o.account = (SELECT c.who FROM hall.caller() c WHERE c.kind = 'account');

-- The time from which there can be rows about this id, taken from the time in an id of version 7 (RFC 9562). The bound is known
-- before the statement runs, so that earlier months are not even opened. It allows for an hour, since the module makes the id and its
-- transaction may have begun earlier.
CREATE OR REPLACE FUNCTION hall.months_from(id uuid) RETURNS timestamptz
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN substr(id::text, 15, 1) = '7'
           THEN to_timestamp(('x' || substr(id::text, 1, 8) || substr(id::text, 10, 4))::bit(48)::bigint / 1000.0 - 3600)
           ELSE '-infinity' END $$;

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

CREATE OR REPLACE VIEW hall.desk_order WITH (security_barrier) AS
SELECT o.id, o.project, o.number, o.business, o.version, o.state, o.cert_type, o.years, o.seal_wanted, o.subject, o.form, o.form_complete,
       o.printed, o.annex_printed, o.phone_state, CASE o.paid WHEN 'zero' THEN 'paid' ELSE o.paid END AS payment_state, o.total,
       o.finauth, o.finauth_text, o.created_at, o.updated_at, o.due_at, o.ship_due_at, o.producer,
       c.serial, c.not_before, c.not_after, c.subject AS certificate_subject, c.algorithm,
       NULL::jsonb AS locked, -- forms are not edited at the desk
       p.slug, o.producer IS NOT NULL AND o.state = 'accepted' AS producing,
       EXISTS (SELECT FROM hall.certificate k WHERE k.order_id = o.id AND k.key_file IS NOT NULL) AS key_file
  FROM hall.desk_read d JOIN hall.orders o ON o.id = d.id JOIN hall.project p ON p.id = o.project
  LEFT JOIN LATERAL (SELECT x.* FROM hall.certificate x WHERE x.order_id = o.id AND x.state <> 'issuing'
                      ORDER BY x.issued_at DESC LIMIT 1) c ON true;

CREATE OR REPLACE VIEW hall.desk_item WITH (security_barrier) AS
SELECT i.order_id, i.item, i.cert_type, i.years, i.subject, i.style, i.seal_name
  FROM hall.order_item i JOIN hall.desk_read o ON o.id = i.order_id;

CREATE OR REPLACE VIEW hall.desk_history WITH (security_barrier) AS
SELECT h.order_id, h.id, h.at, h.text FROM hall.order_history h JOIN hall.desk_read d ON d.id = h.order_id
  JOIN hall.orders o ON o.id = d.id AND h.at >= o.created_at;

CREATE OR REPLACE VIEW hall.desk_payout_row WITH (security_barrier) AS
SELECT y.order_id, y.number, y.yur_ref, y.state, y.reason, y.created_at
  FROM hall.payout y JOIN hall.desk_read o ON o.id = y.order_id;

CREATE OR REPLACE VIEW hall.desk_review WITH (security_barrier) AS
SELECT v.order_id, v.id, v.at, s.display_name AS staff, v.approved, v.reasons, v.note
  FROM hall.review v JOIN hall.desk_read o ON o.id = v.order_id JOIN hall.staff s ON s.id = v.staff;

-- The newest decisions that the signer has not carried out.
CREATE OR REPLACE VIEW hall.desk_refusal WITH (security_barrier) AS
SELECT d.order_id, d.what, d.refused AS reason
  FROM hall.decision d JOIN hall.desk_read o ON o.id = d.order_id
 WHERE d.refused IS NOT NULL
   AND NOT EXISTS (SELECT FROM hall.decision n WHERE n.order_id = d.order_id AND n.what = d.what AND n.id > d.id);

-- ---- what is decided ----

-- An order that the caller may see: an applicant's own, of the current project if there is one, or one that the member of staff has
-- to do with. NULL: the caller may not see it.
CREATE OR REPLACE FUNCTION hall.order_seen(wanted uuid) RETURNS hall.orders
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c caller := caller();
    o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted;
    IF c.kind = 'account' AND o.account = c.who AND o.project = coalesce(c.project, o.project) THEN
        RETURN o;
    ELSIF c.kind = 'staff' AND EXISTS (SELECT FROM desk_read d WHERE d.id = wanted) THEN
        RETURN o;
    END IF;
    RETURN NULL;
END $$;

-- The condition of an order, in words, and what follows from it. Data that only some orders have are only searched where they can
-- exist. There is no row for an order that the caller may not see.
CREATE OR REPLACE FUNCTION hall.order_now(wanted uuid) RETURNS TABLE (label text, tone text, step text, step_text text, can jsonb,
    due_note text, price jsonb, gift jsonb, phone_reason text, payment_channel text, payment_channel_name text, paid_at timestamptz,
    pay_ways jsonb, refund_due bigint, refund jsonb, transfer jsonb, proof text, payouts int, payouts_max int, legal_auth text,
    code jsonb, rejection jsonb, delivery jsonb, parcel jsonb, invoice jsonb, outlet jsonb, replaces jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := order_seen(wanted);
    s order_state := state_of(o);
    may record;
    pay payment;
    transferred bool;
BEGIN
    IF o.id IS NULL THEN
        RETURN;
    END IF;
    may := order_may(o);
    SELECT x.label, x.tone INTO label, tone FROM order_standing x WHERE x.code = o.standing;
    step := may.step; step_text := may.step_text; can := to_jsonb(may.can); pay_ways := to_jsonb(may.pay_ways);
    proof := may.proof; payouts := may.payouts; payouts_max := payouts_max(); legal_auth := may.legal_auth;
    IF may.code_left IS NOT NULL THEN
        code := jsonb_build_object('left', may.code_left, 'expires_at', iso(may.code_expires));
    END IF;
    IF s.clock IS NOT NULL AND o.promised_at = 'infinity' THEN
        due_note := '跨年节假日安排尚未公布，公布后告知办结日期。';
    END IF;
    price := coalesce(o.price, price_parts(o));
    IF o.gift IS NOT NULL THEN
        gift := jsonb_build_object('name', o.gift, 'state', 'reserved');
    ELSIF s.to_pay THEN
        gift := gift_json(o) -> 'gift';
    END IF;
    IF o.phone_state <> 'none' THEN
        SELECT i.reason INTO phone_reason FROM identity i WHERE i.order_id = o.id ORDER BY i.created_at DESC LIMIT 1;
    END IF;
    refund_due := 0;
    IF o.submitted_at IS NOT NULL THEN -- before that there is no payment
        pay := payment_of(o);
        payment_channel := pay.channel; paid_at := pay.paid_at;
        SELECT coalesce(sum(p.total) FILTER (WHERE p.state = 'refund_due'), 0), bool_or(p.channel = 'transfer'),
               min(c.name) FILTER (WHERE p.id = pay.id)
          INTO refund_due, transferred, payment_channel_name
          FROM payment p JOIN payment_channel c ON c.code = p.channel WHERE p.order_id = o.id;
        IF transferred THEN
            transfer := transfer_json(o);
        END IF;
    END IF;
    IF o.refund IS NOT NULL THEN
        refund := refund_json(o);
    END IF;
    IF o.state = 'rejected' THEN
        SELECT jsonb_build_object('at', iso(r.at), 'reasons', r.reasons) INTO rejection FROM review r
         WHERE r.order_id = o.id ORDER BY r.id DESC LIMIT 1;
    END IF;
    IF o.tracking_no IS NOT NULL THEN
        parcel := parcel_json(o);
    ELSE
        delivery := delivery_json(o);
    END IF;
    IF o.paid IN ('paid', 'zero') THEN
        invoice := invoice_json(o);
    END IF;
    IF o.outlet IS NOT NULL THEN
        SELECT jsonb_build_object('name', t.name, 'place', t.place) INTO outlet FROM outlet t WHERE t.code = o.outlet;
    END IF;
    IF o.replaces IS NOT NULL THEN
        replaces := replaced_json(o);
    END IF;
    RETURN NEXT;
END $$;

-- All papers that are required, and what was uploaded for each; `check` is that of the licence, which is read automatically. The same
-- rights apply.
CREATE OR REPLACE FUNCTION hall.order_papers(wanted uuid) RETURNS TABLE (code text, name text, state text, id uuid, file_name text, bytes int,
    mime text, uploaded_at timestamptz, reason text, "check" jsonb, stamped bool, formats jsonb, note text, template text, quality jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := order_seen(wanted);
BEGIN
    RETURN QUERY SELECT w.code, w.name, coalesce(m.state, 'missing'), m.id, m.file_name, m.bytes, m.mime, m.uploaded_at, m.reason,
               CASE WHEN w.code = 'licence' THEN licence_json(m.id) END, w.stamped, to_jsonb(w.formats), w.note, w.template,
               CASE WHEN c.paper_id IS NOT NULL THEN paper_json(o, c, w) END
          FROM papers_wanted(o) w
          LEFT JOIN paper m ON m.order_id = o.id AND m.code = w.code AND m.state <> 'replaced'
          LEFT JOIN paper_check c ON c.paper_id = m.id
         WHERE o.id IS NOT NULL
         ORDER BY w.pos, length(w.code), w.code;
END $$;
