-- Deploy certhall:work to pg
-- What the runner is given to do: for each kind of job the data it needs, and where its outcome goes.
BEGIN;

-- A message: sealed content, or the order it is made of. Nothing when it was sent before.
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

CREATE FUNCTION hall.message_sent(wanted uuid, serial text, why text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE message SET state = CASE WHEN why IS NULL THEN 'sent' ELSE 'refused' END, serial_no = serial, reason = why,
           sent_at = now(), content = NULL WHERE id = wanted $$;

-- The opening of a PIN is in the ledger before it is opened.
CREATE FUNCTION hall.pin_opened(wanted uuid, which int, why text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    INSERT INTO pin_ledger (order_id, generation, purpose, actor) VALUES (wanted, which, why, session_user) $$;

CREATE FUNCTION hall.payment_work(wanted uuid)
RETURNS TABLE (order_id uuid, channel text, out_trade_no text, total int, state text, expired bool, age interval)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT p.order_id, p.channel, p.out_trade_no, p.total, p.state, p.expires_at <= now(), now() - p.created_at
      FROM payment p WHERE p.id = wanted $$;

-- An authentication under way: the person's data stand in the sealed form.
CREATE FUNCTION hall.identity_work(wanted uuid)
RETURNS TABLE (order_id uuid, form bytea, person text, state text, carrier bool, biz_token text, expired bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.id, o.form, person_of(o), i.state, i.carrier, i.biz_token, i.created_at < now() - interval '2 hours'
      FROM identity i JOIN orders o ON o.id = i.order_id WHERE i.id = wanted $$;

CREATE FUNCTION hall.payout_work(wanted uuid)
RETURNS TABLE (order_id uuid, yur_ref text, state text, generation int, pin bytea, account bytea, cnaps text, branch text,
               bank text, age interval)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT y.order_id, y.yur_ref, y.state, y.generation, k.sealed, b.sealed, b.cnaps, r.name, r.bank, now() - y.created_at
      FROM payout y JOIN pin k USING (order_id, generation) JOIN bank_account b USING (order_id)
      JOIN bank_branch r ON r.cnaps = b.cnaps WHERE y.id = wanted $$;

-- Seven days unpaid: cancelled. The version tells whether it is still that same submission.
CREATE FUNCTION hall.order_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM orders WHERE id = wanted AND state = 'unpaid' AND submitted_at <= now() - interval '7 days') THEN
        PERFORM advance(wanted, 'cancel');
        PERFORM close_payment(wanted);
    END IF;
END $$;

CREATE FUNCTION hall.account_remind(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM orders WHERE id = wanted AND finauth = 'account_wanted'
                  AND state IN ('in_review', 'rejected', 'approved')) THEN
        PERFORM tell(wanted, 'account_wanted', 'handler', to_char(now(), 'YYYYMMDD'));
    END IF;
END $$;

-- Fifteen days after the parcel left.
CREATE FUNCTION hall.order_finished(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM orders WHERE id = wanted AND state = 'shipped') THEN
        PERFORM advance(wanted, 'signed_for');
    END IF;
END $$;

-- What has served its time: ended sessions and links, codes and failures that no limit counts any more.
CREATE FUNCTION hall.sweep() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    DELETE FROM session WHERE expires_at < now();
    DELETE FROM link WHERE expires_at < now() - interval '1 day';
    DELETE FROM sms_code WHERE created_at < now() - interval '2 days';
    DELETE FROM login_failure WHERE at < now() - interval '1 day';
$$;

-- ---- the Merkle log ----

-- Rows that are in no sealed batch yet, oldest first, and where the log stands.
CREATE FUNCTION hall.audit_unsealed(most int) RETURNS TABLE (id bigint, head bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT a.id, a.head FROM audit a WHERE NOT EXISTS (SELECT FROM log_leaf l WHERE l.audit_id = a.id)
     ORDER BY a.id LIMIT most $$;

CREATE FUNCTION hall.log_state() RETURNS TABLE (size bigint, root bytea, signature bytea, at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT h.size, h.root, h.signature, h.at FROM log_head h ORDER BY h.size DESC LIMIT 1 $$;

CREATE FUNCTION hall.log_leaves() RETURNS TABLE (leaf bigint, hash bytea, head bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT l.leaf, l.hash, a.head FROM log_leaf l JOIN audit a ON a.id = l.audit_id ORDER BY l.leaf $$;

CREATE FUNCTION hall.audit_seal(first_leaf bigint, ids bigint[], hashes text[], new_root bytea, signed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO log_leaf (leaf, audit_id, hash)
    SELECT first_leaf + n - 1, i, decode(h, 'hex') FROM unnest(ids, hashes) WITH ORDINALITY AS u(i, h, n);
    INSERT INTO log_head (size, root, signature) VALUES (first_leaf + cardinality(ids), new_root, signed);
END $$;

-- The whole trail with the body each head was made of, for the verifier.
CREATE FUNCTION hall.audit_all() RETURNS TABLE (id bigint, kind text, subject uuid, seq int, body text, head bytea,
                                                current_seq int, current_head bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH subjects AS (
        SELECT id, audit_seq, audit_head FROM orders UNION ALL SELECT id, audit_seq, audit_head FROM account
        UNION ALL SELECT id, audit_seq, audit_head FROM staff UNION ALL SELECT id, audit_seq, audit_head FROM project
        UNION ALL SELECT id, audit_seq, audit_head FROM certificate)
    SELECT a.id, a.kind, coalesce(a.subject, s.id), a.seq,
           audit_text(a.kind, a.subject, a.seq, a.at, a.actor, a.op, a.request, a.detail), a.head, s.audit_seq, s.audit_head
      FROM audit a FULL JOIN subjects s ON s.id = a.subject ORDER BY coalesce(a.subject, s.id), a.seq $$;

COMMIT;
