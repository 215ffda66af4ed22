-- Reports by day, project and business.
--
-- What they count is kept in report_count: a row for each order that is handed in, each payment and each refund, written in the
-- transaction in which it happens. No row is ever updated, so nobody waits for another; what no longer counts gets a row with the
-- opposite sign. Each hour the rows of a day are summed up. An order's project and business never change, so these rows are exact. Its
-- type and state do change: reports by them read the orders.

CREATE OR REPLACE FUNCTION hall.beijing_day(at timestamptz) RETURNS date
LANGUAGE sql IMMUTABLE AS $$ SELECT (at AT TIME ZONE 'Asia/Shanghai')::date $$;

CREATE OR REPLACE FUNCTION hall.was_received(y hall.payment) RETURNS bool
LANGUAGE sql IMMUTABLE AS $$ SELECT y.state IN ('paid', 'refund_due', 'refunded') $$;

-- Everything that counts from `since` to `until`: orders by the time at which they were begun, money by that at which it was paid or
-- refunded.
CREATE OR REPLACE FUNCTION hall.report_rows(since timestamptz, until timestamptz)
RETURNS TABLE (at timestamptz, project uuid, business text, cert_type text, state text, channel text, orders bigint, received bigint, refunded bigint)
LANGUAGE sql STABLE AS $$
    SELECT o.created_at, o.project, o.business, o.cert_type, o.state, '', 1::bigint, 0::bigint, 0::bigint
      FROM hall.orders o WHERE o.created_at >= since AND o.created_at < until AND hall.was_handed_in(o)
    UNION ALL
    SELECT y.paid_at, o.project, o.business, o.cert_type, o.state, y.channel, 0, y.total, 0
      FROM hall.payment y JOIN hall.orders o ON o.id = y.order_id WHERE y.paid_at >= since AND y.paid_at < until AND hall.was_received(y)
    UNION ALL
    SELECT r.ended_at, o.project, o.business, o.cert_type, o.state, y.channel, 0, 0, r.amount
      FROM hall.refund r JOIN hall.payment y ON y.id = r.payment_id JOIN hall.orders o ON o.id = y.order_id
     WHERE r.ended_at >= since AND r.ended_at < until AND r.state = 'succeeded' $$;

CREATE OR REPLACE FUNCTION hall.order_counted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO report_count (day, project, business, channel, orders, received, refunded)
    SELECT beijing_day(x.at), x.project, x.business, '', x.n, 0, 0
      FROM (VALUES (OLD.created_at, OLD.project, OLD.business, -1, was_handed_in(OLD)),
                   (NEW.created_at, NEW.project, NEW.business, 1, was_handed_in(NEW))) x(at, project, business, n, counts)
     WHERE x.counts AND (OLD.created_at, OLD.project, OLD.business, was_handed_in(OLD))
           IS DISTINCT FROM (NEW.created_at, NEW.project, NEW.business, was_handed_in(NEW));
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER order_counted AFTER INSERT OR UPDATE OF created_at, project, business, state, submitted_at OR DELETE ON hall.orders
    FOR EACH ROW EXECUTE FUNCTION hall.order_counted();

CREATE OR REPLACE FUNCTION hall.payment_counted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO report_count (day, project, business, channel, orders, received, refunded)
    SELECT beijing_day(x.paid_at), o.project, o.business, x.channel, 0, x.fen, 0
      FROM (VALUES (OLD.order_id, OLD.channel, OLD.paid_at, -OLD.total, was_received(OLD)),
                   (NEW.order_id, NEW.channel, NEW.paid_at, NEW.total, was_received(NEW))) x(order_id, channel, paid_at, fen, counts)
      JOIN orders o ON o.id = x.order_id
     WHERE x.counts AND x.paid_at IS NOT NULL AND (OLD.order_id, OLD.channel, OLD.paid_at, OLD.total, was_received(OLD))
           IS DISTINCT FROM (NEW.order_id, NEW.channel, NEW.paid_at, NEW.total, was_received(NEW));
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER payment_counted AFTER INSERT OR UPDATE OF order_id, channel, paid_at, total, state OR DELETE ON hall.payment
    FOR EACH ROW EXECUTE FUNCTION hall.payment_counted();

CREATE OR REPLACE FUNCTION hall.refund_counted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO report_count (day, project, business, channel, orders, received, refunded)
    SELECT beijing_day(x.ended_at), o.project, o.business, y.channel, 0, 0, x.fen
      FROM (VALUES (OLD.payment_id, OLD.state, OLD.ended_at, -OLD.amount),
                   (NEW.payment_id, NEW.state, NEW.ended_at, NEW.amount)) x(payment_id, state, ended_at, fen)
      JOIN payment y ON y.id = x.payment_id JOIN orders o ON o.id = y.order_id
     WHERE x.state = 'succeeded' AND (OLD.payment_id, OLD.state, OLD.ended_at, OLD.amount)
           IS DISTINCT FROM (NEW.payment_id, NEW.state, NEW.ended_at, NEW.amount);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER refund_counted AFTER INSERT OR UPDATE OF payment_id, state, ended_at, amount OR DELETE ON hall.refund
    FOR EACH ROW EXECUTE FUNCTION hall.refund_counted();

-- Sums up the rows of the days that have new ones. Called each hour.
CREATE OR REPLACE FUNCTION hall.report_sum() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    WITH gone AS (DELETE FROM report_count c WHERE c.day IN (SELECT n.day FROM report_count n WHERE NOT n.summed) RETURNING c.*)
    INSERT INTO report_count
    SELECT day, project, business, channel, sum(orders), sum(received), sum(refunded), true FROM gone GROUP BY 1, 2, 3, 4
    HAVING (sum(orders), sum(received), sum(refunded)) <> (0, 0, 0);
END $$;

-- Counts everything anew, for ./certhall bench fill, which loads orders without triggers. Transactions under way are waited for.
CREATE OR REPLACE FUNCTION hall.report_recount() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    LOCK TABLE report_count IN SHARE ROW EXCLUSIVE MODE;
    DELETE FROM report_count;
    INSERT INTO report_count
    SELECT beijing_day(r.at), r.project, r.business, r.channel, sum(r.orders), sum(r.received), sum(r.refunded), true
      FROM report_rows('-infinity', 'infinity') r GROUP BY 1, 2, 3, 4;
END $$;

-- A report: one row for each combination of the dimensions in `dims` (day, month, project, business, cert_type, state, channel).
-- `of_project` NULL: all projects.
CREATE OR REPLACE FUNCTION hall.report_orders(of_project uuid, first date, last date, dims text[]) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    since timestamptz := first::timestamp AT TIME ZONE 'Asia/Shanghai';
    until timestamptz := (last + 1)::timestamp AT TIME ZONE 'Asia/Shanghai';
    kept bool := NOT dims && '{cert_type,state}';
BEGIN
    RETURN (WITH fact AS (
        SELECT c.day, c.project, c.business, NULL AS cert_type, NULL AS state, c.channel, c.orders, c.received, c.refunded
          FROM report_count c WHERE kept AND c.day BETWEEN first AND last AND (of_project IS NULL OR c.project = of_project)
        UNION ALL
        SELECT beijing_day(r.at), r.project, r.business, r.cert_type, r.state, r.channel, r.orders, r.received, r.refunded
          FROM report_rows(since, until) r WHERE NOT kept AND (of_project IS NULL OR r.project = of_project)),
    grouped AS (
        SELECT CASE WHEN 'month' = ANY (dims) THEN date_trunc('month', day::timestamp) END AS month,
               CASE WHEN 'day' = ANY (dims) THEN day END AS day,
               CASE WHEN 'project' = ANY (dims) THEN f.project END AS project,
               CASE WHEN 'business' = ANY (dims) THEN f.business END AS business,
               CASE WHEN 'cert_type' = ANY (dims) THEN f.cert_type END AS cert_type,
               CASE WHEN 'cert_type' = ANY (dims) THEN f.project END AS type_of,
               CASE WHEN 'state' = ANY (dims) THEN f.state END AS state,
               CASE WHEN 'channel' = ANY (dims) THEN f.channel END AS channel,
               sum(orders) AS orders, sum(received) AS received, sum(refunded) AS refunded
          FROM fact f GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 HAVING (sum(orders), sum(received), sum(refunded)) <> (0, 0, 0)),
    named AS (
        SELECT to_char(g.month, 'YYYY-MM') AS month, to_char(g.day, 'YYYY-MM-DD') AS day, p.slug AS project,
               p.name AS project_name, g.business, b.name AS business_name, g.cert_type,
               t.name AS cert_type_name, g.state, s.label AS state_label, g.channel, c.name AS channel_name,
               sum(g.orders)::bigint AS orders, sum(g.received)::bigint AS received, sum(g.refunded)::bigint AS refunded
          FROM grouped g LEFT JOIN project p ON p.id = g.project LEFT JOIN business b ON b.code = g.business
          LEFT JOIN project_type t ON t.project = g.type_of AND t.cert_type = g.cert_type LEFT JOIN order_state s ON s.state = g.state
          LEFT JOIN payment_channel c ON c.code = g.channel
         GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12)
    SELECT jsonb_build_object('from', first, 'to', last, 'by', dims,
        'totals', (SELECT jsonb_build_object('orders', coalesce(sum(orders), 0), 'received', coalesce(sum(received), 0), 'refunded', coalesce(sum(refunded), 0)) FROM named),
        'rows', (SELECT coalesce(jsonb_agg(jsonb_strip_nulls(to_jsonb(n)) ORDER BY month, day, project, business, cert_type, state, channel), '[]') FROM named n))::text);
END $$;

-- Of one project, by its slug, or of all.
CREATE OR REPLACE FUNCTION hall.desk_report(slug_ text, first date, last date, dims text[]) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN report_orders(CASE WHEN slug_ <> '' THEN project_of_slug(slug_) END, first, last, dims);
END $$;

CREATE OR REPLACE FUNCTION hall.partner_report(first date, last date, dims text[]) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF my_kind() <> 'partner' OR my_project() IS NULL THEN
        PERFORM refuse(403, '您没有办理此事项的权限。');
    END IF;
    RETURN report_orders(my_project(), first, last, dims);
END $$;
