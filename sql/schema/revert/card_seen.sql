-- Revert certhall:card_seen from pg
BEGIN;
DELETE FROM hall.retention_place WHERE place = 'paper_check.card';
DELETE FROM hall.encrypted_column WHERE place = 'paper_check.card';
ALTER TABLE hall.paper_check DROP card_data_key, DROP card;
COMMIT;
