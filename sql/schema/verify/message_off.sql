-- Verify certhall:message_off on pg
BEGIN;
SELECT account, event, channel, off_at FROM hall.message_off WHERE false;
SELECT needed FROM hall.message_name WHERE false;
ROLLBACK;
