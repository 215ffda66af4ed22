-- Revert certhall:project from pg
BEGIN;
DROP FUNCTION hall.enter;
DROP FUNCTION hall.project_import;
DROP TABLE hall.message_template;
DROP TABLE hall.project_link;
DROP TABLE hall.project_gift;
DROP TABLE hall.project_material;
DROP TABLE hall.project_field;
DROP TABLE hall.project_price;
DROP TABLE hall.project_type;
DROP TABLE hall.project_step;
DROP TABLE hall.project_agreement;
DROP TABLE hall.agreement;
DROP FUNCTION hall.sha256_hex;
DROP TABLE hall.project;
COMMIT;
