-- Verify certhall:tray on pg
SELECT staff, order_id, what, version, note, at, leaf FROM hall.tray WHERE false;
