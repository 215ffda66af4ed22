-- A certificate's successor: kinds of business that begin with a certificate (hall.of_certificate) and make another in its place. `kind` is
-- the kind of business. One that extends (hall.business.extends: a renewal) adds its years to the old one's end, and the old one goes on
-- until its own; of the others (a reissue) the new one ends as the old one does, which is revoked when the new one is issued. One that alters
-- (hall.business.alters: a change) makes a new one only if what changes stands in it (sql/code/change.sql). An order can extend several
-- certificates of one unit: each is an item of it (hall.order_item.replaces), and with one the order itself is the item (hall.items_of).

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

-- The certificates that orders replace.
CREATE OR REPLACE VIEW hall.succession AS
SELECT i.order_id, i.item, i.years, i.replaces FROM hall.order_item i WHERE i.replaces IS NOT NULL
UNION ALL
SELECT o.id, 1, o.years, o.replaces FROM hall.orders o WHERE o.replaces IS NOT NULL
   AND NOT EXISTS (SELECT FROM hall.order_item i WHERE i.order_id = o.id AND i.replaces IS NOT NULL);

-- The latest end that a certificate may have, given the one that it replaces; NULL: its years alone tell.
CREATE OR REPLACE FUNCTION hall.successor_end(kind text, old uuid, years int) RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT c.not_after + CASE WHEN extends(kind) THEN make_interval(years => successor_end.years) ELSE interval '0' END
              FROM certificate c WHERE c.id = old);
END $$;

-- An authority may let it end earlier; the order then says so.
CREATE OR REPLACE FUNCTION hall.successor_shortened(c hall.certificate) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO order_history (order_id, event, text)
    SELECT o.id, 'shortened', format('签发机构签发的证书有效期至 %s，早于批准的 %s', to_char(c.not_after AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'),
                                     to_char(e.until AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD'))
      FROM orders o JOIN succession s ON s.order_id = o.id AND s.item = c.item CROSS JOIN LATERAL successor_end(o.business, s.replaces, s.years) e(until)
     WHERE o.id = c.order_id AND c.key_use = 'signature' AND c.not_after < e.until - interval '1 day';
END $$;

-- Where one goes who cannot have a successor.
CREATE OR REPLACE FUNCTION hall.successor_else(here uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE WHEN EXISTS (SELECT FROM project WHERE id = here AND 'new' = ANY (business)) THEN '请在本项目办理证书新办。'
                ELSE '请办理新证书。' END;
END $$;

-- What decides about a successor of that kind in project `here`, for each of these certificates: read flat, since lists ask it of many.
-- `cert_type` is the project's type by which it would be made (NULL: by none), `filed` the order whose form is on file, `opens` the time
-- from which it can be renewed, `refusal` why it cannot have one (NULL: it can). A stranger is only told what the page on serial numbers
-- tells, too; with `stranger` NULL that is everybody whose certificate it is not.
CREATE OR REPLACE FUNCTION hall.successors(kind text, here uuid, wanted uuid[], stranger bool)
RETURNS TABLE (certificate uuid, item int, own bool, order_id uuid, account uuid, project uuid, person text, type text, cert_type text, years int,
               holder text, subject text, unit_hash bytea, seal_wanted bool, filed uuid, opens timestamptz, refusal text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    longer bool := extends(kind);
    alter_ bool := alters(kind);
    word text := (SELECT name FROM business WHERE code = kind);
    who uuid := CASE WHEN my_kind() = 'account' THEN me() END;
    elsewhere text := successor_else(here);
BEGIN
    RETURN QUERY SELECT c.id, c.item, s.own, o.id, o.account, o.project, t.person, t.name, s.cert_type, coalesce(i.years, o.years),
           CASE t.person WHEN 'holder' THEN substring(c.subject from 'CN=([^,+/]+)') END, o.subject, o.unit_hash, o.seal_wanted, f.filed, s.opens, CASE
        WHEN s.cert_type IS NULL THEN format('本入口不为这类证书办理%s，请到原办理入口办理或拨打服务热线。', word)
        WHEN c.not_after <= now() THEN format('证书已经过期，不能办理%s，%s', word, elsewhere)
        WHEN alter_ AND NOT s.own THEN format('%s由申请这张证书的账号办理；经办人已经更换的，请先在“个人中心-单位证书”办理经办人移交。', word)
        WHEN coalesce(stranger, NOT s.own) THEN NULL
        WHEN EXISTS (SELECT FROM certificate n JOIN certificate p ON p.order_id = c.order_id AND p.item = c.item
                      WHERE n.replaces = p.id AND n.order_id <> c.order_id AND n.state <> 'issuing') THEN '这张证书已有新证书，请查找新证书。'
        -- what is lost or revoked is only made again
        WHEN c.state = 'revoked' AND (longer OR alter_ OR c.reason IS DISTINCT FROM 'key_compromise') THEN format('证书已经吊销，不能办理%s，%s', word, elsewhere)
        WHEN c.state = 'hold' AND (holding(c)).way = 'system' THEN format('这张证书正在重新制作，不能办理%s。', word)
        WHEN (longer OR alter_) AND c.state = 'hold' THEN format('证书已冻结，不能办理%s。找回的请先解除冻结，遗失的请办理介质遗失补办。', word)
        WHEN u.name IS NOT NULL THEN format('这张证书的%s申请正在办理，请不要重复提交。', u.name)
        WHEN longer AND s.opens > now() THEN format('还没有到办理%s的时间，%s 起可以办理。', word, to_char(s.opens AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD')) END
      FROM certificate c JOIN orders o ON o.id = c.order_id JOIN certificate_filed f ON f.certificate = c.id
      LEFT JOIN order_item i ON i.order_id = c.order_id AND i.item = c.item
      LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = coalesce(i.cert_type, o.cert_type)
      CROSS JOIN LATERAL (SELECT coalesce(o.account = who, false) AS own,
             c.not_after - make_interval(days => (SELECT p.renew_days FROM project p WHERE p.id = here)) AS opens,
             (SELECT n.cert_type FROM project_type n WHERE n.project = here AND n.person = t.person
               ORDER BY n.cert_type = coalesce(i.cert_type, o.cert_type) DESC, n.pos LIMIT 1) AS cert_type) s
      LEFT JOIN LATERAL (SELECT b.name FROM succession x JOIN orders y ON y.id = x.order_id JOIN business b ON b.code = y.business
             WHERE x.replaces = c.id AND y.state NOT IN ('draft', 'cancelled', 'refunded') AND (y.makes OR y.state <> 'done') LIMIT 1) u ON true
     WHERE c.id = ANY (wanted);
END $$;

CREATE OR REPLACE FUNCTION hall.successor_refusal(c hall.certificate, kind text, stranger bool) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT s.refusal FROM successors(kind, my_project(), ARRAY[c.id], stranger) s);
END $$;

-- What the page shows of certificates that are to have a successor, the newest first. Those with the same number in `together` can be in
-- one order (hall.successor_check); `fen` is the price of one for as many years as before (NULL: other years have to be chosen).
CREATE OR REPLACE FUNCTION hall.successors_json(kind text, wanted uuid[]) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    longer bool := extends(kind);
    alter_ bool := alters(kind);
    fees bigint := (SELECT coalesce(sum(f.fen), 0) FROM project_fee f WHERE f.project = my_project() AND f.business = kind);
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(s.face || jsonb_build_object(
        'serial', s.serial, 'own', s.own, 'refusal', s.refusal,
        'cert_type', CASE WHEN s.own THEN s.cert_type END, 'years', CASE WHEN s.own THEN s.years END, 'fen', CASE WHEN s.own THEN s.fen END,
        'opens_at', CASE WHEN longer AND (s.face -> 'published')::bool THEN iso(s.opens) END,
        'proof', CASE WHEN s.own OR s.refusal IS NOT NULL THEN 'none' ELSE CASE s.person WHEN 'natural' THEN 'person'
                      WHEN 'holder' THEN 'unit_and_holder' ELSE 'unit' END END,
        'changes', CASE WHEN alter_ AND s.own AND s.refusal IS NULL THEN (SELECT coalesce(jsonb_agg(jsonb_build_object('code', k.code,
                      'name', k.name, 'makes', k.makes) ORDER BY k.pos), '[]') FROM change_kinds(my_project(), s.person) k) ELSE '[]' END,
        'subject', CASE WHEN s.own THEN CASE s.person WHEN 'natural' THEN s.subject ELSE mask_unit(s.subject) END END,
        'holder', CASE WHEN s.own THEN s.holder END, 'together', s.together,
        'order', CASE WHEN s.own THEN jsonb_build_object('id', s.order_id, 'number', s.number, 'slug', s.slug) END,
        'draft', (SELECT jsonb_build_object('id', o.id, 'number', o.number) FROM succession d JOIN orders o ON o.id = d.order_id
                   WHERE d.replaces = s.certificate AND o.business = kind AND o.account = me() AND o.project = my_project() AND o.state = 'draft'
                   ORDER BY o.created_at DESC LIMIT 1)) ORDER BY s.issued_at DESC), '[]')
      FROM (SELECT x.*, c.serial, c.issued_at, o.number, p.slug,
                   CASE WHEN x.own THEN jsonb_build_object('type', coalesce(x.type, '数字证书'), 'key_use', c.key_use, 'algorithm', c.algorithm,
                       'not_before', iso(c.not_before), 'not_after', iso(c.not_after), 'since', iso(c.revoked_at),
                       'state', certificate_shown(c.state, c.not_after), 'published', true) ELSE certificate_public(c) END AS face,
                   dense_rank() OVER (ORDER BY x.project, x.unit_hash, x.seal_wanted, CASE x.person WHEN 'natural' THEN x.certificate END) AS together,
                   CASE WHEN x.seal_wanted THEN y.with_seal ELSE y.without END + fees AS fen
              FROM successors(kind, my_project(), wanted, NULL) x JOIN certificate c ON c.id = x.certificate
              JOIN orders o ON o.id = x.order_id JOIN project p ON p.id = o.project
              LEFT JOIN (SELECT q.cert_type, q.years, sum(q.fen) AS with_seal, coalesce(sum(q.fen) FILTER (WHERE NOT q.with_seal), 0) AS without
                           FROM prices(my_project(), kind) q GROUP BY q.cert_type, q.years) y ON y.cert_type = x.cert_type AND y.years = x.years) s);
END $$;

-- The account's own certificates that can have a successor of that kind here, of each pair the one to sign with; for a kind that extends
-- also those that cannot have one now, with the reason, unless they have one already or have run out.
CREATE OR REPLACE FUNCTION hall.successor_own(kind text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    longer bool := extends(kind);
    mine uuid[] := ARRAY(SELECT c.id FROM orders o JOIN certificate c ON c.order_id = o.id
         WHERE o.account = me() AND my_kind() = 'account' AND c.state <> 'issuing' AND c.not_after > now() AND c.key_use <> 'encryption'
           AND NOT (longer AND (c.state = 'revoked' OR EXISTS (SELECT FROM certificate n WHERE n.replaces = c.id AND n.order_id <> c.order_id AND n.state <> 'issuing')))
         ORDER BY c.issued_at DESC LIMIT 200);
BEGIN
    RETURN (SELECT jsonb_build_object('certificates', coalesce(jsonb_agg(x ORDER BY n), '[]'))::text
              FROM jsonb_array_elements(successors_json(kind, mine)) WITH ORDINALITY e(x, n) WHERE longer OR x -> 'refusal' = 'null');
END $$;

-- The list of certificates (证书列表) of a serial number. Each request counts like one to the public page.
CREATE OR REPLACE FUNCTION hall.successor_find(typed text, kind text, most int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c certificate := certificate_typed(typed);
BEGIN
    PERFORM count_public('serial', coalesce((caller()).address, ''), most, '今天查询的次数过多，请明天再试，或拨打服务热线。');
    RETURN jsonb_build_object('serial', typed, 'certificates',
        successors_json(kind, ARRAY[c.id]))::text;
END $$;

-- A try is counted before a stranger's word is compared, so that many simultaneous tries gain nothing. All kinds count together.
CREATE OR REPLACE FUNCTION hall.successor_tries() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 5 $$;

-- Where the n-th certificate stands in what the caller has sent; one that extends takes several.
CREATE OR REPLACE FUNCTION hall.successor_place(kind text, n int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE WHEN extends(kind) THEN format('/certificates/%s/serial', n - 1) ELSE '/serial' END;
END $$;

-- Refuses the first of these certificates that cannot have a successor, or not in one order with those before it. Several in one order are
-- one unit's, made by one account in one project, all with a seal or all without.
CREATE OR REPLACE FUNCTION hall.successor_check(kind text, wanted uuid[], stranger bool) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    several bool := cardinality(wanted) > 1;
    first record;
    s record;
    why text;
BEGIN
    FOR s IN SELECT x.*, c.serial, array_position(wanted, x.certificate) AS n
               FROM successors(kind, my_project(), wanted, stranger) x JOIN certificate c ON c.id = x.certificate ORDER BY n LOOP
        IF s.n = 1 THEN
            first := s;
        END IF;
        why := s.refusal;
        IF why IS NULL AND several THEN
            why := CASE WHEN NOT s.own THEN '不是由本账号申请的，请单独办理。'
                        WHEN s.person = 'natural' THEN '个人证书请逐张办理。'
                        WHEN s.project <> first.project THEN '是在另一个项目办理的，请单独办理。'
                        WHEN s.unit_hash IS DISTINCT FROM first.unit_hash THEN '属于另一个单位，请单独办理。'
                        WHEN s.seal_wanted <> first.seal_wanted THEN '带电子签章的证书与不带的请分开办理。' END;
        END IF;
        IF why IS NOT NULL THEN
            PERFORM refuse(409, CASE WHEN several THEN format('证书 %s：%s', s.serial, why) ELSE why END,
                           CASE WHEN extends(kind) THEN successor_place(kind, s.n) ELSE '' END);
        END IF;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION hall.successor_open(typed text[], kind text, says bool)
RETURNS TABLE (certificate uuid, serial text, item int, own bool, person text, cert_type text, years int, order_id uuid, form bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    wanted uuid[] := '{}';
    c certificate;
    s record;
    sentence text := '核对不符的次数过多，请明天再试，或拨打服务热线办理。';
BEGIN
    FOR n IN 1 .. cardinality(typed) LOOP
        c := certificate_typed(typed[n]);
        IF c.id IS NULL THEN
            PERFORM refuse(422, '没有找到这个序列号的证书，请核对后再查询。', successor_place(kind, n));
        ELSIF c.id = ANY (wanted) THEN
            PERFORM refuse(422, format('证书 %s 选了不止一次。', typed[n]), successor_place(kind, n));
        END IF;
        wanted := wanted || c.id;
    END LOOP;
    PERFORM successor_check(kind, wanted, NULL);
    SELECT x.own, x.person INTO s FROM successors(kind, my_project(), wanted[1:1], NULL) x;
    IF NOT s.own AND NOT says THEN
        PERFORM refuse(422, CASE s.person WHEN 'natural' THEN '请输入证书持有人的身份证号码。'
                                          ELSE '请输入证书所属单位的统一社会信用代码。' END, '/code');
    ELSIF NOT s.own THEN
        PERFORM count_public('reissue', me()::text, successor_tries(), sentence);
        PERFORM count_public('reissue_certificate', c.id::text, 2 * successor_tries(), sentence);
        PERFORM note('certificate', c.id, jsonb_build_object(kind, 'tried', 'account', me()));
    END IF;
    RETURN QUERY SELECT x.certificate, y.serial, x.item, x.own, x.person, x.cert_type, x.years, x.filed, f.form
      FROM successors(kind, my_project(), wanted, NULL) x JOIN certificate y ON y.id = x.certificate JOIN orders f ON f.id = x.filed
     ORDER BY array_position(wanted, x.certificate);
END $$;

-- Creates the draft, for these certificates in the order of its items. `code` is the keyed hash of what a stranger typed in, `encrypted_form`
-- the data that the form begins with, `begins` their marks (hall.order_save), so that it is noticed later what of them was changed, and
-- `asked` the form's items, if there are several. (The caller has compared the rest of what the stranger had to know.)
CREATE OR REPLACE FUNCTION hall.successor_create(new_id uuid, new_number text, kind text, old uuid[], code bytea, ticked jsonb, encrypted_form bytea,
                                                 begins jsonb, asked jsonb DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    s record;
    drafted text;
BEGIN
    SELECT * INTO s FROM successors(kind, my_project(), old[1:1], false);
    IF NOT s.own AND (code IS NULL OR code IS DISTINCT FROM s.unit_hash) THEN
        PERFORM refuse(422, '与这张证书登记的信息不符，请核对后重新输入。', '/code');
    END IF;
    UPDATE public_count SET n = n - 1 WHERE NOT s.own AND n > 0 AND day = current_date
       AND (public_count.kind, who) IN (('reissue', me()::text), ('reissue_certificate', s.certificate::text));
    PERFORM successor_check(kind, old, false);
    SELECT format('证书 %s 您已有一份%s草稿，请在“我的业务单”中继续填写。', c.serial, (SELECT name FROM business WHERE business.code = kind)) INTO drafted
      FROM succession x JOIN orders o ON o.id = x.order_id JOIN certificate c ON c.id = x.replaces
     WHERE x.replaces = ANY (old) AND o.business = kind AND o.account = me() AND o.project = my_project() AND o.state = 'draft'
     ORDER BY array_position(old, x.replaces) LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(409, drafted);
    END IF;
    PERFORM order_create(new_id, new_number, kind, NULL, ticked);
    UPDATE orders SET replaces = old[1], cert_type = s.cert_type, years = s.years, unit_hash = s.unit_hash, subject = s.subject,
           seal_wanted = s.seal_wanted AND (SELECT p.seal_mode FROM project p WHERE p.id = my_project()) <> 'never', -- the seal goes along
           published = (SELECT bool_and(coalesce(x.published, false)) FROM certificate c JOIN orders x ON x.id = c.order_id WHERE c.id = ANY (old)),
           form = encrypted_form,
           outlet = coalesce((SELECT x.outlet FROM project_outlet x WHERE x.project = s.project AND x.business = kind), outlet) WHERE id = new_id;
    IF cardinality(old) > 1 THEN
        INSERT INTO order_item SELECT new_id, a.item, a.cert_type, a.years, a.subject, a.style, a.seal_name, a.holder_hash, old[a.item] FROM items_asked(asked) a;
    END IF;
    IF s.own AND (extends(kind) OR alters(kind)) THEN
        PERFORM successor_keeps(new_id, begins, successor_filed(old));
    END IF;
    PERFORM note('certificate', c, jsonb_build_object(kind, new_id)) FROM unnest(old) c;
END $$;

-- The order whose form is on file about the certificates; of several forms the latest, with whose data an order for all of them begins.
CREATE OR REPLACE FUNCTION hall.successor_filed(old uuid[]) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT f.filed FROM certificate_filed f WHERE f.certificate = ANY (old) ORDER BY f.filed DESC LIMIT 1);
END $$;

-- What need not be proved again, for the account that has proved it: that stands as long as the data stay as they were (hall.order_save,
-- hall.papers_stale). The review looks at all of it anew, and sees what differs from the form that was on file.
CREATE OR REPLACE FUNCTION hall.successor_keeps(wanted uuid, begins jsonb, filed uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE phone text := (SELECT f.phone_state FROM orders f WHERE f.id = filed);
BEGIN
    UPDATE orders SET basis = filed, marks = begins, phone_state = CASE phone WHEN 'passed' THEN 'passed' ELSE phone_state END WHERE id = wanted;
    INSERT INTO order_history (order_id, event, text) SELECT wanted, 'save', '沿用原业务单的手机认证（经办人和手机号不变时有效）' WHERE phone = 'passed';
    PERFORM enqueue('paper_carry', 'paper_carry/' || wanted, wanted);
END $$;

-- The new certificate has the contents of the old one. (A form without years keeps the order's years: hall.order_becomes. Of several the
-- order has what its first item has, and hall.items_put compares them.)
CREATE OR REPLACE FUNCTION hall.successor_stands() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NEW.unit_hash IS DISTINCT FROM OLD.unit_hash
       OR (coalesce(NEW.years, OLD.years) IS DISTINCT FROM OLD.years AND NOT extends(NEW.business))
       OR ((NEW.replaces, NEW.cert_type) IS DISTINCT FROM (OLD.replaces, OLD.cert_type)
           AND NOT EXISTS (SELECT FROM order_item i WHERE i.order_id = NEW.id AND i.replaces = NEW.replaces)) THEN
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
    all_ order_item[] := items_of(NEW);
    i order_item;
    c certificate;
    why text;
BEGIN
    FOR i IN SELECT x.* FROM unnest(all_) x ORDER BY x.replaces LOOP -- in one order, so that two do not wait for each other
        SELECT * INTO c FROM certificate WHERE id = i.replaces FOR NO KEY UPDATE;
        why := successor_refusal(c, NEW.business, false);
        IF why IS NOT NULL AND cardinality(all_) > 1 THEN
            PERFORM refuse(409, format('证书 %s：%s请把它移出业务单后再提交。', c.serial, why), format('/form/items/%s', i.item - 1));
        ELSIF why IS NOT NULL THEN
            PERFORM refuse(409, why);
        ELSIF NEW.changes IS NOT NULL AND NEW.basis IS DISTINCT FROM on_file(c) THEN
            PERFORM refuse(409, '这张证书的登记信息在您填写期间已经变更，请取消这份草稿后重新办理。');
        END IF;
    END LOOP;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER orders_successor_submitted BEFORE UPDATE OF state ON hall.orders FOR EACH ROW
    WHEN (OLD.state = 'draft' AND NEW.state NOT IN ('draft', 'cancelled') AND NEW.replaces IS NOT NULL)
    EXECUTE FUNCTION hall.successor_submitted();

-- What an order replaces: each certificate with its successor, if that is there. `until` is the end of the new one: at most, as long as it
-- is not there; `refusal` why a draft cannot be handed in with it.
CREATE OR REPLACE FUNCTION hall.replaced_json(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE old uuid[] := ARRAY(SELECT i.replaces FROM items(o) i WHERE o.state = 'draft');
BEGIN
    RETURN (SELECT jsonb_build_object('extended', extends(o.business), 'ends_on', o.replaced_on, 'made', o.makes, 'changes', changes_json(o),
        'certificates', jsonb_agg(jsonb_build_object('item', i.item, 'serial', c.serial, 'type', coalesce(t.name, '数字证书'), 'subject', i.subject,
            'not_after', iso(c.not_after), 'state', certificate_shown(c.state, c.not_after), 'held_by', (holding(c)).way,
            'until', iso(coalesce(n.not_after, successor_end(o.business, c.id, i.years))), 'replaced_by', n.serial,
            'refusal', s.refusal) ORDER BY i.item))
              FROM items(o) i JOIN certificate c ON c.id = i.replaces LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = i.cert_type
              LEFT JOIN successors(o.business, o.project, old, false) s ON s.certificate = c.id
              LEFT JOIN LATERAL (SELECT x.serial, x.not_after FROM certificate x WHERE x.replaces = c.id AND x.order_id = o.id
                       AND x.state <> 'issuing' ORDER BY x.issued_at DESC LIMIT 1) n ON true);
END $$;

-- The certificates that a renewal lets go on and whose successors are there, so that they can go.
CREATE OR REPLACE FUNCTION hall.successor_goes(o hall.orders) RETURNS SETOF hall.certificate
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT c.* FROM succession s JOIN certificate c ON c.id = s.replaces
     WHERE s.order_id = o.id AND c.state IN ('valid', 'hold') AND c.not_after > now()
       AND EXISTS (SELECT FROM certificate n WHERE n.order_id = o.id AND n.replaces = c.id AND n.state = 'valid') ORDER BY c.id;
END $$;

-- The applicant of a renewal chooses the day on which the old certificates end; NULL, or one of them ends before: it runs out by itself.
CREATE OR REPLACE FUNCTION hall.successor_day(wanted uuid, seen int, day date) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted, seen);
    last_end timestamptz;
BEGIN
    PERFORM FROM certificate c WHERE c.id IN (SELECT i.replaces FROM items(o) i) ORDER BY c.id FOR NO KEY UPDATE;
    SELECT max(c.not_after) INTO last_end FROM items(o) i JOIN certificate c ON c.id = i.replaces WHERE c.state <> 'revoked';
    IF (state_of(o)).void OR NOT extends(o.business) OR o.replaces IS NULL THEN
        PERFORM refuse(409, '业务单目前不能选择原证书的停用日期。');
    ELSIF last_end IS NULL OR last_end <= now() THEN
        PERFORM refuse(409, '原证书已经失效。');
    ELSIF day <= current_date THEN
        PERFORM refuse(422, '请选择今天以后的日期。', '/on');
    ELSIF day > (last_end AT TIME ZONE 'Asia/Shanghai')::date THEN
        PERFORM refuse(422, '原证书在这一天之前就到期了，请选择更早的日期，或让它到期自然失效。', '/on');
    ELSIF day IS NOT DISTINCT FROM o.replaced_on THEN
        RETURN;
    END IF;
    UPDATE orders SET replaced_on = day, updated_at = now() WHERE id = o.id RETURNING * INTO o;
    INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'replaced_on', CASE WHEN day IS NULL THEN '原证书到期自然失效'
        ELSE format('原证书于 %s 停用', day) END);
    PERFORM successor_day_tell(o);
END $$;

-- Says three days before, and not before the new certificates are there, when the old ones end: once for each day that was chosen.
CREATE OR REPLACE FUNCTION hall.successor_day_tell(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE serials text[] := ARRAY(SELECT c.serial FROM successor_goes(o) c);
BEGIN
    IF o.replaced_on <= current_date + 3 AND serials <> '{}' THEN
        PERFORM tell(o.id, 'replacing', CASE person_of(o) WHEN 'natural' THEN 'holder' ELSE 'agent' END, o.replaced_on::text,
                     jsonb_build_object('serial', serials[1] || CASE WHEN cardinality(serials) > 1 THEN format(' 等 %s 张', cardinality(serials)) ELSE '' END,
                         'date', greatest(o.replaced_on, current_date + 1)::text, 'on', o.replaced_on::text));
    END IF;
END $$;

-- Each day: tells of the certificates that end by their holders' choice, and revokes those whose day has come, the day after the word at
-- the earliest.
CREATE OR REPLACE FUNCTION hall.successor_days() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    FOR o IN SELECT x.* FROM orders x WHERE x.replaced_on <= current_date + 3 AND EXISTS (SELECT FROM succession s JOIN certificate old ON old.id = s.replaces
               WHERE s.order_id = x.id AND old.state IN ('valid', 'hold') AND old.not_after > now()) ORDER BY x.id LOOP
        IF o.replaced_on <= current_date AND EXISTS (SELECT FROM message m
             WHERE m.order_id = o.id AND m.event = 'replacing' AND m.detail ->> 'on' = o.replaced_on::text AND m.created_at < current_date) THEN
            PERFORM FROM certificate x WHERE x.id IN (SELECT g.id FROM successor_goes(o) g) ORDER BY x.id FOR NO KEY UPDATE;
            INSERT INTO revocation (id, certificate, kind, reason, state, ended_at)
            SELECT gen_random_uuid(), g.id, 'revoke', 'superseded', 'done', now() FROM successor_goes(o) g;
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
        'opens_at', CASE WHEN (face -> 'published')::bool THEN iso(c.not_after - make_interval(days => p.renew_days)) END) END)::text;
END $$;
