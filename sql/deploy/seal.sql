-- Deploy certhall:seal to pg
-- Electronic seals as a product: notices to acknowledge, limits across the orders of one unit, papers slot by slot, a
-- certificate annex. What of it other kinds of business share (notices, the mail region) is here as well.
BEGIN;

-- ---- notices ----

-- What has to be acknowledged (已知悉) before a draft: texts of hall.agreement, so that the version that was read is on record
-- in hall.consent like an agreement's. `business` NULL: whatever is applied for.
CREATE TABLE hall.project_notice (
    project  uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    pos      int NOT NULL,
    business text REFERENCES hall.business,
    code     text NOT NULL,
    version  text NOT NULL,
    PRIMARY KEY (project, pos),
    FOREIGN KEY (code, version) REFERENCES hall.agreement
);
INSERT INTO hall.project_list VALUES ('notices', 'hall.project_notice');

CREATE FUNCTION hall.notices(p uuid, kind text) RETURNS SETOF hall.project_notice
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT * FROM project_notice WHERE project = p AND (business IS NULL OR business = kind) ORDER BY pos $$;

-- Agreements and notices of a new draft, ticked as [{code, version}]: all of them, or it is refused; each is put on record.
-- Called by hall.order_create.
CREATE FUNCTION hall.order_agreed(wanted uuid, ticked jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    said text;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted;
    WITH asked AS (
        SELECT 1 AS rank, code, version, '请阅读并勾选全部协议后再继续。' AS lack FROM project_agreement WHERE project = o.project
        UNION ALL SELECT 2, code, version, '请阅读办理须知并确认已知悉。' FROM notices(o.project, o.business))
    SELECT lack INTO said FROM asked a WHERE NOT EXISTS (
        SELECT FROM jsonb_array_elements(ticked) t WHERE t ->> 'code' = a.code AND t ->> 'version' = a.version)
     ORDER BY rank LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, said, '/agreements');
    END IF;
    INSERT INTO consent (order_id, account, code, version, sha256, address)
    SELECT o.id, o.account, code, version, g.sha256, coalesce(known('address'), '')
      FROM (SELECT min(rank) AS rank, code, version
              FROM (SELECT pos AS rank, code, version FROM project_agreement WHERE project = o.project
                    UNION ALL SELECT 1000, code, version FROM notices(o.project, o.business)) x GROUP BY code, version) a
      JOIN agreement g USING (code, version) ORDER BY rank;
END $$;

-- As before; what was agreed to and acknowledged is hall.order_agreed's.
CREATE OR REPLACE FUNCTION hall.order_create(new_id uuid, new_number text, kind text, seal bool, ticked jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p project;
BEGIN
    SELECT * INTO p FROM project WHERE id = my_project();
    IF p.id IS NULL OR NOT kind = ANY (p.business) OR NOT p.open THEN
        PERFORM refuse(404, '这个项目不办理此项业务。');
    ELSIF (SELECT count(*) FROM orders WHERE account = me() AND state = 'draft') >= 50 THEN
        PERFORM refuse(429, '您的草稿过多，请先完成或取消已有的业务单。');
    END IF;
    INSERT INTO orders (id, number, project, account, business, seal_wanted)
    VALUES (new_id, new_number, p.id, me(), kind,
            CASE p.seal_mode WHEN 'always' THEN true WHEN 'never' THEN false ELSE coalesce(seal, p.seal_default) END);
    PERFORM order_agreed(new_id, ticked);
    INSERT INTO order_history (order_id, event, text) VALUES (new_id, 'save', '新建业务单，同意相关协议');
END $$;

-- ---- columns ----

-- Region of the parcel's address; change `post` matches the courier to it by a trigger.
ALTER TABLE hall.orders ADD COLUMN mail_region text;
-- The certificate annex (证书附页) as it is now was printed.
ALTER TABLE hall.orders ADD COLUMN annex_printed bool NOT NULL DEFAULT false;
-- Since when its items count against the limits of its unit: payment or voucher.
ALTER TABLE hall.orders ADD COLUMN counts_from timestamptz;
CREATE INDEX orders_counted ON hall.orders (project, unit_hash) WHERE counts_from IS NOT NULL;

-- How many certificates of a type one unit may hold in this project at a time; NULL: any number.
ALTER TABLE hall.project_type ADD COLUMN most int CHECK (most > 0);

-- A paper that the hall draws for the applicant: to print, to sign, to upload again.
ALTER TABLE hall.project_material ADD COLUMN template text CHECK (template IN ('form', 'annex', 'collection'));
-- One slot for each item of the types named; its code is followed by the item's number: holder_id-3.
ALTER TABLE hall.project_material ADD COLUMN per_item bool NOT NULL DEFAULT false;

-- Keyed hash of the number of the person that an item is for: papers stay with their person when items come and go.
ALTER TABLE hall.order_item ADD COLUMN holder_hash bytea;
-- As before, whatever columns the table has.
CREATE OR REPLACE FUNCTION hall.items(o hall.orders) RETURNS SETOF hall.order_item
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT * FROM order_item WHERE order_id = o.id
    UNION ALL
    SELECT (jsonb_populate_record(NULL::order_item, jsonb_build_object('order_id', o.id, 'item', 1, 'cert_type', o.cert_type,
               'years', o.years, 'subject', o.subject))).*
     WHERE o.cert_type IS NOT NULL AND NOT EXISTS (SELECT FROM order_item WHERE order_id = o.id) $$;

-- ---- papers ----

CREATE OR REPLACE FUNCTION hall.materials_wanted(o hall.orders) RETURNS SETOF hall.project_material
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH asked AS (
        SELECT m FROM project_material m WHERE m.project = o.project AND (o.seal_wanted OR NOT m.with_seal)),
    slot(paper, item) AS (
        SELECT m, 0 FROM asked WHERE NOT (m).per_item
           AND ((m).cert_types IS NULL OR EXISTS (SELECT FROM items(o) i WHERE i.cert_type = ANY ((m).cert_types)))
        UNION ALL
        SELECT jsonb_populate_record(m, jsonb_build_object('code', (m).code || '-' || i.item, 'name', format('%s（%s. %s）',
                   (m).name, row_number() OVER (PARTITION BY (m).code ORDER BY i.item), i.subject))), i.item
          FROM asked, items(o) i
         WHERE (m).per_item AND ((m).cert_types IS NULL OR i.cert_type = ANY ((m).cert_types)))
    SELECT (paper).* FROM slot ORDER BY (paper).pos, item $$;

-- The row of the set-up that a slot comes from.
CREATE FUNCTION hall.material_rule(o hall.orders, slot text) RETURNS SETOF hall.project_material
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT m FROM project_material m WHERE m.project = o.project
       AND CASE WHEN m.per_item THEN slot ~ ('^' || m.code || '-[0-9]+$') ELSE slot = m.code END $$;

CREATE OR REPLACE FUNCTION hall.material_slot(wanted uuid, wanted_code text) RETURNS hall.project_material
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    slot project_material;
BEGIN
    IF o.state NOT IN ('draft', 'rejected') THEN
        PERFORM refuse(409, '业务单已提交，资料不能再更改。');
    END IF;
    SELECT * INTO slot FROM materials_wanted(o) m WHERE m.code = wanted_code;
    IF NOT FOUND THEN
        PERFORM refuse(404, '这个业务单不需要此项资料。');
    ELSIF slot.template = 'annex' AND NOT o.annex_printed THEN
        PERFORM refuse(409, '请先打印证书附页，签字盖章后再上传扫描件。', '/print');
    ELSIF slot.of_form AND NOT o.printed THEN
        PERFORM refuse(409, '请先打印申请表，签字盖章后再上传扫描件。', '/print');
    END IF;
    RETURN slot;
END $$;

-- As before, with what a page needs to know of each slot.
CREATE OR REPLACE FUNCTION hall.materials_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('code', w.code, 'name', w.name, 'needed', true,
               'state', coalesce(m.state, 'missing'), 'id', m.id, 'file_name', m.file_name, 'bytes', m.bytes, 'mime', m.mime,
               'uploaded_at', iso(m.uploaded_at), 'reason', m.reason, 'check', licence_json(m.id), 'stamped', w.stamped,
               'formats', w.formats, 'note', w.note, 'template', w.template) ORDER BY w.pos, length(w.code), w.code), '[]')
      FROM materials_wanted(o) w
      LEFT JOIN material m ON m.order_id = o.id AND m.code = w.code AND m.state <> 'replaced' $$;

-- What a change of the form has made of the papers: scans of what the hall printed are stale.
CREATE FUNCTION hall.papers_stale(o hall.orders, new_marks jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE material m SET state = 'stale', reason = '申请信息已更改，请重新打印、签字盖章后上传'
     WHERE m.order_id = o.id AND m.state IN ('ok', 'rejected')
       AND EXISTS (SELECT FROM material_rule(o, m.code) s
                    WHERE (s.of_form AND form_changed(o, new_marks, 'print'))
                       OR (s.template = 'collection' AND form_changed(o, new_marks, 'stamp'))) $$;

-- ---- items ----

-- Items as the caller reads them out of the form: [{cert_type, years, subject, style, seal_name, holder_hash}].
CREATE FUNCTION hall.items_asked(asked jsonb)
RETURNS TABLE (item int, cert_type text, years int, subject text, style text, seal_name text, holder_hash bytea)
LANGUAGE sql IMMUTABLE AS $$
    SELECT n::int, x ->> 'cert_type', (x ->> 'years')::int, coalesce(x ->> 'subject', ''), x ->> 'style', x ->> 'seal_name',
           decode(x ->> 'holder_hash', 'hex')
      FROM jsonb_array_elements(coalesce(asked, '[]')) WITH ORDINALITY AS e(x, n) $$;

-- Every item must be on offer, and no more of a type than the project lets a unit have.
CREATE FUNCTION hall.items_on_offer(p uuid, asked jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE lack record;
BEGIN
    SELECT a.item - 1 AS at, t.name, t.most, y.years IS NOT NULL AS priced INTO lack
      FROM (SELECT *, row_number() OVER (PARTITION BY i.cert_type ORDER BY i.item) AS nth FROM items_asked(asked) i) a
      LEFT JOIN project_type t ON t.project = p AND t.cert_type = a.cert_type
      LEFT JOIN LATERAL (SELECT q.years FROM project_price q
                          WHERE q.project = p AND q.cert_type = a.cert_type AND q.years = a.years LIMIT 1) y ON true
     WHERE t.name IS NULL OR y.years IS NULL OR a.nth > t.most ORDER BY a.item LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    ELSIF lack.name IS NULL THEN
        PERFORM refuse(422, '请选择本项目提供的签章类型。', format('/form/items/%s/cert_type', lack.at));
    ELSIF NOT lack.priced THEN
        PERFORM refuse(422, '请选择本项目提供的年限。', format('/form/items/%s/years', lack.at));
    END IF;
    PERFORM refuse(422, format('“%s”最多可办理 %s 枚。', lack.name, lack.most), format('/form/items/%s', lack.at));
END $$;

-- Papers follow their persons to the items' new numbers; those of a person who is gone are gone. In two steps, since two
-- papers must not bear one code even for a moment.
CREATE FUNCTION hall.item_papers_follow(o hall.orders, asked jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    WITH was AS (SELECT item, who, row_number() OVER (PARTITION BY who ORDER BY item) AS nth
                   FROM (SELECT item, coalesce(encode(holder_hash, 'hex'), cert_type) FROM order_item
                          WHERE order_id = o.id) x(item, who)),
    becomes AS (SELECT item, who, row_number() OVER (PARTITION BY who ORDER BY item) AS nth
                  FROM (SELECT item, coalesce(encode(holder_hash, 'hex'), cert_type) FROM items_asked(asked)) x(item, who)),
    moved AS (SELECT m.id, s.code || '-~' || n.item AS code FROM material m CROSS JOIN material_rule(o, m.code) s
                JOIN was w ON m.code = s.code || '-' || w.item
                LEFT JOIN becomes n USING (who, nth)
               WHERE m.order_id = o.id AND m.state <> 'replaced' AND s.per_item AND n.item IS DISTINCT FROM w.item)
    UPDATE material m SET code = coalesce(v.code, m.code), state = CASE WHEN v.code IS NULL THEN 'replaced' ELSE m.state END
      FROM moved v WHERE v.id = m.id;
    UPDATE material SET code = replace(code, '-~', '-') WHERE order_id = o.id AND code LIKE '%-~%';
END $$;

CREATE FUNCTION hall.items_put(o hall.orders, asked jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM items_on_offer(o.project, asked);
    PERFORM item_papers_follow(o, asked);
    DELETE FROM order_item WHERE order_id = o.id AND item > jsonb_array_length(coalesce(asked, '[]'));
    INSERT INTO order_item (order_id, item, cert_type, years, subject, style, seal_name, holder_hash)
    SELECT o.id, a.* FROM items_asked(asked) a
    ON CONFLICT (order_id, item) DO UPDATE SET (cert_type, years, subject, style, seal_name, holder_hash) =
        (EXCLUDED.cert_type, EXCLUDED.years, EXCLUDED.subject, EXCLUDED.style, EXCLUDED.seal_name, EXCLUDED.holder_hash);
END $$;

CREATE OR REPLACE FUNCTION hall.order_items_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object(
        'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('item', i.item, 'cert_type', i.cert_type, 'name', t.name,
                             'years', i.years, 'subject', i.subject, 'style', i.style, 'seal_name', i.seal_name) ORDER BY i.item), '[]')
                    FROM order_item i LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = i.cert_type
                   WHERE i.order_id = o.id),
        'annex_printed', CASE WHEN EXISTS (SELECT FROM materials_wanted(o) WHERE template = 'annex') THEN o.annex_printed END) $$;

-- ---- limits ----

-- A certificate goes on in the one that was made in its place.
CREATE FUNCTION hall.certificate_alive(c hall.certificate) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT c.not_after > now() AND (c.state <> 'revoked' OR EXISTS (
        SELECT FROM orders r JOIN certificate n ON n.order_id = r.id WHERE r.replaces = c.id AND certificate_alive(n))) $$;

-- An item counts until all that was made of it has expired or been revoked.
CREATE FUNCTION hall.item_over(i hall.order_item) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(NOT bool_or(certificate_alive(c)), false) FROM certificate c
     WHERE c.order_id = i.order_id AND c.item = i.item $$;

-- What a unit holds of a type by its other orders that began to count before `instant`.
CREATE FUNCTION hall.items_held(o hall.orders, type text, instant timestamptz) RETURNS bigint
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT count(*) FROM orders other CROSS JOIN LATERAL items(other) i
     WHERE other.project = o.project AND other.unit_hash = o.unit_hash AND other.id <> o.id AND other.counts_from < instant
       AND other.state NOT IN ('cancelled', 'refunded') AND i.cert_type = type AND NOT item_over(i) $$;

-- Orders of one unit are held against its limits one after the other.
CREATE FUNCTION hall.limit_lock(o hall.orders) RETURNS void
LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('limit/' || o.project || '/' || encode(o.unit_hash, 'hex'), 0)) $$;

CREATE FUNCTION hall.limit_keep(o hall.orders, instant timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE over record;
BEGIN
    IF o.unit_hash IS NULL OR NOT EXISTS (SELECT FROM project_type WHERE project = o.project AND most IS NOT NULL) THEN
        RETURN;
    END IF;
    PERFORM limit_lock(o);
    SELECT t.name, t.most, items_held(o, t.cert_type, instant) AS held INTO over
      FROM project_type t JOIN items(o) i ON i.cert_type = t.cert_type
     WHERE t.project = o.project GROUP BY t.cert_type, t.name, t.most
    HAVING count(*) + items_held(o, t.cert_type, instant) > t.most LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(409, format('每个单位最多可持有 %s 枚“%s”，贵单位已有 %s 枚在办理或使用中。', over.most, over.name, over.held),
                       '/form/items');
    END IF;
END $$;

-- Money that has come is never refused: an order that pays too late counts after the others, and is held up at approval.
CREATE FUNCTION hall.order_counts() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NEW.paid NOT IN ('voucher', 'paid', 'zero') THEN
        NEW.counts_from := NULL;
    ELSIF NEW.counts_from IS NULL THEN
        IF NEW.unit_hash IS NOT NULL THEN
            PERFORM limit_lock(NEW);
        END IF;
        NEW.counts_from := clock_timestamp();
        IF NEW.paid = 'voucher' THEN
            PERFORM limit_keep(NEW, 'infinity');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_a_counts BEFORE UPDATE OF paid ON hall.orders
    FOR EACH ROW WHEN (NEW.paid <> OLD.paid) EXECUTE FUNCTION hall.order_counts();

CREATE FUNCTION hall.order_limits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM limit_keep(NEW, CASE NEW.state WHEN 'approved' THEN coalesce(NEW.counts_from, 'infinity') ELSE 'infinity' END);
    RETURN NULL;
END $$;
CREATE TRIGGER orders_limits AFTER UPDATE OF state ON hall.orders
    FOR EACH ROW WHEN ((OLD.state, NEW.state) IN (('draft', 'unpaid'), ('in_review', 'approved')))
    EXECUTE FUNCTION hall.order_limits();

-- Before anybody is asked for money.
CREATE FUNCTION hall.payment_limits() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM limit_keep(o, 'infinity') FROM orders o WHERE o.id = NEW.order_id AND o.state = 'unpaid';
    RETURN NEW;
END $$;
CREATE TRIGGER payment_limits BEFORE INSERT ON hall.payment FOR EACH ROW EXECUTE FUNCTION hall.payment_limits();

-- ---- the form ----

-- `type`, `years_`: of the order, or of its first item. `mail`: region of the parcel. `asked`: items, NULL where the form has none.
DROP FUNCTION hall.order_save(uuid, int, text, int, bool, bytea, bool, jsonb, bytea, text);
CREATE FUNCTION hall.order_save(wanted uuid, seen int, type text, years_ int, seal bool, sealed_form bytea, complete bool,
                                new_marks jsonb, unit bytea, shown text, mail text, asked jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted, seen);
    p project;
    print_changed bool := form_changed(o, new_marks, 'print');
    phone_changed bool := form_changed(o, new_marks, 'phone');
    account_changed bool := form_changed(o, new_marks, 'account');
BEGIN
    SELECT * INTO p FROM project WHERE id = o.project;
    IF o.state NOT IN ('draft', 'rejected') THEN
        PERFORM refuse(409, '业务单已提交，申请信息不能再更改。');
    ELSIF o.paid IN ('paid', 'zero') AND form_changed(o, new_marks, 'price') THEN
        PERFORM refuse(422, '费用已支付，证书类型、年限和印章不能更改；如需更改，请申请退费后重新办理。',
                       CASE WHEN asked IS NULL THEN '/form/cert_type' ELSE '/form/items' END);
    ELSIF type IS NOT NULL AND NOT EXISTS (SELECT FROM project_type WHERE project = o.project AND cert_type = type) THEN
        PERFORM refuse(422, '请选择本项目提供的证书类型。', '/form/cert_type');
    ELSIF asked IS NULL AND type IS NOT NULL AND years_ IS NOT NULL AND NOT EXISTS (
          SELECT FROM project_price WHERE project = o.project AND cert_type = type AND years = years_) THEN
        PERFORM refuse(422, '请选择本项目提供的年限。', '/form/years');
    END IF;
    PERFORM papers_stale(o, new_marks);
    PERFORM items_put(o, asked);
    IF phone_changed THEN
        UPDATE identity SET state = 'void' WHERE order_id = wanted AND state <> 'void';
    END IF;
    IF account_changed THEN
        DELETE FROM bank_account WHERE order_id = wanted;
    END IF;
    UPDATE orders SET cert_type = type, years = years_, form = sealed_form, form_complete = complete, marks = new_marks,
           seal_wanted = CASE p.seal_mode WHEN 'asked' THEN coalesce(seal, seal_wanted) ELSE seal_wanted END,
           unit_hash = unit, subject = shown, mail_region = mail,
           printed = printed AND NOT print_changed, annex_printed = annex_printed AND NOT print_changed,
           phone_state = CASE WHEN phone_changed THEN 'none' ELSE phone_state END,
           finauth = CASE WHEN account_changed AND finauth IS NOT NULL THEN
                          CASE p.account_asked WHEN 'form' THEN 'queued' ELSE 'account_wanted' END ELSE finauth END,
           version = version + 1, updated_at = now()
     WHERE id = wanted;
END $$;

-- The annex as it stands was handed out for printing.
CREATE FUNCTION hall.annex_printed(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted);
BEGIN
    IF NOT o.form_complete THEN
        PERFORM refuse(409, '请先填写完整申请信息，再打印证书附页。');
    END IF;
    UPDATE orders SET annex_printed = true WHERE id = wanted AND NOT annex_printed;
END $$;

-- What the collection form is drawn from is all there.
CREATE FUNCTION hall.collection_ready(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted);
BEGIN
    IF NOT o.form_complete THEN
        PERFORM refuse(409, '请先填写完整申请信息，再下载采集表。');
    END IF;
END $$;

-- As before, with the annex where one is wanted.
CREATE OR REPLACE FUNCTION hall.order_lacks(o hall.orders) RETURNS TABLE (pointer text, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT '/form', '请填写完整申请信息。' WHERE NOT o.form_complete
    UNION ALL SELECT '/print', '请打印申请表。' WHERE NOT o.printed
    UNION ALL SELECT '/print', '请打印证书附页。'
     WHERE NOT o.annex_printed AND EXISTS (SELECT FROM materials_wanted(o) WHERE template = 'annex')
    UNION ALL
    SELECT '/materials/' || w.code, format('请上传“%s”。', w.name) FROM materials_wanted(o) w
     WHERE NOT EXISTS (SELECT FROM material m WHERE m.order_id = o.id AND m.code = w.code AND m.state = 'ok')
    UNION ALL SELECT '/stamp', '请预览并确认电子印章的样式。'
     WHERE o.seal_wanted AND NOT EXISTS (SELECT FROM stamp_accepted(o))
    UNION ALL SELECT '/phone', '请完成手机身份认证。' WHERE o.phone_state <> 'passed' $$;

-- ---- the set-up ----

-- As before, with how many of a type a unit may have.
CREATE OR REPLACE FUNCTION hall.form_spec(wanted text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('revision', p.revision,
        'fields', (SELECT coalesce(jsonb_agg(jsonb_build_object('field', f.field, 'required', f.required, 'hint', f.hint,
            'cert_types', f.cert_types, 'levels', f.levels)), '[]') FROM project_field f WHERE f.project = p.id),
        'types', (SELECT jsonb_agg(jsonb_build_object('code', t.cert_type, 'name', t.name, 'person', t.person,
            'medium', t.medium, 'most', t.most, 'years', (SELECT jsonb_agg(jsonb_build_object('years', y.years,
                'total', y.total, 'parts', y.parts) ORDER BY y.years) FROM (SELECT years, sum(fen) AS total,
                    jsonb_agg(jsonb_build_object('part', part, 'name', name, 'fen', fen, 'with_seal', with_seal)
                              ORDER BY part) AS parts FROM project_price
                    WHERE project = p.id AND cert_type = t.cert_type GROUP BY years) y)) ORDER BY t.pos)
            FROM project_type t WHERE t.project = p.id))::text
      FROM project p WHERE p.slug = wanted $$;

-- As before, with notices (of the kind of business that asks), and with papers that the hall draws or asks item by item.
CREATE OR REPLACE FUNCTION hall.setup_json(wanted uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object(
        'agreements', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', g.code, 'title', g.title, 'version', g.version,
            'sha256', g.sha256, 'box', a.box, 'text', g.body) ORDER BY a.pos), '[]')
            FROM project_agreement a JOIN agreement g USING (code, version) WHERE a.project = p.id),
        'notices', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', g.code, 'title', g.title, 'version', g.version,
            'sha256', g.sha256, 'text', g.body) ORDER BY n.pos), '[]')
            FROM notices(p.id, split_part(known('op'), '.', 1)) n JOIN agreement g USING (code, version)),
        'steps', steps_json(p.id),
        'seal', jsonb_build_object('mode', p.seal_mode, 'default', p.seal_default),
        'gifts', (SELECT coalesce(jsonb_agg(jsonb_build_object('years', years, 'needs_seal', needs_seal, 'name', name,
            'left', stock) ORDER BY years), '[]') FROM project_gift WHERE project = p.id),
        'gift_note', p.gift_note,
        'payment_ways', p.payment_ways,
        'materials', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'name', name, 'stamped', stamped,
            'colour', true, 'formats', formats, 'max_bytes', 2097152,
            'when_text', CASE WHEN with_seal THEN '办理电子签章时需要' ELSE '' END,
            'needed', jsonb_build_object('seal', CASE WHEN with_seal THEN true END, 'types', cert_types), 'note', note,
            'template', template, 'per_item', per_item)
            ORDER BY pos), '[]') FROM project_material WHERE project = p.id))
      FROM project p WHERE p.id = wanted $$;

-- The project's offer as anybody may read it: what there is, what it costs, where help is.
CREATE FUNCTION hall.product(kind text) RETURNS TABLE ("out" text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT (project_face(p.id) || jsonb_build_object('types', form_spec(p.slug)::jsonb -> 'types',
               'entry', '/' || p.slug || '/getLogin?projectId=' || p.project_id))::text
      FROM project p WHERE p.id = my_project() AND p.open AND kind = ANY (p.business) $$;

-- ---- what the programs may do ----

DO $$ BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'certhall_seal') THEN
        CREATE ROLE certhall_seal LOGIN;
    END IF;
END $$;
GRANT USAGE ON SCHEMA hall TO certhall_seal;
CALL hall.flow_grant('new');
CALL hall.flow_grant('seal');
GRANT EXECUTE ON FUNCTION hall.annex_printed, hall.collection_ready, hall.product TO certhall_seal;

COMMIT;
