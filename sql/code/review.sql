-- The reviewers' decisions, and who may not decide.

-- Nobody both reviews and produces the same order, or reviews one whose person they have seen at a counter, whatever roles they have.
CREATE OR REPLACE FUNCTION hall.duties_apart() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM review WHERE order_id = NEW.id AND staff = NEW.producer) THEN
        PERFORM refuse(403, '审核人不能制作同一业务单的证书。');
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER orders_duties BEFORE UPDATE OF producer ON hall.orders
    FOR EACH ROW WHEN (NEW.producer IS NOT NULL) EXECUTE FUNCTION hall.duties_apart();

CREATE OR REPLACE FUNCTION hall.review_apart() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM orders WHERE id = NEW.order_id AND producer = NEW.staff) THEN
        PERFORM refuse(403, '制证人不能审核同一业务单。');
    ELSIF EXISTS (SELECT FROM appointment a WHERE a.order_id = NEW.order_id AND a.staff = NEW.staff) THEN
        PERFORM refuse(403, '当面核验过申请人身份的人员不能审核同一业务单。');
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER review_duties BEFORE INSERT OR UPDATE ON hall.review
    FOR EACH ROW EXECUTE FUNCTION hall.review_apart();

CREATE OR REPLACE FUNCTION hall.approve(wanted uuid, seen int, remark text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order_locked(wanted, seen);
BEGIN
    PERFORM advance(wanted, 'approve');
    INSERT INTO review (order_id, staff, approved, note) VALUES (wanted, me(), true, remark);
    UPDATE paper SET state = 'ok', reason = NULL WHERE order_id = wanted AND state = 'rejected';
    PERFORM tell(wanted, 'approved', 'agent', o.version::text);
    PERFORM want_pin(wanted) WHERE o.makes; -- made now, so that there is no PIN before the approval
    PERFORM try_gates(wanted);
END $$;

-- The reasons say what they are about: a field of the form, as the caller names it, or a paper, which is named here.
CREATE OR REPLACE FUNCTION hall.reject(wanted uuid, seen int, why jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order_locked(wanted, seen);
BEGIN
    PERFORM advance(wanted, 'reject');
    SELECT jsonb_agg(r || jsonb_build_object('label', coalesce(r ->> 'label', w.name)) ORDER BY nth) INTO why
      FROM jsonb_array_elements(why) WITH ORDINALITY x(r, nth) LEFT JOIN papers_wanted(o) w ON r ->> 'pointer' = '/papers/' || w.code;
    INSERT INTO review (order_id, staff, approved, reasons) VALUES (wanted, me(), false, why);
    UPDATE orders SET reasons = why, due_at = NULL WHERE id = wanted;
    UPDATE paper m SET state = 'rejected', reason = r ->> 'text' FROM jsonb_array_elements(why) r
     WHERE m.order_id = wanted AND m.state = 'ok' AND r ->> 'pointer' = '/papers/' || m.code;
    PERFORM tell(wanted, 'rejected', 'agent', o.version::text,
                 jsonb_build_object('reason', (SELECT string_agg(concat_ws('：', r ->> 'label', rtrim(r ->> 'text', '。')), '；')
                                                FROM jsonb_array_elements(why) r)));
END $$;

CREATE OR REPLACE FUNCTION hall.review_not_money() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM transfer WHERE order_id = NEW.order_id AND staff = NEW.staff)
       OR EXISTS (SELECT FROM refund_request WHERE order_id = NEW.order_id AND decided_by = NEW.staff) THEN
        PERFORM refuse(403, '处理过款项的人员不能审核同一业务单。');
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER review_money_duties BEFORE INSERT OR UPDATE ON hall.review
    FOR EACH ROW EXECUTE FUNCTION hall.review_not_money();
