-- Revert certhall:audit from pg
BEGIN;
DROP TABLE hall.log_head;
DROP TABLE hall.log_leaf;
DROP FUNCTION hall.note;
DROP FUNCTION hall.audited;
DROP FUNCTION hall.changes;
DROP FUNCTION hall.actor;
DROP FUNCTION hall.audit_head;
DROP FUNCTION hall.audit_text;
DROP TABLE hall.audit;
COMMIT;
