-- Proof of the bank account by a payout, and PINs.

CREATE TABLE hall.bank_account (
    order_id   uuid PRIMARY KEY REFERENCES hall.orders,
    cnaps      text NOT NULL REFERENCES hall.bank_branch,
    encrypted  bytea NOT NULL, -- {"name","number"}, place "bank_account.encrypted"
    masked     text NOT NULL,
    name       text NOT NULL, -- the unit's name
    updated_at timestamptz NOT NULL DEFAULT now(),
    act        uuid REFERENCES hall.act -- under which finance has asked for the next payout; NULL: the rules or the applicant have
);
CREATE INDEX bank_account_cnaps ON hall.bank_account (cnaps); -- without it, deleting a branch would search all accounts

-- The generations of an order's PIN. A new payout carries a new PIN, which makes the previous one void.
CREATE TABLE hall.pin (
    order_id     uuid NOT NULL REFERENCES hall.orders,
    generation   int NOT NULL CHECK (generation > 0),
    encrypted    bytea, -- under the PIN key that signer and runner hold; NULL: not made yet, or destroyed
    state        text NOT NULL DEFAULT 'wanted' CHECK (state IN ('wanted', 'made', 'opened', 'confirmed', 'destroyed', 'void')),
    made_at      timestamptz,
    kind         text NOT NULL DEFAULT 'file' CHECK (kind IN ('file', 'token')), -- what the PIN opens: core/crypto/pin.h
    kek          int, -- the key-encryption key under which `key` is wrapped
    key          bytea, -- the PIN's own key, wrapped; NULL for an `encrypted` from the time before PINs had keys of their own
    fulfilled    text[] NOT NULL DEFAULT '{}', -- purposes that are fulfilled, for which the PIN is not opened again
    destroyed_at timestamptz,
    PRIMARY KEY (order_id, generation),
    CONSTRAINT pin_encrypted CHECK ((encrypted IS NOT NULL) = (state IN ('made', 'opened', 'confirmed'))
                                     AND (encrypted IS NOT NULL OR key IS NULL) AND (encrypted IS NULL OR kek IS NOT NULL)),
    CONSTRAINT pin_fulfilled CHECK (fulfilled <@ '{remark,sms,production}'
        AND (state <> 'confirmed' OR ('production' = ANY (fulfilled) AND fulfilled && '{remark,sms}')))
);
CREATE UNIQUE INDEX pin_current ON hall.pin (order_id) WHERE state IN ('wanted', 'made', 'opened', 'confirmed');
CREATE INDEX pin_confirmed ON hall.pin (order_id) WHERE state = 'confirmed';
CREATE INDEX pin_kek ON hall.pin (kek) WHERE encrypted IS NOT NULL;

CREATE TABLE hall.pin_transition (
    from_state text NOT NULL,
    to_state   text NOT NULL,
    meaning    text NOT NULL,
    PRIMARY KEY (from_state, to_state)
);

-- Every opening of a PIN, committed before the PIN is opened.
CREATE TABLE hall.pin_ledger (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id   uuid NOT NULL,
    generation int NOT NULL,
    purpose    text NOT NULL CHECK (purpose IN ('remark', 'sms', 'production')),
    actor      text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    recipient  text, -- masked: an account, a phone, a medium, a producer
    attempt    int NOT NULL DEFAULT 1 CHECK (attempt > 0),
    FOREIGN KEY (order_id, generation) REFERENCES hall.pin
);
CREATE INDEX pin_ledger_pin ON hall.pin_ledger (order_id, generation);

-- A producer's page asks for the PIN of a token: the signer encrypts it to a key that only that page has.
CREATE TABLE hall.pin_box (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id   uuid NOT NULL REFERENCES hall.orders,
    staff      uuid NOT NULL REFERENCES hall.staff,
    public_key bytea NOT NULL CHECK (length(public_key) = 65), -- a point of P-256, uncompressed
    encrypted  bytea, -- core/crypto/box.h; NULL: not made yet, or fetched
    taken_at   timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX pin_box_order ON hall.pin_box (order_id);

-- Where a PIN is sent (inventory D5), depending on what proves the account, whether a payout proved it, and whose certificate it is.
CREATE TABLE hall.pin_delivery (
    finauth text NOT NULL CHECK (finauth IN ('code', 'pin', 'none')),
    payout  bool NOT NULL,
    person  text NOT NULL CHECK (person IN ('institution', 'holder', 'natural')),
    goes    text NOT NULL CHECK (goes IN ('remark', 'agent', 'holder')), -- into the payout's remark, or by SMS to that person
    PRIMARY KEY (finauth, payout, person)
);

CREATE TABLE hall.payout (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id     uuid NOT NULL REFERENCES hall.orders,
    number       int NOT NULL CHECK (number > 0),
    yur_ref      text NOT NULL UNIQUE, -- our number towards the bank, which never changes when the call is repeated
    generation   int, -- NULL: it carries a random code instead of a PIN
    state        text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'succeeded', 'failed', 'returned')),
    reason       text,
    created_at   timestamptz NOT NULL DEFAULT now(),
    ended_at     timestamptz,
    suspended_at timestamptz, -- since when people have to look after it, because the bank has not settled it for days
    looked_at    timestamptz, -- when finance has settled it
    act          uuid REFERENCES hall.act, -- under which finance has asked for it; NULL: the rules or the applicant have
    UNIQUE (order_id, number),
    FOREIGN KEY (order_id, generation) REFERENCES hall.pin
);
CREATE UNIQUE INDEX payout_open ON hall.payout (order_id) WHERE state IN ('queued', 'sent');
-- Payouts that may need finance (hall.payout_task): the third one is the last, see hall.payouts_max.
CREATE INDEX payout_open_task ON hall.payout (created_at, id) WHERE state = 'queued' OR (state = 'sent' AND suspended_at IS NOT NULL)
    OR (looked_at IS NULL AND (state = 'returned' OR (state = 'failed' AND number >= 3)));

-- The random code in a payout's remark.
CREATE TABLE hall.payout_code (
    payout     uuid PRIMARY KEY REFERENCES hall.payout,
    encrypted  bytea, -- place "payout_code.encrypted"; NULL as soon as the bank has the payment
    hash       bytea NOT NULL, -- keyed hash over order and code
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'right', 'void')),
    tries      int NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 3), -- wrong tries
    expires_at timestamptz NOT NULL,
    CHECK (encrypted IS NULL OR state = 'open')
);
