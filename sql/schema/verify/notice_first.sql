-- Verify certhall:notice_first on pg
BEGIN;
SELECT first FROM hall.project_notice WHERE false;
ROLLBACK;
