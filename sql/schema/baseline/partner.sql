-- Partners' platforms: keys, tickets, webhooks.

-- Secrets for HMAC-SHA256, encrypted; the id is the keyid of RFC 9421. Several may be active while one replaces another.
CREATE TABLE hall.partner_key (
    id         uuid PRIMARY KEY,
    project    uuid NOT NULL REFERENCES hall.project,
    secret     bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    used_at    timestamptz
);
CREATE INDEX partner_key_project ON hall.partner_key (project);

-- Nonces of requests that were accepted recently, so that a repeated request is refused. They are kept as long as a signature is
-- accepted.
CREATE TABLE hall.partner_nonce (
    key   uuid NOT NULL REFERENCES hall.partner_key,
    nonce text NOT NULL CHECK (length(nonce) BETWEEN 16 AND 64),
    at    timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (key, nonce)
);
CREATE INDEX partner_nonce_at ON hall.partner_nonce (key, at);

-- Tickets: a person's and its unit's data that a partner's platform sends ahead, on their way into a draft. `token_hash` is that of
-- the token in the link, which works once; the browser gets another token for it, which works until a draft has taken the data.
CREATE TABLE hall.ticket (
    id         uuid PRIMARY KEY,
    token_hash bytea UNIQUE CHECK (length(token_hash) = 32), -- NULL: made from a signed link
    entry_hash bytea UNIQUE CHECK (length(entry_hash) = 32),
    key        uuid NOT NULL REFERENCES hall.partner_key,
    project    uuid NOT NULL REFERENCES hall.project,
    business   text NOT NULL REFERENCES hall.business,
    reference  text NOT NULL DEFAULT '', -- the platform's own number for it, without personal data
    form       bytea, -- encrypted; deleted as soon as a draft has the data
    created_at timestamptz NOT NULL DEFAULT now(),
    opened_at  timestamptz,
    expires_at timestamptz NOT NULL,
    order_id   uuid REFERENCES hall.orders
);
CREATE INDEX ticket_key ON hall.ticket (key);
CREATE INDEX ticket_order ON hall.ticket (order_id);
CREATE INDEX ticket_end ON hall.ticket (expires_at) WHERE form IS NOT NULL;

CREATE TABLE hall.partner_hook (
    id         uuid PRIMARY KEY,
    project    uuid NOT NULL UNIQUE REFERENCES hall.project,
    url        text NOT NULL CHECK (url ~ '^https?://'),
    secret     bytea NOT NULL, -- encrypted; of Standard Webhooks
    active     bool NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE hall.partner_event (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    hook       uuid NOT NULL REFERENCES hall.partner_hook,
    order_id   uuid NOT NULL REFERENCES hall.orders,
    body       jsonb NOT NULL, -- the body that is sent, without personal data
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz, -- when it was delivered or given up
    why        text -- why it was given up
);
CREATE INDEX partner_event_hook ON hall.partner_event (hook, created_at);
CREATE INDEX partner_event_order ON hall.partner_event (order_id);
