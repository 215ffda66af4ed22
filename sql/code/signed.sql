-- What people have signed, as an administrator's command reads it to verify it: of one order or, without `wanted`, of all.

CREATE OR REPLACE FUNCTION hall.roster_list() RETURNS TABLE (version int, text text, signatures text, at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT r.version, r.text, r.signatures, r.at FROM roster r ORDER BY r.version;
END $$;

CREATE OR REPLACE FUNCTION hall.order_of_number(wanted text) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE found_id uuid := (SELECT o.id FROM orders o WHERE o.number = wanted);
BEGIN
    IF wanted IS NOT NULL AND found_id IS NULL THEN
        PERFORM refuse(404, format('there is no order %s', wanted));
    END IF;
    RETURN found_id;
END $$;

-- `twice`: the same person has signed a decision of the other kind about the order.
CREATE OR REPLACE FUNCTION hall.decisions_kept(wanted text, after bigint, most int)
RETURNS TABLE (id bigint, number text, order_id uuid, erased bool, what text, staff uuid, name text, decided_at timestamptz, at timestamptz,
               statement text, credential bytea, client_data bytea, authenticator_data bytea, signature bytea, leaves int, place int, path bytea,
               twice bool)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE of_order uuid := order_of_number(wanted);
BEGIN
    RETURN QUERY SELECT d.id, o.number, o.id, o.erased_at IS NOT NULL, d.what, d.staff, s.name, d.decided_at, d.at, d.statement, d.credential,
           d.client_data, d.authenticator_data, d.signature, d.leaves, d.place, d.path,
           EXISTS (SELECT FROM decision x WHERE x.order_id = d.order_id AND x.staff = d.staff AND x.what <> d.what)
      FROM decision d JOIN orders o ON o.id = d.order_id JOIN staff s ON s.id = d.staff
     WHERE d.id > coalesce(after, 0) AND (of_order IS NULL OR d.order_id = of_order) ORDER BY d.id LIMIT most;
END $$;

CREATE OR REPLACE FUNCTION hall.acts_kept(wanted text, after uuid, most int)
RETURNS TABLE (id uuid, number text, erased bool, what text, staff uuid, name text, decided_at timestamptz, at timestamptz, statement bytea,
               credential bytea, client_data bytea, authenticator_data bytea, signature bytea, leaves int, place int, path bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE of_order uuid := order_of_number(wanted);
BEGIN
    RETURN QUERY SELECT a.id, o.number, o.erased_at IS NOT NULL, a.what, a.staff, s.name, a.decided_at, a.at, a.statement, a.credential,
           a.client_data, a.authenticator_data, a.signature, a.leaves, a.place, a.path
      FROM act a JOIN orders o ON o.id = a.order_id JOIN staff s ON s.id = a.staff
     WHERE (after IS NULL OR a.id > after) AND (of_order IS NULL OR a.order_id = of_order) ORDER BY a.id LIMIT most;
END $$;

-- Resolutions belong to no order. `named` is how the text names the subject.
CREATE OR REPLACE FUNCTION hall.resolutions_kept(wanted text, after uuid, most int)
RETURNS TABLE (id uuid, named text, roster int, statement text, signatures text, document text, at timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT r.id, coalesce('网址：' || p.slug, '人员：' || s.name, '网点：' || l.code), r.roster, r.statement, r.signatures, r.document, r.at
      FROM resolution r LEFT JOIN project p ON r.what IN ('project', 'partner_key', 'partner_hook') AND p.id = r.subject
      LEFT JOIN staff s ON r.what = 'staff' AND s.id = r.subject LEFT JOIN outlet l ON r.what = 'outlet' AND l.id = r.subject
     WHERE wanted IS NULL AND (after IS NULL OR r.id > after) ORDER BY r.id LIMIT most;
END $$;

-- What must have been signed, and is not kept: the decisions about an order whose certificates the signer has issued; acts and resolutions that
-- the trail tells of; and changes of staff and projects, and partners' keys and addresses, since there is a roster, behind which the trail has no resolution. (Nobody signs
-- that a member of staff is locked out.)
CREATE OR REPLACE FUNCTION hall.signed_missing(wanted text) RETURNS TABLE (what text, wrong text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    of_order uuid := order_of_number(wanted);
    own text[] := ARRAY(SELECT columns_of('staff') UNION SELECT columns_of('project') UNION VALUES ('partner_key'), ('partner_hook'));
BEGIN
    RETURN QUERY SELECT format('decision %s of order %s', k.what, o.number), 'it is not kept' FROM orders o, (VALUES ('approve'), ('produce')) k(what)
     WHERE (of_order IS NULL OR o.id = of_order)
       AND EXISTS (SELECT FROM certificate c WHERE c.order_id = o.id AND c.state <> 'issuing')
       AND NOT EXISTS (SELECT FROM decision d WHERE d.order_id = o.id AND d.what = k.what);
    IF wanted IS NULL THEN
        RETURN QUERY SELECT format('act %s', a.detail ->> 'act'), 'it is not kept' FROM audit a
         WHERE a.detail ? 'act' AND NOT EXISTS (SELECT FROM act x WHERE x.id::text = a.detail ->> 'act');
        RETURN QUERY SELECT format('resolution %s', a.detail ->> 'resolution'), 'it is not kept' FROM audit a
         WHERE a.detail ? 'resolution' AND NOT EXISTS (SELECT FROM resolution x WHERE x.id::text = a.detail ->> 'resolution');
        RETURN QUERY SELECT format('%s %s, row %s of its trail', a.kind, coalesce(s.name, p.slug), a.seq), 'changed without a resolution'
          FROM audit a LEFT JOIN staff s ON s.id = a.subject LEFT JOIN project p ON p.id = a.subject
         WHERE a.kind IN ('staff', 'project') AND a.at > (SELECT r.at FROM roster r WHERE r.version = 1)
           AND a.detail ?| own AND a.detail <> '{"active": [true, false]}'
           AND NOT EXISTS (SELECT FROM audit n WHERE n.subject = a.subject AND n.seq = a.seq + 1 AND n.detail ? 'resolution')
         ORDER BY 1, a.seq;
    END IF;
END $$;
