-- Verify certhall:parcel_numbers on pg
BEGIN;
SELECT 'hall.orders_tracking'::regclass, 'hall.parcel_waybill'::regclass;
ROLLBACK;
