-- Revert certhall:paper_sheets from pg
BEGIN;
UPDATE hall.paper SET state = 'replaced' WHERE sheet > 1 AND state <> 'replaced';
ALTER TABLE hall.project_paper DROP sheets;
DROP INDEX hall.paper_current;
CREATE UNIQUE INDEX paper_current ON hall.paper (order_id, code) WHERE state <> 'replaced';
ALTER TABLE hall.paper DROP sheet;
COMMIT;
