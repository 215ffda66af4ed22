-- Revocation lists and pre-signed OCSP responses.

-- What the public may know about a certificate.
CREATE OR REPLACE VIEW hall.published_status AS
    SELECT ca, serial, der, etag, this_update, next_update FROM hall.ocsp_response;

-- The consequences of a certificate's new state; its previous state may be NULL (none).
CREATE OR REPLACE FUNCTION hall.certificate_status(c hall.certificate, was text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE change bigint;
BEGIN
    IF (SELECT external FROM ca WHERE name = c.ca) THEN
        RETURN;
    END IF;
    INSERT INTO ocsp_response (certificate, ca, serial) VALUES (c.id, c.ca, c.serial)
    ON CONFLICT (certificate) DO UPDATE SET (state, der, etag, this_update, next_update, due_at) =
        (NULL, NULL, NULL, NULL, NULL, '-infinity');
    PERFORM enqueue('ocsp', 'ocsp/' || c.id || '/' || c.audit_seq, c.id);
    IF c.state IN ('hold', 'revoked') OR was = 'hold' THEN
        INSERT INTO crl_change (ca, certificate) VALUES (c.ca, c.id) RETURNING id INTO change;
        PERFORM enqueue('crl', 'crl/' || c.ca || '/' || change, NULL);
    END IF;
END $$;

-- A new CA has a list from the beginning, since its certificates name the list's address.
CREATE OR REPLACE FUNCTION hall.ca_certificate_status() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NOT (SELECT external FROM ca WHERE name = NEW.ca) THEN
        PERFORM enqueue('crl', 'crl/' || NEW.ca || '/' || NEW.id, NULL);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER ca_certificate_status AFTER INSERT ON hall.ca_certificate
    FOR EACH ROW WHEN (NEW.role = 'issuing') EXECUTE FUNCTION hall.ca_certificate_status();

-- (Times in whole seconds are rounded down, so that a list is never of a future second.) Takes the next number when a list is needed:
-- there is none yet, or the newest is `every` old, or a change is in no list. The changes known now belong to this list; a change
-- that comes while its contents are read also belongs to the next one.
CREATE OR REPLACE FUNCTION hall.signer_crl(the_ca text, every interval, lasts interval)
RETURNS TABLE (number bigint, base bigint, this_update bigint, next_update bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    last crl;
    new crl;
BEGIN
    IF NOT EXISTS (SELECT FROM ca c WHERE c.name = the_ca AND NOT c.external FOR NO KEY UPDATE) THEN -- one at a time
        PERFORM refuse(409, 'no CA of our own');
    END IF;
    SELECT * INTO last FROM crl l WHERE l.ca = the_ca AND l.der IS NOT NULL ORDER BY l.number DESC LIMIT 1;
    IF last.this_update + every > now() AND NOT EXISTS (SELECT FROM crl_change h WHERE h.ca = the_ca
            AND (h.number IS NULL OR h.number > last.number)) THEN
        PERFORM refuse(409, 'no list is wanted');
    END IF;
    INSERT INTO crl (ca, number, base, this_update, next_update)
    SELECT the_ca, coalesce(max(l.number), 0) + 1,
           min(l.number) FILTER (WHERE l.der IS NOT NULL AND l.next_update > now()), now(), now() + lasts
      FROM crl l WHERE l.ca = the_ca
    RETURNING * INTO new;
    UPDATE crl_change h SET number = new.number WHERE h.ca = the_ca AND h.number IS NULL;
    RETURN QUERY SELECT new.number, new.base, floor(extract(epoch FROM new.this_update))::bigint,
                        floor(extract(epoch FROM new.next_update))::bigint;
END $$;

-- The contents of the list whose number was taken last, by serial number. An expired certificate leaves the full list a week after
-- its end. A certificate that is not `listed` and has changed since the base list is listed as removed in the delta list; those are
-- few, and each is read by its id.
CREATE OR REPLACE FUNCTION hall.signer_crl_entries(the_ca text)
RETURNS TABLE (serial text, revoked_at bigint, reason text, listed bool, changed bool)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    base_ bigint := (SELECT l.base FROM crl l WHERE l.ca = the_ca ORDER BY l.number DESC LIMIT 1);
    ended timestamptz := now() - interval '7 days';
BEGIN
    RETURN QUERY WITH since AS (SELECT DISTINCT h.certificate AS id FROM crl_change h WHERE h.ca = the_ca AND h.number > base_)
    SELECT c.serial, floor(extract(epoch FROM c.revoked_at))::bigint, published_reason(c), true, s.id IS NOT NULL
      FROM certificate c LEFT JOIN since s ON s.id = c.id
     WHERE c.ca = the_ca AND c.state IN ('hold', 'revoked') AND c.not_after > ended
    UNION ALL
    SELECT c.serial, floor(extract(epoch FROM c.revoked_at))::bigint, published_reason(c), false, true
      FROM since s CROSS JOIN LATERAL (SELECT x.* FROM certificate x WHERE x.id = s.id OFFSET 0) c -- OFFSET: not by reading all
     WHERE c.state NOT IN ('hold', 'revoked') OR c.not_after <= ended
     ORDER BY 1;
END $$;

-- Stores both lists at once.
CREATE OR REPLACE FUNCTION hall.signer_crl_signed(the_ca text, which bigint, full_list bytea, delta_list bytea, n int, delta_n int)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE crl l SET (der, delta, entries, delta_entries, signed_at, waited) =
        (full_list, delta_list, n, delta_n, clock_timestamp(),
         (SELECT extract(epoch FROM clock_timestamp() - min(h.at)) FROM crl_change h WHERE h.ca = the_ca
             AND h.number <= which AND h.number > coalesce((SELECT max(o.number) FROM crl o WHERE o.ca = the_ca
                                                               AND o.number < which AND o.der IS NOT NULL), 0)))
     WHERE l.ca = the_ca AND l.number = which AND l.der IS NULL;
    IF NOT FOUND THEN
        PERFORM refuse(409, 'this list is not being signed');
    END IF;
END $$;

-- The status of one certificate, or of those that are due, longest due first.
CREATE OR REPLACE FUNCTION hall.signer_ocsp(wanted uuid)
RETURNS TABLE (id uuid, ca text, serial text, reason text, revoked_at bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT c.id, c.ca, c.serial, published_reason(c), floor(extract(epoch FROM c.revoked_at))::bigint
      FROM certificate c JOIN ocsp_response r ON r.certificate = c.id WHERE c.id = wanted AND c.not_after > now();
END $$;

CREATE OR REPLACE FUNCTION hall.signer_ocsp_due(the_ca text, most int)
RETURNS TABLE (id uuid, ca text, serial text, reason text, revoked_at bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT c.id, c.ca, c.serial, published_reason(c), floor(extract(epoch FROM c.revoked_at))::bigint
      FROM ocsp_response r JOIN certificate c ON c.id = r.certificate
     WHERE r.ca = the_ca AND r.due_at <= now() AND c.not_after > now() ORDER BY r.due_at LIMIT most;
END $$;

-- signer_signature for many signatures at once.
CREATE OR REPLACE FUNCTION hall.signer_signatures(the_ca text, the_key text, the_kind text, what text[], digests text[])
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO signature (ca, key, kind, subject, sm3)
    SELECT the_ca, the_key, the_kind, s.what, decode(s.sm3, 'hex') FROM unnest(what, digests) AS s (what, sm3);
END $$;

-- Stores signed statuses of certificates whose state has not changed since; for the others the pending change is awaited. `reasons`
-- and `times` are those that signer_ocsp gave, `ders` is hex. Returns how many were stored.
CREATE OR REPLACE FUNCTION hall.signer_ocsp_signed(ids uuid[], reasons text[], times bigint[], ders text[], starts timestamptz,
                                        ends timestamptz) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE n int;
BEGIN
    WITH made AS (SELECT * FROM unnest(ids, reasons, times, ders) AS m (id, reason, revoked_at, der)),
         still AS (SELECT c.id, c.state, decode(m.der, 'hex') AS der FROM certificate c JOIN made m ON m.id = c.id
                      AND m.reason IS NOT DISTINCT FROM published_reason(c)
                      AND m.revoked_at IS NOT DISTINCT FROM floor(extract(epoch FROM c.revoked_at))::bigint
                    ORDER BY c.id FOR SHARE OF c)
    UPDATE ocsp_response r SET (state, der, etag, this_update, next_update, due_at) =
        (CASE s.state WHEN 'valid' THEN 'good' ELSE s.state END, s.der, encode(sha256(s.der), 'hex'), starts, ends,
         starts + (ends - starts) / 2)
      FROM still s WHERE r.certificate = s.id;
    GET DIAGNOSTICS n = ROW_COUNT;
    RETURN n;
END $$;

-- The next batch of a CA whose statuses are due; its key makes it a different job from the one that requests it.
CREATE OR REPLACE FUNCTION hall.status_more(the_ca text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enqueue('ocsp_due', 'ocsp_due/' || the_ca || '/' || extract(epoch FROM clock_timestamp()), NULL)
     WHERE EXISTS (SELECT FROM ocsp_response r WHERE r.ca = the_ca AND r.due_at <= now());
END $$;

-- By the clock: a list for every CA each `every`, statuses that are due, and the deletion of what is not needed any more: statuses of
-- certificates that have ended, and records of signatures of statuses that have expired everywhere.
CREATE OR REPLACE FUNCTION hall.status_due(every interval, keep interval) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE one text;
BEGIN
    DELETE FROM signature WHERE kind = 'ocsp' AND at < now() - keep;
    FOR one IN SELECT name FROM ca WHERE NOT external LOOP
        DELETE FROM ocsp_response r USING certificate c
         WHERE r.ca = one AND r.due_at <= now() AND c.id = r.certificate AND c.not_after <= now();
        IF NOT EXISTS (SELECT FROM crl l WHERE l.ca = one AND l.der IS NOT NULL AND l.this_update + every > now()) THEN
            PERFORM enqueue('crl', 'crl/' || one || '/' || to_char(now() AT TIME ZONE 'UTC', 'YYYYMMDDHH24MI'), NULL);
        END IF;
        PERFORM status_more(one);
    END LOOP;
END $$;

-- Lists and statuses of our own CAs, for the desk's page about the authority. Counts go up to count_most().
CREATE OR REPLACE FUNCTION hall.status_json() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('ca', a.name, 'algorithm', a.algorithm,
        'list', (SELECT jsonb_build_object('number', l.number, 'this_update', iso(l.this_update),
                    'next_update', iso(l.next_update), 'entries', l.entries, 'base', l.base,
                    'delta_entries', l.delta_entries,
                    'seconds', (SELECT o.waited FROM crl o WHERE o.ca = a.name AND o.waited IS NOT NULL
                                 ORDER BY o.number DESC LIMIT 1))
                   FROM crl l WHERE l.ca = a.name AND l.der IS NOT NULL ORDER BY l.number DESC LIMIT 1),
        'untold', (SELECT count(*) FROM (
                (SELECT FROM crl_change h WHERE h.ca = a.name AND h.number IS NULL LIMIT count_most())
                UNION ALL
                (SELECT FROM crl_change h WHERE h.ca = a.name AND h.number > coalesce(
                        (SELECT max(l.number) FROM crl l WHERE l.ca = a.name AND l.der IS NOT NULL), 0) LIMIT count_most())
                LIMIT count_most()) h),
        'responses', jsonb_build_object(
                'good', (SELECT count(*) FROM (SELECT FROM ocsp_response r WHERE r.ca = a.name AND r.state = 'good'
                     ORDER BY r.serial LIMIT count_most()) r), -- ordered by serial, so that the index also serves a CA with few statuses
                'hold', (SELECT count(*) FROM (SELECT FROM ocsp_response r WHERE r.ca = a.name AND r.state = 'hold' LIMIT count_most()) r),
                'revoked', (SELECT count(*) FROM (SELECT FROM ocsp_response r WHERE r.ca = a.name AND r.state = 'revoked' LIMIT count_most()) r),
                'missing', (SELECT count(*) FROM (SELECT FROM ocsp_response r WHERE r.ca = a.name AND r.state IS NULL LIMIT count_most()) r),
                'due', (SELECT count(*) FROM (SELECT FROM ocsp_response r WHERE r.ca = a.name AND r.due_at <= now() LIMIT count_most()) r),
                'expired', (SELECT count(*) FROM (SELECT FROM ocsp_response r
                     WHERE r.ca = a.name AND r.due_at <= now() AND r.next_update <= now() LIMIT count_most()) r),
                'oldest', (SELECT iso(r.this_update) FROM ocsp_response r
                            WHERE r.ca = a.name AND r.due_at > '-infinity' ORDER BY r.due_at LIMIT 1)))
        ORDER BY a.name), '[]'))::text
      FROM ca a WHERE NOT a.external);
END $$;
