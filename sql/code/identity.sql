-- Phone authentication.

CREATE OR REPLACE FUNCTION hall.identity_start(new_id uuid, wanted uuid, token bytea, life interval) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    ends timestamptz := now() + life;
BEGIN
    IF NOT (state_of(o)).editable OR NOT o.form_complete THEN
        PERFORM refuse(409, '请先把申请信息填写完整，再进行手机认证。');
    ELSIF o.phone_state = 'passed' THEN
        PERFORM refuse(409, '手机认证已经通过，无需重复认证。');
    ELSIF (SELECT count(*) FROM identity WHERE order_id = wanted AND created_at > now() - interval '1 day') >= 20 THEN
        PERFORM refuse(429, '今天的认证次数已用完，请明天再试。');
    END IF;
    UPDATE identity SET state = 'void' WHERE order_id = wanted AND state IN ('pending', 'failed');
    DELETE FROM link WHERE purpose = 'phone' AND subject IN (SELECT id FROM identity WHERE order_id = wanted);
    INSERT INTO identity (id, order_id, expires_at) VALUES (new_id, wanted, ends);
    INSERT INTO link (token_hash, purpose, subject, expires_at) VALUES (token, 'phone', new_id, ends);
    UPDATE orders SET phone_state = 'pending', updated_at = now() WHERE id = wanted;
    RETURN ends;
END $$;

-- The authentication of the request's link, on a page of its project, locked.
CREATE OR REPLACE FUNCTION hall.my_identity() RETURNS hall.identity
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i identity;
BEGIN
    SELECT * INTO i FROM identity WHERE id = (SELECT identity FROM link_identity) FOR NO KEY UPDATE;
    IF NOT FOUND OR i.state = 'void' THEN
        PERFORM refuse(410, '认证链接已失效，请在电脑上重新生成二维码。');
    END IF;
    RETURN i;
END $$;

-- The phone shows its page: somebody has opened the link, or has come back from the vendor's page. That proves nothing, but the
-- result of a liveness check that is not there soon after it will not come (hall.identity_work).
CREATE OR REPLACE FUNCTION hall.identity_arrived() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i identity := my_identity();
BEGIN
    UPDATE identity SET step = coalesce(step, 'opened'),
           arrived_at = CASE WHEN state = 'pending' AND biz_token IS NOT NULL THEN coalesce(arrived_at, now()) END WHERE id = i.id;
END $$;

-- A row in the trail of what the authentication is for.
CREATE OR REPLACE FUNCTION hall.identity_note(i hall.identity, what jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM note('order', i.order_id, what) WHERE i.order_id IS NOT NULL;
    PERFORM note('certificate', i.certificate, jsonb_build_object(i.purpose, i.id) || what) WHERE i.certificate IS NOT NULL;
    PERFORM note('account', b.account, jsonb_build_object('rebinding', i.id) || what) FROM rebinding b WHERE b.id = i.id AND b.account IS NOT NULL;
END $$;

-- Counts the links that an address begins without a log-in.
CREATE OR REPLACE FUNCTION hall.identity_admit(per_hour int, sentence text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF (SELECT count(*) FROM identity i WHERE i.address = network((caller()).address) AND i.created_at > now() - interval '1 hour') >= per_hour THEN
        PERFORM refuse(429, sentence);
    END IF;
END $$;

-- A side of the ID card was read and is that of the right person. With both, the carrier is asked, but not for a certificate that is lost or to be
-- revoked: the mobile numbers in its order may be out of date.
CREATE OR REPLACE FUNCTION hall.identity_card(side text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    i identity := my_identity();
    whole bool := (i.front OR side = 'front') AND (i.back OR side = 'back');
BEGIN
    UPDATE identity SET front = front OR side = 'front', back = back OR side = 'back',
           step = CASE WHEN way IS NULL THEN 'card' ELSE step END,
           carrier = CASE WHEN purpose IN ('loss', 'revoke') AND whole THEN true ELSE carrier END WHERE id = i.id;
    PERFORM identity_note(i, jsonb_build_object('id_card', side));
    IF i.purpose IN ('loss', 'revoke') THEN
        RETURN;
    END IF;
    IF whole THEN
        PERFORM enqueue('carrier', 'carrier/' || i.id, i.id);
    END IF;
END $$;

-- Counts a picture before it is sent to text recognition, which costs money each time: ten for a link, forty for an order in a day.
-- A loss report has no order; how many links it can have is limited by address and serial number.
CREATE OR REPLACE FUNCTION hall.identity_reading() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i identity := my_identity();
BEGIN
    IF i.readings >= 10 THEN
        PERFORM refuse(429, '这个链接上的身份证照片已提交 10 次。请在电脑上重新生成二维码，并在光线充足处拍摄身份证原件。');
    ELSIF (SELECT sum(readings) FROM identity WHERE order_id = i.order_id AND created_at > now() - interval '1 day') >= 40 THEN
        PERFORM refuse(429, '这笔业务今天提交身份证照片的次数已用完，请明天再试，或拨打服务热线。');
    END IF;
    UPDATE identity SET readings = readings + 1 WHERE id = i.id;
END $$;

-- The text that is agreed to before a face is checked: the newest version; none where the authority has none.
CREATE OR REPLACE FUNCTION hall.face_text() RETURNS SETOF hall.agreement
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT * FROM agreement WHERE code = 'face' ORDER BY version DESC LIMIT 1;
END $$;

-- Whether the person of the authentication agrees to the processing of their face.
CREATE OR REPLACE FUNCTION hall.face_agreed(wanted uuid) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM consent c WHERE c.identity = wanted AND c.withdrawn_at IS NULL);
END $$;

-- The person agrees to the processing of their face, or does not; either can be changed until the authentication has passed. A liveness
-- check that has begun ends with the consent (hall.identity_result). `seen`: the version that was read. The account that asked for the
-- authentication has the consent among its own.
CREATE OR REPLACE FUNCTION hall.identity_consent(agree bool, seen text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    i identity := my_identity();
    o orders;
BEGIN
    IF i.state = 'passed' THEN
        PERFORM refuse(409, '认证已经通过。');
    ELSIF agree AND seen IS DISTINCT FROM (SELECT version FROM face_text()) THEN
        PERFORM refuse(422, '同意书已经更新，请重新阅读后再决定。', '/version');
    ELSIF (SELECT count(*) FROM consent WHERE identity = i.id) >= 10 THEN
        PERFORM refuse(429, '这个链接上的选择次数过多，请重新生成认证链接。');
    END IF;
    UPDATE consent SET withdrawn_at = now() WHERE identity = i.id AND withdrawn_at IS NULL AND (NOT agree OR version <> seen);
    UPDATE identity SET face_declined_at = CASE WHEN NOT agree THEN now() END WHERE id = i.id;
    IF agree THEN
        SELECT x.* INTO o FROM orders x WHERE x.id = coalesce(i.order_id, (SELECT order_id FROM certificate WHERE id = i.certificate),
                                                              (SELECT order_id FROM rebinding WHERE id = i.id));
        INSERT INTO consent (order_id, account, code, version, sha256, address, identity)
        SELECT o.id, CASE WHEN i.purpose IN ('phone', 'unlock', 'revoke') THEN o.account END, code, version, sha256, coalesce((caller()).address, ''), i.id
          FROM face_text() ON CONFLICT (identity) WHERE identity IS NOT NULL AND withdrawn_at IS NULL DO NOTHING;
    END IF;
    PERFORM identity_note(i, jsonb_build_object('face', CASE WHEN agree THEN 'agreed' ELSE 'declined' END, 'version', seen));
END $$;

-- The authentication of the request's link, if the person may go on by this way now: both sides of the card are read, and the carrier agrees.
-- Refuses otherwise.
CREATE OR REPLACE FUNCTION hall.identity_ready(by text) RETURNS hall.identity
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i identity := my_identity();
BEGIN
    IF NOT EXISTS (SELECT FROM identity_way w WHERE w.code = by AND i.purpose = ANY (w.purposes)) THEN
        PERFORM refuse(409, '这里不提供这种认证方式，请另选一种。');
    ELSIF NOT (i.front AND i.back) THEN
        PERFORM refuse(409, '请先上传身份证正反两面。');
    ELSIF i.state = 'passed' THEN
        PERFORM refuse(409, '认证已经通过。');
    ELSIF NOT i.carrier THEN
        PERFORM refuse(422, i.reason);
    END IF;
    RETURN i;
END $$;

-- The same for a liveness check.
CREATE OR REPLACE FUNCTION hall.identity_for_liveness() RETURNS hall.identity
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i identity := identity_ready('face');
BEGIN
    IF NOT face_agreed(i.id) THEN
        PERFORM refuse(409, '请先阅读《人脸信息处理同意书》并选择是否同意。不同意的，请改用其他认证方式。');
    ELSIF i.tries >= 5 THEN
        PERFORM refuse(429, '认证次数过多，请在电脑上重新生成二维码。');
    END IF;
    RETURN i;
END $$;

-- The person goes on by a way, from a clean start.
CREATE OR REPLACE FUNCTION hall.identity_goes(i hall.identity, by text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE identity SET way = by, step = CASE by WHEN 'face' THEN 'liveness' ELSE by END, state = 'pending', reason = NULL, arrived_at = NULL
     WHERE id = i.id;
    UPDATE orders SET phone_state = 'pending' WHERE id = i.order_id AND i.purpose = 'phone' AND phone_state = 'failed';
    PERFORM identity_note(i, jsonb_build_object('way', by));
END $$;

CREATE OR REPLACE FUNCTION hall.identity_liveness(token text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i identity := identity_for_liveness();
BEGIN
    PERFORM identity_goes(i, 'face');
    UPDATE identity SET biz_token = token, tries = tries + 1 WHERE id = i.id;
    PERFORM enqueue('liveness', 'liveness/' || i.id || '/' || (i.tries + 1), i.id, '2 seconds');
END $$;

-- The result of the carrier check: whether name, number and phone belong together.
CREATE OR REPLACE FUNCTION hall.identity_carrier(wanted uuid, agrees bool, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE identity SET carrier = agrees, reason = coalesce(why, reason) WHERE id = wanted;
    IF NOT agrees THEN
        PERFORM identity_result(wanted, false, why, NULL);
    END IF;
END $$;

-- An authentication that is under way, locked; as everywhere, the order first. NULL when it has ended.
CREATE OR REPLACE FUNCTION hall.identity_pending(wanted uuid) RETURNS hall.identity
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i identity;
BEGIN
    PERFORM FROM orders WHERE id = (SELECT coalesce(x.order_id, c.order_id) FROM identity x
        LEFT JOIN certificate c ON c.id = x.certificate WHERE x.id = wanted) FOR NO KEY UPDATE;
    SELECT * INTO i FROM identity WHERE id = wanted AND state = 'pending' FOR NO KEY UPDATE;
    RETURN i;
END $$;

-- Stores the result, for any purpose: `by` is the way in which the person was looked at, NULL what ends an authentication by any way. A face
-- without the person's consent is not used, and need not be asked for (`why` NULL); the failure of a way that the person has left for another
-- changes nothing. The vendor's reference, by which the picture of a face could be asked for, goes at
-- once.
CREATE OR REPLACE FUNCTION hall.identity_result(wanted uuid, good bool, why text, by text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    i identity;
    came_of_it text;
BEGIN
    i := identity_pending(wanted);
    IF i.id IS NULL THEN
        RETURN; -- the result was stored before, or a new start has made it void
    END IF;
    IF good AND by = 'face' AND NOT face_agreed(wanted) THEN
        good := false;
        why := NULL;
    END IF;
    IF NOT good AND by <> i.way THEN
        UPDATE identity SET biz_token = NULL WHERE id = wanted AND by = 'face';
        RETURN;
    ELSIF NOT good AND why IS NULL THEN
        why := '您没有同意或已经撤回人脸信息的处理，人脸核验的结果没有使用。';
    ELSIF good AND i.purpose = 'loss' THEN
        came_of_it := loss_apply(i);
    ELSIF good AND i.purpose = 'rebind' THEN
        came_of_it := rebinding_wait(i.id);
    ELSIF good AND i.purpose = 'unlock' THEN
        came_of_it := unlock_apply(i);
    ELSIF good AND i.purpose = 'revoke' THEN
        came_of_it := revoke_apply(i);
    END IF;
    UPDATE identity SET state = CASE WHEN good THEN 'passed' ELSE 'failed' END, way = coalesce(by, way), reason = why, biz_token = NULL,
           passed_at = CASE WHEN good THEN now() END, outcome = came_of_it WHERE id = wanted;
    PERFORM identity_note(i, jsonb_strip_nulls(jsonb_build_object('identity', CASE WHEN good THEN 'passed' ELSE 'failed' END, 'way', by)));
    IF i.purpose = 'legal' THEN
        INSERT INTO order_history (order_id, event, text) SELECT i.order_id, 'authenticate', '法定代表人认证未通过' WHERE NOT good;
        PERFORM legal_passed(i.order_id, by) WHERE good;
    ELSIF i.purpose = 'phone' THEN
        UPDATE orders SET phone_state = CASE WHEN good THEN 'passed' ELSE 'failed' END, updated_at = now()
         WHERE id = i.order_id;
        INSERT INTO order_history (order_id, event, text)
        VALUES (i.order_id, 'authenticate', CASE WHEN good THEN format('手机认证通过（%s）', way_name(by)) ELSE '手机认证未通过' END);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.way_name(by text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT name FROM identity_way WHERE code = by);
END $$;

-- The ways that are offered for a purpose, to choose from: none weighs more than another.
CREATE OR REPLACE FUNCTION hall.ways_for(purpose text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('code', w.code, 'name', w.name, 'hint', w.hint) ORDER BY w.pos), '[]')
              FROM identity_way w WHERE ways_for.purpose = ANY (w.purposes));
END $$;

-- The state of the agent's authentication, for the applicant's own orders in the page's project; not that of the legal person's.
CREATE OR REPLACE VIEW hall.own_identity WITH (security_barrier) AS
SELECT o.id AS order_id, o.phone_state AS state, i.step, i.reason, coalesce(i.state <> 'passed' AND i.expires_at < now(), false) AS expired,
       i.face_declined_at IS NOT NULL AS declined, i.way, i.expires_at
  FROM hall.caller() me JOIN hall.orders o ON me.kind = 'account' AND o.account = me.who AND o.project = me.project
  LEFT JOIN LATERAL (SELECT x.* FROM hall.identity x WHERE x.order_id = o.id AND x.state <> 'void' AND x.purpose = 'phone'
       ORDER BY x.created_at DESC LIMIT 1) i ON true;

-- A card that is not this person's. After five of them the link is void.
CREATE OR REPLACE FUNCTION hall.identity_refused() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i identity := my_identity();
BEGIN
    UPDATE identity SET refusals = refusals + 1, state = CASE WHEN refusals >= 4 THEN 'void' ELSE state END
     WHERE id = i.id AND purpose IN ('loss', 'rebind');
    PERFORM identity_note(i, '{"refused": "id_card"}');
END $$;

CREATE OR REPLACE FUNCTION hall.identity_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.asked_at := now();
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER identity_asked BEFORE UPDATE OF biz_token ON hall.identity FOR EACH ROW EXECUTE FUNCTION hall.identity_asked();

-- The authentication of the request's link, on a page of its project, and the form that names its person: of a certificate, what is on
-- file now. Nothing is told about a lost certificate or account before its person has passed.
CREATE OR REPLACE VIEW hall.link_identity WITH (security_barrier) AS
SELECT i.id AS identity, i.purpose, f.id AS order_id, f.form, l.encrypted AS legal, p.name AS project_name,
       coalesce(i.role, CASE t.person WHEN 'natural' THEN 'holder' ELSE 'agent' END) AS role,
       CASE WHEN i.state <> 'pending' THEN i.state WHEN NOT (i.front AND i.back) THEN 'card' WHEN i.step IN ('transfer', 'outlet') THEN i.step
            ELSE 'liveness' END AS step, i.front, i.back,
       hall.ways_for(i.purpose) AS ways, i.way, i.expires_at,
       i.state = 'pending' AND i.biz_token IS NOT NULL AS checking, i.reason, i.kind, i.outcome,
       CASE WHEN i.outcome IS NOT NULL THEN o.number END AS number, CASE WHEN i.outcome IS NOT NULL THEN c.serial END AS serial, CASE WHEN i.outcome IS NOT NULL THEN o.subject END AS subject,
       CASE WHEN i.outcome = 'held' THEN i.passed_at END AS held_at, b.phone_mask AS phone, b.due_at,
       a.title, a.version, a.body, hall.face_agreed(i.id) AS agreed, i.face_declined_at IS NOT NULL AS declined, k.code, k.ends_at
  FROM hall.caller() me JOIN hall.identity i ON me.kind = 'link' AND i.id = me.who AND i.state <> 'void'
  LEFT JOIN hall.certificate c ON c.id = i.certificate
  LEFT JOIN hall.rebinding b ON b.id = i.id
  LEFT JOIN hall.orders o ON o.id = coalesce(i.order_id, c.order_id, b.order_id)
  LEFT JOIN hall.certificate_filed d ON d.certificate = c.id
  LEFT JOIN hall.orders f ON f.id = coalesce(d.filed, o.id)
  LEFT JOIN hall.project_type t ON t.project = o.project AND t.cert_type = o.cert_type
  LEFT JOIN hall.project p ON p.id = me.project
  LEFT JOIN hall.legal_person l ON l.order_id = i.order_id AND i.purpose = 'legal'
  LEFT JOIN LATERAL hall.face_text() a ON true
  LEFT JOIN LATERAL (SELECT x.code, x.ends_at FROM hall.proof_code x WHERE x.identity = i.id AND i.way = 'transfer' AND i.state = 'pending'
       ORDER BY x.made_at DESC LIMIT 1) k ON true
 WHERE me.project IS NOT DISTINCT FROM CASE WHEN i.purpose IN ('loss', 'rebind') THEN i.project ELSE o.project END;

CREATE OR REPLACE FUNCTION hall.identity_work(wanted uuid)
RETURNS TABLE (order_id uuid, form bytea, legal bytea, phones bytea, role text, state text, carrier bool, biz_token text, agreed bool, expired bool, "left" bool)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT f.id, f.form, l.encrypted, b.phones, identity_role(i, o), i.state, i.carrier, i.biz_token, face_agreed(i.id),
           coalesce(i.asked_at, i.created_at) < now() - interval '2 hours', coalesce(i.arrived_at < now() - interval '3 seconds', false)
      FROM identity i LEFT JOIN certificate c ON c.id = i.certificate LEFT JOIN rebinding b ON b.id = i.id
      JOIN orders o ON o.id = coalesce(i.order_id, c.order_id, b.order_id) LEFT JOIN certificate_filed d ON d.certificate = c.id
      JOIN orders f ON f.id = coalesce(d.filed, o.id)
      LEFT JOIN legal_person l ON l.order_id = i.order_id AND i.purpose = 'legal'
     WHERE i.id = wanted;
END $$;

-- ---- what a person of an order is asked to authenticate for, about one of its certificates ----

-- How often a day that may begin for one certificate and purpose.
CREATE OR REPLACE FUNCTION hall.certificate_proofs_max() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 5 $$;

-- The link for the person's phone; a new one makes the last one void. `why`: the reason of a revocation. Returns when it ends.
CREATE OR REPLACE FUNCTION hall.certificate_proof(new_id uuid, c hall.certificate, what text, the_role text, why text, token bytea, life interval,
                                                  too_often text) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE ends timestamptz := now() + life;
BEGIN
    IF (SELECT count(*) FROM identity WHERE certificate = c.id AND purpose = what AND created_at > now() - interval '1 day') >= certificate_proofs_max() THEN
        PERFORM refuse(429, too_often);
    END IF;
    DELETE FROM link WHERE purpose = 'phone' AND subject IN (SELECT id FROM identity WHERE certificate = c.id AND purpose = what);
    UPDATE identity SET state = 'void' WHERE certificate = c.id AND purpose = what AND state IN ('pending', 'failed');
    INSERT INTO identity (id, purpose, certificate, role, revoke_reason, expires_at) VALUES (new_id, what, c.id, the_role, why, ends);
    INSERT INTO link (token_hash, purpose, subject, expires_at) VALUES (token, 'phone', new_id, ends);
    PERFORM note('certificate', c.id, jsonb_strip_nulls(jsonb_build_object(what, new_id, 'role', the_role, 'reason', why)));
    RETURN ends;
END $$;

-- How far the last one is, for the page that waits; NULL: there is none.
CREATE OR REPLACE FUNCTION hall.certificate_proof_asked(c hall.certificate, what text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('state', i.state, 'step', i.step, 'reason', i.reason, 'outcome', i.outcome, 'at', iso(i.created_at), 'expires_at', iso(i.expires_at),
               'expired', i.state <> 'passed' AND i.expires_at < now())
      FROM identity i WHERE i.certificate = c.id AND i.purpose = what AND i.state <> 'void' ORDER BY i.created_at DESC LIMIT 1);
END $$;
