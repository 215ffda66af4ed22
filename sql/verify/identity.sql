-- Verify certhall:identity on pg
SELECT 'hall.identity'::regclass;
