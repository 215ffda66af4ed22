-- An order as its applicant sees it.

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
        'next', CASE WHEN m.step IS NOT NULL THEN jsonb_build_object('step', m.step, 'text', m.step_text) END)
      FROM project p CROSS JOIN order_label(o) l CROSS JOIN order_may(o) m JOIN business b ON b.code = o.business
      LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type
     WHERE p.id = o.project $$;

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
        'items', (SELECT coalesce(jsonb_agg(order_row(p.o) || jsonb_build_object('can', to_jsonb((order_may(p.o)).can),
                             'promise', promise(p.o)) ORDER BY (p.o).created_at DESC, (p.o).id), '[]')
            FROM (SELECT o FROM found ORDER BY (o).created_at DESC, (o).id LIMIT page_size OFFSET (page - 1) * page_size) p))::text $$;

-- All that has happened to an order, in words: its states, papers, money, parcel, messages.
CREATE OR REPLACE FUNCTION hall.order_course(o hall.orders) RETURNS TABLE (at timestamptz, kind text, text text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT h.at, 'state', h.text FROM order_history h WHERE h.order_id = o.id
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
      FROM message m LEFT JOIN message_name n USING (event) WHERE m.order_id = o.id;
END $$;

CREATE OR REPLACE FUNCTION hall.my_order_course(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('promise', promise(o), 'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', iso(c.at),
               'kind', c.kind, 'text', c.text) ORDER BY c.at), '[]') FROM order_course(o) c))::text
      FROM orders o WHERE o.id = wanted AND o.account = me() AND o.project = my_project() AND my_kind() = 'account');
END $$;

-- Renewal may be asked for in the last month before the end.
CREATE OR REPLACE FUNCTION hall.renewal(c hall.certificate) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.state = 'valid' AND c.not_after > now() THEN jsonb_build_object(
        'from', hall.iso(c.not_after - interval '1 month'), 'open', c.not_after - interval '1 month' <= now(),
        'days_left', ceil(extract(epoch FROM c.not_after - now()) / 86400)) END $$;
