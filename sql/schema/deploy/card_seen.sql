-- Deploy certhall:card_seen to pg
BEGIN;
-- What was read on the front of an ID card. (Of a licence, hall.licence_check.seen has {"address"} as well from now on.)
ALTER TABLE hall.paper_check ADD card bytea; -- encrypted {"name","id_no"}, place "paper_check.card"
SELECT hall.encrypted_column_add('paper_check.card', 'paper_check', 'card', 'paper_id');
COMMIT;
