-- Deploy certhall:payment_inside to pg
BEGIN;
-- A payment is opened in the browser of the vendor's own app, for one payer.
ALTER TABLE hall.payment ADD inside bool NOT NULL DEFAULT false CHECK (NOT (inside AND (page OR phone)));
COMMIT;
