-- Parcels and invoices.

CREATE TABLE hall.parcel (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id   uuid NOT NULL REFERENCES hall.orders,
    courier    text NOT NULL REFERENCES hall.courier,
    payment    text NOT NULL CHECK (payment IN ('collect', 'prepaid')),
    number     text UNIQUE, -- our number towards the courier, which never changes when the call is repeated; NULL: somebody typed in the waybill
    state      text NOT NULL CHECK (state IN ('asked', 'ordered', 'refused', 'cancelling', 'cancelled', 'collected', 'moving',
                                              'delivering', 'signed')),
    waybill    text,
    why        text, -- the courier's reason for a refusal
    routes     jsonb NOT NULL DEFAULT '[]', -- [{at, place, text}], oldest first; telephone numbers are masked
    staff      uuid REFERENCES hall.staff,
    created_at timestamptz NOT NULL DEFAULT now(),
    checked_at timestamptz, -- when the courier was last asked for its route
    CHECK (waybill IS NOT NULL OR state IN ('asked', 'refused', 'cancelling', 'cancelled'))
);
CREATE INDEX parcel_order ON hall.parcel (order_id);
CREATE UNIQUE INDEX parcel_open ON hall.parcel (order_id) WHERE state NOT IN ('refused', 'cancelling', 'cancelled');

CREATE TABLE hall.invoice (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id   uuid NOT NULL REFERENCES hall.orders,
    red_of     uuid UNIQUE REFERENCES hall.invoice, -- of a red letter: the invoice that it cancels as a whole
    request_no text NOT NULL UNIQUE, -- our number towards Nuonuo, which accepts each number once; changed particulars get another number
    taken      bool NOT NULL DEFAULT false, -- Nuonuo has that number
    -- red: cancelled by its red letter; dropped: the order was refunded before the invoice was issued.
    state      text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'issuing', 'issued', 'failed', 'red', 'dropped')),
    parts      jsonb NOT NULL, -- parts of the order's price
    total      int NOT NULL CHECK (total > 0),
    buyer      bytea, -- encrypted {"invoice_kind","invoice_title","invoice_tax_no"}; NULL: as in the order's form
    serial     text, -- Nuonuo's serial
    number     text CHECK (number ~ '^[0-9]{20}$'),
    pdf        text,
    ofd        text,
    xml        text,
    why        text, -- why it failed
    by_hand    bool NOT NULL DEFAULT false, -- a red letter issued at the tax bureau
    asked_at   timestamptz NOT NULL DEFAULT now(),
    issued_at  timestamptz,
    CHECK (state NOT IN ('issued', 'red') OR number IS NOT NULL)
);
CREATE INDEX invoice_order ON hall.invoice (order_id);
CREATE UNIQUE INDEX invoice_once ON hall.invoice (order_id) WHERE red_of IS NULL;
CREATE INDEX invoice_list ON hall.invoice (asked_at, id);
CREATE INDEX invoice_state ON hall.invoice (state, asked_at, id);
CREATE INDEX invoice_open ON hall.invoice (asked_at, id) WHERE state IN ('asked', 'issuing', 'failed');
