-- Verify certhall:card_compared on pg
BEGIN;
SELECT differs FROM hall.paper_check WHERE false;
ROLLBACK;
