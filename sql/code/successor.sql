-- A certificate's successor: kinds of business that begin with a certificate (hall.of_certificate) and make another in its place. `kind` is
-- the kind of business. One that extends (hall.business.extends: a renewal) adds its years to the old one's end, and the old one goes on
-- until its own; of the others (a reissue) the new one ends as the old one does, which is revoked when the new one is issued. One that alters
-- (hall.business.alters: a change) makes a new one only if what changes stands in it (sql/code/change.sql).

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
CREATE OR REPLACE FUNCTION hall.certificate_typed(typed text) RETURNS hall.certificate
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT s FROM certificate c JOIN certificate s ON s.order_id = c.order_id AND s.item = c.item AND s.state = c.state
     WHERE c.serial = typed AND c.state <> 'issuing'
     ORDER BY c.issued_at DESC, s.key_use = 'signature' DESC, s.issued_at DESC LIMIT 1);
END $$;

CREATE OR REPLACE FUNCTION hall.extends(kind text) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN coalesce((SELECT b.extends FROM business b WHERE b.code = kind), false);
END $$;

-- The latest end that the certificate of an order may have, given the one that it replaces; NULL: its years alone tell.
CREATE OR REPLACE FUNCTION hall.successor_end(o hall.orders) RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT c.not_after + CASE WHEN extends(o.business) THEN make_interval(years => o.years) ELSE interval '0' END
              FROM certificate c WHERE c.id = o.replaces);
END $$;

-- An authority may let it end earlier; the order then says so.
CREATE OR REPLACE FUNCTION hall.successor_shortened(c hall.certificate) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO order_history (order_id, event, text)
    SELECT o.id, 'shortened', format('签发机构签发的证书有效期至 %s，早于批准的 %s', to_char(c.not_after AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'),
                                     to_char(successor_end(o) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'))
      FROM orders o WHERE o.id = c.order_id AND o.replaces IS NOT NULL AND c.key_use = 'signature' AND c.not_after < successor_end(o) - interval '1 day';
END $$;

-- From when on a certificate can be renewed in a project.
CREATE OR REPLACE FUNCTION hall.renewal_opens(c hall.certificate, p uuid) RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN c.not_after - make_interval(days => (SELECT renew_days FROM project WHERE id = p));
END $$;

-- What is known about it: its owner, the order whose form is on file, and the type of the request's project by which its successor would be
-- made (NULL: by none).
CREATE OR REPLACE FUNCTION hall.successor_source(c hall.certificate)
RETURNS TABLE (order_id uuid, account uuid, project uuid, person text, cert_type text, years int, subject text, unit_hash bytea,
               seal_wanted bool, filed uuid, phone_state text, form bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.id, o.account, o.project, t.person,
           (SELECT n.cert_type FROM project_type n WHERE n.project = my_project() AND n.person = t.person
             ORDER BY n.cert_type = i.cert_type DESC, n.pos LIMIT 1),
           i.years, o.subject, o.unit_hash, o.seal_wanted, f.id, f.phone_state, f.form
      FROM orders o CROSS JOIN LATERAL items(o) i JOIN orders f ON f.id = on_file(c)
      LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = i.cert_type
     WHERE o.id = c.order_id AND i.item = c.item;
END $$;

-- An application for its successor that is under way.
CREATE OR REPLACE FUNCTION hall.successor_under_way(old uuid) RETURNS SETOF hall.orders
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.* FROM orders o WHERE o.replaces = old AND o.state NOT IN ('draft', 'cancelled', 'refunded')
       AND (o.makes OR o.state <> 'done');
END $$;

-- Where one goes who cannot have a successor.
CREATE OR REPLACE FUNCTION hall.successor_else() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE WHEN EXISTS (SELECT FROM project WHERE id = my_project() AND 'new' = ANY (business)) THEN '请在本项目办理证书新办。'
                ELSE '请办理新证书。' END;
END $$;

-- Why it cannot have a successor of that kind here; NULL: it can. A stranger is only told what the page on serial numbers tells, too.
CREATE OR REPLACE FUNCTION hall.successor_refusal(c hall.certificate, kind text, stranger bool) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    longer bool := extends(kind);
    sound bool := longer OR alters(kind); -- what is lost or revoked is only made again
    word text := (SELECT name FROM business WHERE code = kind);
BEGIN
    RETURN (SELECT CASE
        WHEN s.cert_type IS NULL THEN format('本入口不为这类证书办理%s，请到原办理入口办理或拨打服务热线。', word)
        WHEN c.not_after <= now() THEN format('证书已经过期，不能办理%s，%s', word, successor_else())
        WHEN alters(kind) AND s.account IS DISTINCT FROM me() THEN format('%s由申请这张证书的账号办理；经办人已经更换的，请先在“个人中心-单位证书”办理经办人移交。', word)
        WHEN stranger THEN NULL
        WHEN EXISTS (SELECT FROM certificate n JOIN certificate p ON p.order_id = c.order_id AND p.item = c.item
                      WHERE n.replaces = p.id AND n.order_id <> c.order_id AND n.state <> 'issuing') THEN '这张证书已有新证书，请查找新证书。'
        WHEN c.state = 'revoked' AND (sound OR c.reason IS DISTINCT FROM 'key_compromise') THEN format('证书已经吊销，不能办理%s，%s', word, successor_else())
        WHEN (holding(c)).way = 'system' THEN format('这张证书正在重新制作，不能办理%s。', word)
        WHEN sound AND c.state = 'hold' THEN format('证书已冻结，不能办理%s。找回的请先解除冻结，遗失的请办理介质遗失补办。', word)
        WHEN u.id IS NOT NULL THEN format('这张证书的%s申请正在办理，请不要重复提交。', (SELECT name FROM business WHERE code = u.business))
        WHEN longer AND renewal_opens(c, my_project()) > now() THEN format('还没有到办理%s的时间，%s 起可以办理。', word,
             to_char(renewal_opens(c, my_project()) AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')) END
      FROM successor_source(c) s LEFT JOIN LATERAL (SELECT x.* FROM successor_under_way(c.id) x LIMIT 1) u ON true);
END $$;

-- What the page shows of a certificate that is to have a successor.
CREATE OR REPLACE FUNCTION hall.successor_json(c hall.certificate, kind text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    s record;
    own bool;
    why text;
    face jsonb;
BEGIN
    SELECT * INTO s FROM successor_source(c);
    own := coalesce(s.account = me(), false);
    why := successor_refusal(c, kind, NOT own);
    face := CASE WHEN own THEN certificate_face(c) || '{"published": true}' ELSE certificate_public(c) END;
    RETURN face || jsonb_build_object(
        'serial', c.serial, 'own', own, 'refusal', why,
        'opens_at', CASE WHEN extends(kind) AND (face -> 'published')::bool THEN iso(renewal_opens(c, my_project())) END,
        'proof', CASE WHEN own OR why IS NOT NULL THEN 'none' ELSE CASE s.person WHEN 'natural' THEN 'person'
                      WHEN 'holder' THEN 'unit_and_holder' ELSE 'unit' END END,
        'changes', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', k.code, 'name', k.name, 'makes', k.makes) ORDER BY k.pos), '[]')
                      FROM change_kinds(my_project(), s.person) k WHERE own AND why IS NULL AND alters(kind)),
        'subject', CASE WHEN own THEN CASE s.person WHEN 'natural' THEN s.subject ELSE mask_unit(s.subject) END END,
        'order', CASE WHEN own THEN (SELECT jsonb_build_object('id', o.id, 'number', o.number, 'slug', p.slug)
            FROM orders o JOIN project p ON p.id = o.project WHERE o.id = s.order_id) END,
        'draft', (SELECT jsonb_build_object('id', o.id, 'number', o.number) FROM orders o WHERE o.replaces = c.id AND o.business = kind
                     AND o.account = me() AND o.project = my_project() AND o.state = 'draft' ORDER BY o.created_at DESC LIMIT 1));
END $$;

-- The account's own certificates that can have a successor of that kind here, the newest first: of each pair the one to sign with.
CREATE OR REPLACE FUNCTION hall.successor_own(kind text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('certificates', coalesce(jsonb_agg(successor_json(x.c, kind) ORDER BY (x.c).issued_at DESC), '[]'))::text FROM (
        SELECT c FROM orders o JOIN certificate c ON c.order_id = o.id
         WHERE o.account = me() AND my_kind() = 'account' AND c.state <> 'issuing' AND c.not_after > now() AND c.key_use <> 'encryption'
           AND successor_refusal(c, kind, false) IS NULL ORDER BY c.issued_at DESC LIMIT 50) x);
END $$;

-- The list of certificates (证书列表) of a serial number. Each request counts like one to the public page.
CREATE OR REPLACE FUNCTION hall.successor_find(typed text, kind text, most int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c certificate := certificate_typed(typed);
BEGIN
    PERFORM count_public('serial', coalesce((caller()).address, ''), most, '今天查询的次数过多，请明天再试，或拨打服务热线。');
    RETURN jsonb_build_object('serial', typed, 'certificates',
        CASE WHEN c.id IS NULL THEN '[]'::jsonb ELSE jsonb_build_array(successor_json(c, kind)) END)::text;
END $$;

-- A try is counted before a stranger's word is compared, so that many simultaneous tries gain nothing. All kinds count together.
CREATE OR REPLACE FUNCTION hall.successor_tries() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 5 $$;

CREATE OR REPLACE FUNCTION hall.successor_open(typed text, kind text, says bool)
RETURNS TABLE (certificate uuid, item int, own bool, person text, cert_type text, years int, order_id uuid, form bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate := certificate_typed(typed);
    s record;
    why text;
    sentence text := '核对不符的次数过多，请明天再试，或拨打服务热线办理。';
BEGIN
    IF c.id IS NULL THEN
        PERFORM refuse(422, '没有找到这个序列号的证书，请核对后再查询。', '/serial');
    END IF;
    SELECT * INTO s FROM successor_source(c);
    own := coalesce(s.account = me(), false);
    why := successor_refusal(c, kind, NOT own);
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    ELSIF NOT own AND NOT says THEN
        PERFORM refuse(422, CASE s.person WHEN 'natural' THEN '请输入证书持有人的身份证号码。'
                                          ELSE '请输入证书所属单位的统一社会信用代码。' END, '/code');
    ELSIF NOT own THEN
        PERFORM count_public('reissue', me()::text, successor_tries(), sentence);
        PERFORM count_public('reissue_certificate', c.id::text, 2 * successor_tries(), sentence);
        PERFORM note('certificate', c.id, jsonb_build_object(kind, 'tried', 'account', me()));
    END IF;
    RETURN QUERY SELECT c.id, c.item, own, s.person, s.cert_type, s.years, s.filed, s.form;
END $$;

-- Creates the draft. `code` is the keyed hash of what a stranger typed in, `encrypted_form` the data that the form begins with, and
-- `begins` their marks (hall.order_save), so that it is noticed later what of them was changed. (The caller has compared the rest of what
-- the stranger had to know.)
CREATE OR REPLACE FUNCTION hall.successor_create(new_id uuid, new_number text, kind text, old uuid, code bytea, ticked jsonb, encrypted_form bytea,
                                                 begins jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate;
    s record;
    own bool;
    why text;
BEGIN
    SELECT * INTO c FROM certificate WHERE id = old;
    SELECT * INTO s FROM successor_source(c);
    own := coalesce(s.account = me(), false);
    IF NOT own AND (code IS NULL OR code IS DISTINCT FROM s.unit_hash) THEN
        PERFORM refuse(422, '与这张证书登记的信息不符，请核对后重新输入。', '/code');
    END IF;
    UPDATE public_count SET n = n - 1 WHERE NOT own AND n > 0 AND day = current_date
       AND (public_count.kind, who) IN (('reissue', me()::text), ('reissue_certificate', c.id::text));
    why := successor_refusal(c, kind, false);
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    ELSIF EXISTS (SELECT FROM orders WHERE replaces = c.id AND business = kind AND account = me() AND project = my_project() AND state = 'draft') THEN
        PERFORM refuse(409, format('这张证书您已有一份%s草稿，请在“我的业务单”中继续填写。', (SELECT name FROM business WHERE business.code = kind)));
    END IF;
    PERFORM order_create(new_id, new_number, kind, NULL, ticked);
    UPDATE orders SET replaces = c.id, cert_type = s.cert_type, years = s.years, unit_hash = s.unit_hash, subject = s.subject,
           seal_wanted = s.seal_wanted AND (SELECT p.seal_mode FROM project p WHERE p.id = my_project()) <> 'never', -- the seal goes along
           published = (SELECT x.published FROM orders x WHERE x.id = s.order_id), form = encrypted_form,
           outlet = coalesce((SELECT x.outlet FROM project_outlet x WHERE x.project = s.project AND x.business = kind), outlet) WHERE id = new_id;
    IF own AND (extends(kind) OR alters(kind)) THEN
        PERFORM successor_keeps(new_id, begins, s.phone_state);
    END IF;
    PERFORM note('certificate', c.id, jsonb_build_object(kind, new_id));
END $$;

-- What need not be proved again, for the account that has proved it: that stands as long as the data stay as they were (hall.order_save,
-- hall.papers_stale). The review looks at all of it anew.
CREATE OR REPLACE FUNCTION hall.successor_keeps(wanted uuid, begins jsonb, phone text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE orders SET marks = begins, phone_state = CASE phone WHEN 'passed' THEN 'passed' ELSE phone_state END WHERE id = wanted;
    INSERT INTO order_history (order_id, event, text) SELECT wanted, 'save', '沿用原业务单的手机认证（经办人和手机号不变时有效）' WHERE phone = 'passed';
    PERFORM enqueue('paper_carry', 'paper_carry/' || wanted, wanted);
END $$;

-- The new certificate has the contents of the old one. (A form without years keeps the order's years: hall.order_becomes.)
CREATE OR REPLACE FUNCTION hall.successor_stands() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NEW.replaces IS DISTINCT FROM OLD.replaces OR (NEW.cert_type, NEW.unit_hash) IS DISTINCT FROM (OLD.cert_type, OLD.unit_hash)
       OR coalesce(NEW.years, OLD.years) IS DISTINCT FROM OLD.years AND NOT extends(NEW.business) THEN
        PERFORM refuse(422, '不能更改证书的类型、单位和持有人，请办理新证书。', '/form/unit_code');
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER orders_successor BEFORE UPDATE OF replaces, cert_type, years, unit_hash ON hall.orders FOR EACH ROW
    WHEN (OLD.replaces IS NOT NULL AND NEW.erased_at IS NULL) EXECUTE FUNCTION hall.successor_stands();

-- Only one such application can be submitted; of two simultaneous ones, one waits for the other.
CREATE OR REPLACE FUNCTION hall.successor_submitted() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate;
    why text;
BEGIN
    SELECT * INTO c FROM certificate WHERE id = NEW.replaces FOR NO KEY UPDATE;
    why := successor_refusal(c, NEW.business, false);
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    ELSIF NEW.changes IS NOT NULL AND NEW.basis IS DISTINCT FROM on_file(c) THEN
        PERFORM refuse(409, '这张证书的登记信息在您填写期间已经变更，请取消这份草稿后重新办理。');
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER orders_successor_submitted BEFORE UPDATE OF state ON hall.orders FOR EACH ROW
    WHEN (OLD.state = 'draft' AND NEW.state NOT IN ('draft', 'cancelled') AND NEW.replaces IS NOT NULL)
    EXECUTE FUNCTION hall.successor_submitted();

-- The certificate that an order's certificate replaces. `until` is the end of the new one: at most, as long as that is not there.
CREATE OR REPLACE FUNCTION hall.replaced_json(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT certificate_face(c) || jsonb_build_object('serial', c.serial, 'held_by', (holding(c)).way, 'extended', extends(o.business), 'ends_on', o.replaced_on,
                   'until', iso(coalesce(n.not_after, successor_end(o))), 'made', o.makes, 'changes', changes_json(o),
                   'replaced_by', n.serial)
              FROM certificate c LEFT JOIN LATERAL (SELECT x.serial, x.not_after FROM certificate x WHERE x.replaces = c.id AND x.order_id = o.id
                       AND x.state <> 'issuing' ORDER BY x.issued_at DESC LIMIT 1) n ON true WHERE c.id = o.replaces);
END $$;

-- Whether the certificate of an order is there, so that the one that it replaces can go.
CREATE OR REPLACE FUNCTION hall.successor_there(o hall.orders) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM certificate n WHERE n.order_id = o.id AND n.replaces = o.replaces AND n.state = 'valid');
END $$;

-- The applicant of a renewal chooses the day on which the old certificate ends; NULL: it runs out by itself.
CREATE OR REPLACE FUNCTION hall.successor_day(wanted uuid, seen int, day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted, seen);
    c certificate;
BEGIN
    SELECT * INTO c FROM certificate WHERE id = o.replaces FOR NO KEY UPDATE;
    IF (state_of(o)).void OR NOT extends(o.business) OR c.id IS NULL THEN
        PERFORM refuse(409, '业务单目前不能选择原证书的停用日期。');
    ELSIF c.state = 'revoked' OR c.not_after <= now() THEN
        PERFORM refuse(409, '原证书已经失效。');
    ELSIF day <= current_date THEN
        PERFORM refuse(422, '请选择今天以后的日期。', '/on');
    ELSIF day > (c.not_after AT TIME ZONE 'Asia/Shanghai')::date THEN
        PERFORM refuse(422, '原证书在这一天之前就到期了，请选择更早的日期，或让它到期自然失效。', '/on');
    ELSIF day IS NOT DISTINCT FROM o.replaced_on THEN
        RETURN;
    END IF;
    UPDATE orders SET replaced_on = day, updated_at = now() WHERE id = o.id RETURNING * INTO o;
    INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'replaced_on', CASE WHEN day IS NULL THEN '原证书到期自然失效'
        ELSE format('原证书于 %s 停用', day) END);
    PERFORM successor_day_tell(o);
END $$;

-- Says three days before, and not before the new certificate is there, when the old one ends: once for each day that was chosen.
CREATE OR REPLACE FUNCTION hall.successor_day_tell(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF o.replaced_on <= current_date + 3 AND successor_there(o) THEN
        PERFORM tell(o.id, 'replacing', CASE person_of(o) WHEN 'natural' THEN 'holder' ELSE 'agent' END, o.replaced_on::text,
                     jsonb_build_object('serial', c.serial, 'date', greatest(o.replaced_on, current_date + 1)::text, 'on', o.replaced_on::text)) FROM certificate c WHERE c.id = o.replaces;
    END IF;
END $$;

-- Each day: tells of the certificates that end by their holders' choice, and revokes those whose day has come, the day after the word at
-- the earliest.
CREATE OR REPLACE FUNCTION hall.successor_days() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    c certificate;
BEGIN
    FOR o IN SELECT x.* FROM orders x JOIN certificate old ON old.id = x.replaces
              WHERE x.replaced_on <= current_date + 3 AND old.state IN ('valid', 'hold') AND old.not_after > now() ORDER BY x.id LOOP
        CONTINUE WHEN NOT successor_there(o);
        SELECT * INTO c FROM certificate WHERE id = o.replaces FOR NO KEY UPDATE;
        IF o.replaced_on <= current_date AND c.state IN ('valid', 'hold') AND EXISTS (SELECT FROM message m
             WHERE m.order_id = o.id AND m.event = 'replacing' AND m.detail ->> 'on' = o.replaced_on::text AND m.created_at < current_date) THEN
            INSERT INTO revocation (id, certificate, kind, reason, state, ended_at) VALUES (gen_random_uuid(), c.id, 'revoke', 'superseded', 'done', now());
        ELSE
            PERFORM successor_day_tell(o);
        END IF;
    END LOOP;
END $$;

-- What the link of a reminder shows of a certificate to everybody: what strangers may know, and from when on it can be renewed here. Each
-- request counts like one to the public page on serial numbers.
CREATE OR REPLACE FUNCTION hall.renewal_window(typed text, most int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate := certificate_typed(typed);
    kind text := split_part((caller()).op, '.', 1);
    face jsonb := certificate_public(c);
    p project;
BEGIN
    PERFORM count_public('serial', coalesce((caller()).address, ''), most, '今天查询的次数过多，请明天再试，或拨打服务热线。');
    SELECT * INTO p FROM project WHERE id = my_project() AND open AND kind = ANY (business);
    IF p.id IS NULL THEN
        PERFORM refuse(404, '这个项目不办理此项业务。');
    END IF;
    RETURN jsonb_build_object('serial', typed, 'days', p.renew_days, 'certificate', CASE WHEN c.id IS NOT NULL THEN face || jsonb_build_object(
        'refusal', successor_refusal(c, kind, true),
        'opens_at', CASE WHEN (face -> 'published')::bool THEN iso(renewal_opens(c, p.id)) END) END)::text;
END $$;
