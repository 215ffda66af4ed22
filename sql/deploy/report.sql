-- Deploy certhall:report to pg
-- What the SMS vendor reports of a message afterwards: it reached the phone, or why not. Unsigned, so for display alone.
BEGIN;

ALTER TABLE hall.message ADD COLUMN delivery text CHECK (delivery IN ('delivered', 'undelivered'));
ALTER TABLE hall.message ADD COLUMN delivery_note text;
ALTER TABLE hall.message ADD COLUMN delivery_at timestamptz;
CREATE INDEX message_serial ON hall.message (serial_no) WHERE serial_no IS NOT NULL;

-- True when the report is about a message of ours. Its first word counts.
CREATE FUNCTION hall.message_report(serial text, reached bool, words text, at timestamptz) RETURNS bool
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE message SET delivery = CASE WHEN reached THEN 'delivered' ELSE 'undelivered' END, delivery_note = left(words, 100),
           delivery_at = coalesce(at, now()) WHERE serial_no = serial AND delivery IS NULL;
    RETURN FOUND OR EXISTS (SELECT FROM message WHERE serial_no = serial);
END $$;

-- The messages of an order, for staff; NULL where there is none.
CREATE FUNCTION hall.messages_json(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN my_kind() = 'staff' AND EXISTS (SELECT FROM orders o WHERE o.id = wanted AND o.state <> 'draft')
        THEN jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('event', m.event, 'recipient', m.recipient,
        'state', coalesce(m.delivery, m.state), 'note', coalesce(m.delivery_note, m.reason), 'at', iso(m.created_at),
        'sent_at', iso(m.sent_at), 'delivery_at', iso(m.delivery_at)) ORDER BY m.created_at), '[]'))::text END
      FROM message m WHERE m.order_id = wanted $$;

COMMIT;
