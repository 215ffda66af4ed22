-- Exports of the whole signed log, for an auditor who checks it without our database (core/order/log_export.h).

-- Puts an export on record, and tells how far it goes. A caller who is no member of staff is certhall-admin, on the machine.
CREATE OR REPLACE FUNCTION hall.log_export_ask(new_id uuid, why bytea) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE newest bigint := (SELECT max(size) FROM log_head);
BEGIN
    IF newest IS NULL THEN
        PERFORM refuse(409, '日志还没有签名，请稍后再试。');
    END IF;
    INSERT INTO log_export (id, staff, reason, size) VALUES (new_id, CASE WHEN my_kind() = 'staff' THEN me() END, why, newest);
    IF my_kind() = 'staff' THEN
        PERFORM note('staff', me(), jsonb_build_object('log_export', new_id, 'size', newest));
    END IF;
    RETURN newest;
END $$;

-- The exports, the newest first: their ids grow with time. The caller decrypts the reason.
CREATE OR REPLACE FUNCTION hall.log_export_list(after uuid, most int) RETURNS TABLE (id uuid, "out" text, reason bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY SELECT x.id, jsonb_build_object('id', x.id, 'asked_at', iso(x.asked_at), 'asked_by', f.display_name, 'size', x.size)::text, x.reason
      FROM log_export x LEFT JOIN staff f ON f.id = x.staff
     WHERE log_export_list.after IS NULL OR x.id < log_export_list.after ORDER BY x.id DESC LIMIT most;
END $$;

-- How far an export goes; that it is fetched is on record.
CREATE OR REPLACE FUNCTION hall.log_export_open(wanted uuid) RETURNS TABLE (size bigint, day text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT x.size, to_char(x.asked_at AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD') FROM log_export x WHERE x.id = wanted;
    IF FOUND THEN
        PERFORM note('staff', me(), jsonb_build_object('read', 'log_export', 'id', wanted));
    END IF;
END $$;

-- A page of leaves from an index on, below `upto`, each with its row: nothing of it when the row is not there any more. `before` is the head
-- of the subject's row before, when that one was taken away.
CREATE OR REPLACE FUNCTION hall.log_export_rows(since bigint, upto bigint, most int)
RETURNS TABLE (leaf bigint, hash bytea, subject uuid, seq int, before bytea, head bytea, body text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT l.leaf, l.hash, a.subject, a.seq, b.head, a.head,
           audit_text(a.kind, a.subject, a.seq, a.at, a.actor, a.op, a.request, a.detail)
      FROM (SELECT * FROM log_leaf x WHERE x.leaf >= since AND x.leaf < upto ORDER BY x.leaf LIMIT most) l
      LEFT JOIN LATERAL (SELECT * FROM audit r WHERE r.at = l.at AND r.id = l.audit_id LIMIT 1) a ON true -- row by row: they are in one or two months
      LEFT JOIN audit_begins b ON b.subject = a.subject AND b.seq = a.seq - 1
     ORDER BY l.leaf;
END $$;

-- The signed heads after a size, in their order.
CREATE OR REPLACE FUNCTION hall.log_export_heads(after bigint, most int) RETURNS TABLE (size bigint, root bytea, signed_at text, signature bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT h.size, h.root, iso(h.at), h.signature FROM log_head h WHERE h.size > after ORDER BY h.size LIMIT most;
END $$;
