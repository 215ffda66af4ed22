-- The erasure of data when their time is over.

-- When the last certificate of an order ended, of which its form is on file; NULL while one has not ended.
CREATE OR REPLACE FUNCTION hall.certificates_ended(o hall.orders) RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT max(CASE c.state WHEN 'revoked' THEN least(c.revoked_at, c.not_after) ELSE c.not_after END)
      FROM certificate c WHERE c.id IN (SELECT x.id FROM certificate x WHERE x.order_id = o.id UNION ALL SELECT o.replaces WHERE NOT o.makes)
       AND c.state <> 'issuing');
END $$;

-- What is due: the oldest `most` of each kind, or all when that is NULL. A row younger than its rule's time cannot be due, so an
-- index on the age finds the candidates.
CREATE OR REPLACE FUNCTION hall.retention_due(most int DEFAULT NULL) RETURNS TABLE (what text, subject uuid, since timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT r.what, d.subject, d.since FROM retention r CROSS JOIN LATERAL (
        SELECT o.id AS subject, o.since FROM order_state s CROSS JOIN LATERAL (
            SELECT x.id, e.since FROM orders x CROSS JOIN LATERAL (
                   SELECT CASE WHEN s.made THEN certificates_ended(x) ELSE x.updated_at END AS since) e
             WHERE x.state = s.state AND x.erased_at IS NULL AND x.created_at < now() - r.after AND e.since < now() - r.after
             ORDER BY x.created_at LIMIT most) o
         WHERE r.what = CASE WHEN s.made THEN 'order' WHEN s.void OR s.state = 'draft' THEN s.state END
        UNION ALL
        (SELECT i.id, coalesce(i.passed_at, i.expires_at) FROM identity i
          WHERE r.what = 'face' AND i.biz_token IS NOT NULL AND i.created_at < now() - r.after
            AND coalesce(i.passed_at, i.expires_at) < now() - r.after
          ORDER BY i.created_at LIMIT most)
        UNION ALL
        (SELECT m.id, coalesce(m.sent_at, m.created_at) FROM message m
          WHERE r.what = 'message' AND m.state <> 'queued' AND m.order_id IS NOT NULL AND (m.content IS NOT NULL OR m.detail <> '{}')
            AND m.created_at < now() - r.after AND coalesce(m.sent_at, m.created_at) < now() - r.after
          ORDER BY m.created_at LIMIT most)
        UNION ALL
        (SELECT b.id, coalesce(b.ended_at, b.created_at) FROM rebinding b
          WHERE r.what = 'rebinding' AND b.state <> 'waiting' AND b.created_at < now() - r.after
            AND coalesce(b.ended_at, b.created_at) < now() - r.after
          ORDER BY b.created_at LIMIT most)
        UNION ALL
        (SELECT e.id, e.made_at FROM evidence e WHERE r.what = 'evidence' AND e.state = 'made' AND e.made_at < now() - r.after
          ORDER BY e.made_at LIMIT most)
        UNION ALL
        (SELECT e.id, e.seen_at FROM bank_entry e WHERE r.what = 'entry' AND e.order_id IS NULL AND e.seen_at < now() - r.after
          ORDER BY e.seen_at LIMIT most)) d;
END $$;

-- Empties one encrypted column of an order.
CREATE OR REPLACE FUNCTION hall.erase_place(p hall.retention_place, wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    s encrypted_column;
    empty text;
BEGIN
    SELECT * INTO s FROM encrypted_column WHERE place = p.place;
    SELECT CASE WHEN attnotnull THEN '''''' ELSE 'NULL' END INTO empty FROM pg_attribute
     WHERE attrelid = format('hall.%I', s."table")::regclass AND attname = s."column";
    EXECUTE format('UPDATE hall.%I SET %I = %s WHERE %s AND %2$I IS DISTINCT FROM %3$s', s."table", s."column", empty, p."rows")
      USING wanted;
END $$;

-- Erases all personal data of an order: encrypted values, the keys of its papers (and with them the papers), and names and texts that
-- are not encrypted. The kind of order, its history, the payments, and its certificates with their states stay.
CREATE OR REPLACE FUNCTION hall.erase_order(wanted uuid, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p retention_place;
BEGIN
    IF EXISTS (SELECT FROM encrypted_column WHERE place NOT IN (SELECT place FROM retention_place)) THEN
        RAISE EXCEPTION 'an encrypted column without a row in hall.retention_place';
    END IF;
    PERFORM FROM orders WHERE id = wanted FOR NO KEY UPDATE;
    PERFORM enqueue('file_gone', 'file_gone/' || f.id, f.id) FROM (SELECT id FROM paper WHERE order_id = wanted
        UNION ALL SELECT id FROM voucher WHERE order_id = wanted) f;
    UPDATE evidence SET state = 'failed' WHERE order_id = wanted AND state = 'asked';
    PERFORM evidence_end(id) FROM evidence WHERE order_id = wanted AND state = 'made';
    UPDATE orders SET subject = '', marks = '{}', unit_hash = NULL, reasons = NULL, finauth_text = NULL, form_complete = false,
           printed = false, mail_region = NULL, reference = '', locked = '{}', erased_at = now() WHERE id = wanted;
    FOR p IN SELECT * FROM retention_place WHERE "rows" IS NOT NULL ORDER BY place LOOP
        PERFORM erase_place(p, wanted);
    END LOOP;
    UPDATE bank_account SET masked = '', name = '' WHERE order_id = wanted;
    UPDATE legal_person SET masked = '' WHERE order_id = wanted;
    UPDATE bank_entry SET masked = '' WHERE order_id = wanted;
    UPDATE payout SET reason = NULL WHERE order_id = wanted;
    UPDATE order_item SET subject = '', seal_name = NULL, holder_hash = NULL WHERE order_id = wanted;
    UPDATE paper SET file_name = '', reason = NULL WHERE order_id = wanted;
    UPDATE voucher SET file_name = '' WHERE order_id = wanted;
    UPDATE message SET detail = '{}', reason = NULL WHERE order_id = wanted;
    UPDATE identity SET biz_token = NULL, reason = NULL WHERE order_id = wanted;
    UPDATE review SET note = NULL, reasons = CASE WHEN reasons IS NOT NULL THEN '[]'::jsonb END WHERE order_id = wanted;
    UPDATE decision SET statement = NULL WHERE order_id = wanted AND statement IS NOT NULL;
    DELETE FROM tray WHERE order_id = wanted;
    UPDATE act SET statement = NULL WHERE order_id = wanted AND statement IS NOT NULL;
    UPDATE certificate SET subject = NULL, key_file = NULL, enveloped_key = NULL
     WHERE order_id = wanted AND num_nonnulls(subject, key_file, enveloped_key) > 0;
    PERFORM share_ends(wanted), note('order', wanted, jsonb_build_object('erased', why));
    PERFORM audit_forget(wanted);
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'erased',
        CASE why WHEN 'account' THEN '账号已注销，个人信息与资料已删除' ELSE '保存期限届满，个人信息与资料已删除' END);
END $$;

-- Erases up to `most` of what is due; returns how many.
CREATE OR REPLACE FUNCTION hall.retention_step(most int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    r record;
    n int := 0;
BEGIN
    PERFORM enter_system(coalesce((caller()).program, 'runner'), 'retention.erase');
    FOR r IN SELECT * FROM retention_due(most) d ORDER BY d.since, d.subject LIMIT most LOOP
        n := n + 1;
        IF r.what = 'draft' THEN
            PERFORM advance(r.subject, 'cancel');
        ELSIF r.what = 'face' THEN
            UPDATE identity SET biz_token = NULL WHERE id = r.subject;
            PERFORM note('order', order_id, jsonb_build_object('erased', 'face', 'id', id)) FROM identity
              WHERE id = r.subject AND order_id IS NOT NULL;
            PERFORM note('certificate', certificate, jsonb_build_object('erased', 'face', 'id', id)) FROM identity
              WHERE id = r.subject AND certificate IS NOT NULL;
        ELSIF r.what = 'rebinding' THEN
            PERFORM note('account', account, jsonb_build_object('erased', 'rebinding', 'id', id)) FROM rebinding WHERE id = r.subject AND account IS NOT NULL;
            DELETE FROM rebinding WHERE id = r.subject;
        ELSIF r.what = 'message' THEN
            UPDATE message SET content = NULL, detail = '{}', reason = NULL WHERE id = r.subject;
            PERFORM note('order', order_id, jsonb_build_object('erased', 'message', 'id', id)) FROM message WHERE id = r.subject;
        ELSIF r.what = 'entry' THEN
            DELETE FROM bank_entry WHERE id = r.subject;
        ELSIF r.what = 'evidence' THEN
            PERFORM evidence_end(r.subject);
        ELSE
            PERFORM erase_order(r.subject, r.what);
        END IF;
    END LOOP;
    RETURN n;
END $$;

-- Once a day, at night (Beijing time).
CREATE OR REPLACE FUNCTION hall.retention_want() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enqueue('retention', 'retention/' || (now() AT TIME ZONE 'Asia/Shanghai' - interval '2 hours')::date, NULL);
END $$;

CREATE OR REPLACE FUNCTION hall.retention_list() RETURNS TABLE (what text, name text, since text, number text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT d.what, r.name, iso(d.since), (SELECT o.number FROM orders o WHERE o.id = coalesce(
               (SELECT order_id FROM identity WHERE id = d.subject), (SELECT order_id FROM message WHERE id = d.subject),
               (SELECT order_id FROM evidence WHERE id = d.subject), d.subject))
      FROM retention_due() d JOIN retention r USING (what) ORDER BY d.since, d.subject;
END $$;
