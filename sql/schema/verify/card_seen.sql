-- Verify certhall:card_seen on pg
BEGIN;
SELECT card FROM hall.paper_check WHERE false;
SELECT 1 / count(*) FROM hall.encrypted_column WHERE place = 'paper_check.card';
ROLLBACK;
