-- Revert certhall:business_rows from pg
BEGIN;
ALTER TABLE hall.business DROP intro;
DELETE FROM hall.project_step WHERE businesses IS NOT NULL;
DELETE FROM hall.project_field WHERE businesses IS NOT NULL;
DELETE FROM hall.project_paper WHERE businesses IS NOT NULL;
DELETE FROM hall.project_price WHERE business IS NOT NULL;
ALTER TABLE hall.project_step DROP CONSTRAINT project_step_once, DROP businesses, ADD UNIQUE (project, step);
ALTER TABLE hall.project_field DROP CONSTRAINT project_field_once, DROP businesses, ADD PRIMARY KEY (project, field);
ALTER TABLE hall.project_paper DROP CONSTRAINT project_paper_once, DROP businesses, ADD PRIMARY KEY (project, code);
ALTER TABLE hall.project_price DROP CONSTRAINT project_price_once, DROP business, ADD PRIMARY KEY (project, cert_type, years, part);
COMMIT;
