-- Revert certhall:parcel_numbers from pg
BEGIN;
DROP INDEX hall.parcel_waybill;
DROP INDEX hall.orders_tracking;
COMMIT;
