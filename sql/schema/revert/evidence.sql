-- Revert certhall:evidence from pg
BEGIN;
DELETE FROM hall.retention WHERE what = 'evidence';
ALTER TABLE hall.retention DROP CONSTRAINT retention_what_check, ADD CONSTRAINT retention_what_check
    CHECK (what IN ('order', 'refunded', 'cancelled', 'draft', 'face', 'message', 'rebinding'));
DELETE FROM hall.signature WHERE key = 'evidence';
ALTER TABLE hall.signature DROP CONSTRAINT signature_key_check, DROP CONSTRAINT signature_kind_check,
    ADD CONSTRAINT signature_key_check CHECK (key IN ('issuing', 'ocsp', 'seal')),
    ADD CONSTRAINT signature_kind_check CHECK (kind IN ('certificate', 'request', 'crl', 'ocsp', 'ocsp_signer', 'seal'));
DELETE FROM hall.ca_certificate WHERE role = 'evidence';
ALTER TABLE hall.ca_certificate DROP CONSTRAINT ca_certificate_role_check,
    ADD CONSTRAINT ca_certificate_role_check CHECK (role IN ('root', 'issuing', 'ocsp', 'seal'));
DELETE FROM hall.retention_place WHERE place LIKE 'evidence.%';
DELETE FROM hall.encrypted_column WHERE place LIKE 'evidence.%';
DROP TABLE hall.evidence;
COMMIT;
