-- Reports by day, project and business.

-- Orders by the day on which they were begun, money by the day on which it was paid or refunded: one row for each combination of the
-- dimensions in `dims` (day, month, project, business, cert_type, state, channel). `of_project` NULL: all projects.
CREATE OR REPLACE FUNCTION hall.report_orders(of_project uuid, first date, last date, dims text[]) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (WITH span AS (SELECT first::timestamp AT TIME ZONE 'Asia/Shanghai' AS since, (last + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AS until),
    fact AS (
        SELECT o.created_at AS at, o.project, o.business, o.cert_type, o.state, '' AS channel, 1 AS orders, 0::bigint AS received, 0::bigint AS refunded
          FROM orders o, span WHERE o.created_at >= since AND o.created_at < until AND was_handed_in(o) AND (of_project IS NULL OR o.project = of_project)
        UNION ALL
        SELECT y.paid_at, o.project, o.business, o.cert_type, o.state, y.channel, 0, y.total, 0
          FROM payment y JOIN orders o ON o.id = y.order_id, span
         WHERE y.paid_at >= since AND y.paid_at < until AND y.state IN ('paid', 'refund_due', 'refunded') AND (of_project IS NULL OR o.project = of_project)
        UNION ALL
        SELECT r.ended_at, o.project, o.business, o.cert_type, o.state, y.channel, 0, 0, r.amount
          FROM refund r JOIN payment y ON y.id = r.payment_id JOIN orders o ON o.id = y.order_id, span
         WHERE r.ended_at >= since AND r.ended_at < until AND r.state = 'succeeded' AND (of_project IS NULL OR o.project = of_project)),
    grouped AS (
        SELECT CASE WHEN 'month' = ANY (dims) THEN date_trunc('month', at AT TIME ZONE 'Asia/Shanghai') END AS month,
               CASE WHEN 'day' = ANY (dims) THEN (at AT TIME ZONE 'Asia/Shanghai')::date END AS day,
               CASE WHEN 'project' = ANY (dims) THEN f.project END AS project,
               CASE WHEN 'business' = ANY (dims) THEN f.business END AS business,
               CASE WHEN 'cert_type' = ANY (dims) THEN f.cert_type END AS cert_type,
               CASE WHEN 'cert_type' = ANY (dims) THEN f.project END AS type_of,
               CASE WHEN 'state' = ANY (dims) THEN f.state END AS state,
               CASE WHEN 'channel' = ANY (dims) THEN f.channel END AS channel,
               sum(orders) AS orders, sum(received) AS received, sum(refunded) AS refunded
          FROM fact f GROUP BY 1, 2, 3, 4, 5, 6, 7, 8),
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
