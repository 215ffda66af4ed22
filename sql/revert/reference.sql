-- Revert certhall:reference from pg
BEGIN;
DROP TABLE hall.bank_branch;
DROP FUNCTION hall.due;
DROP FUNCTION hall.is_working_day;
DROP TABLE hall.calendar;
DROP FUNCTION hall.region_name;
DROP TABLE hall.region;
COMMIT;
