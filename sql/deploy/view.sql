-- Deploy certhall:view to pg
-- An order as people see it: the label, the next step and the whole as JSON. All that is derived, is derived here once.
BEGIN;

CREATE FUNCTION hall.next_step(o hall.orders) RETURNS TABLE (step text, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT * FROM (
        SELECT CASE WHEN l.pointer LIKE '/materials%' THEN 'materials' ELSE substr(l.pointer, 2) END, l.text
          FROM order_lacks(o) l WHERE o.state = 'draft'
        UNION ALL SELECT 'payment', '确认无误后提交并支付。' WHERE o.state = 'draft'
        UNION ALL SELECT 'payment', '请尽快完成支付，7 天内未支付将自动取消。' WHERE o.state = 'unpaid'
        UNION ALL SELECT 'form', '请按驳回原因修改后重新提交，已支付的费用继续有效。' WHERE o.state = 'rejected'
        UNION ALL SELECT 'account', CASE o.finauth WHEN 'account_wanted' THEN '请填写单位对公账户，用于金融认证。'
                         ELSE '金融认证未成功，请核对并更正对公账户。' END
         WHERE o.finauth IN ('account_wanted', 'failed', 'returned') AND o.state IN ('in_review', 'rejected', 'approved')
        UNION ALL SELECT 'received', '收到快递后请确认签收。' WHERE o.state = 'shipped'
    ) s LIMIT 1 $$;

CREATE FUNCTION hall.order_label(o hall.orders) RETURNS TABLE (label text, tone text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(x.label, s.label), coalesce(x.tone, s.tone) FROM order_state s LEFT JOIN (VALUES
        ('failed', '金融认证失败', 'danger'), ('returned', '金融认证退票', 'danger'),
        ('account_wanted', '待填写对公账户', 'warning'), ('queued', '金融认证处理中', 'info'),
        ('sent', '已打款，待银行确认', 'info')) AS x(finauth, label, tone)
        ON x.finauth = o.finauth AND (o.state = 'approved' OR (o.state = 'in_review' AND o.finauth = 'account_wanted'))
     WHERE s.state = o.state $$;

CREATE FUNCTION hall.iso(t timestamptz) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT to_char(t AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD"T"HH24:MI:SS"+08:00"') $$;

CREATE FUNCTION hall.materials_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('code', w.code, 'name', w.name, 'needed', true,
               'state', coalesce(m.state, 'missing'), 'id', m.id, 'file_name', m.file_name, 'bytes', m.bytes, 'mime', m.mime,
               'uploaded_at', iso(m.uploaded_at), 'reason', m.reason) ORDER BY w.pos), '[]')
      FROM materials_wanted(o) w
      LEFT JOIN material m ON m.order_id = o.id AND m.code = w.code AND m.state <> 'replaced' $$;

-- What the applicant may do now.
CREATE FUNCTION hall.order_can(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT to_jsonb(array_remove(ARRAY[
        CASE WHEN o.state IN ('draft', 'rejected') THEN 'save' END,
        CASE WHEN o.state = 'unpaid' THEN 'edit' END,
        CASE WHEN o.state IN ('draft', 'unpaid') THEN 'cancel' END,
        CASE WHEN o.state = 'rejected' THEN 'resubmit' END,
        CASE WHEN o.form_complete THEN 'print' END,
        CASE WHEN o.state = 'shipped' THEN 'received' END,
        CASE WHEN o.finauth IN ('account_wanted', 'queued', 'failed', 'returned') AND o.state <> 'refunded'
              AND NOT EXISTS (SELECT FROM payout WHERE order_id = o.id AND state IN ('queued', 'sent')) THEN 'account' END], NULL)) $$;

CREATE FUNCTION hall.order_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object(
        'id', o.id, 'number', o.number, 'slug', p.slug, 'project_name', p.name, 'form_title', p.form_title,
        'business', o.business, 'version', o.version, 'state', o.state, 'label', l.label, 'tone', l.tone,
        'next', (SELECT jsonb_build_object('step', n.step, 'text', n.text) FROM next_step(o) n),
        'created_at', iso(o.created_at), 'updated_at', iso(o.updated_at), 'due_at', iso(o.due_at),
        'ship_due_at', iso(o.ship_due_at), 'cert_type', o.cert_type, 'cert_type_name', t.name, 'years', o.years,
        'seal_wanted', o.seal_wanted, 'subject', o.subject,
        'price', CASE WHEN coalesce(o.price, price_parts(o)) IS NOT NULL THEN jsonb_build_object(
            'total', (SELECT sum((x ->> 'fen')::int) FROM jsonb_array_elements(coalesce(o.price, price_parts(o))) x),
            'parts', coalesce(o.price, price_parts(o))) END,
        'gift', CASE WHEN o.gift IS NOT NULL THEN jsonb_build_object('name', o.gift, 'state', 'reserved') END,
        'form_complete', o.form_complete, 'printed', o.printed, 'materials', materials_json(o),
        'phone', jsonb_build_object('state', o.phone_state, 'person',
            CASE t.person WHEN 'natural' THEN 'applicant' ELSE 'handler' END, 'reason',
            (SELECT reason FROM identity i WHERE i.order_id = o.id ORDER BY created_at DESC LIMIT 1)),
        'payment', (SELECT jsonb_build_object('state', CASE o.paid WHEN 'zero' THEN 'paid' ELSE o.paid END, 'channel', y.channel,
            'paid_at', iso(y.paid_at), 'total', o.total) FROM (SELECT 1) one
            LEFT JOIN payment y ON y.order_id = o.id AND y.state IN ('waiting', 'paid')),
        'refund_due', (SELECT coalesce(sum(total), 0) FROM payment y WHERE y.order_id = o.id AND y.state = 'refund_due'),
        'finauth', jsonb_build_object('mode', CASE WHEN t.person = 'natural' THEN 'none' ELSE p.finauth END,
            'state', o.finauth, 'reason', o.finauth_text, 'account_asked', p.account_asked,
            'payouts', (SELECT count(*) FROM payout WHERE order_id = o.id), 'payouts_max', payouts_max()),
        'rejection', (SELECT jsonb_build_object('at', iso(r.at), 'reasons', r.reasons) FROM review r
            WHERE r.order_id = o.id AND o.state = 'rejected' ORDER BY r.id DESC LIMIT 1),
        'parcel', CASE WHEN o.tracking_no IS NOT NULL THEN jsonb_build_object('courier', o.courier,
            'tracking_no', o.tracking_no, 'shipped_at', iso(o.shipped_at)) END,
        'certificate', (SELECT jsonb_build_object('serial', c.serial, 'not_before', iso(c.not_before),
            'not_after', iso(c.not_after), 'subject', c.subject, 'algorithm', c.algorithm) FROM certificate c
            WHERE c.order_id = o.id AND c.state <> 'issuing' ORDER BY c.issued_at DESC LIMIT 1),
        'seal_note', CASE WHEN o.seal_wanted THEN '电子签章将在证书制作后另行制作，届时短信通知。' END,
        'can', order_can(o),
        'history', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', iso(h.at), 'text', h.text) ORDER BY h.id), '[]')
            FROM order_history h WHERE h.order_id = o.id))
      FROM project p CROSS JOIN order_label(o) l
      LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type
     WHERE p.id = o.project $$;

CREATE FUNCTION hall.order_row(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('id', o.id, 'number', o.number, 'slug', p.slug, 'project_name', p.name,
        'business', o.business, 'business_name', CASE o.business WHEN 'new' THEN '证书新办' ELSE o.business END,
        'subject', o.subject, 'cert_type_name', t.name, 'years', o.years, 'total', o.total, 'state', o.state,
        'label', l.label, 'tone', l.tone, 'created_at', iso(o.created_at), 'updated_at', iso(o.updated_at),
        'due_at', iso(CASE WHEN o.state IN ('accepted', 'produced') THEN o.ship_due_at ELSE o.due_at END),
        'overdue', coalesce(CASE o.state WHEN 'in_review' THEN o.due_at < now() WHEN 'accepted' THEN o.ship_due_at < now()
                                         WHEN 'produced' THEN o.ship_due_at < now() END, false),
        'next', (SELECT jsonb_build_object('step', n.step, 'text', n.text) FROM next_step(o) n))
      FROM project p CROSS JOIN order_label(o) l
      LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type
     WHERE p.id = o.project $$;

-- What a project asks for, as core/hall/form reads it.
CREATE FUNCTION hall.form_spec(wanted text) RETURNS text
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

-- The applicant's own order, with its sealed form.
CREATE FUNCTION hall.order_view(wanted uuid) RETURNS TABLE ("out" text, form bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT order_json(o)::text, o.form FROM orders o
     WHERE o.id = wanted AND o.account = me() AND o.project = my_project() AND my_kind() = 'account' $$;

-- Names of the codes that stand in forms: regions and opening branches.
CREATE FUNCTION hall.code_names(codes text[]) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(c, coalesce(region_name(c), (SELECT name FROM bank_branch WHERE cnaps = c))), '{}')::text
      FROM unnest(codes) c WHERE c <> '' $$;

-- What the hall's front page shows of its projects.
CREATE FUNCTION hall.projects_json() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('slug', slug, 'project_id', project_id, 'name', name, 'title', title,
               'intro', intro, 'business', business, 'login_ways', login_ways,
               'entry', '/' || slug || '/getLogin?projectId=' || project_id) ORDER BY name), '[]') FROM project WHERE open $$;

CREATE FUNCTION hall.steps_json(wanted uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_agg(jsonb_build_object('key', step, 'label', label) ORDER BY pos) FROM project_step WHERE project = wanted $$;

CREATE FUNCTION hall.project_face(wanted uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('slug', slug, 'project_id', project_id, 'name', name, 'title', title, 'form_title', form_title,
        'intro', intro, 'login_ways', login_ways, 'self_registration', self_registration, 'business', business,
        'hotline_text', hotline_text, 'steps', steps_json(id), 'links', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'label', l.label, 'url', l.url) ORDER BY l.pos), '[]') FROM project_link l WHERE l.project = id))
      FROM project WHERE id = wanted $$;

CREATE FUNCTION hall.account_face() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('id', id, 'phone', phone_mask) FROM account WHERE id = me() AND my_kind() = 'account' $$;

-- Everything that the pages of an application need to know of the project, but for the form itself.
CREATE FUNCTION hall.setup_json(wanted uuid) RETURNS jsonb
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

-- The applicant's orders of all projects, newest first.
CREATE FUNCTION hall.my_orders(wanted_state text, wanted_number text, page int, page_size int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH mine AS (SELECT o FROM orders o WHERE o.account = me() AND my_kind() = 'account'
                     AND (wanted_state IS NULL OR o.state = wanted_state)
                     AND (wanted_number IS NULL OR o.number LIKE '%' || wanted_number || '%'))
    SELECT jsonb_build_object('total', (SELECT count(*) FROM mine), 'page', page, 'page_size', page_size,
        'items', (SELECT coalesce(jsonb_agg(order_row(p.o)), '[]') FROM (
            SELECT o FROM mine ORDER BY (o).created_at DESC LIMIT page_size OFFSET (page - 1) * page_size) p))::text $$;

-- A paper of the applicant's own order.
CREATE FUNCTION hall.material_view(wanted uuid, wanted_code text)
RETURNS TABLE (id uuid, mime text, file_name text, file_key bytea, bytes int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT m.id, m.mime, m.file_name, m.file_key, m.bytes FROM material m JOIN orders o ON o.id = m.order_id
     WHERE o.id = wanted AND m.code = wanted_code AND m.state <> 'replaced' AND o.account = me()
       AND o.project = my_project() AND my_kind() = 'account' $$;

-- How far the phone is, for the PC that waits.
CREATE FUNCTION hall.identity_view(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('state', o.phone_state, 'step', i.step, 'reason', i.reason,
               'expired', coalesce(i.state = 'pending' AND i.expires_at < now(), false))::text
      FROM orders o LEFT JOIN LATERAL (SELECT * FROM identity x WHERE x.order_id = o.id AND x.state <> 'void'
           ORDER BY created_at DESC LIMIT 1) i ON true
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project() $$;

-- What the phone page needs: who is to be authenticated stands in the sealed form.
CREATE FUNCTION hall.identity_phone()
RETURNS TABLE (identity uuid, order_id uuid, form bytea, project_name text, person text, state text, step text, front bool,
               back bool, reason text, biz_token text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT i.id, o.id, o.form, p.name, person_of(o), i.state, i.step, i.front, i.back, i.reason, i.biz_token
      FROM identity i JOIN orders o ON o.id = i.order_id JOIN project p ON p.id = o.project
     WHERE i.id = me() AND my_kind() = 'link' AND i.state <> 'void' AND o.project = my_project() $$;

CREATE FUNCTION hall.payment_view(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('state', CASE o.paid WHEN 'zero' THEN 'paid' ELSE o.paid END, 'total', o.total,
               'channel', p.channel, 'paid_at', iso(p.paid_at), 'expires_at', iso(p.expires_at))::text
      FROM orders o LEFT JOIN payment p ON p.order_id = o.id AND p.state IN ('waiting', 'paid')
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project() $$;

CREATE FUNCTION hall.payment_notice_new(way text, notice text) RETURNS bool
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH i AS (INSERT INTO payment_notice (channel, id) VALUES (way, notice) ON CONFLICT DO NOTHING RETURNING 1)
    SELECT EXISTS (SELECT FROM i) $$;

CREATE FUNCTION hall.account_view(wanted uuid) RETURNS TABLE ("out" text, form bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('state', o.finauth, 'reason', o.finauth_text, 'mode', p.finauth,
               'account', CASE WHEN b.order_id IS NOT NULL THEN jsonb_build_object('name', b.name, 'branch', b.cnaps,
                   'branch_name', (SELECT name FROM bank_branch r WHERE r.cnaps = b.cnaps), 'account_no', b.masked) END,
               'payouts', (SELECT count(*) FROM payout y WHERE y.order_id = o.id), 'payouts_max', payouts_max())::text, o.form
      FROM orders o JOIN project p ON p.id = o.project LEFT JOIN bank_account b ON b.order_id = o.id
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project() $$;

-- Opening branches: those whose name holds every word, or with that number. Where there is none, for a typing error, the
-- likest names. (A sample of some hundred branches is searched as it lies; the whole list wants an index for the second part.)
CREATE FUNCTION hall.bank_search(words text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, public, pg_temp AS $$
    WITH exact AS (
        SELECT b FROM bank_branch b
         WHERE b.cnaps = trim(words)
            OR NOT EXISTS (SELECT FROM regexp_split_to_table(trim(words), '\s+') w WHERE position(w IN b.name) = 0)
         ORDER BY length(b.name), b.cnaps LIMIT 20),
    near AS (
        SELECT b FROM bank_branch b WHERE NOT EXISTS (SELECT FROM exact) AND word_similarity(words, b.name) > 0.15
         ORDER BY word_similarity(words, b.name) DESC, b.cnaps LIMIT 20)
    SELECT jsonb_build_object('banks', coalesce(jsonb_agg(jsonb_build_object('cnaps', (b).cnaps, 'name', (b).name,
               'bank', (b).bank)), '[]'))::text FROM (SELECT * FROM exact UNION ALL SELECT * FROM near) x $$;

COMMIT;
