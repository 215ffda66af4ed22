-- Accounts (one for each phone number, valid in all projects), staff, sessions, log-in codes.

CREATE TABLE hall.account (
    id              uuid PRIMARY KEY,
    phone_hash      bytea NOT NULL UNIQUE,
    phone_encrypted bytea NOT NULL,
    phone_mask      text NOT NULL,
    password        text,
    audit_seq       int NOT NULL,
    audit_head      bytea NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT now(),
    profile         bytea -- what the person says about itself, encrypted: {"name", "email"}
);
SELECT hall.audit_shows('account', 'words', '{phone_mask}'),
       hall.audit_shows('account', 'commitment', '{phone_hash, phone_encrypted, password, profile}'),
       hall.audit_shows('account', 'nothing', '{id, created_at, audit_seq, audit_head, phone_encrypted_data_key, profile_data_key}');

CREATE TABLE hall.staff (
    id           uuid PRIMARY KEY,
    name         text NOT NULL UNIQUE CHECK (name ~ '^[a-z][a-z0-9._-]{1,31}$'),
    display_name text NOT NULL,
    roles        text[] NOT NULL CHECK (roles <@ ARRAY['reviewer', 'finance', 'producer', 'auditor', 'admin', 'outlet']
                                        AND cardinality(roles) > 0),
    active       bool NOT NULL DEFAULT true,
    audit_seq    int NOT NULL,
    audit_head   bytea NOT NULL,
    created_at   timestamptz NOT NULL DEFAULT now(),
    -- A producer of an outlet has the role "outlet" and no other; routes list it beside "producer" where it is allowed.
    outlet       text REFERENCES hall.outlet,
    -- An administrator does not review, confirm money or produce.
    CHECK (NOT (roles @> '{admin}' AND roles && '{reviewer,finance,producer}')),
    CONSTRAINT staff_outlet CHECK (CASE WHEN outlet IS NULL THEN NOT 'outlet' = ANY (roles)
                                                               ELSE roles = ARRAY['outlet'] END)
);
SELECT hall.audit_shows('staff', 'value', '{name, display_name, roles, active, outlet}'),
       hall.audit_shows('staff', 'nothing', '{id, created_at, audit_seq, audit_head}');

-- Whose passkeys log in and decide (core/passkey/roster.h). The hall reads the newest to tell people at once what the signer would refuse; the
-- signer follows them from the first, which it was given at the key ceremony.
CREATE TABLE hall.roster (
    version    int PRIMARY KEY CHECK (version > 0),
    text       text NOT NULL,
    signatures text, -- JSON: the assertions of two security officers, or of three persons in an emergency; NULL for the first
    at         timestamptz NOT NULL DEFAULT now(),
    CHECK ((version = 1) = (signatures IS NULL))
);

-- What two security officers have decided together about a project or a member of staff (programs/admin/resolution.h), and signed with their
-- passkeys. Rows are only added.
CREATE TABLE hall.resolution (
    id         uuid PRIMARY KEY,
    what       text NOT NULL CHECK (what IN ('project', 'staff')),
    subject    uuid NOT NULL, -- the project or the member of staff
    roster     int NOT NULL REFERENCES hall.roster, -- whose officers have signed
    statement  text NOT NULL,
    signatures text NOT NULL, -- JSON: the assertions of both
    document   text, -- of a project: the file whose digest the statement has
    at         timestamptz NOT NULL DEFAULT now(),
    CHECK ((what = 'project') = (document IS NOT NULL))
);
-- A text decides once.
CREATE UNIQUE INDEX resolution_once ON hall.resolution (hall.sha256_hex(statement));

CREATE TABLE hall.session (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    audience   text NOT NULL CHECK (audience IN ('hall', 'desk')),
    account    uuid REFERENCES hall.account,
    staff      uuid REFERENCES hall.staff,
    made_by    text NOT NULL CHECK (made_by IN ('sms', 'password', 'passkey')),
    address    text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    seen_at    timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    id         uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE, -- the session's name for its owner; it grants nothing
    device     text NOT NULL DEFAULT '',
    idle       int NOT NULL CHECK (idle > 0), -- seconds without a request after which it ends
    CHECK ((audience = 'hall') = (account IS NOT NULL) AND (audience = 'desk') = (staff IS NOT NULL)),
    CHECK ((audience = 'desk') = (made_by = 'passkey'))
);
CREATE INDEX session_account ON hall.session (account);

-- Links, each for one purpose on one order. The token of a link is the whole credential.
CREATE TABLE hall.link (
    token_hash bytea PRIMARY KEY CHECK (length(token_hash) = 32),
    purpose    text NOT NULL CHECK (purpose IN ('phone', 'code')),
    subject    uuid NOT NULL,
    expires_at timestamptz NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX link_subject ON hall.link (subject);

-- Log-in codes sent by SMS. The limits are counted from these rows, too.
CREATE TABLE hall.sms_code (
    id         uuid PRIMARY KEY,
    phone_hash bytea NOT NULL,
    purpose    text NOT NULL CHECK (purpose IN ('login', 'register', 'reset', 'password', 'phone', 'new_phone', 'hand_over',
                                                'take_over')),
    code_hash  bytea NOT NULL,
    address    text NOT NULL,
    tries      int NOT NULL DEFAULT 0,
    used       bool NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX sms_code_phone ON hall.sms_code (phone_hash, created_at);
CREATE INDEX sms_code_address ON hall.sms_code (address, created_at);

-- The random part of each statement of a log-in that has opened a session of staff, so that it opens no second one.
CREATE TABLE hall.login_used (
    nonce bytea PRIMARY KEY CHECK (length(nonce) = 16),
    at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX login_used_at ON hall.login_used (at);

-- Passwords that were wrong or are being compared, counted by whom they are to let in, and by address.
CREATE TABLE hall.login_try (
    who     bytea NOT NULL, -- the hash of a phone; there may be no account of it
    address text NOT NULL,
    at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX login_try_who ON hall.login_try (who, at);
CREATE INDEX login_try_address ON hall.login_try (address, at);

-- How many files, and how many bytes, were uploaded on a day for an order, by an account, or from an address. Rows are kept for two
-- days.
CREATE TABLE hall.upload_count (
    kind  text NOT NULL CHECK (kind IN ('order', 'account', 'address')),
    who   text NOT NULL,
    day   date NOT NULL DEFAULT current_date,
    files int NOT NULL DEFAULT 1,
    bytes bigint NOT NULL,
    PRIMARY KEY (kind, who, day)
);

-- How many requests somebody has made on a day. Rows are kept for two days.
CREATE TABLE hall.public_count (
    kind text NOT NULL,
    who  text NOT NULL,
    day  date NOT NULL DEFAULT current_date,
    n    int NOT NULL DEFAULT 1,
    PRIMARY KEY (kind, who, day)
);
