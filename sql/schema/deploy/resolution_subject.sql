-- Deploy certhall:resolution_subject to pg
BEGIN;
-- Two officers decide about outlets and about partners' keys and addresses as well; the latter are a project's.
ALTER TABLE hall.outlet ADD id uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE; -- what a resolution is about
ALTER TABLE hall.resolution DROP CONSTRAINT resolution_what_check,
    ADD CONSTRAINT resolution_what_check CHECK (what IN ('project', 'staff', 'outlet', 'partner_key', 'partner_hook'));
COMMIT;
