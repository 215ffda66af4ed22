-- Deploy certhall:revocation to pg
-- Holds, releases and revocations: who asked, who confirmed, when. A certificate's state moves by a row of this
-- register, and what else moves it (a payment that came back, the issuance of its successor) writes its row here too.
BEGIN;

-- One order replaces a certificate.
CREATE UNIQUE INDEX orders_replaces ON hall.orders (replaces) WHERE state NOT IN ('cancelled', 'refunded');

-- Phone authentication for a second purpose: a loss is reported by somebody who does not own the account. `certificate`
-- is NULL where serial number and name led to none: such a link takes pictures and refuses them, and so tells nothing.
ALTER TABLE hall.identity
    ALTER order_id DROP NOT NULL,
    ADD purpose     text NOT NULL DEFAULT 'phone' CHECK (purpose IN ('phone', 'loss')),
    ADD certificate uuid REFERENCES hall.certificate,
    ADD project     uuid REFERENCES hall.project, -- whose page it began on; NULL: the hall's own
    ADD role        text CHECK (role IN ('handler', 'holder', 'legal')),
    ADD kind        text CHECK (kind IN ('hold', 'release')),
    ADD serial      text,
    ADD address     text,
    ADD refusals    int NOT NULL DEFAULT 0,       -- cards that were not the person's
    ADD outcome     text CHECK (outcome IN ('held', 'released', 'held_before', 'revoked', 'not_held', 'other_way',
        'late', 'expired')),
    ADD CONSTRAINT identity_purpose CHECK (CASE purpose
        WHEN 'phone' THEN order_id IS NOT NULL AND num_nonnulls(certificate, project, role, kind, serial, address,
            outcome) = 0
        ELSE order_id IS NULL AND num_nulls(role, kind, serial, address) = 0 AND (outcome IS NULL
            OR state = 'passed') END);
CREATE INDEX identity_address ON hall.identity (address, created_at) WHERE purpose = 'loss';
CREATE INDEX identity_serial ON hall.identity (serial, created_at) WHERE purpose = 'loss';

CREATE INDEX certificate_by_serial ON hall.certificate (serial);

CREATE TABLE hall.revocation (
    id          uuid PRIMARY KEY,
    number      bigint GENERATED ALWAYS AS IDENTITY UNIQUE, -- the order of events
    certificate uuid NOT NULL REFERENCES hall.certificate, -- stands for its pair as well
    kind        text NOT NULL CHECK (kind IN ('revoke', 'hold', 'release')),
    reason      text CHECK (reason IN ('unspecified', 'key_compromise', 'affiliation_changed', 'superseded',
        'cessation',
                                       'privilege_withdrawn')), -- RFC 5280, 5.3.1
    staff       uuid REFERENCES hall.staff,    -- who asked: one of these three, or the system
    account     uuid REFERENCES hall.account,
    identity    uuid REFERENCES hall.identity,
    way         text NOT NULL GENERATED ALWAYS AS (CASE WHEN staff IS NOT NULL THEN 'staff' WHEN account IS NOT NULL
        THEN 'account'
                    WHEN identity IS NOT NULL THEN 'link' ELSE 'system' END) STORED,
    asked_at    timestamptz NOT NULL DEFAULT now(),
    note        bytea,                         -- sealed, place "revocation.note": why; of a call: who, how identified
    state       text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'done', 'refused', 'withdrawn')),
    decided_by  uuid REFERENCES hall.staff,    -- who confirmed, refused or withdrew it
    answer      bytea,                         -- sealed, place "revocation.answer": why it was refused
    ended_at    timestamptz,
    CHECK (num_nonnulls(staff, account, identity) <= 1),
    CHECK ((kind = 'revoke') = (reason IS NOT NULL)),
    CHECK ((state = 'asked') = (ended_at IS NULL)),
    CHECK (staff IS NULL OR note IS NOT NULL),
    CHECK (way <> ALL ('{account,link}') OR (kind <> 'revoke' AND state = 'done')),
    -- Two persons revoke, and two release what was held for more than a day; one person may hold, and undo that.
    CONSTRAINT revocation_two_persons CHECK (CASE state
        WHEN 'asked' THEN staff IS NOT NULL AND kind <> 'hold' AND decided_by IS NULL
        WHEN 'withdrawn' THEN staff IS NOT NULL AND (decided_by IS NULL OR decided_by = staff) -- NULL: overtaken
        WHEN 'refused' THEN staff IS NOT NULL AND decided_by IS NOT NULL AND decided_by <> staff
        ELSE CASE WHEN staff IS NULL OR kind = 'hold' THEN decided_by IS NULL
                  WHEN kind = 'revoke' THEN decided_by IS NOT NULL AND decided_by <> staff
                  ELSE decided_by IS NULL OR decided_by <> staff END END)
);
CREATE UNIQUE INDEX revocation_open ON hall.revocation (certificate) WHERE state = 'asked';
CREATE INDEX revocation_certificate ON hall.revocation (certificate, number);
CREATE INDEX revocation_list ON hall.revocation (state, number);

INSERT INTO hall.revocation (id, certificate, kind, reason, asked_at, state, ended_at)
SELECT gen_random_uuid(), id, CASE state WHEN 'hold' THEN 'hold' ELSE 'revoke' END, nullif(reason, 'hold'), revoked_at,
    'done', revoked_at
  FROM hall.certificate WHERE state IN ('hold', 'revoked') ORDER BY revoked_at;

-- How long whoever reported a loss may undo it alone.
CREATE FUNCTION hall.undo_time() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '24 hours' $$;

CREATE FUNCTION hall.reason_words(reason text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE reason WHEN 'key_compromise' THEN '介质遗失或密钥泄露' WHEN 'affiliation_changed' THEN '证书信息变更'
        WHEN 'superseded' THEN '已由新证书替换' WHEN 'cessation' THEN '不再使用' WHEN 'privilege_withdrawn' THEN '资格被取消'
        WHEN 'hold' THEN '冻结' ELSE '其他' END $$;

-- Certificates that move together: those of one production of one item, the pair's two.
CREATE FUNCTION hall.pair_of(c hall.certificate) RETURNS SETOF hall.certificate
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT x.* FROM certificate x WHERE x.order_id = c.order_id AND x.item = c.item AND x.state = c.state
        ORDER BY x.id $$;

-- The hold that a certificate is under.
CREATE FUNCTION hall.holding(c hall.certificate) RETURNS hall.revocation
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT r.* FROM revocation r
     WHERE c.state = 'hold' AND r.kind = 'hold' AND r.state = 'done' AND r.certificate IN (SELECT id FROM pair_of(c))
     ORDER BY r.number DESC LIMIT 1 $$;

-- Whether the hold may be undone by the one who asks now, alone: the same way, within the day. A link is the same way
-- for the same person, an account for itself.
CREATE FUNCTION hall.undoes(h hall.revocation, r hall.revocation) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT h.way <> 'system' AND h.ended_at > now() - undo_time() AND (h.staff IS NULL) = (r.staff IS NULL)
       AND (h.identity IS NULL) = (r.identity IS NULL) AND h.account IS NOT DISTINCT FROM r.account
       AND (SELECT role FROM identity WHERE id = h.identity) IS NOT DISTINCT FROM (SELECT role FROM identity
           WHERE id = r.identity) $$;

-- What the columns cannot say: what has ended stays as it is; reviewers decide, but not those who produced the
-- certificate; alone releases only who may undo.
CREATE FUNCTION hall.revocation_rules() RETURNS trigger
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
CREATE TRIGGER revocation_rules BEFORE INSERT OR UPDATE OF id, certificate, kind, reason, staff, account, identity,
    asked_at, state,
    -- sealed words are sealed anew
    decided_by, ended_at ON hall.revocation FOR EACH ROW EXECUTE FUNCTION hall.revocation_rules();

-- What is done, is done to the certificates in the same statement.
CREATE FUNCTION hall.revocation_move(r hall.revocation) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate;
    outer_ text := coalesce(known('revocation'), '');
BEGIN
    SELECT * INTO c FROM certificate WHERE id = r.certificate FOR NO KEY UPDATE;
    IF (r.kind, c.state) NOT IN (('hold', 'valid'), ('release', 'hold'), ('revoke', 'valid'), ('revoke', 'hold')) THEN
        PERFORM refuse(409, '证书的状态已经改变，请刷新后再看。');
    END IF;
    PERFORM set_config('hall.revocation', r.id::text, true);
    UPDATE certificate SET state = CASE r.kind WHEN 'hold' THEN 'hold' WHEN 'release' THEN 'valid' ELSE 'revoked' END,
        reason = r.reason
     WHERE id IN (SELECT id FROM pair_of(c));
    PERFORM set_config('hall.revocation', outer_, true);
END $$;

-- Handler and holder hear of it, the order's history has a line. The system's own hold is of a token that has not left,
-- and of what the same order produces anew nobody has the old one.
CREATE FUNCTION hall.revocation_tell(r hall.revocation) RETURNS void
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
        WHEN 'release' THEN '证书已解除冻结' ELSE '证书已吊销：' || reason_words(r.reason) END);
    IF r.way = 'system' AND NOT EXISTS (SELECT FROM certificate n WHERE n.replaces = c.id AND n.order_id <> c.order_id)
        THEN
        RETURN;
    END IF;
    FOREACH recipient IN ARRAY CASE person_of(o) WHEN 'natural' THEN '{holder}' WHEN 'holder' THEN '{handler,holder}'
        ELSE '{handler}' END::text[] LOOP
        PERFORM tell(o.id, 'certificate_' || word, recipient, r.id || '/' || recipient, jsonb_build_object('serial',
            c.serial,
            'reason', reason_words(r.reason), 'time', to_char(r.ended_at AT TIME ZONE 'Asia/Shanghai',
                'YYYY-MM-DD HH24:MI')));
    END LOOP;
END $$;

CREATE FUNCTION hall.revocation_after() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM note('certificate', NEW.certificate, jsonb_build_object('request', NEW.id)
                 || changes(CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) END, to_jsonb(NEW)));
    IF NEW.state = 'done' THEN
        IF known('revocation') IS DISTINCT FROM NEW.id::text THEN
            PERFORM revocation_move(NEW);
        END IF;
        PERFORM revocation_tell(NEW);
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER revocation_after AFTER INSERT OR UPDATE OF state ON hall.revocation FOR EACH ROW EXECUTE FUNCTION
    hall.revocation_after();

-- What moved otherwise gets its row; open requests that it has overtaken end.
CREATE FUNCTION hall.certificate_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE entry uuid := known('revocation')::uuid;
BEGIN
    IF entry IS NULL THEN
        entry := gen_random_uuid();
        PERFORM set_config('hall.revocation', entry::text, true);
        INSERT INTO revocation (id, certificate, kind, reason, state, ended_at)
        VALUES (entry, NEW.id, CASE NEW.state WHEN 'hold' THEN 'hold' WHEN 'valid' THEN 'release' ELSE 'revoke' END,
                nullif(NEW.reason, 'hold'), 'done', now());
        PERFORM set_config('hall.revocation', '', true);
    END IF;
    UPDATE revocation SET state = 'withdrawn', ended_at = now()
     WHERE certificate = NEW.id AND state = 'asked' AND id <> entry
       AND (NEW.state = 'revoked' OR (NEW.state = 'valid' AND kind = 'release'));
    RETURN NULL;
END $$;
CREATE TRIGGER certificate_moved AFTER UPDATE OF state ON hall.certificate
    FOR EACH ROW WHEN (OLD.state <> 'issuing' AND NEW.state <> OLD.state) EXECUTE FUNCTION hall.certificate_moved();

-- ---- reissue ----

-- The successor of a certificate is of the order that names it, for the same unit or person, and there is one. (What an
-- order produced before a payment came back is its own affair.)
CREATE FUNCTION hall.certificate_replaces() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    was orders;
    before certificate;
    others uuid[];
BEGIN
    SELECT * INTO o FROM orders WHERE id = NEW.order_id;
    IF o.replaces IS NULL AND (NEW.replaces IS NULL OR NEW.replaces IN (SELECT id FROM certificate
        WHERE order_id = o.id)) THEN
        RETURN NEW;
    END IF;
    SELECT * INTO before FROM certificate WHERE id = o.replaces FOR NO KEY UPDATE;
    SELECT * INTO was FROM orders WHERE id = before.order_id;
    SELECT array_agg(id) INTO others FROM certificate WHERE order_id = before.order_id
        AND item = before.item; -- a pair's two
    IF NEW.replaces <> ALL (others || ARRAY(SELECT id FROM certificate WHERE order_id = o.id)) OR o.replaces IS NULL
        THEN
        PERFORM refuse(409, '业务单没有指定要替换的这张证书。');
    ELSIF o.unit_hash IS NULL OR o.unit_hash IS DISTINCT FROM was.unit_hash OR person_of(o) IS DISTINCT
        FROM person_of(was) THEN
        PERFORM refuse(403, '不能替换其他单位或个人的证书。');
    ELSIF EXISTS (SELECT FROM certificate WHERE replaces = ANY (others) AND order_id <> o.id AND order_id <> was.id
        AND state <> 'issuing') THEN
        PERFORM refuse(409, '这张证书已经补办过。');
    ELSIF before.state = 'revoked' AND before.reason <> 'key_compromise' -- lost, revoked, and only then replaced
          AND NOT EXISTS (SELECT FROM certificate WHERE replaces = ANY (others) AND order_id = o.id
              AND state <> 'issuing') THEN
        PERFORM refuse(409, '要替换的证书已经吊销。');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER certificate_replaces_new BEFORE INSERT ON hall.certificate
    FOR EACH ROW EXECUTE FUNCTION hall.certificate_replaces();
CREATE TRIGGER certificate_replaces_valid BEFORE UPDATE OF replaces, state ON hall.certificate
    FOR EACH ROW WHEN (NEW.replaces IS DISTINCT FROM OLD.replaces OR (OLD.state = 'issuing' AND NEW.state = 'valid'))
    EXECUTE FUNCTION hall.certificate_replaces();

-- In the transaction in which a certificate becomes valid its predecessor is revoked: the one that it replaces, and
-- what its own order produced before a payment came back.
CREATE FUNCTION hall.certificate_supersedes() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE before certificate;
BEGIN
    FOR before IN SELECT DISTINCT ON (order_id, item) * FROM certificate
                   WHERE id <> NEW.id AND ((id = NEW.replaces AND state IN ('valid', 'hold'))
                                           OR (order_id = NEW.order_id AND item = NEW.item AND state = 'hold'))
                   ORDER BY order_id, item, key_use DESC LOOP
        INSERT INTO revocation (id, certificate, kind, reason, state, ended_at)
        VALUES (gen_random_uuid(), before.id, 'revoke',
                -- lost
                CASE WHEN (holding(before)).way IN ('account', 'link', 'staff') THEN 'key_compromise'
                    ELSE 'superseded' END,
                'done', now());
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER certificate_supersedes AFTER UPDATE OF state ON hall.certificate
    FOR EACH ROW WHEN (OLD.state = 'issuing' AND NEW.state = 'valid') EXECUTE FUNCTION hall.certificate_supersedes();

-- ---- staff ----

CREATE FUNCTION hall.staff_certificate(wanted uuid) RETURNS hall.certificate
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c certificate;
BEGIN
    SELECT * INTO c FROM certificate WHERE id = wanted AND state <> 'issuing' AND my_kind() = 'staff' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这张证书。');
    ELSIF c.state = 'revoked' THEN
        PERFORM refuse(409, '证书已经吊销。');
    END IF;
    RETURN c;
END $$;

-- Asks for a revocation, or for a release that one person alone may not do; another reviewer confirms.
CREATE FUNCTION hall.revocation_ask(new_id uuid, wanted uuid, the_kind text, why text, words bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c certificate := staff_certificate(wanted);
BEGIN
    IF EXISTS (SELECT FROM revocation WHERE state = 'asked' AND certificate IN (SELECT id FROM pair_of(c))) THEN
        PERFORM refuse(409, '这张证书已有待确认的申请，请先处理。');
    END IF;
    INSERT INTO revocation (id, certificate, kind, reason, staff, note) VALUES (new_id, c.id, the_kind, why, me(),
        words);
END $$;

-- One member of staff after a call.
CREATE FUNCTION hall.certificate_hold(new_id uuid, wanted uuid, words bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c certificate := staff_certificate(wanted);
BEGIN
    IF c.state = 'hold' THEN
        PERFORM refuse(409, '证书已经冻结。');
    END IF;
    INSERT INTO revocation (id, certificate, kind, staff, note, state, ended_at) VALUES (new_id, c.id, 'hold', me(),
        words, 'done', now());
END $$;

-- Undone the same way within the day; otherwise it becomes a request.
CREATE FUNCTION hall.certificate_release(new_id uuid, wanted uuid, words bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate := staff_certificate(wanted);
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
        PERFORM revocation_ask(new_id, wanted, 'release', NULL, words);
    END IF;
END $$;

CREATE FUNCTION hall.revocation_decide(wanted uuid, verdict text, words bytea DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE r revocation;
BEGIN
    -- The certificate first, as everybody else who moves it does, so that nobody waits in a circle.
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
    UPDATE revocation SET state = verdict, decided_by = me(), answer = words, ended_at = now() WHERE id = wanted;
END $$;

-- ---- the account that owns the order ----

-- Its certificate, locked behind its order.
CREATE FUNCTION hall.my_certificate(wanted uuid, the_serial text) RETURNS hall.certificate
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    c certificate;
BEGIN
    SELECT * INTO c FROM certificate WHERE order_id = o.id AND serial = the_serial
        AND state <> 'issuing' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '这个业务单没有这张证书。');
    ELSIF c.state = 'revoked' THEN
        PERFORM refuse(409, '证书已经吊销。');
    END IF;
    RETURN c;
END $$;

CREATE FUNCTION hall.loss_report(new_id uuid, wanted uuid, the_serial text) RETURNS void
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

CREATE FUNCTION hall.loss_undo(new_id uuid, wanted uuid, the_serial text) RETURNS void
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

-- ---- whoever authenticates by phone as handler, holder or legal person ----

-- The certificate of that serial number, with the sealed form that says who its people are.
CREATE FUNCTION hall.loss_find(the_serial text) RETURNS TABLE (certificate uuid, order_id uuid, form bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT c.id, o.id, o.form FROM certificate c JOIN orders o ON o.id = c.order_id
     WHERE c.serial = the_serial AND c.state <> 'issuing' ORDER BY c.issued_at DESC LIMIT 1 $$;

-- A link for the phone, whether there is such a certificate or not. Each start counts for its address; one on which a
-- card was refused, for its serial number.
CREATE FUNCTION hall.loss_start(new_id uuid, lost uuid, the_role text, the_kind text, the_serial text, token bytea,
    life interval,
                                per_hour int) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE ends timestamptz := now() + life;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('loss' || the_serial, 0));
    IF (SELECT count(*) FROM identity i WHERE i.address = known('address') AND i.purpose = 'loss'
           AND i.created_at > now() - interval '1 hour') >= per_hour THEN
        PERFORM refuse(429, '当前网络的操作过于频繁，请稍后再试，或拨打服务热线报失。');
    ELSIF (SELECT count(*) FROM identity i WHERE i.serial = the_serial AND i.purpose = 'loss' AND i.refusals > 0
              AND i.created_at > now() - interval '1 day') >= 10 THEN
        PERFORM refuse(429, '该序列号今天认证未通过的次数过多，请拨打服务热线报失。');
    END IF;
    INSERT INTO identity (id, purpose, certificate, project, role, kind, serial, address, expires_at)
    VALUES (new_id, 'loss', lost, my_project(), the_role, the_kind, the_serial, known('address'), ends);
    INSERT INTO link (token_hash, purpose, subject, expires_at) VALUES (token, 'phone', new_id, ends);
    IF lost IS NOT NULL THEN
        PERFORM note('certificate', lost, jsonb_build_object('loss', new_id, 'role', the_role, 'kind', the_kind));
    END IF;
    RETURN ends;
END $$;

-- A card that is not the person's. After five of them the link is void.
CREATE FUNCTION hall.identity_refused() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i identity := my_identity();
BEGIN
    UPDATE identity SET refusals = refusals + 1, state = CASE WHEN refusals >= 4 THEN 'void' ELSE state END
     WHERE id = i.id AND purpose = 'loss';
    IF i.certificate IS NOT NULL THEN
        PERFORM note('certificate', i.certificate, jsonb_build_object('loss', i.id, 'refused', 'id_card'));
    END IF;
END $$;

-- What an authentication does to the certificate, in a word for the page.
CREATE FUNCTION hall.loss_apply(i hall.identity) RETURNS text
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

-- As before (identity, view, work), now for either purpose. Of a certificate nothing is told before its person has
-- passed; its people's mobiles may be long gone, so the carrier is not asked.
CREATE OR REPLACE FUNCTION hall.identity_card(side text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    i identity := my_identity();
    whole bool := (i.front OR side = 'front') AND (i.back OR side = 'back');
BEGIN
    UPDATE identity SET front = front OR side = 'front', back = back OR side = 'back',
           step = CASE WHEN step = 'opened' THEN 'card' ELSE step END,
           carrier = CASE WHEN purpose = 'loss' AND whole THEN true ELSE carrier END WHERE id = i.id;
    IF i.purpose = 'loss' THEN
        IF i.certificate IS NOT NULL THEN
            PERFORM note('certificate', i.certificate, jsonb_build_object('loss', i.id, 'id_card', side));
        END IF;
        RETURN;
    END IF;
    PERFORM note('order', i.order_id, jsonb_build_object('id_card', side));
    IF whole THEN
        PERFORM enqueue('carrier', 'carrier/' || i.id, i.id);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.identity_result(wanted uuid, good bool, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    i identity;
    came_of_it text;
BEGIN
    SELECT * INTO i FROM identity WHERE id = wanted AND state = 'pending' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN; -- said before, or made void by a new start
    ELSIF good AND i.purpose = 'loss' THEN
        came_of_it := loss_apply(i);
    END IF;
    UPDATE identity SET state = CASE WHEN good THEN 'passed' ELSE 'failed' END, reason = why,
           passed_at = CASE WHEN good THEN now() END, outcome = came_of_it WHERE id = wanted;
    IF i.purpose = 'loss' THEN
        RETURN;
    END IF;
    UPDATE orders SET phone_state = CASE WHEN good THEN 'passed' ELSE 'failed' END, updated_at = now()
     WHERE id = i.order_id;
    INSERT INTO order_history (order_id, event, text)
    VALUES (i.order_id, 'authenticate', CASE WHEN good THEN '手机身份认证通过' ELSE '手机身份认证未通过' END);
END $$;

-- Whose card and face it has to be: handler, holder or legal.
CREATE FUNCTION hall.identity_role(i hall.identity, o hall.orders) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(i.role, CASE person_of(o) WHEN 'natural' THEN 'holder' ELSE 'handler' END) $$;

DROP FUNCTION hall.identity_phone();
CREATE FUNCTION hall.identity_phone()
RETURNS TABLE (identity uuid, purpose text, order_id uuid, form bytea, project_name text, role text, state text,
    step text,
               front bool, back bool, reason text, biz_token text, kind text, outcome text, serial text, subject text,
                   undo_until text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT i.id, i.purpose, o.id, o.form, p.name, identity_role(i, o), i.state, i.step, i.front, i.back, i.reason,
        i.biz_token,
           i.kind, i.outcome, CASE WHEN i.outcome IS NOT NULL THEN c.serial END, CASE WHEN i.outcome IS NOT NULL
               THEN o.subject END,
           CASE WHEN i.outcome = 'held' THEN iso(i.passed_at + undo_time()) END
      FROM identity i LEFT JOIN certificate c ON c.id = i.certificate
      LEFT JOIN orders o ON o.id = coalesce(i.order_id, c.order_id) LEFT JOIN project p ON p.id = my_project()
     WHERE i.id = me() AND my_kind() = 'link' AND i.state <> 'void'
       AND my_project() IS NOT DISTINCT FROM CASE i.purpose WHEN 'phone' THEN o.project ELSE i.project END $$;

DROP FUNCTION hall.identity_work(uuid);
CREATE FUNCTION hall.identity_work(wanted uuid)
RETURNS TABLE (order_id uuid, form bytea, role text, state text, carrier bool, biz_token text, expired bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.id, o.form, identity_role(i, o), i.state, i.carrier, i.biz_token, i.created_at < now() - interval '2 hours'
      FROM identity i LEFT JOIN certificate c ON c.id = i.certificate JOIN orders o ON o.id = coalesce(i.order_id,
          c.order_id)
     WHERE i.id = wanted $$;

-- ---- what people see ----

CREATE FUNCTION hall.certificate_brief(c hall.certificate) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('id', c.id, 'serial', c.serial, 'ca', c.ca, 'item', c.item, 'key_use', c.key_use, 'state',
        c.state,
        'reason', c.reason, 'not_before', iso(c.not_before), 'not_after', iso(c.not_after), 'revoked_at',
            iso(c.revoked_at),
        'held_by', (holding(c)).way, 'undo_until', CASE WHEN (holding(c)).way <> 'system'
            THEN iso((holding(c)).ended_at + undo_time()) END,
        'replaced_by', (SELECT n.serial FROM certificate n WHERE n.replaces = c.id AND n.state <> 'issuing'
            ORDER BY n.issued_at DESC LIMIT 1)) $$;

-- The owner's view: what may be done, and what was.
CREATE FUNCTION hall.my_losses(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('items', (SELECT coalesce(jsonb_agg(certificate_brief(c) || jsonb_build_object(
               'can', to_jsonb(array_remove(ARRAY[
                   CASE WHEN c.state = 'valid' AND c.not_after > now() THEN 'report' END,
                   CASE WHEN c.state = 'hold' AND (holding(c)).account = me()
                       AND (holding(c)).ended_at > now() - undo_time() THEN 'undo' END], NULL)),
               'history', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', iso(r.ended_at), 'kind', r.kind, 'way',
                   r.way,
                   'reason', r.reason) ORDER BY r.number), '[]') FROM revocation r WHERE r.certificate = c.id
                       AND r.state = 'done'))
               ORDER BY c.issued_at DESC, c.item, c.key_use DESC), '[]') FROM certificate c WHERE c.order_id = o.id
                   AND c.state <> 'issuing'))::text
      FROM orders o WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project() $$;

CREATE FUNCTION hall.staff_name(who uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$ SELECT display_name FROM staff
    WHERE id = who $$;

-- A row of the register, without the words that people wrote.
CREATE FUNCTION hall.revocation_row(r hall.revocation) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('id', r.id, 'number', r.number, 'certificate', c.id, 'serial', c.serial,
        'certificate_state', c.state,
        'order_id', o.id, 'order_number', o.number, 'subject', o.subject, 'kind', r.kind, 'reason', r.reason, 'way',
            r.way,
        'role', (SELECT role FROM identity i WHERE i.id = r.identity), 'state', r.state, 'asked_by',
            staff_name(r.staff),
        'asked_at', iso(r.asked_at), 'decided_by', staff_name(r.decided_by), 'ended_at', iso(r.ended_at), 'has_note',
            r.note IS NOT NULL,
        'can', CASE WHEN r.state = 'asked' AND 'reviewer' = ANY (my_roles())
                    THEN CASE WHEN r.staff = me() THEN '["withdraw"]' ELSE '["confirm", "refuse"]' END::jsonb
                        ELSE '[]' END)
      FROM certificate c JOIN orders o ON o.id = c.order_id WHERE c.id = r.certificate $$;

-- What waits for a second person comes first, then the newest.
CREATE FUNCTION hall.revocations_json(wanted_state text, wanted_kind text, wanted_way text, wanted_serial text,
    page int, page_size int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH found AS (SELECT r FROM revocation r WHERE my_kind() = 'staff' AND (wanted_state IS NULL
        OR r.state = wanted_state)
                      AND (wanted_kind IS NULL OR r.kind = wanted_kind) AND (wanted_way IS NULL OR r.way = wanted_way)
                      AND (wanted_serial IS NULL OR r.certificate IN (SELECT id FROM certificate
                          WHERE serial = wanted_serial)))
    SELECT jsonb_build_object('total', (SELECT count(*) FROM found), 'page', page, 'page_size', page_size,
        'waiting', (SELECT count(*) FROM revocation WHERE state = 'asked' AND my_kind() = 'staff'),
        'items', (SELECT coalesce(jsonb_agg(revocation_row(p.r)), '[]') FROM (
            SELECT r FROM found ORDER BY ((r).state = 'asked') DESC, (r).number DESC LIMIT page_size OFFSET (page - 1) *
                page_size) p))::text $$;

-- One row with its sealed words; that somebody reads them is in the trail.
CREATE FUNCTION hall.revocation_read(wanted uuid) RETURNS TABLE ("out" text, note bytea, answer bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE r revocation;
BEGIN
    SELECT * INTO r FROM revocation WHERE id = wanted AND my_kind() = 'staff';
    IF FOUND THEN
        PERFORM note('certificate', r.certificate, jsonb_build_object('read', 'request/' || wanted));
        RETURN QUERY SELECT revocation_row(r)::text, r.note, r.answer;
    END IF;
END $$;

-- An order's certificates with all that was asked about them.
CREATE FUNCTION hall.desk_certificates(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('items', (SELECT coalesce(jsonb_agg(certificate_brief(c) || jsonb_build_object('requests',
               (SELECT coalesce(jsonb_agg(revocation_row(r) ORDER BY r.number DESC), '[]') FROM revocation r
                   WHERE r.certificate = c.id))
               ORDER BY c.issued_at DESC, c.item, c.key_use DESC), '[]')
               FROM certificate c WHERE c.order_id = o.id AND c.state <> 'issuing'))::text
      FROM orders o WHERE o.id = wanted AND o.state <> 'draft' AND my_kind() = 'staff' $$;

-- Certificates by serial number, unit or order number, masked; each one found has the reading in its trail.
CREATE FUNCTION hall.certificates_find(the_serial text, unit text, the_number text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE hits uuid[];
BEGIN
    SELECT coalesce(array_agg(id), '{}') INTO hits FROM (
        SELECT c.id FROM certificate c JOIN orders o ON o.id = c.order_id
         WHERE my_kind() = 'staff' AND c.state <> 'issuing' AND coalesce(the_serial, unit, the_number) IS NOT NULL
           AND (the_serial IS NULL OR c.serial = the_serial) AND (unit IS NULL OR position(unit IN o.subject) > 0)
           AND (the_number IS NULL OR o.number = the_number)
         ORDER BY c.issued_at DESC LIMIT 50) x;
    PERFORM note('certificate', id, '{"read": "found"}') FROM unnest(hits) id;
    RETURN (SELECT jsonb_build_object('items', coalesce(jsonb_agg(certificate_brief(c) || jsonb_build_object('order_id',
        o.id,
                'order_number', o.number, 'subject', o.subject, 'cert_type_name', t.name) ORDER BY c.issued_at DESC),
                    '[]'))::text
              FROM certificate c JOIN orders o ON o.id = c.order_id
              LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type WHERE c.id = ANY (hits));
END $$;

GRANT EXECUTE ON FUNCTION hall.loss_report, hall.loss_undo, hall.my_losses TO certhall_orders;
GRANT EXECUTE ON FUNCTION hall.loss_find, hall.loss_start, hall.identity_refused,
    hall.identity_phone TO certhall_identity;
GRANT EXECUTE ON FUNCTION hall.identity_work TO certhall_runner;
GRANT EXECUTE ON FUNCTION hall.revocation_ask, hall.certificate_hold, hall.certificate_release, hall.revocation_decide,
    hall.revocations_json, hall.revocation_read, hall.desk_certificates, hall.certificates_find TO certhall_desk;

COMMIT;
