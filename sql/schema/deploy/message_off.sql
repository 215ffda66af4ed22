-- Deploy certhall:message_off to pg
BEGIN;
-- Why people cannot switch a message off, as the page says it; NULL: they can.
ALTER TABLE hall.message_name ADD COLUMN needed text;
-- The messages that the person of an account has switched off.
CREATE TABLE hall.message_off (
    account uuid NOT NULL REFERENCES hall.account,
    event   text NOT NULL REFERENCES hall.message_name (event),
    channel text NOT NULL CHECK (channel IN ('sms', 'email')),
    off_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (account, event, channel)
);
COMMIT;
