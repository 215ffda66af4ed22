-- Verify certhall:phone_arrived on pg
SELECT step, arrived_at FROM hall.identity WHERE false;
