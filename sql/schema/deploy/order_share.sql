-- Deploy certhall:order_share to pg
BEGIN;
-- A link to the page of an order that is sent to colleagues; its subject is the order.
ALTER TABLE hall.link DROP CONSTRAINT link_purpose_check, ADD CONSTRAINT link_purpose_check CHECK (purpose IN ('phone', 'code', 'papers', 'share'));
ALTER TABLE hall.courier ADD page text CHECK (page ~ '^https://.*\{number\}'); -- where the courier shows a parcel's way
COMMIT;
