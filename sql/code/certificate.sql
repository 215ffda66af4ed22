-- The life of a certificate.

-- The state transitions of a certificate. Revocation is final; a hold keeps the time at which it began, also as the time of a later
-- revocation.
CREATE OR REPLACE FUNCTION hall.certificate_state() RETURNS trigger
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
CREATE OR REPLACE TRIGGER certificate_state BEFORE UPDATE OF state ON hall.certificate
    FOR EACH ROW WHEN (NEW.state <> OLD.state) EXECUTE FUNCTION hall.certificate_state();

-- The certificate that a new one supersedes: the one that a reissue names (with the other one of a pair; a lost one may be revoked
-- already), or this order's own, which is on hold because its payment was returned.
CREATE OR REPLACE FUNCTION hall.superseded(wanted uuid, the_item int, use text) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT c.id FROM orders o LEFT JOIN LATERAL items(o) i ON i.item = the_item LEFT JOIN certificate old ON old.id = i.replaces
      JOIN certificate c ON c.key_use = use
           AND ((c.order_id = old.order_id AND c.item = old.item AND c.state <> 'issuing')
                OR (c.order_id = o.id AND c.item = the_item AND c.state IN ('valid', 'hold')))
     WHERE o.id = wanted ORDER BY c.id = old.id DESC NULLS LAST, c.order_id = o.id, c.state = 'revoked', c.issued_at DESC LIMIT 1);
END $$;

-- Certificates that change state together: those of one production of one item, that is both of a pair.
CREATE OR REPLACE FUNCTION hall.pair_of(c hall.certificate) RETURNS SETOF hall.certificate
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT x.* FROM certificate x WHERE x.order_id = c.order_id AND x.item = c.item AND x.state = c.state
        ORDER BY x.id;
END $$;

-- Writes a revocation row for changes of state that have none, and ends open requests that they make obsolete.
CREATE OR REPLACE FUNCTION hall.certificate_moved(c hall.certificate) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE entry uuid := known('revocation')::uuid;
BEGIN
    IF entry IS NULL THEN
        entry := gen_random_uuid();
        PERFORM keep('revocation', entry::text);
        INSERT INTO revocation (id, certificate, kind, reason, state, ended_at)
        VALUES (entry, c.id, CASE c.state WHEN 'hold' THEN 'hold' WHEN 'valid' THEN 'release' ELSE 'revoke' END,
                nullif(c.reason, 'hold'), 'done', now());
        PERFORM keep('revocation', NULL);
    END IF;
    UPDATE revocation SET state = 'withdrawn', ended_at = now()
     WHERE certificate = c.id AND state = 'asked' AND id <> entry
       AND (c.state = 'revoked' OR (c.state = 'valid' AND kind = 'release'));
END $$;

-- The successor of a certificate belongs to the item that names it, is for the same unit or person, and is the only one. (What an
-- order produced before its payment was returned concerns only that order.)
CREATE OR REPLACE FUNCTION hall.certificate_replaces() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    was orders;
    old uuid;
    before certificate;
    others uuid[];
BEGIN
    SELECT * INTO o FROM orders WHERE id = NEW.order_id;
    old := (SELECT i.replaces FROM items(o) i WHERE i.item = NEW.item);
    IF old IS NULL AND (NEW.replaces IS NULL OR NEW.replaces IN (SELECT id FROM certificate
        WHERE order_id = o.id)) THEN
        RETURN NEW;
    END IF;
    SELECT * INTO before FROM certificate WHERE id = old FOR NO KEY UPDATE;
    SELECT * INTO was FROM orders WHERE id = before.order_id;
    SELECT array_agg(id) INTO others FROM certificate WHERE order_id = before.order_id
        AND item = before.item; -- both certificates of a pair
    IF NOT o.makes THEN
        PERFORM refuse(409, '这个业务单只变更登记信息，不制作证书。');
    ELSIF NEW.replaces <> ALL (others || ARRAY(SELECT id FROM certificate WHERE order_id = o.id)) OR old IS NULL
        THEN
        PERFORM refuse(409, '业务单没有指定要替换的这张证书。');
    ELSIF o.unit_hash IS NULL OR o.unit_hash IS DISTINCT FROM was.unit_hash OR item_person(o, NEW.item) IS DISTINCT
        FROM item_person(was, before.item) THEN
        PERFORM refuse(403, '不能替换其他单位或个人的证书。');
    ELSIF EXISTS (SELECT FROM certificate WHERE replaces = ANY (others) AND order_id <> o.id AND order_id <> was.id
        AND state <> 'issuing') THEN
        PERFORM refuse(409, '这张证书已经补办过。');
    ELSIF before.state = 'revoked' AND (before.reason <> 'key_compromise' OR extends(o.business)) -- lost, revoked, and replaced only after that
          AND NOT EXISTS (SELECT FROM certificate WHERE replaces = ANY (others) AND order_id = o.id
              AND state <> 'issuing') THEN
        PERFORM refuse(409, '要替换的证书已经吊销。');
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER certificate_replaces_new BEFORE INSERT ON hall.certificate
    FOR EACH ROW EXECUTE FUNCTION hall.certificate_replaces();
CREATE OR REPLACE TRIGGER certificate_replaces_valid BEFORE UPDATE OF replaces, state ON hall.certificate
    FOR EACH ROW WHEN (NEW.replaces IS DISTINCT FROM OLD.replaces OR (OLD.state = 'issuing' AND NEW.state = 'valid'))
    EXECUTE FUNCTION hall.certificate_replaces();

-- In the transaction in which a certificate becomes valid its predecessor is revoked: the one that it replaces, unless that one goes on
-- until its end (hall.successor_day), and the one that its own order produced before a payment was returned.
CREATE OR REPLACE FUNCTION hall.certificate_supersedes(c hall.certificate) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE before certificate;
BEGIN
    FOR before IN SELECT DISTINCT ON (order_id, item) * FROM certificate
                   WHERE id <> c.id AND ((id = c.replaces AND state IN ('valid', 'hold')
                                          AND NOT (order_id <> c.order_id AND extends((SELECT o.business FROM orders o WHERE o.id = c.order_id))))
                                         OR (order_id = c.order_id AND item = c.item AND state = 'hold'))
                   ORDER BY order_id, item, key_use DESC LOOP
        INSERT INTO revocation (id, certificate, kind, reason, state, ended_at)
        VALUES (gen_random_uuid(), before.id, 'revoke',
                -- lost
                CASE WHEN (holding(before)).way IN ('account', 'link', 'staff') THEN 'key_compromise'
                    -- what it says is no longer true, and nothing is known against its key (RFC 5280, 5.3.1)
                    WHEN before.order_id <> c.order_id AND (SELECT o.changes FROM orders o WHERE o.id = c.order_id) IS NOT NULL
                        THEN 'affiliation_changed'
                    ELSE 'superseded' END,
                'done', now());
    END LOOP;
END $$;

-- What a change of a certificate causes in other tables, in the order in which it happens, as one list like that of an order
-- (sql/code/lifecycle.sql). For a new certificate there is no OLD.
CREATE OR REPLACE FUNCTION hall.certificate_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NEW.state <> OLD.state AND OLD.state <> 'issuing' THEN
        PERFORM tell_external(NEW);
        PERFORM certificate_moved(NEW);
    END IF;
    IF NEW.state <> OLD.state THEN
        PERFORM certificate_seal(NEW), puk_of_certificate(NEW);
    END IF;
    IF NEW.state = 'revoked' AND num_nonnulls(NEW.key_file, NEW.enveloped_key) > 0 THEN
        UPDATE certificate SET key_file = NULL, enveloped_key = NULL WHERE id = NEW.id; -- its PIN: hall.pins_ended
    END IF;
    IF NEW.state IS DISTINCT FROM OLD.state THEN
        PERFORM certificate_status(NEW, OLD.state);
    END IF;
    IF (OLD.state, NEW.state) = ('issuing', 'valid') THEN
        PERFORM certificate_supersedes(NEW), successor_shortened(NEW);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER certificate_follows AFTER INSERT OR UPDATE OF state ON hall.certificate
    FOR EACH ROW WHEN (NEW.state <> 'issuing') EXECUTE FUNCTION hall.certificate_follows();

CREATE OR REPLACE FUNCTION hall.staff_certificate(wanted uuid) RETURNS hall.certificate
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c certificate;
BEGIN
    SELECT * INTO c FROM certificate WHERE id = wanted AND state <> 'issuing' AND my_kind() = 'staff' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这张证书。');
    ELSIF c.state = 'revoked' THEN
        PERFORM refuse(409, '证书已经吊销。');
    END IF;
    RETURN c;
END $$;

-- A certificate, locked after its order.
CREATE OR REPLACE FUNCTION hall.my_certificate(wanted uuid, the_serial text) RETURNS hall.certificate
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    c certificate;
BEGIN
    SELECT * INTO c FROM certificate WHERE order_id = o.id AND serial = the_serial
        AND state <> 'issuing' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '这个业务单没有这张证书。');
    ELSIF c.state = 'revoked' THEN
        PERFORM refuse(409, '证书已经吊销。');
    END IF;
    RETURN c;
END $$;

CREATE OR REPLACE FUNCTION hall.certificate_brief(c hall.certificate) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', c.id, 'serial', c.serial, 'ca', c.ca, 'item', c.item, 'key_use', c.key_use, 'state',
        c.state,
        'reason', c.reason, 'reason_name', CASE WHEN c.reason IS NOT NULL THEN reason_words(c.reason) END,
        'not_before', iso(c.not_before), 'not_after', iso(c.not_after), 'revoked_at', iso(c.revoked_at),
        'held_by', h.way, 'undo_until', CASE WHEN h.way <> 'system' THEN iso(h.ended_at + undo_time()) END,
        'replaced_by', (SELECT n.serial FROM certificate n WHERE n.replaces = c.id AND n.state <> 'issuing'
            ORDER BY n.issued_at DESC LIMIT 1))
      FROM (SELECT 1) one LEFT JOIN holding(c) h ON h.id IS NOT NULL);
END $$;

-- An order's certificates, with all requests about them.
CREATE OR REPLACE FUNCTION hall.desk_certificates(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('items', (SELECT coalesce(jsonb_agg(certificate_brief(c) || jsonb_build_object('requests',
               (SELECT coalesce(jsonb_agg(revocation_row(r) ORDER BY r.number DESC), '[]') FROM revocation r
                   WHERE r.certificate = c.id))
               ORDER BY c.issued_at DESC, c.item, c.key_use DESC), '[]')
               FROM certificate c WHERE c.order_id = o.id AND c.state <> 'issuing'), 'reasons', choices('revocation_reason'))::text
      FROM orders o WHERE o.id = wanted AND o.state <> 'draft' AND my_kind() = 'staff');
END $$;

-- Certificates by serial number, unit or order number, masked, newest first. The reading is recorded in the trail of each one found.
CREATE OR REPLACE FUNCTION hall.certificates_find(the_serial text, unit text, the_number text, after text, page_size int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    keys text[] := cursor_keys(after, 'timestamptz', 'uuid');
    after_at timestamptz := coalesce(keys[1], 'infinity');
    after_id uuid := keys[2];
    most int := look_for(after, page_size);
    pairs text[] := bigrams(lower(unit));
    hits uuid[];
BEGIN
    hits := ARRAY(SELECT c.id FROM certificate c JOIN orders o ON o.id = c.order_id
         WHERE my_kind() = 'staff' AND c.state <> 'issuing' AND coalesce(the_serial, unit, the_number) IS NOT NULL
           AND (the_serial IS NULL OR c.serial = the_serial) AND (the_number IS NULL OR o.number = the_number)
           AND (unit IS NULL OR bigrams(lower(o.subject)) @> pairs AND position(unit IN o.subject) > 0)
           AND (after IS NULL OR (c.issued_at, c.id) < (after_at, after_id))
         ORDER BY c.issued_at DESC, c.id DESC LIMIT most);
    PERFORM set_config('plan_cache_mode', 'auto', true); -- from here on the rows are shown in the same way for every search
    PERFORM note_all('certificate', hits[1 : page_size], '{"read": "found"}');
    RETURN (SELECT page(jsonb_agg(certificate_brief(c) || jsonb_build_object('order_id', o.id, 'order_number', o.number,
            'subject', o.subject, 'cert_type_name', t.name) ORDER BY x.n),
        array_agg(cursor_of(c.issued_at::text, c.id::text) ORDER BY x.n), page_size, after, cardinality(hits))
      FROM unnest(hits[1 : page_size + 1]) WITH ORDINALITY AS x(id, n) JOIN certificate c ON c.id = x.id
      JOIN orders o ON o.id = c.order_id
      LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type)::text;
END $$;

-- The label of a certificate's state.
CREATE OR REPLACE FUNCTION hall.certificate_shown(state text, not_after timestamptz) RETURNS text
LANGUAGE sql STABLE AS $$ SELECT CASE WHEN state = 'valid' AND not_after < now() THEN 'expired' ELSE state END $$;

-- A certificate without the data of its holder.
CREATE OR REPLACE FUNCTION hall.certificate_face(c hall.certificate) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('type', coalesce(t.name, '数字证书'), 'key_use', c.key_use, 'algorithm', c.algorithm,
               'not_before', iso(c.not_before), 'not_after', iso(c.not_after), 'since', iso(c.revoked_at),
               'state', certificate_shown(c.state, c.not_after))
      FROM orders o LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type WHERE o.id = c.order_id);
END $$;

-- The certificates of the caller's own orders, by unit.
CREATE OR REPLACE FUNCTION hall.my_certificates() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (WITH mine AS (
        SELECT o.subject AS unit, max(c.issued_at) AS latest,
               jsonb_agg(jsonb_build_object('serial', c.serial, 'order', jsonb_build_object('id', o.id, 'number', o.number,
                   'slug', p.slug)) || certificate_face(c) ORDER BY c.issued_at DESC) AS list
          FROM orders o JOIN project p ON p.id = o.project JOIN certificate c ON c.order_id = o.id AND c.state <> 'issuing'
         WHERE o.account = me() AND my_kind() = 'account' GROUP BY o.subject)
    SELECT jsonb_build_object('units', coalesce(jsonb_agg(jsonb_build_object('unit', unit, 'certificates', list)
                                                          ORDER BY latest DESC), '[]'))::text FROM mine);
END $$;

-- Brackets and spaces are written in many ways.
CREATE OR REPLACE FUNCTION hall.plain_name(name text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT translate(name, '() 　', '（）') $$;

CREATE OR REPLACE FUNCTION hall.serial_lock(serial text) RETURNS void
LANGUAGE sql AS $$ SELECT pg_advisory_xact_lock(hashtextextended('message/' || serial, 0)) $$;

-- The beginning of the file names of an item: the order's number, followed by the item's number when there are several.
CREATE OR REPLACE FUNCTION hall.item_number(o hall.orders, the_item int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN o.number || CASE WHEN (SELECT count(*) FROM items(o)) > 1 THEN '-' || the_item ELSE '' END;
END $$;

CREATE OR REPLACE FUNCTION hall.my_order_certificates(wanted uuid)
RETURNS TABLE (item int, name text, serial text, key_use text, state text, reason text, at text, ca text, certificate bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT c.item, (SELECT p.type_name FROM productions(o) p WHERE p.item = c.item), c.serial, c.key_use, c.state, c.reason,
           iso(c.revoked_at), c.ca, c.certificate
      FROM orders o JOIN certificate c ON c.order_id = o.id AND c.state <> 'issuing'
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project()
     ORDER BY c.item, c.issued_at DESC;
END $$;

-- The certificate that replaced this one, if there is one.
CREATE OR REPLACE FUNCTION hall.certificate_alive(c hall.certificate) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE n certificate;
BEGIN
    IF c.state <> 'revoked' OR c.not_after <= now() THEN
        RETURN c.not_after > now();
    END IF;
    FOR n IN SELECT x.* FROM succession s JOIN certificate x ON x.order_id = s.order_id AND x.item = s.item WHERE s.replaces = c.id LOOP
        IF certificate_alive(n) THEN
            RETURN true;
        END IF;
    END LOOP;
    RETURN false;
END $$;

-- The order whose form has what is on file about a certificate: the latest change that made no other, or else the one that made it.
CREATE OR REPLACE VIEW hall.certificate_filed AS
SELECT c.id AS certificate, coalesce((SELECT o.id FROM hall.certificate x JOIN hall.orders o ON o.replaces = x.id
            WHERE x.order_id = c.order_id AND x.item = c.item AND NOT o.makes AND o.state = 'done' ORDER BY o.id DESC LIMIT 1), c.order_id) AS filed
  FROM hall.certificate c;

CREATE OR REPLACE FUNCTION hall.on_file(c hall.certificate) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT f.filed FROM certificate_filed f WHERE f.certificate = c.id);
END $$;

-- The certificates that end within sixty days and have no successor, with the kind of business of their own project that renews them;
-- NULL: it has none.
CREATE OR REPLACE VIEW hall.certificate_ending AS
SELECT c.id, f.filed AS order_id, c.serial, c.not_after, p.slug, b.code AS renewal, c.not_after - make_interval(days => p.renew_days) AS opens
  FROM hall.certificate c JOIN hall.orders o ON o.id = c.order_id JOIN hall.project p ON p.id = o.project
  JOIN hall.certificate_filed f ON f.certificate = c.id
  LEFT JOIN hall.business b ON p.open AND b.extends AND b.code = ANY (p.business)
 WHERE c.state = 'valid' AND c.key_use = 'signature' AND c.not_after > now() AND c.not_after < now() + interval '60 days'
   AND NOT EXISTS (SELECT FROM hall.certificate n WHERE n.replaces = c.id AND n.order_id <> c.order_id AND n.state <> 'issuing');

-- Reminders thirty and seven days before the end, each once for a certificate, with the way to renew it where there is one, and from
-- sixty days on the day from which it can be renewed. A reminder that could not be sent at thirty days is sent at the next run.
CREATE OR REPLACE FUNCTION hall.expiry_tell() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM tell(c.order_id, CASE WHEN c.renewal IS NULL THEN 'expiring' ELSE 'renewable' END, 'agent',
        c.id || '/' || CASE WHEN c.not_after < now() + interval '7 days' THEN 7 ELSE 30 END,
        jsonb_build_object('serial', c.serial, 'date', to_char(c.not_after AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'),
            'days', ceil(extract(epoch FROM c.not_after - now()) / 86400)::int::text, 'path', format('/%s/renew?serial=%s', c.slug, c.serial)))
      FROM certificate_ending c WHERE c.not_after < now() + interval '30 days' AND (c.renewal IS NULL OR c.opens <= now());
    PERFORM tell(c.order_id, 'renewal_opens', 'agent', c.id || '/60',
        jsonb_build_object('serial', c.serial, 'date', to_char(c.not_after AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'),
            'opens', to_char(c.opens AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'), 'path', format('/%s/renew?serial=%s', c.slug, c.serial)))
      FROM certificate_ending c WHERE c.renewal IS NOT NULL AND c.opens > now();
    PERFORM successor_days();
END $$;

-- Once a day, from nine in the morning.
CREATE OR REPLACE FUNCTION hall.expiry_due() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enqueue('expiry', 'expiry/' || to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'), NULL)
     WHERE extract(hour FROM now() AT TIME ZONE 'Asia/Shanghai') >= 9;
END $$;
