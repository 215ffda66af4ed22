-- Verify certhall:desk on pg
SELECT 'hall.desk_view(uuid, bool)'::regprocedure;
