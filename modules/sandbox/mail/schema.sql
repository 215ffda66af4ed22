-- SPDX-License-Identifier: Apache-2.0
-- E-mail that the mail server has accepted, with a row for each recipient of a message.
CREATE TABLE IF NOT EXISTS sandbox.mail (
    id        int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at        timestamptz NOT NULL DEFAULT now(),
    mail_from text NOT NULL,                    -- sender of the envelope; rcpt is its recipient
    rcpt      text NOT NULL,
    raw       bytea NOT NULL                    -- as received
);
CREATE INDEX IF NOT EXISTS mail_rcpt ON sandbox.mail (lower(rcpt), id);
