-- Verify certhall:certificate_unwanted on pg
SELECT order_id FROM hall.certificate_unwanted WHERE false;
