-- Verify certhall:items on pg
SELECT item FROM hall.stamp WHERE false;
SELECT 'hall.productions(hall.orders)'::regprocedure, 'hall.produce(uuid, int, bytea, bytea, int)'::regprocedure,
       'hall.stamp_of(hall.orders, int)'::regprocedure, 'hall.key_file_take(uuid, int)'::regprocedure;
