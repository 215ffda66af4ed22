-- Making certificates: requests, issuance, key files.

-- What a producer needs to know about the order in advance and afterwards.
CREATE OR REPLACE FUNCTION hall.desk_production(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('medium', f.medium, 'key_origin', f.key_origin, 'ca', f.ca, 'algorithm', f.algorithm, 'external', f.external,
        'producing', producing(o),
        'progress', (SELECT jsonb_build_object('made', count(*) FILTER (WHERE item_state(o.id, p.item) = 'made'),
                                               'of', count(*)) FROM productions(o) p),
        'items', (SELECT jsonb_agg(jsonb_build_object('item', p.item, 'name', p.type_name, 'subject', p.subject,
            'years', p.years, 'profile', p.profile, 'pair', p.pair, 'state', item_state(o.id, p.item),
            'request', item_request(o.id, p.item)) ORDER BY p.item) FROM productions(o) p),
        'certificates', production_certificates(o.id))::text
      FROM orders o CROSS JOIN production(wanted) f WHERE o.id = wanted AND o.state <> 'draft' AND my_kind() = 'staff');
END $$;

-- The row of a certificate before its signature. A production that was interrupted by a crash continues with its row.
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

CREATE OR REPLACE FUNCTION hall.signer_issued(wanted uuid, the_ca text, the_serial text, der bytea, p12 bytea, enveloped bytea,
                                   name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.issued');
    UPDATE certificate SET state = 'valid', certificate = der, key_file = p12, enveloped_key = enveloped, subject = name,
           issued_at = clock_timestamp()
     WHERE order_id = wanted AND ca = the_ca AND serial = the_serial AND state = 'issuing';
    IF NOT FOUND THEN
        PERFORM refuse(409, 'this certificate is not being issued');
    END IF;
END $$;

-- All certificates of an order are made, which ends the production in the same transaction.
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
    UPDATE csr SET state = 'done', key_encrypted = NULL WHERE order_id = wanted AND state IN ('new', 'answered');
    PERFORM advance(wanted, 'produce');
    SELECT * INTO o FROM orders WHERE id = wanted;
    SELECT serial INTO first_serial FROM certificate WHERE order_id = wanted AND state = 'valid' AND key_use = 'signature'
     ORDER BY item LIMIT 1;
    IF o.finauth IS NULL OR o.finauth NOT IN ('succeeded') THEN -- the payout's remark has not carried it: domain, section 5
        PERFORM tell(wanted, 'pin', pin_recipient(o), first_serial);
    END IF;
    IF (SELECT medium FROM production(wanted)) = 'file' THEN
        PERFORM tell(wanted, 'download', CASE person_of(o) WHEN 'natural' THEN 'holder' ELSE 'agent' END, first_serial);
    END IF;
END $$;

-- Whether a key file can be downloaded, until when, and how often still.
CREATE OR REPLACE FUNCTION hall.key_file_takes_max() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 5 $$;

-- All key files that can be downloaded, how often still, and until when: a day from the end of the order.
CREATE OR REPLACE FUNCTION hall.my_key_file(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('medium', p.medium, 'there', p.medium = 'file' AND (state_of(o)).made
            AND EXISTS (SELECT FROM items(o) i WHERE key_file_there(o.id, i.item)),
        'items', (SELECT jsonb_agg(jsonb_build_object('item', i.item, 'subject', i.subject,
                'there', p.medium = 'file' AND (state_of(o)).made AND key_file_there(o.id, i.item),
                'taken', (SELECT count(*) FROM key_file_take t WHERE t.order_id = o.id AND t.item = i.item),
                'left', key_file_takes_max() - (SELECT count(*) FROM key_file_take t WHERE t.order_id = o.id AND t.item = i.item))
                ORDER BY i.item) FROM items(o) i),
        'until', CASE WHEN o.state = 'done' THEN (SELECT iso(max(f.at) + interval '1 day') FROM
            (SELECT min(at) AS at FROM key_file_take t WHERE t.order_id = o.id GROUP BY t.item) f) END)::text
      FROM orders o CROSS JOIN production(wanted) p
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project());
END $$;

CREATE OR REPLACE FUNCTION hall.key_file_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE certificate SET key_file = NULL WHERE order_id = wanted AND key_file IS NOT NULL;
END $$;

CREATE OR REPLACE FUNCTION hall.productions(o hall.orders)
RETURNS TABLE (item int, subject text, seal_name text, type_name text, person text, years int, medium text, key_origin text, profile text,
               pair bool, ca text, algorithm text, external bool, replaces uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT i.item, i.subject, nullif(i.seal_name, ''), t.name, t.person, i.years, t.medium, t.key_origin, coalesce(t.profile, t.person), t.pair, p.ca,
           a.algorithm, coalesce(a.external, false), i.replaces
      FROM items(o) i JOIN project p ON p.id = o.project
      JOIN project_type t ON t.project = o.project AND t.cert_type = i.cert_type LEFT JOIN ca a ON a.name = p.ca;
END $$;

-- The medium of an item; NULL: of the first item, which determines the medium of all.
CREATE OR REPLACE FUNCTION hall.production(wanted uuid, the_item int DEFAULT NULL)
RETURNS TABLE (number text, item int, medium text, key_origin text, profile text, pair bool, ca text, algorithm text, external bool)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.number, p.item, p.medium, p.key_origin, p.profile, p.pair, p.ca, p.algorithm, p.external
      FROM orders o CROSS JOIN productions(o) p
     WHERE o.id = wanted AND p.item = coalesce(the_item, p.item) ORDER BY p.item LIMIT 1;
END $$;

-- Either all certificates are on media that are shipped, or nothing is shipped; a PIN is either that of tokens or that of key files.
CREATE OR REPLACE FUNCTION hall.items_agree() RETURNS trigger
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
CREATE OR REPLACE TRIGGER items_agree AFTER INSERT OR UPDATE ON hall.order_item FOR EACH ROW EXECUTE FUNCTION hall.items_agree();

CREATE OR REPLACE FUNCTION hall.item_subject(o hall.orders, the_item int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN coalesce((SELECT subject FROM order_item WHERE order_id = o.id AND item = the_item), o.subject);
END $$;

-- Whether a token's CSR is still missing, so that production cannot begin.
CREATE OR REPLACE FUNCTION hall.item_lacks_request(wanted uuid, the_item int) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN NOT EXISTS (SELECT FROM csr WHERE order_id = wanted AND item = the_item AND state IN ('new', 'answered'));
END $$;

CREATE OR REPLACE FUNCTION hall.producing(o hall.orders) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN o.state = 'accepted' AND o.producer IS NOT NULL AND NOT EXISTS (SELECT FROM productions(o) p
            WHERE p.key_origin = 'token' AND item_lacks_request(o.id, p.item));
END $$;

-- The progress of an item: made, being made, its CSR is there, or nothing yet.
CREATE OR REPLACE FUNCTION hall.item_state(wanted uuid, the_item int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN coalesce((SELECT CASE c.state WHEN 'valid' THEN 'made' ELSE 'issuing' END FROM certificate c
                      WHERE c.order_id = wanted AND c.item = the_item AND c.key_use = 'signature' AND c.state IN ('valid', 'issuing')
                      ORDER BY c.state DESC LIMIT 1),
                    (SELECT 'requested' FROM csr r WHERE r.order_id = wanted AND r.item = the_item AND r.state IN ('new', 'answered')),
                    'waiting');
END $$;

CREATE OR REPLACE FUNCTION hall.item_request(wanted uuid, the_item int) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('state', r.state, 'reason', r.reason, 'at', iso(r.at), 'public_sha256', encode(r.public_sha256, 'hex'))
      FROM csr r WHERE r.order_id = wanted AND r.item = the_item);
END $$;

CREATE OR REPLACE FUNCTION hall.production_certificates(wanted uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('item', c.item, 'serial', c.serial, 'key_use', c.key_use, 'ca', c.ca,
               'state', c.state, 'algorithm', c.algorithm, 'not_before', iso(c.not_before), 'not_after', iso(c.not_after),
               'key_file', c.key_file IS NOT NULL, 'enveloped_key', c.enveloped_key IS NOT NULL)
               ORDER BY c.item, c.issued_at DESC), '[]')
      FROM certificate c WHERE c.order_id = wanted AND c.state <> 'issuing');
END $$;

-- A key is certified only once: it must not be that of an earlier certificate, or one that another order asks for.
CREATE OR REPLACE FUNCTION hall.csr_put(wanted uuid, the_item int, der bytea, public bytea) RETURNS void
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

-- The next job of a production: an external authority needs all requests first.
CREATE OR REPLACE FUNCTION hall.production_job(o hall.orders, external bool) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE WHEN NOT external THEN 'issue'
                WHEN EXISTS (SELECT FROM items(o) i WHERE item_lacks_request(o.id, i.item)) THEN 'request'
                WHEN EXISTS (SELECT FROM csr r WHERE r.order_id = o.id AND r.state = 'new') THEN 'cmp' ELSE 'issue' END;
END $$;

CREATE OR REPLACE FUNCTION hall.produce(wanted uuid, seen int, der bytea DEFAULT NULL, public bytea DEFAULT NULL, the_item int DEFAULT 1)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := desk_order_locked(wanted, seen);
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
    UPDATE orders SET producer = me(), updated_at = now() WHERE id = wanted RETURNING * INTO o;
    IF producing(o) THEN
        job := production_job(o, how.external);
        PERFORM enqueue(job, job || '/' || wanted || '/' || o.version, wanted);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.desk_key_file(wanted uuid, use text DEFAULT 'signature', what text DEFAULT 'key_file', the_item int DEFAULT 1)
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

CREATE OR REPLACE FUNCTION hall.signer_order(wanted uuid)
RETURNS TABLE (number text, papers text, medium text, item int, seal_name text, profile text, pair bool, years int,
               form_encrypted bytea, ca text, algorithm text, external bool, token bool, request_wanted bool, issue_wanted bool, request bytea, key_encrypted bytea, answer bytea, serial text,
               encryption_serial text, not_before timestamptz, not_after timestamptz, keep_end timestamptz, old_end timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.number, papers_digest(o.id), p.medium, p.item, p.seal_name, p.profile, p.pair, p.years, o.form, coalesce(c.ca, p.ca), p.algorithm, p.external, p.key_origin = 'token',
           p.external AND p.key_origin = 'file' AND r.order_id IS NULL,
           (p.key_origin = 'file' OR r.request IS NOT NULL) AND (NOT p.external OR coalesce(r.state = 'answered', false)),
           r.request, r.key_encrypted, r.answer, c.serial, e.serial, c.not_before, c.not_after, successor_end(o.business, p.replaces, p.years),
           (SELECT b.not_after FROM certificate b WHERE b.id = p.replaces AND extends(o.business))
      FROM orders o CROSS JOIN productions(o) p
      LEFT JOIN csr r ON r.order_id = o.id AND r.item = p.item AND r.state IN ('new', 'answered')
      LEFT JOIN certificate c ON c.order_id = o.id AND c.item = p.item AND c.state = 'issuing' AND c.key_use = 'signature'
      LEFT JOIN certificate e ON e.order_id = o.id AND e.item = p.item AND e.state = 'issuing' AND e.key_use = 'encryption'
     WHERE o.id = wanted AND o.state = 'accepted' AND o.producer IS NOT NULL ORDER BY p.item;
END $$;

-- The signer has made a key and its request; the runner sends the request to the authority.
CREATE OR REPLACE FUNCTION hall.signer_requested(wanted uuid, the_item int, der bytea, public bytea, encrypted bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.requested');
    IF NOT EXISTS (SELECT FROM signer_order(wanted) s WHERE s.item = the_item AND s.request_wanted) THEN
        PERFORM refuse(409, 'no request is wanted for this item');
    END IF;
    DELETE FROM csr WHERE order_id = wanted AND item = the_item; -- it was refused or used before
    INSERT INTO csr (order_id, item, request, public_sha256, key_encrypted) VALUES (wanted, the_item, der, public, encrypted);
    PERFORM note('order', wanted, jsonb_build_object('csr', encode(public, 'hex'), 'item', the_item));
    IF NOT EXISTS (SELECT FROM csr WHERE order_id = wanted AND item < the_item AND state = 'new') THEN
        PERFORM enqueue('cmp', 'cmp/' || wanted || '/' || encode(public, 'hex'), wanted);
    END IF;
END $$;

-- A request for the runner to send; with the latest end and, if it is of the same authority, the certificate in whose place the new one comes.
CREATE OR REPLACE FUNCTION hall.cmp_work(wanted uuid) RETURNS TABLE (item int, ca text, request bytea, until timestamptz, old bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT r.item, p.ca, r.request, successor_end(o.business, s.replaces, s.years), (SELECT c.certificate FROM certificate c WHERE c.id = s.replaces AND c.ca = p.ca)
      FROM csr r CROSS JOIN production(r.order_id, r.item) p JOIN orders o ON o.id = r.order_id LEFT JOIN succession s ON s.order_id = o.id AND s.item = r.item
     WHERE r.order_id = wanted AND r.state = 'new' AND p.external AND o.state = 'accepted' ORDER BY r.item LIMIT 1;
END $$;

CREATE OR REPLACE FUNCTION hall.cmp_answered(wanted uuid, the_item int, der bytea) RETURNS void
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

-- The authority refused, or what it sent is not what was requested: the key is destroyed, and a producer may ask again.
CREATE OR REPLACE FUNCTION hall.csr_refused(wanted uuid, the_item int, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE csr SET state = 'refused', key_encrypted = NULL, reason = why
     WHERE order_id = wanted AND item = the_item AND state IN ('new', 'answered');
    IF FOUND THEN
        UPDATE orders SET producer = NULL, updated_at = now() WHERE id = wanted AND state = 'accepted';
    END IF;
END $$;

-- `unwanted` is the certificate, if that authority issued it for our key: it is revoked there.
CREATE OR REPLACE FUNCTION hall.signer_answer_refused(wanted uuid, the_item int, why text, unwanted bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE new_id uuid;
BEGIN
    PERFORM enter_system('signer', 'signer.answer_refused');
    INSERT INTO certificate_unwanted (order_id, item, ca, certificate, reason)
    SELECT wanted, the_item, p.ca, unwanted, why FROM production(wanted, the_item) p WHERE unwanted IS NOT NULL AND p.external
    ON CONFLICT (certificate) DO NOTHING RETURNING id INTO new_id;
    IF new_id IS NOT NULL THEN
        PERFORM note('order', wanted, jsonb_build_object('unwanted', encode(sha256(unwanted), 'hex'), 'item', the_item)),
                enqueue('cmp_revoke', 'cmp_revoke/' || new_id, new_id);
    END IF;
    PERFORM csr_refused(wanted, the_item, why);
END $$;

CREATE OR REPLACE FUNCTION hall.key_file_there(wanted uuid, the_item int) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM certificate c WHERE c.order_id = wanted AND c.item = the_item AND c.state = 'valid'
                      AND c.key_file IS NOT NULL);
END $$;

-- The applicant downloads the key file. The first download ends the order; for a day after that an interrupted download may be
-- repeated, five times in all. Then the file is destroyed.
CREATE OR REPLACE FUNCTION hall.key_file_take(wanted uuid, the_item int DEFAULT 1) RETURNS TABLE (number text, key_file bytea)
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
    ELSIF NOT (state_of(o)).made THEN
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
