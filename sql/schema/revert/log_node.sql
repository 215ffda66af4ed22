-- Revert certhall:log_node from pg
BEGIN;
DROP TABLE hall.log_node;
COMMIT;
