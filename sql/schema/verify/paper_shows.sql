-- Verify certhall:paper_shows on pg
BEGIN;
SELECT shows FROM hall.project_paper WHERE false;
SELECT reads FROM hall.paper_check WHERE false;
ROLLBACK;
