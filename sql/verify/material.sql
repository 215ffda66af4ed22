-- Verify certhall:material on pg
SELECT 'hall.material'::regclass;
