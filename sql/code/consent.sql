-- Agreements, the withdrawal of consent, and the export of one's own data.

-- Rows are kept for good; they can only be withdrawn.
CREATE OR REPLACE FUNCTION hall.consent_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' OR OLD.withdrawn_at IS NOT NULL
       OR to_jsonb(NEW) - 'withdrawn_at' IS DISTINCT FROM to_jsonb(OLD) - 'withdrawn_at' THEN
        RAISE EXCEPTION 'consents are kept as they were given';
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER consent_kept BEFORE UPDATE OR DELETE ON hall.consent FOR EACH ROW EXECUTE FUNCTION hall.consent_kept();

-- The effect of a withdrawal now. `face`: the order goes on, but no face is checked any more. Otherwise on the order: `cancel` when it is
-- not paid, `refund` when it is paid and nothing is made, `nothing` when its certificate is made, when it has ended, or when another
-- account has taken it over.
CREATE OR REPLACE FUNCTION hall.consent_follows(o hall.orders, who uuid, of_face bool) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE WHEN of_face THEN 'face' WHEN o.account <> who THEN 'nothing' WHEN (state_of(o)).to_pay THEN 'cancel'
                WHEN refundable(o, accepted => true) THEN 'refund' ELSE 'nothing' END;
END $$;

CREATE OR REPLACE FUNCTION hall.my_consents() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (WITH mine AS (SELECT c, o, g FROM consent c JOIN orders o ON o.id = c.order_id
                    JOIN agreement g ON g.code = c.code AND g.version = c.version
                   WHERE c.account = me() AND my_kind() = 'account')
    SELECT jsonb_build_object(
        'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', (c).id, 'code', (c).code, 'version', (c).version,
            'title', (g).title, 'sha256', (c).sha256, 'at', iso((c).at), 'address', (c).address,
            'withdrawn_at', iso((c).withdrawn_at), 'follows', CASE WHEN (c).withdrawn_at IS NULL THEN consent_follows(o, me(), (c).identity IS NOT NULL) END,
            'order', jsonb_build_object('id', (o).id, 'number', (o).number, 'project_name', p.name, 'slug', p.slug,
                'state', (o).state, 'label', l.label)) ORDER BY (c).id DESC), '[]')
            FROM mine JOIN project p ON p.id = (o).project CROSS JOIN LATERAL order_label(o) l),
        'texts', (SELECT coalesce(jsonb_agg(DISTINCT jsonb_build_object('code', (g).code, 'version', (g).version,
            'title', (g).title, 'text', (g).body, 'sha256', (g).sha256)), '[]') FROM mine))::text);
END $$;

-- Records the withdrawal for good, and performs its effect in the same transaction. `words` is the encrypted reason of a refund.
CREATE OR REPLACE FUNCTION hall.consent_withdraw(wanted bigint, request uuid, words bytea) RETURNS text
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
    follows := consent_follows(o, me(), c.identity IS NOT NULL);
    UPDATE consent SET withdrawn_at = now() WHERE id = wanted;
    PERFORM note('order', o.id, jsonb_build_object('consent', c.code, 'version', c.version, 'withdrawn', true));
    INSERT INTO order_history (order_id, event, text) SELECT o.id, 'consent', format('撤回授权：《%s》', title)
      FROM agreement WHERE code = c.code AND version = c.version;
    IF follows = 'cancel' THEN
        PERFORM advance(o.id, 'cancel');
        PERFORM close_payment(o.id);
    ELSIF follows = 'refund' THEN
        PERFORM refund_open(request, o, me(), NULL, words);
    END IF;
    RETURN jsonb_build_object('followed', follows)::text;
END $$;

-- An order whose account has withdrawn its consent can only be cancelled or refunded; a consent to a face is apart from this.
CREATE OR REPLACE FUNCTION hall.consent_stands() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM consent WHERE order_id = NEW.id AND account = NEW.account AND withdrawn_at IS NOT NULL AND identity IS NULL) THEN
        PERFORM refuse(409, '申请人已撤回办理所需的授权，业务单不能继续办理。');
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER orders_consent BEFORE UPDATE OF state ON hall.orders FOR EACH ROW
    WHEN ((OLD.state, NEW.state) IN (('draft', 'unpaid'), ('rejected', 'in_review'), ('in_review', 'approved')))
    EXECUTE FUNCTION hall.consent_stands();
CREATE OR REPLACE TRIGGER orders_consent_made BEFORE UPDATE OF producer ON hall.orders FOR EACH ROW WHEN (NEW.producer IS NOT NULL)
    EXECUTE FUNCTION hall.consent_stands();

CREATE OR REPLACE FUNCTION hall.exports_max() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 5 $$;

-- The export is recorded in the trail of the account. The caller decrypts encrypted values.
CREATE OR REPLACE FUNCTION hall.export_account() RETURNS TABLE (id uuid, "out" text, phone bytea, profile bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM count_public('export', me()::text, exports_max(), '今天导出的次数已用完，请明天再试。');
    PERFORM note('account', me(), '{"read": "export"}');
    RETURN QUERY SELECT a.id, jsonb_build_object('made_at', iso(now()), 'account', jsonb_build_object('id', a.id,
               'created_at', iso(a.created_at), 'sessions', (SELECT coalesce(jsonb_agg(jsonb_build_object('made_by', s.made_by,
                   'address', s.address, 'created_at', iso(s.created_at), 'seen_at', iso(s.seen_at)) ORDER BY s.created_at), '[]')
                   FROM session s WHERE s.account = a.id)))::text, a.phone_encrypted, a.profile
      FROM account a WHERE a.id = me() AND my_kind() = 'account';
END $$;

CREATE OR REPLACE FUNCTION hall.export_orders() RETURNS TABLE (id uuid, "out" text, form bytea, account bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.id, (to_jsonb(n) - '{form,can,step,step_text,locked}'::text[]
        || jsonb_build_object('project_name', (SELECT p.name FROM project p WHERE p.id = o.project),
        'papers', (SELECT coalesce(jsonb_agg(to_jsonb(m)), '[]') FROM order_papers(o.id) m),
        'history', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', iso(h.at), 'text', h.text)), '[]') FROM order_lines(o.id) h),
        'consents', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', c.code, 'version', c.version, 'sha256', c.sha256,
            'at', iso(c.at), 'address', c.address, 'withdrawn_at', iso(c.withdrawn_at)) ORDER BY c.id), '[]')
            FROM consent c WHERE c.order_id = o.id AND c.account = o.account),
        'entries', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', iso(e.at), 'fen', e.fen, 'payer', e.masked, 'outcome', e.outcome) ORDER BY e.at), '[]')
            FROM bank_entry e WHERE e.order_id = o.id),
        'appointments', (SELECT coalesce(jsonb_agg(jsonb_build_object('number', a.number::text, 'outlet', u.name, 'place', u.place, 'at', iso(a.starts_at),
            'state', a.state, 'reason', word('appointment_reason', a.reason), 'ended_at', iso(a.ended_at)) ORDER BY a.created_at), '[]')
            FROM appointment a JOIN outlet u ON u.code = a.outlet WHERE a.order_id = o.id),
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
        o.form, b.encrypted
      FROM orders o CROSS JOIN LATERAL order_page(o.id) n LEFT JOIN bank_account b ON b.order_id = o.id
     WHERE o.account = me() ORDER BY o.created_at;
END $$;
