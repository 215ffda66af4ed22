-- Revert certhall:order from pg
BEGIN;
DROP FUNCTION hall.person_of;
DROP FUNCTION hall.price_parts;
DROP FUNCTION hall.start_review;
DROP FUNCTION hall.advance;
DROP FUNCTION hall.my_order;
DROP TABLE hall.review;
DROP TABLE hall.consent;
DROP TABLE hall.order_history;
DROP TABLE hall.orders;
DROP TABLE hall.transition;
DROP TABLE hall.order_state;
COMMIT;
