-- Revert certhall:outbox from pg
BEGIN;
DROP FUNCTION hall.tell;
DROP TABLE hall.message;
DROP FUNCTION hall.job_next;
DROP FUNCTION hall.job_again;
DROP FUNCTION hall.job_done;
DROP FUNCTION hall.job_take;
DROP FUNCTION hall.enqueue;
DROP TABLE hall.outbox;
COMMIT;
