-- Revocation by two persons, and holds.

CREATE OR REPLACE FUNCTION hall.reason_words(reason text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(hall.word('revocation_reason', reason), CASE reason WHEN 'hold' THEN '冻结' ELSE '其他' END) $$;

-- The hold of a certificate.
CREATE OR REPLACE FUNCTION hall.holding(c hall.certificate) RETURNS hall.revocation
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE h revocation;
BEGIN
    IF c.state = 'hold' THEN
        SELECT r.* INTO h FROM revocation r
         WHERE r.kind = 'hold' AND r.state = 'done' AND r.certificate IN (SELECT id FROM pair_of(c))
         ORDER BY r.number DESC LIMIT 1;
    END IF;
    RETURN h;
END $$;

-- Rules that columns cannot express: a request that has ended stays as it is; reviewers decide, but not those who produced the
-- certificate; only somebody who may undo the hold releases it alone.
CREATE OR REPLACE FUNCTION hall.revocation_rules() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c certificate;
BEGIN
    IF TG_OP = 'UPDATE' AND (OLD.state <> 'asked' OR (NEW.id, NEW.certificate, NEW.kind, NEW.reason, NEW.staff,
        NEW.asked_at)
                             IS DISTINCT FROM (OLD.id, OLD.certificate, OLD.kind, OLD.reason, OLD.staff, OLD.asked_at))
                                 THEN
        PERFORM refuse(409, '这项申请已经办结，请刷新后再看。');
    END IF;
    SELECT * INTO c FROM certificate WHERE id = NEW.certificate;
    IF NEW.state = 'asked' OR NEW.decided_by IS NOT NULL THEN
        IF NOT (SELECT 'reviewer' = ANY (roles) AND active FROM staff WHERE id = coalesce(NEW.decided_by, NEW.staff))
            THEN
            PERFORM refuse(403, '吊销和超过 24 小时的解冻须由审核员办理。');
        ELSIF (SELECT producer FROM orders WHERE id = c.order_id) IN (NEW.staff, NEW.decided_by) THEN
            PERFORM refuse(403, '制证人不能办理同一业务单证书的吊销或解冻。');
        END IF;
    ELSIF NEW.kind = 'release' AND NEW.state = 'done' AND num_nonnulls(NEW.staff, NEW.account, NEW.identity) = 1
          AND NOT coalesce(undoes(holding(c), NEW), false) THEN
        PERFORM refuse(409, '冻结不是经同一方式办理，或已超过 24 小时，不能单独解除。');
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER revocation_rules BEFORE INSERT OR UPDATE OF id, certificate, kind, reason, staff, account, identity,
    asked_at, state,
    -- texts are encrypted again for this row
    decided_by, ended_at ON hall.revocation FOR EACH ROW EXECUTE FUNCTION hall.revocation_rules();

-- The decision is applied to the certificates in the same statement.
CREATE OR REPLACE FUNCTION hall.revocation_move(r hall.revocation) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate;
    outer_ text := known('revocation');
BEGIN
    SELECT * INTO c FROM certificate WHERE id = r.certificate FOR NO KEY UPDATE;
    IF (r.kind, c.state) NOT IN (('hold', 'valid'), ('release', 'hold'), ('revoke', 'valid'), ('revoke', 'hold')) THEN
        PERFORM refuse(409, '证书的状态已经改变，请刷新后再看。');
    END IF;
    PERFORM keep('revocation', r.id::text);
    UPDATE certificate SET state = CASE r.kind WHEN 'hold' THEN 'hold' WHEN 'release' THEN 'valid' ELSE 'revoked' END,
        reason = r.reason
     WHERE id IN (SELECT id FROM pair_of(c));
    PERFORM keep('revocation', outer_);
END $$;

-- Whom the state of an order's certificates concerns.
CREATE OR REPLACE FUNCTION hall.told_of_holds(o hall.orders) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE person_of(o) WHEN 'natural' THEN '{holder}' WHEN 'holder' THEN '{agent,holder}' ELSE '{agent}' END::text[];
END $$;

-- Agent and holder are informed, and the order's history gets a line. Nobody is informed about the system's own hold, which concerns
-- a token that was not shipped, or about certificates that the same order makes again, since nobody has the old ones.
CREATE OR REPLACE FUNCTION hall.revocation_tell(r hall.revocation) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate;
    o orders;
    word text := CASE r.kind WHEN 'hold' THEN 'held' WHEN 'release' THEN 'released' ELSE 'revoked' END;
    recipient text;
BEGIN
    SELECT * INTO c FROM certificate WHERE id = r.certificate;
    SELECT * INTO o FROM orders WHERE id = c.order_id;
    INSERT INTO order_history (order_id, event, text) VALUES (o.id, word, CASE r.kind WHEN 'hold' THEN '证书已冻结'
        WHEN 'release' THEN '证书已解除冻结' ELSE format('证书已吊销：%s', reason_words(r.reason)) END);
    IF r.way = 'system' AND NOT EXISTS (SELECT FROM certificate n WHERE n.replaces = c.id AND n.order_id <> c.order_id)
        THEN
        RETURN;
    END IF;
    FOREACH recipient IN ARRAY told_of_holds(o) LOOP
        PERFORM tell(on_file(c), 'certificate_' || word, recipient, r.id || '/' || recipient, jsonb_build_object('serial',
            c.serial,
            'reason', reason_words(r.reason), 'time', to_char(r.ended_at AT TIME ZONE 'Asia/Shanghai',
                'YYYY-MM-DD HH24:MI')));
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION hall.revocation_after() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM note('certificate', NEW.certificate, jsonb_build_object('request', NEW.id)
                 || (changes('revocation', (SELECT order_id FROM certificate WHERE id = NEW.certificate),
                             CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) END, to_jsonb(NEW))).detail);
    IF NEW.state = 'done' THEN
        IF known('revocation') IS DISTINCT FROM NEW.id::text THEN
            PERFORM revocation_move(NEW);
        END IF;
        PERFORM revocation_tell(NEW);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER revocation_after AFTER INSERT OR UPDATE OF state ON hall.revocation FOR EACH ROW EXECUTE FUNCTION
    hall.revocation_after();

-- A certificate, locked, about which nothing waits for a second person.
CREATE OR REPLACE FUNCTION hall.revocable(wanted uuid) RETURNS hall.certificate
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c certificate := staff_certificate(wanted);
BEGIN
    IF EXISTS (SELECT FROM revocation WHERE state = 'asked' AND certificate IN (SELECT id FROM pair_of(c))) THEN
        PERFORM refuse(409, '这张证书已有待确认的申请，请先处理。');
    END IF;
    RETURN c;
END $$;

-- What an act says of a certificate.
CREATE OR REPLACE FUNCTION hall.certificate_facts(c hall.certificate) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT f.* FROM orders o, LATERAL (VALUES ('证书序列号', c.serial), ('证书主体', item_subject(o, c.item)),
        ('证书有效期至', iso(c.not_after)), ('业务单', o.number || ' ' || o.id)) f WHERE o.id = c.order_id;
END $$;

CREATE OR REPLACE FUNCTION hall.revocation_wanted_facts(c hall.certificate, why text) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT f.* FROM certificate_facts(c) f;
    RETURN QUERY VALUES ('吊销原因', reason_words(why));
END $$;

-- What the act of asking for a revocation says; a revocation that could not be asked for is refused.
CREATE OR REPLACE FUNCTION hall.revoke_facts(wanted uuid, why text) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c certificate := revocable(wanted);
BEGIN
    RETURN QUERY SELECT f.* FROM revocation_wanted_facts(c, why) f;
END $$;

-- Asks for a revocation, under the act `signed`; another reviewer confirms it.
CREATE OR REPLACE FUNCTION hall.revocation_ask(new_id uuid, wanted uuid, why text, words bytea, signed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c certificate := revocable(wanted);
BEGIN
    PERFORM act_keep('revoke', c.id, c.order_id, signed, 'certificate', c.id);
    INSERT INTO revocation (id, certificate, kind, reason, staff, note) VALUES (new_id, c.id, 'revoke', why, me(),
        words);
END $$;

-- A hold by one member of staff after a call.
CREATE OR REPLACE FUNCTION hall.certificate_hold(new_id uuid, wanted uuid, words bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c certificate := staff_certificate(wanted);
BEGIN
    IF c.state = 'hold' THEN
        PERFORM refuse(409, '证书已经冻结。');
    END IF;
    INSERT INTO revocation (id, certificate, kind, staff, note, state, ended_at) VALUES (new_id, c.id, 'hold', me(),
        words, 'done', now());
END $$;

-- The hold is undone in the same way within a day; after that it becomes a request. While a revocation is asked for, nobody undoes it alone.
CREATE OR REPLACE FUNCTION hall.certificate_release(new_id uuid, wanted uuid, words bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate := revocable(wanted);
    h revocation := holding(c);
BEGIN
    IF c.state <> 'hold' THEN
        PERFORM refuse(409, '证书没有冻结。');
    ELSIF h.id IS NULL OR h.way = 'system' THEN
        PERFORM refuse(409, '因退票冻结的证书重新制证后自动吊销，不能解除冻结。');
    ELSIF h.way = 'staff' AND h.ended_at > now() - undo_time() THEN
        INSERT INTO revocation (id, certificate, kind, staff, note, state, ended_at)
        VALUES (new_id, c.id, 'release', me(), words, 'done', now());
    ELSE
        INSERT INTO revocation (id, certificate, kind, staff, note) VALUES (new_id, c.id, 'release', me(), words);
    END IF;
END $$;

-- The request, locked, of which the caller may say `verdict`.
CREATE OR REPLACE FUNCTION hall.revocation_asked(wanted uuid, verdict text) RETURNS hall.revocation
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE r revocation;
BEGIN
    -- The certificate is locked first, as everywhere where one changes, to avoid deadlocks.
    PERFORM FROM certificate c WHERE my_kind() = 'staff'
        AND c.id = (SELECT x.certificate FROM revocation x WHERE x.id = wanted) FOR NO KEY UPDATE;
    SELECT * INTO r FROM revocation WHERE id = wanted AND my_kind() = 'staff' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这项申请。');
    ELSIF r.state <> 'asked' THEN
        PERFORM refuse(409, '这项申请已经办结，请刷新后再看。');
    ELSIF verdict = 'withdrawn' AND r.staff <> me() THEN
        PERFORM refuse(403, '只有申请人可以撤回；不同意请选择“不同意”。');
    ELSIF verdict <> 'withdrawn' AND r.staff = me() THEN
        PERFORM refuse(403, '须由另一位审核员确认，申请人自己不能确认。');
    END IF;
    RETURN r;
END $$;

-- What the act of the second person says.
CREATE OR REPLACE FUNCTION hall.revocation_confirm_facts(r hall.revocation) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c certificate;
BEGIN
    SELECT * INTO c FROM certificate WHERE id = r.certificate;
    RETURN QUERY VALUES ('事项', word('revocation_kind', r.kind)), ('申请', r.id::text);
    RETURN QUERY SELECT f.* FROM certificate_facts(c) f;
    RETURN QUERY VALUES ('吊销原因', word('revocation_reason', r.reason)), ('申请人', staff_name(r.staff)), ('申请时间', iso(r.asked_at));
END $$;

-- The same, of a request that the caller may confirm. The words of the first person are in `note`, for the module to decrypt.
CREATE OR REPLACE FUNCTION hall.revocation_facts(wanted uuid) RETURNS TABLE (label text, value text, note bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE r revocation := revocation_asked(wanted, 'done');
BEGIN
    RETURN QUERY SELECT f.label, f.value, r.note FROM revocation_confirm_facts(r) f;
END $$;

-- The revocations by staff whose acts the signer has not checked.
CREATE OR REPLACE FUNCTION hall.signer_revocations() RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT r.id FROM revocation r WHERE r.kind = 'revoke' AND r.state = 'done' AND r.staff IS NOT NULL AND r.checked_at IS NULL
      ORDER BY r.number LIMIT 250;
END $$;

-- What an act of the revocation must say ('revoke' or 'confirm_revocation'), a fact a row, with the words of who has asked, and the act
-- (NULL: there is none).
CREATE OR REPLACE FUNCTION hall.signer_revocation_act(wanted uuid, the_act text)
RETURNS TABLE (label text, value text, note bytea, staff uuid, decided_at timestamptz, credential bytea, client_data bytea,
               authenticator_data bytea, signature bytea, leaves int, place int, path bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    r revocation;
    c certificate;
BEGIN
    SELECT * INTO r FROM revocation WHERE id = wanted;
    SELECT * INTO c FROM certificate WHERE id = r.certificate;
    RETURN QUERY SELECT f.label, f.value, r.note, k.staff, k.decided_at, k.credential, k.client_data, k.authenticator_data, k.signature,
           k.leaves, k.place, k.path
      FROM (SELECT x.label, x.value FROM revocation_wanted_facts(c, r.reason) x WHERE the_act = 'revoke'
            UNION ALL SELECT x.label, x.value FROM revocation_confirm_facts(r) x WHERE the_act = 'confirm_revocation') f
      LEFT JOIN (SELECT x.* FROM act x WHERE x.order_id = c.order_id AND x.what = the_act AND CASE the_act
                 WHEN 'revoke' THEN x.subject = c.id AND x.staff = r.staff AND x.at = r.asked_at
                 ELSE x.subject = r.id AND x.staff = r.decided_by END ORDER BY x.decided_at DESC LIMIT 1) k ON true;
END $$;

-- The signer has checked the acts of a revocation. `why`: they do not hold, so the certificate is given out as on hold.
CREATE OR REPLACE FUNCTION hall.signer_revocation_checked(wanted uuid, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE r revocation;
BEGIN
    PERFORM enter_system('signer', 'signer.revocation_checked');
    UPDATE revocation SET checked_at = now(), refused = why WHERE id = wanted AND checked_at IS NULL RETURNING * INTO r;
    IF r.refused IS NOT NULL THEN
        PERFORM note('certificate', r.certificate, jsonb_build_object('request', wanted, 'act_refused', why));
        UPDATE certificate SET unsigned = true
         WHERE id IN (SELECT p.id FROM certificate c, pair_of(c) p WHERE c.id = r.certificate);
    END IF;
END $$;

-- What a list or a status says of a certificate.
CREATE OR REPLACE FUNCTION hall.published_reason(c hall.certificate) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN c.unsigned AND c.state = 'revoked' THEN 'hold' ELSE c.reason END $$;

-- Says `verdict` of the request; a confirmation is done under the act `signed`.
CREATE OR REPLACE FUNCTION hall.revocation_decide(wanted uuid, verdict text, words bytea, signed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE r revocation := revocation_asked(wanted, verdict);
BEGIN
    IF verdict = 'done' THEN
        PERFORM act_keep('confirm_revocation', r.id, c.order_id, signed, 'certificate', c.id) FROM certificate c WHERE c.id = r.certificate;
    END IF;
    UPDATE revocation SET state = verdict, decided_by = me(), answer = words, ended_at = now() WHERE id = wanted;
END $$;

-- A row of the register without the texts that people wrote.
CREATE OR REPLACE FUNCTION hall.revocation_row(r hall.revocation) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', r.id, 'number', r.number, 'certificate', c.id, 'serial', c.serial,
        'certificate_state', c.state,
        'order_id', o.id, 'order_number', o.number, 'subject', o.subject, 'kind', r.kind, 'reason', r.reason, 'way',
            r.way,
        'kind_name', word('revocation_kind', r.kind), 'reason_name', word('revocation_reason', r.reason),
        'way_name', word('revocation_way', r.way), 'state_name', word('revocation_state', r.state),
        'role', (SELECT role FROM identity i WHERE i.id = r.identity), 'state', r.state, 'asked_by',
            staff_name(r.staff),
        'asked_at', iso(r.asked_at), 'decided_by', staff_name(r.decided_by), 'ended_at', iso(r.ended_at), 'has_note',
            r.note IS NOT NULL, 'refused', r.refused,
        'can', CASE WHEN r.state = 'asked' AND 'reviewer' = ANY (my_roles())
                    THEN CASE WHEN r.staff = me() THEN '["withdraw"]' ELSE '["confirm", "refuse"]' END::jsonb
                        ELSE '[]' END)
      FROM certificate c JOIN orders o ON o.id = c.order_id WHERE c.id = r.certificate);
END $$;

-- Requests that wait for a second person come first, then the newest. A filter with a word that is none of the register's finds everything.
CREATE OR REPLACE FUNCTION hall.revocations_json(wanted_state text, wanted_kind text, wanted_way text, wanted_serial text,
    after text, page_size int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    keys text[] := cursor_keys(after, 'bool', 'bigint');
    after_asked bool := keys[1];
    after_number bigint := keys[2];
    most int := look_for(after, page_size);
    ids uuid[];
BEGIN
    ids := ARRAY(SELECT r.id FROM revocation r WHERE my_kind() = 'staff' AND (word('revocation_state', wanted_state) IS NULL OR r.state = wanted_state)
        AND (word('revocation_kind', wanted_kind) IS NULL OR r.kind = wanted_kind)
        AND (word('revocation_way', wanted_way) IS NULL OR r.way = wanted_way)
        AND (wanted_serial IS NULL OR r.certificate IN (SELECT id FROM certificate WHERE serial = wanted_serial))
        AND (after IS NULL OR ((r.state = 'asked'), r.number) < (after_asked, after_number))
      ORDER BY (r.state = 'asked') DESC, r.number DESC LIMIT most);
    PERFORM set_config('plan_cache_mode', 'auto', true); -- from here on the rows are shown in the same way for every search
    RETURN (SELECT page(jsonb_agg(revocation_row(r) ORDER BY x.n),
        array_agg(cursor_of((r.state = 'asked')::text, r.number::text) ORDER BY x.n), page_size, after, cardinality(ids))
        || jsonb_build_object('waiting', (SELECT count(*) FROM (SELECT FROM revocation WHERE state = 'asked' AND my_kind() = 'staff'
                                                                 LIMIT count_most()) w),
            'states', choices('revocation_state'), 'kinds', choices('revocation_kind'), 'ways', choices('revocation_way'))
      FROM unnest(ids[1 : page_size + 1]) WITH ORDINALITY AS x(id, n) JOIN revocation r ON r.id = x.id)::text;
END $$;

-- One row with its encrypted texts; the reading is recorded in the trail.
CREATE OR REPLACE FUNCTION hall.revocation_read(wanted uuid) RETURNS TABLE ("out" text, note bytea, answer bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE r revocation;
BEGIN
    SELECT * INTO r FROM revocation WHERE id = wanted AND my_kind() = 'staff';
    IF FOUND THEN
        PERFORM note('certificate', r.certificate, jsonb_build_object('read', 'request/' || wanted));
        RETURN QUERY SELECT revocation_row(r)::text, r.note, r.answer;
    END IF;
END $$;
