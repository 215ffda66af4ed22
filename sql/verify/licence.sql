-- Verify certhall:licence on pg
SELECT 'hall.licence_check'::regclass, 'hall.licence_work(uuid)'::regprocedure;
