-- Deploy certhall:card_compared to pg
BEGIN;
-- What an ID card and the form say differently.
ALTER TABLE hall.paper_check ADD differs text[] NOT NULL DEFAULT '{}' CHECK (differs <@ '{name,id_no}');
COMMIT;
