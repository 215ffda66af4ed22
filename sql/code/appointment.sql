-- Appointments at an outlet, where a person proves in person who they are (到网点当面核验). The counter is in counter.sql.

-- ---- when an outlet is open ----

-- Stores when an outlet takes appointments: "1-5 09:00-12:00 13:30-17:30, 6 09:00-12:00", days from Monday as 1.
CREATE OR REPLACE FUNCTION hall.outlet_hours_put(of_outlet text, hours text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    part text;
    m text[];
BEGIN
    DELETE FROM outlet_hours WHERE outlet = of_outlet;
    FOREACH part IN ARRAY regexp_split_to_array(hours, '\s*,\s*') LOOP
        m := regexp_match(part, '^([1-7])(?:-([1-7]))?((?: (?:[01][0-9]|2[0-3]):[03]0-(?:[01][0-9]|2[0-3]):[03]0)+)$');
        IF m IS NULL THEN
            PERFORM refuse(422, format('hours look like "1-5 09:00-12:00 13:30-17:30, 6 09:00-12:00", on half hours; "%s" does not', part), '/hours');
        END IF;
        INSERT INTO outlet_hours (outlet, weekday, opens, closes)
        SELECT of_outlet, d, split_part(s, '-', 1)::time, split_part(s, '-', 2)::time
          FROM generate_series(m[1]::int, coalesce(m[2], m[1])::int) d, regexp_split_to_table(ltrim(m[3]), ' ') s;
    END LOOP;
    IF EXISTS (SELECT FROM outlet_hours a JOIN outlet_hours b USING (outlet, weekday) WHERE a.outlet = of_outlet AND a.opens < b.opens AND b.opens < a.closes) THEN
        PERFORM refuse(422, 'the hours of a day overlap', '/hours');
    END IF;
EXCEPTION WHEN unique_violation OR check_violation THEN
    PERFORM refuse(422, 'the hours of a day end before they begin, or overlap', '/hours');
END $$;

-- The hours for people, days of equal hours together; NULL when there are none.
CREATE OR REPLACE FUNCTION hall.outlet_hours_words(of_outlet text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE names text[] := ARRAY['周一', '周二', '周三', '周四', '周五', '周六', '周日'];
BEGIN
    RETURN (WITH days AS (SELECT weekday, string_agg(to_char(opens, 'HH24:MI') || '–' || to_char(closes, 'HH24:MI'), '、' ORDER BY opens) AS spans
                            FROM outlet_hours WHERE outlet = of_outlet GROUP BY weekday),
    alike AS (SELECT min(weekday) AS first, max(weekday) AS last, count(*) AS n, string_agg(names[weekday], '、' ORDER BY weekday) AS listed, spans FROM days GROUP BY spans)
    SELECT string_agg(CASE WHEN n > 2 AND last - first + 1 = n THEN names[first] || '至' || names[last] ELSE listed END || ' ' || spans, '；' ORDER BY first) FROM alike);
END $$;

-- The days on which there are appointments: today and the next ten working days, but none of a year that the calendar does not have.
CREATE OR REPLACE FUNCTION hall.appointment_days() RETURNS SETOF date
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    d date := current_date;
    counted int := 0;
BEGIN
    WHILE counted <= 10 AND EXISTS (SELECT FROM calendar WHERE extract(year FROM day) = extract(year FROM d)) LOOP
        RETURN NEXT d;
        counted := counted + (d = current_date OR is_working_day(d))::int;
        d := d + 1;
    END LOOP;
END $$;

-- The half hours of an outlet that have not begun, and how many people each has room for. A public holiday has none.
CREATE OR REPLACE FUNCTION hall.appointment_slots(of_outlet text) RETURNS TABLE (at timestamptz, free int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT s.at, greatest(0, o.seats - (SELECT count(*) FROM appointment a WHERE a.outlet = o.code AND a.starts_at = s.at AND a.state <> 'cancelled'))::int
      FROM outlet o CROSS JOIN appointment_days() d JOIN outlet_hours h ON h.outlet = o.code AND h.weekday = extract(isodow FROM d)
     CROSS JOIN LATERAL (SELECT x AT TIME ZONE 'Asia/Shanghai' AS at FROM generate_series(d + h.opens, d + h.closes - interval '30 minutes', '30 minutes') x) s
     WHERE o.code = of_outlet AND o.seats > 0 AND s.at > now() AND coalesce((SELECT c.working FROM calendar c WHERE c.day = d), true)
     ORDER BY s.at;
END $$;

-- ---- the person ----

-- The authentication that an appointment is about, locked with its order: that of the link (`wanted` NULL), or that of the caller's order.
CREATE OR REPLACE FUNCTION hall.appointment_identity(wanted uuid) RETURNS hall.identity
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    i identity;
    o orders;
BEGIN
    IF wanted IS NULL THEN
        PERFORM FROM orders WHERE id = (SELECT order_id FROM link_identity) FOR NO KEY UPDATE;
        i := my_identity();
        SELECT * INTO o FROM orders WHERE id = i.order_id;
    ELSE
        o := my_order(wanted);
        SELECT * INTO i FROM identity WHERE order_id = wanted AND purpose = 'phone' AND state <> 'void' ORDER BY created_at DESC LIMIT 1 FOR NO KEY UPDATE;
    END IF;
    IF i.id IS NULL OR NOT (state_of(o)).editable THEN
        PERFORM refuse(409, '现在不能预约。请回到业务单的手机认证步骤，重新开始认证后再预约。');
    ELSIF i.state = 'passed' THEN
        PERFORM refuse(409, '认证已经通过，无需预约。');
    ELSIF NOT EXISTS (SELECT FROM identity_way w WHERE w.code = 'outlet' AND i.purpose = ANY (w.purposes)) THEN
        PERFORM refuse(409, '这里不提供这种认证方式，请另选一种。');
    ELSIF NOT i.carrier THEN
        PERFORM refuse(422, i.reason);
    END IF;
    RETURN i;
END $$;

-- A message about an appointment, to whom it is about.
CREATE OR REPLACE FUNCTION hall.appointment_tell(a hall.appointment, what text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM tell(o.id, what, CASE person_of(o) WHEN 'natural' THEN 'holder' ELSE 'agent' END, format('%s/%s/%s', a.id, a.outlet, extract(epoch FROM a.starts_at)),
                 jsonb_build_object('number', a.number::text, 'outlet', u.name, 'place', u.place, 'time', to_char(a.starts_at AT TIME ZONE 'Asia/Shanghai', 'FMMM "月" FMDD "日" HH24:MI')))
      FROM orders o, outlet u WHERE o.id = a.order_id AND u.code = a.outlet;
END $$;

-- Makes the appointment, or moves the one that there is. The outlet is locked while a seat is chosen. The link lives until the day is over,
-- and the carrier is asked as for every phone authentication.
CREATE OR REPLACE FUNCTION hall.appointment_put(new_id uuid, wanted uuid, of_outlet text, wanted_at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    i identity := appointment_identity(wanted);
    room int;
    was appointment;
    a appointment;
    free_seat int;
    ends timestamptz := (wanted_at AT TIME ZONE 'Asia/Shanghai')::date + 1;
BEGIN
    SELECT * INTO was FROM appointment WHERE identity = i.id AND state = 'open' FOR NO KEY UPDATE;
    SELECT seats INTO room FROM outlet WHERE code = of_outlet AND seats > 0 FOR NO KEY UPDATE;
    IF was.starts_at <= now() THEN
        PERFORM refuse(409, '预约的时间已到，不能再改期。请按时到店；没有到店的，预约在当天结束后失效。');
    ELSIF room IS NULL THEN
        PERFORM refuse(422, '这个网点不接受预约，请选择其他网点。', '/outlet');
    ELSIF NOT EXISTS (SELECT FROM appointment_slots(of_outlet) s WHERE s.at = wanted_at) THEN
        PERFORM refuse(422, '请选择网点开放预约的时段。', '/at');
    ELSIF (SELECT count(*) FROM audit t WHERE t.subject = i.order_id AND t.at > now() - interval '1 day' AND t.detail ? 'appointment') >= 20 THEN
        PERFORM refuse(429, '今天预约和改期的次数过多，请明天再试。');
    END IF;
    SELECT min(n) INTO free_seat FROM generate_series(1, room) n WHERE NOT EXISTS (SELECT FROM appointment x
           WHERE x.outlet = of_outlet AND x.starts_at = wanted_at AND x.seat = n AND x.state <> 'cancelled' AND x.id IS DISTINCT FROM was.id);
    IF free_seat IS NULL THEN
        PERFORM refuse(409, '这个时段刚刚约满，请选择其他时段。', '/at');
    END IF;
    IF was.id IS NULL THEN
        INSERT INTO appointment (id, identity, order_id, outlet, starts_at, seat) VALUES (new_id, i.id, i.order_id, of_outlet, wanted_at, free_seat) RETURNING * INTO a;
    ELSE
        UPDATE appointment SET (outlet, starts_at, seat) = (of_outlet, wanted_at, free_seat) WHERE id = was.id RETURNING * INTO a;
    END IF;
    PERFORM identity_goes(i, 'outlet');
    UPDATE identity SET expires_at = ends WHERE id = i.id;
    UPDATE link SET expires_at = ends WHERE purpose = 'phone' AND subject = i.id;
    PERFORM identity_note(i, jsonb_build_object('appointment', a.id, 'outlet', a.outlet, 'at', iso(a.starts_at)));
    PERFORM enqueue('carrier', 'carrier/' || i.id, i.id) WHERE i.carrier IS NULL;
    PERFORM enqueue('appointment_end', format('appointment_end/%s/%s', a.id, ends), a.id, ends - now()), appointment_tell(a, 'appointment');
END $$;

-- Cancels what has not begun; the person may go on by another way with the same link.
CREATE OR REPLACE FUNCTION hall.appointment_cancel(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    i identity := appointment_identity(wanted);
    a appointment;
BEGIN
    SELECT * INTO a FROM appointment WHERE identity = i.id AND state = 'open' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有可以取消的预约，请刷新页面。');
    ELSIF a.starts_at <= now() THEN
        PERFORM refuse(409, '预约的时间已到，不能再取消。没有到店的，预约在当天结束后失效。');
    END IF;
    UPDATE identity SET way = NULL, step = 'opened', expires_at = now() + interval '30 minutes' WHERE id = i.id;
    UPDATE link SET expires_at = now() + interval '30 minutes' WHERE purpose = 'phone' AND subject = i.id;
END $$;

-- An authentication that goes on another way, has failed or is void needs no appointment; what the counter has taken pictures of goes with an
-- authentication that is void.
CREATE OR REPLACE FUNCTION hall.appointment_follows() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE a appointment;
BEGIN
    UPDATE appointment SET state = 'cancelled', ended_at = now() WHERE identity = NEW.id AND state = 'open' RETURNING * INTO a;
    IF FOUND THEN
        PERFORM identity_note(NEW, jsonb_build_object('appointment', a.id, 'cancelled', true)), appointment_tell(a, 'appointment_cancelled');
    END IF;
    UPDATE paper SET state = 'replaced' WHERE NEW.state = 'void' AND order_id = NEW.order_id AND code LIKE 'counter.%' AND state <> 'replaced';
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER appointment_follows AFTER UPDATE OF state, way ON hall.identity FOR EACH ROW
    WHEN (OLD.way = 'outlet' AND (NEW.way IS DISTINCT FROM 'outlet' OR NEW.state <> 'pending')) EXECUTE FUNCTION hall.appointment_follows();

-- An order that has ended needs no appointment.
CREATE OR REPLACE FUNCTION hall.appointments_end(of_order uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE identity SET state = 'void' WHERE order_id = of_order AND way = 'outlet' AND state = 'pending';
END $$;

-- The day is over and nobody has come.
CREATE OR REPLACE FUNCTION hall.appointment_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE a appointment;
BEGIN
    PERFORM FROM orders WHERE id = (SELECT order_id FROM appointment WHERE id = wanted) FOR NO KEY UPDATE;
    UPDATE appointment SET state = 'missed', ended_at = now() WHERE id = wanted AND state = 'open' AND starts_at < current_date RETURNING * INTO a;
    IF FOUND THEN
        PERFORM identity_result(a.identity, false, '您没有在预约当天到店，预约已失效。请重新预约，或选择其他认证方式。', 'outlet'), appointment_tell(a, 'appointment_missed');
    END IF;
END $$;

-- An appointment as its person and the counter see it.
CREATE OR REPLACE FUNCTION hall.appointment_json(a hall.appointment) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', a.id, 'number', a.number::text, 'outlet', a.outlet, 'outlet_name', u.name, 'place', u.place, 'phone', u.phone,
               'at', iso(a.starts_at), 'state', a.state, 'state_name', word('appointment_state', a.state), 'reason_name', word('appointment_reason', a.reason),
               'begun', a.starts_at <= now()) FROM outlet u WHERE u.code = a.outlet);
END $$;

-- What the page needs to choose, and the appointment that there is. `of_outlet`: whose half hours are wanted.
CREATE OR REPLACE FUNCTION hall.my_appointment(wanted uuid, of_outlet text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = CASE WHEN wanted IS NULL THEN (SELECT order_id FROM link_identity WHERE purpose = 'phone') ELSE (order_mine(wanted)).id END;
    IF NOT FOUND THEN
        PERFORM refuse(410, '认证链接已失效，请在电脑上重新生成二维码。');
    END IF;
    RETURN jsonb_build_object(
        'appointment', (SELECT appointment_json(a) FROM appointment a WHERE a.order_id = o.id AND a.state = 'open'),
        'bring', CASE person_of(o) WHEN 'natural' THEN jsonb_build_array('申请人本人的居民身份证原件')
                 ELSE jsonb_build_array('经办人本人的居民身份证原件', '单位营业执照（或其他登记证书）复印件，加盖单位公章', '单位同意该经办人办理的介绍信或授权书，加盖单位公章') END,
        'outlets', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', u.code, 'name', u.name, 'place', u.place, 'phone', u.phone,
                           'hours', outlet_hours_words(u.code)) ORDER BY u.place, u.name), '[]') FROM outlet u WHERE u.seats > 0),
        'slots', (SELECT jsonb_agg(jsonb_build_object('at', iso(s.at), 'free', s.free) ORDER BY s.at) FROM appointment_slots(of_outlet) s))::text;
END $$;

-- What the person is told whom the counter has refused.
CREATE OR REPLACE FUNCTION hall.appointment_refused(why text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN format('网点当面核验没有通过：%s。请核对申请信息和所带资料后重新预约，或选择其他认证方式。', word('appointment_reason', why));
END $$;
