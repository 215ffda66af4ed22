-- Revert certhall:authority from pg
BEGIN;
DROP FUNCTION hall.signer_issuing(uuid, text, text, text, text, timestamptz, timestamptz, bytea, bytea);
CREATE FUNCTION hall.signer_issuing(wanted uuid, new_serial text, kind text, starts timestamptz, ends timestamptz,
                                               tbs bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.issuing');
    IF NOT EXISTS (SELECT FROM signer_order(wanted) WHERE issue_wanted) THEN
        PERFORM refuse(409, 'no certificate is wanted for this order');
    END IF;
    UPDATE certificate SET (algorithm, not_before, not_after, tbs_sm3) = (kind, starts, ends, tbs)
     WHERE serial = new_serial AND order_id = wanted AND state = 'issuing';
    IF FOUND THEN
        RETURN;
    ELSIF EXISTS (SELECT FROM certificate WHERE serial = new_serial) THEN
        PERFORM refuse(409, 'this serial number is taken');
    END IF;
    INSERT INTO certificate (serial, order_id, algorithm, not_before, not_after, tbs_sm3)
    VALUES (new_serial, wanted, kind, starts, ends, tbs);
END $$;
GRANT EXECUTE ON FUNCTION hall.signer_issuing TO certhall_signer;
DROP FUNCTION hall.signer_publish;
DROP FUNCTION hall.signer_signature;
DROP TABLE hall.signature;
DROP TRIGGER certificate_a_state ON hall.certificate;
DROP FUNCTION hall.certificate_state;
DROP INDEX hall.certificate_public, hall.certificate_issuing, hall.certificate_valid, hall.certificate_order;
ALTER TABLE hall.certificate
    DROP CONSTRAINT certificate_revoked,
    DROP CONSTRAINT certificate_own_serial,
    DROP CONSTRAINT certificate_serial_key,
    DROP CONSTRAINT certificate_serial_check,
    DROP ca, DROP profile, DROP item, DROP key_use, DROP public_sha256, DROP enveloped_key, DROP replaces, DROP reason,
    DROP revoked_at,
    ADD CONSTRAINT certificate_serial_check CHECK (serial ~ '^[0-9A-F]{16}$'),
    ADD CONSTRAINT certificate_serial_key UNIQUE (serial);
CREATE UNIQUE INDEX certificate_issuing ON hall.certificate (order_id) WHERE state = 'issuing';
CREATE UNIQUE INDEX certificate_valid ON hall.certificate (order_id) WHERE state = 'valid';
DROP TABLE hall.ca_certificate;
DROP TABLE hall.ca;
ALTER TABLE hall.project DROP CONSTRAINT project_slug_check;
ALTER TABLE hall.project ADD CONSTRAINT project_slug_check CHECK (slug ~ '^[a-z][a-z0-9-]{1,30}$'
    AND slug NOT IN ('hall', 'desk', 'partner', 'ocsp', 'crl', 'healthz', 'metrics', 'assets',
                     'sandbox', 'notify', 'api', 'docs', 'index'));
COMMIT;
