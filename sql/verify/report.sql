-- Verify certhall:report on pg
SELECT delivery, delivery_note, delivery_at FROM hall.message WHERE false;
