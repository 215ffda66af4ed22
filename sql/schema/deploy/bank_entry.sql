-- Deploy certhall:bank_entry to pg
BEGIN;
-- Who does not want their face processed may prove who they are by a transfer from their own bank account: the codes that stand in the remarks.
-- A person who asks again gets another code.
CREATE TABLE hall.proof_code (
    code     text PRIMARY KEY CHECK (code ~ '^[A-HJ-NP-Z2-9]{8}$'),
    identity uuid NOT NULL REFERENCES hall.identity,
    made_at  timestamptz NOT NULL DEFAULT now(),
    ends_at  timestamptz NOT NULL CHECK (ends_at > made_at)
);
CREATE INDEX proof_code_identity ON hall.proof_code (identity, made_at DESC);
CREATE INDEX proof_code_ends ON hall.proof_code (ends_at); -- hall.entries_period

-- What has come in on the authority's account with such a code, or 0.01 yuan without one: each once, by the bank's own number. Other entries
-- are not the hall's business and are not kept.
CREATE TABLE hall.bank_entry (
    id       uuid PRIMARY KEY, -- version 7: grows with time
    day      date NOT NULL,
    number   text NOT NULL CHECK (number <> ''), -- transSequenceIdn
    at       timestamptz NOT NULL,
    fen      int8 NOT NULL CHECK (fen > 0),
    payer    bytea NOT NULL, -- {"name","account","bank","remark"}, place "bank_entry.payer"
    masked   text NOT NULL, -- name and account, most of them left out
    code     text REFERENCES hall.proof_code,
    order_id uuid REFERENCES hall.orders, -- whose person the code was made for
    outcome  text NOT NULL CHECK (outcome IN ('matched', 'other_name', 'other_amount', 'late', 'no_code')),
    seen_at  timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT bank_entry_once UNIQUE (day, number),
    CONSTRAINT bank_entry_code CHECK ((outcome = 'no_code') = (code IS NULL)),
    CONSTRAINT bank_entry_proves CHECK (outcome <> 'matched' OR fen = 1)
);
CREATE INDEX bank_entry_order ON hall.bank_entry (order_id) WHERE order_id IS NOT NULL;
CREATE INDEX bank_entry_open ON hall.bank_entry (id DESC) WHERE outcome <> 'matched'; -- hall.entries_list
CREATE UNIQUE INDEX bank_entry_matched ON hall.bank_entry (code) WHERE outcome = 'matched'; -- a code proves once
SELECT hall.encrypted_column_add('bank_entry.payer', 'bank_entry', 'payer', 'id');

-- How far the bank's list is read: the day at which the query began, and where the bank continues. One row.
CREATE TABLE hall.bank_cursor (
    one    bool PRIMARY KEY DEFAULT true CHECK (one),
    begins date,
    cursor text
);
INSERT INTO hall.bank_cursor DEFAULT VALUES;
ALTER TABLE hall.retention DROP CONSTRAINT retention_what_check, ADD CONSTRAINT retention_what_check
    CHECK (what IN ('order', 'refunded', 'cancelled', 'draft', 'face', 'message', 'rebinding', 'evidence', 'entry'));
CREATE INDEX bank_entry_unknown ON hall.bank_entry (seen_at) WHERE order_id IS NULL; -- hall.retention_due
COMMIT;
