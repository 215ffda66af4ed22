-- Revert certhall:material from pg
BEGIN;
DROP FUNCTION hall.material_delete;
DROP FUNCTION hall.material_put;
DROP FUNCTION hall.material_slot;
DROP FUNCTION hall.materials_wanted;
DROP TABLE hall.material;
COMMIT;
