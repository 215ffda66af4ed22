-- Deploy certhall:paper_sheets to pg
BEGIN;
-- A paper may take several files: a picture for each of its sheets. A PDF has all of them.
ALTER TABLE hall.paper ADD sheet smallint NOT NULL DEFAULT 1 CHECK (sheet BETWEEN 1 AND 9);
DROP INDEX hall.paper_current;
CREATE UNIQUE INDEX paper_current ON hall.paper (order_id, code, sheet) WHERE state <> 'replaced';
ALTER TABLE hall.project_paper ADD sheets smallint NOT NULL DEFAULT 1 CHECK (sheets BETWEEN 1 AND 9); -- at most
COMMIT;
