-- The nightly check of certificates against their profiles.

-- Begins a nightly run, or restarts it.
CREATE OR REPLACE FUNCTION hall.lint_want(wanted date, wait interval DEFAULT '0') RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE l uuid;
BEGIN
    INSERT INTO lint (night) VALUES (wanted)
    ON CONFLICT (night) DO UPDATE SET (started_at, reached, certificates, ended_at) = (now(), DEFAULT, 0, NULL) RETURNING id INTO l;
    PERFORM enqueue('lint', 'lint/' || l || '/' || extract(epoch FROM clock_timestamp()), l, wait);
    RETURN l;
END $$;

-- Our certificates, each with the certificate that signed it: the newest one of its issuer that was valid when it began.
CREATE OR REPLACE FUNCTION hall.lint_issuer(the_ca text, the_role text, at timestamptz) RETURNS bytea
LANGUAGE plpgsql STABLE SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT certificate FROM ca_certificate WHERE ca = the_ca AND role = the_role AND not_before <= at
     ORDER BY not_before DESC LIMIT 1);
END $$;

-- The next batch of a run. The `profile` of the authority's own certificates is their role; roots have no issuer.
CREATE OR REPLACE FUNCTION hall.lint_work(wanted uuid, most int)
RETURNS TABLE (id uuid, profile text, ca text, algorithm text, certificate bytea, issuer bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT n.id, n.profile, a.name, a.algorithm, n.certificate, n.issuer
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
     ORDER BY n.id LIMIT most;
END $$;

-- Stores the result of a batch: the ids of all certificates that were checked (none: the run is over), and the findings [{"id",
-- "rule", "sentence"}]. Then the next batch is requested.
CREATE OR REPLACE FUNCTION hall.lint_found(wanted uuid, seen uuid[], findings jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF cardinality(seen) = 0 THEN
        DELETE FROM lint_finding f USING certificate c -- certificates that are not checked any more
         WHERE c.id = f.certificate AND (c.state NOT IN ('valid', 'hold') OR c.not_after <= now());
        DELETE FROM lint_finding f USING ca_certificate c WHERE c.id = f.ca_certificate AND c.not_after <= now();
        UPDATE lint SET ended_at = now() WHERE id = wanted AND ended_at IS NULL;
        RETURN;
    END IF;
    DELETE FROM lint_finding f WHERE (f.certificate = ANY (seen) OR f.ca_certificate = ANY (seen))
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

-- The data for the desk's page about the authority.
CREATE OR REPLACE FUNCTION hall.lint_json() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN jsonb_build_object(
        'cas', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', a.name, 'algorithm', a.algorithm, 'external', a.external,
            'certificates', (SELECT coalesce(jsonb_agg(jsonb_build_object('role', n.role, 'serial', n.serial, 'subject', n.subject,
                    'not_before', iso(n.not_before), 'not_after', iso(n.not_after), 'warning', n.warning,
                    'sha256', encode(sha256(n.certificate), 'hex'),
                    'findings', (SELECT coalesce(jsonb_agg(jsonb_build_object('rule', f.rule, 'sentence', f.sentence)
                                                 ORDER BY f.rule), '[]') FROM lint_finding f WHERE f.ca_certificate = n.id))
                    ORDER BY array_position('{root,issuing,ocsp,seal,evidence}', n.role)), '[]')
                FROM ca_newest() n WHERE n.ca = a.name))
            ORDER BY a.external, array_position('{sm2,rsa,p256}', a.name), a.name), '[]') FROM ca a),
        'lint', (SELECT jsonb_build_object('night', l.night, 'started_at', iso(l.started_at), 'ended_at', iso(l.ended_at),
                                           'certificates', l.certificates) FROM lint l ORDER BY l.night DESC LIMIT 1),
        'total', (SELECT count(*) FROM (SELECT FROM lint_finding LIMIT count_most()) f),
        'findings', (SELECT coalesce(jsonb_agg(x.row), '[]') FROM (
            SELECT jsonb_build_object('rule', f.rule, 'sentence', f.sentence, 'found_at', iso(f.found_at), 'serial', c.serial,
                                      'ca', c.ca, 'profile', c.profile, 'order_id', c.order_id, 'number', o.number) AS row
              FROM lint_finding f JOIN certificate c ON c.id = f.certificate JOIN orders o ON o.id = c.order_id
             ORDER BY f.found_at DESC, c.serial, f.rule LIMIT 200) x))::text;
END $$;
