-- Deploy certhall:issuance to pg
-- Certificates of a key that was made on the token, pairs of certificates, authorities of others that are reached by CMP, and
-- what an applicant sees and takes of its own certificate.
BEGIN;

-- Which authority issues (NULL: the one of setting ca_algorithm), by which profile (NULL: the one named like `person`), and
-- where the key is made: by the signer (a key file) or on the token, which hands in a CSR. `pair`: a second certificate to
-- encrypt with comes along, by the profile that the first one's names as its other half.
ALTER TABLE hall.project ADD ca text REFERENCES hall.ca;
ALTER TABLE hall.project_type
    ADD profile    text,
    ADD key_origin text NOT NULL DEFAULT 'file' CHECK (key_origin IN ('file', 'token')),
    ADD pair       bool NOT NULL DEFAULT false,
    ADD CONSTRAINT project_type_token CHECK (key_origin = 'file' OR medium = 'ukey');
-- The certificate that this order's takes the place of: revoked with its issuance, whose end is that of the old one.
ALTER TABLE hall.orders ADD replaces uuid REFERENCES hall.certificate;

-- A request to certify a key: the token's, or one that the signer made for an external authority.
CREATE TABLE hall.csr (
    order_id      uuid NOT NULL REFERENCES hall.orders,
    item          int NOT NULL DEFAULT 1 CHECK (item > 0),
    request       bytea NOT NULL,                            -- PKCS#10, DER
    public_sha256 bytea NOT NULL UNIQUE CHECK (length(public_sha256) = 32),
    brought_by    uuid REFERENCES hall.staff,                -- NULL: made by the signer
    key_sealed    bytea,                                     -- then its key, under the signer's own, until the certificate is there
    state         text NOT NULL DEFAULT 'new' CHECK (state IN ('new', 'answered', 'refused', 'done')),
    answer        bytea,                                     -- the external authority's certificate, not checked yet
    reason        text,                                      -- of a refusal, for staff
    at            timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (order_id, item),
    CHECK (key_sealed IS NULL OR (brought_by IS NULL AND state IN ('new', 'answered'))),
    CHECK (state <> 'answered' OR answer IS NOT NULL)
);

-- ---- production ----

-- How an order's certificates are made. `algorithm` NULL: that of the setting.
CREATE FUNCTION hall.production(wanted uuid)
RETURNS TABLE (number text, medium text, key_origin text, profile text, pair bool, ca text, algorithm text, external bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.number, t.medium, t.key_origin, coalesce(t.profile, t.person), t.pair, p.ca, a.algorithm, coalesce(a.external, false)
      FROM orders o JOIN project p ON p.id = o.project
      JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type LEFT JOIN ca a ON a.name = p.ca
     WHERE o.id = wanted $$;

-- What a producer must know of it before and after.
CREATE FUNCTION hall.desk_production(wanted uuid) RETURNS text
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

-- A key is certified once: not one of an earlier certificate, and not one that another order asks for.
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

-- A producer asks for the certificate, with the token's CSR where the key was made there; the runner has the signer make it.
DROP FUNCTION hall.produce(uuid, int);
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

-- Keys are the order's own producer's, a key file for a token only; what the applicant downloads, nobody else does.
DROP FUNCTION hall.desk_key_file(uuid);
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

CREATE OR REPLACE FUNCTION hall.ship(wanted uuid, seen int, carrier text, parcel_no text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order(wanted, seen);
BEGIN
    IF NOT carrier = ANY (SELECT unnest(couriers) FROM project WHERE id = o.project) THEN
        PERFORM refuse(422, '本项目不使用这家快递。', '/courier');
    ELSIF (SELECT medium FROM production(wanted)) = 'file' THEN
        PERFORM refuse(409, '这类证书由申请人自行下载，不需要寄送。');
    END IF;
    PERFORM advance(wanted, 'hand_over');
    UPDATE orders SET courier = carrier, tracking_no = parcel_no, shipped_at = now() WHERE id = wanted;
    UPDATE certificate SET key_file = NULL, enveloped_key = NULL -- they are on the token now
     WHERE order_id = wanted AND (key_file IS NOT NULL OR enveloped_key IS NOT NULL);
    PERFORM tell(wanted, 'shipped', 'handler', '1', jsonb_build_object('courier', carrier, 'number', parcel_no));
    PERFORM enqueue('signed_for', 'signed_for/' || wanted, wanted, '15 days');
END $$;

-- The certificates above one of that authority: issuing and root, the newest first.
CREATE FUNCTION hall.ca_chain(of_ca text) RETURNS TABLE (certificate bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT k.certificate FROM ca_certificate k WHERE k.ca = of_ca AND k.role IN ('issuing', 'root')
     ORDER BY k.not_before DESC $$;

-- ---- the signer's side ----

-- What it may know of an order, and which of its operations the order wants.
DROP FUNCTION hall.signer_order(uuid);
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

-- What the new certificate supersedes: the one that a reissue names (with its other half, of a pair; a lost one may be revoked
-- already), or this order's own, which is on hold because its payment came back.
CREATE FUNCTION hall.superseded(wanted uuid, the_item int, use text) RETURNS uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT c.id FROM orders o LEFT JOIN certificate old ON old.id = o.replaces
      JOIN certificate c ON c.key_use = use
           AND ((c.order_id = old.order_id AND c.item = old.item AND c.state <> 'issuing')
                OR (c.order_id = o.id AND c.item = the_item AND c.state IN ('valid', 'hold')))
     WHERE o.id = wanted ORDER BY c.id = old.id DESC NULLS LAST, c.order_id = o.id, c.state = 'revoked', c.issued_at DESC LIMIT 1 $$;

-- The row of a certificate before its signature. A production that a crash has cut off goes on with its row.
DROP FUNCTION hall.signer_issuing(uuid, text, text, text, text, timestamptz, timestamptz, bytea, bytea);
CREATE FUNCTION hall.signer_issuing(wanted uuid, the_item int, use text, new_serial text, the_ca text, kind text,
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

-- One certificate is there. The times of a pair differ, so that the one to sign with is the newest of an order.
DROP FUNCTION hall.signer_issued(uuid, text, bytea, bytea, text);
CREATE FUNCTION hall.signer_issued(wanted uuid, the_ca text, the_serial text, der bytea, p12 bytea, enveloped bytea,
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

-- All of an order's are, which ends the production; the same transaction.
CREATE FUNCTION hall.signer_produced(wanted uuid) RETURNS void
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

-- ---- authorities of others ----

-- The signer made a key and its request; the runner takes that to the authority.
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

-- The authority says no, or what it sent is not what was asked for: the key is destroyed, and a producer may ask again.
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

-- An authority of others is told what becomes of its certificates; the runner says it as it then stands.
CREATE FUNCTION hall.tell_external() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF (SELECT external FROM ca WHERE name = NEW.ca) THEN
        PERFORM enqueue('cmp_revoke', 'cmp_revoke/' || NEW.id || '/' || NEW.audit_seq, NEW.id);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER certificate_external AFTER UPDATE OF state ON hall.certificate
    FOR EACH ROW WHEN (NEW.state <> OLD.state AND OLD.state <> 'issuing') EXECUTE FUNCTION hall.tell_external();

-- `reason` by its number in RFC 5280, 5.3.1; 8 takes a hold back.
CREATE FUNCTION hall.cmp_revoke_work(wanted uuid) RETURNS TABLE (ca text, certificate bytea, reason int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT c.ca, c.certificate, CASE coalesce(c.reason, '') WHEN '' THEN 8 WHEN 'key_compromise' THEN 1
           WHEN 'affiliation_changed' THEN 3 WHEN 'superseded' THEN 4 WHEN 'cessation' THEN 5 WHEN 'hold' THEN 6
           WHEN 'privilege_withdrawn' THEN 9 ELSE 0 END
      FROM certificate c JOIN ca ON ca.name = c.ca AND ca.external WHERE c.id = wanted AND c.state <> 'issuing' $$;

-- ---- the applicant's side ----

CREATE FUNCTION hall.my_order_certificates(wanted uuid)
RETURNS TABLE (serial text, key_use text, state text, reason text, at text, ca text, certificate bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT c.serial, c.key_use, c.state, c.reason, iso(c.revoked_at), c.ca, c.certificate
      FROM orders o JOIN certificate c ON c.order_id = o.id AND c.state <> 'issuing'
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project()
     ORDER BY c.issued_at DESC $$;

-- Whether there is a key file to be taken, until when, and how often still.
CREATE FUNCTION hall.key_file_takes_max() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 5 $$;
CREATE TABLE hall.key_file_take (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES hall.orders,
    at       timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX key_file_take_order ON hall.key_file_take (order_id);

CREATE FUNCTION hall.my_key_file(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('medium', p.medium,
        'there', p.medium = 'file' AND o.state IN ('produced', 'done') AND EXISTS (SELECT FROM certificate c
            WHERE c.order_id = wanted AND c.state = 'valid' AND c.key_file IS NOT NULL),
        'left', key_file_takes_max() - count(t.id),
        'until', iso(min(t.at) + interval '1 day'))::text
      FROM orders o CROSS JOIN production(wanted) p LEFT JOIN key_file_take t ON t.order_id = o.id
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project()
     GROUP BY p.medium, o.state $$;

-- The applicant takes the key file. The first time ends the order; for a day after that a broken download may be repeated,
-- five times in all, then the file is destroyed.
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

CREATE FUNCTION hall.key_file_end(wanted uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE certificate SET key_file = NULL WHERE order_id = wanted AND key_file IS NOT NULL $$;

-- ---- projects ----

-- What cannot be served is refused before anybody applies.
CREATE FUNCTION hall.project_ca_check(d jsonb) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    named text := nullif(d ->> 'ca', '');
    a ca;
BEGIN
    SELECT * INTO a FROM ca WHERE name = named;
    IF named IS NOT NULL AND a.name IS NULL THEN
        PERFORM refuse(422, format('没有名为 %s 的签发机构：自有的是 sm2、rsa、p256，外部的须先在 cmp 目录中设置并重启签发程序。', named), '/ca');
    ELSIF a.external AND a.algorithm = 'sm2' THEN
        PERFORM refuse(422, format('外部签发机构 %s 用 SM2：CMP 接口只支持 RSA 和 P-256，SM2 证书请由本机构签发。', named), '/ca');
    ELSIF a.external AND EXISTS (SELECT FROM jsonb_array_elements(d -> 'types') t WHERE t ->> 'key_origin' = 'token') THEN
        PERFORM refuse(422, format('外部签发机构 %s 只为签发系统生成的密钥签发，key_origin 不能是 token。', named), '/types');
    ELSIF a.external AND EXISTS (SELECT FROM jsonb_array_elements(d -> 'types') t WHERE (t ->> 'pair')::bool) THEN
        PERFORM refuse(422, format('外部签发机构 %s 不签发双证书，pair 只用于本机构的签发机构。', named), '/types');
    END IF;
END $$;

-- Takes the definition of a project in; JSON because a whole project is one document that is compared and signed.
CREATE OR REPLACE FUNCTION hall.project_import(d jsonb) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p uuid;
    given project := jsonb_populate_record(NULL::project, d);
    t jsonb;
BEGIN
    PERFORM project_ca_check(d);
    -- (INSERT … ON CONFLICT would let the trigger that audits a new row write of one that never comes to be.)
    given.intro := coalesce(given.intro, '');
    given.hotline_text := coalesce(given.hotline_text, '');
    given.seal_default := coalesce(given.seal_default, true);
    given.gift_note := coalesce(given.gift_note, '');
    given.ca := nullif(given.ca, '');
    UPDATE project o SET (project_id, name, title, form_title, intro, hotline_text, business, login_ways, self_registration,
        seal_mode, seal_default, payment_ways, finauth, account_asked, review_days, ship_days, couriers, courier_payment,
        gift_note, ca, revision) =
        (given.project_id, given.name, given.title, given.form_title, given.intro, given.hotline_text, given.business,
        given.login_ways, given.self_registration, given.seal_mode, given.seal_default, given.payment_ways, given.finauth,
        given.account_asked, given.review_days, given.ship_days, given.couriers, given.courier_payment, given.gift_note,
        given.ca, o.revision + 1)
     WHERE o.slug = given.slug RETURNING o.id INTO p;
    IF NOT FOUND THEN
        INSERT INTO project (slug, project_id, name, title, form_title, intro, hotline_text, business, login_ways,
            self_registration, seal_mode, seal_default, payment_ways, finauth, account_asked, review_days, ship_days, couriers,
            courier_payment, gift_note, ca)
        VALUES (given.slug, given.project_id, given.name, given.title, given.form_title, given.intro, given.hotline_text,
            given.business, given.login_ways, given.self_registration, given.seal_mode, given.seal_default,
            given.payment_ways, given.finauth, given.account_asked, given.review_days, given.ship_days, given.couriers,
            given.courier_payment, given.gift_note, given.ca)
        RETURNING id INTO p;
    END IF;

    DELETE FROM project_agreement WHERE project = p;
    INSERT INTO project_agreement SELECT p, pos, coalesce((a ->> 'box')::int, 1), a ->> 'code', a ->> 'version'
      FROM jsonb_array_elements(d -> 'agreements') WITH ORDINALITY AS e(a, pos);
    DELETE FROM project_step WHERE project = p;
    INSERT INTO project_step SELECT p, pos, s ->> 'step', s ->> 'label'
      FROM jsonb_array_elements(d -> 'steps') WITH ORDINALITY AS e(s, pos);
    DELETE FROM project_type WHERE project = p;
    INSERT INTO project_type (project, pos, cert_type, name, person, medium, profile, key_origin, pair)
    SELECT p, pos, x ->> 'cert_type', x ->> 'name', x ->> 'person', x ->> 'medium', nullif(x ->> 'profile', ''),
           coalesce(x ->> 'key_origin', 'file'), coalesce((x ->> 'pair')::bool, false)
      FROM jsonb_array_elements(d -> 'types') WITH ORDINALITY AS e(x, pos);
    FOR t IN SELECT * FROM jsonb_array_elements(d -> 'types') LOOP
        INSERT INTO project_price SELECT p, t ->> 'cert_type', (y ->> 'years')::int, part ->> 'part', part ->> 'name',
               (part ->> 'fen')::int, coalesce((part ->> 'with_seal')::bool, false)
          FROM jsonb_array_elements(t -> 'prices') y, jsonb_array_elements(y -> 'parts') part;
    END LOOP;
    DELETE FROM project_field WHERE project = p;
    INSERT INTO project_field SELECT p, r.field, coalesce(r.required, true), coalesce(r.hint, ''), r.cert_types, r.levels
      FROM jsonb_populate_recordset(NULL::project_field, d -> 'fields') r;
    DELETE FROM project_material WHERE project = p;
    INSERT INTO project_material SELECT p, r.pos, r.code, r.name, r.stamped, r.formats, coalesce(r.with_seal, false),
           r.cert_types, coalesce(r.note, ''), coalesce(r.of_form, false)
      FROM (SELECT (jsonb_populate_record(NULL::project_material, m)).*, n FROM
            jsonb_array_elements(d -> 'materials') WITH ORDINALITY AS e(m, n)) r(project, pos0, code, name, stamped,
            formats, with_seal, cert_types, note, of_form, pos);
    -- Stock is counted by the hall: an import names it for gifts that are new.
    DELETE FROM project_gift g WHERE project = p
       AND NOT EXISTS (SELECT FROM jsonb_array_elements(d -> 'gifts') x WHERE (x ->> 'years')::int = g.years);
    INSERT INTO project_gift SELECT p, r.years, r.name, r.needs_seal, r.stock
      FROM jsonb_populate_recordset(NULL::project_gift, coalesce(d -> 'gifts', '[]')) r
    ON CONFLICT (project, years) DO UPDATE SET name = EXCLUDED.name, needs_seal = EXCLUDED.needs_seal;
    DELETE FROM project_link WHERE project = p;
    INSERT INTO project_link SELECT p, pos, l ->> 'label', l ->> 'url'
      FROM jsonb_array_elements(coalesce(d -> 'links', '[]')) WITH ORDINALITY AS e(l, pos);
    DELETE FROM message_template WHERE project = p;
    INSERT INTO message_template SELECT r.event, p, r.vendor_id, r.body, r.parameters
      FROM jsonb_populate_recordset(NULL::message_template, coalesce(d -> 'messages', '[]')) r;
    RETURN p;
END $$;

GRANT EXECUTE ON FUNCTION hall.produce, hall.production, hall.desk_production, hall.desk_key_file, hall.ca_chain TO certhall_desk;
GRANT EXECUTE ON FUNCTION hall.my_order_certificates, hall.my_key_file, hall.key_file_take, hall.ca_chain TO certhall_orders;
GRANT EXECUTE ON FUNCTION hall.signer_order, hall.signer_issuing, hall.signer_issued, hall.signer_produced, hall.signer_requested,
    hall.signer_answer_refused TO certhall_signer;
GRANT EXECUTE ON FUNCTION hall.cmp_work, hall.cmp_answered, hall.csr_refused, hall.cmp_revoke_work, hall.key_file_end
    TO certhall_runner;

COMMIT;
