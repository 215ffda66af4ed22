-- Revert certhall:seal from pg
BEGIN;

DROP TRIGGER payment_limits ON hall.payment;
DROP TRIGGER orders_limits ON hall.orders;
DROP TRIGGER orders_a_counts ON hall.orders;
DROP FUNCTION hall.payment_limits, hall.order_limits, hall.order_counts, hall.limit_keep, hall.limit_lock, hall.items_held,
    hall.item_over, hall.certificate_alive, hall.annex_printed, hall.collection_ready, hall.product,
    hall.order_save(uuid, int, text, int, bool, bytea, bool, jsonb, bytea, text, text, jsonb);

CREATE OR REPLACE FUNCTION hall.order_create(new_id uuid, new_number text, kind text, seal bool, ticked jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p project;
BEGIN
    SELECT * INTO p FROM project WHERE id = my_project();
    IF p.id IS NULL OR NOT kind = ANY (p.business) OR NOT p.open THEN
        PERFORM refuse(404, '这个项目不办理此项业务。');
    ELSIF EXISTS (SELECT FROM project_agreement a WHERE a.project = p.id AND NOT EXISTS (
                  SELECT FROM jsonb_array_elements(ticked) t WHERE t ->> 'code' = a.code AND t ->> 'version' = a.version)) THEN
        PERFORM refuse(422, '请阅读并勾选全部协议后再继续。', '/agreements');
    ELSIF (SELECT count(*) FROM orders WHERE account = me() AND state = 'draft') >= 50 THEN
        PERFORM refuse(429, '您的草稿过多，请先完成或取消已有的业务单。');
    END IF;
    INSERT INTO orders (id, number, project, account, business, seal_wanted)
    VALUES (new_id, new_number, p.id, me(), kind,
            CASE p.seal_mode WHEN 'always' THEN true WHEN 'never' THEN false ELSE coalesce(seal, p.seal_default) END);
    INSERT INTO consent (order_id, account, code, version, sha256, address)
    SELECT new_id, me(), a.code, a.version, g.sha256, coalesce(known('address'), '')
      FROM project_agreement a JOIN agreement g USING (code, version) WHERE a.project = p.id;
    INSERT INTO order_history (order_id, event, text) VALUES (new_id, 'save', '新建业务单，同意相关协议');
END $$;

CREATE OR REPLACE FUNCTION hall.order_save(wanted uuid, seen int, type text, years_ int, seal bool, sealed_form bytea, complete bool,
                                new_marks jsonb, unit bytea, shown text) RETURNS void
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
        PERFORM refuse(422, '费用已支付，证书类型、年限和印章不能更改；如需更改，请申请退费后重新办理。', '/form/cert_type');
    ELSIF type IS NOT NULL AND NOT EXISTS (SELECT FROM project_type WHERE project = o.project AND cert_type = type) THEN
        PERFORM refuse(422, '请选择本项目提供的证书类型。', '/form/cert_type');
    ELSIF type IS NOT NULL AND years_ IS NOT NULL AND NOT EXISTS (
          SELECT FROM project_price WHERE project = o.project AND cert_type = type AND years = years_) THEN
        PERFORM refuse(422, '请选择本项目提供的年限。', '/form/years');
    END IF;
    IF print_changed THEN
        UPDATE material m SET state = 'stale', reason = '申请信息已更改，请重新打印、签字盖章后上传' FROM project_material s
         WHERE m.order_id = wanted AND m.state IN ('ok', 'rejected') AND s.project = o.project AND s.code = m.code
           AND s.of_form;
    END IF;
    IF phone_changed THEN
        UPDATE identity SET state = 'void' WHERE order_id = wanted AND state <> 'void';
    END IF;
    IF account_changed THEN
        DELETE FROM bank_account WHERE order_id = wanted;
    END IF;
    UPDATE orders SET cert_type = type, years = years_, form = sealed_form, form_complete = complete, marks = new_marks,
           seal_wanted = CASE p.seal_mode WHEN 'asked' THEN coalesce(seal, seal_wanted) ELSE seal_wanted END,
           unit_hash = unit, subject = shown, printed = printed AND NOT print_changed,
           phone_state = CASE WHEN phone_changed THEN 'none' ELSE phone_state END,
           finauth = CASE WHEN account_changed AND finauth IS NOT NULL THEN
                          CASE p.account_asked WHEN 'form' THEN 'queued' ELSE 'account_wanted' END ELSE finauth END,
           version = version + 1, updated_at = now()
     WHERE id = wanted;
END $$;

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

CREATE OR REPLACE FUNCTION hall.materials_wanted(o hall.orders) RETURNS SETOF hall.project_material
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT m FROM project_material m
     WHERE m.project = o.project AND (o.seal_wanted OR NOT m.with_seal)
       AND (m.cert_types IS NULL OR o.cert_type = ANY (m.cert_types)) ORDER BY m.pos $$;

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
    END IF;
    IF slot.of_form AND NOT o.printed THEN
        PERFORM refuse(409, '请先打印申请表，签字盖章后再上传扫描件。', '/print');
    END IF;
    RETURN slot;
END $$;

CREATE OR REPLACE FUNCTION hall.materials_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('code', w.code, 'name', w.name, 'needed', true,
               'state', coalesce(m.state, 'missing'), 'id', m.id, 'file_name', m.file_name, 'bytes', m.bytes, 'mime', m.mime,
               'uploaded_at', iso(m.uploaded_at), 'reason', m.reason, 'check', licence_json(m.id)) ORDER BY w.pos), '[]')
      FROM materials_wanted(o) w
      LEFT JOIN material m ON m.order_id = o.id AND m.code = w.code AND m.state <> 'replaced' $$;

CREATE OR REPLACE FUNCTION hall.order_items_json(o hall.orders) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT '{}'::jsonb $$;

CREATE OR REPLACE FUNCTION hall.form_spec(wanted text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('revision', p.revision,
        'fields', (SELECT coalesce(jsonb_agg(jsonb_build_object('field', f.field, 'required', f.required, 'hint', f.hint,
            'cert_types', f.cert_types, 'levels', f.levels)), '[]') FROM project_field f WHERE f.project = p.id),
        'types', (SELECT jsonb_agg(jsonb_build_object('code', t.cert_type, 'name', t.name, 'person', t.person,
            'medium', t.medium, 'years', (SELECT jsonb_agg(jsonb_build_object('years', y.years, 'total', y.total,
                'parts', y.parts) ORDER BY y.years) FROM (SELECT years, sum(fen) AS total,
                    jsonb_agg(jsonb_build_object('part', part, 'name', name, 'fen', fen, 'with_seal', with_seal)
                              ORDER BY part) AS parts FROM project_price
                    WHERE project = p.id AND cert_type = t.cert_type GROUP BY years) y)) ORDER BY t.pos)
            FROM project_type t WHERE t.project = p.id))::text
      FROM project p WHERE p.slug = wanted $$;

CREATE OR REPLACE FUNCTION hall.setup_json(wanted uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object(
        'agreements', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', g.code, 'title', g.title, 'version', g.version,
            'sha256', g.sha256, 'box', a.box, 'text', g.body) ORDER BY a.pos), '[]')
            FROM project_agreement a JOIN agreement g USING (code, version) WHERE a.project = p.id),
        'notices', '[]'::jsonb,
        'steps', steps_json(p.id),
        'seal', jsonb_build_object('mode', p.seal_mode, 'default', p.seal_default),
        'gifts', (SELECT coalesce(jsonb_agg(jsonb_build_object('years', years, 'needs_seal', needs_seal, 'name', name,
            'left', stock) ORDER BY years), '[]') FROM project_gift WHERE project = p.id),
        'gift_note', p.gift_note,
        'payment_ways', p.payment_ways,
        'materials', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'name', name, 'stamped', stamped,
            'colour', true, 'formats', formats, 'max_bytes', 2097152,
            'when_text', CASE WHEN with_seal THEN '办理电子签章时需要' ELSE '' END,
            'needed', jsonb_build_object('seal', CASE WHEN with_seal THEN true END, 'types', cert_types), 'note', note)
            ORDER BY pos), '[]') FROM project_material WHERE project = p.id))
      FROM project p WHERE p.id = wanted $$;

CALL hall.flow_grant('new');

DROP FUNCTION hall.items_put, hall.item_papers_follow, hall.items_on_offer, hall.items_asked, hall.papers_stale, hall.material_rule,
    hall.order_agreed, hall.notices;
ALTER TABLE hall.order_item DROP COLUMN holder_hash;
CREATE OR REPLACE FUNCTION hall.items(o hall.orders) RETURNS SETOF hall.order_item
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT * FROM order_item WHERE order_id = o.id
    UNION ALL
    SELECT o.id, 1, o.cert_type, o.years, o.subject, NULL, NULL
     WHERE o.cert_type IS NOT NULL AND NOT EXISTS (SELECT FROM order_item WHERE order_id = o.id) $$;
ALTER TABLE hall.project_material DROP COLUMN template, DROP COLUMN per_item;
ALTER TABLE hall.project_type DROP COLUMN most;
ALTER TABLE hall.orders DROP COLUMN mail_region, DROP COLUMN annex_printed, DROP COLUMN counts_from;
DELETE FROM hall.project_list WHERE member = 'notices';
DROP TABLE hall.project_notice;
DO $$
BEGIN
    EXECUTE 'DROP OWNED BY certhall_seal';
END $$;

COMMIT;
