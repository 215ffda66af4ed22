-- The life cycle of an order: its transitions.

-- The one way from state to state.
CREATE OR REPLACE FUNCTION hall.advance(wanted uuid, happened text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    t transition;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted FOR NO KEY UPDATE;
    SELECT * INTO t FROM transition WHERE event = happened AND from_state = o.state
     ORDER BY who && my_roles() DESC LIMIT 1;
    IF t IS NULL THEN
        PERFORM refuse(409, format('业务单目前是“%s”，不能进行这个操作，请刷新后再看。',
                                   (SELECT label FROM order_state WHERE state = o.state)));
    ELSIF NOT t.who && my_roles() THEN
        PERFORM refuse(403, '您没有办理此事项的权限。');
    END IF;
    UPDATE orders SET state = t.to_state, updated_at = now() WHERE id = wanted;
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, happened, t.text);
END $$;

-- Entering the review starts the promised clock.
CREATE OR REPLACE FUNCTION hall.start_review(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE orders o SET review_at = now(), due_at = hall.due(now(), p.review_days), reasons = NULL
      FROM project p WHERE p.id = o.project AND o.id = wanted;
END $$;

-- Seven days unpaid: cancelled.
CREATE OR REPLACE FUNCTION hall.order_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM orders WHERE id = wanted AND state = 'unpaid'
                  AND coalesce(unpaid_since, submitted_at) <= now() - interval '7 days') THEN
        PERFORM advance(wanted, 'cancel');
        PERFORM close_payment(wanted);
    END IF;
END $$;

-- Fifteen days after the parcel left.
CREATE OR REPLACE FUNCTION hall.order_finished(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM orders WHERE id = wanted AND state = 'shipped') THEN
        PERFORM advance(wanted, 'signed_for');
    END IF;
END $$;

-- What is nobody's decision now: it follows from one that `role` has made before.
CREATE OR REPLACE FUNCTION hall.advance_itself(wanted uuid, happened text, role text DEFAULT 'system') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE had text := act_as(role);
BEGIN
    PERFORM advance(wanted, happened);
    PERFORM keep('caller', had);
END $$;

-- Paid again after a transfer that never came: what was approved stays approved. What holds an approval up (limits of the unit)
-- must not hold up money: then a reviewer looks at it again.
CREATE OR REPLACE FUNCTION hall.approval_goes_on(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM FROM orders WHERE id = wanted AND state = 'in_review' AND approval_stands FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    UPDATE orders SET approval_stands = false WHERE id = wanted;
    BEGIN
        PERFORM advance_itself(wanted, 'approval_stands');
    EXCEPTION WHEN SQLSTATE 'CH409' THEN
        RETURN;
    END;
    PERFORM want_payout(wanted);
    PERFORM try_gates(wanted);
END $$;

-- By whatever way it came back into the review, at the latest when that way is at its end.
CREATE OR REPLACE FUNCTION hall.approval_at_last() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM approval_goes_on(NEW.id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER orders_approval_stands AFTER UPDATE OF state ON hall.orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.state = 'in_review' AND OLD.state <> 'in_review' AND NEW.approval_stands)
    EXECUTE FUNCTION hall.approval_at_last();
