-- Loss reports by applicants.

-- How long the person who reported a loss may undo it alone.
CREATE OR REPLACE FUNCTION hall.undo_time() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '24 hours' $$;

-- Whether the caller may undo the hold alone, that is in the same way as it was made and within a day. With a link it must be the
-- same person, with an account the same account.
CREATE OR REPLACE FUNCTION hall.undoes(h hall.revocation, r hall.revocation) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT h.way <> 'system' AND h.ended_at > now() - undo_time() AND (h.staff IS NULL) = (r.staff IS NULL)
       AND (h.identity IS NULL) = (r.identity IS NULL) AND h.account IS NOT DISTINCT FROM r.account
       AND (SELECT role FROM identity WHERE id = h.identity) IS NOT DISTINCT FROM (SELECT role FROM identity
           WHERE id = r.identity));
END $$;

CREATE OR REPLACE FUNCTION hall.loss_report(new_id uuid, wanted uuid, the_serial text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c certificate := my_certificate(wanted, the_serial);
BEGIN
    IF c.state = 'hold' THEN
        PERFORM refuse(409, '证书已经冻结。');
    ELSIF c.not_after <= now() THEN
        PERFORM refuse(409, '证书已经过期，无需报失。');
    ELSIF (SELECT count(*) FROM revocation WHERE certificate = c.id AND account IS NOT NULL AND kind = 'hold'
              AND asked_at > now() - interval '1 day') >= 5 THEN
        PERFORM refuse(429, '今天报失的次数过多，请拨打服务热线办理。');
    END IF;
    INSERT INTO revocation (id, certificate, kind, account, state, ended_at) VALUES (new_id, c.id, 'hold', me(), 'done',
        now());
END $$;

CREATE OR REPLACE FUNCTION hall.loss_undo(new_id uuid, wanted uuid, the_serial text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate := my_certificate(wanted, the_serial);
    h revocation := holding(c);
BEGIN
    IF c.state <> 'hold' THEN
        PERFORM refuse(409, '证书没有冻结。');
    ELSIF h.account IS DISTINCT FROM me() THEN
        PERFORM refuse(409, '这次冻结不是由本账号报失的，解除请拨打服务热线。');
    ELSIF h.ended_at <= now() - undo_time() THEN
        PERFORM refuse(409, '报失已超过 24 小时，解除冻结请拨打服务热线。');
    END IF;
    INSERT INTO revocation (id, certificate, kind, account, state, ended_at) VALUES (new_id, c.id, 'release', me(),
        'done', now());
END $$;

-- The certificate of a serial number, with the encrypted form that names its persons.
CREATE OR REPLACE FUNCTION hall.loss_find(the_serial text) RETURNS TABLE (certificate uuid, order_id uuid, form bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT c.id, o.id, o.form FROM certificate c JOIN orders o ON o.id = on_file(c)
     WHERE c.serial = the_serial AND c.state <> 'issuing' ORDER BY c.issued_at DESC LIMIT 1;
END $$;

-- A link for the phone, whether or not there is such a certificate. Each start is counted for the address; a start after which a card
-- was refused is also counted for the serial number.
CREATE OR REPLACE FUNCTION hall.loss_start(new_id uuid, lost uuid, the_role text, the_kind text, the_serial text, token bytea,
    life interval,
                                per_hour int) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    ends timestamptz := now() + life;
    from_network text := hall.network((caller()).address);
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('loss' || the_serial, 0));
    PERFORM identity_admit(per_hour, '当前网络的操作过于频繁，请稍后再试，或拨打服务热线报失。');
    IF (SELECT count(*) FROM identity i WHERE i.serial = the_serial AND i.purpose = 'loss' AND i.refusals > 0
              AND i.created_at > now() - interval '1 day') >= 10 THEN
        PERFORM refuse(429, '该序列号今天认证未通过的次数过多，请拨打服务热线报失。');
    END IF;
    INSERT INTO identity (id, purpose, certificate, project, role, kind, serial, address, expires_at)
    VALUES (new_id, 'loss', lost, my_project(), the_role, the_kind, the_serial, from_network, ends);
    INSERT INTO link (token_hash, purpose, subject, expires_at) VALUES (token, 'phone', new_id, ends);
    IF lost IS NOT NULL THEN
        PERFORM note('certificate', lost, jsonb_build_object('loss', new_id, 'role', the_role, 'kind', the_kind));
    END IF;
    RETURN ends;
END $$;

-- The effect of an authentication on the certificate, as a word for the page.
CREATE OR REPLACE FUNCTION hall.loss_apply(i hall.identity) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate;
    h revocation;
BEGIN
    SELECT * INTO c FROM certificate WHERE id = i.certificate FOR NO KEY UPDATE;
    h := holding(c);
    IF c.state = 'revoked' THEN
        RETURN 'revoked';
    ELSIF i.kind = 'hold' AND c.state = 'hold' THEN
        RETURN 'held_before';
    ELSIF i.kind = 'hold' AND c.not_after <= now() THEN
        RETURN 'expired';
    ELSIF i.kind = 'release' AND c.state = 'valid' THEN
        RETURN 'not_held';
    ELSIF i.kind = 'release' AND (h.identity IS NULL OR i.role IS DISTINCT FROM (SELECT role FROM identity
        WHERE id = h.identity)) THEN
        RETURN 'other_way';
    ELSIF i.kind = 'release' AND h.ended_at <= now() - undo_time() THEN
        RETURN 'late';
    END IF;
    INSERT INTO revocation (id, certificate, kind, identity, state, ended_at) VALUES (gen_random_uuid(), c.id, i.kind,
        i.id, 'done', now());
    RETURN CASE i.kind WHEN 'hold' THEN 'held' ELSE 'released' END;
END $$;

-- The person whose card and face are required: agent, holder or legal.
CREATE OR REPLACE FUNCTION hall.identity_role(i hall.identity, o hall.orders) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN coalesce(i.role, CASE person_of(o) WHEN 'natural' THEN 'holder' ELSE 'agent' END);
END $$;

-- The owner's view: the actions that are possible, and what has happened.
CREATE OR REPLACE FUNCTION hall.my_losses(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('items', (SELECT coalesce(jsonb_agg(certificate_brief(c) || jsonb_build_object(
               'can', to_jsonb(array_remove(ARRAY[
                   CASE WHEN c.state = 'valid' AND c.not_after > now() THEN 'report' END,
                   CASE WHEN c.state = 'hold' AND (holding(c)).account = me()
                       AND (holding(c)).ended_at > now() - undo_time() THEN 'undo' END], NULL)),
               'history', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', iso(r.ended_at), 'kind', r.kind, 'way', r.way,
                   'reason', r.reason, 'kind_name', word('revocation_kind', r.kind), 'way_name', word('revocation_way', r.way),
                   'reason_name', word('revocation_reason', r.reason)) ORDER BY r.number), '[]') FROM revocation r WHERE r.certificate = c.id
                       AND r.state = 'done'))
               ORDER BY c.issued_at DESC, c.item, c.key_use DESC), '[]') FROM certificate c WHERE c.order_id = o.id
                   AND c.state <> 'issuing'))::text
      FROM orders o WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project());
END $$;
