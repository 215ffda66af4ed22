-- Revert certhall:secrets from pg
-- PINs that were sealed under a key of their own do not open for the former programs: they are void there.
BEGIN;

DROP TRIGGER licence_again ON hall.orders;
CREATE TRIGGER licence_again AFTER UPDATE OF state, form ON hall.orders FOR EACH ROW
    WHEN ((NEW.state <> OLD.state AND NEW.state IN ('unpaid', 'in_review') AND OLD.state IN ('draft', 'rejected'))
          OR (NEW.form IS DISTINCT FROM OLD.form AND NEW.form_complete))
    EXECUTE FUNCTION hall.licence_again();
DROP FUNCTION hall.log_heads, hall.data_key_list, hall.data_key_rewrapped, hall.data_keys_end, hall.resealed, hall.sealed_old, hall.sealed_places,
    hall.data_key_activate, hall.data_key_next, hall.data_key_free, hall.seal_column;
DO $$
DECLARE c hall.sealed_column;
BEGIN
    FOR c IN SELECT * FROM hall.sealed_column LOOP
        EXECUTE format('ALTER TABLE hall.%I DROP COLUMN %I', c."table", c.key_column);
    END LOOP;
END $$;
DROP TABLE hall.sealed_column;
DROP FUNCTION hall.key_of;
DROP TABLE hall.data_key_gone;
ALTER TABLE hall.data_key DROP retired_at;
CREATE OR REPLACE FUNCTION hall.changes(old jsonb, new jsonb) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(n.key, CASE
               WHEN n.key = 'password' THEN '"changed"'
               WHEN n.key IN ('reasons', 'subject', 'finauth_text')
                 OR jsonb_typeof(n.value) = 'string' AND n.value #>> '{}' LIKE '\\x%'
               THEN to_jsonb('sm3:' || encode(digest(n.value #>> '{}', 'sm3'), 'hex'))
               WHEN old IS NULL THEN n.value
               ELSE jsonb_build_array(old -> n.key, n.value) END), '{}')
      FROM jsonb_each(new) n
     WHERE n.key NOT IN ('audit_seq', 'audit_head', 'updated_at', 'created_at', 'id')
       AND n.value IS DISTINCT FROM coalesce(old -> n.key, 'null') $$;

DROP FUNCTION hall.signer_pin_boxed, hall.signer_pin_box, hall.desk_pin_take, hall.desk_pin_box, hall.desk_pin_send, hall.desk_pin,
    hall.pin_unsendable;
DROP FUNCTION hall.payout_work, hall.message_work, hall.runner_pin_open, hall.signer_rekey, hall.signer_pin_rewrapped,
    hall.signer_pins_old, hall.signer_pin_open, hall.signer_pin, hall.signer_pin_wanted;
DROP TRIGGER orders_pin_taker ON hall.orders;
DROP FUNCTION hall.pin_taker, hall.pin_unopenable, hall.pin_box_waits, hall.pin_boxes_max;
DROP TABLE hall.pin_box;
DROP TRIGGER message_pin ON hall.message;
DROP TRIGGER payout_pin ON hall.payout;
DROP TRIGGER orders_pin ON hall.orders;
DROP TRIGGER pin_moved ON hall.pin;
DROP TRIGGER pin_moves ON hall.pin;
DROP FUNCTION hall.pins_destroy, hall.pin_arrived, hall.pin_of_message, hall.pin_of_payout, hall.pin_of_order, hall.pin_void,
    hall.pin_unfulfil, hall.pin_fulfil, hall.pin_open, hall.pin_locked, hall.pin_moved, hall.pin_moves;
DROP INDEX hall.pin_ledger_pin, hall.pin_current, hall.pin_confirmed, hall.pin_kek;
ALTER TABLE hall.pin_ledger DROP recipient, DROP attempt;
ALTER TABLE hall.pin DROP CONSTRAINT pin_state_check, DROP CONSTRAINT pin_sealed, DROP CONSTRAINT pin_fulfilled;
UPDATE hall.pin SET state = CASE WHEN key IS NULL THEN 'made' ELSE 'void' END, sealed = CASE WHEN key IS NULL THEN sealed END
 WHERE state IN ('made', 'opened', 'confirmed');
ALTER TABLE hall.pin
    DROP kind, DROP kek, DROP key, DROP fulfilled, DROP destroyed_at,
    ADD CONSTRAINT pin_state_check CHECK (state IN ('wanted', 'made', 'void', 'destroyed')),
    ADD CONSTRAINT pin_check CHECK ((sealed IS NOT NULL) = (state = 'made'));
CREATE UNIQUE INDEX pin_current ON hall.pin (order_id) WHERE state IN ('wanted', 'made');
DROP TABLE hall.pin_transition;

CREATE OR REPLACE FUNCTION hall.want_pin(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE g int;
BEGIN
    UPDATE pin SET state = 'void', sealed = NULL WHERE order_id = wanted AND state IN ('wanted', 'made');
    SELECT coalesce(max(generation), 0) + 1 INTO g FROM pin WHERE order_id = wanted;
    INSERT INTO pin (order_id, generation) VALUES (wanted, g);
    PERFORM enqueue('pin', 'pin/' || wanted || '/' || g, wanted);
END $$;

CREATE FUNCTION hall.signer_pin(wanted uuid, which int, sealed_pin bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.pin');
    UPDATE pin SET sealed = sealed_pin, state = 'made', made_at = now()
     WHERE order_id = wanted AND generation = which AND state = 'wanted';
    IF NOT FOUND THEN
        PERFORM refuse(409, 'this PIN is not wanted');
    END IF;
    PERFORM note('order', wanted, jsonb_build_object('pin', which));
    PERFORM want_payout(wanted);
END $$;

CREATE FUNCTION hall.signer_pin_opened(wanted uuid, which int, why text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    INSERT INTO pin_ledger (order_id, generation, purpose, actor) VALUES (wanted, which, why, session_user) $$;

CREATE FUNCTION hall.pin_opened(wanted uuid, which int, why text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    INSERT INTO pin_ledger (order_id, generation, purpose, actor) VALUES (wanted, which, why, session_user) $$;

CREATE FUNCTION hall.message_work(wanted uuid)
RETURNS TABLE (event text, recipient text, content bytea, order_id uuid, form bytea, detail text, number text,
               project_name text, vendor_id text, parameters text[], pin_generation int, pin_sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT m.event, m.recipient, m.content, m.order_id, o.form, m.detail::text, o.number, p.name, t.vendor_id, t.parameters,
           k.generation, k.sealed
      FROM message m LEFT JOIN orders o ON o.id = m.order_id LEFT JOIN project p ON p.id = o.project
      LEFT JOIN LATERAL (SELECT * FROM message_template x WHERE x.event = m.event
           AND (x.project = o.project OR x.project IS NULL) ORDER BY x.project NULLS LAST LIMIT 1) t ON true
      LEFT JOIN pin k ON m.event = 'pin' AND k.order_id = m.order_id AND k.state = 'made'
     WHERE m.id = wanted AND m.state = 'queued' $$;

CREATE FUNCTION hall.payout_work(wanted uuid)
RETURNS TABLE (order_id uuid, yur_ref text, state text, generation int, pin bytea, account bytea, cnaps text, branch text,
               bank text, age interval)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT y.order_id, y.yur_ref, y.state, y.generation, k.sealed, b.sealed, b.cnaps, r.name, r.bank, now() - y.created_at
      FROM payout y JOIN pin k USING (order_id, generation) JOIN bank_account b USING (order_id)
      JOIN bank_branch r ON r.cnaps = b.cnaps WHERE y.id = wanted $$;

CREATE OR REPLACE FUNCTION hall.staff_put(new_id uuid, new_name text, shown text, secret text, new_roles text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    INSERT INTO staff (id, name, display_name, password, roles) VALUES (new_id, new_name, shown, secret, new_roles)
    ON CONFLICT (name) DO UPDATE SET (display_name, password, roles, failures, locked_until) =
        (EXCLUDED.display_name, EXCLUDED.password, EXCLUDED.roles, 0, NULL) $$;
CREATE OR REPLACE FUNCTION hall.audit_all() RETURNS TABLE (id bigint, kind text, subject uuid, seq int, body text, head bytea,
                                                current_seq int, current_head bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH subjects AS (
        SELECT id, audit_seq, audit_head FROM orders UNION ALL SELECT id, audit_seq, audit_head FROM account
        UNION ALL SELECT id, audit_seq, audit_head FROM staff UNION ALL SELECT id, audit_seq, audit_head FROM project
        UNION ALL SELECT id, audit_seq, audit_head FROM certificate)
    SELECT a.id, a.kind, coalesce(a.subject, s.id), a.seq,
           audit_text(a.kind, a.subject, a.seq, a.at, a.actor, a.op, a.request, a.detail), a.head, s.audit_seq, s.audit_head
      FROM audit a FULL JOIN subjects s ON s.id = a.subject ORDER BY coalesce(a.subject, s.id), a.seq $$;

GRANT EXECUTE ON FUNCTION hall.signer_pin, hall.signer_pin_opened TO certhall_signer;
GRANT EXECUTE ON FUNCTION hall.pin_opened, hall.message_work, hall.payout_work TO certhall_runner;
COMMIT;
