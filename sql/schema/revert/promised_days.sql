-- Revert certhall:promised_days from pg
BEGIN;
ALTER TABLE hall.project DROP CONSTRAINT project_review_once, DROP CONSTRAINT project_ship_once;
UPDATE hall.project SET review_days = coalesce(whole_days, ship_days, 1) WHERE review_days IS NULL;
ALTER TABLE hall.project DROP whole_days, ALTER review_days SET NOT NULL;
DELETE FROM hall.audit_column WHERE "table" = 'project' AND "column" = 'whole_days';
COMMIT;
