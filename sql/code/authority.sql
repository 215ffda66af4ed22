-- The authorities, and the record of all signatures.

CREATE OR REPLACE FUNCTION hall.signer_signature(the_ca text, the_key text, the_kind text, what text, digest bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO signature (ca, key, kind, subject, sm3) VALUES (the_ca, the_key, the_kind, what, digest);
END $$;

-- The signer registers its CAs and their certificates.
CREATE OR REPLACE FUNCTION hall.signer_publish(the_ca text, kind text, others bool, the_role text, number text, shown text,
                                    starts timestamptz, ends timestamptz, der bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO ca (name, algorithm, external) VALUES (the_ca, kind, others)
    ON CONFLICT (name) DO UPDATE SET (algorithm, external) = (EXCLUDED.algorithm, EXCLUDED.external)
     WHERE (ca.algorithm, ca.external) IS DISTINCT FROM (EXCLUDED.algorithm, EXCLUDED.external);
    INSERT INTO ca_certificate (ca, role, serial, subject, not_before, not_after, certificate)
    VALUES (the_ca, the_role, number, shown, starts, ends, der) ON CONFLICT (certificate) DO NOTHING;
END $$;

-- The certificates above one of that authority: issuing and root certificates, newest first.
CREATE OR REPLACE FUNCTION hall.ca_chain(of_ca text) RETURNS TABLE (certificate bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT k.certificate FROM ca_certificate k WHERE k.ca = of_ca AND k.role IN ('issuing', 'root')
     ORDER BY k.not_before DESC;
END $$;

-- An external authority is told about the revocations of its certificates; the runner reports the state at the time of the call.
CREATE OR REPLACE FUNCTION hall.tell_external(c hall.certificate) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF (SELECT external FROM ca WHERE name = c.ca) THEN
        PERFORM enqueue('cmp_revoke', 'cmp_revoke/' || c.id || '/' || c.audit_seq, c.id);
    END IF;
END $$;

-- `reason` is the number of RFC 5280, 5.3.1; 8 releases a hold. What was never used ceases.
CREATE OR REPLACE FUNCTION hall.cmp_revoke_work(wanted uuid) RETURNS TABLE (ca text, certificate bytea, reason int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT c.ca, c.certificate, CASE coalesce(c.reason, '') WHEN '' THEN 8 WHEN 'key_compromise' THEN 1
           WHEN 'affiliation_changed' THEN 3 WHEN 'superseded' THEN 4 WHEN 'cessation' THEN 5 WHEN 'hold' THEN 6
           WHEN 'privilege_withdrawn' THEN 9 ELSE 0 END
      FROM certificate c JOIN ca ON ca.name = c.ca AND ca.external WHERE c.id = wanted AND c.state <> 'issuing'
    UNION ALL SELECT u.ca, u.certificate, 5 FROM certificate_unwanted u WHERE u.id = wanted;
END $$;

-- The newest certificate of each role of a CA, and its condition: an OCSP signer's is renewed in its last third; an issuing CA with
-- less than five years left shortens the certificates that it issues.
CREATE OR REPLACE FUNCTION hall.ca_newest() RETURNS TABLE (id uuid, ca text, role text, serial text, subject text, not_before timestamptz,
                                                not_after timestamptz, certificate bytea, warning text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT DISTINCT ON (c.ca, c.role) c.id, c.ca, c.role, c.serial, c.subject, c.not_before, c.not_after, c.certificate,
           CASE WHEN c.not_after <= now() THEN 'ended'
                WHEN c.role = 'ocsp' AND c.not_after - now() < (c.not_after - c.not_before) / 4 THEN 'late'
                WHEN c.role IN ('seal', 'evidence') AND c.not_after < now() + interval '90 days' THEN 'soon'
                WHEN c.role IN ('root', 'issuing') AND NOT a.external AND c.not_after < now() + interval '5 years' THEN 'short'
                WHEN c.role IN ('root', 'issuing') AND c.not_after < now() + interval '90 days' THEN 'soon' END
      FROM ca_certificate c JOIN ca a ON a.name = c.ca
     ORDER BY c.ca, c.role, c.not_after DESC, c.published_at DESC;
END $$;

-- Once a night, from two o'clock (Beijing time): the lint, and each OCSP signer's certificate that is in its last third.
CREATE OR REPLACE FUNCTION hall.authority_due() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    beijing timestamp := now() AT TIME ZONE 'Asia/Shanghai';
    c record;
BEGIN
    IF beijing::time >= '02:00' AND NOT EXISTS (SELECT FROM lint WHERE night = beijing::date) THEN
        PERFORM lint_want(beijing::date);
    END IF;
    FOR c IN SELECT n.ca FROM ca_newest() n JOIN ca a ON a.name = n.ca
              WHERE n.role = 'ocsp' AND NOT a.external AND n.not_after - now() < (n.not_after - n.not_before) / 3 LOOP
        PERFORM enqueue('renew', 'renew/' || c.ca || '/' || beijing::date, NULL);
    END LOOP;
END $$;
