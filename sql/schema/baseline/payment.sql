-- Payments and refunds, transfers, and the vendors' bills.

CREATE TABLE hall.payment (
    id             uuid PRIMARY KEY,
    order_id       uuid NOT NULL REFERENCES hall.orders,
    channel        text NOT NULL REFERENCES hall.payment_channel,
    out_trade_no   text NOT NULL UNIQUE, -- our number towards the vendor
    total          int NOT NULL CHECK (total > 0),
    state          text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'paid', 'closed', 'refund_due', 'refunded')),
    code_url       text,
    expires_at     timestamptz NOT NULL,
    transaction_id text UNIQUE,
    paid_at        timestamptz,
    created_at     timestamptz NOT NULL DEFAULT now(),
    page           bool NOT NULL DEFAULT false, -- code_url is the address of a page, not the content of a QR code
    odd_fen        int CHECK (odd_fen <> total) -- the amount that was paid according to the vendor, if it is not the price
);
CREATE UNIQUE INDEX payment_open ON hall.payment (order_id) WHERE state = 'waiting';
CREATE UNIQUE INDEX payment_counted ON hall.payment (order_id) WHERE state = 'paid';
CREATE INDEX payment_paid_at ON hall.payment (paid_at) WHERE paid_at IS NOT NULL;
CREATE INDEX payment_order ON hall.payment (order_id);
CREATE INDEX payment_odd ON hall.payment (created_at, id) WHERE odd_fen IS NOT NULL;

-- The vendors' notifications by the vendor's own id, so that a repeated one changes nothing.
CREATE TABLE hall.payment_notice (
    channel text NOT NULL REFERENCES hall.payment_channel,
    id      text NOT NULL,
    at      timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (channel, id)
);

CREATE TABLE hall.refund (
    id            uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    payment_id    uuid NOT NULL REFERENCES hall.payment,
    out_refund_no text NOT NULL UNIQUE, -- our number towards the vendor, which never changes when the call is repeated
    amount        int NOT NULL CHECK (amount > 0),
    reason        text NOT NULL,
    state         text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'accepted', 'succeeded', 'failed')),
    vendor_no     text,
    why           text, -- why it failed
    created_at    timestamptz NOT NULL DEFAULT now(),
    ended_at      timestamptz,
    staff         uuid REFERENCES hall.staff, -- who settled it by hand
    by_hand       bool NOT NULL DEFAULT false, -- it is paid back by people, not by a vendor
    task          text GENERATED ALWAYS AS (CASE WHEN state = 'succeeded' THEN NULL WHEN state = 'failed' THEN 'refund_failed'
                      WHEN by_hand THEN 'refund_by_hand' ELSE 'refund_under_way' END) STORED, -- its row of money_kind
    CHECK ((ended_at IS NOT NULL) = (state IN ('succeeded', 'failed')))
);
CREATE UNIQUE INDEX refund_whole ON hall.refund (payment_id);
CREATE INDEX refund_unsettled ON hall.refund (created_at, id) WHERE task IS NOT NULL;
CREATE INDEX refund_task ON hall.refund (task, created_at, id) WHERE task IS NOT NULL;
CREATE INDEX refund_ended_at ON hall.refund (ended_at) WHERE ended_at IS NOT NULL;

-- Transfers that the applicant announced with vouchers, or that finance found on the account's statement.
CREATE TABLE hall.transfer (
    payment_id    uuid PRIMARY KEY REFERENCES hall.payment,
    order_id      uuid NOT NULL REFERENCES hall.orders,
    state         text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'confirmed', 'refused', 'surplus')),
    staff         uuid REFERENCES hall.staff, -- who decided
    decided_at    timestamptz,
    why           text, -- finance's sentence to the applicant about a refusal
    day           date, -- of the entry on the bank's statement
    payer         bytea, -- as named by the bank; encrypted, place "transfer.payer"
    payer_matches bool, -- the payer has the name of the unit or the natural person
    reason        bytea, -- why it was accepted from another payer, or why it is surplus; encrypted, place "transfer.reason"
    created_at    timestamptz NOT NULL DEFAULT now(),
    CHECK ((state = 'waiting') = (staff IS NULL) AND (staff IS NULL) = (decided_at IS NULL)),
    CHECK ((state = 'refused') = (why IS NOT NULL)),
    CHECK ((state IN ('confirmed', 'surplus')) = (payer IS NOT NULL AND day IS NOT NULL AND payer_matches IS NOT NULL)),
    CHECK (reason IS NOT NULL OR NOT (state = 'surplus' OR (state = 'confirmed' AND NOT payer_matches)))
);
CREATE INDEX transfer_order ON hall.transfer (order_id);
CREATE INDEX transfer_waiting ON hall.transfer (created_at, payment_id) WHERE state = 'waiting';

-- Files in the store, like hall.paper.
CREATE TABLE hall.voucher (
    id          uuid PRIMARY KEY,
    order_id    uuid NOT NULL REFERENCES hall.orders,
    slot        int NOT NULL CHECK (slot BETWEEN 1 AND 3),
    payment_id  uuid REFERENCES hall.transfer, -- NULL: not submitted yet
    file_name   text NOT NULL,
    mime        text NOT NULL CHECK (mime IN ('image/jpeg', 'image/png', 'image/bmp', 'image/gif', 'application/pdf')),
    bytes       int NOT NULL CHECK (bytes BETWEEN 1 AND 2097152),
    sha256      bytea NOT NULL CHECK (length(sha256) = 32),
    file_key    bytea NOT NULL, -- encrypted, place "voucher.key"
    uploaded_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX voucher_order ON hall.voucher (order_id);
CREATE UNIQUE INDEX voucher_draft ON hall.voucher (order_id, slot) WHERE payment_id IS NULL;
CREATE UNIQUE INDEX voucher_slot ON hall.voucher (payment_id, slot) WHERE payment_id IS NOT NULL;

CREATE TABLE hall.refund_request (
    id         uuid PRIMARY KEY,
    order_id   uuid NOT NULL REFERENCES hall.orders,
    account    uuid REFERENCES hall.account, -- either the applicant asked,
    staff      uuid REFERENCES hall.staff, -- or finance did
    reason     bytea NOT NULL, -- encrypted, place "refund_request.reason"
    state      text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'withdrawn', 'refused', 'approved')),
    payment_id uuid REFERENCES hall.payment, -- the payment that goes back; NULL: there was nothing to pay
    decided_by uuid REFERENCES hall.staff,
    answer     text, -- finance's sentence to the applicant
    asked_at   timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    CHECK ((account IS NULL) <> (staff IS NULL)),
    CHECK (decided_by <> staff), -- two different persons
    CHECK ((decided_by IS NOT NULL) = (state IN ('refused', 'approved')) AND (ended_at IS NULL) = (state = 'asked')),
    CHECK (state <> 'refused' OR answer IS NOT NULL)
);
CREATE UNIQUE INDEX refund_request_open ON hall.refund_request (order_id) WHERE state IN ('asked', 'approved');
CREATE INDEX refund_request_order ON hall.refund_request (order_id);
CREATE INDEX refund_request_asked ON hall.refund_request (asked_at, id) WHERE state = 'asked';

-- The kinds of money that is not settled, and what has to be done about each.
CREATE TABLE hall.money_kind (
    kind text PRIMARY KEY,
    pos  int NOT NULL,
    name text NOT NULL,
    next text NOT NULL
);

CREATE TABLE hall.bill (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    channel     text NOT NULL,
    online      bool NOT NULL GENERATED ALWAYS AS (true) STORED, -- no bill lists transfers
    day         date NOT NULL,
    state       text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'compared')),
    compared_at timestamptz,
    UNIQUE (channel, day),
    FOREIGN KEY (channel, online) REFERENCES hall.payment_channel (code, online)
);

-- The rows of the vendors' bills as they were read.
CREATE TABLE hall.bill_line (
    bill          uuid NOT NULL REFERENCES hall.bill ON DELETE CASCADE,
    kind          text NOT NULL CHECK (kind IN ('payment', 'refund')),
    number        text NOT NULL, -- our number of the payment
    refund_number text NOT NULL DEFAULT '',
    vendor_number text NOT NULL,
    amount        bigint NOT NULL, -- fen
    at            timestamptz
);
CREATE INDEX bill_line_number ON hall.bill_line (number, refund_number);
CREATE INDEX bill_line_bill ON hall.bill_line (bill);

CREATE TABLE hall.bill_difference (
    bill          uuid NOT NULL REFERENCES hall.bill ON DELETE CASCADE,
    kind          text NOT NULL,
    number        text NOT NULL,
    refund_number text NOT NULL,
    what          text NOT NULL CHECK (what IN ('only_theirs', 'only_ours', 'amount', 'twice')),
    ours          bigint, -- fen, in our books
    theirs        bigint,
    order_id      uuid,
    PRIMARY KEY (bill, kind, number, refund_number)
);
