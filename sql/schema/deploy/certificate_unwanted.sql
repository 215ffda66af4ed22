-- Deploy certhall:certificate_unwanted to pg
BEGIN;
-- Certificates that another authority has issued otherwise than it was asked to. Nobody gets them; they are revoked there.
CREATE TABLE hall.certificate_unwanted (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id    uuid NOT NULL REFERENCES hall.orders,
    item        int NOT NULL,
    ca          text NOT NULL REFERENCES hall.ca,
    certificate bytea NOT NULL UNIQUE,
    reason      text NOT NULL,
    at          timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX certificate_unwanted_order ON hall.certificate_unwanted (order_id);
COMMIT;
