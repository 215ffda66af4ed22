-- Deploy certhall:items to pg
-- Orders of several certificates: each item is made, fetched, and given its seal by itself; the order is produced when all are
-- there. One PIN protects them all. An order without rows in hall.order_item is one of a single item.
BEGIN;

-- ---- what each item is ----

-- How an order's certificates are made. `algorithm` NULL: that of the setting.
DROP FUNCTION hall.production(uuid);
CREATE FUNCTION hall.productions(o hall.orders)
RETURNS TABLE (item int, subject text, seal_name text, type_name text, person text, years int, medium text, key_origin text, profile text,
               pair bool, ca text, algorithm text, external bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT i.item, i.subject, nullif(i.seal_name, ''), t.name, t.person, i.years, t.medium, t.key_origin, coalesce(t.profile, t.person), t.pair, p.ca,
           a.algorithm, coalesce(a.external, false)
      FROM items(o) i JOIN project p ON p.id = o.project
      JOIN project_type t ON t.project = o.project AND t.cert_type = i.cert_type LEFT JOIN ca a ON a.name = p.ca $$;

-- Of one item; NULL: of the first, which tells the medium of all.
CREATE FUNCTION hall.production(wanted uuid, the_item int DEFAULT NULL)
RETURNS TABLE (number text, item int, medium text, key_origin text, profile text, pair bool, ca text, algorithm text, external bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.number, p.item, p.medium, p.key_origin, p.profile, p.pair, p.ca, p.algorithm, p.external
      FROM orders o CROSS JOIN productions(o) p
     WHERE o.id = wanted AND p.item = coalesce(the_item, p.item) ORDER BY p.item LIMIT 1 $$;

-- A parcel holds media or nothing is sent; one PIN is either a token's or a key file's.
CREATE FUNCTION hall.items_agree() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM orders o JOIN project_type t ON t.project = o.project AND t.cert_type = NEW.cert_type
                    WHERE o.id = NEW.order_id) THEN
        PERFORM refuse(422, '本项目不办理这种证书。', '/items');
    ELSIF (SELECT count(DISTINCT (t.medium, t.key_origin)) FROM orders o JOIN order_item i ON i.order_id = o.id
             JOIN project_type t ON t.project = o.project AND t.cert_type = i.cert_type WHERE o.id = NEW.order_id) > 1 THEN
        PERFORM refuse(422, '同一业务单的证书须用同一种介质。', '/items');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER items_agree AFTER INSERT OR UPDATE ON hall.order_item FOR EACH ROW EXECUTE FUNCTION hall.items_agree();

CREATE FUNCTION hall.item_subject(o hall.orders, the_item int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce((SELECT subject FROM order_item WHERE order_id = o.id AND item = the_item), o.subject) $$;

-- To whom the PIN goes by message: where the account was proved by a code, and where the order holds several certificates,
-- to the handler; else as the certificate says (domain, section 5).
CREATE FUNCTION hall.pin_recipient(o hall.orders) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN person_of(o) = 'institution' OR EXISTS (SELECT FROM order_item WHERE order_id = o.id)
                  OR (person_of(o) = 'holder' AND (SELECT finauth FROM project WHERE id = o.project) = 'code')
                THEN 'handler' ELSE 'holder' END $$;

-- ---- the desk ----

-- Whether a token's request is still to come, and so the production cannot begin.
CREATE FUNCTION hall.item_lacks_request(wanted uuid, the_item int) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT NOT EXISTS (SELECT FROM csr WHERE order_id = wanted AND item = the_item AND state IN ('new', 'answered')) $$;

CREATE FUNCTION hall.producing(o hall.orders) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.state = 'accepted' AND o.producer IS NOT NULL AND NOT EXISTS (SELECT FROM productions(o) p
            WHERE p.key_origin = 'token' AND item_lacks_request(o.id, p.item)) $$;

-- How far an item is: made, being made, its request there, or nothing yet.
CREATE FUNCTION hall.item_state(wanted uuid, the_item int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce((SELECT CASE c.state WHEN 'valid' THEN 'made' ELSE 'issuing' END FROM certificate c
                      WHERE c.order_id = wanted AND c.item = the_item AND c.key_use = 'signature' AND c.state IN ('valid', 'issuing')
                      ORDER BY c.state DESC LIMIT 1),
                    (SELECT 'requested' FROM csr r WHERE r.order_id = wanted AND r.item = the_item AND r.state IN ('new', 'answered')),
                    'waiting') $$;

CREATE FUNCTION hall.item_request(wanted uuid, the_item int) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('state', r.state, 'reason', r.reason, 'at', iso(r.at), 'public_sha256', encode(r.public_sha256, 'hex'))
      FROM csr r WHERE r.order_id = wanted AND r.item = the_item $$;

CREATE FUNCTION hall.production_certificates(wanted uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('item', c.item, 'serial', c.serial, 'key_use', c.key_use, 'ca', c.ca,
               'state', c.state, 'algorithm', c.algorithm, 'not_before', iso(c.not_before), 'not_after', iso(c.not_after),
               'key_file', c.key_file IS NOT NULL, 'enveloped_key', c.enveloped_key IS NOT NULL)
               ORDER BY c.item, c.issued_at DESC), '[]')
      FROM certificate c WHERE c.order_id = wanted AND c.state <> 'issuing' $$;

-- What a producer must know of the order before and after.
CREATE OR REPLACE FUNCTION hall.desk_production(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('medium', f.medium, 'key_origin', f.key_origin, 'ca', f.ca, 'algorithm', f.algorithm, 'external', f.external,
        'producing', producing(o),
        'progress', (SELECT jsonb_build_object('made', count(*) FILTER (WHERE item_state(o.id, p.item) = 'made'),
                                               'of', count(*)) FROM productions(o) p),
        'items', (SELECT jsonb_agg(jsonb_build_object('item', p.item, 'name', p.type_name, 'subject', p.subject,
            'years', p.years, 'profile', p.profile, 'pair', p.pair, 'state', item_state(o.id, p.item),
            'request', item_request(o.id, p.item)) ORDER BY p.item) FROM productions(o) p),
        'certificates', production_certificates(o.id))::text
      FROM orders o CROSS JOIN production(wanted) f WHERE o.id = wanted AND o.state <> 'draft' AND my_kind() = 'staff' $$;

-- A key is certified once: not one of an earlier certificate, and not one that is asked for elsewhere.
DROP FUNCTION hall.csr_put(uuid, bytea, bytea);
CREATE FUNCTION hall.csr_put(wanted uuid, the_item int, der bytea, public bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM certificate WHERE public_sha256 = public AND state <> 'issuing')
       OR EXISTS (SELECT FROM csr WHERE public_sha256 = public AND (order_id, item) <> (wanted, the_item)) THEN
        PERFORM refuse(422, '这个密钥已经签发过证书或正在其他业务单中使用，请在介质上重新生成密钥。', '/csr');
    END IF;
    DELETE FROM csr WHERE order_id = wanted AND item = the_item;
    INSERT INTO csr (order_id, item, request, public_sha256, brought_by) VALUES (wanted, the_item, der, public, me());
    PERFORM note('order', wanted, jsonb_build_object('csr', encode(public, 'hex'), 'item', the_item));
END $$;

-- The next job of a production: an external authority wants its requests first.
CREATE FUNCTION hall.production_job(o hall.orders, external bool) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN NOT external THEN 'issue'
                WHEN EXISTS (SELECT FROM items(o) i WHERE item_lacks_request(o.id, i.item)) THEN 'request'
                WHEN EXISTS (SELECT FROM csr r WHERE r.order_id = o.id AND r.state = 'new') THEN 'cmp' ELSE 'issue' END $$;

-- A producer asks for the certificates, with a token's CSR where the key of that item was made there; when no item lacks its
-- request, the runner has the signer make them.
DROP FUNCTION hall.produce(uuid, int, bytea, bytea);
CREATE FUNCTION hall.produce(wanted uuid, seen int, der bytea DEFAULT NULL, public bytea DEFAULT NULL, the_item int DEFAULT 1)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := desk_order(wanted, seen);
    how record;
    job text;
BEGIN
    SELECT * INTO how FROM production(wanted, the_item);
    IF o.state <> 'accepted' THEN
        PERFORM refuse(409, '业务单还没有成功受理，不能制证。');
    ELSIF how.item IS NULL THEN
        PERFORM refuse(404, '这个业务单没有这张证书。', '/item');
    ELSIF how.key_origin = 'token' AND der IS NULL THEN
        PERFORM refuse(422, '请选择或粘贴介质生成的证书请求（CSR）。', '/csr');
    ELSIF how.key_origin = 'file' AND der IS NOT NULL THEN
        PERFORM refuse(422, '这类证书的密钥由签发系统生成，不需要证书请求。', '/csr');
    END IF;
    IF der IS NOT NULL THEN
        PERFORM csr_put(wanted, the_item, der, public);
    END IF;
    UPDATE orders SET producer = me(), version = version + 1, updated_at = now() WHERE id = wanted RETURNING * INTO o;
    IF producing(o) THEN
        job := production_job(o, how.external);
        PERFORM enqueue(job, job || '/' || wanted || '/' || o.version, wanted);
    END IF;
END $$;

-- Keys are the order's own producer's, a key file for a token only; what the applicant downloads, nobody else does.
DROP FUNCTION hall.desk_key_file(uuid, text, text);
CREATE FUNCTION hall.desk_key_file(wanted uuid, use text DEFAULT 'signature', what text DEFAULT 'key_file', the_item int DEFAULT 1)
RETURNS TABLE (number text, key_file bytea, certificate bytea, enveloped_key bytea, ca text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF my_kind() = 'staff' AND EXISTS (SELECT FROM orders o WHERE o.id = wanted) THEN
        PERFORM note('order', wanted, jsonb_build_object('read', what, 'item', the_item));
        RETURN QUERY SELECT item_number(o, the_item), CASE WHEN p.medium = 'ukey' AND o.producer = me() THEN c.key_file END,
                            c.certificate, CASE WHEN o.producer = me() THEN c.enveloped_key END, c.ca
                       FROM orders o JOIN certificate c ON c.order_id = o.id AND c.item = the_item
                      CROSS JOIN production(wanted, the_item) p
                      WHERE o.id = wanted AND c.state = 'valid' AND c.key_use = use;
    END IF;
END $$;

-- What files of an item are called: the order's number, with the item's where there are several.
CREATE FUNCTION hall.item_number(o hall.orders, the_item int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.number || CASE WHEN (SELECT count(*) FROM items(o)) > 1 THEN '-' || the_item ELSE '' END $$;

-- As before, to the recipient of all PINs of the order.
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
    PERFORM tell(wanted, 'pin', pin_recipient(o),
                 (SELECT 'again/' || count(*) FROM message WHERE order_id = wanted AND event = 'pin'));
END $$;

-- ---- the signer's side ----

-- What it may know of an order, item by item, and which of its operations each wants.
DROP FUNCTION hall.signer_order(uuid);
CREATE FUNCTION hall.signer_order(wanted uuid)
RETURNS TABLE (item int, seal_name text, profile text, pair bool, years int, form_sealed bytea, ca text, external bool, token bool,
               request_wanted bool, issue_wanted bool, request bytea, key_sealed bytea, answer bytea, serial text,
               encryption_serial text, not_before timestamptz, not_after timestamptz, keep_end timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT p.item, p.seal_name, p.profile, p.pair, p.years, o.form, coalesce(c.ca, p.ca, ''), p.external, p.key_origin = 'token',
           p.external AND p.key_origin = 'file' AND r.order_id IS NULL,
           (p.key_origin = 'file' OR r.request IS NOT NULL) AND (NOT p.external OR coalesce(r.state = 'answered', false)),
           r.request, r.key_sealed, r.answer, c.serial, e.serial, c.not_before, c.not_after, x.not_after
      FROM orders o CROSS JOIN productions(o) p
      LEFT JOIN csr r ON r.order_id = o.id AND r.item = p.item AND r.state IN ('new', 'answered')
      LEFT JOIN certificate c ON c.order_id = o.id AND c.item = p.item AND c.state = 'issuing' AND c.key_use = 'signature'
      LEFT JOIN certificate e ON e.order_id = o.id AND e.item = p.item AND e.state = 'issuing' AND e.key_use = 'encryption'
      LEFT JOIN certificate x ON x.id = o.replaces
     WHERE o.id = wanted AND o.state = 'accepted' AND o.producer IS NOT NULL ORDER BY p.item $$;

-- The row of a certificate before its signature. A production that a crash has cut off goes on with its row.
CREATE OR REPLACE FUNCTION hall.signer_issuing(wanted uuid, the_item int, use text, new_serial text, the_ca text, kind text,
                                    the_profile text, starts timestamptz, ends timestamptz, tbs bytea, spki bytea)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.issuing');
    IF NOT EXISTS (SELECT FROM signer_order(wanted) s WHERE s.item = the_item AND s.issue_wanted) THEN
        PERFORM refuse(409, 'no certificate is wanted for this item');
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

-- All of an order's are there, which ends the production; the same transaction.
CREATE OR REPLACE FUNCTION hall.signer_produced(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    first_serial text;
BEGIN
    PERFORM enter_system('signer', 'signer.issued');
    SELECT * INTO o FROM orders WHERE id = wanted FOR NO KEY UPDATE;
    IF EXISTS (SELECT FROM productions(o) p CROSS JOIN (VALUES ('signature'), ('encryption')) AS u(use)
                WHERE (u.use = 'signature' OR p.pair) AND NOT EXISTS (SELECT FROM certificate c
                       WHERE c.order_id = wanted AND c.item = p.item AND c.key_use = u.use AND c.state = 'valid')) THEN
        PERFORM refuse(409, 'not every certificate of this order is there');
    END IF;
    UPDATE csr SET state = 'done', key_sealed = NULL WHERE order_id = wanted AND state IN ('new', 'answered');
    PERFORM advance(wanted, 'produce');
    SELECT * INTO o FROM orders WHERE id = wanted;
    SELECT serial INTO first_serial FROM certificate WHERE order_id = wanted AND state = 'valid' AND key_use = 'signature'
     ORDER BY item LIMIT 1;
    IF o.finauth IS NULL OR o.finauth NOT IN ('succeeded') THEN -- the remark has not carried it: domain, section 5
        PERFORM tell(wanted, 'pin', pin_recipient(o), first_serial);
    END IF;
    IF (SELECT medium FROM production(wanted)) = 'file' THEN
        PERFORM tell(wanted, 'download', CASE person_of(o) WHEN 'natural' THEN 'holder' ELSE 'handler' END, first_serial);
    END IF;
END $$;

-- ---- authorities of others ----

-- The signer made a key and its request; the runner takes that to the authority, one item after the other.
DROP FUNCTION hall.signer_requested(uuid, bytea, bytea, bytea);
CREATE FUNCTION hall.signer_requested(wanted uuid, the_item int, der bytea, public bytea, sealed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.requested');
    IF NOT EXISTS (SELECT FROM signer_order(wanted) s WHERE s.item = the_item AND s.request_wanted) THEN
        PERFORM refuse(409, 'no request is wanted for this item');
    END IF;
    DELETE FROM csr WHERE order_id = wanted AND item = the_item; -- refused or served before
    INSERT INTO csr (order_id, item, request, public_sha256, key_sealed) VALUES (wanted, the_item, der, public, sealed);
    PERFORM note('order', wanted, jsonb_build_object('csr', encode(public, 'hex'), 'item', the_item));
    IF NOT EXISTS (SELECT FROM csr WHERE order_id = wanted AND item < the_item AND state = 'new') THEN
        PERFORM enqueue('cmp', 'cmp/' || wanted || '/' || encode(public, 'hex'), wanted);
    END IF;
END $$;

DROP FUNCTION hall.cmp_work(uuid), hall.cmp_answered(uuid, bytea), hall.csr_refused(uuid, text),
    hall.signer_answer_refused(uuid, text);
CREATE FUNCTION hall.cmp_work(wanted uuid) RETURNS TABLE (item int, ca text, request bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT r.item, p.ca, r.request FROM csr r CROSS JOIN production(r.order_id, r.item) p JOIN orders o ON o.id = r.order_id
     WHERE r.order_id = wanted AND r.state = 'new' AND p.external AND o.state = 'accepted' ORDER BY r.item LIMIT 1 $$;

CREATE FUNCTION hall.cmp_answered(wanted uuid, the_item int, der bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE next_one text;
BEGIN
    UPDATE csr SET state = 'answered', answer = der WHERE order_id = wanted AND item = the_item AND state = 'new';
    IF FOUND THEN
        PERFORM note('order', wanted, jsonb_build_object('answer', encode(sha256(der), 'hex'), 'item', the_item));
        SELECT encode(public_sha256, 'hex') INTO next_one FROM csr WHERE order_id = wanted AND state = 'new' ORDER BY item LIMIT 1;
        IF FOUND THEN
            PERFORM enqueue('cmp', 'cmp/' || wanted || '/' || next_one, wanted);
        ELSE
            PERFORM enqueue('issue', 'issue/' || wanted || '/' || encode(sha256(der), 'hex'), wanted);
        END IF;
    END IF;
END $$;

-- The authority says no, or what it sent is not what was asked for: the key is destroyed, and a producer may ask again.
CREATE FUNCTION hall.csr_refused(wanted uuid, the_item int, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE csr SET state = 'refused', key_sealed = NULL, reason = why
     WHERE order_id = wanted AND item = the_item AND state IN ('new', 'answered');
    IF FOUND THEN
        UPDATE orders SET producer = NULL, version = version + 1, updated_at = now() WHERE id = wanted AND state = 'accepted';
    END IF;
END $$;

CREATE FUNCTION hall.signer_answer_refused(wanted uuid, the_item int, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.answer_refused');
    PERFORM csr_refused(wanted, the_item, why);
END $$;

-- ---- the applicant's side ----

DROP FUNCTION hall.my_order_certificates(uuid);
CREATE FUNCTION hall.my_order_certificates(wanted uuid)
RETURNS TABLE (item int, name text, serial text, key_use text, state text, reason text, at text, ca text, certificate bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT c.item, (SELECT p.type_name FROM productions(o) p WHERE p.item = c.item), c.serial, c.key_use, c.state, c.reason,
           iso(c.revoked_at), c.ca, c.certificate
      FROM orders o JOIN certificate c ON c.order_id = o.id AND c.state <> 'issuing'
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project()
     ORDER BY c.item, c.issued_at DESC $$;

ALTER TABLE hall.key_file_take ADD item int NOT NULL DEFAULT 1 CHECK (item > 0);

CREATE FUNCTION hall.key_file_there(wanted uuid, the_item int) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT EXISTS (SELECT FROM certificate c WHERE c.order_id = wanted AND c.item = the_item AND c.state = 'valid'
                      AND c.key_file IS NOT NULL) $$;

-- Which key files there are to be taken, how often still, and until when: a day from the end of the order.
CREATE OR REPLACE FUNCTION hall.my_key_file(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('medium', p.medium, 'there', p.medium = 'file' AND o.state IN ('produced', 'done')
            AND EXISTS (SELECT FROM items(o) i WHERE key_file_there(o.id, i.item)),
        'items', (SELECT jsonb_agg(jsonb_build_object('item', i.item, 'subject', i.subject,
                'there', p.medium = 'file' AND o.state IN ('produced', 'done') AND key_file_there(o.id, i.item),
                'taken', (SELECT count(*) FROM key_file_take t WHERE t.order_id = o.id AND t.item = i.item),
                'left', key_file_takes_max() - (SELECT count(*) FROM key_file_take t WHERE t.order_id = o.id AND t.item = i.item))
                ORDER BY i.item) FROM items(o) i),
        'until', CASE WHEN o.state = 'done' THEN (SELECT iso(max(f.at) + interval '1 day') FROM
            (SELECT min(at) AS at FROM key_file_take t WHERE t.order_id = o.id GROUP BY t.item) f) END)::text
      FROM orders o CROSS JOIN production(wanted) p
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project() $$;

-- The applicant takes the key file of an item. When all were taken once the order ends; for a day after that a broken download
-- may be repeated, five times each in all, then the files are destroyed.
DROP FUNCTION hall.key_file_take(uuid);
CREATE FUNCTION hall.key_file_take(wanted uuid, the_item int DEFAULT 1) RETURNS TABLE (number text, key_file bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    how record;
BEGIN
    SELECT * INTO how FROM production(wanted, the_item);
    IF how.item IS NULL THEN
        PERFORM refuse(404, '这个业务单没有这张证书。');
    ELSIF how.medium <> 'file' THEN
        PERFORM refuse(409, '证书存放在介质中寄送，不提供下载。');
    ELSIF o.state NOT IN ('produced', 'done') THEN
        PERFORM refuse(409, '证书还没有制作完成，或已暂停使用，请刷新后再看。');
    ELSIF NOT key_file_there(wanted, the_item)
          OR (SELECT count(*) FROM key_file_take t WHERE t.order_id = wanted AND t.item = the_item) >= key_file_takes_max() THEN
        PERFORM refuse(410, '密钥文件已按规定销毁，不能再次下载；如果文件丢失，请申请补办。');
    END IF;
    INSERT INTO key_file_take (order_id, item) VALUES (wanted, the_item);
    IF o.state = 'produced' AND NOT EXISTS (SELECT FROM items(o) i WHERE key_file_there(wanted, i.item)
            AND NOT EXISTS (SELECT FROM key_file_take t WHERE t.order_id = wanted AND t.item = i.item)) THEN
        PERFORM advance(wanted, 'download');
        PERFORM enqueue('key_file_end', 'key_file_end/' || wanted || '/' || o.version, wanted, '1 day');
    END IF;
    PERFORM note('order', wanted, jsonb_build_object('read', 'key_file', 'item', the_item));
    RETURN QUERY SELECT item_number(o, the_item), c.key_file FROM certificate c
                  WHERE c.order_id = wanted AND c.item = the_item AND c.state = 'valid' AND c.key_file IS NOT NULL;
END $$;

-- ---- seals ----

-- Each item has a picture that counts, and a number under its star.
ALTER TABLE hall.stamp ADD item int NOT NULL DEFAULT 1 CHECK (item > 0);
DROP INDEX hall.stamp_current;
CREATE UNIQUE INDEX stamp_current ON hall.stamp (order_id, item) WHERE NOT replaced;
ALTER TABLE hall.stamp_code ADD item int NOT NULL DEFAULT 1 CHECK (item > 0), DROP CONSTRAINT stamp_code_pkey,
    ADD PRIMARY KEY (order_id, item);

-- Of what an item's picture is drawn from: the form's names, and what is the item's own.
CREATE FUNCTION hall.stamp_mark(o hall.orders, the_item int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, public, pg_temp AS $$
    SELECT coalesce(o.marks ->> 'stamp', '') || coalesce((SELECT '/' || left(encode(digest(concat_ws('|', i.cert_type, i.subject,
               coalesce(i.style, ''), coalesce(i.seal_name, '')), 'sm3'), 'hex'), 32)
             FROM order_item i WHERE i.order_id = o.id AND i.item = the_item), '') $$;

CREATE FUNCTION hall.stamp_kind(o hall.orders, the_item int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE coalesce((SELECT p.person FROM productions(o) p WHERE p.item = the_item), person_of(o))
           WHEN 'institution' THEN 'unit' ELSE 'person' END $$;

-- The accepted picture of an item, as long as what it was drawn from is the same, and the scan if it is one.
CREATE FUNCTION hall.stamp_of(o hall.orders, the_item int) RETURNS SETOF hall.stamp
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT s FROM stamp s
     WHERE s.order_id = o.id AND s.item = the_item AND NOT s.replaced AND s.mark = stamp_mark(o, the_item)
       AND (s.material IS NULL OR EXISTS (SELECT FROM material m WHERE m.id = s.material AND m.state = 'ok')) $$;

-- The accepted pictures when every item has one; none while one lacks.
CREATE OR REPLACE FUNCTION hall.stamp_accepted(o hall.orders) RETURNS SETOF hall.stamp
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT s FROM items(o) i CROSS JOIN LATERAL stamp_of(o, i.item) s
     WHERE NOT EXISTS (SELECT FROM items(o) x WHERE NOT EXISTS (SELECT FROM stamp_of(o, x.item))) $$;

-- The paper that bears an impression of an item's seal: its own collection form, the order's, else the stamped application form.
-- On an order's collection form persons of several items write their names.
DROP FUNCTION hall.stamp_scan(hall.orders), hall.stamp_json(hall.orders);
CREATE FUNCTION hall.stamp_scan(o hall.orders, the_item int) RETURNS SETOF hall.material
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT m FROM material m
     WHERE m.order_id = o.id AND m.state = 'ok'
       AND (m.code = 'seal_form-' || the_item OR (m.code = 'form' AND stamp_kind(o, the_item) = 'unit')
            OR (m.code = 'seal_form' AND (stamp_kind(o, the_item) = 'unit' OR (SELECT count(*) FROM items(o)) = 1)))
     ORDER BY m.code = 'seal_form-' || the_item DESC, m.code = 'seal_form' DESC LIMIT 1 $$;

-- Which of the impressions on that paper: those of an order's units are in the order of its items. 0: it bears one.
CREATE FUNCTION hall.stamp_nth(o hall.orders, the_item int, scan_code text) RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN scan_code = 'seal_form' AND count(*) > 1
                THEN (count(*) FILTER (WHERE p.item <= the_item AND p.person = 'institution'))::int ELSE 0 END FROM productions(o) p $$;

-- What the picture may be made of: what the item asks for is shown first, what cannot be cut out is drawn.
CREATE FUNCTION hall.stamp_styles(o hall.orders, the_item int) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT '["generated"]'::jsonb || CASE WHEN EXISTS (SELECT FROM stamp_scan(o, the_item) m WHERE m.mime LIKE 'image/%'
               AND o.state IN ('draft', 'rejected')) THEN '["scan"]'::jsonb ELSE '[]' END $$;

CREATE OR REPLACE FUNCTION hall.seal_json(s hall.seal) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('id', s.id, 'es_id', s.es_id, 'order_id', s.order_id, 'order_number', o.number, 'item', c.item,
               'subject', item_subject(o, c.item), 'kind', p.kind, 'style', p.style, 'width', p.width, 'height', p.height,
               'state', seal_state(s), 'certificate', c.serial, 'maker', s.maker, 'made_at', iso(s.made_at),
               'valid_from', iso(s.valid_from), 'valid_to', iso(s.valid_to), 'filing_no', s.filing_no, 'reason', s.reason,
               'withdrawn_at', iso(s.withdrawn_at))
      FROM orders o, stamp p, certificate c WHERE o.id = s.order_id AND p.id = s.stamp AND c.id = s.certificate $$;

CREATE FUNCTION hall.stamp_open(o hall.orders, the_item int) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.seal_wanted AND o.form_complete AND o.state NOT IN ('cancelled', 'refunded')
           AND (o.state IN ('draft', 'rejected') OR NOT EXISTS (SELECT FROM stamp_of(o, the_item))) $$;

-- How an item of an order stands with its seal; `items` names all of them.
CREATE FUNCTION hall.stamp_json(o hall.orders, the_item int DEFAULT 1) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('wanted', o.seal_wanted, 'item', the_item, 'kind', stamp_kind(o, the_item),
        'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('item', p.item, 'name', p.type_name, 'subject', p.subject, 'seal_name', p.seal_name,
                'accepted', EXISTS (SELECT FROM stamp_of(o, p.item))) ORDER BY p.item), '[]') FROM productions(o) p),
        'open', stamp_open(o, the_item), 'styles', stamp_styles(o, the_item),
        'style', (SELECT i.style FROM order_item i WHERE i.order_id = o.id AND i.item = the_item),
        'accepted', (SELECT jsonb_build_object('style', a.style, 'kind', a.kind, 'width', a.width, 'height', a.height,
                            'sm3', encode(a.png_sm3, 'hex'), 'svg', a.svg IS NOT NULL, 'accepted_at', iso(a.accepted_at))
                       FROM stamp_of(o, the_item) a),
        'undone', EXISTS (SELECT FROM stamp s WHERE s.order_id = o.id AND s.item = the_item AND NOT s.replaced)
                  AND NOT EXISTS (SELECT FROM stamp_of(o, the_item)),
        'seal', (SELECT seal_json(s) FROM seal s JOIN certificate c ON c.id = s.certificate AND c.item = the_item
                  WHERE s.order_id = o.id ORDER BY s.created_at DESC LIMIT 1)) $$;

-- What a module draws from: the form, the item, the number, the scan.
DROP FUNCTION hall.stamp_source(uuid), hall.stamp_code_of(uuid, text), hall.stamp_files(uuid), hall.desk_stamp(uuid),
    hall.stamp_accept(uuid, uuid, text, text, text, bytea, bytea, bytea, bytea, int, int, uuid);
CREATE FUNCTION hall.stamp_source(wanted uuid, the_item int DEFAULT 1)
RETURNS TABLE ("out" text, form bytea, mark text, kind text, seal_name text, nth int, material uuid, file_key bytea, mime text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT j.out::text, o.form, stamp_mark(o, the_item), j.out ->> 'kind', nullif(i.seal_name, ''), stamp_nth(o, the_item, m.code),
           m.id, m.file_key, m.mime
      FROM orders o CROSS JOIN LATERAL stamp_json(o, the_item) AS j(out) LEFT JOIN LATERAL stamp_scan(o, the_item) m ON true
      LEFT JOIN order_item i ON i.order_id = o.id AND i.item = the_item
     WHERE o.id = wanted AND o.account = me() AND o.project = my_project() AND my_kind() = 'account'
       AND (the_item = 1 OR i.order_id IS NOT NULL) $$;

CREATE FUNCTION hall.stamp_code_of(wanted uuid, place text, the_item int DEFAULT 1) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE found_code text;
BEGIN
    PERFORM my_order(wanted);
    SELECT code INTO found_code FROM stamp_code WHERE order_id = wanted AND item = the_item;
    IF found_code IS NULL THEN
        INSERT INTO stamp_code (order_id, item, code)
        VALUES (wanted, the_item,
                CASE WHEN place ~ '^[0-9]{6}$' THEN place ELSE '000000' END || lpad(nextval('stamp_number')::text, 7, '0'))
        RETURNING code INTO found_code;
    END IF;
    RETURN found_code;
END $$;

-- The job that makes the seal: as soon as certificate and picture are both there, and again when a hold is over. However
-- often it runs, a certificate gets one seal.
CREATE OR REPLACE FUNCTION hall.want_seal(cert uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT enqueue('stamp', 'stamp/' || c.id || '/' || c.audit_seq, c.id) FROM certificate c JOIN orders o ON o.id = c.order_id
     WHERE c.id = cert AND c.state = 'valid' AND c.key_use = 'signature' AND o.seal_wanted
       AND EXISTS (SELECT FROM stamp_of(o, c.item)) $$;

-- The applicant has seen the picture and wants it so. `seen` is the mark of what it was drawn from.
CREATE FUNCTION hall.stamp_accept(new_id uuid, wanted uuid, seen text, new_style text, new_kind text, sealed_name bytea,
                                  sealed_png bytea, sealed_svg bytea, hash bytea, mm_wide int, mm_high int, scan uuid,
                                  the_item int DEFAULT 1)
RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    j jsonb := stamp_json(o, the_item);
BEGIN
    IF NOT o.seal_wanted THEN
        PERFORM refuse(409, '这个业务单不办理电子签章。');
    ELSIF the_item > 1 AND NOT EXISTS (SELECT FROM items(o) i WHERE i.item = the_item) THEN
        PERFORM refuse(404, '这个业务单没有这张证书。');
    ELSIF NOT (j ->> 'open')::bool THEN
        PERFORM refuse(409, '业务单已提交，印章样式不能再更改。');
    ELSIF seen <> stamp_mark(o, the_item) OR new_kind <> j ->> 'kind' THEN
        PERFORM refuse(409, '申请信息已更改，请重新预览印章样式后再确认。');
    ELSIF NOT j -> 'styles' ? new_style
          OR (scan IS NOT NULL AND scan IS DISTINCT FROM (SELECT id FROM stamp_scan(o, the_item))) THEN
        PERFORM refuse(409, '盖章扫描件已更改，请重新预览印章样式后再确认。');
    END IF;
    UPDATE stamp SET replaced = true WHERE order_id = wanted AND item = the_item AND NOT replaced;
    INSERT INTO stamp (id, order_id, item, kind, style, name, png, svg, png_sm3, width, height, mark, material, accepted_by)
    VALUES (new_id, wanted, the_item, new_kind, new_style, sealed_name, sealed_png, sealed_svg, hash, mm_wide, mm_high, seen, scan,
            me());
    PERFORM note('order', wanted, jsonb_build_object('stamp', new_id, 'item', the_item, 'style', new_style,
                                                     'sm3', encode(hash, 'hex')));
    PERFORM want_seal(c.id) FROM certificate c WHERE c.order_id = wanted AND c.item = the_item AND c.state = 'valid';
END $$;

-- The applicant's own picture and seal.
CREATE FUNCTION hall.stamp_files(wanted uuid, the_item int DEFAULT 1)
RETURNS TABLE (id uuid, png bytea, svg bytea, es_id text, seal bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT s.id, s.png, s.svg, e.es_id, e.seal
      FROM orders o JOIN stamp s ON s.order_id = o.id AND s.item = the_item AND NOT s.replaced
      LEFT JOIN LATERAL (SELECT x.* FROM seal x JOIN certificate c ON c.id = x.certificate AND c.item = the_item
                          WHERE x.order_id = o.id AND x.state <> 'making' ORDER BY x.created_at DESC LIMIT 1) e ON true
     WHERE o.id = wanted AND o.account = me() AND o.project = my_project() AND my_kind() = 'account' $$;

-- The signer asks what seal the certificate's item wants. The row with its dates is there before anything is signed; a
-- second asking, after a crash, finds the same row. Nothing: there is no such certificate, or no seal is wanted for it.
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
    SELECT * INTO p FROM stamp_of(o, c.item);
    IF p.id IS NOT NULL AND o.seal_wanted AND NOT EXISTS (SELECT FROM seal x WHERE x.certificate = wanted) THEN
        INSERT INTO stamp_code (order_id, item, code) VALUES (o.id, c.item, '000000' || lpad(nextval('stamp_number')::text, 7, '0'))
        ON CONFLICT (order_id, item) DO NOTHING;
        INSERT INTO seal (es_id, order_id, certificate, stamp, created_at, valid_from, valid_to)
        SELECT k.code || lpad((1 + (SELECT count(*) FROM seal x JOIN certificate y ON y.id = x.certificate AND y.item = c.item
                                     WHERE x.order_id = o.id))::text, 2, '0'), o.id, wanted, p.id,
               date_trunc('second', now()), date_trunc('second', greatest(now(), c.not_before)), c.not_after
          FROM stamp_code k WHERE k.order_id = o.id AND k.item = c.item;
    END IF;
    RETURN QUERY SELECT s.id, s.state = 'valid', s.es_id, t.id, t.kind, t.name, t.png, t.png_sm3, t.width, t.height, c.certificate,
                        extract(epoch FROM s.created_at)::bigint, extract(epoch FROM s.valid_from)::bigint,
                        extract(epoch FROM s.valid_to)::bigint
                   FROM seal s JOIN stamp t ON t.id = s.stamp WHERE s.certificate = c.id AND s.state <> 'withdrawn';
END $$;

-- How many of an order's seals are still to be made.
CREATE FUNCTION hall.seals_lacking(o hall.orders) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT count(*) FROM items(o) i WHERE NOT EXISTS (SELECT FROM seal s JOIN certificate c ON c.id = s.certificate
                                                       WHERE s.order_id = o.id AND c.item = i.item AND s.state = 'valid') $$;

-- An order of several seals is told of once, when the last is made.
CREATE OR REPLACE FUNCTION hall.signer_stamped(wanted uuid, der bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    s seal;
    o orders;
    n bigint;
BEGIN
    PERFORM enter_system('signer', 'signer.stamped');
    UPDATE seal SET state = 'valid', seal = der, made_at = now(),
           filing_no = 'BA' || to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD') || lpad(nextval('filing_number')::text, 8, '0')
     WHERE id = wanted AND state = 'making' AND info_sm3 IS NOT NULL RETURNING * INTO s;
    IF NOT FOUND THEN
        PERFORM refuse(409, 'this seal is not being made');
    END IF;
    PERFORM seal_file(s, 'made');
    SELECT * INTO o FROM orders WHERE id = s.order_id FOR NO KEY UPDATE; -- of two last ones, one sees the other
    SELECT count(*) INTO n FROM order_item WHERE order_id = o.id;
    IF n < 2 THEN
        PERFORM tell(o.id, 'stamped', CASE WHEN n = 1 OR (SELECT kind FROM stamp p WHERE p.id = s.stamp) = 'unit' THEN 'handler'
                                      ELSE 'holder' END, s.es_id, jsonb_build_object('number', s.es_id));
    ELSIF seals_lacking(o) = 0 THEN
        PERFORM tell(o.id, 'stamped', 'handler', s.es_id, jsonb_build_object('number', format('%s等%s枚', s.es_id, n)));
    END IF;
END $$;

-- Those whose number, order number, filing number or subject holds the words.
CREATE OR REPLACE FUNCTION hall.desk_seals(words text, wanted_state text, page int, page_size int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH found AS (SELECT s FROM seal s JOIN orders o ON o.id = s.order_id JOIN certificate c ON c.id = s.certificate
                    WHERE my_kind() = 'staff' AND (wanted_state IS NULL OR seal_state(s) = wanted_state)
                      AND (words IS NULL OR position(words IN concat_ws(' ', s.es_id, s.filing_no, o.number, o.subject,
                                                                        item_subject(o, c.item))) > 0))
    SELECT jsonb_build_object('total', (SELECT count(*) FROM found), 'page', page, 'page_size', page_size,
        'items', (SELECT coalesce(jsonb_agg(seal_json(f.s) ORDER BY (f.s).created_at DESC), '[]') FROM (
            SELECT s FROM found ORDER BY (s).created_at DESC LIMIT page_size OFFSET (page - 1) * page_size) f))::text $$;

-- How an item stands with its seal, and the picture that was accepted, for who reviews and produces.
CREATE FUNCTION hall.desk_stamp(wanted uuid, the_item int DEFAULT 1) RETURNS TABLE ("out" text, stamp uuid, png bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT stamp_json(o, the_item)::text, s.id, s.png FROM orders o LEFT JOIN LATERAL stamp_of(o, the_item) s ON true
     WHERE o.id = wanted AND my_kind() = 'staff' AND (the_item = 1 OR EXISTS (SELECT FROM items(o) i WHERE i.item = the_item)) $$;

-- The filing record of some days (Beijing time), oldest first.
CREATE OR REPLACE FUNCTION hall.seal_filings(first_day date, last_day date) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('filing_no', s.filing_no, 'what', f.what,
               'at', iso(f.at), 'es_id', s.es_id, 'kind', p.kind, 'subject', item_subject(o, c.item), 'order_number', o.number,
               'certificate', c.serial, 'maker', s.maker, 'valid_from', iso(s.valid_from), 'valid_to', iso(s.valid_to),
               'picture_sm3', encode(p.png_sm3, 'hex'), 'seal_sm3', encode(f.seal_sm3, 'hex'), 'actor', f.actor,
               'reason', f.reason) ORDER BY f.id), '[]'))::text
      FROM seal_filing f JOIN seal s ON s.id = f.seal JOIN stamp p ON p.id = s.stamp JOIN orders o ON o.id = s.order_id
      JOIN certificate c ON c.id = s.certificate
     WHERE my_kind() = 'staff' AND (f.at AT TIME ZONE 'Asia/Shanghai')::date BETWEEN first_day AND last_day $$;

GRANT EXECUTE ON FUNCTION hall.produce, hall.production, hall.desk_key_file, hall.desk_stamp TO certhall_desk;
GRANT EXECUTE ON FUNCTION hall.my_order_certificates, hall.key_file_take TO certhall_orders;
GRANT EXECUTE ON FUNCTION hall.signer_order, hall.signer_requested, hall.signer_answer_refused TO certhall_signer;
GRANT EXECUTE ON FUNCTION hall.cmp_work, hall.cmp_answered, hall.csr_refused TO certhall_runner;
GRANT EXECUTE ON FUNCTION hall.stamp_source, hall.stamp_code_of, hall.stamp_accept, hall.stamp_files TO certhall_stamp;

COMMIT;
