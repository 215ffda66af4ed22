-- Reissue: a certificate in place of one whose medium is lost.

-- The producer must belong to the place that is to make it, whatever other roles the person has.
CREATE OR REPLACE FUNCTION hall.outlet_makes(o hall.orders, who uuid) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF (SELECT outlet FROM staff WHERE id = who) IS DISTINCT FROM o.outlet THEN
        PERFORM refuse(403, CASE WHEN o.outlet IS NULL THEN '这个业务单由本机构制证和寄送。'
                                 ELSE '这个业务单由渠道网点制证和寄送。' END);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.orders_outlet() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM outlet_makes(NEW, NEW.producer);
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER orders_outlet BEFORE UPDATE OF producer ON hall.orders FOR EACH ROW WHEN (NEW.producer IS NOT NULL)
    EXECUTE FUNCTION hall.orders_outlet();

-- The certificate of a serial number, exactly as typed (upper and lower case matter); of a pair the one to sign with.
CREATE OR REPLACE FUNCTION hall.lost_certificate(typed text) RETURNS hall.certificate
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT s FROM certificate c JOIN certificate s ON s.order_id = c.order_id AND s.item = c.item AND s.state = c.state
     WHERE c.serial = typed AND c.state <> 'issuing'
     ORDER BY c.issued_at DESC, s.key_use = 'signature' DESC, s.issued_at DESC LIMIT 1);
END $$;

-- What is known about it: its owner, and the type of the request's project by which its successor would be made (NULL: by none).
CREATE OR REPLACE FUNCTION hall.reissue_source(c hall.certificate)
RETURNS TABLE (order_id uuid, account uuid, project uuid, person text, cert_type text, years int, subject text, unit_hash bytea,
               seal_wanted bool, form bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.id, o.account, o.project, t.person,
           (SELECT n.cert_type FROM project_type n WHERE n.project = my_project() AND n.person = t.person
             ORDER BY n.cert_type = i.cert_type DESC, n.pos LIMIT 1),
           i.years, o.subject, o.unit_hash, o.seal_wanted, o.form
      FROM orders o CROSS JOIN LATERAL items(o) i
      LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = i.cert_type
     WHERE o.id = c.order_id AND i.item = c.item;
END $$;

-- An application for its successor that is under way.
CREATE OR REPLACE FUNCTION hall.reissue_under_way(lost uuid) RETURNS SETOF hall.orders
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.* FROM orders o WHERE o.replaces = lost AND o.state NOT IN ('draft', 'cancelled', 'refunded');
END $$;

-- Why it cannot be reissued here; NULL: it can. A stranger is only told what the page on serial numbers tells, too.
CREATE OR REPLACE FUNCTION hall.reissue_refusal(c hall.certificate, stranger bool) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT CASE
        WHEN s.cert_type IS NULL THEN '本入口不补办这类证书，请到原办理入口补办或拨打服务热线。'
        WHEN c.not_after <= now() THEN '证书已经过期，请办理新证书。'
        WHEN stranger THEN NULL
        WHEN EXISTS (SELECT FROM certificate n JOIN certificate p ON p.order_id = c.order_id AND p.item = c.item
                      WHERE n.replaces = p.id AND n.order_id <> c.order_id AND n.state <> 'issuing') THEN '这张证书已经补办过，请查找新证书。'
        WHEN c.state = 'revoked' AND c.reason IS DISTINCT FROM 'key_compromise' THEN '证书已经吊销，请办理新证书。'
        WHEN (holding(c)).way = 'system' THEN '这张证书正在重新制作，无需补办。'
        WHEN EXISTS (SELECT FROM reissue_under_way(c.id)) THEN '这张证书的补办申请正在办理，请不要重复提交。' END
      FROM reissue_source(c) s);
END $$;

-- What the page shows of a certificate that is to be made again.
CREATE OR REPLACE FUNCTION hall.reissue_json(c hall.certificate) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    s record;
    own bool;
    why text;
BEGIN
    SELECT * INTO s FROM reissue_source(c);
    own := coalesce(s.account = me(), false);
    why := reissue_refusal(c, NOT own);
    RETURN CASE WHEN own THEN certificate_face(c) || '{"published": true}' ELSE certificate_public(c) END || jsonb_build_object(
        'serial', c.serial, 'own', own, 'refusal', why,
        'proof', CASE WHEN own OR why IS NOT NULL THEN 'none' ELSE CASE s.person WHEN 'natural' THEN 'person'
                      WHEN 'holder' THEN 'unit_and_holder' ELSE 'unit' END END,
        'subject', CASE WHEN own THEN CASE s.person WHEN 'natural' THEN s.subject ELSE mask_unit(s.subject) END END,
        'order', CASE WHEN own THEN (SELECT jsonb_build_object('id', o.id, 'number', o.number, 'slug', p.slug)
            FROM orders o JOIN project p ON p.id = o.project WHERE o.id = s.order_id) END,
        'draft', (SELECT jsonb_build_object('id', o.id, 'number', o.number) FROM orders o WHERE o.replaces = c.id
                     AND o.account = me() AND o.project = my_project() AND o.state = 'draft' ORDER BY o.created_at DESC LIMIT 1));
END $$;

-- The account's own certificates that can be made again here, the newest first: of each pair the one to sign with.
CREATE OR REPLACE FUNCTION hall.reissue_own() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('certificates', coalesce(jsonb_agg(reissue_json(x.c) ORDER BY (x.c).issued_at DESC), '[]'))::text FROM (
        SELECT c FROM orders o JOIN certificate c ON c.order_id = o.id
         WHERE o.account = me() AND my_kind() = 'account' AND c.state <> 'issuing' AND c.not_after > now() AND c.key_use <> 'encryption'
           AND reissue_refusal(c, false) IS NULL ORDER BY c.issued_at DESC LIMIT 50) x);
END $$;

-- The list of certificates (证书列表) of a serial number. Each request counts like one to the public page.
CREATE OR REPLACE FUNCTION hall.reissue_find(typed text, most int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c certificate := lost_certificate(typed);
BEGIN
    PERFORM count_public('serial', coalesce((caller()).address, ''), most, '今天查询的次数过多，请明天再试，或拨打服务热线。');
    RETURN jsonb_build_object('serial', typed, 'certificates',
        CASE WHEN c.id IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(reissue_json(c)) END)::text;
END $$;

-- A try is counted before a stranger's word is compared, so that many simultaneous tries gain nothing.
CREATE OR REPLACE FUNCTION hall.reissue_tries() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 5 $$;

CREATE OR REPLACE FUNCTION hall.reissue_open(typed text, says bool)
RETURNS TABLE (certificate uuid, item int, own bool, person text, cert_type text, order_id uuid, form bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate := lost_certificate(typed);
    s record;
    why text;
    sentence text := '核对不符的次数过多，请明天再试，或拨打服务热线办理。';
BEGIN
    IF c.id IS NULL THEN
        PERFORM refuse(422, '没有找到这个序列号的证书，请核对后再查询。', '/serial');
    END IF;
    SELECT * INTO s FROM reissue_source(c);
    own := coalesce(s.account = me(), false);
    why := reissue_refusal(c, NOT own);
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    ELSIF NOT own AND NOT says THEN
        PERFORM refuse(422, CASE s.person WHEN 'natural' THEN '请输入证书持有人的身份证号码。'
                                          ELSE '请输入证书所属单位的统一社会信用代码。' END, '/code');
    ELSIF NOT own THEN
        PERFORM count_public('reissue', me()::text, reissue_tries(), sentence);
        PERFORM count_public('reissue_certificate', c.id::text, 2 * reissue_tries(), sentence);
        PERFORM note('certificate', c.id, jsonb_build_object('reissue', 'tried', 'account', me()));
    END IF;
    RETURN QUERY SELECT c.id, c.item, own, s.person, s.cert_type, s.order_id, s.form;
END $$;

-- Creates the draft. `code` is the keyed hash of what a stranger typed in, `encrypted_form` the data that the form begins with. (The
-- caller has compared the rest of what the stranger had to know.)
CREATE OR REPLACE FUNCTION hall.reissue_create(new_id uuid, new_number text, lost uuid, code bytea, ticked jsonb, encrypted_form bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate;
    s record;
    own bool;
    why text;
BEGIN
    SELECT * INTO c FROM certificate WHERE id = lost;
    SELECT * INTO s FROM reissue_source(c);
    own := coalesce(s.account = me(), false);
    IF NOT own AND (code IS NULL OR code IS DISTINCT FROM s.unit_hash) THEN
        PERFORM refuse(422, '与这张证书登记的信息不符，请核对后重新输入。', '/code');
    END IF;
    UPDATE public_count SET n = n - 1 WHERE NOT own AND n > 0 AND day = current_date
       AND (kind, who) IN (('reissue', me()::text), ('reissue_certificate', c.id::text));
    why := reissue_refusal(c, false);
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    ELSIF EXISTS (SELECT FROM orders WHERE replaces = c.id AND account = me() AND project = my_project() AND state = 'draft') THEN
        PERFORM refuse(409, '这张证书您已有一份补办草稿，请在“我的业务单”中继续填写。');
    END IF;
    PERFORM order_create(new_id, new_number, 'reissue', NULL, ticked);
    UPDATE orders SET replaces = c.id, cert_type = s.cert_type, years = s.years, unit_hash = s.unit_hash, subject = s.subject,
           seal_wanted = s.seal_wanted AND (SELECT p.seal_mode FROM project p WHERE p.id = my_project()) <> 'never', -- the seal goes along
           published = (SELECT x.published FROM orders x WHERE x.id = s.order_id), form = encrypted_form, outlet = coalesce((SELECT x.outlet FROM project_outlet x WHERE x.project = s.project
                                                     AND x.business = 'reissue'), outlet) WHERE id = new_id;
    PERFORM note('certificate', c.id, jsonb_build_object('reissue', new_id));
END $$;

-- The new certificate has the contents of the old one. (A form without years keeps the order's years: hall.order_becomes.)
CREATE OR REPLACE FUNCTION hall.reissue_stands() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NEW.replaces IS DISTINCT FROM OLD.replaces OR (NEW.cert_type, coalesce(NEW.years, OLD.years), NEW.unit_hash)
       IS DISTINCT FROM (OLD.cert_type, OLD.years, OLD.unit_hash) THEN
        PERFORM refuse(422, '补办不能更改证书的类型、单位和持有人，请办理新证书。', '/form/unit_code');
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER orders_reissue BEFORE UPDATE OF replaces, cert_type, years, unit_hash ON hall.orders FOR EACH ROW
    WHEN (OLD.replaces IS NOT NULL AND NEW.erased_at IS NULL) EXECUTE FUNCTION hall.reissue_stands();

-- Only one such application can be submitted; of two simultaneous ones, one waits for the other.
CREATE OR REPLACE FUNCTION hall.reissue_submitted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate;
    why text;
BEGIN
    SELECT * INTO c FROM certificate WHERE id = NEW.replaces FOR NO KEY UPDATE;
    why := reissue_refusal(c, false);
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER orders_reissue_submitted BEFORE UPDATE OF state ON hall.orders FOR EACH ROW
    WHEN (OLD.state = 'draft' AND NEW.state NOT IN ('draft', 'cancelled') AND NEW.replaces IS NOT NULL)
    EXECUTE FUNCTION hall.reissue_submitted();

-- The certificate that an order's certificate replaces.
CREATE OR REPLACE FUNCTION hall.replaced_json(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT certificate_face(c) || jsonb_build_object('serial', c.serial, 'held_by', (holding(c)).way,
                   'replaced_by', (SELECT n.serial FROM certificate n WHERE n.replaces = c.id AND n.order_id = o.id
                                      AND n.state <> 'issuing' ORDER BY n.issued_at DESC LIMIT 1))
              FROM certificate c WHERE c.id = o.replaces);
END $$;
