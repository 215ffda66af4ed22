-- The version of an order. A person's action on an order is refused when the order has changed since the page was shown.

-- The columns that count, and their names for people; hall.order_version compares exactly these (checked by sql/test/version.sql).
-- Nothing else changes the version: what the hall records for itself (prints, phone authentication, payouts under way, parcels, due
-- dates, keys) is checked by name where it matters.
CREATE OR REPLACE FUNCTION hall.order_basis() RETURNS TABLE ("column" text, what text, name text)
LANGUAGE sql IMMUTABLE AS $$
    VALUES ('state', 'state', '办理状态'),
           ('form', 'form', '申请信息'), ('marks', 'form', '申请信息'), ('cert_type', 'form', '申请信息'), ('years', 'form', '申请信息'), ('seal_wanted', 'form', '申请信息'),
           ('price', 'price', '费用'), ('total', 'price', '费用'), ('courier_fee', 'price', '费用'),
           ('paid', 'paid', '支付情况'), ('reasons', 'reasons', '退回原因'), ('refund', 'refund', '退费情况'),
           ('producer', 'production', '制证安排'), ('account', 'account', '经办账号') $$;

-- A form is the same when only its key is different.
CREATE OR REPLACE FUNCTION hall.form_saved(was hall.orders, o hall.orders) RETURNS bool
LANGUAGE sql STABLE AS $$
    SELECT o.form IS DISTINCT FROM was.form AND (hall.caller()).op IS DISTINCT FROM 'keys.reencrypt' $$;

-- The version of an order whose new row is `o`. A new payment code does not change it, since the debt is the same. A statement of the
-- caller makes one version, however many updates it needs.
CREATE OR REPLACE FUNCTION hall.order_version(was hall.orders, o hall.orders) RETURNS int
LANGUAGE sql STABLE AS $$
    SELECT was.version + CASE WHEN
        ((o.state, o.marks, o.cert_type, o.years, o.seal_wanted, o.price, o.total, o.courier_fee,
          CASE o.paid WHEN 'waiting' THEN 'none' ELSE o.paid END, o.reasons, o.refund, o.producer, o.account)
         IS DISTINCT FROM (was.state, was.marks, was.cert_type, was.years, was.seal_wanted, was.price, was.total, was.courier_fee,
          CASE was.paid WHEN 'waiting' THEN 'none' ELSE was.paid END, was.reasons, was.refund, was.producer, was.account)
         OR hall.form_saved(was, o)) AND was.version_at <> statement_timestamp() THEN 1 ELSE 0 END $$;

-- What has changed since a version, according to the trail from the row after which that version began.
CREATE OR REPLACE FUNCTION hall.order_changed_since(o hall.orders, seen int) RETURNS TABLE (what text, text text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT c.what, CASE c.what WHEN 'state' THEN format('办理状态（现为“%s”）', (SELECT label FROM order_state s WHERE s.state = o.state))
                               ELSE min(c.name) END
      FROM order_basis() WITH ORDINALITY AS c("column", what, name, pos)
      JOIN audit a ON a.subject = o.id AND a.detail ? c."column"
       AND a.seq >= (SELECT min(m.seq) FROM audit m WHERE m.subject = o.id AND (m.detail -> 'version' ->> 1)::int > seen)
     WHERE NOT (c."column" = 'form' AND a.op = 'keys.reencrypt') AND NOT (c."column" = 'paid' AND a.detail -> 'paid' <@ '["none", "waiting"]')
     GROUP BY c.what ORDER BY min(c.pos);
END $$;

-- Refuses when something that counts has changed since the page was shown, in words, and with the names in the problem's member
-- `changed`.
CREATE OR REPLACE FUNCTION hall.order_as_seen(o hall.orders, seen int, sentence text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    names text;
    list jsonb;
BEGIN
    IF (seen <> o.version) IS NOT TRUE THEN
        RETURN;
    END IF;
    SELECT string_agg(text, '、'), jsonb_agg(jsonb_build_object('what', what, 'text', text)) INTO names, list
      FROM order_changed_since(o, seen);
    RAISE EXCEPTION USING ERRCODE = 'CH409', HINT = coalesce(list::text, ''),
        MESSAGE = CASE WHEN names IS NULL THEN format('%s，请刷新后再操作。', sentence)
                       ELSE format('%s或有了新进展：%s。请核对后再操作。', sentence, names) END;
END $$;
