-- Verify certhall:job_kind on pg
BEGIN;
SELECT kind, name FROM hall.job_kind WHERE false;
ROLLBACK;
