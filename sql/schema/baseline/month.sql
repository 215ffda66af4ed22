-- Tables that grow with every event are partitioned by month, so that old months can be taken away as a whole (sql/code/month.sql).

CREATE TABLE hall.monthly (
    tbl      name PRIMARY KEY,
    "column" name NOT NULL, -- the time by which rows belong to a month
    waits    text -- the condition for rows that are still being worked on; such rows keep their month here
);
INSERT INTO hall.monthly VALUES ('audit', 'at', 'id IN (SELECT audit_id FROM hall.log_waiting)'), ('message', 'created_at', $$state = 'queued'$$),
    ('outbox', 'created_at', $$state <> 'done'$$), ('order_history', 'at', NULL), ('signature', 'at', NULL);

-- The default partition, for rows of months that do not exist: from an unexpected past, or from a future for which no month was made
-- ahead.
CREATE TABLE hall.audit_stray PARTITION OF hall.audit DEFAULT;
CREATE TABLE hall.message_stray PARTITION OF hall.message DEFAULT;
CREATE TABLE hall.outbox_stray PARTITION OF hall.outbox DEFAULT;
CREATE TABLE hall.order_history_stray PARTITION OF hall.order_history DEFAULT;
CREATE TABLE hall.signature_stray PARTITION OF hall.signature DEFAULT;

-- The months that were taken away.
CREATE TABLE hall.month_gone (
    tbl     name NOT NULL REFERENCES hall.monthly,
    month   date NOT NULL,
    n       bigint NOT NULL,
    gone_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tbl, month)
);
