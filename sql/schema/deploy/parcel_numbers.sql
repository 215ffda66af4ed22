-- Deploy certhall:parcel_numbers to pg
BEGIN;
-- Staff find an order by the number of its parcel (hall.desk_search).
CREATE INDEX orders_tracking ON hall.orders (tracking_no) WHERE tracking_no IS NOT NULL;
CREATE INDEX parcel_waybill ON hall.parcel (waybill) WHERE waybill IS NOT NULL;
COMMIT;
