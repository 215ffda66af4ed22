-- Deploy certhall:report_count to pg
-- What reports count, summed up by day, so that a report need not read every order of a month.
BEGIN;
CREATE TABLE hall.report_count (
    day      date NOT NULL, -- of Beijing: an order was begun, a payment was received, or a refund was paid
    project  uuid NOT NULL,
    business text NOT NULL,
    channel  text NOT NULL, -- '' for orders
    orders   bigint NOT NULL, -- may be negative, as the other two: the sum of all rows of a key counts
    received bigint NOT NULL,
    refunded bigint NOT NULL,
    summed   bool NOT NULL DEFAULT false -- the row is the sum of several
);
CREATE INDEX report_count_day ON hall.report_count (day);
CREATE INDEX report_count_new ON hall.report_count (day) WHERE NOT summed;
INSERT INTO hall.report_count
SELECT (f.at AT TIME ZONE 'Asia/Shanghai')::date, f.project, f.business, f.channel, sum(f.orders), sum(f.received), sum(f.refunded), true
  FROM (SELECT o.created_at AS at, o.project, o.business, '' AS channel, 1 AS orders, 0 AS received, 0 AS refunded
          FROM hall.orders o WHERE o.state <> 'draft' AND (o.state <> 'cancelled' OR o.submitted_at IS NOT NULL)
        UNION ALL
        SELECT y.paid_at, o.project, o.business, y.channel, 0, y.total, 0 FROM hall.payment y JOIN hall.orders o ON o.id = y.order_id
         WHERE y.state IN ('paid', 'refund_due', 'refunded') AND y.paid_at IS NOT NULL
        UNION ALL
        SELECT r.ended_at, o.project, o.business, y.channel, 0, 0, r.amount
          FROM hall.refund r JOIN hall.payment y ON y.id = r.payment_id JOIN hall.orders o ON o.id = y.order_id WHERE r.state = 'succeeded') f
 GROUP BY 1, 2, 3, 4;
COMMIT;
