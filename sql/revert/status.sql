-- Revert certhall:status from pg
BEGIN;
DROP TRIGGER certificate_status ON hall.certificate;
DROP FUNCTION hall.certificate_status;
DROP TRIGGER ca_certificate_status ON hall.ca_certificate;
DROP FUNCTION hall.ca_certificate_status;
DROP FUNCTION hall.status_json;
DROP FUNCTION hall.status_due;
DROP FUNCTION hall.status_more;
DROP FUNCTION hall.signer_ocsp_signed;
DROP FUNCTION hall.signer_signatures;
DROP FUNCTION hall.signer_ocsp_due;
DROP FUNCTION hall.signer_ocsp;
DROP FUNCTION hall.signer_crl_signed;
DROP FUNCTION hall.signer_crl_entries;
DROP FUNCTION hall.signer_crl;
DROP INDEX hall.certificate_listed, hall.signature_ocsp;
DROP TABLE hall.ocsp_response;
DROP TABLE hall.crl_change;
DROP TABLE hall.crl;
DO $$
BEGIN
    EXECUTE 'DROP OWNED BY certhall_status';
END $$;
COMMIT;
