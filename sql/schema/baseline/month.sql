-- What grows with every event lies by month, so that old months can be taken away as a whole (sql/code/month.sql).

CREATE TABLE hall.monthly (
    tbl      name PRIMARY KEY,
    "column" name NOT NULL, -- the time that says which month
    waits    text -- rows that are still at work, which keep their month here
);
INSERT INTO hall.monthly VALUES ('audit', 'at', 'id IN (SELECT audit_id FROM hall.log_waiting)'), ('message', 'created_at', $$state = 'queued'$$),
    ('outbox', 'created_at', $$state <> 'done'$$), ('order_history', 'at', NULL), ('signature', 'at', NULL);

-- Rows of no month that there is: of a past that nobody thought of, or of a time for which no month was made ahead.
CREATE TABLE hall.audit_stray PARTITION OF hall.audit DEFAULT;
CREATE TABLE hall.message_stray PARTITION OF hall.message DEFAULT;
CREATE TABLE hall.outbox_stray PARTITION OF hall.outbox DEFAULT;
CREATE TABLE hall.order_history_stray PARTITION OF hall.order_history DEFAULT;
CREATE TABLE hall.signature_stray PARTITION OF hall.signature DEFAULT;

-- Months that were taken away.
CREATE TABLE hall.month_gone (
    tbl     name NOT NULL REFERENCES hall.monthly,
    month   date NOT NULL,
    n       bigint NOT NULL,
    gone_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tbl, month)
);
