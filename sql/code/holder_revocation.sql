-- Revocation by a person of the order: asked for by the account that owns it, and done when that person has authenticated by phone.

-- The reasons that such a person may give; the others of RFC 5280 are the authority's.
CREATE OR REPLACE FUNCTION hall.holder_reasons() RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT '{cessation,key_compromise,affiliation_changed,unspecified}'::text[] $$;

-- As whom somebody may authenticate for it.
CREATE OR REPLACE FUNCTION hall.revoking_roles(o hall.orders) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE person_of(o) WHEN 'natural' THEN '{holder}' WHEN 'holder' THEN '{holder,agent,legal}' ELSE '{agent,legal}' END::text[];
END $$;

-- Why a certificate cannot be revoked by a person of its order; NULL: it can.
CREATE OR REPLACE FUNCTION hall.revoke_hindrance(o hall.orders, c hall.certificate) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE
        WHEN c.state = 'revoked' THEN '证书已经吊销。'
        WHEN c.not_after <= now() THEN '证书已经过期，不需要注销。'
        WHEN NOT (state_of(o)).left_us THEN '证书还没有交付。不再办理的，请在业务单里申请退费。'
        WHEN (holding(c)).way = 'system' THEN '证书将在账户核实后重新制作，现在不能注销。' END;
END $$;

-- The order whose form has the persons who may revoke a certificate, and that form.
CREATE OR REPLACE FUNCTION hall.revoke_form(wanted uuid, the_serial text) RETURNS TABLE (order_id uuid, form bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate := my_certificate(wanted, the_serial);
    o orders;
    why text;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted;
    why := revoke_hindrance(o, c);
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    END IF;
    RETURN QUERY SELECT f.id, f.form FROM orders f WHERE f.id = on_file(c);
END $$;

-- A link on which the person authenticates.
CREATE OR REPLACE FUNCTION hall.revoke_start(new_id uuid, wanted uuid, the_serial text, the_role text, why text, token bytea, life interval)
RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate := my_certificate(wanted, the_serial);
    o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted;
    IF the_role <> ALL (revoking_roles(o)) THEN
        PERFORM refuse(422, '请选择由谁认证。', '/role');
    ELSIF why <> ALL (holder_reasons()) THEN
        PERFORM refuse(422, '请选择注销原因。', '/reason');
    END IF;
    RETURN certificate_proof(new_id, c, 'revoke', the_role, why, token, life,
                             '这张证书今天申请注销的次数已用完，请明天再试，或拨打服务热线。需要立即停用的，请报失并冻结。');
END $$;

-- The person has passed: the certificate, with its pair, is revoked at once. Returns a word for the page: revoked_now; revoked_not, when
-- meanwhile it could no longer be.
CREATE OR REPLACE FUNCTION hall.revoke_apply(i hall.identity) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate;
    o orders;
BEGIN
    SELECT * INTO c FROM certificate WHERE id = i.certificate FOR NO KEY UPDATE;
    SELECT * INTO o FROM orders WHERE id = c.order_id;
    IF revoke_hindrance(o, c) IS NOT NULL THEN
        RETURN 'revoked_not';
    END IF;
    INSERT INTO revocation (id, certificate, kind, reason, identity, state, ended_at)
    VALUES (gen_random_uuid(), c.id, 'revoke', i.revoke_reason, i.id, 'done', now());
    RETURN 'revoked_now';
END $$;

-- The owner's view: which certificates of an order can be revoked, by whom and why, and how far the last request is.
CREATE OR REPLACE FUNCTION hall.my_revocables(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('roles', to_jsonb(revoking_roles(o)),
        'reasons', (SELECT jsonb_agg(jsonb_build_object('code', r, 'name', reason_words(r)) ORDER BY n) FROM unnest(holder_reasons()) WITH ORDINALITY x(r, n)),
        'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('serial', c.serial, 'name', item_subject(o, c.item), 'state', c.state,
               'seal', EXISTS (SELECT FROM seal s WHERE s.certificate = c.id AND s.state <> 'withdrawn'),
               'can', h.why IS NULL, 'why', h.why,
               'asked', certificate_proof_asked(c, 'revoke'))
               ORDER BY c.item, c.issued_at DESC), '[]')
        FROM certificate c CROSS JOIN LATERAL (SELECT revoke_hindrance(o, c) AS why) h
       WHERE c.order_id = o.id AND c.key_use = 'signature' AND c.state <> 'issuing'))::text
      FROM orders o WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project());
END $$;
