-- Verify certhall:log_node on pg
BEGIN;
SELECT level, at, hash FROM hall.log_node WHERE false;
ROLLBACK;
