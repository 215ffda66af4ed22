-- Revert certhall:identity_way from pg
BEGIN;
UPDATE hall.identity SET step = 'card' WHERE step IN ('transfer', 'outlet');
ALTER TABLE hall.identity DROP CONSTRAINT identity_passed_by, DROP way,
    DROP CONSTRAINT identity_step_check, ADD CONSTRAINT identity_step_check CHECK (step IN ('opened', 'card', 'liveness'));
DROP TABLE hall.identity_way;
COMMIT;
