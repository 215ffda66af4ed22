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

-- What the project promises for the step that an order is in, or for the next one that is ours: working days, until when by the order,
-- and what is done by then. No row for a draft, and where nothing is promised. A promise for the whole (`whole_days`) ends when the
-- certificate is made, and is none while an approved order waits for its money or its account.
CREATE OR REPLACE FUNCTION hall.promised(o hall.orders) RETURNS TABLE (days int, due timestamptz, what text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    shipping bool := o.state IN ('approved', 'accepted', 'produced');
    p project;
BEGIN
    IF shipping AND NOT o.makes OR NOT shipping AND o.state NOT IN ('unpaid', 'verifying', 'in_review', 'rejected') THEN
        RETURN;
    END IF;
    SELECT j.review_days, j.ship_days, j.whole_days INTO p.review_days, p.ship_days, p.whole_days FROM project j WHERE j.id = o.project;
    IF p.whole_days IS NOT NULL AND o.state NOT IN ('approved', 'produced') THEN
        RETURN QUERY SELECT p.whole_days, CASE WHEN shipping THEN o.ship_due_at ELSE o.due_at END,
                            CASE WHEN shipping THEN '完成制证' WHEN o.makes THEN '完成审核和制证' ELSE '完成审核' END;
    ELSIF shipping AND p.ship_days IS NOT NULL THEN
        RETURN QUERY SELECT p.ship_days, o.ship_due_at, CASE WHEN EXISTS (SELECT FROM project_type t WHERE t.project = o.project
                                AND t.cert_type = o.cert_type AND t.medium = 'file') THEN '完成制证' ELSE '制证寄出' END;
    ELSIF NOT shipping AND p.review_days IS NOT NULL THEN
        RETURN QUERY SELECT p.review_days, o.due_at, '完成审核';
    END IF;
END $$;

-- A promised date, later by the working days that have passed since `since`.
CREATE OR REPLACE FUNCTION hall.due_later(due timestamptz, since timestamptz) RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN due(due - interval '1 minute', (SELECT count(*)::int FROM generate_series(beijing_day(since) + 1, beijing_day(now()), interval '1 day') d
                                            WHERE is_working_day(d::date)));
END $$;

-- A project that promises another kind of time than before: of its orders under way, those that it promises a date for now get one from
-- today on, and those that it promises none for any more lose theirs. A date that was given stays when only its days have changed.
CREATE OR REPLACE FUNCTION hall.project_promises() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    same bool := (NEW.ship_days IS NULL, NEW.whole_days IS NULL) = (OLD.ship_days IS NULL, OLD.whole_days IS NULL);
    days int := coalesce(NEW.whole_days, NEW.review_days);
BEGIN
    UPDATE orders o SET due_at = CASE WHEN days IS NOT NULL THEN coalesce(o.due_at, due(now(), days)) END
     WHERE o.project = NEW.id AND o.queue = 'review' AND (days IS NULL OR o.due_at IS NULL);
    UPDATE orders o SET ship_due_at = due(now(), coalesce(NEW.whole_days, NEW.ship_days))
     WHERE o.project = NEW.id AND o.queue IN ('produce', 'ship') AND NOT same;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER project_promises AFTER UPDATE OF review_days, ship_days, whole_days ON hall.project FOR EACH ROW
    WHEN ((OLD.review_days IS NULL, OLD.ship_days IS NULL, OLD.whole_days IS NULL)
          <> (NEW.review_days IS NULL, NEW.ship_days IS NULL, NEW.whole_days IS NULL))
    EXECUTE FUNCTION hall.project_promises();

-- The promise in words: by which date, within how many working days of what has to happen first, or that it was not kept. NULL where
-- nothing is promised.
CREATE OR REPLACE FUNCTION hall.promise(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    first text := CASE o.state WHEN 'unpaid' THEN CASE finauth_mode(o) WHEN 'code' THEN '支付并完成金融认证后' ELSE '支付成功后' END
                  WHEN 'verifying' THEN '金融认证完成后' WHEN 'rejected' THEN '重新提交后' WHEN 'approved' THEN '成功受理后' END;
    p record;
    due timestamptz;
    day text;
BEGIN
    SELECT * INTO p FROM promised(o);
    IF p.days IS NULL THEN
        RETURN NULL;
    END IF;
    due := CASE WHEN first IS NULL THEN p.due END;
    day := to_char(due AT TIME ZONE 'Asia/Shanghai', 'FMMM "月" FMDD "日"');
    RETURN jsonb_build_object('due_at', iso(due), 'days', p.days, 'overdue', coalesce(due < now(), false), 'text', CASE
        WHEN first IS NOT NULL THEN format('%s %s 个工作日内%s', first, p.days, p.what)
        WHEN due IS NULL THEN format('%s 个工作日内%s（下一年度的放假安排尚未公布，暂不能给出日期）', p.days, p.what)
        WHEN due < now() THEN format('原定 %s %s，现已超过承诺时间，正在优先处理，给您添麻烦了', day, p.what)
        ELSE format('预计 %s（%s 个工作日内）%s', day, p.days, p.what) END);
END $$;
