-- Verify certhall:baseline on pg
SELECT 'hall.orders'::regclass, 'hall.encrypted_column'::regclass;
