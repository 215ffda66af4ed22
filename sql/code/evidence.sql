-- Evidence packages: all that is on record about an order, in one signed file, for courts and regulators (docs/evidence.md).

CREATE OR REPLACE FUNCTION hall.evidence_ask(new_id uuid, wanted_number text, why bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE number = wanted_number AND state <> 'draft' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(422, '没有找到这个业务单，请核对单号；尚未提交的草稿不能制作证据包。', '/number');
    ELSIF o.erased_at IS NOT NULL THEN
        PERFORM refuse(409, '业务单的个人信息与资料已按规定删除，不能再制作证据包。');
    ELSIF EXISTS (SELECT FROM evidence WHERE order_id = o.id AND state = 'asked') THEN
        PERFORM refuse(409, '这个业务单的证据包正在制作，请稍候。');
    END IF;
    INSERT INTO evidence (id, order_id, staff, reason) VALUES (new_id, o.id, me(), why);
    PERFORM note('order', o.id, jsonb_build_object('evidence', 'asked', 'id', new_id)), enqueue('evidence', 'evidence/' || new_id, new_id);
END $$;

-- The packages of an order (NULL: of all), the newest first: their ids grow with time. One more than a page has tells that there is
-- another page. The caller decrypts the reason.
CREATE OR REPLACE FUNCTION hall.evidence_list(wanted_number text, after uuid, most int) RETURNS TABLE (id uuid, "out" text, reason bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE of_order uuid := (SELECT o.id FROM orders o WHERE o.number = wanted_number);
BEGIN
    RETURN QUERY SELECT e.id, jsonb_build_object('id', e.id, 'number', o.number, 'state', e.state, 'asked_at', iso(e.asked_at),
               'asked_by', f.display_name, 'made_at', iso(e.made_at), 'bytes', e.bytes, 'sha256', encode(e.sha256, 'hex'), 'stamped', e.stamped,
               'ends_at', CASE e.state WHEN 'made' THEN iso(e.made_at + r.after) END)::text, e.reason
      FROM evidence e JOIN orders o ON o.id = e.order_id JOIN staff f ON f.id = e.staff JOIN retention r ON r.what = 'evidence'
     WHERE (wanted_number IS NULL OR e.order_id = of_order) AND (evidence_list.after IS NULL OR e.id < evidence_list.after)
     ORDER BY e.id DESC LIMIT most;
END $$;

CREATE OR REPLACE FUNCTION hall.evidence_file(wanted uuid) RETURNS TABLE (id uuid, number text, file_key bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT e.id, o.number, e.file_key FROM evidence e JOIN orders o ON o.id = e.order_id WHERE e.id = wanted AND e.state = 'made';
    PERFORM note('order', e.order_id, jsonb_build_object('read', 'evidence', 'id', e.id)) FROM evidence e WHERE e.id = wanted AND e.state = 'made';
END $$;

-- Deletes a package; that it was made stays on record.
CREATE OR REPLACE FUNCTION hall.evidence_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE of_order uuid;
BEGIN
    UPDATE evidence SET state = 'ended', file_key = '' WHERE id = wanted AND state = 'made' RETURNING order_id INTO of_order;
    IF FOUND THEN
        PERFORM enqueue('file_gone', 'file_gone/' || wanted, wanted), note('order', of_order, jsonb_build_object('evidence', 'ended', 'id', wanted));
    END IF;
END $$;

-- ---- what the runner puts into a package ----

-- The tables with rows about an order that are in a package: the file that has them, how they are found (NULL: by order_id), and columns
-- that stay out besides those that are encrypted and the keys that do so (hall.encrypted_column). sql/test/evidence.sql has the tables
-- that are not, with the reasons.
CREATE OR REPLACE FUNCTION hall.evidence_tables() RETURNS TABLE (tbl text, file text, found text, hidden text[])
LANGUAGE sql IMMUTABLE AS $$
    VALUES ('orders', 'order', 'id = $1', '{audit_head,form_data_key}'::text[]), ('order_item', 'order', NULL, '{holder_hash}'),
        ('order_history', 'order', NULL, '{}'), ('hand_over', 'order', NULL, '{taker}'), ('paper', 'papers', NULL, '{}'),
        ('paper_check', 'checks', NULL, '{}'), ('licence_check', 'checks', NULL, '{}'), ('identity', 'checks', NULL, '{biz_token}'), ('appointment', 'checks', NULL, '{}'),
        ('bank_account', 'checks', NULL, '{}'), ('legal_person', 'checks', NULL, '{}'), ('bank_entry', 'checks', NULL, '{}'), ('payout', 'checks', NULL, '{}'),
        ('consent', 'consents', NULL, '{}'), ('review', 'decisions', NULL, '{}'), ('decision', 'decisions', NULL, '{}'),
        ('act', 'decisions', NULL, '{}'), ('payment', 'money', NULL, '{code_url}'), ('transfer', 'money', NULL, '{}'),
        ('voucher', 'money', NULL, '{}'), ('refund_request', 'money', NULL, '{}'), ('invoice', 'money', NULL, '{}'),
        ('refund', 'money', 'payment_id IN (SELECT id FROM hall.payment WHERE order_id = $1)', '{}'), ('message', 'messages', NULL, '{}'),
        ('csr', 'certificates', NULL, '{key_encrypted}'), ('certificate_unwanted', 'certificates', NULL, '{}'),
        ('certificate', 'certificates', NULL, '{key_file,enveloped_key,audit_head}'),
        ('pin_ledger', 'certificates', NULL, '{}'), ('key_file_take', 'certificates', NULL, '{}'), ('seal', 'certificates', NULL, '{audit_head}'),
        ('seal_code', 'certificates', NULL, '{}'), ('sealpicture', 'certificates', NULL, '{}'), ('parcel', 'parcel', NULL, '{}') $$;

-- A package that is to be made.
CREATE OR REPLACE FUNCTION hall.evidence_work(wanted uuid) RETURNS TABLE (order_id uuid, number text, asked_at text, asked_by text, reason bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.id, o.number, iso(e.asked_at), f.display_name, e.reason
      FROM evidence e JOIN orders o ON o.id = e.order_id JOIN staff f ON f.id = e.staff WHERE e.id = wanted AND e.state = 'asked';
END $$;

-- The order's rows, a JSON text for each file: {"table": [row, …], …}.
CREATE OR REPLACE FUNCTION hall.evidence_rows(wanted uuid) RETURNS TABLE (file text, body text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    t record;
    found_rows jsonb;
    files jsonb := '{}';
BEGIN
    FOR t IN SELECT x.*, x.hidden || ARRAY(SELECT unnest(ARRAY[c."column", c."column" || '_data_key']) FROM encrypted_column c WHERE c."table" = x.tbl) AS secret
               FROM evidence_tables() x LOOP
        EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(r) - $2), ''[]'') FROM hall.%I r WHERE %s', t.tbl, coalesce(t.found, 'order_id = $1'))
           INTO found_rows USING wanted, t.secret;
        files := jsonb_set(files, ARRAY[t.file], coalesce(files -> t.file, '{}') || jsonb_build_object(t.tbl, found_rows));
    END LOOP;
    RETURN QUERY SELECT f.key || '.json', jsonb_pretty(f.value) FROM jsonb_each(files) f;
END $$;

-- The order's encrypted values that a reader needs, for the runner to decrypt.
CREATE OR REPLACE FUNCTION hall.evidence_sealed(wanted uuid) RETURNS TABLE (file text, place text, "row" uuid, value bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT 'form.json', 'order.form', o.id, o.form FROM orders o WHERE o.id = wanted AND o.form IS NOT NULL
    UNION ALL SELECT 'bank_account.json', 'bank_account.encrypted', b.order_id, b.encrypted FROM bank_account b WHERE b.order_id = wanted
    UNION ALL SELECT 'legal_person.json', 'legal_person.encrypted', l.order_id, l.encrypted FROM legal_person l WHERE l.order_id = wanted
    UNION ALL SELECT format('statements/%s.txt', a.id), 'act.statement', a.id, a.statement FROM act a WHERE a.order_id = wanted AND a.statement IS NOT NULL
    UNION ALL SELECT format('refunds/%s.txt', q.id), 'refund_request.reason', q.id, q.reason FROM refund_request q
               WHERE q.order_id = wanted AND q.reason IS NOT NULL;
END $$;

-- Texts for people: the order's course in words, and what was agreed to.
CREATE OR REPLACE FUNCTION hall.evidence_texts(wanted uuid) RETURNS TABLE (file text, body text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT 'course.txt', (SELECT string_agg(to_char(c.at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI:SS') || '  ' || c.text, E'\n' ORDER BY c.at)
                  FROM orders o, order_course(o) c WHERE o.id = wanted)
    UNION ALL SELECT DISTINCT format('consents/%s-%s.txt', g.code, g.version), g.title || E'\n\n' || g.body
      FROM consent c JOIN agreement g ON g.code = c.code AND g.version = c.version WHERE c.order_id = wanted;
END $$;

-- The files of the store: papers, also those that were replaced while they are kept, and vouchers.
CREATE OR REPLACE FUNCTION hall.evidence_papers(wanted uuid) RETURNS TABLE (id uuid, place text, file text, sha256 bytea, file_key bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT m.id, 'paper.key', format('papers/%s-%s-%s.%s', m.code, m.sheet, left(m.id::text, 8), split_part(m.mime, '/', 2)), m.sha256, m.file_key
      FROM paper m WHERE m.order_id = wanted AND m.file_key <> ''
    UNION ALL SELECT v.id, 'voucher.key', format('vouchers/%s-%s.%s', v.slot, left(v.id::text, 8), split_part(v.mime, '/', 2)), v.sha256, v.file_key
      FROM voucher v WHERE v.order_id = wanted AND v.file_key <> '';
END $$;

CREATE OR REPLACE FUNCTION hall.evidence_certificates(wanted uuid) RETURNS TABLE (file text, der bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT format('certificates/%s.cer', c.serial), c.certificate FROM certificate c WHERE c.order_id = wanted AND c.certificate IS NOT NULL
    UNION ALL SELECT format('certificates/%s.esl', s.es_id), s.seal FROM seal s WHERE s.order_id = wanted AND s.seal IS NOT NULL
    UNION ALL SELECT format('authority/%s-%s-%s.cer', k.role, k.ca, k.serial), k.certificate FROM ca_certificate k
               WHERE k.ca IN (SELECT c.ca FROM certificate c WHERE c.order_id = wanted UNION SELECT evidence_ca()) AND k.role IN ('root', 'issuing');
END $$;

-- The order's trail with all texts, as a receipt has it; nothing before the log has everything up to the request for the package.
CREATE OR REPLACE FUNCTION hall.evidence_trail(of_package uuid)
RETURNS TABLE (number text, size bigint, root bytea, signature bytea, signed_at text, subject uuid, seq int, leaf bigint, head bytea, body text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT r.* FROM evidence e JOIN orders o ON o.id = e.order_id, receipt_rows(o, NULL) r
     WHERE e.id = of_package AND (log_proved_head()).size > (SELECT max(f.leaf) FROM audit a LEFT JOIN log_leaf f ON f.audit_id = a.id
           WHERE a.subject = o.id AND a.detail @> jsonb_build_object('evidence', 'asked', 'id', e.id));
END $$;

-- ---- the signature ----

-- Packages are signed under the RSA authority, so that every program for CMS can check them.
CREATE OR REPLACE FUNCTION hall.evidence_ca() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT 'rsa' $$;

-- The manifest of a package is known; an earlier attempt's signature is void.
CREATE OR REPLACE FUNCTION hall.evidence_manifest(wanted uuid, manifest_sha256 bytea, manifest_sm3 bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE evidence SET sha256 = manifest_sha256, sm3 = manifest_sm3, signature = NULL WHERE id = wanted AND state = 'asked';
END $$;

CREATE OR REPLACE FUNCTION hall.signer_evidence(wanted uuid) RETURNS TABLE (ca text, sha256 bytea, sm3 bytea, signed bool)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT evidence_ca(), e.sha256, e.sm3, e.signature IS NOT NULL FROM evidence e WHERE e.id = wanted AND e.state = 'asked' AND e.sha256 IS NOT NULL;
END $$;

CREATE OR REPLACE FUNCTION hall.signer_evidence_signed(wanted uuid, of_sha256 bytea, cms bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.evidence');
    UPDATE evidence SET signature = cms WHERE id = wanted AND state = 'asked' AND sha256 = of_sha256;
END $$;

CREATE OR REPLACE FUNCTION hall.evidence_signature(wanted uuid) RETURNS TABLE (sha256 bytea, signature bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT e.sha256, e.signature FROM evidence e WHERE e.id = wanted AND e.signature IS NOT NULL;
END $$;

CREATE OR REPLACE FUNCTION hall.evidence_made(wanted uuid, key bytea, size int, has_stamp bool) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE e evidence;
BEGIN
    UPDATE evidence SET state = 'made', made_at = now(), file_key = key, bytes = size, stamped = has_stamp WHERE id = wanted AND state = 'asked' RETURNING * INTO e;
    PERFORM note('order', e.order_id, jsonb_build_object('evidence', 'made', 'id', e.id, 'sha256', encode(e.sha256, 'hex')));
END $$;

-- It cannot be made: a file of the order is missing or is not what was uploaded. That is itself something that the auditor must know.
CREATE OR REPLACE FUNCTION hall.evidence_failed(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE of_order uuid;
BEGIN
    UPDATE evidence SET state = 'failed' WHERE id = wanted AND state = 'asked' RETURNING order_id INTO of_order;
    PERFORM note('order', of_order, jsonb_build_object('evidence', 'failed', 'id', wanted));
END $$;
