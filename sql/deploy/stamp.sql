-- Deploy certhall:stamp to pg
-- Electronic seals (GB/T 38540): the picture that an applicant accepts, the seal that the signer makes of it when the
-- certificate is there, its withdrawal, and the filing record (备案) of both.
BEGIN;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'certhall_stamp') THEN
        CREATE ROLE certhall_stamp LOGIN;
    END IF;
END $$;
GRANT USAGE ON SCHEMA hall TO certhall_stamp;

-- The number under a seal's star: six digits of the place where the unit is registered, seven running ones.
CREATE SEQUENCE hall.stamp_number MAXVALUE 9999999;
CREATE SEQUENCE hall.filing_number;
CREATE TABLE hall.stamp_code (
    order_id uuid PRIMARY KEY REFERENCES hall.orders,
    code     text NOT NULL UNIQUE CHECK (code ~ '^[0-9]{13}$')
);

-- Pictures that were accepted; an order has one that counts.
CREATE TABLE hall.stamp (
    id          uuid PRIMARY KEY,
    order_id    uuid NOT NULL REFERENCES hall.orders,
    kind        text NOT NULL CHECK (kind IN ('unit', 'person')),
    style       text NOT NULL CHECK (style IN ('generated', 'scan')),
    name        bytea NOT NULL, -- sealed, place "stamp.name": as registered in the seal
    png         bytea NOT NULL, -- sealed, place "stamp.png"
    svg         bytea,          -- sealed, place "stamp.svg"; NULL when it comes from a scan
    png_sm3     bytea NOT NULL CHECK (length(png_sm3) = 32),
    width       int NOT NULL CHECK (width BETWEEN 5 AND 100), -- millimetres
    height      int NOT NULL CHECK (height BETWEEN 5 AND 100),
    mark        text NOT NULL,  -- keyed hash of what it was drawn from (core/hall/form.h, group "stamp")
    material    uuid REFERENCES hall.material, -- the scan it was cut out of
    replaced    bool NOT NULL DEFAULT false,
    accepted_by uuid NOT NULL REFERENCES hall.account,
    accepted_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((style = 'scan') = (material IS NOT NULL))
);
CREATE UNIQUE INDEX stamp_current ON hall.stamp (order_id) WHERE NOT replaced;

-- The seals. A seal on hold is one whose certificate is: nothing is written here for that.
CREATE TABLE hall.seal (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    es_id        text NOT NULL UNIQUE CHECK (es_id ~ '^[0-9]{15}$'),
    order_id     uuid NOT NULL REFERENCES hall.orders,
    certificate  uuid NOT NULL REFERENCES hall.certificate,
    stamp        uuid NOT NULL REFERENCES hall.stamp,
    state        text NOT NULL DEFAULT 'making' CHECK (state IN ('making', 'valid', 'withdrawn')),
    created_at   timestamptz NOT NULL, -- these three stand in the seal
    valid_from   timestamptz NOT NULL,
    valid_to     timestamptz NOT NULL,
    maker        text,                 -- serial number of the maker's certificate
    info_sm3     bytea CHECK (length(info_sm3) = 32), -- of what the maker signed
    seal         bytea,                -- DER
    made_at      timestamptz,
    filing_no    text UNIQUE,
    reason       text,
    withdrawn_at timestamptz,
    withdrawn_by uuid REFERENCES hall.staff, -- NULL: by the certificate's revocation
    audit_seq    int NOT NULL,
    audit_head   bytea NOT NULL,
    CHECK (state <> 'valid' OR (seal IS NOT NULL AND maker IS NOT NULL AND info_sm3 IS NOT NULL AND filing_no IS NOT NULL)),
    CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL) AND (withdrawn_at IS NULL) = (reason IS NULL)),
    CHECK (valid_to > valid_from)
);
CREATE UNIQUE INDEX seal_certificate ON hall.seal (certificate) WHERE state <> 'withdrawn';
CREATE INDEX seal_order ON hall.seal (order_id);
CREATE TRIGGER seal_audited BEFORE INSERT OR UPDATE ON hall.seal FOR EACH ROW EXECUTE FUNCTION hall.audited('seal');

-- The filing record: what happened to which seal, when, by whom. Rows are added and never changed.
CREATE TABLE hall.seal_filing (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seal     uuid NOT NULL REFERENCES hall.seal,
    what     text NOT NULL CHECK (what IN ('made', 'withdrawn')),
    at       timestamptz NOT NULL DEFAULT now(),
    actor    text NOT NULL,
    reason   text,
    seal_sm3 bytea, -- of the seal's DER
    UNIQUE (seal, what)
);
CREATE FUNCTION hall.seal_filing_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the filing record is only added to';
END $$;
CREATE TRIGGER seal_filing_kept BEFORE UPDATE OR DELETE ON hall.seal_filing FOR EACH ROW
    EXECUTE FUNCTION hall.seal_filing_kept();

CREATE FUNCTION hall.seal_file(s hall.seal, happened text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, public, pg_temp AS $$
    INSERT INTO seal_filing (seal, what, actor, reason, seal_sm3)
    VALUES (s.id, happened, actor(), s.reason, digest(s.seal, 'sm3')) $$;

-- ---- the picture ----

-- The accepted picture, as long as what it was drawn from is the same: the form's names, and the scan if it is one.
CREATE FUNCTION hall.stamp_accepted(o hall.orders) RETURNS SETOF hall.stamp
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT s FROM stamp s WHERE s.order_id = o.id AND NOT s.replaced AND s.mark = coalesce(o.marks ->> 'stamp', '')
       AND (s.material IS NULL OR EXISTS (SELECT FROM material m WHERE m.id = s.material AND m.state = 'ok')) $$;

-- The paper that bears an impression of the seal: the collection form, else the stamped application form of a unit.
CREATE FUNCTION hall.stamp_scan(o hall.orders) RETURNS SETOF hall.material
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT m FROM material m
     WHERE m.order_id = o.id AND m.state = 'ok'
       AND (m.code = 'seal_form' OR (m.code = 'form' AND person_of(o) = 'institution'))
     ORDER BY m.code = 'seal_form' DESC LIMIT 1 $$;

CREATE FUNCTION hall.seal_state(s hall.seal) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN s.state <> 'valid' THEN s.state WHEN c.state = 'hold' THEN 'suspended'
                WHEN s.valid_to < now() THEN 'expired' ELSE 'valid' END FROM certificate c WHERE c.id = s.certificate $$;

CREATE FUNCTION hall.seal_json(s hall.seal) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('id', s.id, 'es_id', s.es_id, 'order_id', s.order_id, 'order_number', o.number,
               'subject', o.subject, 'kind', p.kind, 'style', p.style, 'width', p.width, 'height', p.height,
               'state', seal_state(s), 'certificate', c.serial, 'maker', s.maker, 'made_at', iso(s.made_at),
               'valid_from', iso(s.valid_from), 'valid_to', iso(s.valid_to), 'filing_no', s.filing_no, 'reason', s.reason,
               'withdrawn_at', iso(s.withdrawn_at))
      FROM orders o, stamp p, certificate c WHERE o.id = s.order_id AND p.id = s.stamp AND c.id = s.certificate $$;

-- How an order stands with its seal.
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

-- What a module draws from: the form, the number, the scan.
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

-- The job that makes the seal: as soon as certificate and picture are both there, and again when a hold is over. However
-- often it runs, a certificate gets one seal.
CREATE FUNCTION hall.want_seal(cert uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT enqueue('stamp', 'stamp/' || c.id || '/' || c.audit_seq, c.id) FROM certificate c JOIN orders o ON o.id = c.order_id
     WHERE c.id = cert AND c.state = 'valid' AND c.key_use = 'signature' AND o.seal_wanted
       AND EXISTS (SELECT FROM stamp_accepted(o)) $$;

-- The applicant has seen the picture and wants it so. `seen` is the mark of the form that it was drawn from.
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

-- As before, with the seal's picture.
CREATE OR REPLACE FUNCTION hall.order_lacks(o hall.orders) RETURNS TABLE (pointer text, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT '/form', '请填写完整申请信息。' WHERE NOT o.form_complete
    UNION ALL SELECT '/print', '请打印申请表。' WHERE NOT o.printed
    UNION ALL
    SELECT '/materials/' || w.code, format('请上传“%s”。', w.name) FROM materials_wanted(o) w
     WHERE NOT EXISTS (SELECT FROM material m WHERE m.order_id = o.id AND m.code = w.code AND m.state = 'ok')
    UNION ALL SELECT '/stamp', '请预览并确认电子印章的样式。'
     WHERE o.seal_wanted AND NOT EXISTS (SELECT FROM stamp_accepted(o))
    UNION ALL SELECT '/phone', '请完成手机身份认证。' WHERE o.phone_state <> 'passed' $$;

-- The page of the materials shows the picture too.
CREATE OR REPLACE FUNCTION hall.next_step(o hall.orders) RETURNS TABLE (step text, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT * FROM (
        SELECT CASE WHEN l.pointer LIKE '/materials%' OR l.pointer = '/stamp' THEN 'materials' ELSE substr(l.pointer, 2) END, l.text
          FROM order_lacks(o) l WHERE o.state = 'draft'
        UNION ALL SELECT 'payment', '确认无误后提交并支付。' WHERE o.state = 'draft'
        UNION ALL SELECT 'payment', '请尽快完成支付，7 天内未支付将自动取消。' WHERE o.state = 'unpaid'
        UNION ALL SELECT 'form', '请按驳回原因修改后重新提交，已支付的费用继续有效。' WHERE o.state = 'rejected'
        UNION ALL SELECT 'account', CASE o.finauth WHEN 'account_wanted' THEN '请填写单位对公账户，用于金融认证。'
                         ELSE '金融认证未成功，请核对并更正对公账户。' END
         WHERE o.finauth IN ('account_wanted', 'failed', 'returned') AND o.state IN ('in_review', 'rejected', 'approved')
        UNION ALL SELECT 'received', '收到快递后请确认签收。' WHERE o.state = 'shipped'
    ) s LIMIT 1 $$;

-- The applicant's own picture and seal.
CREATE FUNCTION hall.stamp_files(wanted uuid)
RETURNS TABLE (id uuid, png bytea, svg bytea, es_id text, seal bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT s.id, s.png, s.svg, e.es_id, e.seal
      FROM orders o JOIN stamp s ON s.order_id = o.id AND NOT s.replaced
      LEFT JOIN LATERAL (SELECT * FROM seal x WHERE x.order_id = o.id AND x.state <> 'making'
                          ORDER BY x.created_at DESC LIMIT 1) e ON true
     WHERE o.id = wanted AND o.account = me() AND o.project = my_project() AND my_kind() = 'account' $$;

-- ---- the seal ----

CREATE FUNCTION hall.seal_end(wanted uuid, why text, who uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE s seal;
BEGIN
    UPDATE seal SET state = 'withdrawn', reason = why, withdrawn_at = now(), withdrawn_by = who
     WHERE id = wanted AND state IN ('making', 'valid') RETURNING * INTO s;
    IF s.seal IS NOT NULL THEN -- one that was never finished was never filed
        PERFORM seal_file(s, 'withdrawn');
    END IF;
END $$;

CREATE FUNCTION hall.certificate_seal() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NEW.state = 'valid' THEN
        PERFORM want_seal(NEW.id);
    ELSE
        PERFORM seal_end(id, '证书已吊销，印章随之注销。', NULL) FROM seal WHERE certificate = NEW.id AND state IN ('making', 'valid');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER certificate_seal AFTER UPDATE OF state ON hall.certificate
    FOR EACH ROW WHEN (NEW.state <> OLD.state AND NEW.state IN ('valid', 'revoked')) EXECUTE FUNCTION hall.certificate_seal();

-- The signer asks what seal the certificate's order wants. The row with its dates is there before anything is signed; a
-- second asking, after a crash, finds the same row. Nothing: there is no such certificate, or no seal is wanted for it.
CREATE FUNCTION hall.signer_stamp(wanted uuid)
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

-- What is going to be signed, before it is.
CREATE FUNCTION hall.signer_stamping(wanted uuid, the_ca text, maker_serial text, digest bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.stamping');
    UPDATE seal SET info_sm3 = digest, maker = maker_serial WHERE id = wanted AND state = 'making';
    IF NOT FOUND THEN
        PERFORM refuse(409, 'this seal is not being made');
    END IF;
    PERFORM signer_signature(the_ca, 'stamp', 'seal', wanted::text, digest);
END $$;

CREATE FUNCTION hall.signer_stamped(wanted uuid, der bytea) RETURNS void
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

-- ---- the desk ----

-- Those whose number, order number, filing number or subject holds the words.
CREATE FUNCTION hall.desk_seals(words text, wanted_state text, page int, page_size int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH found AS (SELECT s FROM seal s JOIN orders o ON o.id = s.order_id
                    WHERE my_kind() = 'staff' AND (wanted_state IS NULL OR seal_state(s) = wanted_state)
                      AND (words IS NULL OR position(words IN concat_ws(' ', s.es_id, s.filing_no, o.number, o.subject)) > 0))
    SELECT jsonb_build_object('total', (SELECT count(*) FROM found), 'page', page, 'page_size', page_size,
        'items', (SELECT coalesce(jsonb_agg(seal_json(f.s) ORDER BY (f.s).created_at DESC), '[]') FROM (
            SELECT s FROM found ORDER BY (s).created_at DESC LIMIT page_size OFFSET (page - 1) * page_size) f))::text $$;

CREATE FUNCTION hall.desk_seal_withdraw(wanted uuid, why text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE s seal;
BEGIN
    SELECT * INTO s FROM seal WHERE id = wanted AND my_kind() = 'staff' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这枚印章。');
    ELSIF s.state = 'withdrawn' THEN
        PERFORM refuse(409, '这枚印章已经注销。');
    END IF;
    PERFORM seal_end(wanted, why, me());
    RETURN (SELECT seal_json(x) FROM seal x WHERE x.id = wanted)::text;
END $$;

-- The file of a seal and its picture; that a member of staff had them is on record.
CREATE FUNCTION hall.desk_seal_files(wanted uuid) RETURNS TABLE (es_id text, seal bytea, stamp uuid, png bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF my_kind() <> 'staff' OR NOT EXISTS (SELECT FROM seal x WHERE x.id = wanted) THEN
        PERFORM refuse(404, '没有找到这枚印章。');
    END IF;
    PERFORM note('seal', wanted, jsonb_build_object('read', known('op')));
    RETURN QUERY SELECT s.es_id, s.seal, p.id, p.png FROM seal s JOIN stamp p ON p.id = s.stamp WHERE s.id = wanted;
END $$;

-- How an order stands with its seal, and the picture that was accepted, for who reviews and produces.
CREATE FUNCTION hall.desk_stamp(wanted uuid) RETURNS TABLE ("out" text, stamp uuid, png bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT stamp_json(o)::text, s.id, s.png FROM orders o LEFT JOIN LATERAL stamp_accepted(o) s ON true
     WHERE o.id = wanted AND my_kind() = 'staff' $$;

-- The filing record of some days (Beijing time), oldest first.
CREATE FUNCTION hall.seal_filings(first_day date, last_day date) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('filing_no', s.filing_no, 'what', f.what,
               'at', iso(f.at), 'es_id', s.es_id, 'kind', p.kind, 'subject', o.subject, 'order_number', o.number,
               'certificate', c.serial, 'maker', s.maker, 'valid_from', iso(s.valid_from), 'valid_to', iso(s.valid_to),
               'picture_sm3', encode(p.png_sm3, 'hex'), 'seal_sm3', encode(f.seal_sm3, 'hex'), 'actor', f.actor,
               'reason', f.reason) ORDER BY f.id), '[]'))::text
      FROM seal_filing f JOIN seal s ON s.id = f.seal JOIN stamp p ON p.id = s.stamp JOIN orders o ON o.id = s.order_id
      JOIN certificate c ON c.id = s.certificate
     WHERE my_kind() = 'staff' AND (f.at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN first_day AND last_day $$;

-- As before, with the seals.
CREATE OR REPLACE FUNCTION hall.audit_all() RETURNS TABLE (id bigint, kind text, subject uuid, seq int, body text, head bytea,
                                                current_seq int, current_head bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH subjects AS (
        SELECT id, audit_seq, audit_head FROM orders UNION ALL SELECT id, audit_seq, audit_head FROM account
        UNION ALL SELECT id, audit_seq, audit_head FROM staff UNION ALL SELECT id, audit_seq, audit_head FROM project
        UNION ALL SELECT id, audit_seq, audit_head FROM certificate UNION ALL SELECT id, audit_seq, audit_head FROM seal)
    SELECT a.id, a.kind, coalesce(a.subject, s.id), a.seq,
           audit_text(a.kind, a.subject, a.seq, a.at, a.actor, a.op, a.request, a.detail), a.head, s.audit_seq, s.audit_head
      FROM audit a FULL JOIN subjects s ON s.id = a.subject ORDER BY coalesce(a.subject, s.id), a.seq $$;

GRANT EXECUTE ON FUNCTION hall.known, hall.me, hall.my_project, hall.my_kind, hall.my_roles, hall.data_keys, hall.refuse, hall.iso,
    hall.enter, hall.stamp_source, hall.stamp_code_of, hall.stamp_accept, hall.stamp_files TO certhall_stamp;
GRANT EXECUTE ON FUNCTION hall.signer_stamp, hall.signer_stamping, hall.signer_stamped TO certhall_signer;
GRANT EXECUTE ON FUNCTION hall.desk_seals, hall.desk_seal_withdraw, hall.desk_seal_files, hall.desk_stamp, hall.seal_filings
    TO certhall_desk;

COMMIT;
