-- The counter of an outlet (到店核验): the clerk sees who has an appointment, and decides whether it is them.

-- The pictures that are taken: of the card, which is on file like a copy of it, and of the statement that the person signs. None is of a face.
CREATE OR REPLACE FUNCTION hall.counter_pictures() RETURNS TABLE (side text, name text)
LANGUAGE sql IMMUTABLE AS $$ VALUES ('front', '身份证人像面'), ('back', '身份证国徽面'), ('statement', '当面核验确认书') $$;

-- An appointment of today or later at the outlet of the calling member of staff.
CREATE OR REPLACE FUNCTION hall.counter_appointment(wanted uuid) RETURNS hall.appointment
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE a appointment;
BEGIN
    SELECT x.* INTO a FROM appointment x JOIN staff s ON s.id = me() AND my_kind() = 'staff' AND s.outlet = x.outlet
     WHERE x.id = wanted AND x.state <> 'cancelled' AND x.starts_at >= current_date;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这个预约。它可能属于其他网点，已被取消，或日期已过。');
    END IF;
    RETURN a;
END $$;

-- Why the caller cannot decide about it now; NULL: they can.
CREATE OR REPLACE FUNCTION hall.counter_why_not(a hall.appointment) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT CASE
        WHEN a.state <> 'open' THEN format('这个预约已经办结：%s。', word('appointment_state', a.state))
        WHEN a.starts_at >= current_date + 1 THEN format('预约日期是 %s，只能在当天核验。', to_char(a.starts_at AT TIME ZONE 'Asia/Shanghai', 'FMMM "月" FMDD "日"'))
        WHEN NOT (state_of(o)).editable OR i.state <> 'pending' OR i.way IS DISTINCT FROM 'outlet' THEN '这笔业务现在不需要当面核验，请刷新后再看。'
        WHEN EXISTS (SELECT FROM review r WHERE r.order_id = a.order_id AND r.staff = me()) THEN '您审核过这个业务单，不能再为它核验身份，请由同事办理。' END
      FROM orders o, identity i WHERE o.id = a.order_id AND i.id = a.identity);
END $$;

-- The appointment, locked with its order and its authentication, if the caller can decide about it now.
CREATE OR REPLACE FUNCTION hall.counter_open(wanted uuid) RETURNS hall.appointment
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    a appointment := counter_appointment(wanted);
    why text;
BEGIN
    PERFORM FROM orders WHERE id = a.order_id FOR NO KEY UPDATE;
    PERFORM FROM identity WHERE id = a.identity FOR NO KEY UPDATE;
    PERFORM FROM appointment WHERE id = wanted FOR NO KEY UPDATE;
    a := counter_appointment(wanted);
    why := counter_why_not(a);
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    END IF;
    RETURN a;
END $$;

-- The list from today on; the caller decrypts the form and shows a masked name. One more than a page tells that there is another page.
CREATE OR REPLACE FUNCTION hall.counter_list(after text, most int) RETURNS TABLE ("out" text, cursor text, order_id uuid, form bytea, role text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    keys text[] := cursor_keys(after, 'timestamptz', 'uuid');
    after_at timestamptz := keys[1];
    after_id uuid := keys[2];
BEGIN
    RETURN QUERY SELECT (appointment_json(a) || jsonb_build_object('today', a.starts_at < current_date + 1))::text, cursor_of(a.starts_at::text, a.id::text), o.id, o.form,
           identity_role(i, o)
      FROM staff s JOIN appointment a ON a.outlet = s.outlet AND a.state <> 'cancelled' AND a.starts_at >= current_date
      JOIN identity i ON i.id = a.identity JOIN orders o ON o.id = a.order_id
     WHERE s.id = me() AND my_kind() = 'staff' AND (after IS NULL OR (a.starts_at, a.id) > (after_at, after_id))
     ORDER BY a.starts_at, a.id LIMIT most;
END $$;

-- One appointment; that it was opened stands in the order's trail.
CREATE OR REPLACE FUNCTION hall.counter_read(wanted uuid) RETURNS TABLE ("out" text, order_id uuid, form bytea, role text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE a appointment := counter_appointment(wanted);
BEGIN
    PERFORM note('order', a.order_id, jsonb_build_object('read', 'appointment', 'id', a.id));
    RETURN QUERY SELECT (appointment_json(a) || jsonb_build_object('order_number', o.number, 'project_name', p.name, 'unit', nullif(o.subject, ''), 'why_not', counter_why_not(a),
               'reasons', choices('appointment_reason'), 'clerk', staff_name(a.staff), 'pictures', counter_taken(o.id)))::text,
           o.id, o.form, identity_role(i, o)
      FROM identity i, orders o, project p WHERE i.id = a.identity AND o.id = a.order_id AND p.id = o.project;
END $$;

-- Of all pictures of an order what is there of each.
CREATE OR REPLACE FUNCTION hall.counter_taken(of_order uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_agg(jsonb_build_object('side', c.side, 'name', c.name, 'id', m.id, 'file_name', m.file_name, 'mime', m.mime, 'bytes', m.bytes, 'uploaded_at', iso(m.uploaded_at))
                             ORDER BY array_position('{front,back,statement}', c.side))
      FROM counter_pictures() c LEFT JOIN paper m ON m.order_id = of_order AND m.code = 'counter.' || c.side AND m.state <> 'replaced');
END $$;

-- Whether a picture may be taken now. Nothing is locked; hall.counter_picture_put checks again.
CREATE OR REPLACE FUNCTION hall.counter_slot(wanted uuid, wanted_side text) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE why text := counter_why_not(counter_appointment(wanted));
BEGIN
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    ELSIF NOT EXISTS (SELECT FROM counter_pictures() WHERE side = wanted_side) THEN
        PERFORM refuse(404, '没有这种照片。');
    END IF;
END $$;

-- Keeps a picture as a paper of the order, in place of an earlier one.
CREATE OR REPLACE FUNCTION hall.counter_picture_put(new_id uuid, wanted uuid, wanted_side text, name text, type text, size int, hash bytea, encrypted_key bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    a appointment := counter_open(wanted);
    of_code text := 'counter.' || wanted_side;
BEGIN
    PERFORM counter_slot(wanted, wanted_side), file_in_time(new_id);
    UPDATE paper SET state = 'replaced' WHERE order_id = a.order_id AND code = of_code AND state <> 'replaced';
    INSERT INTO paper (id, order_id, code, file_name, mime, bytes, sha256, file_key) VALUES (new_id, a.order_id, of_code, name, type, size, hash, encrypted_key);
    PERFORM note('order', a.order_id, jsonb_build_object('paper', of_code, 'id', new_id, 'sha256', committed(a.order_id, 'sha256', encode(hash, 'hex'))));
END $$;

CREATE OR REPLACE FUNCTION hall.counter_picture(wanted uuid, wanted_side text) RETURNS TABLE (id uuid, mime text, file_name text, file_key bytea, bytes int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE a appointment := counter_appointment(wanted);
BEGIN
    PERFORM note('order', a.order_id, jsonb_build_object('read', 'paper/counter.' || wanted_side));
    RETURN QUERY SELECT m.id, m.mime, m.file_name, m.file_key, m.bytes FROM paper m
                  WHERE m.order_id = a.order_id AND m.code = 'counter.' || wanted_side AND m.state <> 'replaced';
END $$;

-- What the act of a decision says besides what the clerk has typed. `why` (NULL: passed) is the reason of a refusal.
CREATE OR REPLACE FUNCTION hall.counter_facts(wanted uuid, why text) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE a appointment := counter_open(wanted);
BEGIN
    RETURN QUERY SELECT f.* FROM orders o, outlet u, LATERAL (VALUES ('业务单', o.number), ('网点', format('%s %s', u.code, u.name)), ('预约号', a.number::text)) f
      WHERE o.id = a.order_id AND u.code = a.outlet;
    IF why IS NOT NULL THEN
        RETURN QUERY VALUES ('不通过的原因', counter_reason(why));
        RETURN;
    ELSIF (SELECT carrier FROM identity WHERE id = a.identity) IS NOT TRUE THEN
        PERFORM refuse(409, '手机号实名核验还没有结果，请过一会儿再试。');
    ELSIF EXISTS (SELECT FROM jsonb_array_elements(counter_taken(a.order_id)) p WHERE p ->> 'id' IS NULL) THEN
        PERFORM refuse(409, format('还缺少照片：%s。', (SELECT string_agg(p ->> 'name', '、') FROM jsonb_array_elements(counter_taken(a.order_id)) p WHERE p ->> 'id' IS NULL)));
    END IF;
    RETURN QUERY SELECT format('照片（%s）', c.name), encode(m.sha256, 'hex') FROM counter_pictures() c
       JOIN paper m ON m.order_id = a.order_id AND m.code = 'counter.' || c.side AND m.state <> 'replaced';
END $$;

CREATE OR REPLACE FUNCTION hall.counter_reason(why text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF word('appointment_reason', why) IS NULL THEN
        PERFORM refuse(422, '请选择不通过的原因。', '/reason');
    END IF;
    RETURN word('appointment_reason', why);
END $$;

-- Whom the card must be of, for the module to compare.
CREATE OR REPLACE FUNCTION hall.counter_form(wanted uuid) RETURNS TABLE (order_id uuid, form bytea, role text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE a appointment := counter_appointment(wanted);
BEGIN
    RETURN QUERY SELECT o.id, o.form, identity_role(i, o) FROM identity i, orders o WHERE i.id = a.identity AND o.id = a.order_id;
END $$;

-- Decides, under the act `signed`: the person is who the form says (`why` NULL), or not.
CREATE OR REPLACE FUNCTION hall.counter_decide(wanted uuid, why text, signed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    a appointment := counter_open(wanted);
    good bool := why IS NULL;
BEGIN
    PERFORM FROM counter_facts(wanted, why); -- refuses what must not be signed
    PERFORM act_keep(CASE WHEN good THEN 'pass_appointment' ELSE 'refuse_appointment' END, a.id, a.order_id, signed, 'order', a.order_id);
    UPDATE appointment SET (state, reason, staff, ended_at) = (CASE WHEN good THEN 'passed' ELSE 'refused' END, why, me(), now()) WHERE id = a.id;
    PERFORM note('order', a.order_id, jsonb_strip_nulls(jsonb_build_object('appointment', a.id, 'passed', good, 'reason', why, 'outlet', a.outlet)));
    PERFORM identity_result(a.identity, good, CASE WHEN NOT good THEN appointment_refused(why) END, 'outlet');
END $$;
