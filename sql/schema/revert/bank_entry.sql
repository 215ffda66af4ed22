-- Revert certhall:bank_entry from pg
BEGIN;
DROP TABLE hall.bank_cursor;
DELETE FROM hall.retention_place WHERE place = 'bank_entry.payer';
DELETE FROM hall.encrypted_column WHERE place = 'bank_entry.payer';
DROP TABLE hall.bank_entry, hall.proof_code;
DELETE FROM hall.retention WHERE what = 'entry';
ALTER TABLE hall.retention DROP CONSTRAINT retention_what_check, ADD CONSTRAINT retention_what_check
    CHECK (what IN ('order', 'refunded', 'cancelled', 'draft', 'face', 'message', 'rebinding', 'evidence'));
COMMIT;
