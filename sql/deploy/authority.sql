-- Deploy certhall:authority to pg
-- The authority's own certificates, the life of an issued one, and the record of every signature of the signer.
BEGIN;

-- Addresses of the hall's own that came with the authority.
ALTER TABLE hall.project DROP CONSTRAINT project_slug_check;
ALTER TABLE hall.project ADD CONSTRAINT project_slug_check CHECK (slug ~ '^[a-z][a-z0-9-]{1,30}$'
    AND slug NOT IN ('hall', 'desk', 'partner', 'ocsp', 'crl', 'verify', 'healthz', 'metrics', 'assets', 'sandbox', 'notify',
                     'api', 'docs', 'index'));

-- Issuing CAs: our own, named by their algorithm, and those of others that we reach by CMP (RFC 4210).
CREATE TABLE hall.ca (
    name      text PRIMARY KEY CHECK (name ~ '^[a-z0-9-]{1,16}$'),
    algorithm text NOT NULL CHECK (algorithm IN ('sm2', 'rsa', 'p256')),
    external  bool NOT NULL DEFAULT false
);
-- Their certificates, public: who wants to check a certificate needs them. The signer publishes its own when it starts.
CREATE TABLE hall.ca_certificate (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    ca           text NOT NULL REFERENCES hall.ca,
    role         text NOT NULL CHECK (role IN ('root', 'issuing', 'ocsp', 'stamp')),
    serial       text NOT NULL,
    subject      text NOT NULL,
    not_before   timestamptz NOT NULL,
    not_after    timestamptz NOT NULL,
    certificate  bytea NOT NULL UNIQUE,
    published_at timestamptz NOT NULL DEFAULT now()
);

-- An order may ask for several certificates (items), each of which may come as a pair: one key to sign with, one to encrypt.
ALTER TABLE hall.certificate
    ADD ca            text REFERENCES hall.ca,
    ADD profile       text,                        -- its row of the profiles: what the lint holds it against
    ADD item          int NOT NULL DEFAULT 1 CHECK (item > 0),
    ADD key_use       text NOT NULL DEFAULT 'signature' CHECK (key_use IN ('signature', 'encryption')),
    ADD public_sha256 bytea CHECK (length(public_sha256) = 32), -- of the SubjectPublicKeyInfo: a key is certified once
    ADD enveloped_key bytea,                       -- SM2EnvelopedKey (GM/T 0009) of an encryption key, for the token
    ADD replaces      uuid REFERENCES hall.certificate, -- revoked with the issuance of this one
    ADD reason        text CHECK (reason IN ('unspecified', 'key_compromise', 'affiliation_changed', 'superseded', 'cessation',
                                             'privilege_withdrawn', 'hold')), -- RFC 5280, 5.3.1
    ADD revoked_at    timestamptz;                 -- of a hold too: CRL and OCSP tell it
INSERT INTO hall.ca (name, algorithm) SELECT DISTINCT algorithm, algorithm FROM hall.certificate;
UPDATE hall.certificate SET ca = algorithm;
UPDATE hall.certificate SET reason = 'hold', revoked_at = now() WHERE state = 'hold';
ALTER TABLE hall.certificate
    ALTER ca SET NOT NULL,
    DROP CONSTRAINT certificate_serial_key,
    DROP CONSTRAINT certificate_serial_check,
    ADD CONSTRAINT certificate_serial_check CHECK (serial ~ '^([0-9A-F]{2}){8,20}$'), -- ours 8 bytes, others' up to 20
    ADD CONSTRAINT certificate_serial_key UNIQUE (ca, serial),
    ADD CONSTRAINT certificate_own_serial CHECK (ca <> algorithm OR length(serial) = 16),
    ADD CONSTRAINT certificate_revoked CHECK ((state IN ('hold', 'revoked')) = (revoked_at IS NOT NULL)
                                              AND (revoked_at IS NULL) = (reason IS NULL)
                                              AND (state = 'hold') = (coalesce(reason, '') = 'hold'));
CREATE UNIQUE INDEX certificate_public ON hall.certificate (public_sha256) WHERE state <> 'issuing';
DROP INDEX hall.certificate_issuing, hall.certificate_valid;
CREATE UNIQUE INDEX certificate_issuing ON hall.certificate (order_id, item, key_use) WHERE state = 'issuing';
CREATE UNIQUE INDEX certificate_valid ON hall.certificate (order_id, item, key_use) WHERE state = 'valid';
CREATE INDEX certificate_order ON hall.certificate (order_id);

-- What may become of a certificate. Revoked is for good; a hold remembers when it began, also as a revocation's time.
CREATE FUNCTION hall.certificate_state() RETURNS trigger
LANGUAGE plpgsql SET search_path = hall, pg_temp AS $$
BEGIN
    IF NOT (OLD.state, NEW.state) IN (('issuing', 'valid'), ('valid', 'hold'), ('valid', 'revoked'), ('hold', 'valid'),
                                      ('hold', 'revoked')) THEN
        PERFORM refuse(409, '证书的状态不允许这个操作，请刷新后再看。');
    END IF;
    CASE NEW.state
        WHEN 'hold' THEN NEW.reason := 'hold'; NEW.revoked_at := now();
        WHEN 'revoked' THEN
            NEW.reason := CASE WHEN NEW.reason IS NULL OR NEW.reason = 'hold' THEN 'unspecified' ELSE NEW.reason END;
            NEW.revoked_at := coalesce(OLD.revoked_at, now());
        ELSE NEW.reason := NULL; NEW.revoked_at := NULL;
    END CASE;
    RETURN NEW;
END $$;
CREATE TRIGGER certificate_a_state BEFORE UPDATE OF state ON hall.certificate -- before the audit's, which hashes the row
    FOR EACH ROW WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION hall.certificate_state();

-- Each signature of the authority's keys, written before the key is used. `subject` is what it was made for: a certificate,
-- a list, a seal; `sm3` is the digest of the bytes signed.
CREATE TABLE hall.signature (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    ca      text NOT NULL REFERENCES hall.ca,
    key     text NOT NULL CHECK (key IN ('issuing', 'ocsp', 'stamp')),
    kind    text NOT NULL CHECK (kind IN ('certificate', 'request', 'crl', 'ocsp', 'ocsp_signer', 'seal')),
    subject text NOT NULL,
    sm3     bytea NOT NULL CHECK (length(sm3) = 32)
);

CREATE FUNCTION hall.signer_signature(the_ca text, the_key text, the_kind text, what text, digest bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    INSERT INTO signature (ca, key, kind, subject, sm3) VALUES (the_ca, the_key, the_kind, what, digest) $$;

-- The signer tells which CAs it has and their certificates.
CREATE FUNCTION hall.signer_publish(the_ca text, kind text, others bool, the_role text, number text, shown text,
                                    starts timestamptz, ends timestamptz, der bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO ca (name, algorithm, external) VALUES (the_ca, kind, others)
    ON CONFLICT (name) DO UPDATE SET (algorithm, external) = (EXCLUDED.algorithm, EXCLUDED.external)
     WHERE (ca.algorithm, ca.external) IS DISTINCT FROM (EXCLUDED.algorithm, EXCLUDED.external);
    INSERT INTO ca_certificate (ca, role, serial, subject, not_before, not_after, certificate)
    VALUES (the_ca, the_role, number, shown, starts, ends, der) ON CONFLICT (certificate) DO NOTHING;
END $$;

-- The row of a certificate before its signature. A production that a crash has cut off goes on with its row.
DROP FUNCTION hall.signer_issuing(uuid, text, text, timestamptz, timestamptz, bytea);
CREATE FUNCTION hall.signer_issuing(wanted uuid, new_serial text, the_ca text, kind text, the_profile text,
                                    starts timestamptz, ends timestamptz, tbs bytea, spki bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.issuing');
    IF NOT EXISTS (SELECT FROM signer_order(wanted) WHERE issue_wanted) THEN
        PERFORM refuse(409, 'no certificate is wanted for this order');
    END IF;
    UPDATE certificate SET (algorithm, profile, not_before, not_after, tbs_sm3, public_sha256) =
        (kind, the_profile, starts, ends, tbs, spki)
     WHERE ca = the_ca AND serial = new_serial AND order_id = wanted AND state = 'issuing';
    IF FOUND THEN
        RETURN;
    ELSIF EXISTS (SELECT FROM certificate WHERE ca = the_ca AND serial = new_serial) THEN
        PERFORM refuse(409, 'this serial number is taken');
    END IF;
    INSERT INTO certificate (serial, order_id, ca, algorithm, profile, not_before, not_after, tbs_sm3, public_sha256)
    VALUES (new_serial, wanted, the_ca, kind, the_profile, starts, ends, tbs, spki);
END $$;

GRANT EXECUTE ON FUNCTION hall.signer_issuing, hall.signer_signature, hall.signer_publish TO certhall_signer;

COMMIT;
