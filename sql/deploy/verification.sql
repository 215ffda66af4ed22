-- Deploy certhall:verification to pg
-- What the public may ask: whether a certificate is good, by its serial number or by the certificate itself; and its own
-- serial numbers, by unit and code, which are told to the handler on record and not to whoever asks.
BEGIN;

CREATE INDEX certificate_serial ON hall.certificate (serial);
CREATE INDEX certificate_der ON hall.certificate USING hash (certificate);
CREATE INDEX orders_unit ON hall.orders (unit_hash);

-- How often somebody has asked on a day. Kept for two days.
CREATE TABLE hall.public_count (
    kind text NOT NULL,
    who  text NOT NULL,
    day  date NOT NULL DEFAULT current_date,
    n    int NOT NULL DEFAULT 1,
    PRIMARY KEY (kind, who, day)
);

CREATE FUNCTION hall.count_public(what text, whose text, most int, sentence text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE so_far int;
BEGIN
    INSERT INTO public_count AS c (kind, who) VALUES (what, whose)
    ON CONFLICT (kind, who, day) DO UPDATE SET n = c.n + 1 RETURNING c.n INTO so_far;
    IF so_far > most THEN
        PERFORM refuse(429, sentence);
    ELSIF so_far = 1 THEN
        DELETE FROM public_count WHERE day < current_date - 1;
    END IF;
END $$;

-- A certificate without whose it is.
CREATE FUNCTION hall.certificate_face(c hall.certificate) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('type', coalesce(t.name, '数字证书'), 'key_use', c.key_use, 'algorithm', c.algorithm,
               'not_before', iso(c.not_before), 'not_after', iso(c.not_after), 'since', iso(c.revoked_at),
               'state', CASE WHEN c.state = 'valid' AND c.not_after < now() THEN 'expired' ELSE c.state END)
      FROM orders o LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type WHERE o.id = c.order_id $$;

-- A serial number is 64 random bits, so that nobody comes upon another's; still nobody may try for long.
CREATE FUNCTION hall.serial_status(wanted text, most int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM count_public('serial', coalesce(known('address'), ''), most, '今天查询的次数过多，请明天再试，或拨打客服热线。');
    RETURN jsonb_build_object('serial', wanted, 'certificates',
        (SELECT coalesce(jsonb_agg(certificate_face(c) ORDER BY c.issued_at), '[]') FROM certificate c
          WHERE c.serial = wanted AND c.state <> 'issuing'));
END $$;

-- The certificates of one's own orders, by unit.
CREATE FUNCTION hall.my_certificates() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH mine AS (
        SELECT o.subject AS unit, max(c.issued_at) AS latest,
               jsonb_agg(jsonb_build_object('serial', c.serial, 'order', jsonb_build_object('id', o.id, 'number', o.number,
                   'slug', p.slug)) || certificate_face(c) ORDER BY c.issued_at DESC) AS list
          FROM orders o JOIN project p ON p.id = o.project JOIN certificate c ON c.order_id = o.id AND c.state <> 'issuing'
         WHERE o.account = me() AND my_kind() = 'account' GROUP BY o.subject)
    SELECT jsonb_build_object('units', coalesce(jsonb_agg(jsonb_build_object('unit', unit, 'certificates', list)
                                                          ORDER BY latest DESC), '[]'))::text FROM mine $$;

-- ---- by unit and code ----

-- Somebody wants the serial numbers of a unit. Who asks is told the same, at the same pace, whether there are any: what is
-- known is looked up by the runner.
CREATE TABLE hall.serials_request (
    id        uuid PRIMARY KEY,
    unit_hash bytea NOT NULL,
    unit_name text NOT NULL
);

CREATE FUNCTION hall.serials_ask(new_id uuid, unit bytea, name text, per_unit int, per_address int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM count_public('serials_address', coalesce(known('address'), ''), per_address,
                         '今天查询的次数过多，请明天再试，或拨打客服热线。');
    PERFORM count_public('serials_unit', encode(unit, 'hex'), per_unit, '这个单位今天已经查询过多次，请查看经办人收到的短信，或明天再试。');
    INSERT INTO serials_request (id, unit_hash, unit_name) VALUES (new_id, unit, name);
    PERFORM enqueue('serials', 'serials/' || new_id, new_id);
END $$;

-- Brackets and spaces are written in many ways.
CREATE FUNCTION hall.plain_name(name text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT translate(name, '() 　', '（）') $$;

-- The handler of the unit's latest certificate is told, at most three times a day for all units that he acts for.
CREATE FUNCTION hall.serials_tell(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    r serials_request;
    latest orders;
    numbers text[];
BEGIN
    DELETE FROM serials_request WHERE id = wanted RETURNING * INTO r;
    SELECT o.* INTO latest FROM orders o JOIN certificate c ON c.order_id = o.id AND c.state IN ('valid', 'hold')
     WHERE o.unit_hash = r.unit_hash AND plain_name(o.subject) = plain_name(r.unit_name) AND c.not_after > now()
     ORDER BY c.issued_at DESC LIMIT 1;
    IF NOT FOUND OR (SELECT count(*) FROM message m JOIN orders o ON o.id = m.order_id
                      WHERE m.event = 'serials' AND o.account = latest.account AND m.created_at > now() - interval '1 day') >= 3 THEN
        RETURN;
    END IF;
    SELECT array_agg(c.serial ORDER BY c.issued_at DESC) INTO numbers FROM orders o JOIN certificate c ON c.order_id = o.id
     WHERE o.unit_hash = r.unit_hash AND plain_name(o.subject) = plain_name(r.unit_name) AND c.state IN ('valid', 'hold')
       AND c.not_after > now();
    PERFORM tell(latest.id, 'serials', 'handler', wanted::text, jsonb_build_object('unit', latest.subject, 'serials',
        array_to_string(numbers[:5], '、') || CASE WHEN cardinality(numbers) > 5 THEN ' 等' ELSE '' END,
        'count', cardinality(numbers)::text));
END $$;

-- ---- for the verification of signatures ----

-- The authority's certificates, and those of others that issue for us.
CREATE FUNCTION hall.authorities() RETURNS TABLE (role text, external bool, certificate bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT a.role, c.external, a.certificate FROM ca_certificate a JOIN ca c ON c.name = a.ca $$;

-- What is known of certificates that somebody has shown; of one that we have not issued, nothing.
CREATE FUNCTION hall.certificates_known(ders bytea[])
RETURNS TABLE (place int, state text, reason text, revoked_at bigint, type text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT d.place::int, c.state, c.reason, extract(epoch FROM c.revoked_at)::bigint, certificate_face(c) ->> 'type'
      FROM unnest(ders) WITH ORDINALITY AS d(der, place) JOIN certificate c ON c.certificate = d.der $$;

-- A seal that we have made: as it stands in our records, or withdrawn since.
CREATE FUNCTION hall.seal_known(number text, der bytea) RETURNS TABLE (same bool, state text, withdrawn_at bigint)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT s.seal = der, seal_state(s), extract(epoch FROM s.withdrawn_at)::bigint
      FROM seal s WHERE s.es_id = number AND s.seal IS NOT NULL $$;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'certhall_verify') THEN
        CREATE ROLE certhall_verify LOGIN;
    END IF;
END $$;
GRANT USAGE ON SCHEMA hall TO certhall_verify;
GRANT EXECUTE ON FUNCTION hall.known, hall.me, hall.my_project, hall.my_kind, hall.my_roles, hall.data_keys, hall.refuse,
    hall.iso, hall.enter TO certhall_verify;
GRANT EXECUTE ON FUNCTION hall.authorities, hall.certificates_known, hall.seal_known TO certhall_verify;
GRANT EXECUTE ON FUNCTION hall.serial_status, hall.my_certificates, hall.serials_ask TO certhall_status;
GRANT EXECUTE ON FUNCTION hall.serials_tell TO certhall_runner;

COMMIT;
