-- The version of an order: what a person's action rests on is as the page has shown it, or the action is refused.

-- What counts, column by column, and what people call it; hall.order_versioned compares just these (sql/test/version.sql holds the two
-- together). Nothing else moves the version: what the hall notes for itself (prints, the phone's authentication, payouts on their
-- way, parcels, due days, keys) is asked for where it matters, by name.
CREATE OR REPLACE FUNCTION hall.order_basis() RETURNS TABLE ("column" text, what text, name text)
LANGUAGE sql IMMUTABLE AS $$
    VALUES ('state', 'state', '办理状态'),
           ('form', 'form', '申请信息'), ('marks', 'form', '申请信息'), ('cert_type', 'form', '申请信息'), ('years', 'form', '申请信息'), ('seal_wanted', 'form', '申请信息'),
           ('price', 'price', '费用'), ('total', 'price', '费用'), ('courier_fee', 'price', '费用'),
           ('paid', 'paid', '支付情况'), ('reasons', 'reasons', '退回原因'), ('refund', 'refund', '退费情况'),
           ('producer', 'production', '制证安排'), ('account', 'account', '经办账号') $$;

-- One step is one version, however many updates it takes: whether this statement of the caller's has moved it already. (By the
-- transaction's own rows of the trail; another's may be younger than a statement that waited for it.)
CREATE OR REPLACE FUNCTION hall.order_stepped(o hall.orders) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM audit a WHERE a.subject = o.id AND a.seq > o.audit_seq - 20 AND a.detail ? 'version'
                      AND a.at >= statement_timestamp() AND a.xmin = pg_current_xact_id_if_assigned()::xid);
END $$;

-- A form is the same when its key is another; a code to pay by changes nothing that is owed.
CREATE OR REPLACE FUNCTION hall.order_versioned() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    NEW.version := OLD.version;
    IF ((NEW.state, NEW.marks, NEW.cert_type, NEW.years, NEW.seal_wanted, NEW.price, NEW.total, NEW.courier_fee,
         CASE NEW.paid WHEN 'waiting' THEN 'none' ELSE NEW.paid END, NEW.reasons, NEW.refund, NEW.producer, NEW.account)
        IS DISTINCT FROM (OLD.state, OLD.marks, OLD.cert_type, OLD.years, OLD.seal_wanted, OLD.price, OLD.total, OLD.courier_fee,
         CASE OLD.paid WHEN 'waiting' THEN 'none' ELSE OLD.paid END, OLD.reasons, OLD.refund, OLD.producer, OLD.account)
        OR NEW.form IS DISTINCT FROM OLD.form AND (caller()).op IS DISTINCT FROM 'keys.reseal') AND NOT order_stepped(OLD) THEN
        NEW.version := OLD.version + 1;
    END IF;
    RETURN NEW;
END $$;
-- Behind the triggers that change what counts, before the one that keeps the trail: they go by their names.
CREATE OR REPLACE TRIGGER orders_a_version BEFORE UPDATE ON hall.orders FOR EACH ROW EXECUTE FUNCTION hall.order_versioned();

-- What has changed since a version, as the trail has it from the row on that moved it.
CREATE OR REPLACE FUNCTION hall.order_changed_since(o hall.orders, seen int) RETURNS TABLE (what text, text text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT c.what, CASE c.what WHEN 'state' THEN format('办理状态（现为“%s”）', (SELECT label FROM order_state s WHERE s.state = o.state))
                               ELSE min(c.name) END
      FROM order_basis() WITH ORDINALITY AS c("column", what, name, pos)
      JOIN audit a ON a.subject = o.id AND a.detail ? c."column"
       AND a.seq >= (SELECT min(m.seq) FROM audit m WHERE m.subject = o.id AND (m.detail -> 'version' ->> 1)::int > seen)
     WHERE NOT (c."column" = 'form' AND a.op = 'keys.reseal') AND NOT (c."column" = 'paid' AND a.detail -> 'paid' <@ '["none", "waiting"]')
     GROUP BY c.what ORDER BY min(c.pos);
END $$;

-- Refused when what counts has changed since the page has read it: in words, and by name in the problem's `changed`.
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
        MESSAGE = sentence || coalesce('或有了新进展：' || names || '。请核对后再操作。', '，请刷新后再操作。');
END $$;
