-- Deploy certhall:identity to pg
-- Phone authentication: the PC shows a link as a QR, the phone takes the ID card and the liveness check, the runner asks
-- the carrier. Names and numbers are compared in C; here stand states, tries and the vendor's reference.
BEGIN;

CREATE TABLE hall.identity (
    id          uuid PRIMARY KEY,
    order_id    uuid NOT NULL REFERENCES hall.orders,
    state       text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'passed', 'failed', 'void')),
    step        text NOT NULL DEFAULT 'opened' CHECK (step IN ('opened', 'card', 'liveness')),
    front       bool NOT NULL DEFAULT false,
    back        bool NOT NULL DEFAULT false,
    carrier     bool, -- whether name, number and phone belong together, says the carrier; NULL: not yet
    biz_token   text,
    reason      text,
    tries       int NOT NULL DEFAULT 0,
    expires_at  timestamptz NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    passed_at   timestamptz
);
CREATE INDEX identity_order ON hall.identity (order_id, created_at DESC);

CREATE FUNCTION hall.identity_start(new_id uuid, wanted uuid, token bytea, life interval) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    ends timestamptz := now() + life;
BEGIN
    IF o.state NOT IN ('draft', 'rejected') OR NOT o.form_complete THEN
        PERFORM refuse(409, '请先填写完整申请信息，再进行手机认证。');
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

-- The authentication that the request's link stands for, locked.
CREATE FUNCTION hall.my_identity() RETURNS hall.identity
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i identity;
BEGIN
    SELECT * INTO i FROM identity WHERE id = me() AND my_kind() = 'link' FOR NO KEY UPDATE;
    IF NOT FOUND OR i.state = 'void' THEN
        PERFORM refuse(410, '认证链接已失效，请在电脑上重新生成二维码。');
    END IF;
    RETURN i;
END $$;

-- A side of the card was read and its data are the right person's.
CREATE FUNCTION hall.identity_card(side text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i identity := my_identity();
BEGIN
    UPDATE identity SET front = front OR side = 'front', back = back OR side = 'back',
           step = CASE WHEN step = 'opened' THEN 'card' ELSE step END WHERE id = i.id;
    PERFORM note('order', i.order_id, jsonb_build_object('id_card', side));
    IF (i.front OR side = 'front') AND (i.back OR side = 'back') THEN
        PERFORM enqueue('carrier', 'carrier/' || i.id, i.id);
    END IF;
END $$;

CREATE FUNCTION hall.identity_liveness(token text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i identity := my_identity();
BEGIN
    IF NOT (i.front AND i.back) THEN
        PERFORM refuse(409, '请先上传身份证正反两面。');
    ELSIF i.state = 'passed' THEN
        PERFORM refuse(409, '认证已经通过。');
    ELSIF NOT i.carrier THEN
        PERFORM refuse(422, i.reason);
    ELSIF i.tries >= 5 THEN
        PERFORM refuse(429, '认证次数过多，请在电脑上重新生成二维码。');
    END IF;
    UPDATE identity SET biz_token = token, step = 'liveness', state = 'pending', reason = NULL, tries = tries + 1
     WHERE id = i.id;
    UPDATE orders SET phone_state = 'pending' WHERE id = i.order_id AND phone_state = 'failed';
    PERFORM enqueue('liveness', 'liveness/' || i.id || '/' || (i.tries + 1), i.id, '2 seconds');
END $$;

-- The carrier's answer: whether name, number and phone belong together.
CREATE FUNCTION hall.identity_carrier(wanted uuid, agrees bool, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE identity SET carrier = agrees, reason = coalesce(why, reason) WHERE id = wanted;
    IF NOT agrees THEN
        PERFORM identity_result(wanted, false, why);
    END IF;
END $$;

-- The end of an authentication.
CREATE FUNCTION hall.identity_result(wanted uuid, good bool, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i identity;
BEGIN
    SELECT * INTO i FROM identity WHERE id = wanted AND state = 'pending' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN; -- said before, or made void by a new start
    END IF;
    UPDATE identity SET state = CASE WHEN good THEN 'passed' ELSE 'failed' END, reason = why,
           passed_at = CASE WHEN good THEN now() END WHERE id = wanted;
    UPDATE orders SET phone_state = CASE WHEN good THEN 'passed' ELSE 'failed' END, updated_at = now()
     WHERE id = i.order_id;
    INSERT INTO order_history (order_id, event, text)
    VALUES (i.order_id, 'authenticate', CASE WHEN good THEN '手机身份认证通过' ELSE '手机身份认证未通过' END);
END $$;

COMMIT;
