-- Messages to people, by SMS and e-mail.

-- A message to the recipient that the order names, once for each event and occasion, unless the order's applicant has switched it off: all
-- that is told about an order by itself is queued here.
CREATE OR REPLACE FUNCTION hall.tell(order_id uuid, event text, recipient text, occasion text,
    detail jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM message_new(o.id, event, w.recipient, w.channel, detail, 'message/' || o.id || '/' || event || '/' || occasion ||
        CASE WHEN (w.channel, w.recipient) = ('sms', tell.recipient) THEN '' ELSE '/' || w.channel || '/' || w.recipient END)
      FROM orders o CROSS JOIN message_ways(o, event, recipient) w WHERE o.id = order_id
       AND NOT EXISTS (SELECT FROM message_off f JOIN message_name n USING (event)
                        WHERE f.account = o.account AND f.event = tell.event AND f.channel = w.channel AND n.needed IS NULL);
END $$;

-- What is told about orders, by name, on which ways, and what of it the caller has switched off. Kinds of one name are one choice.
CREATE OR REPLACE FUNCTION hall.my_message_choices() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (WITH ways AS (
        SELECT n.name, n.needed, t.channel, bool_or(f.event IS NOT NULL AND n.needed IS NULL) AS off
          FROM message_name n JOIN (SELECT event, 'sms' AS channel FROM message_template UNION SELECT event, 'email' FROM mail_template) t USING (event)
          LEFT JOIN message_off f ON f.account = me() AND f.event = n.event AND f.channel = t.channel GROUP BY n.name, n.needed, t.channel),
    kinds AS (SELECT name, needed, jsonb_agg(jsonb_build_object('channel', channel, 'name', word('message_channel', channel), 'on', NOT off)
                                             ORDER BY channel DESC) AS ways FROM ways GROUP BY name, needed)
    SELECT jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('name', name, 'needed', needed, 'ways', ways)
                                                          ORDER BY needed IS NOT NULL, needed, name), '[]')) FROM kinds)::text;
END $$;

CREATE OR REPLACE FUNCTION hall.message_choice_put(kind text, way text, wanted bool) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE events text[] := ARRAY(SELECT n.event FROM message_name n WHERE n.name = kind);
BEGIN
    IF cardinality(events) = 0 THEN
        PERFORM refuse(422, '没有这种消息。', '/name');
    ELSIF NOT wanted AND EXISTS (SELECT FROM message_name n WHERE n.event = ANY (events) AND n.needed IS NOT NULL) THEN
        PERFORM refuse(422, '这种消息不能关闭。', '/name');
    END IF;
    IF wanted THEN
        DELETE FROM message_off f WHERE f.account = me() AND f.event = ANY (events) AND f.channel = way;
    ELSE
        INSERT INTO message_off (account, event, channel) SELECT me(), e, way FROM unnest(events) e ON CONFLICT DO NOTHING;
    END IF;
    PERFORM note('account', me(), jsonb_build_object('messages', to_jsonb(events), 'channel', way, 'on', wanted));
    RETURN my_message_choices();
END $$;

-- `made` is the time at which the message and its job were written, in one transaction; it tells in which month the message is.
CREATE OR REPLACE FUNCTION hall.message_sent(wanted uuid, made timestamptz, serial text, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE message SET state = CASE WHEN why IS NULL THEN 'sent' ELSE 'refused' END, serial_no = serial, reason = why,
           sent_at = now(), content = NULL WHERE id = wanted AND created_at = made;
END $$;

-- Stores a delivery report; true when it is about a message of ours. The first report counts.
CREATE OR REPLACE FUNCTION hall.message_report(serial text, reached bool, words text, at timestamptz) RETURNS bool
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM serial_lock(serial);
    UPDATE message SET delivery = CASE WHEN reached THEN 'delivered' ELSE 'undelivered' END, delivery_note = left(words, 100),
           delivery_at = coalesce(at, now()) WHERE serial_no = serial AND delivery IS NULL;
    IF FOUND OR EXISTS (SELECT FROM message WHERE serial_no = serial) THEN
        RETURN true;
    END IF;
    DELETE FROM message_report_early WHERE kept_at < now() - interval '1 day';
    INSERT INTO message_report_early VALUES (left(serial, 100), reached, left(words, 100), coalesce(at, now()))
    ON CONFLICT DO NOTHING;
    RETURN false;
END $$;

-- The messages of an order, for staff; NULL when there are none.
CREATE OR REPLACE FUNCTION hall.messages_json(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT CASE WHEN my_kind() = 'staff' AND EXISTS (SELECT FROM orders o WHERE o.id = wanted AND o.state <> 'draft')
        THEN jsonb_build_object('items', coalesce(jsonb_agg(message_row(m) || jsonb_build_object(
        'note', coalesce(m.delivery_note, m.reason), 'note_text', coalesce(m.delivery_note, word('message_reason', m.reason), m.reason),
        'can_send', message_unsendable(m) IS NULL)
            ORDER BY m.created_at), '[]'))::text END
      FROM message m WHERE m.order_id = wanted);
END $$;

CREATE OR REPLACE FUNCTION hall.message_reported_early() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM serial_lock(NEW.serial_no);
    DELETE FROM message_report_early WHERE serial_no = NEW.serial_no
    RETURNING CASE WHEN reached THEN 'delivered' ELSE 'undelivered' END, words, at
         INTO NEW.delivery, NEW.delivery_note, NEW.delivery_at;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER message_reported_early BEFORE UPDATE OF serial_no ON hall.message
    FOR EACH ROW WHEN (NEW.serial_no IS NOT NULL AND OLD.serial_no IS NULL) EXECUTE FUNCTION hall.message_reported_early();

-- Channels and recipients. An event without any text still creates a message, which records that there is no text.
CREATE OR REPLACE FUNCTION hall.message_ways(o hall.orders, happened text, concerned text) RETURNS TABLE (channel text, recipient text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY WITH texts AS (
        (SELECT 'sms' AS channel, recipients FROM message_template t
          WHERE event = happened AND coalesce(t.project, o.project) = o.project ORDER BY t.project NULLS LAST LIMIT 1)
        UNION ALL
        (SELECT 'email', recipients FROM mail_template t
          WHERE event = happened AND coalesce(t.project, o.project) = o.project ORDER BY t.project NULLS LAST LIMIT 1)),
    ways AS (
        SELECT t.channel, unnest(CASE WHEN person_of(o) = 'natural' THEN ARRAY['holder'] ELSE t.recipients END) AS recipient
          FROM texts t WHERE t.recipients IS NOT NULL
        UNION ALL SELECT t.channel, concerned FROM texts t WHERE t.recipients IS NULL
        UNION ALL SELECT 'sms', concerned WHERE NOT EXISTS (SELECT FROM texts))
    SELECT * FROM ways w
     WHERE happened <> 'invoice' OR w.channel = ANY (SELECT unnest(invoice_by) FROM project WHERE id = o.project);
END $$;

CREATE OR REPLACE FUNCTION hall.message_new(order_id uuid, event text, recipient text, channel text, detail jsonb, job text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE m uuid := gen_random_uuid();
BEGIN
    INSERT INTO outbox (kind, key, subject) VALUES ('message', job, m);
    IF FOUND THEN
        INSERT INTO message (id, event, order_id, recipient, channel, detail)
        VALUES (m, event, order_id, recipient, channel, detail);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.message_work(wanted uuid, made timestamptz)
RETURNS TABLE (event text, recipient text, channel text, content bytea, order_id uuid, form bytea, detail text, number text,
               project_name text, vendor_id text, parameters text[], subject text, body text, rebinding uuid, phones bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT m.event, m.recipient, m.channel, m.content, m.order_id, o.form,
           (m.detail || CASE WHEN m.detail ? 'courier' THEN jsonb_build_object('courier', courier_name(m.detail ->> 'courier'))
                             ELSE '{}' END)::text, o.number, p.title, t.vendor_id, t.parameters, e.subject, e.body, b.id, b.phones
      FROM message m LEFT JOIN rebinding b ON b.id = (m.detail ->> 'rebinding')::uuid LEFT JOIN orders o ON o.id = m.order_id LEFT JOIN project p ON p.id = o.project
      LEFT JOIN LATERAL (SELECT * FROM message_template x WHERE x.event = m.event AND m.channel = 'sms'
           AND (x.project = o.project OR x.project IS NULL) ORDER BY x.project NULLS LAST LIMIT 1) t ON true
      LEFT JOIN LATERAL (SELECT * FROM mail_template x WHERE x.event = m.event AND m.channel = 'email'
           AND (x.project = o.project OR x.project IS NULL) ORDER BY x.project NULLS LAST LIMIT 1) e ON true
     WHERE m.id = wanted AND m.created_at = made AND m.state = 'queued';
END $$;

-- A message whose job was given up was not sent, and can be sent again.
CREATE OR REPLACE FUNCTION hall.message_given_up() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE message SET state = 'refused', reason = 'given_up', content = NULL
     WHERE id = NEW.subject AND created_at = NEW.created_at AND state = 'queued';
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER outbox_message_given_up AFTER UPDATE OF state ON hall.outbox FOR EACH ROW
    WHEN (NEW.kind = 'message' AND NEW.state = 'failed' AND OLD.state = 'due') EXECUTE FUNCTION hall.message_given_up();

-- Why a message cannot be sent again; NULL: it can.
CREATE OR REPLACE FUNCTION hall.message_unsendable(m hall.message) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT CASE WHEN m.event = 'pin' THEN 'PIN 码请在“PIN 码”栏中重新发送。'
        WHEN m.event = 'puk' THEN '解锁码由持有人重新申请解锁后发送。'
        WHEN m.state <> 'refused' AND m.delivery IS DISTINCT FROM 'undelivered' THEN '这条消息没有失败，不需要重新发送。'
        WHEN EXISTS (SELECT FROM outbox WHERE key = 'message/again/' || m.id) THEN '这条消息已经重新发送过。' END);
END $$;

CREATE OR REPLACE FUNCTION hall.desk_message_send(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    m message;
    why text;
BEGIN
    SELECT * INTO m FROM message WHERE id = wanted AND order_id IS NOT NULL;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这条消息。');
    END IF;
    PERFORM desk_order_locked(m.order_id, NULL);
    SELECT * INTO m FROM message WHERE id = wanted; -- as it is while the order is locked
    why := message_unsendable(m);
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    END IF;
    PERFORM message_new(m.order_id, m.event, m.recipient, m.channel, m.detail, 'message/again/' || m.id),
            note('order', m.order_id, jsonb_build_object('message', m.id, 'sent_again', m.event));
END $$;

CREATE OR REPLACE FUNCTION hall.message_event_name(of_event text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN coalesce((SELECT n.name FROM message_name n WHERE n.event = of_event), '业务通知');
END $$;

CREATE OR REPLACE FUNCTION hall.message_row(m hall.message) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN jsonb_build_object('id', m.id, 'event', m.event, 'event_name', message_event_name(m.event), 'channel', m.channel,
        'channel_name', word('message_channel', m.channel), 'recipient', m.recipient, 'state', coalesce(m.delivery, m.state),
        'state_name', word('message_state', coalesce(m.delivery, m.state)), 'at', iso(m.created_at), 'sent_at', iso(m.sent_at), 'delivery_at',
            iso(m.delivery_at));
END $$;

-- The applicant sees which messages were sent and whether they arrived, but not their contents, which were sent to a telephone or an
-- address.
CREATE OR REPLACE FUNCTION hall.my_messages(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('items', coalesce((SELECT jsonb_agg(message_row(m) ORDER BY m.created_at DESC)
               FROM message m WHERE m.order_id = o.id), '[]'))::text
      FROM orders o WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project());
END $$;

-- Events of an account are reported to a phone number that is in the encrypted contents.
CREATE OR REPLACE FUNCTION hall.account_tell(message_id uuid, what text, encrypted bytea, more jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO message (id, event, recipient, content, detail)
    VALUES (message_id, what, 'phone', encrypted,
            jsonb_build_object('time', to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI')) || more);
    PERFORM enqueue('message', 'message/' || message_id, message_id);
END $$;
