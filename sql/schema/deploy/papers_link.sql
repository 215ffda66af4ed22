-- Deploy certhall:papers_link to pg
BEGIN;
-- A link with which a phone uploads an order's papers; its subject is the order.
ALTER TABLE hall.link DROP CONSTRAINT link_purpose_check, ADD CONSTRAINT link_purpose_check CHECK (purpose IN ('phone', 'code', 'papers'));
COMMIT;
