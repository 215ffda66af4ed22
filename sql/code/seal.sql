-- Electronic seals, their pictures and filing records.

CREATE OR REPLACE FUNCTION hall.seal_filing_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the filing record is only added to';
END $$;
CREATE OR REPLACE TRIGGER seal_filing_kept BEFORE UPDATE OR DELETE ON hall.seal_filing FOR EACH ROW
    EXECUTE FUNCTION hall.seal_filing_kept();

CREATE OR REPLACE FUNCTION hall.seal_file(s hall.seal, happened text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, public, pg_temp AS $$
BEGIN
    INSERT INTO seal_filing (seal, what, actor, reason, seal_sm3)
    VALUES (s.id, happened, actor(caller()), s.reason, digest(s.seal, 'sm3'));
END $$;

-- The accepted pictures of an order, when every item has one; none as long as one is missing.
CREATE OR REPLACE FUNCTION hall.sealpicture_accepted(o hall.orders) RETURNS SETOF hall.sealpicture
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT s.* FROM items(o) i CROSS JOIN LATERAL sealpicture_of(o, i.item) s
     WHERE NOT EXISTS (SELECT FROM items(o) x WHERE NOT EXISTS (SELECT FROM sealpicture_of(o, x.item)));
END $$;

CREATE OR REPLACE FUNCTION hall.seal_state(s hall.seal) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT CASE WHEN s.state <> 'valid' THEN s.state WHEN c.state = 'hold' THEN 'suspended'
                WHEN s.valid_to < now() THEN 'expired' ELSE 'valid' END FROM certificate c WHERE c.id = s.certificate);
END $$;

-- How the kind of a seal is called: a unit's seal is its one legal seal, unless the certificate is one for a business of the unit.
CREATE OR REPLACE FUNCTION hall.seal_kind_name(kind text, in_order uuid, the_item int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN word('seal_kind', CASE WHEN kind = 'unit' AND 'business' = (SELECT t.profile FROM orders o JOIN order_item i ON i.order_id = o.id
           JOIN project_type t ON t.project = o.project AND t.cert_type = i.cert_type WHERE o.id = in_order AND i.item = the_item)
        THEN 'business' ELSE kind END);
END $$;

CREATE OR REPLACE FUNCTION hall.seal_json(s hall.seal) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', s.id, 'es_id', s.es_id, 'order_id', s.order_id, 'order_number', o.number, 'item', c.item,
               'subject', item_subject(o, c.item), 'kind', p.kind, 'kind_name', seal_kind_name(p.kind, o.id, c.item), 'style', p.style,
               'width', p.width, 'height', p.height, 'state', x.state, 'state_name', word('seal_state', x.state), 'certificate', c.serial, 'maker', s.maker, 'made_at', iso(s.made_at),
               'valid_from', iso(s.valid_from), 'valid_to', iso(s.valid_to), 'filing_no', s.filing_no, 'reason', s.reason,
               'withdrawn_at', iso(s.withdrawn_at))
      FROM orders o, sealpicture p, certificate c, seal_state(s) AS x(state)
     WHERE o.id = s.order_id AND p.id = s.sealpicture AND c.id = s.certificate);
END $$;

-- Requests the job that makes the seal, when certificate and picture are both there, and again when a hold is over. A certificate
-- gets only one seal, however often the job runs.
CREATE OR REPLACE FUNCTION hall.want_seal(cert uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enqueue('seal', 'seal/' || c.id || '/' || c.audit_seq, c.id) FROM certificate c JOIN orders o ON o.id = c.order_id
     WHERE c.id = cert AND c.state = 'valid' AND c.key_use = 'signature' AND o.seal_wanted
       AND EXISTS (SELECT FROM sealpicture_of(o, c.item));
END $$;

CREATE OR REPLACE FUNCTION hall.seal_end(wanted uuid, why text, who uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE s seal;
BEGIN
    UPDATE seal SET state = 'withdrawn', reason = why, withdrawn_at = now(), withdrawn_by = who
     WHERE id = wanted AND state IN ('making', 'valid') RETURNING * INTO s;
    IF s.seal IS NOT NULL THEN -- a seal that was never finished was never filed
        PERFORM seal_file(s, 'withdrawn');
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.certificate_seal(c hall.certificate) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF c.state = 'valid' THEN
        PERFORM want_seal(c.id);
    ELSIF c.state = 'revoked' THEN
        PERFORM seal_end(id, '证书已吊销，印章随之注销。', NULL) FROM seal WHERE certificate = c.id AND state IN ('making', 'valid');
    END IF;
END $$;

-- The signer asks for the data of the seal that a certificate's item needs. The row with its dates is written before anything is
-- signed; a second request, after a crash, finds the same row. No row: there is no such certificate, or no seal is ordered for it.
CREATE OR REPLACE FUNCTION hall.signer_seal(wanted uuid)
RETURNS TABLE (seal uuid, made bool, es_id text, sealpicture uuid, kind text, name bytea, png bytea, png_sm3 bytea, width int,
               height int, certificate bytea, created_at bigint, valid_from bigint, valid_to bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate;
    o orders;
    p sealpicture;
BEGIN
    PERFORM enter_system('signer', 'signer.seal');
    SELECT * INTO c FROM certificate x WHERE x.id = wanted AND x.state = 'valid' AND x.key_use = 'signature'
       AND x.not_after > now() FOR NO KEY UPDATE;
    SELECT * INTO o FROM orders x WHERE x.id = c.order_id;
    SELECT * INTO p FROM sealpicture_of(o, c.item);
    -- By the order, too, since the index of certificates leaves out the seals that were withdrawn, and those count here.
    IF p.id IS NOT NULL AND o.seal_wanted
       AND NOT EXISTS (SELECT FROM seal x WHERE x.order_id = c.order_id AND x.certificate = wanted) THEN
        INSERT INTO seal_code (order_id, item, code) VALUES (o.id, c.item, '000000' || lpad(nextval('seal_code_number')::text, 7, '0'))
        ON CONFLICT (order_id, item) DO NOTHING;
        INSERT INTO seal (es_id, order_id, certificate, sealpicture, created_at, valid_from, valid_to)
        SELECT k.code || lpad((1 + (SELECT count(*) FROM seal x JOIN certificate y ON y.id = x.certificate AND y.item = c.item
                                     WHERE x.order_id = o.id))::text, 2, '0'), o.id, wanted, p.id,
               date_trunc('second', now()), date_trunc('second', greatest(now(), c.not_before)), c.not_after
          FROM seal_code k WHERE k.order_id = o.id AND k.item = c.item;
    END IF;
    RETURN QUERY SELECT s.id, s.state = 'valid', s.es_id, t.id, t.kind, t.name, t.png, t.png_sm3, t.width, t.height, c.certificate,
                        extract(epoch FROM s.created_at)::bigint, extract(epoch FROM s.valid_from)::bigint,
                        extract(epoch FROM s.valid_to)::bigint
                   FROM seal s JOIN sealpicture t ON t.id = s.sealpicture WHERE s.certificate = c.id AND s.state <> 'withdrawn';
END $$;

-- Records what is going to be signed, before it is signed.
CREATE OR REPLACE FUNCTION hall.signer_seal_signing(wanted uuid, the_ca text, maker_serial text, digest bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.seal_signing');
    UPDATE seal SET info_sm3 = digest, maker = maker_serial WHERE id = wanted AND state = 'making';
    IF NOT FOUND THEN
        PERFORM refuse(409, 'this seal is not being made');
    END IF;
    PERFORM signer_signature(the_ca, 'seal', 'seal', wanted::text, digest);
END $$;

-- The completion of an order with several seals is reported once, when the last seal is made.
CREATE OR REPLACE FUNCTION hall.signer_seal_made(wanted uuid, der bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    s seal;
    o orders;
    n bigint;
BEGIN
    PERFORM enter_system('signer', 'signer.seal_made');
    UPDATE seal SET state = 'valid', seal = der, made_at = now(),
           filing_no = 'BA' || to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD') || lpad(nextval('filing_number')::text, 8, '0')
     WHERE id = wanted AND state = 'making' AND info_sm3 IS NOT NULL RETURNING * INTO s;
    IF NOT FOUND THEN
        PERFORM refuse(409, 'this seal is not being made');
    END IF;
    PERFORM seal_file(s, 'made');
    SELECT * INTO o FROM orders WHERE id = s.order_id FOR NO KEY UPDATE; -- if two last seals are made at once, one transaction sees the other
    SELECT count(*) INTO n FROM order_item WHERE order_id = o.id;
    IF n < 2 THEN
        PERFORM tell(o.id, 'seal_made', CASE WHEN n = 1 OR (SELECT kind FROM sealpicture p WHERE p.id = s.sealpicture) = 'unit' THEN 'agent'
                                      ELSE 'holder' END, s.es_id, jsonb_build_object('number', s.es_id));
    ELSIF seals_lacking(o) = 0 THEN
        PERFORM tell(o.id, 'seal_made', 'agent', s.es_id, jsonb_build_object('number', format('%s 等 %s 枚', s.es_id, n)));
    END IF;
END $$;

-- The seals whose number, order number, filing number or subject contains the words.
CREATE OR REPLACE FUNCTION hall.seals_named(words text) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    part text := holds(words);
    pairs text[] := bigrams(lower(words));
BEGIN
    RETURN QUERY
        SELECT s.id FROM seal s WHERE s.es_id LIKE part OR s.filing_no LIKE part
        UNION SELECT s.id FROM seal s JOIN orders o ON o.id = s.order_id WHERE o.number LIKE part
        UNION SELECT s.id FROM seal s JOIN orders o ON o.id = s.order_id
               WHERE bigrams(lower(o.subject)) @> pairs AND position(words IN o.subject) > 0
        UNION SELECT s.id FROM seal s JOIN certificate c ON c.id = s.certificate
                JOIN order_item i ON i.order_id = s.order_id AND i.item = c.item
               WHERE bigrams(lower(i.subject)) @> pairs AND position(words IN i.subject) > 0;
END $$;

CREATE OR REPLACE FUNCTION hall.desk_seals(words text, wanted_state text, after text, page_size int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    keys text[] := cursor_keys(after, 'timestamptz', 'uuid');
    after_at timestamptz := keys[1];
    after_id uuid := keys[2];
    most int := look_for(after, page_size);
    stored text := CASE WHEN wanted_state IN ('suspended', 'expired') THEN 'valid' ELSE wanted_state END;
    ids uuid[];
BEGIN
    ids := ARRAY(SELECT s.id FROM seal s JOIN certificate c ON c.id = s.certificate
        WHERE my_kind() = 'staff' AND (stored IS NULL OR s.state = stored)
          AND CASE wanted_state WHEN 'suspended' THEN c.state = 'hold' WHEN 'expired' THEN c.state <> 'hold' AND s.valid_to < now()
                  WHEN 'valid' THEN c.state <> 'hold' AND s.valid_to >= now() ELSE true END
          AND (words IS NULL OR s.id IN (SELECT seals_named(words)))
          AND (after IS NULL OR (s.created_at, s.id) < (after_at, after_id))
        ORDER BY s.created_at DESC, s.id DESC LIMIT most);
    PERFORM set_config('plan_cache_mode', 'auto', true); -- from here on the rows are shown in the same way for every search
    RETURN (SELECT page(jsonb_agg(seal_json(s) ORDER BY x.n),
        array_agg(cursor_of(s.created_at::text, s.id::text) ORDER BY x.n), page_size, after, cardinality(ids))
        || jsonb_build_object('states', choices('seal_state'))
      FROM unnest(ids[1 : page_size + 1]) WITH ORDINALITY AS x(id, n) JOIN seal s ON s.id = x.id)::text;
END $$;

-- A seal, locked, that may be withdrawn.
CREATE OR REPLACE FUNCTION hall.withdrawable(wanted uuid) RETURNS hall.seal
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE s seal;
BEGIN
    SELECT * INTO s FROM seal WHERE id = wanted AND my_kind() = 'staff' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这枚印章。');
    ELSIF s.state = 'withdrawn' THEN
        PERFORM refuse(409, '这枚印章已经注销。');
    END IF;
    RETURN s;
END $$;

-- What the act of withdrawing the seal says.
CREATE OR REPLACE FUNCTION hall.seal_facts(wanted uuid) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE s seal := withdrawable(wanted);
BEGIN
    RETURN QUERY SELECT f.* FROM sealpicture p, LATERAL (VALUES ('印章编号', s.es_id), ('印章类型', seal_kind_name(p.kind, p.order_id, p.item))) f
      WHERE p.id = s.sealpicture;
    RETURN QUERY SELECT f.* FROM certificate c, certificate_facts(c) f WHERE c.id = s.certificate;
END $$;

-- Withdraws the seal, under the act `signed`.
CREATE OR REPLACE FUNCTION hall.desk_seal_withdraw(wanted uuid, why text, signed jsonb) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE s seal := withdrawable(wanted);
BEGIN
    PERFORM act_keep('withdraw_seal', s.id, s.order_id, signed, 'seal', s.id);
    PERFORM seal_end(wanted, why, me());
    RETURN (SELECT seal_json(x) FROM seal x WHERE x.id = wanted)::text;
END $$;

-- The file of a seal and its picture; a reading by staff is recorded.
CREATE OR REPLACE FUNCTION hall.desk_seal_files(wanted uuid) RETURNS TABLE (es_id text, seal bytea, sealpicture uuid, png bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF my_kind() <> 'staff' OR NOT EXISTS (SELECT FROM seal x WHERE x.id = wanted) THEN
        PERFORM refuse(404, '没有找到这枚印章。');
    END IF;
    PERFORM note('seal', wanted, jsonb_build_object('read', (caller()).op));
    RETURN QUERY SELECT s.es_id, s.seal, p.id, p.png FROM seal s JOIN sealpicture p ON p.id = s.sealpicture WHERE s.id = wanted;
END $$;

-- A page of the filing record of a range of days (Beijing time), oldest first.
CREATE OR REPLACE FUNCTION hall.seal_filings(first_day date, last_day date, after text, page_size int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    keys text[] := cursor_keys(after, 'bigint');
    after_id bigint := coalesce(keys[1], '0');
    ids bigint[];
BEGIN
    ids := ARRAY(SELECT f.id FROM seal_filing f WHERE my_kind() = 'staff' AND f.id > after_id
        AND f.at >= first_day::timestamp AT TIME ZONE 'Asia/Shanghai'
        AND f.at < (last_day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai'
      ORDER BY f.id LIMIT page_size + 1);
    PERFORM set_config('plan_cache_mode', 'auto', true); -- from here on the rows are shown in the same way for every range
    RETURN (SELECT page(jsonb_agg(jsonb_build_object('filing_no', s.filing_no, 'what', word('seal_filing', f.what),
               'at', iso(f.at), 'es_id', s.es_id, 'kind', seal_kind_name(p.kind, o.id, c.item), 'subject', item_subject(o, c.item), 'order_number', o.number,
               'certificate', c.serial, 'maker', s.maker, 'valid_from', iso(s.valid_from), 'valid_to', iso(s.valid_to),
               'picture_sm3', encode(p.png_sm3, 'hex'), 'seal_sm3', encode(f.seal_sm3, 'hex'), 'actor', f.actor,
               'reason', f.reason) ORDER BY f.id),
        array_agg(cursor_of(f.id::text) ORDER BY f.id), page_size, after, cardinality(ids))
      FROM unnest(ids) AS x(id) JOIN seal_filing f ON f.id = x.id JOIN seal s ON s.id = f.seal JOIN sealpicture p ON p.id = s.sealpicture
      JOIN orders o ON o.id = s.order_id JOIN certificate c ON c.id = s.certificate)::text;
END $$;

-- The data from which an item's picture is drawn: the names in the form, and the item's own data.
CREATE OR REPLACE FUNCTION hall.sealpicture_mark(o hall.orders, the_item int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, public, pg_temp AS $$
BEGIN
    RETURN coalesce(o.marks ->> 'sealpicture', '') || coalesce((SELECT '/' || left(encode(digest(concat_ws('|', i.cert_type, i.subject,
               coalesce(i.style, ''), coalesce(i.seal_name, '')), 'sm3'), 'hex'), 32)
             FROM order_item i WHERE i.order_id = o.id AND i.item = the_item), '');
END $$;

CREATE OR REPLACE FUNCTION hall.sealpicture_kind(o hall.orders, the_item int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE coalesce(item_person(o, the_item), person_of(o))
           WHEN 'institution' THEN 'unit' ELSE 'person' END;
END $$;

-- The accepted picture of an item, as long as the data that it was drawn from, or the scan that it was cut out of, are the same.
CREATE OR REPLACE FUNCTION hall.sealpicture_of(o hall.orders, the_item int) RETURNS SETOF hall.sealpicture
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT s.* FROM sealpicture s
     WHERE s.order_id = o.id AND s.item = the_item AND NOT s.replaced AND s.mark = sealpicture_mark(o, the_item)
       AND (s.paper IS NULL OR EXISTS (SELECT FROM paper m WHERE m.id = s.paper AND m.state = 'ok'));
END $$;

-- The sheets of the paper with an impression of the unit's stamp: the collection form, otherwise the stamped application form of a
-- unit.
CREATE OR REPLACE FUNCTION hall.sealpicture_scan(o hall.orders, the_item int) RETURNS SETOF hall.paper
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT m.* FROM paper m
     WHERE m.order_id = o.id AND m.state = 'ok'
       AND (m.code = 'seal_form-' || the_item OR (m.code = 'form' AND sealpicture_kind(o, the_item) = 'unit')
            OR (m.code = 'seal_form' AND (sealpicture_kind(o, the_item) = 'unit' OR (SELECT count(*) FROM items(o)) = 1)))
     ORDER BY rank() OVER (ORDER BY m.code = 'seal_form-' || the_item DESC, m.code = 'seal_form' DESC) FETCH FIRST 1 ROWS WITH TIES;
END $$;

-- The number of the impression on that paper: the impressions of an order's units are in the order of its items. 0: the paper has
-- one.
CREATE OR REPLACE FUNCTION hall.sealpicture_nth(o hall.orders, the_item int, scan_code text) RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT CASE WHEN scan_code = 'seal_form' AND count(*) > 1
                THEN (count(*) FILTER (WHERE p.item <= the_item AND p.person = 'institution'))::int ELSE 0 END FROM productions(o) p);
END $$;

-- The ways of making the picture: the one that the item asks for is offered first; without an impression to cut out, the picture is
-- drawn.
CREATE OR REPLACE FUNCTION hall.sealpicture_styles(o hall.orders, the_item int) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN '["generated"]'::jsonb || CASE WHEN EXISTS (SELECT FROM sealpicture_scan(o, the_item) m WHERE m.mime LIKE 'image/%'
               AND (state_of(o)).editable) THEN '["scan"]'::jsonb ELSE '[]' END;
END $$;

CREATE OR REPLACE FUNCTION hall.sealpicture_open(o hall.orders, the_item int) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE s order_state := state_of(o);
BEGIN
    RETURN o.seal_wanted AND o.form_complete AND NOT s.void
           AND (s.editable OR NOT EXISTS (SELECT FROM sealpicture_of(o, the_item)));
END $$;

-- The state of an item's seal; `items` names all items.
CREATE OR REPLACE FUNCTION hall.sealpicture_json(o hall.orders, the_item int DEFAULT 1) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN jsonb_build_object('wanted', o.seal_wanted, 'item', the_item, 'kind', sealpicture_kind(o, the_item),
        'kind_name', seal_kind_name(sealpicture_kind(o, the_item), o.id, the_item),
        'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('item', p.item, 'name', p.type_name, 'subject', p.subject, 'seal_name', p.seal_name,
                'accepted', EXISTS (SELECT FROM sealpicture_of(o, p.item))) ORDER BY p.item), '[]') FROM productions(o) p),
        'open', sealpicture_open(o, the_item), 'styles', sealpicture_styles(o, the_item),
        'style', (SELECT i.style FROM order_item i WHERE i.order_id = o.id AND i.item = the_item),
        'accepted', (SELECT jsonb_build_object('style', a.style, 'kind', a.kind, 'width', a.width, 'height', a.height,
                            'sm3', encode(a.png_sm3, 'hex'), 'svg', a.svg IS NOT NULL, 'accepted_at', iso(a.accepted_at))
                       FROM sealpicture_of(o, the_item) a),
        'undone', EXISTS (SELECT FROM sealpicture s WHERE s.order_id = o.id AND s.item = the_item AND NOT s.replaced)
                  AND NOT EXISTS (SELECT FROM sealpicture_of(o, the_item)),
        'seal', (SELECT seal_json(s) FROM seal s JOIN certificate c ON c.id = s.certificate AND c.item = the_item
                  WHERE s.order_id = o.id ORDER BY s.created_at DESC LIMIT 1));
END $$;

-- What a module draws the picture from: the form, the number, and the scan, of which each sheet makes a row.
CREATE OR REPLACE FUNCTION hall.sealpicture_source(wanted uuid, the_item int DEFAULT 1)
RETURNS TABLE ("out" text, form bytea, mark text, kind text, seal_name text, nth int, paper uuid, file_key bytea, mime text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT j.out::text, o.form, sealpicture_mark(o, the_item), j.out ->> 'kind', nullif(i.seal_name, ''), sealpicture_nth(o, the_item, m.code),
           m.id, m.file_key, m.mime
      FROM orders o CROSS JOIN LATERAL sealpicture_json(o, the_item) AS j(out) LEFT JOIN LATERAL sealpicture_scan(o, the_item) m ON true
      LEFT JOIN order_item i ON i.order_id = o.id AND i.item = the_item
     WHERE o.id = wanted AND o.account = me() AND o.project = my_project() AND my_kind() = 'account'
       AND (the_item = 1 OR i.order_id IS NOT NULL)
     ORDER BY m.sheet;
END $$;

CREATE OR REPLACE FUNCTION hall.seal_code_of(wanted uuid, place text, the_item int DEFAULT 1) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE found_code text;
BEGIN
    PERFORM my_order(wanted);
    SELECT code INTO found_code FROM seal_code WHERE order_id = wanted AND item = the_item;
    IF found_code IS NULL THEN
        INSERT INTO seal_code (order_id, item, code)
        VALUES (wanted, the_item,
                CASE WHEN place ~ '^[0-9]{6}$' THEN place ELSE '000000' END || lpad(nextval('seal_code_number')::text, 7, '0'))
        RETURNING code INTO found_code;
    END IF;
    RETURN found_code;
END $$;

-- The applicant accepts the picture shown. `seen` is the mark of the data that it was drawn from.
CREATE OR REPLACE FUNCTION hall.sealpicture_accept(new_id uuid, wanted uuid, seen text, new_style text, new_kind text, encrypted_name bytea,
                                  encrypted_png bytea, encrypted_svg bytea, hash bytea, mm_wide int, mm_high int, scan uuid,
                                  the_item int DEFAULT 1)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    j jsonb := sealpicture_json(o, the_item);
BEGIN
    IF NOT o.seal_wanted THEN
        PERFORM refuse(409, '这个业务单不办理电子签章。');
    ELSIF the_item > 1 AND NOT EXISTS (SELECT FROM items(o) i WHERE i.item = the_item) THEN
        PERFORM refuse(404, '这个业务单没有这张证书。');
    ELSIF NOT (j ->> 'open')::bool THEN
        PERFORM refuse(409, '业务单已提交，印章样式不能再更改。');
    ELSIF seen <> sealpicture_mark(o, the_item) OR new_kind <> j ->> 'kind' THEN
        PERFORM refuse(409, '申请信息已更改，请重新预览印章样式后再确认。');
    ELSIF NOT j -> 'styles' ? new_style
          OR (scan IS NOT NULL AND NOT EXISTS (SELECT FROM sealpicture_scan(o, the_item) m WHERE m.id = scan)) THEN
        PERFORM refuse(409, '盖章扫描件已更改，请重新预览印章样式后再确认。');
    END IF;
    UPDATE sealpicture SET replaced = true WHERE order_id = wanted AND item = the_item AND NOT replaced;
    INSERT INTO sealpicture (id, order_id, item, kind, style, name, png, svg, png_sm3, width, height, mark, paper, accepted_by)
    VALUES (new_id, wanted, the_item, new_kind, new_style, encrypted_name, encrypted_png, encrypted_svg, hash, mm_wide, mm_high, seen, scan,
            me());
    PERFORM note('order', wanted, jsonb_build_object('sealpicture', new_id, 'item', the_item, 'style', new_style,
                                                     'sm3', encode(hash, 'hex')));
    PERFORM want_seal(c.id) FROM certificate c WHERE c.order_id = wanted AND c.item = the_item AND c.state = 'valid';
END $$;

-- The applicant's own picture and seal.
CREATE OR REPLACE FUNCTION hall.sealpicture_files(wanted uuid, the_item int DEFAULT 1)
RETURNS TABLE (id uuid, png bytea, svg bytea, es_id text, seal bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT s.id, s.png, s.svg, e.es_id, e.seal
      FROM orders o JOIN sealpicture s ON s.order_id = o.id AND s.item = the_item AND NOT s.replaced
      LEFT JOIN LATERAL (SELECT x.* FROM seal x JOIN certificate c ON c.id = x.certificate AND c.item = the_item
                          WHERE x.order_id = o.id AND x.state <> 'making' ORDER BY x.created_at DESC LIMIT 1) e ON true
     WHERE o.id = wanted AND o.account = me() AND o.project = my_project() AND my_kind() = 'account';
END $$;

-- How many of an order's seals are still to be made.
CREATE OR REPLACE FUNCTION hall.seals_lacking(o hall.orders) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT count(*) FROM items(o) i WHERE NOT EXISTS (SELECT FROM seal s JOIN certificate c ON c.id = s.certificate
                                                       WHERE s.order_id = o.id AND c.item = i.item AND s.state = 'valid'));
END $$;

-- The state of an item's seal, with the accepted picture, for reviewers and producers.
CREATE OR REPLACE FUNCTION hall.desk_sealpicture(wanted uuid, the_item int DEFAULT 1) RETURNS TABLE ("out" text, sealpicture uuid, png bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT sealpicture_json(o, the_item)::text, s.id, s.png FROM orders o LEFT JOIN LATERAL sealpicture_of(o, the_item) s ON true
     WHERE o.id = wanted AND my_kind() = 'staff' AND (the_item = 1 OR EXISTS (SELECT FROM items(o) i WHERE i.item = the_item));
END $$;
