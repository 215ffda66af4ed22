-- Verify certhall:reference on pg
SELECT 'hall.region'::regclass,
       'hall.due(timestamptz, int)'::regprocedure;
