-- Revert certhall:verification from pg
BEGIN;

DROP OWNED BY certhall_verify;
DROP FUNCTION hall.seal_known, hall.certificates_known, hall.authorities, hall.serials_tell, hall.plain_name, hall.serials_ask,
    hall.my_certificates, hall.serial_status, hall.certificate_face, hall.count_public;
DROP TABLE hall.serials_request, hall.public_count;
DROP INDEX hall.orders_unit, hall.certificate_der, hall.certificate_serial;

COMMIT;
