-- Verify certhall:paper_sheets on pg
BEGIN;
SELECT sheet FROM hall.paper WHERE false;
SELECT sheets FROM hall.project_paper WHERE false;
ROLLBACK;
