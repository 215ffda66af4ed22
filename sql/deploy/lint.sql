-- Deploy certhall:lint to pg
-- Every night the certificates in force are held against their profiles; the OCSP signers' are renewed in time.
BEGIN;

-- A night's run. It goes through our own certificates in the order of their ids, a batch a job.
CREATE TABLE hall.lint (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    night        date NOT NULL UNIQUE,
    started_at   timestamptz NOT NULL DEFAULT now(),
    reached      uuid NOT NULL DEFAULT '00000000-0000-0000-0000-000000000000',
    certificates int NOT NULL DEFAULT 0,
    ended_at     timestamptz
);

-- What is wrong with a certificate: of an order, or of the authority itself. Gone when a later night does not find it any more.
CREATE TABLE hall.lint_finding (
    certificate    uuid REFERENCES hall.certificate ON DELETE CASCADE,
    ca_certificate uuid REFERENCES hall.ca_certificate ON DELETE CASCADE,
    rule           text NOT NULL, -- core/pki/lint.c
    sentence       text NOT NULL,
    found_at       timestamptz NOT NULL DEFAULT now(),
    CHECK (num_nonnulls(certificate, ca_certificate) = 1)
);
CREATE UNIQUE INDEX lint_finding_certificate ON hall.lint_finding (certificate, rule) WHERE certificate IS NOT NULL;
CREATE UNIQUE INDEX lint_finding_ca ON hall.lint_finding (ca_certificate, rule) WHERE ca_certificate IS NOT NULL;

-- Begins a night's run, or begins it again.
CREATE FUNCTION hall.lint_want(wanted date, wait interval DEFAULT '0') RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE l uuid;
BEGIN
    INSERT INTO lint (night) VALUES (wanted)
    ON CONFLICT (night) DO UPDATE SET (started_at, reached, certificates, ended_at) = (now(), DEFAULT, 0, NULL) RETURNING id INTO l;
    PERFORM enqueue('lint', 'lint/' || l || '/' || extract(epoch FROM clock_timestamp()), l, wait);
    RETURN l;
END $$;

-- Certificates of ours, each with the one that signed it: the newest of its issuer that was in force when it began.
CREATE FUNCTION hall.lint_issuer(the_ca text, the_role text, at timestamptz) RETURNS bytea
LANGUAGE sql STABLE SET search_path = hall, pg_temp AS $$
    SELECT certificate FROM ca_certificate WHERE ca = the_ca AND role = the_role AND not_before <= at
     ORDER BY not_before DESC LIMIT 1 $$;

-- The next batch of a run. `profile` of an authority's own certificate is its role; roots have no issuer.
CREATE FUNCTION hall.lint_work(wanted uuid, most int)
RETURNS TABLE (id uuid, profile text, ca text, algorithm text, certificate bytea, issuer bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT n.id, n.profile, a.name, a.algorithm, n.certificate, n.issuer
      FROM lint l, ca a, LATERAL (
          (SELECT c.id, c.profile, c.certificate, lint_issuer(c.ca, 'issuing', c.not_before) AS issuer
             FROM certificate c WHERE c.ca = a.name AND c.state IN ('valid', 'hold') AND c.not_after > now() AND c.id > l.reached
            ORDER BY c.id LIMIT most)
          UNION ALL
          (SELECT c.id, c.role, c.certificate, CASE c.role WHEN 'root' THEN NULL
                      WHEN 'issuing' THEN lint_issuer(c.ca, 'root', c.not_before) ELSE lint_issuer(c.ca, 'issuing', c.not_before) END
             FROM ca_certificate c WHERE c.ca = a.name AND c.not_after > now() AND c.id > l.reached
            ORDER BY c.id LIMIT most)) n
     WHERE l.id = wanted AND l.ended_at IS NULL AND NOT a.external
     ORDER BY n.id LIMIT most $$;

-- What a batch has come to: ids of all that were looked at (none: the run is over), [{"id", "rule", "sentence"}] of what was
-- found. Another batch is asked for.
CREATE FUNCTION hall.lint_found(wanted uuid, seen uuid[], findings jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF cardinality(seen) = 0 THEN
        DELETE FROM lint_finding f USING certificate c -- not looked at any more
         WHERE c.id = f.certificate AND (c.state NOT IN ('valid', 'hold') OR c.not_after <= now());
        DELETE FROM lint_finding f USING ca_certificate c WHERE c.id = f.ca_certificate AND c.not_after <= now();
        UPDATE lint SET ended_at = now() WHERE id = wanted AND ended_at IS NULL;
        RETURN;
    END IF;
    DELETE FROM lint_finding f WHERE coalesce(f.certificate, f.ca_certificate) = ANY (seen)
       AND NOT EXISTS (SELECT FROM jsonb_array_elements(findings) x
                        WHERE (x ->> 'id')::uuid = coalesce(f.certificate, f.ca_certificate) AND x ->> 'rule' = f.rule);
    INSERT INTO lint_finding (certificate, ca_certificate, rule, sentence)
    SELECT c.id, a.id, x ->> 'rule', x ->> 'sentence' FROM jsonb_array_elements(findings) x
      LEFT JOIN certificate c ON c.id = (x ->> 'id')::uuid LEFT JOIN ca_certificate a ON a.id = (x ->> 'id')::uuid
    ON CONFLICT DO NOTHING;
    UPDATE lint SET reached = (SELECT s FROM unnest(seen) s ORDER BY s DESC LIMIT 1), certificates = certificates + cardinality(seen)
     WHERE id = wanted;
    PERFORM enqueue('lint', 'lint/' || wanted || '/' || extract(epoch FROM clock_timestamp()), wanted);
END $$;

-- The newest certificate of each role of a CA, and how it stands: an OCSP signer is renewed in its last third, an issuing CA
-- with less than five years left shortens what it issues.
CREATE FUNCTION hall.ca_newest() RETURNS TABLE (id uuid, ca text, role text, serial text, subject text, not_before timestamptz,
                                                not_after timestamptz, certificate bytea, warning text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT DISTINCT ON (c.ca, c.role) c.id, c.ca, c.role, c.serial, c.subject, c.not_before, c.not_after, c.certificate,
           CASE WHEN c.not_after <= now() THEN 'ended'
                WHEN c.role = 'ocsp' AND c.not_after - now() < (c.not_after - c.not_before) / 4 THEN 'late'
                WHEN c.role = 'stamp' AND c.not_after < now() + interval '90 days' THEN 'soon'
                WHEN c.role IN ('root', 'issuing') AND NOT a.external AND c.not_after < now() + interval '5 years' THEN 'short'
                WHEN c.role IN ('root', 'issuing') AND c.not_after < now() + interval '90 days' THEN 'soon' END
      FROM ca_certificate c JOIN ca a ON a.name = c.ca
     ORDER BY c.ca, c.role, c.not_after DESC, c.published_at DESC $$;

-- Once a night, from two o'clock in Beijing on; and each OCSP signer's certificate that is in its last third.
CREATE FUNCTION hall.authority_due() RETURNS void
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

-- What the desk's page of the authority shows.
CREATE FUNCTION hall.lint_json() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object(
        'cas', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', a.name, 'algorithm', a.algorithm, 'external', a.external,
            'certificates', (SELECT coalesce(jsonb_agg(jsonb_build_object('role', n.role, 'serial', n.serial, 'subject', n.subject,
                    'not_before', iso(n.not_before), 'not_after', iso(n.not_after), 'warning', n.warning,
                    'sha256', encode(sha256(n.certificate), 'hex'),
                    'findings', (SELECT coalesce(jsonb_agg(jsonb_build_object('rule', f.rule, 'sentence', f.sentence)
                                                 ORDER BY f.rule), '[]') FROM lint_finding f WHERE f.ca_certificate = n.id))
                    ORDER BY array_position('{root,issuing,ocsp,stamp}', n.role)), '[]')
                FROM ca_newest() n WHERE n.ca = a.name))
            ORDER BY a.external, array_position('{sm2,rsa,p256}', a.name), a.name), '[]') FROM ca a),
        'lint', (SELECT jsonb_build_object('night', l.night, 'started_at', iso(l.started_at), 'ended_at', iso(l.ended_at),
                                           'certificates', l.certificates) FROM lint l ORDER BY l.night DESC LIMIT 1),
        'total', (SELECT count(*) FROM lint_finding),
        'findings', (SELECT coalesce(jsonb_agg(x.row), '[]') FROM (
            SELECT jsonb_build_object('rule', f.rule, 'sentence', f.sentence, 'found_at', iso(f.found_at), 'serial', c.serial,
                                      'ca', c.ca, 'profile', c.profile, 'order_id', c.order_id, 'number', o.number) AS row
              FROM lint_finding f JOIN certificate c ON c.id = f.certificate JOIN orders o ON o.id = c.order_id
             ORDER BY f.found_at DESC, c.serial, f.rule LIMIT 200) x))::text $$;

GRANT EXECUTE ON FUNCTION hall.authority_due, hall.lint_work, hall.lint_found TO certhall_runner;
GRANT EXECUTE ON FUNCTION hall.lint_json TO certhall_desk;

COMMIT;
