-- Revert certhall:bill from pg
BEGIN;
DROP FUNCTION hall.bill_differences;
DROP FUNCTION hall.bills_json;
DROP FUNCTION hall.bill_compare;
DROP FUNCTION hall.bill_ours;
DROP FUNCTION hall.bill_work;
DROP FUNCTION hall.bills_due;
DROP FUNCTION hall.bill_want;
DROP TABLE hall.bill_difference;
DROP TABLE hall.bill_line;
DROP TABLE hall.bill;
COMMIT;
