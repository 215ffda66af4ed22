-- Deploy certhall:business_rows to pg
BEGIN;
-- Steps, fields, papers and prices of a project that are for some of its kinds of business alone; NULL: for all of them. (Steps: a kind
-- that has steps of its own goes by these alone. Prices: likewise.)
ALTER TABLE hall.project_step ADD businesses text[] CHECK (cardinality(businesses) > 0), DROP CONSTRAINT project_step_project_step_key,
    ADD CONSTRAINT project_step_once UNIQUE NULLS NOT DISTINCT (project, step, businesses);
ALTER TABLE hall.project_field ADD businesses text[] CHECK (cardinality(businesses) > 0), DROP CONSTRAINT project_field_pkey,
    ADD CONSTRAINT project_field_once UNIQUE NULLS NOT DISTINCT (project, field, businesses);
ALTER TABLE hall.project_paper ADD businesses text[] CHECK (cardinality(businesses) > 0), DROP CONSTRAINT project_paper_pkey,
    ADD CONSTRAINT project_paper_once UNIQUE NULLS NOT DISTINCT (project, code, businesses);
ALTER TABLE hall.project_price ADD business text REFERENCES hall.business, DROP CONSTRAINT project_price_pkey,
    ADD CONSTRAINT project_price_once UNIQUE NULLS NOT DISTINCT (project, cert_type, years, part, business);
-- What people read of a kind where a project offers several.
ALTER TABLE hall.business ADD intro text NOT NULL DEFAULT '';
COMMIT;
