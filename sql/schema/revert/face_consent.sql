-- Revert certhall:face_consent from pg
BEGIN;
ALTER TABLE hall.identity DROP face_declined_at;
ALTER TABLE hall.consent DISABLE TRIGGER USER;
DELETE FROM hall.consent WHERE identity IS NOT NULL;
ALTER TABLE hall.consent ENABLE TRIGGER USER;
DROP INDEX hall.consent_identity, hall.consent_stands;
ALTER TABLE hall.consent DROP CONSTRAINT consent_whose, DROP identity, ALTER order_id SET NOT NULL, ALTER account SET NOT NULL;
COMMIT;
