-- An order as its applicant sees it.

CREATE OR REPLACE FUNCTION hall.order_label(o hall.orders) RETURNS TABLE (label text, tone text)
LANGUAGE sql STABLE AS $$ SELECT s.label, s.tone FROM hall.order_standing s WHERE s.code = o.standing $$;

-- Whether the applicant has to do something for the proof of the account: type in a code, or give or correct the account.
CREATE OR REPLACE FUNCTION hall.account_waits(o hall.orders) RETURNS bool
LANGUAGE sql STABLE AS $$
    SELECT o.state = 'verifying' OR (o.state IN ('in_review', 'rejected', 'approved')
                                     AND o.finauth IN ('account_wanted', 'failed', 'returned')) $$;

-- The projects whose orders are in a list of the personal centre; NULL: the list does not depend on projects.
CREATE OR REPLACE FUNCTION hall.list_projects(in_list text) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE WHEN in_list <> 'authentication' THEN ARRAY(SELECT id FROM project p
        WHERE CASE in_list WHEN 'certificate' THEN p.own_list IS NULL ELSE p.slug = in_list AND p.own_list IS NOT NULL END) END;
END $$;

-- The lists of the personal centre: all applications, those that wait for the proof of the account, and the lists of projects that
-- have their own, if the applicant has orders there or is there now.
CREATE OR REPLACE FUNCTION hall.order_lists() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    mine uuid := CASE WHEN my_kind() = 'account' THEN me() END;
    applications uuid[] := list_projects('certificate');
BEGIN
    RETURN (SELECT jsonb_agg(jsonb_build_object('list', list, 'name', name, 'orders', n) ORDER BY pos, name) FROM (
        SELECT 1 AS pos, 'certificate' AS list, '证书申请' AS name, (SELECT count(*) FROM (SELECT FROM orders o
               WHERE o.account = mine AND o.project = ANY (applications) LIMIT count_most()) c) AS n
        UNION ALL SELECT 2, 'authentication', '在线认证', (SELECT count(*) FROM (SELECT FROM orders o
               WHERE o.account = mine AND account_waits(o) LIMIT count_most()) c)
        UNION ALL SELECT 3, p.slug, regexp_replace(p.own_list, '^我的业务单 *[-－—] *', ''), (SELECT count(*) FROM (SELECT FROM orders o
               WHERE o.account = mine AND o.project = p.id LIMIT count_most()) c)
          FROM project p WHERE p.own_list IS NOT NULL
           AND (p.id = my_project() OR EXISTS (SELECT FROM orders o WHERE o.account = mine AND o.project = p.id))) x
     WHERE mine IS NOT NULL);
END $$;

-- The labels that occur among the caller's orders.
CREATE OR REPLACE FUNCTION hall.my_labels(mine uuid, of_projects uuid[], waiting bool) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(DISTINCT s.label), '[]') FROM order_standing s
             WHERE EXISTS (SELECT FROM orders o WHERE o.account = mine AND o.standing = s.code
                              AND (of_projects IS NULL OR o.project = ANY (of_projects)) AND (NOT waiting OR account_waits(o))));
END $$;

-- The applicant's orders of a list, newest first. The query is planned for its arguments.
CREATE OR REPLACE FUNCTION hall.my_found(mine uuid, of_projects uuid[], waiting bool, wanted_label text, wanted_state text,
    wanted_number text, wanted_business text, words text, first_day date, last_day date, after text, most int) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    keys text[] := cursor_keys(after, 'timestamptz', 'uuid');
    after_at timestamptz := keys[1];
    after_id uuid := keys[2];
    standings text[] := CASE WHEN wanted_label IS NOT NULL
        THEN ARRAY(SELECT code FROM order_standing WHERE label = wanted_label) END;
BEGIN
    RETURN ARRAY(SELECT o.id FROM orders o WHERE o.account = mine
        AND (of_projects IS NULL OR o.project = ANY (of_projects)) AND (NOT waiting OR account_waits(o))
        AND (standings IS NULL OR o.standing = ANY (standings)) AND (wanted_state IS NULL OR o.state = wanted_state)
        AND (wanted_number IS NULL OR position(wanted_number IN o.number) > 0)
        AND (wanted_business IS NULL OR o.business = wanted_business)
        AND (words IS NULL OR position(lower(words) IN lower(o.subject)) > 0)
        AND (first_day IS NULL OR o.created_at >= first_day::timestamp AT TIME ZONE 'Asia/Shanghai')
        AND (last_day IS NULL OR o.created_at < (last_day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
        AND (after IS NULL OR (o.created_at, o.id) < (after_at, after_id))
      ORDER BY o.created_at DESC, o.id DESC LIMIT most);
END $$;

-- These orders with the actions that are possible for each, the labels that occur in the list, and the kinds of business. `in_list`
-- as in order_lists; NULL: all of them.
CREATE OR REPLACE FUNCTION hall.my_orders(in_list text, wanted_label text, wanted_state text, wanted_number text, wanted_business text,
                               words text, first_day date, last_day date, after text, page_size int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    mine uuid := CASE WHEN my_kind() = 'account' THEN me() END;
    waiting bool := coalesce(in_list = 'authentication', false);
    of_projects uuid[] := list_projects(in_list);
    ids uuid[] := my_found(mine, of_projects, waiting, wanted_label, wanted_state, wanted_number, wanted_business, words, first_day,
                           last_day, after, look_for(after, page_size));
BEGIN
    RETURN (SELECT page(jsonb_agg(jsonb_build_object('id', o.id, 'number', o.number, 'slug', p.slug, 'project_name', p.name,
            'business', o.business, 'business_name', b.name, 'subject', o.subject, 'cert_type_name', t.name, 'years', o.years,
            'total', o.total, 'state', o.state, 'label', l.label, 'tone', l.tone, 'created_at', iso(o.created_at),
            'updated_at', iso(o.updated_at), 'due_at', iso(nullif(o.promised_at, 'infinity')),
            'overdue', s.clock IS NOT NULL AND o.promised_at < now(),
            'next', CASE WHEN m.step IS NOT NULL THEN jsonb_build_object('step', m.step, 'text', m.step_text) END,
            'can', to_jsonb(m.can),
            'promise', promise(o)) ORDER BY i.n),
        array_agg(cursor_of(o.created_at::text, o.id::text) ORDER BY i.n), page_size, after, cardinality(ids))
        || jsonb_build_object('lists', order_lists(), 'labels', my_labels(mine, of_projects, waiting),
               'businesses', (SELECT jsonb_agg(jsonb_build_object('code', code, 'name', name) ORDER BY pos) FROM business))
      FROM unnest(ids[1 : page_size + 1]) WITH ORDINALITY AS i(id, n) JOIN orders o ON o.id = i.id CROSS JOIN LATERAL order_may(o) m
      JOIN project p ON p.id = o.project JOIN business b ON b.code = o.business JOIN order_state s ON s.state = o.state
      JOIN order_standing l ON l.code = o.standing
      LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type)::text;
END $$;

-- The whole history of an order, in words: its states, papers, money, parcel and messages.
CREATE OR REPLACE FUNCTION hall.order_course(o hall.orders) RETURNS TABLE (at timestamptz, kind text, text text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT h.at, 'state', h.text FROM order_history h WHERE h.order_id = o.id
    UNION ALL
    SELECT greatest(m.uploaded_at, o.created_at), 'paper', format(CASE WHEN m.carried IS NULL THEN '上传资料：%s' ELSE '沿用资料：%s' END, coalesce((SELECT w.name FROM project_paper w WHERE w.project = o.project
           AND w.code = m.code AND (w.businesses IS NULL OR o.business = ANY (w.businesses))), '附件')) FROM paper m WHERE m.order_id = o.id
    UNION ALL
    SELECT p.paid_at, 'money', format('%s %s 元已到账', c.name, yuan(p.total))
      FROM payment p JOIN payment_channel c ON c.code = p.channel WHERE p.order_id = o.id AND p.paid_at IS NOT NULL
    UNION ALL
    SELECT i.issued_at, 'money', format(CASE WHEN i.red_of IS NULL THEN '已开具电子发票 %s 元' ELSE '已开具红字发票 %s 元' END, yuan(i.total))
      FROM invoice i WHERE i.order_id = o.id AND i.issued_at IS NOT NULL
    UNION ALL
    SELECT (s ->> 'at')::timestamptz, 'parcel', concat_ws('：', nullif(s ->> 'place', ''), s ->> 'text')
      FROM parcel p, jsonb_array_elements(p.routes) s WHERE p.order_id = o.id AND s ->> 'at' IS NOT NULL
    UNION ALL
    SELECT coalesce(m.sent_at, m.created_at), 'message',
           format(CASE m.state WHEN 'queued' THEN '%s正在发送%s：%s%s' WHEN 'refused' THEN '%s未能发送%s：%s%s' ELSE '%s已发送%s：%s%s' END,
                  word('message_channel', m.channel), CASE m.recipient WHEN 'holder' THEN '给证书持有人' END, message_event_name(m.event),
                  CASE m.delivery WHEN 'delivered' THEN '，对方已收到' WHEN 'undelivered' THEN '，对方未收到' END)
      FROM message m WHERE m.order_id = o.id;
END $$;

CREATE OR REPLACE FUNCTION hall.my_order_course(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('items', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', iso(c.at),
               'kind', c.kind, 'text', c.text) ORDER BY c.at), '[]') FROM order_course(o) c))::text
      FROM orders o WHERE o.id = wanted AND o.account = me() AND o.project = my_project() AND my_kind() = 'account');
END $$;
