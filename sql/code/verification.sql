-- What the public may ask about certificates and signatures.

-- A serial number has 64 random bits, so nobody finds another's by chance; still, tries are limited.
CREATE OR REPLACE FUNCTION hall.serial_status(wanted text, most int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM count_public('serial', coalesce((caller()).address, ''), most, '今天查询的次数过多，请明天再试，或拨打服务热线。');
    RETURN jsonb_build_object('serial', wanted, 'certificates',
        (SELECT coalesce(jsonb_agg(certificate_public(c) ORDER BY c.issued_at), '[]') FROM certificate c
          WHERE c.serial = wanted AND c.state <> 'issuing'));
END $$;

CREATE OR REPLACE FUNCTION hall.serials_ask(new_id uuid, unit bytea, name text, per_unit int, per_address int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM count_public('serials_address', coalesce((caller()).address, ''), per_address,
                         '今天查询的次数过多，请明天再试，或拨打服务热线。');
    PERFORM count_public('serials_unit', encode(unit, 'hex'), per_unit, '这个单位今天已经查询过多次，请查看经办人收到的短信，或明天再试。');
    INSERT INTO serials_request (id, unit_hash, unit_name) VALUES (new_id, unit, name);
    PERFORM enqueue('serials', 'serials/' || new_id, new_id);
END $$;

-- Of a unit's certificates only those that are published count: the agent of the latest one is informed about them, at most three times a
-- day for all units of the agent.
CREATE OR REPLACE FUNCTION hall.serials_tell(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    r serials_request;
    latest orders;
    numbers text[];
BEGIN
    DELETE FROM serials_request WHERE id = wanted RETURNING * INTO r;
    SELECT o.* INTO latest FROM orders o JOIN certificate c ON c.order_id = o.id AND c.state IN ('valid', 'hold')
     WHERE o.unit_hash = r.unit_hash AND plain_name(o.subject) = plain_name(r.unit_name) AND c.not_after > now()
       AND o.published
     ORDER BY c.issued_at DESC LIMIT 1;
    IF NOT FOUND OR (SELECT count(*) FROM message m JOIN orders o ON o.id = m.order_id
                      WHERE m.event = 'serials' AND o.account = latest.account AND m.created_at > now() - interval '1 day') >= 3 THEN
        RETURN;
    END IF;
    SELECT array_agg(c.serial ORDER BY c.issued_at DESC) INTO numbers FROM orders o JOIN certificate c ON c.order_id = o.id
     WHERE o.unit_hash = r.unit_hash AND plain_name(o.subject) = plain_name(r.unit_name) AND c.state IN ('valid', 'hold')
       AND c.not_after > now() AND o.published;
    PERFORM tell(latest.id, 'serials', 'agent', wanted::text, jsonb_build_object('unit', latest.subject, 'serials',
        array_to_string(numbers[:5], '、') || CASE WHEN cardinality(numbers) > 5 THEN ' 等' ELSE '' END,
        'count', cardinality(numbers)::text));
END $$;

-- The authority's certificates, and those of external authorities that issue for us.
CREATE OR REPLACE FUNCTION hall.authorities() RETURNS TABLE (role text, external bool, certificate bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT a.role, c.external, a.certificate FROM ca_certificate a JOIN ca c ON c.name = a.ca;
END $$;

-- What is known about certificates that somebody has shown; nothing about those that we have not issued.
CREATE OR REPLACE FUNCTION hall.certificates_known(ders bytea[])
RETURNS TABLE (place int, state text, reason text, revoked_at bigint, type text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT d.place::int, c.state, c.reason, extract(epoch FROM c.revoked_at)::bigint, certificate_public(c) ->> 'type'
      FROM unnest(ders) WITH ORDINALITY AS d(der, place) JOIN certificate c ON c.certificate = d.der;
END $$;

-- A seal that we have made: as it is in our records, or withdrawn since.
CREATE OR REPLACE FUNCTION hall.seal_known(number text, der bytea) RETURNS TABLE (same bool, state text, withdrawn_at bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT s.seal = der, seal_state(s), extract(epoch FROM s.withdrawn_at)::bigint
      FROM seal s WHERE s.es_id = number AND s.seal IS NOT NULL;
END $$;
