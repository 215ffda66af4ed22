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

-- Readers give a lower bound for `at`, so that no earlier month is opened (core/order/order.h); later ones are not, either. The day
-- is for rows of transactions that began after the reader's.
CREATE OR REPLACE VIEW hall.own_history WITH (security_barrier) AS
SELECT h.order_id, h.id, h.at, h.text
  FROM hall.order_history h JOIN hall.orders o ON o.id = h.order_id AND h.at >= o.created_at AND h.at < now() + interval '1 day'
 WHERE o.account = (SELECT c.who FROM hall.caller() c WHERE c.kind = 'account');

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
  JOIN hall.orders o ON o.id = d.id AND h.at >= o.created_at AND h.at < now() + interval '1 day';

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
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    o orders := order_seen(wanted);
    may record;
    f record;
BEGIN
    IF o.id IS NULL THEN
        RETURN;
    END IF;
    may := order_may(o);
    step := may.step; step_text := may.step_text; can := to_jsonb(may.can); pay_ways := to_jsonb(may.pay_ways);
    proof := may.proof; payouts := may.payouts; payouts_max := payouts_max(); legal_auth := may.legal_auth;
    IF may.code_left IS NOT NULL THEN
        code := jsonb_build_object('left', may.code_left, 'expires_at', iso(may.code_expires));
    END IF;
    -- What most orders have is read by one statement.
    SELECT n.label, n.tone, s.clock, s.to_pay, y.channel, c.name AS channel_name, y.paid_at, x.due, x.transferred, q AS parcel, i AS invoice
      INTO f
      FROM order_standing n JOIN order_state s ON s.state = o.state
      LEFT JOIN payment_of(o) y ON true LEFT JOIN payment_channel c ON c.code = y.channel
      LEFT JOIN LATERAL (SELECT sum(p.total) FILTER (WHERE p.state = 'refund_due') AS due, bool_or(p.channel = 'transfer') AS transferred
                           FROM payment p WHERE p.order_id = o.id) x ON true
      LEFT JOIN parcel_json(o) q ON true LEFT JOIN invoice_json(o) i ON true
     WHERE n.code = o.standing;
    label := f.label; tone := f.tone; parcel := f.parcel; invoice := f.invoice;
    payment_channel := f.channel; payment_channel_name := f.channel_name; paid_at := f.paid_at; refund_due := coalesce(f.due, 0);
    IF f.clock IS NOT NULL AND o.promised_at = 'infinity' THEN
        due_note := '跨年节假日安排尚未公布，公布后告知办结日期。';
    END IF;
    price := o.price;
    IF price IS NULL THEN
        price := price_parts(o);
    END IF;
    IF o.gift IS NOT NULL THEN
        gift := jsonb_build_object('name', o.gift, 'state', 'reserved');
    ELSIF f.to_pay THEN
        gift := gift_json(o) -> 'gift';
    END IF;
    IF o.phone_state NOT IN ('none', 'passed') THEN
        SELECT i.reason INTO phone_reason FROM identity i WHERE i.order_id = o.id ORDER BY i.created_at DESC LIMIT 1;
    END IF;
    IF f.transferred THEN
        transfer := transfer_json(o);
    END IF;
    IF o.refund IS NOT NULL THEN
        refund := refund_json(o);
    END IF;
    IF o.state = 'rejected' THEN
        SELECT jsonb_build_object('at', iso(r.at), 'reasons', r.reasons) INTO rejection FROM review r
         WHERE r.order_id = o.id ORDER BY r.id DESC LIMIT 1;
    END IF;
    IF o.tracking_no IS NULL THEN
        delivery := delivery_json(o);
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
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_generic_plan AS $$
DECLARE o orders := order_seen(wanted);
BEGIN
    RETURN QUERY SELECT w.code, w.name, coalesce(m.state, 'missing'), m.id, m.file_name, m.bytes, m.mime, m.uploaded_at, m.reason,
               licence_json(l), w.stamped, to_jsonb(w.formats), w.note, w.template, paper_json(o, c, w)
          FROM papers_wanted(o) w
          LEFT JOIN (paper m LEFT JOIN paper_check c ON c.paper_id = m.id LEFT JOIN licence_check l ON l.paper_id = m.id)
               ON m.order_id = wanted AND m.code = w.code AND m.state <> 'replaced'
         WHERE o.id IS NOT NULL
         ORDER BY w.pos, length(w.code), w.code;
END $$;
