-- Orders and their life cycle. States and transitions are loaded from core/order/lifecycle.tbl.

CREATE TABLE hall.order_state (
    state text PRIMARY KEY,
    label text NOT NULL,
    tone  text NOT NULL CHECK (tone IN ('info', 'success', 'warning', 'danger')),
    queue text CHECK (queue IN ('review', 'payout', 'produce', 'ship')), -- the desk's queue; NULL: the order waits in none
    clock text CHECK (clock IN ('review', 'ship')), -- which promise is running
    -- Properties of an order in this state.
    to_pay        bool NOT NULL, -- nothing is paid yet, so it may be dropped
    editable      bool NOT NULL, -- the applicant may change form and papers
    pending       bool NOT NULL, -- paid but not accepted yet: the account is being proved, and the applicant may ask for the money back
    in_production bool NOT NULL, -- a producer has it, until the parcel leaves
    made          bool NOT NULL, -- its certificate was made
    left_us       bool NOT NULL, -- and was handed over or shipped
    void          bool NOT NULL, -- it came to nothing and counts nowhere
    outlet        bool NOT NULL  -- the outlet that makes it may see it
);

-- The labels that people see: the states, and standings that say more than a state.
CREATE TABLE hall.order_standing (
    code  text PRIMARY KEY,
    label text NOT NULL,
    tone  text NOT NULL CHECK (tone IN ('info', 'success', 'warning', 'danger'))
);

CREATE TABLE hall.transition (
    event      text NOT NULL,
    from_state text NOT NULL REFERENCES hall.order_state,
    to_state   text NOT NULL REFERENCES hall.order_state,
    who        text[] NOT NULL CHECK (cardinality(who) > 0),
    text       text NOT NULL,
    PRIMARY KEY (event, from_state, to_state)
);

CREATE TABLE hall.orders (
    id              uuid PRIMARY KEY,
    number          text NOT NULL UNIQUE CHECK (number ~ '^[0-9]{18}$'),
    project         uuid NOT NULL REFERENCES hall.project,
    account         uuid NOT NULL REFERENCES hall.account,
    business        text NOT NULL REFERENCES hall.business,
    state           text NOT NULL DEFAULT 'draft' REFERENCES hall.order_state,
    version         int NOT NULL DEFAULT 1,
    cert_type       text,
    years           int CHECK (years BETWEEN 1 AND 5),
    seal_wanted     bool NOT NULL,
    form            bytea, -- encrypted JSON, place "order.form"
    form_complete   bool NOT NULL DEFAULT false,
    marks           jsonb NOT NULL DEFAULT '{}', -- keyed hash of each group of fields, see hall.form_changed
    unit_hash       bytea, -- keyed hash of the unit's code
    subject         text NOT NULL DEFAULT '', -- unit name, or masked name of a natural person
    printed         bool NOT NULL DEFAULT false, -- the form was printed as it is now
    price           jsonb, -- named parts, frozen at submission
    total           int CHECK (total >= 0), -- fen
    gift            text,
    gift_years      int, -- the row whose stock the gift came from
    phone_state     text NOT NULL DEFAULT 'none' CHECK (phone_state IN ('none', 'pending', 'passed', 'failed')),
    paid            text NOT NULL DEFAULT 'none' CHECK (paid IN ('none', 'waiting', 'voucher', 'paid', 'zero')),
    finauth         text CHECK (finauth IN ('account_wanted', 'queued', 'sent', 'failed', 'succeeded', 'verified',
                                          'replaced', 'returned')),
    finauth_text    text, -- the bank's sentence about a failure
    reasons         jsonb, -- of the last rejection: [{pointer, text}]
    producer        uuid REFERENCES hall.staff, -- who asked for production
    courier         text REFERENCES hall.courier,
    tracking_no     text,
    submitted_at    timestamptz,
    review_at       timestamptz, -- when the review clock last started
    due_at          timestamptz,
    accepted_at     timestamptz,
    ship_due_at     timestamptz,
    shipped_at      timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    version_at      timestamptz NOT NULL DEFAULT statement_timestamp(), -- when the statement began that made the version
    audit_seq       int NOT NULL,
    audit_head      bytea NOT NULL,
    replaces        uuid, -- revoked with the issuance of this order's, whose end is that of the old one
    courier_wanted  text REFERENCES hall.courier, -- as matched to the address; it decides who pays the courier, and what is added to the price
    courier_payment text CHECK (courier_payment IN ('collect', 'prepaid')),
    courier_fee     int NOT NULL DEFAULT 0 CHECK (courier_fee >= 0),
    refund          text CHECK (refund IN ('asked', 'refused', 'sending', 'done')),
    mail_region     text, -- of the parcel's address, by which the courier is chosen
    annex_printed   bool NOT NULL DEFAULT false, -- the certificate annex (证书附页) was printed as it is now
    counts_from     timestamptz, -- since when its items count against its unit's limits: the payment or the voucher
    outlet          text REFERENCES hall.outlet,
    approval_stands bool NOT NULL DEFAULT false, -- approved before, and to be paid again: there is no second review
    unpaid_since    timestamptz,
    reference       text NOT NULL DEFAULT '', -- the partner's own reference, from its ticket
    -- Fields that came with a ticket and must not be changed: keyed hashes of their values by name.
    locked          jsonb NOT NULL DEFAULT '{}',
    erased_at       timestamptz,
    -- These columns follow from the others (hall.order_becomes); lists are sorted and filtered by them.
    queue           text,
    standing        text NOT NULL REFERENCES hall.order_standing,
    promised_at     timestamptz NOT NULL -- 'infinity': no date was promised
);
SELECT hall.audit_shows('orders', 'value', '{number, project, account, business, state, version, cert_type, years, seal_wanted, form_complete,
        printed, annex_printed, price, total, gift, gift_years, phone_state, paid, finauth, producer, courier, courier_wanted, courier_payment,
        courier_fee, submitted_at, review_at, due_at, accepted_at, ship_due_at, shipped_at, counts_from, unpaid_since, replaces, refund, outlet,
        approval_stands, erased_at}'),
       hall.audit_shows('orders', 'words', '{subject, reasons, finauth_text, tracking_no, mail_region, reference}'),
       hall.audit_shows('orders', 'commitment', '{form, marks, unit_hash, locked}'),
       hall.audit_shows('orders', 'nothing', '{id, created_at, updated_at, version_at, audit_seq, audit_head, queue, standing, promised_at, form_data_key}');
-- Indexes of the desk: a queue by promised date, the CA's own part of it, an outlet's part of it, and all orders with the newest
-- first.
CREATE INDEX orders_queue ON hall.orders (queue, promised_at, id) WHERE queue IS NOT NULL;
CREATE INDEX orders_queue_own ON hall.orders (queue, promised_at, id) WHERE queue IS NOT NULL AND outlet IS NULL;
CREATE INDEX orders_queue_outlet ON hall.orders (outlet, queue, promised_at, id) WHERE queue IS NOT NULL AND outlet IS NOT NULL;
CREATE INDEX orders_outlet ON hall.orders (outlet, created_at, id) WHERE outlet IS NOT NULL;
CREATE INDEX orders_created ON hall.orders (created_at, id);
-- Search by a part of the number, and by words of the subject through its pairs of characters.
CREATE INDEX orders_number_part ON hall.orders USING gin (number public.gin_trgm_ops);
CREATE INDEX orders_subject ON hall.orders USING gin (hall.bigrams(lower(subject)));
-- The applicant's lists, and the labels that occur in them.
CREATE INDEX orders_account ON hall.orders (account, created_at, id);
CREATE INDEX orders_account_project ON hall.orders (account, project, created_at, id);
CREATE INDEX orders_account_waits ON hall.orders (account, created_at, id) -- hall.account_waits
    WHERE state = 'verifying' OR (state IN ('in_review', 'rejected', 'approved') AND finauth IN ('account_wanted', 'failed', 'returned'));
CREATE INDEX orders_account_standing ON hall.orders (account, standing, created_at, id);
CREATE INDEX orders_unit ON hall.orders (unit_hash);
CREATE INDEX orders_counted ON hall.orders (project, unit_hash) WHERE counts_from IS NOT NULL;
CREATE UNIQUE INDEX orders_replaces ON hall.orders (replaces) WHERE state NOT IN ('draft', 'cancelled', 'refunded');
CREATE INDEX orders_replaced ON hall.orders (replaces) WHERE replaces IS NOT NULL; -- includes drafts and orders that came to nothing
-- A partner's list: all of its orders, those of a state, those of a reference. The index by state serves all other searches for a
-- state as well.
CREATE INDEX orders_project_created ON hall.orders (project, created_at, id);
CREATE INDEX orders_state ON hall.orders (state, project, created_at, id);
CREATE INDEX orders_unerased ON hall.orders (state, created_at) WHERE erased_at IS NULL; -- hall.retention_due
CREATE INDEX orders_reference ON hall.orders (project, reference) WHERE reference <> '';

-- The items of an order, one for each certificate. An order without rows here has one item, number 1, of the order's own type and
-- years. Names and numbers of persons are only in the encrypted form, member "items", in the order of `item`.
CREATE TABLE hall.order_item (
    order_id    uuid NOT NULL REFERENCES hall.orders,
    item        int NOT NULL CHECK (item > 0),
    cert_type   text NOT NULL,
    years       int NOT NULL CHECK (years BETWEEN 1 AND 5),
    subject     text NOT NULL DEFAULT '', -- the unit's name, or the masked name of a person
    style       text CHECK (style IN ('generated', 'scan')), -- of the seal's picture, as hall.sealpicture has it
    seal_name   text,
    -- Keyed hash of the ID number of the person that the item is for, so that papers stay with their person when items are added or
    -- removed.
    holder_hash bytea,
    PRIMARY KEY (order_id, item)
);
CREATE INDEX order_item_subject ON hall.order_item USING gin (hall.bigrams(lower(subject)));

-- The history of an order as people read it.
CREATE TABLE hall.order_history (
    id       bigint GENERATED ALWAYS AS IDENTITY,
    order_id uuid NOT NULL REFERENCES hall.orders,
    at       timestamptz NOT NULL DEFAULT now(),
    event    text NOT NULL,
    text     text NOT NULL,
    PRIMARY KEY (id, at)
) PARTITION BY RANGE (at);
CREATE INDEX order_history_order ON hall.order_history (order_id);

-- Agreements that were ticked: which text, when, from which address, and when withdrawn. Rows are kept for good.
CREATE TABLE hall.consent (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id     uuid NOT NULL REFERENCES hall.orders,
    account      uuid NOT NULL REFERENCES hall.account,
    code         text NOT NULL,
    version      text NOT NULL,
    sha256       text NOT NULL,
    address      text NOT NULL,
    at           timestamptz NOT NULL DEFAULT now(),
    withdrawn_at timestamptz,
    FOREIGN KEY (code, version) REFERENCES hall.agreement
);
CREATE INDEX consent_order ON hall.consent (order_id);
CREATE INDEX consent_account ON hall.consent (account);

-- The reviewers' decisions.
CREATE TABLE hall.review (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES hall.orders,
    staff    uuid NOT NULL REFERENCES hall.staff,
    approved bool NOT NULL,
    reasons  jsonb,
    note     text,
    at       timestamptz NOT NULL DEFAULT now(),
    CHECK (approved = (reasons IS NULL))
);
CREATE INDEX review_order ON hall.review (order_id);

-- The decisions that were signed with a passkey (core/passkey/statement.h). The signer checks them before it issues.
CREATE TABLE hall.decision (
    id                 bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id           uuid NOT NULL REFERENCES hall.orders,
    what               text NOT NULL CHECK (what IN ('approve', 'produce')),
    staff              uuid NOT NULL REFERENCES hall.staff,
    decided_at         timestamptz NOT NULL, -- as the statement says
    statement          text, -- NULL once the order is erased
    credential         bytea NOT NULL,
    client_data        bytea NOT NULL,
    authenticator_data bytea NOT NULL,
    signature          bytea NOT NULL,
    leaves             int NOT NULL CHECK (leaves BETWEEN 1 AND 64), -- statements under this signature
    place              int NOT NULL CHECK (place BETWEEN 0 AND leaves - 1),
    path               bytea NOT NULL, -- from the statement to the root of the tray (core/passkey/tray.h)
    at                 timestamptz NOT NULL DEFAULT now(),
    refused            text, -- why the signer has not carried it out, for staff; NULL: it has, or was not asked
    UNIQUE (order_id, what, decided_at)
);

-- What staff have done to certificates, seals and money, signed with a passkey as well (core/desk/act.h). Rows are only added.
CREATE TABLE hall.act (
    id                 uuid PRIMARY KEY,
    order_id           uuid NOT NULL REFERENCES hall.orders,
    what               text NOT NULL CHECK (what IN ('revoke', 'confirm_revocation', 'withdraw_seal', 'confirm_transfer', 'book_surplus',
                                                     'ask_refund', 'approve_refund', 'settle_refund', 'settle_odd', 'pay_out_again')),
    subject            uuid NOT NULL, -- the certificate, request, seal, order, refund or payment that is acted upon
    staff              uuid NOT NULL REFERENCES hall.staff,
    decided_at         timestamptz NOT NULL, -- as the statement says
    statement          bytea, -- encrypted, place "act.statement"; NULL once the order is erased
    credential         bytea NOT NULL,
    client_data        bytea NOT NULL,
    authenticator_data bytea NOT NULL,
    signature          bytea NOT NULL,
    leaves             int NOT NULL CHECK (leaves BETWEEN 1 AND 64),
    place              int NOT NULL CHECK (place BETWEEN 0 AND leaves - 1),
    path               bytea NOT NULL,
    at                 timestamptz NOT NULL DEFAULT now(),
    UNIQUE (subject, what, decided_at)
);
CREATE INDEX act_order ON hall.act (order_id);

-- Hand-overs: an account gives a unit's orders, or one order, to another agent, named by phone number. Nothing changes before the
-- other agent has accepted with a code sent to that phone.
CREATE TABLE hall.hand_over (
    id         uuid PRIMARY KEY,
    account    uuid NOT NULL REFERENCES hall.account, -- the account that gives
    taker      bytea NOT NULL, -- keyed hash of the receiving agent's phone number
    taker_mask text NOT NULL,
    order_id   uuid REFERENCES hall.orders, -- NULL: all orders of the unit
    unit_hash  bytea NOT NULL,
    subject    text NOT NULL,
    state      text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'accepted', 'refused', 'withdrawn')),
    moved      int, -- how many orders were handed over
    expires_at timestamptz NOT NULL DEFAULT now() + interval '7 days',
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    CHECK ((state = 'asked') = (ended_at IS NULL) AND (state = 'accepted') = (moved IS NOT NULL))
);
CREATE UNIQUE INDEX hand_over_open ON hall.hand_over (account, unit_hash) WHERE state = 'asked';
CREATE INDEX hand_over_account ON hall.hand_over (account);
CREATE INDEX hand_over_taker ON hall.hand_over (taker) WHERE state = 'asked';
