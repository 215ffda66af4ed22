-- Revert certhall:items from pg
BEGIN;

DROP TRIGGER items_agree ON hall.order_item;
DROP FUNCTION hall.productions, hall.production, hall.items_agree, hall.item_subject, hall.pin_recipient,
    hall.item_lacks_request, hall.producing, hall.item_state, hall.item_request, hall.production_certificates, hall.csr_put,
    hall.production_job, hall.produce, hall.desk_key_file, hall.item_number, hall.signer_order, hall.signer_requested,
    hall.cmp_work, hall.cmp_answered, hall.csr_refused, hall.signer_answer_refused, hall.my_order_certificates,
    hall.key_file_there, hall.key_file_take, hall.stamp_mark, hall.stamp_kind, hall.stamp_of, hall.stamp_scan,
    hall.stamp_styles, hall.stamp_nth, hall.stamp_open, hall.stamp_json, hall.stamp_source, hall.stamp_code_of, hall.stamp_accept,
    hall.stamp_files, hall.seals_lacking, hall.desk_stamp;

-- What belongs to a second item of an order goes: the tables of before know of none.
DROP INDEX hall.stamp_current;
UPDATE hall.stamp SET replaced = true WHERE item > 1;
CREATE UNIQUE INDEX stamp_current ON hall.stamp (order_id) WHERE NOT replaced;
ALTER TABLE hall.stamp DROP item;
DELETE FROM hall.stamp_code WHERE item > 1;
ALTER TABLE hall.stamp_code DROP CONSTRAINT stamp_code_pkey, DROP item, ADD PRIMARY KEY (order_id);
ALTER TABLE hall.key_file_take DROP item;

CREATE FUNCTION hall.production(wanted uuid)
RETURNS TABLE (number text, medium text, key_origin text, profile text, pair bool, ca text, algorithm text, external bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.number, t.medium, t.key_origin, coalesce(t.profile, t.person), t.pair, p.ca, a.algorithm, coalesce(a.external, false)
      FROM orders o JOIN project p ON p.id = o.project
      JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type LEFT JOIN ca a ON a.name = p.ca
     WHERE o.id = wanted $$;
CREATE OR REPLACE FUNCTION hall.stamp_accepted(o hall.orders) RETURNS SETOF hall.stamp
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT s FROM stamp s WHERE s.order_id = o.id AND NOT s.replaced AND s.mark = coalesce(o.marks ->> 'stamp', '')
       AND (s.material IS NULL OR EXISTS (SELECT FROM material m WHERE m.id = s.material AND m.state = 'ok')) $$;
CREATE FUNCTION hall.stamp_scan(o hall.orders) RETURNS SETOF hall.material
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT m FROM material m
     WHERE m.order_id = o.id AND m.state = 'ok'
       AND (m.code = 'seal_form' OR (m.code = 'form' AND person_of(o) = 'institution'))
     ORDER BY m.code = 'seal_form' DESC LIMIT 1 $$;
CREATE OR REPLACE FUNCTION hall.seal_json(s hall.seal) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('id', s.id, 'es_id', s.es_id, 'order_id', s.order_id, 'order_number', o.number,
               'subject', o.subject, 'kind', p.kind, 'style', p.style, 'width', p.width, 'height', p.height,
               'state', seal_state(s), 'certificate', c.serial, 'maker', s.maker, 'made_at', iso(s.made_at),
               'valid_from', iso(s.valid_from), 'valid_to', iso(s.valid_to), 'filing_no', s.filing_no, 'reason', s.reason,
               'withdrawn_at', iso(s.withdrawn_at))
      FROM orders o, stamp p, certificate c WHERE o.id = s.order_id AND p.id = s.stamp AND c.id = s.certificate $$;
CREATE FUNCTION hall.stamp_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('wanted', o.seal_wanted,
        'kind', CASE person_of(o) WHEN 'institution' THEN 'unit' ELSE 'person' END,
        'open', o.seal_wanted AND o.form_complete AND o.state NOT IN ('cancelled', 'refunded')
                AND (o.state IN ('draft', 'rejected') OR NOT EXISTS (SELECT FROM stamp_accepted(o))),
        'styles', to_jsonb(array_remove(ARRAY['generated', (SELECT 'scan' FROM stamp_scan(o) m
                                                             WHERE m.mime LIKE 'image/%' AND o.state IN ('draft', 'rejected'))], NULL)),
        'accepted', (SELECT jsonb_build_object('style', a.style, 'kind', a.kind, 'width', a.width, 'height', a.height,
                            'sm3', encode(a.png_sm3, 'hex'), 'svg', a.svg IS NOT NULL, 'accepted_at', iso(a.accepted_at))
                       FROM stamp_accepted(o) a),
        'undone', EXISTS (SELECT FROM stamp s WHERE s.order_id = o.id AND NOT s.replaced)
                  AND NOT EXISTS (SELECT FROM stamp_accepted(o)),
        'seal', (SELECT seal_json(s) FROM seal s WHERE s.order_id = o.id ORDER BY s.created_at DESC LIMIT 1)) $$;
CREATE FUNCTION hall.signer_order(wanted uuid)
RETURNS TABLE (profile text, pair bool, years int, form_sealed bytea, ca text, external bool, token bool, request_wanted bool,
               issue_wanted bool, request bytea, key_sealed bytea, answer bytea, serial text, encryption_serial text,
               not_before timestamptz, not_after timestamptz, keep_end timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT p.profile, p.pair, o.years, o.form, coalesce(c.ca, p.ca, ''), p.external, p.key_origin = 'token',
           p.external AND p.key_origin = 'file' AND r.order_id IS NULL,
           (p.key_origin = 'file' OR r.request IS NOT NULL) AND (NOT p.external OR coalesce(r.state = 'answered', false)),
           r.request, r.key_sealed, r.answer, c.serial, e.serial, c.not_before, c.not_after, x.not_after
      FROM orders o CROSS JOIN production(o.id) p
      LEFT JOIN csr r ON r.order_id = o.id AND r.item = 1 AND r.state IN ('new', 'answered')
      LEFT JOIN certificate c ON c.order_id = o.id AND c.item = 1 AND c.state = 'issuing' AND c.key_use = 'signature'
      LEFT JOIN certificate e ON e.order_id = o.id AND e.item = 1 AND e.state = 'issuing' AND e.key_use = 'encryption'
      LEFT JOIN certificate x ON x.id = o.replaces
     WHERE o.id = wanted AND o.state = 'accepted' AND o.producer IS NOT NULL $$;
CREATE FUNCTION hall.csr_put(wanted uuid, der bytea, public bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM certificate WHERE public_sha256 = public AND state <> 'issuing')
       OR EXISTS (SELECT FROM csr WHERE public_sha256 = public AND order_id <> wanted) THEN
        PERFORM refuse(422, '这个密钥已经签发过证书或正在其他业务单中使用，请在介质上重新生成密钥。', '/csr');
    END IF;
    DELETE FROM csr WHERE order_id = wanted;
    INSERT INTO csr (order_id, request, public_sha256, brought_by) VALUES (wanted, der, public, me());
    PERFORM note('order', wanted, jsonb_build_object('csr', encode(public, 'hex')));
END $$;
CREATE FUNCTION hall.produce(wanted uuid, seen int, der bytea DEFAULT NULL, public bytea DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := desk_order(wanted, seen);
    how record;
    job text;
BEGIN
    SELECT * INTO how FROM production(wanted);
    IF o.state <> 'accepted' THEN
        PERFORM refuse(409, '业务单还没有成功受理，不能制证。');
    ELSIF how.key_origin = 'token' AND der IS NULL THEN
        PERFORM refuse(422, '请选择或粘贴介质生成的证书请求（CSR）。', '/csr');
    ELSIF how.key_origin = 'file' AND der IS NOT NULL THEN
        PERFORM refuse(422, '这类证书的密钥由签发系统生成，不需要证书请求。', '/csr');
    END IF;
    IF der IS NOT NULL THEN
        PERFORM csr_put(wanted, der, public);
    END IF;
    UPDATE orders SET producer = me(), version = version + 1, updated_at = now() WHERE id = wanted;
    job := CASE WHEN NOT how.external THEN 'issue'
                ELSE coalesce((SELECT CASE state WHEN 'new' THEN 'cmp' ELSE 'issue' END FROM csr
                                WHERE order_id = wanted AND state IN ('new', 'answered')), 'request') END;
    PERFORM enqueue(job, job || '/' || wanted || '/' || (o.version + 1), wanted);
END $$;
CREATE FUNCTION hall.desk_key_file(wanted uuid, use text DEFAULT 'signature', what text DEFAULT 'key_file')
RETURNS TABLE (number text, key_file bytea, certificate bytea, enveloped_key bytea, ca text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF my_kind() = 'staff' AND EXISTS (SELECT FROM orders o WHERE o.id = wanted) THEN
        PERFORM note('order', wanted, jsonb_build_object('read', what));
        RETURN QUERY SELECT o.number, CASE WHEN p.medium = 'ukey' AND o.producer = me() THEN c.key_file END, c.certificate,
                            CASE WHEN o.producer = me() THEN c.enveloped_key END, c.ca
                       FROM orders o JOIN certificate c ON c.order_id = o.id CROSS JOIN production(wanted) p
                      WHERE o.id = wanted AND c.state = 'valid' AND c.key_use = use;
    END IF;
END $$;
CREATE FUNCTION hall.signer_requested(wanted uuid, der bytea, public bytea, sealed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.requested');
    IF NOT EXISTS (SELECT FROM signer_order(wanted) WHERE request_wanted) THEN
        PERFORM refuse(409, 'no request is wanted for this order');
    END IF;
    DELETE FROM csr WHERE order_id = wanted; -- refused or served before
    INSERT INTO csr (order_id, request, public_sha256, key_sealed) VALUES (wanted, der, public, sealed);
    PERFORM note('order', wanted, jsonb_build_object('csr', encode(public, 'hex')));
    PERFORM enqueue('cmp', 'cmp/' || wanted || '/' || encode(public, 'hex'), wanted);
END $$;
CREATE FUNCTION hall.cmp_work(wanted uuid) RETURNS TABLE (ca text, request bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT p.ca, r.request FROM csr r CROSS JOIN production(r.order_id) p JOIN orders o ON o.id = r.order_id
     WHERE r.order_id = wanted AND r.state = 'new' AND p.external AND o.state = 'accepted' $$;
CREATE FUNCTION hall.cmp_answered(wanted uuid, der bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE csr SET state = 'answered', answer = der WHERE order_id = wanted AND state = 'new';
    IF FOUND THEN
        PERFORM note('order', wanted, jsonb_build_object('answer', encode(sha256(der), 'hex')));
        PERFORM enqueue('issue', 'issue/' || wanted || '/' || encode(sha256(der), 'hex'), wanted);
    END IF;
END $$;
CREATE FUNCTION hall.csr_refused(wanted uuid, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE csr SET state = 'refused', key_sealed = NULL, reason = why WHERE order_id = wanted AND state IN ('new', 'answered');
    IF FOUND THEN
        UPDATE orders SET producer = NULL, version = version + 1, updated_at = now() WHERE id = wanted AND state = 'accepted';
    END IF;
END $$;
CREATE FUNCTION hall.signer_answer_refused(wanted uuid, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.answer_refused');
    PERFORM csr_refused(wanted, why);
END $$;
CREATE FUNCTION hall.my_order_certificates(wanted uuid)
RETURNS TABLE (serial text, key_use text, state text, reason text, at text, ca text, certificate bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT c.serial, c.key_use, c.state, c.reason, iso(c.revoked_at), c.ca, c.certificate
      FROM orders o JOIN certificate c ON c.order_id = o.id AND c.state <> 'issuing'
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project()
     ORDER BY c.issued_at DESC $$;
CREATE FUNCTION hall.key_file_take(wanted uuid) RETURNS TABLE (number text, key_file bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    how record;
BEGIN
    SELECT * INTO how FROM production(wanted);
    IF how.medium <> 'file' THEN
        PERFORM refuse(409, '证书存放在介质中寄送，不提供下载。');
    ELSIF o.state NOT IN ('produced', 'done') THEN
        PERFORM refuse(409, '证书还没有制作完成，或已暂停使用，请刷新后再看。');
    ELSIF NOT EXISTS (SELECT FROM certificate c WHERE c.order_id = wanted AND c.state = 'valid' AND c.key_file IS NOT NULL)
          OR (SELECT count(*) FROM key_file_take t WHERE t.order_id = wanted) >= key_file_takes_max() THEN
        PERFORM refuse(410, '密钥文件已按规定销毁，不能再次下载；如果文件丢失，请申请补办。');
    END IF;
    INSERT INTO key_file_take (order_id) VALUES (wanted);
    IF o.state = 'produced' THEN
        PERFORM advance(wanted, 'download');
        PERFORM enqueue('key_file_end', 'key_file_end/' || wanted || '/' || o.version, wanted, '1 day');
    END IF;
    PERFORM note('order', wanted, '{"read": "key_file"}');
    RETURN QUERY SELECT o.number, c.key_file FROM certificate c
                  WHERE c.order_id = wanted AND c.state = 'valid' AND c.key_file IS NOT NULL;
END $$;
CREATE OR REPLACE FUNCTION hall.desk_production(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('medium', p.medium, 'key_origin', p.key_origin, 'profile', p.profile, 'pair', p.pair, 'ca', p.ca,
        'algorithm', p.algorithm, 'external', p.external, 'producing', o.state = 'accepted' AND o.producer IS NOT NULL,
        'request', (SELECT jsonb_build_object('state', r.state, 'reason', r.reason, 'at', iso(r.at),
            'public_sha256', encode(r.public_sha256, 'hex')) FROM csr r WHERE r.order_id = wanted),
        'certificates', (SELECT coalesce(jsonb_agg(jsonb_build_object('serial', c.serial, 'key_use', c.key_use, 'ca', c.ca,
            'state', c.state, 'algorithm', c.algorithm, 'not_before', iso(c.not_before), 'not_after', iso(c.not_after),
            'key_file', c.key_file IS NOT NULL, 'enveloped_key', c.enveloped_key IS NOT NULL)
            ORDER BY c.issued_at DESC), '[]') FROM certificate c WHERE c.order_id = wanted AND c.state <> 'issuing'))::text
      FROM orders o CROSS JOIN production(wanted) p WHERE o.id = wanted AND o.state <> 'draft' AND my_kind() = 'staff' $$;
CREATE OR REPLACE FUNCTION hall.signer_issuing(wanted uuid, the_item int, use text, new_serial text, the_ca text, kind text,
                                    the_profile text, starts timestamptz, ends timestamptz, tbs bytea, spki bytea)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.issuing');
    IF NOT EXISTS (SELECT FROM signer_order(wanted) WHERE issue_wanted) THEN
        PERFORM refuse(409, 'no certificate is wanted for this order');
    END IF;
    IF NOT (SELECT external FROM ca WHERE name = the_ca) THEN
        PERFORM signer_signature(the_ca, 'issuing', 'certificate', new_serial, tbs);
    END IF;
    UPDATE certificate SET (algorithm, profile, not_before, not_after, tbs_sm3, public_sha256) =
        (kind, the_profile, starts, ends, tbs, spki)
     WHERE ca = the_ca AND serial = new_serial AND order_id = wanted AND item = the_item AND key_use = use
       AND state = 'issuing';
    IF FOUND THEN
        RETURN;
    ELSIF EXISTS (SELECT FROM certificate WHERE ca = the_ca AND serial = new_serial) THEN
        PERFORM refuse(409, 'this serial number is taken');
    END IF;
    INSERT INTO certificate (serial, order_id, item, key_use, ca, algorithm, profile, not_before, not_after, tbs_sm3,
                             public_sha256, replaces)
    VALUES (new_serial, wanted, the_item, use, the_ca, kind, the_profile, starts, ends, tbs, spki,
            superseded(wanted, the_item, use));
END $$;
CREATE OR REPLACE FUNCTION hall.signer_produced(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    serials text;
BEGIN
    PERFORM enter_system('signer', 'signer.issued');
    UPDATE csr SET state = 'done', key_sealed = NULL WHERE order_id = wanted AND state IN ('new', 'answered');
    PERFORM advance(wanted, 'produce');
    SELECT * INTO o FROM orders WHERE id = wanted;
    SELECT serial INTO serials FROM certificate WHERE order_id = wanted AND state = 'valid' AND key_use = 'signature';
    IF o.finauth IS NULL OR o.finauth NOT IN ('succeeded') THEN -- the remark has not carried it: domain, section 5
        PERFORM tell(wanted, 'pin', CASE person_of(o) WHEN 'institution' THEN 'handler' ELSE 'holder' END, serials);
    END IF;
    IF (SELECT medium FROM production(wanted)) = 'file' THEN
        PERFORM tell(wanted, 'download', CASE person_of(o) WHEN 'natural' THEN 'holder' ELSE 'handler' END, serials);
    END IF;
END $$;
CREATE OR REPLACE FUNCTION hall.my_key_file(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('medium', p.medium,
        'there', p.medium = 'file' AND o.state IN ('produced', 'done') AND EXISTS (SELECT FROM certificate c
            WHERE c.order_id = wanted AND c.state = 'valid' AND c.key_file IS NOT NULL),
        'left', key_file_takes_max() - count(t.id),
        'until', iso(min(t.at) + interval '1 day'))::text
      FROM orders o CROSS JOIN production(wanted) p LEFT JOIN key_file_take t ON t.order_id = o.id
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project()
     GROUP BY p.medium, o.state $$;
CREATE FUNCTION hall.stamp_source(wanted uuid)
RETURNS TABLE ("out" text, form bytea, mark text, kind text, material uuid, file_key bytea, mime text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT j.out::text, o.form, coalesce(o.marks ->> 'stamp', ''), j.out ->> 'kind', m.id, m.file_key, m.mime
      FROM orders o CROSS JOIN LATERAL stamp_json(o) AS j(out) LEFT JOIN LATERAL stamp_scan(o) m ON true
     WHERE o.id = wanted AND o.account = me() AND o.project = my_project() AND my_kind() = 'account' $$;
CREATE FUNCTION hall.stamp_code_of(wanted uuid, place text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE found_code text;
BEGIN
    PERFORM my_order(wanted);
    SELECT code INTO found_code FROM stamp_code WHERE order_id = wanted;
    IF found_code IS NULL THEN
        INSERT INTO stamp_code (order_id, code)
        VALUES (wanted, CASE WHEN place ~ '^[0-9]{6}$' THEN place ELSE '000000' END || lpad(nextval('stamp_number')::text, 7, '0'))
        RETURNING code INTO found_code;
    END IF;
    RETURN found_code;
END $$;
CREATE FUNCTION hall.stamp_files(wanted uuid)
RETURNS TABLE (id uuid, png bytea, svg bytea, es_id text, seal bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT s.id, s.png, s.svg, e.es_id, e.seal
      FROM orders o JOIN stamp s ON s.order_id = o.id AND NOT s.replaced
      LEFT JOIN LATERAL (SELECT * FROM seal x WHERE x.order_id = o.id AND x.state <> 'making'
                          ORDER BY x.created_at DESC LIMIT 1) e ON true
     WHERE o.id = wanted AND o.account = me() AND o.project = my_project() AND my_kind() = 'account' $$;
CREATE FUNCTION hall.desk_stamp(wanted uuid) RETURNS TABLE ("out" text, stamp uuid, png bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT stamp_json(o)::text, s.id, s.png FROM orders o LEFT JOIN LATERAL stamp_accepted(o) s ON true
     WHERE o.id = wanted AND my_kind() = 'staff' $$;
CREATE FUNCTION hall.stamp_accept(new_id uuid, wanted uuid, seen text, new_style text, new_kind text, sealed_name bytea,
                                  sealed_png bytea, sealed_svg bytea, hash bytea, mm_wide int, mm_high int, scan uuid)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    j jsonb := stamp_json(o);
BEGIN
    IF NOT o.seal_wanted THEN
        PERFORM refuse(409, '这个业务单不办理电子签章。');
    ELSIF NOT (j ->> 'open')::bool THEN
        PERFORM refuse(409, '业务单已提交，印章样式不能再更改。');
    ELSIF seen <> coalesce(o.marks ->> 'stamp', '') OR new_kind <> j ->> 'kind' THEN
        PERFORM refuse(409, '申请信息已更改，请重新预览印章样式后再确认。');
    ELSIF NOT j -> 'styles' ? new_style OR (scan IS NOT NULL AND scan IS DISTINCT FROM (SELECT id FROM stamp_scan(o))) THEN
        PERFORM refuse(409, '盖章扫描件已更改，请重新预览印章样式后再确认。');
    END IF;
    UPDATE stamp SET replaced = true WHERE order_id = wanted AND NOT replaced;
    INSERT INTO stamp (id, order_id, kind, style, name, png, svg, png_sm3, width, height, mark, material, accepted_by)
    VALUES (new_id, wanted, new_kind, new_style, sealed_name, sealed_png, sealed_svg, hash, mm_wide, mm_high, seen, scan, me());
    PERFORM note('order', wanted, jsonb_build_object('stamp', new_id, 'style', new_style, 'sm3', encode(hash, 'hex')));
    PERFORM want_seal(c.id) FROM certificate c WHERE c.order_id = wanted AND c.state = 'valid';
END $$;
CREATE OR REPLACE FUNCTION hall.want_seal(cert uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT enqueue('stamp', 'stamp/' || c.id || '/' || c.audit_seq, c.id) FROM certificate c JOIN orders o ON o.id = c.order_id
     WHERE c.id = cert AND c.state = 'valid' AND c.key_use = 'signature' AND o.seal_wanted
       AND EXISTS (SELECT FROM stamp_accepted(o)) $$;
CREATE OR REPLACE FUNCTION hall.signer_stamp(wanted uuid)
RETURNS TABLE (seal uuid, made bool, es_id text, stamp uuid, kind text, name bytea, png bytea, png_sm3 bytea, width int,
               height int, certificate bytea, created_at bigint, valid_from bigint, valid_to bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate;
    o orders;
    p stamp;
BEGIN
    PERFORM enter_system('signer', 'signer.stamp');
    SELECT * INTO c FROM certificate x WHERE x.id = wanted AND x.state = 'valid' AND x.key_use = 'signature'
       AND x.not_after > now() FOR NO KEY UPDATE;
    SELECT * INTO o FROM orders x WHERE x.id = c.order_id;
    SELECT * INTO p FROM stamp_accepted(o);
    IF p.id IS NOT NULL AND o.seal_wanted AND NOT EXISTS (SELECT FROM seal x WHERE x.certificate = wanted) THEN
        INSERT INTO stamp_code (order_id, code) VALUES (o.id, '000000' || lpad(nextval('stamp_number')::text, 7, '0'))
        ON CONFLICT (order_id) DO NOTHING;
        INSERT INTO seal (es_id, order_id, certificate, stamp, created_at, valid_from, valid_to)
        SELECT k.code || lpad((1 + (SELECT count(*) FROM seal x WHERE x.order_id = o.id))::text, 2, '0'), o.id, wanted, p.id,
               date_trunc('second', now()), date_trunc('second', greatest(now(), c.not_before)), c.not_after
          FROM stamp_code k WHERE k.order_id = o.id;
    END IF;
    RETURN QUERY SELECT s.id, s.state = 'valid', s.es_id, t.id, t.kind, t.name, t.png, t.png_sm3, t.width, t.height, c.certificate,
                        extract(epoch FROM s.created_at)::bigint, extract(epoch FROM s.valid_from)::bigint,
                        extract(epoch FROM s.valid_to)::bigint
                   FROM seal s JOIN stamp t ON t.id = s.stamp WHERE s.certificate = c.id AND s.state <> 'withdrawn';
END $$;
CREATE OR REPLACE FUNCTION hall.signer_stamped(wanted uuid, der bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE s seal;
BEGIN
    PERFORM enter_system('signer', 'signer.stamped');
    UPDATE seal SET state = 'valid', seal = der, made_at = now(),
           filing_no = 'BA' || to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD') || lpad(nextval('filing_number')::text, 8, '0')
     WHERE id = wanted AND state = 'making' AND info_sm3 IS NOT NULL RETURNING * INTO s;
    IF NOT FOUND THEN
        PERFORM refuse(409, 'this seal is not being made');
    END IF;
    PERFORM seal_file(s, 'made');
    PERFORM tell(s.order_id, 'stamped', CASE (SELECT kind FROM stamp p WHERE p.id = s.stamp) WHEN 'unit' THEN 'handler'
                                        ELSE 'holder' END, s.es_id, jsonb_build_object('number', s.es_id));
END $$;
CREATE OR REPLACE FUNCTION hall.desk_seals(words text, wanted_state text, page int, page_size int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH found AS (SELECT s FROM seal s JOIN orders o ON o.id = s.order_id
                    WHERE my_kind() = 'staff' AND (wanted_state IS NULL OR seal_state(s) = wanted_state)
                      AND (words IS NULL OR position(words IN concat_ws(' ', s.es_id, s.filing_no, o.number, o.subject)) > 0))
    SELECT jsonb_build_object('total', (SELECT count(*) FROM found), 'page', page, 'page_size', page_size,
        'items', (SELECT coalesce(jsonb_agg(seal_json(f.s) ORDER BY (f.s).created_at DESC), '[]') FROM (
            SELECT s FROM found ORDER BY (s).created_at DESC LIMIT page_size OFFSET (page - 1) * page_size) f))::text $$;
CREATE OR REPLACE FUNCTION hall.seal_filings(first_day date, last_day date) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('filing_no', s.filing_no, 'what', f.what,
               'at', iso(f.at), 'es_id', s.es_id, 'kind', p.kind, 'subject', o.subject, 'order_number', o.number,
               'certificate', c.serial, 'maker', s.maker, 'valid_from', iso(s.valid_from), 'valid_to', iso(s.valid_to),
               'picture_sm3', encode(p.png_sm3, 'hex'), 'seal_sm3', encode(f.seal_sm3, 'hex'), 'actor', f.actor,
               'reason', f.reason) ORDER BY f.id), '[]'))::text
      FROM seal_filing f JOIN seal s ON s.id = f.seal JOIN stamp p ON p.id = s.stamp JOIN orders o ON o.id = s.order_id
      JOIN certificate c ON c.id = s.certificate
     WHERE my_kind() = 'staff' AND (f.at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN first_day AND last_day $$;
CREATE OR REPLACE FUNCTION hall.desk_pin_send(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    p pin;
    why text;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted AND my_kind() = 'staff' AND state <> 'draft' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这个业务单。');
    END IF;
    why := pin_unsendable(o);
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    END IF;
    p := pin_locked(wanted);
    PERFORM pin_unfulfil(wanted, p.generation, 'sms');
    PERFORM note('order', wanted, jsonb_build_object('pin', p.generation, 'sent_again', true));
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'pin', '重新发送证书 PIN 码');
    PERFORM tell(wanted, 'pin', CASE person_of(o) WHEN 'institution' THEN 'handler' ELSE 'holder' END,
                 (SELECT 'again/' || count(*) FROM message WHERE order_id = wanted AND event = 'pin'));
END $$;

GRANT EXECUTE ON FUNCTION hall.produce, hall.production, hall.desk_key_file, hall.desk_stamp TO certhall_desk;
GRANT EXECUTE ON FUNCTION hall.my_order_certificates, hall.key_file_take TO certhall_orders;
GRANT EXECUTE ON FUNCTION hall.signer_order, hall.signer_requested, hall.signer_answer_refused TO certhall_signer;
GRANT EXECUTE ON FUNCTION hall.cmp_work, hall.cmp_answered, hall.csr_refused TO certhall_runner;
GRANT EXECUTE ON FUNCTION hall.stamp_source, hall.stamp_code_of, hall.stamp_accept, hall.stamp_files TO certhall_stamp;

COMMIT;
