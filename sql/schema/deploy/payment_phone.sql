-- Deploy certhall:payment_phone to pg
BEGIN;
-- The vendor has a page for the browser of a phone, and a payment is opened there.
ALTER TABLE hall.payment_channel ADD phone bool NOT NULL DEFAULT false;
ALTER TABLE hall.payment ADD phone bool NOT NULL DEFAULT false CHECK (NOT (page AND phone));
COMMIT;
