-- Deploy certhall:erasure to pg
-- What people have agreed to and may take back, their own data in one document, and the end of what is kept: a table says
-- what goes when, a nightly job erases it, and every erasure is a row of the trail.
BEGIN;

-- ---- consents ----

-- Kept for good; all that can happen to a row is that it is withdrawn.
CREATE FUNCTION hall.consent_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.withdrawn_at IS NOT NULL
       OR to_jsonb(NEW) - 'withdrawn_at' IS DISTINCT FROM to_jsonb(OLD) - 'withdrawn_at' THEN
        RAISE EXCEPTION 'consents are kept as they were given';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER consent_kept BEFORE UPDATE OR DELETE ON hall.consent FOR EACH ROW EXECUTE FUNCTION hall.consent_kept();
CREATE INDEX consent_account ON hall.consent (account);

-- What a withdrawal does to the order now: `cancel` what is not paid, `refund` what is paid and not made; what was made or has
-- ended stays (`nothing`), as does what another account has taken over.
CREATE FUNCTION hall.consent_follows(o hall.orders, who uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN o.account <> who THEN 'nothing' WHEN o.state IN ('draft', 'unpaid') THEN 'cancel'
                WHEN refundable(o, '{verifying,in_review,rejected,approved,accepted}') THEN 'refund' ELSE 'nothing' END $$;

CREATE FUNCTION hall.my_consents() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH mine AS (SELECT c, o, g FROM consent c JOIN orders o ON o.id = c.order_id
                    JOIN agreement g ON g.code = c.code AND g.version = c.version
                   WHERE c.account = me() AND my_kind() = 'account')
    SELECT jsonb_build_object(
        'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', (c).id, 'code', (c).code, 'version', (c).version,
            'title', (g).title, 'sha256', (c).sha256, 'at', iso((c).at), 'address', (c).address,
            'withdrawn_at', iso((c).withdrawn_at), 'follows', CASE WHEN (c).withdrawn_at IS NULL THEN consent_follows(o, me()) END,
            'order', jsonb_build_object('id', (o).id, 'number', (o).number, 'project_name', p.name, 'slug', p.slug,
                'state', (o).state, 'label', l.label)) ORDER BY (c).id DESC), '[]')
            FROM mine JOIN project p ON p.id = (o).project CROSS JOIN LATERAL order_label(o) l),
        'texts', (SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object('code', (g).code, 'version', (g).version,
            'title', (g).title, 'text', (g).body, 'sha256', (g).sha256)), '[]') FROM mine))::text $$;

-- Recorded for good; what follows for the order, in the same transaction. `words` is the sealed reason of a refund.
CREATE FUNCTION hall.consent_withdraw(wanted bigint, request uuid, words bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c consent;
    o orders;
    follows text;
BEGIN
    SELECT * INTO c FROM consent WHERE id = wanted AND account = me() AND my_kind() = 'account';
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这项授权。');
    END IF;
    SELECT * INTO o FROM orders WHERE id = c.order_id FOR NO KEY UPDATE;
    SELECT * INTO c FROM consent WHERE id = wanted FOR UPDATE;
    IF c.withdrawn_at IS NOT NULL THEN
        PERFORM refuse(409, '这项授权已经撤回。');
    END IF;
    follows := consent_follows(o, me());
    UPDATE consent SET withdrawn_at = now() WHERE id = wanted;
    PERFORM note('order', o.id, jsonb_build_object('consent', c.code, 'version', c.version, 'withdrawn', true));
    INSERT INTO order_history (order_id, event, text) SELECT o.id, 'consent', '撤回授权：《' || title || '》'
      FROM agreement WHERE code = c.code AND version = c.version;
    IF follows = 'cancel' THEN
        PERFORM advance(o.id, 'cancel');
        PERFORM close_payment(o.id);
    ELSIF follows = 'refund' THEN
        PERFORM refund_open(request, o, me(), NULL, words);
    END IF;
    RETURN jsonb_build_object('followed', follows)::text;
END $$;

-- An order that its account has taken its consent from goes nowhere but back.
CREATE FUNCTION hall.consent_stands() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM consent WHERE order_id = NEW.id AND account = NEW.account AND withdrawn_at IS NOT NULL) THEN
        PERFORM refuse(409, '申请人已撤回办理所需的授权，业务单不能继续办理。');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_consent BEFORE UPDATE OF state ON hall.orders FOR EACH ROW
    WHEN ((OLD.state, NEW.state) IN (('draft', 'unpaid'), ('rejected', 'in_review'), ('in_review', 'approved')))
    EXECUTE FUNCTION hall.consent_stands();
CREATE TRIGGER orders_consent_made BEFORE UPDATE OF producer ON hall.orders FOR EACH ROW WHEN (NEW.producer IS NOT NULL)
    EXECUTE FUNCTION hall.consent_stands();

-- ---- one's own data ----

CREATE FUNCTION hall.exports_max() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 5 $$;

-- That somebody takes it stands in the trail of the account. Sealed values are opened by the caller.
CREATE FUNCTION hall.export_account() RETURNS TABLE (id uuid, "out" text, phone bytea, profile bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM count_public('export', me()::text, exports_max(), '今天导出的次数已用完，请明天再试。');
    PERFORM note('account', me(), '{"read": "export"}');
    RETURN QUERY SELECT a.id, jsonb_build_object('made_at', iso(now()), 'account', jsonb_build_object('id', a.id,
               'created_at', iso(a.created_at), 'sessions', (SELECT coalesce(jsonb_agg(jsonb_build_object('made_by', s.made_by,
                   'address', s.address, 'created_at', iso(s.created_at), 'seen_at', iso(s.seen_at)) ORDER BY s.created_at), '[]')
                   FROM session s WHERE s.account = a.id)))::text, a.phone_sealed, a.profile
      FROM account a WHERE a.id = me() AND my_kind() = 'account';
END $$;

CREATE FUNCTION hall.export_orders() RETURNS TABLE (id uuid, "out" text, form bytea, account bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.id, (order_json(o) - '{can,next,locked}'::text[] || jsonb_build_object(
        'consents', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', c.code, 'version', c.version, 'sha256', c.sha256,
            'at', iso(c.at), 'address', c.address, 'withdrawn_at', iso(c.withdrawn_at)) ORDER BY c.id), '[]')
            FROM consent c WHERE c.order_id = o.id AND c.account = o.account),
        'payments', (SELECT coalesce(jsonb_agg(jsonb_build_object('channel', y.channel, 'total', y.total, 'state', y.state,
            'number', y.out_trade_no, 'transaction', y.transaction_id, 'created_at', iso(y.created_at),
            'paid_at', iso(y.paid_at)) ORDER BY y.created_at), '[]') FROM payment y WHERE y.order_id = o.id),
        'messages', (SELECT coalesce(jsonb_agg(jsonb_build_object('event', m.event, 'recipient', m.recipient,
            'channel', m.channel, 'state', m.state, 'detail', m.detail, 'created_at', iso(m.created_at),
            'sent_at', iso(m.sent_at)) ORDER BY m.created_at), '[]') FROM message m WHERE m.order_id = o.id),
        'certificates', (SELECT coalesce(jsonb_agg(jsonb_build_object('serial', c.serial, 'ca', c.ca, 'state', c.state,
            'reason', c.reason, 'key_use', c.key_use, 'not_before', iso(c.not_before), 'not_after', iso(c.not_after),
            'revoked_at', iso(c.revoked_at), 'certificate', translate(encode(c.certificate, 'base64'), E'\n', ''))
            ORDER BY c.issued_at), '[]') FROM certificate c WHERE c.order_id = o.id AND c.state <> 'issuing')))::text,
        o.form, b.sealed
      FROM orders o LEFT JOIN bank_account b ON b.order_id = o.id
     WHERE o.account = me() AND my_kind() = 'account' ORDER BY o.created_at $$;

-- ---- retention ----

-- What goes how long after what.
CREATE TABLE hall.retention (
    what  text PRIMARY KEY CHECK (what IN ('order', 'refunded', 'cancelled', 'draft', 'face', 'message')),
    name  text NOT NULL,
    event text NOT NULL, -- the clock's beginning, in words
    after interval NOT NULL CHECK (after >= interval '1 hour')
);
INSERT INTO hall.retention VALUES
    ('order', '业务单的个人信息与资料', '最后一张证书到期或吊销', '5 years'),
    ('refunded', '已退费业务单的个人信息与资料', '退费', '5 years'),
    ('cancelled', '已取消业务单的个人信息与资料', '取消', '180 days'),
    ('draft', '草稿（取消）', '最后一次修改', '90 days'),
    ('face', '人脸核验的凭据', '核验结束', '1 day'),
    ('message', '短信和邮件的内容', '发出', '180 days');

-- Every sealed place: what becomes of it when its order is erased. `rows` says which of its rows are the order's ($1); NULL:
-- it stays, for the reason that `kept` gives. A column that is sealed and not here stops the erasing (and a test).
CREATE TABLE hall.retention_place (
    place  text PRIMARY KEY REFERENCES hall.sealed_column,
    "rows" text,
    kept   text,
    CHECK (("rows" IS NULL) <> (kept IS NULL))
);
INSERT INTO hall.retention_place (place, "rows") VALUES
    ('order.form', 'id = $1'), ('message.content', 'order_id = $1'), ('material.key', 'order_id = $1'),
    ('voucher.key', 'order_id = $1'), ('stamp.name', 'order_id = $1'), ('stamp.png', 'order_id = $1'), ('stamp.svg', 'order_id = $1'),
    ('licence_check.seen', 'material_id IN (SELECT id FROM hall.material WHERE order_id = $1)'),
    ('refund_request.reason', 'order_id = $1'), ('legal_person.sealed', 'order_id = $1'),
    ('payout_code.sealed', 'payout IN (SELECT id FROM hall.payout WHERE order_id = $1)'),
    ('bank_account.sealed', 'order_id = $1');
INSERT INTO hall.retention_place (place, kept) VALUES
    ('account.phone', 'the account lives on'), ('account.profile', 'the account lives on'),
    ('revocation.note', 'evidence of a revocation'), ('revocation.answer', 'evidence of a revocation'),
    ('transfer.payer', 'the books'), ('transfer.reason', 'the books'), ('invoice.buyer', 'the books'),
    ('ticket.form', 'ended by hall.partner_sweep'), ('partner_key.secret', 'a partner''s'), ('partner_hook.secret', 'a partner''s');

ALTER TABLE hall.orders ADD COLUMN erased_at timestamptz;

-- When the last certificate of an order ended; NULL while one has not.
CREATE FUNCTION hall.certificates_ended(o hall.orders) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT max(CASE c.state WHEN 'revoked' THEN least(c.revoked_at, c.not_after) ELSE c.not_after END)
      FROM certificate c WHERE c.order_id = o.id AND c.state <> 'issuing' $$;

CREATE FUNCTION hall.retention_due() RETURNS TABLE (what text, subject uuid, since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH clock(what, subject, since) AS (
        SELECT 'order', o.id, certificates_ended(o) FROM orders o
         WHERE o.erased_at IS NULL AND o.state IN ('produced', 'shipped', 'done')
        UNION ALL SELECT o.state, o.id, o.updated_at FROM orders o WHERE o.erased_at IS NULL AND o.state IN ('refunded', 'cancelled')
        UNION ALL SELECT 'draft', o.id, o.updated_at FROM orders o WHERE o.state = 'draft'
        UNION ALL SELECT 'face', i.id, coalesce(i.passed_at, i.expires_at) FROM identity i WHERE i.biz_token IS NOT NULL
        UNION ALL SELECT 'message', m.id, coalesce(m.sent_at, m.created_at) FROM message m
         WHERE m.state <> 'queued' AND m.order_id IS NOT NULL AND (m.content IS NOT NULL OR m.detail <> '{}'))
    SELECT c.what, c.subject, c.since FROM clock c JOIN retention r USING (what) WHERE c.since < now() - r.after
     ORDER BY c.since, c.subject $$;

-- One sealed column of an order is emptied.
CREATE FUNCTION hall.erase_place(p hall.retention_place, wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    s sealed_column;
    empty text;
BEGIN
    SELECT * INTO s FROM sealed_column WHERE place = p.place;
    SELECT CASE WHEN attnotnull THEN '''''' ELSE 'NULL' END INTO empty FROM pg_attribute
     WHERE attrelid = format('hall.%I', s."table")::regclass AND attname = s."column";
    EXECUTE format('UPDATE hall.%I SET %I = %s WHERE %s AND %2$I IS DISTINCT FROM %3$s', s."table", s."column", empty, p."rows")
      USING wanted;
END $$;

-- Everything personal of an order goes: sealed values, the keys of its papers and with them the papers, names and words in the
-- clear. What it was, when it moved, what was paid, its certificates and their states stay.
CREATE FUNCTION hall.erase_order(wanted uuid, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p retention_place;
BEGIN
    IF EXISTS (SELECT FROM sealed_column WHERE place NOT IN (SELECT place FROM retention_place)) THEN
        RAISE EXCEPTION 'a sealed column without a row in hall.retention_place';
    END IF;
    PERFORM FROM orders WHERE id = wanted FOR NO KEY UPDATE;
    PERFORM enqueue('file_gone', 'file_gone/' || f.id, f.id) FROM (SELECT id FROM material WHERE order_id = wanted
        UNION ALL SELECT id FROM voucher WHERE order_id = wanted) f;
    UPDATE orders SET subject = '', marks = '{}', unit_hash = NULL, reasons = NULL, finauth_text = NULL, form_complete = false,
           printed = false, mail_region = NULL, reference = '', locked = '{}', erased_at = now() WHERE id = wanted;
    FOR p IN SELECT * FROM retention_place WHERE "rows" IS NOT NULL ORDER BY place LOOP
        PERFORM erase_place(p, wanted);
    END LOOP;
    UPDATE bank_account SET masked = '', name = '' WHERE order_id = wanted;
    UPDATE legal_person SET masked = '' WHERE order_id = wanted;
    UPDATE payout SET reason = NULL WHERE order_id = wanted;
    UPDATE order_item SET subject = '', seal_name = NULL, holder_hash = NULL WHERE order_id = wanted;
    UPDATE material SET file_name = '', reason = NULL WHERE order_id = wanted;
    UPDATE voucher SET file_name = '' WHERE order_id = wanted;
    UPDATE message SET detail = '{}', reason = NULL WHERE order_id = wanted;
    UPDATE identity SET biz_token = NULL, reason = NULL WHERE order_id = wanted;
    UPDATE review SET note = NULL, reasons = CASE WHEN reasons IS NOT NULL THEN '[]'::jsonb END WHERE order_id = wanted;
    UPDATE certificate SET subject = NULL, key_file = NULL, enveloped_key = NULL
     WHERE order_id = wanted AND num_nonnulls(subject, key_file, enveloped_key) > 0;
    PERFORM note('order', wanted, jsonb_build_object('erased', why));
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'erased', '保存期限届满，个人信息与资料已删除');
END $$;

-- Up to `most` of what is due. How many were.
CREATE FUNCTION hall.retention_step(most int) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    r record;
    n int := 0;
BEGIN
    PERFORM enter_system(coalesce(known('program'), 'runner'), 'retention.erase');
    FOR r IN SELECT * FROM retention_due() LIMIT most LOOP
        n := n + 1;
        IF r.what = 'draft' THEN
            PERFORM advance(r.subject, 'cancel');
        ELSIF r.what = 'face' THEN
            UPDATE identity SET biz_token = NULL WHERE id = r.subject;
            PERFORM note('order', order_id, jsonb_build_object('erased', 'face', 'id', id)) FROM identity
              WHERE id = r.subject AND order_id IS NOT NULL;
            PERFORM note('certificate', certificate, jsonb_build_object('erased', 'face', 'id', id)) FROM identity
              WHERE id = r.subject AND certificate IS NOT NULL;
        ELSIF r.what = 'message' THEN
            UPDATE message SET content = NULL, detail = '{}', reason = NULL WHERE id = r.subject;
            PERFORM note('order', order_id, jsonb_build_object('erased', 'message', 'id', id)) FROM message WHERE id = r.subject;
        ELSE
            PERFORM erase_order(r.subject, r.what);
        END IF;
    END LOOP;
    RETURN n;
END $$;

-- Once a day, in the night (Beijing time).
CREATE FUNCTION hall.retention_want() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT enqueue('retention', 'retention/' || (now() AT TIME ZONE 'Asia/Shanghai' - interval '2 hours')::date, NULL) $$;

CREATE FUNCTION hall.retention_list() RETURNS TABLE (what text, name text, since text, number text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT d.what, r.name, iso(d.since), (SELECT o.number FROM orders o WHERE o.id = coalesce(
               (SELECT order_id FROM identity WHERE id = d.subject), (SELECT order_id FROM message WHERE id = d.subject), d.subject))
      FROM retention_due() d JOIN retention r USING (what) $$;

-- What an erased order no longer has, is not missed by the rule that a reissue keeps it.
DROP TRIGGER orders_a_reissue ON hall.orders;
CREATE TRIGGER orders_a_reissue BEFORE UPDATE OF replaces, cert_type, years, unit_hash ON hall.orders FOR EACH ROW
    WHEN (OLD.business = 'reissue' AND OLD.replaces IS NOT NULL AND NEW.erased_at IS NULL) EXECUTE FUNCTION hall.reissue_stands();

-- ---- who may ----

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'certhall_privacy') THEN
        CREATE ROLE certhall_privacy LOGIN;
    END IF;
END $$;
GRANT USAGE ON SCHEMA hall TO certhall_privacy;
GRANT EXECUTE ON FUNCTION hall.known, hall.me, hall.my_project, hall.my_kind, hall.my_roles, hall.data_keys, hall.refuse,
    hall.iso, hall.enter, hall.form_spec, hall.order_view, hall.code_names TO certhall_privacy;
GRANT EXECUTE ON FUNCTION hall.my_consents, hall.consent_withdraw, hall.export_account, hall.export_orders TO certhall_privacy;
GRANT EXECUTE ON FUNCTION hall.retention_step, hall.retention_want TO certhall_runner;
GRANT EXECUTE ON FUNCTION hall.retention_step, hall.retention_list TO certhall_admin;

COMMIT;
