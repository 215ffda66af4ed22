-- Revert certhall:desk from pg
BEGIN;
DROP FUNCTION hall.data_key_new;
DROP FUNCTION hall.staff_put;
DROP FUNCTION hall.outbox_stuck;
DROP FUNCTION hall.audit_rows;
DROP FUNCTION hall.desk_key_file;
DROP FUNCTION hall.desk_material;
DROP FUNCTION hall.desk_view;
DROP FUNCTION hall.desk_orders;
DROP FUNCTION hall.queue_of;
DROP FUNCTION hall.staff_face;
COMMIT;
