-- Revert certhall:identity from pg
BEGIN;
DROP FUNCTION hall.identity_result;
DROP FUNCTION hall.identity_carrier;
DROP FUNCTION hall.identity_liveness;
DROP FUNCTION hall.identity_card;
DROP FUNCTION hall.my_identity;
DROP FUNCTION hall.identity_start;
DROP TABLE hall.identity;
COMMIT;
