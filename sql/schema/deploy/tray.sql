-- Deploy certhall:tray to pg
BEGIN;
-- Decisions that staff have laid aside to sign several with one signature (core/desk/decision.h). A statement itself is not kept: it is
-- written anew whenever it is shown or signed, and compared with its leaf.
CREATE TABLE hall.tray (
    staff    uuid NOT NULL REFERENCES hall.staff,
    order_id uuid NOT NULL REFERENCES hall.orders,
    what     text NOT NULL CHECK (what IN ('approve', 'produce')),
    version  int NOT NULL, -- of the order
    note     text, -- for the review, seen by staff only
    at       timestamptz NOT NULL, -- as the statement says
    leaf     bytea NOT NULL CHECK (length(leaf) = 32), -- of the statement (core/passkey/tray.h)
    PRIMARY KEY (staff, what, order_id)
);
CREATE INDEX tray_order ON hall.tray (order_id);
COMMIT;
