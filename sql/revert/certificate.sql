-- Revert certhall:certificate from pg
BEGIN;
DROP FUNCTION hall.signer_issued;
DROP FUNCTION hall.signer_issuing;
DROP FUNCTION hall.signer_pin_opened;
DROP FUNCTION hall.signer_pin;
DROP FUNCTION hall.signer_order;
DROP FUNCTION hall.ship;
DROP FUNCTION hall.produce;
DROP FUNCTION hall.reject;
DROP FUNCTION hall.approve;
DROP FUNCTION hall.desk_order;
DROP TRIGGER review_duties ON hall.review;
DROP FUNCTION hall.review_apart;
DROP TRIGGER orders_duties ON hall.orders;
DROP FUNCTION hall.duties_apart;
DROP TABLE hall.certificate;
COMMIT;
