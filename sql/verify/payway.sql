-- Verify certhall:payway on pg
SELECT channel FROM hall.payment_open(NULL, NULL, NULL, NULL) WHERE false;
