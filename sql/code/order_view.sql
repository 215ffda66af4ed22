-- An order as its applicant sees it.

-- What the applicant does next: the page's step, and a sentence. The page of the materials shows the seal's picture too.
CREATE OR REPLACE FUNCTION hall.next_step(o hall.orders) RETURNS TABLE (step text, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT * FROM (
        SELECT CASE WHEN l.pointer LIKE '/materials%' OR l.pointer = '/stamp' THEN 'materials' ELSE substr(l.pointer, 2) END, l.text
          FROM order_lacks(o) l WHERE o.state = 'draft'
        UNION ALL SELECT 'payment', '确认无误后提交并支付。' WHERE o.state = 'draft'
        UNION ALL SELECT 'payment', '请尽快完成支付，7 天内未支付将自动取消。' WHERE o.state = 'unpaid'
        UNION ALL SELECT 'form', '请按驳回原因修改后重新提交，已支付的费用继续有效。' WHERE o.state = 'rejected'
        UNION ALL SELECT * FROM finauth_step(o)
        UNION ALL SELECT 'received', '收到快递后请确认签收。' WHERE o.state = 'shipped'
    ) s LIMIT 1 $$;

CREATE OR REPLACE FUNCTION hall.order_label(o hall.orders) RETURNS TABLE (label text, tone text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(m.label, x.label, s.label), coalesce(m.tone, x.tone, s.tone) FROM order_state s
      LEFT JOIN (VALUES ('asked', '退费申请中', 'warning'), ('sending', '退费处理中', 'warning')) AS m(refund, label, tone)
        ON m.refund = o.refund AND o.state NOT IN ('refunded', 'cancelled')
      LEFT JOIN (VALUES
        ('failed', '金融认证失败', 'danger'), ('returned', '金融认证退票', 'danger'),
        ('account_wanted', '待填写对公账户', 'warning'), ('queued', '金融认证处理中', 'info'),
        ('sent', '已打款，待银行确认', 'info'), ('succeeded', '金融认证成功', 'warning')) AS x(finauth, label, tone)
        ON x.finauth = o.finauth AND (o.state = 'verifying'
            OR o.state = 'approved' AND (o.finauth <> 'succeeded' OR finauth_mode(o) = 'code')
            OR o.state = 'in_review' AND o.finauth IN ('account_wanted', 'failed', 'returned'))
     WHERE s.state = o.state $$;

CREATE OR REPLACE FUNCTION hall.order_row(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('id', o.id, 'number', o.number, 'slug', p.slug, 'project_name', p.name,
        'business', o.business, 'business_name', b.name,
        'subject', o.subject, 'cert_type_name', t.name, 'years', o.years, 'total', o.total, 'state', o.state,
        'label', l.label, 'tone', l.tone, 'created_at', iso(o.created_at), 'updated_at', iso(o.updated_at),
        'due_at', iso(CASE WHEN o.state IN ('accepted', 'produced') THEN o.ship_due_at ELSE o.due_at END),
        'overdue', coalesce(CASE o.state WHEN 'in_review' THEN o.due_at < now() WHEN 'accepted' THEN o.ship_due_at < now()
                                         WHEN 'produced' THEN o.ship_due_at < now() END, false),
        'next', (SELECT jsonb_build_object('step', n.step, 'text', n.text) FROM next_step(o) n))
      FROM project p CROSS JOIN order_label(o) l JOIN business b ON b.code = o.business
      LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type
     WHERE p.id = o.project $$;

-- The applicant's own order, with its sealed form.
CREATE OR REPLACE FUNCTION hall.order_view(wanted uuid) RETURNS TABLE ("out" text, form bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT order_json(o)::text, o.form FROM orders o
     WHERE o.id = wanted AND o.account = me() AND o.project = my_project() AND my_kind() = 'account' $$;

CREATE OR REPLACE FUNCTION hall.order_items_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object(
        'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('item', i.item, 'cert_type', i.cert_type, 'name', t.name,
                             'years', i.years, 'subject', i.subject, 'style', i.style, 'seal_name', i.seal_name) ORDER BY i.item), '[]')
                    FROM order_item i LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = i.cert_type
                   WHERE i.order_id = o.id),
        'annex_printed', CASE WHEN EXISTS (SELECT FROM materials_wanted(o) WHERE template = 'annex') THEN o.annex_printed END) $$;

CREATE OR REPLACE FUNCTION hall.order_base_json(o hall.orders) RETURNS jsonb
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

-- What the applicant may do now.
CREATE OR REPLACE FUNCTION hall.order_base_can(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT to_jsonb(array_remove(ARRAY[
        CASE WHEN o.state IN ('draft', 'rejected') THEN 'save' END,
        CASE WHEN o.state = 'unpaid' THEN 'edit' END,
        CASE WHEN o.state IN ('draft', 'unpaid') THEN 'cancel' END,
        CASE WHEN o.state = 'rejected' THEN 'resubmit' END,
        CASE WHEN o.form_complete THEN 'print' END,
        CASE WHEN o.state = 'shipped' THEN 'received' END,
        CASE WHEN account_changeable(o) AND (SELECT count(*) FROM payout WHERE order_id = o.id) < payouts_max() THEN 'account' END],
        NULL)) $$;

-- What the applicant may do now.
CREATE OR REPLACE FUNCTION hall.order_can(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT order_base_can(o) || to_jsonb(order_finauth_can(o) || order_money_can(o)) $$;

CREATE OR REPLACE FUNCTION hall.order_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT order_base_json(o) || order_items_json(o) || order_reissue_json(o) || order_finauth_json(o) || order_money_json(o)
           || order_parcel_json(o) || order_partner_json(o)
           || jsonb_build_object('can', order_can(o), 'business_name', (SELECT name FROM business WHERE code = o.business)) $$;

-- Whether the proof of the account is the person's to bring on: a code to type in, an account to name or to correct.
CREATE OR REPLACE FUNCTION hall.account_waits(o hall.orders) RETURNS bool
LANGUAGE sql STABLE AS $$
    SELECT o.state = 'verifying' OR (o.state IN ('in_review', 'rejected', 'approved')
                                     AND o.finauth IN ('account_wanted', 'failed', 'returned')) $$;

-- The lists of the personal centre: applications, what waits for the financial authentication, and those of projects that
-- have a list of their own, where the person has orders or is just now.
CREATE OR REPLACE FUNCTION hall.order_lists() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_agg(jsonb_build_object('list', list, 'name', name, 'orders', n) ORDER BY pos, name) FROM (
        SELECT 1 AS pos, 'certificate' AS list, '证书申请' AS name,
               (SELECT count(*) FROM orders o JOIN project p ON p.id = o.project WHERE o.account = me() AND p.own_list IS NULL) AS n
        UNION ALL SELECT 2, 'authentication', '在线认证',
               (SELECT count(*) FROM orders o WHERE o.account = me() AND coalesce(account_waits(o), false))
        UNION ALL SELECT 3, p.slug, regexp_replace(p.own_list, '^我的业务单 *[-－—] *', ''), (SELECT count(*) FROM orders o WHERE o.account = me() AND o.project = p.id)
          FROM project p WHERE p.own_list IS NOT NULL
           AND (p.id = my_project() OR EXISTS (SELECT FROM orders o WHERE o.account = me() AND o.project = p.id))) x
     WHERE my_kind() = 'account' $$;

-- The applicant's orders, newest first, with what may be done to each and the labels that there are in the list. `in_list`
-- as in order_lists; NULL: all of them.
CREATE OR REPLACE FUNCTION hall.my_orders(in_list text, wanted_label text, wanted_state text, wanted_number text, wanted_business text,
                               words text, first_day date, last_day date, page int, page_size int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH listed AS (
        SELECT o FROM orders o JOIN project p ON p.id = o.project WHERE o.account = me() AND my_kind() = 'account'
           AND CASE in_list WHEN 'certificate' THEN p.own_list IS NULL WHEN 'authentication' THEN coalesce(account_waits(o), false)
                    ELSE in_list IS NULL OR (p.slug = in_list AND p.own_list IS NOT NULL) END),
    found AS (
        SELECT o FROM listed l
         WHERE (wanted_state IS NULL OR (l.o).state = wanted_state)
           AND (wanted_number IS NULL OR position(wanted_number IN (l.o).number) > 0)
           AND (wanted_business IS NULL OR (l.o).business = wanted_business)
           AND (words IS NULL OR position(lower(words) IN lower((l.o).subject)) > 0)
           AND (first_day IS NULL OR (l.o).created_at >= first_day::timestamp AT TIME ZONE 'Asia/Shanghai')
           AND (last_day IS NULL OR (l.o).created_at < (last_day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
           AND (wanted_label IS NULL OR (SELECT label FROM order_label(l.o)) = wanted_label)),
    kinds AS (SELECT DISTINCT ON ((o).state, (o).finauth, (o).refund) o FROM listed)
    SELECT jsonb_build_object('total', (SELECT count(*) FROM found), 'page', page, 'page_size', page_size,
        'lists', order_lists(),
        'labels', (SELECT coalesce(jsonb_agg(DISTINCT n.label), '[]') FROM kinds k, order_label(k.o) n),
        'items', (SELECT coalesce(jsonb_agg(order_row(p.o) || jsonb_build_object('can', order_can(p.o),
                             'promise', promise(p.o)) ORDER BY (p.o).created_at DESC, (p.o).id), '[]')
            FROM (SELECT o FROM found ORDER BY (o).created_at DESC, (o).id LIMIT page_size OFFSET (page - 1) * page_size) p))::text $$;

-- All that has happened to an order, in words: its states, papers, money, parcel, messages.
CREATE OR REPLACE FUNCTION hall.order_course(o hall.orders) RETURNS TABLE (at timestamptz, kind text, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT h.at, 'state', h.text FROM order_history h WHERE h.order_id = o.id
    UNION ALL
    SELECT m.uploaded_at, 'paper', '上传资料：' || coalesce((SELECT w.name FROM project_material w WHERE w.project = o.project
           AND w.code = m.code), '附件') FROM material m WHERE m.order_id = o.id
    UNION ALL
    SELECT p.paid_at, 'money', format('%s %s 元已到账', CASE p.channel WHEN 'wechat' THEN '微信支付' WHEN 'alipay' THEN '支付宝支付'
           ELSE '对公转账' END, round(p.total / 100.0, 2)) FROM payment p WHERE p.order_id = o.id AND p.paid_at IS NOT NULL
    UNION ALL
    SELECT i.issued_at, 'money', CASE WHEN i.red_of IS NULL THEN '已开具电子发票 ' ELSE '已开具红字发票 ' END
           || round(i.total / 100.0, 2) || ' 元' FROM invoice i WHERE i.order_id = o.id AND i.issued_at IS NOT NULL
    UNION ALL
    SELECT (s ->> 'at')::timestamptz, 'parcel', concat_ws('：', nullif(s ->> 'place', ''), s ->> 'text')
      FROM parcel p, jsonb_array_elements(p.routes) s WHERE p.order_id = o.id AND s ->> 'at' IS NOT NULL
    UNION ALL
    SELECT coalesce(m.sent_at, m.created_at), 'message', CASE m.channel WHEN 'email' THEN '邮件' ELSE '短信' END
           || CASE m.state WHEN 'queued' THEN '正在发送' WHEN 'refused' THEN '未能发送' ELSE '已发送' END
           || CASE m.recipient WHEN 'holder' THEN '给证书持有人' ELSE '' END || '：' || coalesce(n.name, '业务通知')
           || CASE m.delivery WHEN 'delivered' THEN '，对方已收到' WHEN 'undelivered' THEN '，对方未收到' ELSE '' END
      FROM message m LEFT JOIN message_name n USING (event) WHERE m.order_id = o.id $$;

CREATE OR REPLACE FUNCTION hall.my_order_course(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('promise', promise(o), 'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', iso(c.at),
               'kind', c.kind, 'text', c.text) ORDER BY c.at), '[]') FROM order_course(o) c))::text
      FROM orders o WHERE o.id = wanted AND o.account = me() AND o.project = my_project() AND my_kind() = 'account' $$;

-- Renewal may be asked for in the last month before the end.
CREATE OR REPLACE FUNCTION hall.renewal(c hall.certificate) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.state = 'valid' AND c.not_after > now() THEN jsonb_build_object(
        'from', hall.iso(c.not_after - interval '1 month'), 'open', c.not_after - interval '1 month' <= now(),
        'days_left', ceil(extract(epoch FROM c.not_after - now()) / 86400)) END $$;

-- What of the promised date cannot be said yet, and what came with the partner's ticket and stays.
CREATE OR REPLACE FUNCTION hall.order_partner_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN o.locked = '{}' THEN '{}' ELSE
               jsonb_build_object('locked', (SELECT jsonb_agg(k ORDER BY k) FROM jsonb_object_keys(o.locked) k)) END
        || jsonb_build_object('due_note', CASE WHEN (o.state = 'in_review' AND o.due_at IS NULL) OR (o.state IN ('accepted', 'produced') AND o.ship_due_at IS NULL)
                         THEN '跨年节假日安排尚未公布，公布后告知办结日期。' END) $$;
