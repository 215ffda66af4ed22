-- Verify certhall:business_rows on pg
BEGIN;
SELECT businesses FROM hall.project_step WHERE false;
SELECT businesses FROM hall.project_field WHERE false;
SELECT businesses FROM hall.project_paper WHERE false;
SELECT business FROM hall.project_price WHERE false;
SELECT intro FROM hall.business WHERE false;
ROLLBACK;
