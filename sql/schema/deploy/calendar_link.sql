-- Deploy certhall:calendar_link to pg
BEGIN;
-- The secret address at which an account's calendar program reads the dates of its certificates; one for an account.
CREATE TABLE hall.calendar_link (
    account    uuid PRIMARY KEY REFERENCES hall.account,
    token_hash bytea NOT NULL UNIQUE CHECK (length(token_hash) = 32), -- SHA-256; the token itself is not kept
    made_at    timestamptz NOT NULL DEFAULT now()
);
COMMIT;
