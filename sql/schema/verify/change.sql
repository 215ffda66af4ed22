-- Verify certhall:change on pg
BEGIN;
SELECT alters FROM hall.business WHERE false;
SELECT code, pos, name, persons, fields, makes FROM hall.change_kind WHERE false;
SELECT changes FROM hall.project WHERE false;
SELECT changes FROM hall.project_paper WHERE false;
SELECT changes, basis, makes FROM hall.orders WHERE false;
ROLLBACK;
