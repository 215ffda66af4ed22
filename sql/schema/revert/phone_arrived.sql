-- Revert certhall:phone_arrived from pg
BEGIN;
UPDATE hall.identity SET step = 'opened' WHERE step IS NULL;
ALTER TABLE hall.identity ALTER step SET DEFAULT 'opened', ALTER step SET NOT NULL, DROP arrived_at;
COMMIT;
