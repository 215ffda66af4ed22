-- The position of an order: the queue that it waits in, the label that people see, and the promised date. All three are columns that
-- follow from the others (hall.order_becomes), so that lists read them and compute nothing.

-- A requested refund and the proof of the account say more than the state.
CREATE OR REPLACE FUNCTION hall.standing_of(o hall.orders) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE
        WHEN o.refund IN ('asked', 'sending') AND NOT (state_of(o)).void THEN 'refund_' || o.refund
        WHEN o.finauth NOT IN ('verified', 'replaced') AND CASE o.state
            WHEN 'verifying' THEN true
            WHEN 'in_review' THEN o.finauth IN ('account_wanted', 'failed', 'returned')
            WHEN 'approved' THEN o.finauth <> 'succeeded' OR finauth_mode(o) = 'code' END THEN 'finauth_' || o.finauth
        ELSE o.state END;
END $$;

-- The project decides what proves the account, and may change while orders wait.
CREATE OR REPLACE FUNCTION hall.project_stands() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE orders SET standing = standing WHERE project = NEW.id AND state = 'approved' AND finauth = 'succeeded';
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER project_stands AFTER UPDATE OF finauth ON hall.project
    FOR EACH ROW WHEN (NEW.finauth <> OLD.finauth) EXECUTE FUNCTION hall.project_stands();
