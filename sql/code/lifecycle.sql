-- The life cycle of an order: its transitions.

-- The properties of an order in its current state: (state_of(o)).editable
CREATE OR REPLACE FUNCTION hall.state_of(o hall.orders) RETURNS hall.order_state
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE s order_state;
BEGIN
    SELECT * INTO s FROM order_state WHERE state = o.state;
    RETURN s;
END $$;

-- The only way from one state to another.
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

-- Entering the review starts the clock of the promise, if there is one.
CREATE OR REPLACE FUNCTION hall.start_review(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE orders o SET review_at = now(), due_at = hall.due(now(), coalesce(p.whole_days, p.review_days)), reasons = NULL
      FROM project p WHERE p.id = o.project AND o.id = wanted;
END $$;

-- An order waits seven days for its payment. `since` makes the jobs' keys different each time that an order becomes unpaid.
CREATE OR REPLACE FUNCTION hall.unpaid_begins(wanted uuid, since int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enqueue('unpaid_end', format('unpaid_%s/%s/%s', x.what, wanted, since), wanted, x.after)
       FROM (VALUES ('ends', interval '6 days'), ('end', interval '7 days')) x (what, after);
END $$;

-- After six days without payment the applicant is reminded; after seven the order is cancelled.
CREATE OR REPLACE FUNCTION hall.order_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    since timestamptz := (SELECT coalesce(unpaid_since, submitted_at) FROM orders WHERE id = wanted AND state = 'unpaid');
BEGIN
    IF since <= now() - interval '7 days' THEN
        PERFORM advance(wanted, 'cancel');
        PERFORM close_payment(wanted);
        PERFORM tell(wanted, 'unpaid_ended', 'agent', since::text);
    ELSIF since <= now() - interval '6 days' THEN
        PERFORM tell(wanted, 'unpaid_ends', 'agent', since::text, jsonb_build_object('time',
            to_char((since + interval '7 days') AT TIME ZONE 'Asia/Shanghai', 'FMMM "月" FMDD "日" HH24:MI')));
    END IF;
END $$;

-- Fifteen days after the parcel was shipped.
CREATE OR REPLACE FUNCTION hall.order_finished(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM orders WHERE id = wanted AND state = 'shipped') THEN
        PERFORM advance(wanted, 'signed_for');
    END IF;
END $$;

-- A transition that is nobody's decision now: it follows from a decision that `role` has made before.
CREATE OR REPLACE FUNCTION hall.advance_itself(wanted uuid, happened text, role text DEFAULT 'system') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE had text := act_as(role);
BEGIN
    PERFORM advance(wanted, happened);
    PERFORM keep('caller', had);
END $$;

-- An order that is paid again after a transfer that never arrived keeps its approval. A reason that stops an approval (limits of the
-- unit) must not stop a payment: in that case a reviewer looks at the order again.
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

-- What a change of an order causes is written in two lists, each in the order in which it happens. The steps are functions of their
-- subjects. A step that updates the order goes through both lists before the next step. The table's other triggers only refuse, so
-- their order only decides which refusal is raised; the exceptions are the trail's trigger, which is the last (sql/code/audit.sql),
-- order_counted, which keeps what reports count (sql/code/report.sql), and orders_approval_stands, which waits for the commit.
-- sql/test/follows.sql lists all of them.

-- First list: changes in the row itself. For a new order there is no OLD.
CREATE OR REPLACE FUNCTION hall.order_becomes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE s order_state;
BEGIN
    SELECT * INTO s FROM order_state WHERE state = NEW.state;
    IF NEW.state = 'draft' AND (NEW.mail_region IS DISTINCT FROM OLD.mail_region OR form_saved(OLD, NEW)) THEN
        NEW := courier_matched(NEW);
    END IF;
    IF NEW.years IS NULL AND OLD.replaces IS NOT NULL AND NEW.erased_at IS NULL THEN
        NEW.years := OLD.years;
    END IF;
    IF NEW.paid <> OLD.paid THEN
        NEW.counts_from := counts_from(NEW);
    END IF;
    IF NEW.paid IN ('voucher', 'paid', 'zero') AND OLD.paid NOT IN ('voucher', 'paid', 'zero') THEN
        NEW := gift_given(NEW);
    END IF;
    IF OLD.gift_years IS NOT NULL AND ((OLD.paid, NEW.paid) = ('voucher', 'none') OR NEW.state <> OLD.state AND s.void) THEN
        NEW := gift_taken_back(NEW);
    END IF;
    NEW.queue := s.queue;
    NEW.standing := standing_of(NEW);
    NEW.promised_at := coalesce(CASE WHEN s.clock IS DISTINCT FROM 'ship' THEN NEW.due_at
        WHEN NOT s.made OR NOT EXISTS (SELECT FROM project p WHERE p.id = NEW.project AND p.whole_days IS NOT NULL) -- hall.promised
        THEN NEW.ship_due_at END, 'infinity');
    IF TG_OP = 'UPDATE' THEN
        NEW.version := order_version(OLD, NEW);
        NEW.version_at := CASE WHEN NEW.version > OLD.version THEN statement_timestamp() ELSE OLD.version_at END;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER order_becomes BEFORE INSERT OR UPDATE ON hall.orders FOR EACH ROW EXECUTE FUNCTION hall.order_becomes();

-- Second list: consequences in other tables.
CREATE OR REPLACE FUNCTION hall.order_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    moved bool := NEW.state <> OLD.state;
    s order_state;
BEGIN
    IF moved THEN
        SELECT * INTO s FROM order_state WHERE state = NEW.state;
    END IF;
    IF (OLD.state, NEW.state) IN (('draft', 'unpaid'), ('rejected', 'in_review')) OR NEW.form_complete AND form_saved(OLD, NEW) THEN
        PERFORM licence_again(NEW);
    END IF;
    IF moved AND NOT s.editable THEN
        PERFORM papers_link_ends(NEW.id);
    END IF;
    IF moved AND NEW.state = 'accepted' THEN
        PERFORM invoice_due(NEW);
    END IF;
    IF moved AND NEW.state = 'refunded' THEN
        PERFORM invoice_refunded(NEW);
    END IF;
    IF (OLD.state, NEW.state) = ('draft', 'unpaid') THEN
        PERFORM limit_keep(NEW, 'infinity');
    END IF;
    IF (OLD.state, NEW.state) = ('in_review', 'approved') THEN
        PERFORM limit_keep(NEW, coalesce(NEW.counts_from, 'infinity'));
    END IF;
    IF NEW.tracking_no IS NOT NULL AND NEW.tracking_no IS DISTINCT FROM OLD.tracking_no THEN
        PERFORM parcel_left(NEW);
    END IF;
    IF (OLD.state, NEW.state) = ('produced', 'approved') THEN
        PERFORM parcel_stays(NEW);
    END IF;
    IF moved AND s.made AND NEW.makes THEN
        PERFORM pin_of_made(NEW);
    END IF;
    IF moved AND s.void THEN
        PERFORM pin_void(NEW.id), appointments_end(NEW.id);
    END IF;
    IF moved AND NEW.state <> 'draft' AND (OLD.state, NEW.state) <> ('draft', 'cancelled') THEN
        PERFORM partner_tell(NEW);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER order_follows AFTER UPDATE OF state, form, tracking_no ON hall.orders -- the columns that the steps depend on
    FOR EACH ROW EXECUTE FUNCTION hall.order_follows();

-- Applies to an order that came back to the review in any way, at the latest at commit.
CREATE OR REPLACE FUNCTION hall.approval_at_last() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM approval_goes_on(NEW.id);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER orders_approval_stands AFTER UPDATE OF state ON hall.orders DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.state = 'in_review' AND OLD.state <> 'in_review' AND NEW.approval_stands)
    EXECUTE FUNCTION hall.approval_at_last();
