-- Another phone number for an account whose own is lost, so that no code reaches it any more.

-- How long an account is left alone after a rebinding of it was stopped.
CREATE OR REPLACE FUNCTION hall.rebinding_rest() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '7 days' $$;

-- Whether a number belongs to an account, or is about to.
CREATE OR REPLACE FUNCTION hall.phone_taken(phone bytea) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM account WHERE phone_hash = phone) OR EXISTS (SELECT FROM rebinding WHERE phone_hash = phone AND state = 'waiting');
END $$;

-- The order whose person may take the account with this number to another one: of those for which a person has passed the phone
-- authentication the latest. Who had passed it before the order came to this account by a hand-over is nobody here.
CREATE OR REPLACE FUNCTION hall.rebinding_order(phone bytea) RETURNS hall.orders
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT x.* INTO o FROM account a JOIN orders x ON x.account = a.id AND x.phone_state = 'passed' AND x.erased_at IS NULL
      JOIN LATERAL (SELECT max(i.passed_at) AS at FROM identity i WHERE i.order_id = x.id AND i.purpose = 'phone' AND i.state = 'passed') p ON p.at IS NOT NULL
     WHERE a.phone_hash = phone
       AND NOT EXISTS (SELECT FROM order_history h WHERE h.order_id = x.id AND h.event = 'hand_over' AND h.at >= p.at)
       AND NOT EXISTS (SELECT FROM rebinding b WHERE b.account = a.id AND b.state = 'stopped' AND b.ended_at > now() - rebinding_rest())
     ORDER BY p.at DESC LIMIT 1;
    RETURN o;
END $$;

-- A link for the phone of whoever has the new number, as a code has proved, whether or not the old one is an account's. Returns the word
-- on the code; when it is right but the number belongs to another account, the word is: taken.
CREATE OR REPLACE FUNCTION hall.rebinding_start(new_id uuid, old bytea, phone bytea, mask text, code bytea, encrypted bytea, token bytea,
                                                life interval, hours int, per_hour int) RETURNS TABLE (word text, expires_at text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    proof orders;
    ends timestamptz := now() + life;
BEGIN
    IF phone = old THEN
        PERFORM refuse(422, '新手机号与原手机号相同。', '/phone');
    END IF;
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(old, 'hex'), 3));
    PERFORM identity_admit(per_hour, '当前网络的操作过于频繁，请稍后再试，或拨打服务热线办理。');
    IF (SELECT count(*) FROM rebinding b JOIN identity i ON i.id = b.id AND i.refusals > 0
         WHERE b.old_hash = old AND b.created_at > now() - interval '1 day') >= 10 THEN
        PERFORM refuse(429, '该手机号今天认证未通过的次数过多，请明天再试，或拨打服务热线办理。');
    END IF;
    word := sms_code_use(phone, 'rebind', code);
    IF word = 'ok' AND phone_taken(phone) THEN
        PERFORM sms_code_unuse(phone, 'rebind');
        word := 'taken';
    ELSIF word = 'ok' THEN
        proof := rebinding_order(old);
        INSERT INTO identity (id, purpose, project, address, expires_at) VALUES (new_id, 'rebind', my_project(), network((caller()).address), ends);
        INSERT INTO link (token_hash, purpose, subject, expires_at) VALUES (token, 'phone', new_id, ends);
        INSERT INTO rebinding (id, account, order_id, old_hash, phone_hash, phone_mask, phones, wait)
        VALUES (new_id, proof.account, proof.id, old, phone, mask, encrypted, make_interval(hours => hours));
        PERFORM note('account', proof.account, jsonb_build_object('rebinding', new_id)) WHERE proof.id IS NOT NULL;
        expires_at := iso(ends);
    END IF;
    RETURN NEXT;
END $$;

-- A message to the old number or to the new one (`whom`); `at` is the time that it tells.
CREATE OR REPLACE FUNCTION hall.rebinding_tell(b hall.rebinding, what text, whom text, at timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE m uuid := gen_random_uuid();
BEGIN
    INSERT INTO message (id, event, recipient, detail) VALUES (m, what, whom, jsonb_build_object('rebinding', b.id, 'mask', b.phone_mask,
        'time', to_char(at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI')));
    PERFORM enqueue('message', 'message/' || m, m);
END $$;

-- The person has passed: from now on the old number has time to stop it. Returns a word for the page: waits; taken, when the new number
-- has become another account's; underway, when another rebinding waits; changed, when this person no longer stands for the account.
CREATE OR REPLACE FUNCTION hall.rebinding_wait(wanted uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE b rebinding;
BEGIN
    SELECT * INTO b FROM rebinding WHERE id = wanted AND state = 'asked' FOR NO KEY UPDATE;
    PERFORM FROM account WHERE id = b.account FOR NO KEY UPDATE;
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(b.phone_hash, 'hex'), 0));
    IF EXISTS (SELECT FROM rebinding WHERE account = b.account AND state = 'waiting') THEN
        RETURN 'underway';
    ELSIF (rebinding_order(b.old_hash)).id IS DISTINCT FROM b.order_id THEN
        RETURN 'changed';
    ELSIF phone_taken(b.phone_hash) THEN
        RETURN 'taken';
    END IF;
    UPDATE rebinding SET state = 'waiting', due_at = now() + wait WHERE id = wanted RETURNING * INTO b;
    PERFORM note('account', b.account, jsonb_build_object('rebinding', wanted, 'passed', b.order_id, 'due', iso(b.due_at)));
    PERFORM enqueue('rebinding', 'rebinding/' || wanted, wanted, b.wait);
    PERFORM rebinding_tell(b, 'rebinding_waits', 'old_phone', b.due_at);
    RETURN 'waits';
END $$;

-- Stops what waits for an account; false when nothing does.
CREATE OR REPLACE FUNCTION hall.rebinding_stop(of_account uuid) RETURNS bool
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE b rebinding;
BEGIN
    UPDATE rebinding SET state = 'stopped', ended_at = now() WHERE account = of_account AND state = 'waiting' RETURNING * INTO b;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM note('account', of_account, jsonb_build_object('rebinding', b.id, 'stopped', true));
    PERFORM rebinding_tell(b, 'rebinding_stopped', 'new_phone', b.ended_at);
    RETURN true;
END $$;

CREATE OR REPLACE FUNCTION hall.my_rebinding_stop() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF my_kind() <> 'account' OR NOT rebinding_stop(me()) THEN
        PERFORM refuse(409, '现在没有等待生效的换绑，无需停止。');
    END IF;
END $$;

-- What waits for the caller's account.
CREATE OR REPLACE VIEW hall.own_rebinding WITH (security_barrier) AS
SELECT b.phone_mask AS phone, b.due_at FROM hall.rebinding b
 WHERE b.state = 'waiting' AND b.account = (SELECT c.who FROM hall.caller() c WHERE c.kind = 'account');

-- For the runner: the account and the numbers of one that is due; no row when there is nothing left to do.
CREATE OR REPLACE FUNCTION hall.rebinding_work(wanted uuid) RETURNS TABLE (account uuid, phones bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT b.account, b.phones FROM rebinding b WHERE b.id = wanted AND b.state = 'waiting' AND b.due_at <= now();
END $$;

-- Takes effect. Whoever has the old number is out: all sessions end, the password is void, hand-overs that were offered and
-- links to pages for colleagues are withdrawn.
CREATE OR REPLACE FUNCTION hall.rebinding_do(wanted uuid, encrypted bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE b rebinding;
BEGIN
    UPDATE rebinding SET state = 'done', ended_at = now() WHERE id = wanted AND state = 'waiting' AND due_at <= now() RETURNING * INTO b;
    IF NOT FOUND THEN
        RETURN; -- it was stopped meanwhile
    END IF;
    UPDATE account SET phone_hash = b.phone_hash, phone_encrypted = encrypted, phone_mask = b.phone_mask, password = NULL WHERE id = b.account;
    DELETE FROM session WHERE account = b.account;
    DELETE FROM calendar_link WHERE account = b.account;
    UPDATE hand_over SET state = 'withdrawn', ended_at = now() WHERE account = b.account AND state = 'asked';
    PERFORM share_ends(o.id) FROM orders o WHERE o.account = b.account;
    PERFORM note('account', b.account, jsonb_build_object('rebinding', b.id, 'done', true));
    PERFORM rebinding_tell(b, 'phone_changed', 'old_phone', b.ended_at), rebinding_tell(b, 'rebinding_done', 'new_phone', b.ended_at);
END $$;
