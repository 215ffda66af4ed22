-- Verify certhall:calendar_link on pg
BEGIN;
SELECT account, token_hash, made_at FROM hall.calendar_link WHERE false;
ROLLBACK;
