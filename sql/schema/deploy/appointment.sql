-- Deploy certhall:appointment to pg
BEGIN;
-- Outlets at which people prove in person who they are, by appointment. `seats`: how many people there is room for in half an hour; 0: the
-- outlet takes no appointments.
ALTER TABLE hall.outlet ADD phone text NOT NULL DEFAULT '', ADD seats int NOT NULL DEFAULT 0 CHECK (seats BETWEEN 0 AND 20);
CREATE TABLE hall.outlet_hours (
    outlet  text NOT NULL REFERENCES hall.outlet,
    weekday int NOT NULL CHECK (weekday BETWEEN 1 AND 7), -- 1: Monday
    opens   time NOT NULL,
    closes  time NOT NULL,
    PRIMARY KEY (outlet, weekday, opens),
    CHECK (opens < closes AND extract(minute FROM opens) IN (0, 30) AND extract(minute FROM closes) IN (0, 30))
);
-- An appointment is for one authentication. Each has a seat of its own, so that no half hour is booked twice over.
CREATE TABLE hall.appointment (
    id         uuid PRIMARY KEY,
    number     int GENERATED ALWAYS AS IDENTITY (START 100001) UNIQUE, -- that the person says at the counter; it proves nothing
    identity   uuid NOT NULL REFERENCES hall.identity,
    order_id   uuid NOT NULL REFERENCES hall.orders,
    outlet     text NOT NULL REFERENCES hall.outlet,
    starts_at  timestamptz NOT NULL,
    seat       int NOT NULL CHECK (seat > 0),
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'passed', 'refused', 'missed', 'cancelled')),
    staff      uuid REFERENCES hall.staff, -- who has decided
    reason     text, -- of a refusal (list appointment_reason of hall.words)
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    CHECK ((state = 'open') = (ended_at IS NULL)),
    CHECK ((state IN ('passed', 'refused')) = (staff IS NOT NULL)),
    CHECK ((state = 'refused') = (reason IS NOT NULL))
);
CREATE UNIQUE INDEX appointment_seat ON hall.appointment (outlet, starts_at, seat) WHERE state <> 'cancelled';
CREATE UNIQUE INDEX appointment_open ON hall.appointment (identity) WHERE state = 'open';
CREATE INDEX appointment_order ON hall.appointment (order_id);
CREATE INDEX appointment_outlet ON hall.appointment (outlet, starts_at, id) WHERE state <> 'cancelled'; -- the list of the counter
ALTER TABLE hall.act DROP CONSTRAINT act_what_check, ADD CONSTRAINT act_what_check CHECK (what IN ('revoke', 'confirm_revocation',
    'withdraw_seal', 'confirm_transfer', 'book_surplus', 'ask_refund', 'approve_refund', 'settle_refund', 'settle_odd', 'pay_out_again',
    'pass_appointment', 'refuse_appointment'));
COMMIT;
