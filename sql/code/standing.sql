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

-- The promise in words: by which date, within how many working days of what has to happen first, or that it was not kept. NULL for a
-- draft, and when nothing is promised any more. Without `ship_days` one promise covers review and production.
CREATE OR REPLACE FUNCTION hall.promise(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    running text := (SELECT clock FROM order_state WHERE state = o.state);
    first text := CASE o.state WHEN 'unpaid' THEN CASE finauth_mode(o) WHEN 'code' THEN '支付并完成金融认证后' ELSE '支付成功后' END
                  WHEN 'verifying' THEN '金融认证完成后' WHEN 'rejected' THEN '重新提交后' WHEN 'approved' THEN '成功受理后' END;
    shipping bool := coalesce(running = 'ship', false) OR o.state = 'approved';
    p project;
    days int;
    due timestamptz;
    day text;
    what text;
BEGIN
    IF running IS NULL AND first IS NULL THEN
        RETURN NULL;
    END IF;
    SELECT j.review_days, j.ship_days INTO p.review_days, p.ship_days FROM project j WHERE j.id = o.project;
    IF o.state = 'approved' AND p.ship_days IS NULL THEN
        RETURN NULL; -- the one date was for the whole, and what the order waits for now is not ours
    END IF;
    days := CASE WHEN shipping THEN coalesce(p.ship_days, p.review_days) ELSE p.review_days END;
    due := CASE WHEN first IS NOT NULL THEN NULL WHEN shipping THEN o.ship_due_at ELSE o.due_at END;
    day := to_char(due AT TIME ZONE 'Asia/Shanghai', 'FMMM "月" FMDD "日"');
    what := CASE WHEN NOT shipping AND p.ship_days IS NULL THEN '完成审核和制证' WHEN NOT shipping THEN '完成审核'
                 WHEN EXISTS (SELECT FROM project_type t WHERE t.project = o.project AND t.cert_type = o.cert_type
                                 AND t.medium = 'file') THEN '完成制证' ELSE '制证寄出' END;
    RETURN jsonb_build_object('due_at', iso(due), 'days', days, 'overdue', coalesce(due < now(), false), 'text', CASE
        WHEN first IS NOT NULL THEN format('%s %s 个工作日内%s', first, days, what)
        WHEN due IS NULL THEN format('%s 个工作日内%s（下一年度的放假安排尚未公布，暂不能给出日期）', days, what)
        WHEN due < now() THEN format('原定 %s %s，现已超过承诺时间，正在优先处理，给您添麻烦了', day, what)
        ELSE format('预计 %s（%s 个工作日内）%s', day, days, what) END);
END $$;
