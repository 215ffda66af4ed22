-- Revert certhall:post from pg
BEGIN;

DELETE FROM hall.project_list WHERE member IN ('courier_rules', 'mails');
DROP FUNCTION hall.defaults_json, hall.defaults_import, hall.desk_parcels;
CREATE OR REPLACE FUNCTION hall.order_parcel_json(o hall.orders) RETURNS jsonb LANGUAGE sql STABLE SECURITY INVOKER AS
    $$ SELECT '{}'::jsonb $$;
ALTER FUNCTION hall.order_parcel_json RESET ALL;
DROP FUNCTION hall.invoice_json, hall.delivery_json, hall.parcel_state_name, hall.payment_name, hall.expiry_due,
    hall.expiry_tell;

-- messages
DROP FUNCTION hall.my_messages, hall.desk_message_send;
CREATE OR REPLACE FUNCTION hall.messages_json(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN my_kind() = 'staff' AND EXISTS (SELECT FROM orders o WHERE o.id = wanted AND o.state <> 'draft')
        THEN jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('event', m.event, 'recipient',
            m.recipient,
        'state', coalesce(m.delivery, m.state), 'note', coalesce(m.delivery_note, m.reason), 'at', iso(m.created_at),
        'sent_at', iso(m.sent_at), 'delivery_at', iso(m.delivery_at)) ORDER BY m.created_at), '[]'))::text END
      FROM message m WHERE m.order_id = wanted $$;
DROP FUNCTION hall.message_row, hall.message_unsendable;
DROP TRIGGER outbox_message_given_up ON hall.outbox;
DROP FUNCTION hall.message_given_up, hall.message_work;
CREATE FUNCTION hall.message_work(wanted uuid)
RETURNS TABLE (event text, recipient text, content bytea, order_id uuid, form bytea, detail text, number text,
               project_name text, vendor_id text, parameters text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT m.event, m.recipient, m.content, m.order_id, o.form, m.detail::text, o.number, p.name, t.vendor_id,
        t.parameters
      FROM message m LEFT JOIN orders o ON o.id = m.order_id LEFT JOIN project p ON p.id = o.project
      LEFT JOIN LATERAL (SELECT * FROM message_template x WHERE x.event = m.event
           AND (x.project = o.project OR x.project IS NULL) ORDER BY x.project NULLS LAST LIMIT 1) t ON true
     WHERE m.id = wanted AND m.state = 'queued' $$;
GRANT EXECUTE ON FUNCTION hall.message_work TO certhall_runner;
CREATE OR REPLACE FUNCTION hall.tell(order_id uuid, event text, recipient text, occasion text,
    detail jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE m uuid := gen_random_uuid();
BEGIN
    INSERT INTO outbox (kind, key, subject) VALUES ('message', 'message/' || order_id || '/' || event || '/'
        || occasion, m)
    ON CONFLICT (key) DO NOTHING;
    IF FOUND THEN
        INSERT INTO message (id, event, order_id, recipient, detail) VALUES (m, event, order_id, recipient, detail);
        PERFORM pg_notify('outbox', 'message');
    END IF;
END $$;
DROP FUNCTION hall.message_new, hall.message_ways;
DELETE FROM hall.message WHERE channel = 'email';
ALTER TABLE hall.message DROP COLUMN channel;
DROP TABLE hall.mail_template;
ALTER TABLE hall.message_template DROP COLUMN recipients;
UPDATE hall.outbox SET state = 'done', done_at = now() WHERE state = 'due'
   AND (kind IN ('parcel', 'parcel_cancel', 'track', 'invoice_wanted', 'invoice', 'invoice_query', 'expiry')
        OR (kind = 'message' AND NOT EXISTS (SELECT FROM hall.message m WHERE m.id = subject)));

-- invoices
DROP TRIGGER orders_invoice_refunded ON hall.orders;
DROP TRIGGER orders_invoice_due ON hall.orders;
DROP FUNCTION hall.invoice_close, hall.invoice_buyer, hall.invoice_retry, hall.invoice_desk, hall.invoice_view,
    hall.invoices_json,
    hall.invoice_row, hall.invoice_state_name, hall.invoice_hint, hall.invoice_issued, hall.invoice_dropped,
        hall.invoice_failed,
    hall.invoice_taken, hall.invoice_work, hall.invoice_refunded, hall.invoice_take_back, hall.invoice_ask,
        hall.invoice_send,
    hall.invoice_wanted_work, hall.invoice_due;
DELETE FROM hall.sealed_column WHERE place = 'invoice.buyer';
DROP TABLE hall.invoice;
CREATE OR REPLACE FUNCTION hall.form_spec(wanted text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('revision', p.revision,
        'fields', (SELECT coalesce(jsonb_agg(jsonb_build_object('field', f.field, 'required', f.required, 'hint',
            f.hint,
            'cert_types', f.cert_types, 'levels', f.levels)), '[]') FROM project_field f WHERE f.project = p.id),
        'types', (SELECT jsonb_agg(jsonb_build_object('code', t.cert_type, 'name', t.name, 'person', t.person,
            'medium', t.medium, 'most', t.most, 'years', (SELECT jsonb_agg(jsonb_build_object('years', y.years,
                'total', y.total, 'parts', y.parts) ORDER BY y.years) FROM (SELECT years, sum(fen) AS total,
                    jsonb_agg(jsonb_build_object('part', part, 'name', name, 'fen', fen, 'with_seal', with_seal)
                              ORDER BY part) AS parts FROM project_price
                    WHERE project = p.id AND cert_type = t.cert_type GROUP BY years) y)) ORDER BY t.pos)
            FROM project_type t WHERE t.project = p.id))::text
      FROM project p WHERE p.slug = wanted $$;
ALTER TABLE hall.project DROP COLUMN invoice_by;
ALTER TABLE hall.project_field DROP COLUMN options;

-- parcels and couriers
DROP TRIGGER orders_parcel_stays ON hall.orders;
DROP TRIGGER orders_parcel_left ON hall.orders;
DROP TRIGGER courier_matched ON hall.orders;
DROP FUNCTION hall.parcel_routes, hall.parcel_result, hall.parcel_work, hall.region_path, hall.parcel_stays,
    hall.parcel_left,
    hall.parcel_cancel, hall.parcel_stop, hall.parcel_ask, hall.parcel_payment, hall.parcel_of, hall.courier_matched,
    hall.courier_match, hall.courier_name;
DROP TABLE hall.parcel;
DROP TABLE hall.courier_rule;
DROP TABLE hall.courier;
UPDATE hall.orders SET courier_wanted = NULL, courier_payment = NULL WHERE courier_wanted IS NOT NULL
    OR courier_payment IS NOT NULL;

COMMIT;
