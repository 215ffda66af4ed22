-- Verify certhall:baseline on pg
SELECT 'hall.orders'::regclass, 'hall.sealed_column'::regclass;
