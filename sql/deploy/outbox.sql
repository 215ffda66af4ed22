-- Deploy certhall:outbox to pg
-- Work that waits for the runner: money, messages, calls to the outside. A job is written in the transaction that decides
-- it; its own idempotent number is in `key`, so that the same thing is never asked for twice.
BEGIN;

CREATE TABLE hall.outbox (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL,
    key        text NOT NULL UNIQUE,
    subject    uuid,
    state      text NOT NULL DEFAULT 'due' CHECK (state IN ('due', 'done', 'failed')),
    due_at     timestamptz NOT NULL DEFAULT now(),
    attempts   int NOT NULL DEFAULT 0,
    last_error text,
    created_at timestamptz NOT NULL DEFAULT now(),
    done_at    timestamptz
);
CREATE INDEX outbox_due ON hall.outbox (due_at) WHERE state = 'due';
CREATE INDEX outbox_subject ON hall.outbox (subject);

CREATE FUNCTION hall.enqueue(kind text, key text, subject uuid, wait interval DEFAULT '0') RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    INSERT INTO outbox (kind, key, subject, due_at) VALUES (kind, key, subject, now() + wait) ON CONFLICT (key) DO NOTHING;
    SELECT pg_notify('outbox', kind);
$$;

-- Hands out one due job and keeps others off it for `lease`: a runner that dies gives it back by dying.
CREATE FUNCTION hall.job_take(lease interval) RETURNS TABLE (id bigint, kind text, key text, subject uuid, attempts int)
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE outbox o SET attempts = o.attempts + 1, due_at = now() + lease
     WHERE o.id = (SELECT i.id FROM outbox i WHERE i.state = 'due' AND i.due_at <= now()
                    ORDER BY i.due_at LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING o.id, o.kind, o.key, o.subject, o.attempts $$;

CREATE FUNCTION hall.job_done(job bigint) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE outbox SET state = 'done', done_at = now(), last_error = NULL WHERE id = job $$;

-- Again later, or not at all: after `most` attempts it stays for an operator to look at.
CREATE FUNCTION hall.job_again(job bigint, wait interval, why text, most int) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE outbox SET due_at = now() + wait, last_error = why,
           state = CASE WHEN attempts >= most THEN 'failed' ELSE 'due' END WHERE id = job $$;

-- How long until the next job is due.
CREATE FUNCTION hall.job_next() RETURNS interval
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT min(due_at) - now() FROM outbox WHERE state = 'due' $$;

CREATE TABLE hall.message (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    event      text NOT NULL,
    order_id   uuid,
    recipient  text NOT NULL CHECK (recipient IN ('phone', 'handler', 'holder')),
    content    bytea, -- sealed {"phone","parameters"}; NULL: made of the order when it is sent
    detail     jsonb NOT NULL DEFAULT '{}',
    state      text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'refused')),
    serial_no  text,
    reason     text,
    created_at timestamptz NOT NULL DEFAULT now(),
    sent_at    timestamptz
);
CREATE INDEX message_order ON hall.message (order_id);

-- A message to whoever the order names, once for each event and occasion.
CREATE FUNCTION hall.tell(order_id uuid, event text, recipient text, occasion text, detail jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE m uuid := gen_random_uuid();
BEGIN
    INSERT INTO outbox (kind, key, subject) VALUES ('message', 'message/' || order_id || '/' || event || '/' || occasion, m)
    ON CONFLICT (key) DO NOTHING;
    IF FOUND THEN
        INSERT INTO message (id, event, order_id, recipient, detail) VALUES (m, event, order_id, recipient, detail);
        PERFORM pg_notify('outbox', 'message');
    END IF;
END $$;

COMMIT;
