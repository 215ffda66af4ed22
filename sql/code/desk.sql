-- Orders as staff see them.

-- An order that the calling member of staff may work on.
CREATE OR REPLACE FUNCTION hall.desk_order_locked(wanted uuid, seen int) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = desk_seen(wanted) AND my_kind() = 'staff' FOR NO KEY UPDATE;
    PERFORM order_as_seen(o, seen, '业务单已被他人处理');
    RETURN o;
END $$;

-- The orders that `looks` covers (hall.desk_reach): a queue by promised date, or all of them ("all"), newest first. `own`: the caller
-- is the CA's own producer; `theirs`: the states in which an outlet may see its orders. The query is planned for its arguments.
CREATE OR REPLACE FUNCTION hall.desk_found(looks hall.staff, own bool, theirs text[], wanted text, after text, most int)
RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    keys text[] := cursor_keys(after, 'timestamptz', 'uuid');
    after_at timestamptz := keys[1];
    after_id uuid := keys[2];
BEGIN
    IF wanted = 'all' THEN
        RETURN ARRAY(SELECT o.id FROM orders o WHERE looks.id IS NOT NULL AND o.state <> 'draft' AND (NOT own OR o.outlet IS NULL)
            AND (looks.outlet IS NULL OR o.outlet = looks.outlet AND (o.producer = looks.id OR o.state = ANY (theirs)))
            AND (after IS NULL OR (o.created_at, o.id) < (after_at, after_id))
          ORDER BY o.created_at DESC, o.id DESC LIMIT most);
    ELSE
        RETURN ARRAY(SELECT o.id FROM orders o WHERE looks.id IS NOT NULL AND o.queue = wanted AND (NOT own OR o.outlet IS NULL)
            AND (looks.outlet IS NULL OR o.outlet = looks.outlet AND (o.producer = looks.id OR o.state = ANY (theirs)))
            AND (after IS NULL OR (o.promised_at, o.id) > (after_at, after_id))
          ORDER BY o.promised_at, o.id LIMIT most);
    END IF;
END $$;

-- Orders as a list shows them, in the order of `ids`.
CREATE OR REPLACE FUNCTION hall.desk_rows(ids uuid[]) RETURNS TABLE (n bigint, id uuid, created_at timestamptz, promised_at timestamptz, item jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT i.n, o.id, o.created_at, o.promised_at, jsonb_build_object('id', o.id, 'number', o.number, 'slug', p.slug, 'project_name', p.name,
            'business', o.business, 'business_name', b.name, 'subject', o.subject, 'cert_type_name', t.name, 'years', o.years,
            'total', o.total, 'state', o.state, 'label', l.label, 'tone', l.tone, 'created_at', iso(o.created_at),
            'updated_at', iso(o.updated_at), 'due_at', iso(nullif(o.promised_at, 'infinity')),
            'overdue', s.clock IS NOT NULL AND o.promised_at < now(), 'taken_by', CASE WHEN s.in_production THEN f.display_name END, 'outlet', u.name)
      FROM unnest(ids) WITH ORDINALITY AS i(id, n) JOIN orders o ON o.id = i.id
      JOIN project p ON p.id = o.project JOIN business b ON b.code = o.business JOIN order_state s ON s.state = o.state
      JOIN order_standing l ON l.code = o.standing
      LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type
      LEFT JOIN staff f ON f.id = o.producer LEFT JOIN outlet u ON u.code = o.outlet;
END $$;

CREATE OR REPLACE FUNCTION hall.desk_orders(wanted text, after text, page_size int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    looks staff;
    own bool;
    theirs text[] := ARRAY(SELECT state FROM order_state s WHERE s.outlet);
    ids uuid[];
BEGIN
    SELECT * INTO looks FROM staff WHERE id = me() AND my_kind() = 'staff';
    own := looks.roles = '{producer}';
    ids := desk_found(looks, own, theirs, wanted, after, look_for(after, page_size));
    RETURN (SELECT page(jsonb_agg(r.item ORDER BY r.n),
        array_agg(cursor_of(CASE wanted WHEN 'all' THEN r.created_at ELSE r.promised_at END::text, r.id::text) ORDER BY r.n),
        page_size, after, cardinality(ids)) || jsonb_build_object('counts', desk_counts(looks, own, theirs))
      FROM desk_rows(ids[1 : page_size + 1]) r)::text;
END $$;

-- How many orders wait in each queue, or are late in it.
CREATE OR REPLACE FUNCTION hall.desk_counts(looks hall.staff, own bool, theirs text[], late bool DEFAULT false) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    counts jsonb := '{}';
    of_queue text;
    n int;
BEGIN
    FOREACH of_queue IN ARRAY ARRAY['review', 'payout', 'produce', 'ship'] LOOP
        SELECT count(*) INTO n FROM (SELECT FROM orders o WHERE looks.id IS NOT NULL AND o.queue = of_queue
            AND (NOT own OR o.outlet IS NULL) AND (NOT late OR o.promised_at < now())
            AND (looks.outlet IS NULL OR o.outlet = looks.outlet AND (o.producer = looks.id OR o.state = ANY (theirs)))
            LIMIT count_most()) x;
        counts := counts || jsonb_build_object(of_queue, n);
    END LOOP;
    RETURN counts;
END $$;

-- Records in the audit trail that somebody reads an order's encrypted form.
CREATE OR REPLACE FUNCTION hall.desk_reads(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM note('order', desk_seen(wanted), '{"read": "form"}');
END $$;

CREATE OR REPLACE FUNCTION hall.desk_paper(wanted uuid, wanted_code text, wanted_sheet int DEFAULT 1)
RETURNS TABLE (id uuid, mime text, file_name text, file_key bytea, bytes int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF my_kind() = 'staff' AND EXISTS (SELECT FROM orders o WHERE o.id = wanted AND o.state <> 'draft') THEN
        PERFORM note('order', wanted, jsonb_build_object('read', concat_ws('/', 'paper', wanted_code, nullif(wanted_sheet, 1))));
        RETURN QUERY SELECT m.id, m.mime, m.file_name, m.file_key, m.bytes FROM paper m
                      WHERE m.order_id = wanted AND m.code = wanted_code AND m.sheet = wanted_sheet AND m.state <> 'replaced';
    END IF;
END $$;

-- Returns the order's id, for statements of the desk that read more of it (modules/review, produce, finance, registry, office).
CREATE OR REPLACE FUNCTION hall.desk_seen(wanted uuid) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM desk_reach d WHERE d.id = wanted) THEN
        PERFORM refuse(404, '没有找到这个业务单。');
    END IF;
    RETURN wanted;
END $$;

-- ---- the workbench ----

-- What waits for the caller: the list to look into, a name, how many rows of it are meant, and of queues how many are late. Where all rows
-- of a list are meant, the number is the list's own.
CREATE OR REPLACE FUNCTION hall.desk_today() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    looks staff;
    has text[] := my_roles();
    theirs text[] := ARRAY(SELECT state FROM order_state s WHERE s.outlet);
    queues jsonb;
    late jsonb;
    tasks jsonb := '[]';
BEGIN
    SELECT * INTO looks FROM staff WHERE id = me() AND my_kind() = 'staff';
    IF has && '{reviewer,finance,producer,outlet}' THEN
        queues := desk_counts(looks, looks.roles = '{producer}', theirs);
        late := desk_counts(looks, looks.roles = '{producer}', theirs, true);
        tasks := (SELECT jsonb_agg(jsonb_build_object('list', 'queue', 'kind', q.code, 'name', q.name, 'count', queues -> q.code, 'late', late -> q.code) ORDER BY q.n)
                    FROM (VALUES (1, 'review', '待审核', '{reviewer}'::text[]), (2, 'payout', '待打款', '{finance}'), (3, 'produce', '待制证', '{producer,outlet}'),
                                 (4, 'ship', '待寄出', '{producer,outlet}')) q(n, code, name, roles) WHERE has && q.roles);
    END IF;
    IF has && '{producer,outlet}' THEN
        tasks := tasks || jsonb_build_object('list', 'queue', 'kind', 'produce', 'name', '我正在制作', 'late', NULL, 'count',
            (SELECT count(*) FROM (SELECT FROM orders o WHERE o.queue = 'produce' AND o.producer = looks.id LIMIT count_most()) x));
    END IF;
    IF has && '{outlet}' THEN
        tasks := tasks || jsonb_build_object('list', 'counter', 'kind', NULL, 'name', '今天到店核验', 'late', NULL, 'count',
            (SELECT count(*) FROM appointment a WHERE a.outlet = looks.outlet AND a.state = 'open' AND a.starts_at >= current_date AND a.starts_at < current_date + 1));
    END IF;
    IF has && '{reviewer,producer,outlet}' THEN
        tasks := tasks || jsonb_build_object('list', 'tray', 'kind', NULL, 'name', '待签清单', 'late', NULL, 'count', (SELECT count(*) FROM tray WHERE staff = looks.id));
    END IF;
    IF has && '{reviewer}' THEN
        tasks := tasks || jsonb_build_object('list', 'revocations', 'kind', NULL, 'name', '等待第二人确认的吊销与解冻', 'late', NULL, 'count',
            (SELECT count(*) FROM (SELECT FROM revocation WHERE state = 'asked' AND staff <> looks.id LIMIT count_most()) x));
    END IF;
    IF has && '{finance}' THEN
        tasks := tasks || (SELECT jsonb_agg(jsonb_build_object('list', 'money', 'kind', k ->> 'kind', 'name', k ->> 'name', 'late', NULL, 'count', k -> 'count'))
                             FROM jsonb_array_elements(money_counts()) k)
            || jsonb_build_object('list', 'payouts', 'kind', NULL, 'name', '需要跟进的打款', 'late', NULL, 'count', desk_payouts(NULL, 1)::jsonb -> 'total')
            || jsonb_build_object('list', 'invoices', 'kind', 'open', 'name', '需要处理的发票', 'late', NULL, 'count', invoices_json('open', NULL, NULL, NULL, 1)::jsonb -> 'total');
    END IF;
    IF has && '{auditor,admin}' THEN
        tasks := tasks || jsonb_build_object('list', 'outbox', 'kind', NULL, 'name', '没有做成的后台任务', 'late', NULL, 'count', outbox_stuck(NULL, 1)::jsonb -> 'total');
    END IF;
    RETURN jsonb_build_object('tasks', tasks)::text;
END $$;

-- Orders that the caller may see and that have what was typed, as `words` and, where it can be a number, as `digits`: a part of their number
-- or of the applicant's name, the telephone of their account, the unit's or person's number (both by keyed hash), the serial number of a
-- certificate, the number of a parcel or of a payment. Newest first, each with what was found in it. Who is found by telephone or number
-- is told in the order's trail. Each way is a statement of its own, planned for what was typed; whether the caller may see an order is asked
-- for each candidate (as a scalar, which is not turned into a join with all orders), and ends when there are enough.
CREATE OR REPLACE FUNCTION hall.desk_search(words text, digits text, phone bytea, unit bytea, person bytea, most int) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    found jsonb := '{}'; -- the ids by what they were found in
    ids uuid[];
    by_ text[];
BEGIN
    IF digits ~ '^[0-9]{18}$' THEN
        found := found || jsonb_build_object('业务单号', ARRAY(SELECT x.id FROM orders x WHERE x.number = digits));
    ELSIF digits ~ '^[0-9]{4,17}$' THEN
        found := found || jsonb_build_object('业务单号', ARRAY(SELECT x.id FROM orders x WHERE x.number LIKE holds(digits)
            AND (SELECT true FROM desk_read d WHERE d.id = x.id) ORDER BY x.created_at DESC, x.id DESC LIMIT most));
    END IF;
    IF length(words) > 1 THEN
        found := found || jsonb_build_object('名称', ARRAY(SELECT x.id FROM orders x
            WHERE bigrams(lower(x.subject)) @> bigrams(lower(words)) AND position(lower(words) IN lower(x.subject)) > 0
              AND (SELECT true FROM desk_read d WHERE d.id = x.id) ORDER BY x.created_at DESC, x.id DESC LIMIT most));
    END IF;
    IF phone IS NOT NULL THEN
        found := found || jsonb_build_object('账号手机', ARRAY(SELECT x.id FROM orders x WHERE x.account = (SELECT a.id FROM account a WHERE a.phone_hash = phone)
              AND (SELECT true FROM desk_read d WHERE d.id = x.id) ORDER BY x.created_at DESC, x.id DESC LIMIT most));
    END IF;
    IF coalesce(unit, person) IS NOT NULL THEN
        found := found || jsonb_build_object('证件号码', ARRAY(SELECT x.id FROM orders x WHERE x.unit_hash IN (unit, person)
              AND (SELECT true FROM desk_read d WHERE d.id = x.id) ORDER BY x.created_at DESC, x.id DESC LIMIT most));
    END IF;
    IF digits IS NOT NULL THEN
        found := found || jsonb_build_object('证书序列号', ARRAY(SELECT c.order_id FROM certificate c WHERE c.serial = digits AND c.state <> 'issuing'),
            '运单号', ARRAY(SELECT p.order_id FROM parcel p WHERE p.waybill = digits UNION SELECT x.id FROM orders x WHERE x.tracking_no = digits),
            '支付单号', ARRAY(SELECT y.order_id FROM payment y WHERE y.out_trade_no = digits UNION SELECT y.order_id FROM payment y WHERE y.transaction_id = digits));
    END IF;
    SELECT array_agg(h.id ORDER BY h.created_at DESC, h.id DESC), array_agg(h.by_ ORDER BY h.created_at DESC, h.id DESC) INTO ids, by_ FROM (
        SELECT o.id, o.created_at, string_agg(DISTINCT f.key, '、') AS by_
          FROM jsonb_each(found) f CROSS JOIN LATERAL jsonb_array_elements_text(f.value) i(id) JOIN orders o ON o.id = i.id::uuid
         WHERE (SELECT true FROM desk_read d WHERE d.id = o.id) GROUP BY o.id, o.created_at ORDER BY o.created_at DESC, o.id DESC LIMIT most) h;
    PERFORM note_all('order', ARRAY(SELECT u.id FROM unnest(ids, by_) u(id, b) WHERE u.b ~ '手机|证件'), '{"read": "found"}');
    PERFORM set_config('plan_cache_mode', 'auto', true); -- from here on the rows are shown in the same way for every search
    RETURN jsonb_build_object('items', (SELECT coalesce(jsonb_agg(r.item || jsonb_build_object('found_by', by_[r.n]) ORDER BY r.n), '[]') FROM desk_rows(ids) r),
                              'more', coalesce(cardinality(ids) = most, false))::text;
END $$;
