-- Verify certhall:reissue on pg
SELECT code, name, place FROM hall.outlet WHERE false;
SELECT outlet FROM hall.orders WHERE false;
SELECT 'hall.reissue_create(uuid,text,uuid,bytea,jsonb,bytea)'::regprocedure, 'hall.desk_seen(uuid)'::regprocedure;
