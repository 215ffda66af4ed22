-- Deploy certhall:promised_days to pg
BEGIN;
-- A project promises a time for the review, for making and shipping, for review and making together, or none.
ALTER TABLE hall.project ADD whole_days int CHECK (whole_days > 0), ALTER review_days DROP NOT NULL;
SELECT hall.audit_shows('project', 'value', '{whole_days}');
-- Until now a project without ship_days promised its review_days for both.
UPDATE hall.project SET whole_days = review_days, review_days = NULL WHERE ship_days IS NULL;
-- Their promise is kept as soon as the certificate is made.
UPDATE hall.orders o SET ship_due_at = NULL FROM hall.project p WHERE p.id = o.project AND p.whole_days IS NOT NULL AND o.state = 'produced';
ALTER TABLE hall.project ADD CONSTRAINT project_review_once CHECK (review_days IS NULL OR whole_days IS NULL),
    ADD CONSTRAINT project_ship_once CHECK (ship_days IS NULL OR whole_days IS NULL);
COMMIT;
