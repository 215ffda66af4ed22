-- Revert certhall:quality from pg
BEGIN;

DROP TRIGGER paper_uploaded ON hall.material;
DROP FUNCTION hall.materials_json(hall.orders);
ALTER FUNCTION hall.materials_base_json(hall.orders) RENAME TO materials_json;
DROP FUNCTION hall.paper_keep, hall.paper_json, hall.paper_warnings, hall.paper_wrong, hall.paper_name, hall.paper_code,
    hall.paper_kind, hall.paper_unchecked, hall.paper_checked, hall.paper_check_work, hall.paper_uploaded;
DELETE FROM hall.outbox WHERE kind = 'paper_check';
DROP TABLE hall.paper_check;

COMMIT;
