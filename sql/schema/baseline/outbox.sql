-- Work for the runner, and messages to people.

CREATE TABLE hall.outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY,
    kind       text NOT NULL,
    key        text NOT NULL, -- unique over all months: hall.outbox_key
    subject    uuid,
    state      text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'done', 'failed')),
    due_at     timestamptz NOT NULL DEFAULT now(),
    attempts   int NOT NULL DEFAULT 0,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    done_at    timestamptz,
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX outbox_due ON hall.outbox (due_at) WHERE state = 'due';
CREATE INDEX outbox_stuck ON hall.outbox (id) WHERE state = 'failed' OR (state = 'due' AND attempts > 2);
CREATE INDEX outbox_subject ON hall.outbox (subject);
CREATE INDEX outbox_of_key ON hall.outbox (key);

-- A time before which no job is due, so that the runner need not look into every month. hall.sweep moves it forward; a job that
-- becomes due again moves it back.
CREATE TABLE hall.outbox_since (since timestamptz NOT NULL);
CREATE UNIQUE INDEX outbox_since_one ON hall.outbox_since ((true));
INSERT INTO hall.outbox_since VALUES ('-infinity');

-- The keys of all jobs ever requested. They stay when a month of jobs is taken away.
CREATE TABLE hall.outbox_key (
    key text PRIMARY KEY
);

CREATE TABLE hall.message (
    id            uuid NOT NULL DEFAULT gen_random_uuid(),
    event         text NOT NULL,
    order_id      uuid,
    recipient     text NOT NULL CHECK (recipient IN ('phone', 'agent', 'holder')),
    content       bytea, -- encrypted {"phone","parameters"}; NULL: made from the order when it is sent
    detail        jsonb NOT NULL DEFAULT '{}',
    state         text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'refused')),
    serial_no     text,
    reason        text,
    created_at    timestamptz NOT NULL DEFAULT now(),
    sent_at       timestamptz,
    delivery      text CHECK (delivery IN ('delivered', 'undelivered')),
    delivery_note text,
    delivery_at   timestamptz,
    channel       text NOT NULL DEFAULT 'sms' CHECK (channel IN ('sms', 'email')),
    PRIMARY KEY (id, created_at)
) PARTITION BY RANGE (created_at);
CREATE INDEX message_order ON hall.message (order_id);
CREATE INDEX message_serial ON hall.message (serial_no) WHERE serial_no IS NOT NULL;
CREATE INDEX message_content ON hall.message (created_at) -- hall.retention_due
    WHERE order_id IS NOT NULL AND (content IS NOT NULL OR detail <> '{}');

-- Delivery reports that arrived before the number of their message was recorded.
CREATE TABLE hall.message_report_early (
    serial_no text PRIMARY KEY,
    reached   bool NOT NULL,
    words     text,
    at        timestamptz NOT NULL,
    kept_at   timestamptz NOT NULL DEFAULT now()
);
