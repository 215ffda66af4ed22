-- Log-in: codes by SMS, passwords, sessions.

-- Codes are counted by phone, and by the network of the requesting address.
CREATE OR REPLACE FUNCTION hall.sms_code_new(new_id uuid, phone bytea, why text, code bytea, per_day int, per_hour int,
                                  message_id uuid, encrypted bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    from_network text := hall.network((caller()).address);
    filled timestamptz; -- when the code was made that has to be older before another may be
BEGIN
    PERFORM sms_code_may(phone, why);
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(phone, 'hex'), 0));
    SELECT max(created_at) INTO filled FROM sms_code WHERE phone_hash = phone AND created_at > now() - interval '1 minute';
    IF filled IS NOT NULL THEN
        PERFORM refuse_until(filled + interval '1 minute', '验证码已发送，请 1 分钟后再获取。');
    END IF;
    SELECT created_at INTO filled FROM sms_code WHERE phone_hash = phone AND created_at > now() - interval '1 day'
     ORDER BY created_at DESC OFFSET greatest(per_day - 1, 0) LIMIT 1;
    IF FOUND THEN
        PERFORM refuse_until(filled + interval '1 day', '该手机号今天获取验证码的次数已用完，请明天再试。');
    END IF;
    SELECT created_at INTO filled FROM sms_code WHERE address = from_network AND created_at > now() - interval '1 hour'
     ORDER BY created_at DESC OFFSET greatest(per_hour - 1, 0) LIMIT 1;
    IF FOUND THEN
        PERFORM refuse_until(filled + interval '1 hour', '当前网络获取验证码过于频繁，请稍后再试。');
    END IF;
    INSERT INTO sms_code (id, phone_hash, purpose, code_hash, address) VALUES (new_id, phone, why, code, from_network);
    INSERT INTO message (id, event, recipient, content, detail)
    SELECT message_id, CASE WHEN action IS NULL THEN 'login_code' ELSE 'account_code' END, 'phone', encrypted,
           jsonb_strip_nulls(jsonb_build_object('action', action))
      FROM (SELECT CASE why WHEN 'reset' THEN '重设登录密码' WHEN 'password' THEN '修改登录密码' WHEN 'phone' THEN '更换手机号'
                            WHEN 'new_phone' THEN '绑定新手机号' WHEN 'hand_over' THEN '移交业务单' WHEN 'sessions' THEN '退出其他设备'
                            WHEN 'take_over' THEN '接收移交的业务单' WHEN 'rebind' THEN '把账号换绑到本手机号' WHEN 'close' THEN '注销账号' END AS action) x;
    PERFORM enqueue('message', 'message/' || message_id, message_id);
END $$;

-- Checks the latest code of a phone and uses it up: ok, wrong, expired or too_many (3 tries, 10 minutes).
CREATE OR REPLACE FUNCTION hall.sms_code_use(phone bytea, why text, code bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c sms_code;
BEGIN
    SELECT * INTO c FROM sms_code WHERE phone_hash = phone AND purpose = why ORDER BY created_at DESC LIMIT 1 FOR UPDATE;
    IF NOT FOUND OR c.used OR c.created_at < now() - interval '10 minutes' THEN
        RETURN 'expired';
    ELSIF c.tries >= 3 THEN
        RETURN 'too_many';
    END IF;
    UPDATE sms_code SET tries = tries + 1, used = c.code_hash = code WHERE id = c.id;
    RETURN CASE WHEN c.code_hash = code THEN 'ok' ELSE 'wrong' END;
END $$;

-- Ends the session that the same browser had until now.
CREATE OR REPLACE FUNCTION hall.session_open(token bytea, for_account uuid, for_staff uuid, way text, seconds int, idle_seconds int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    DELETE FROM session WHERE id = (caller()).session;
    INSERT INTO session (token_hash, audience, account, staff, made_by, address, expires_at, idle)
    VALUES (token, CASE WHEN for_account IS NULL THEN 'desk' ELSE 'hall' END, for_account, for_staff, way,
            coalesce((caller()).address, ''), now() + make_interval(secs => seconds), idle_seconds);
END $$;

CREATE OR REPLACE FUNCTION hall.session_close(token bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    DELETE FROM session WHERE token_hash = token;
END $$;

-- Log-in by SMS registers an unknown phone. `secret` is the hash of a password when this is a registration or a reset, otherwise
-- NULL; somebody who has just set a password may enter wherever log-in by password is allowed. A new password ends all other
-- sessions. A reset does not register an unknown phone (unknown).
CREATE OR REPLACE FUNCTION hall.login_sms(phone bytea, why text, code bytea, new_id uuid, encrypted bytea, mask text, secret text,
                               token bytea, seconds int, idle_seconds int) RETURNS TABLE (word text, id uuid, phone_mask text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE a account;
BEGIN
    PERFORM must_allow(CASE why WHEN 'login' THEN 'sms' ELSE why END);
    word := sms_code_use(phone, why, code);
    IF word <> 'ok' THEN
        RETURN NEXT;
        RETURN;
    END IF;
    SELECT * INTO a FROM account WHERE phone_hash = phone;
    IF NOT FOUND AND why = 'reset' THEN
        word := 'unknown';
        RETURN NEXT;
        RETURN;
    ELSIF NOT FOUND AND phone_taken(phone) THEN
        PERFORM refuse(409, '这个手机号正在办理换绑，生效后即可登录原来的账号。');
    ELSIF NOT FOUND THEN
        INSERT INTO account (id, phone_hash, phone_encrypted, phone_mask, password)
        VALUES (new_id, phone, encrypted, mask, secret) RETURNING * INTO a;
    ELSIF secret IS NOT NULL THEN -- the code has proved the phone
        UPDATE account SET password = secret WHERE account.id = a.id;
        DELETE FROM session WHERE account = a.id;
        DELETE FROM login_try WHERE who = phone;
    END IF;
    PERFORM session_open(token, a.id, NULL, CASE WHEN secret IS NULL THEN 'sms' ELSE 'password' END, seconds, idle_seconds);
    id := a.id;
    phone_mask := a.phone_mask;
    RETURN NEXT;
END $$;

-- Counts a try before its password is compared, in a transaction of its own: tries at the same time are counted one after the other,
-- and none is compared that was not counted. False after five tries in 15 minutes: the password must then not let anybody in. Such a
-- try is not counted, so a lock-out ends by itself, however often somebody tries meanwhile. A right password takes its tries back.
-- People who exist and people who do not are counted alike, and nobody waits for the disk, so that neither answer nor time tells
-- them apart.
CREATE OR REPLACE FUNCTION hall.login_try(for_whom bytea, from_address text) RETURNS bool
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    from_network text := network(from_address);
    since timestamptz := now() - interval '15 minutes';
BEGIN
    PERFORM set_config('synchronous_commit', 'off', true);
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(for_whom, 'hex'), 1)), pg_advisory_xact_lock(hashtextextended(from_network, 2));
    IF (SELECT count(*) FROM login_try t WHERE t.address = from_network AND t.at > since) >= 50 THEN
        PERFORM refuse(429, '当前网络的登录失败次数过多，请 15 分钟后再试。');
    ELSIF (SELECT count(*) FROM login_try t WHERE t.who = for_whom AND t.at > since) >= 5 THEN
        RETURN false;
    END IF;
    INSERT INTO login_try (who, address) VALUES (for_whom, from_network);
    RETURN true;
END $$;

-- Cost and salt of a password's record (core/crypto/password.h), which is all of it that a program gets. Where there is no record, a
-- salt that nobody can tell from a real one: it stays the same for the same person, and its cost is the one of new records.
CREATE OR REPLACE FUNCTION hall.password_salt(record text, for_whom bytea, cost int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN coalesce(regexp_replace(record, '\$[^$]*$', ''), '$scrypt$ln=' || cost || '$' || base64url(
        substr(sha256((SELECT secret FROM caller_secret) || 'salt' || for_whom), 1, 16)));
END $$;

-- Whether the proof is that of the password with this record.
CREATE OR REPLACE FUNCTION hall.password_right(record text, proof bytea) RETURNS bool
LANGUAGE plpgsql IMMUTABLE SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN coalesce(length(proof) = 32 AND split_part(record, '$', 5) = base64url(sha256(proof)), false);
END $$;

CREATE OR REPLACE FUNCTION hall.base64url(bytes bytea) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN rtrim(translate(encode(bytes, 'base64'), '+/', '-_'), '=');
END $$;

CREATE OR REPLACE FUNCTION hall.account_salt(phone bytea, cost int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN password_salt((SELECT a.password FROM account a WHERE a.phone_hash = phone), phone, cost);
END $$;

-- Lets in whose password the proof shows (NULL: nobody's).
CREATE OR REPLACE FUNCTION hall.login_password(phone bytea, proof bytea, token bytea, seconds int, idle_seconds int)
RETURNS TABLE (id uuid, phone_mask text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE a account;
BEGIN
    PERFORM must_allow('password');
    SELECT * INTO a FROM account WHERE phone_hash = phone;
    IF password_right(a.password, proof) THEN
        DELETE FROM login_try WHERE who = phone;
        PERFORM session_open(token, a.id, NULL, 'password', seconds, idle_seconds);
        RETURN QUERY SELECT a.id, a.phone_mask;
    END IF;
END $$;

-- Whether a code for this purpose may be requested. A code for oneself is sent to one's own phone.
CREATE OR REPLACE FUNCTION hall.sms_code_may(phone bytea, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE own bytea := (SELECT phone_hash FROM account WHERE id = me() AND my_kind() = 'account');
BEGIN
    IF why IN ('login', 'register', 'reset') THEN
        PERFORM must_allow(CASE why WHEN 'login' THEN 'sms' ELSE why END);
    ELSIF why = 'rebind' THEN
        RETURN; -- the new number belongs to nobody yet
    ELSIF own IS NULL OR (why <> 'new_phone' AND phone <> own) THEN
        PERFORM refuse(401, '登录已失效，请重新登录。');
    ELSIF why = 'new_phone' AND phone = own THEN
        PERFORM refuse(422, '新手机号与目前的手机号相同。', '/phone');
    END IF;
END $$;

-- Makes the latest code for this purpose unused again: it was right, but its purpose could not be fulfilled.
CREATE OR REPLACE FUNCTION hall.sms_code_unuse(phone bytea, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE sms_code SET used = false
     WHERE id = (SELECT id FROM sms_code WHERE phone_hash = phone AND purpose = why ORDER BY created_at DESC LIMIT 1);
END $$;

CREATE OR REPLACE FUNCTION hall.session_device(token bytea, words text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE session SET device = left(words, 100) WHERE token_hash = token;
END $$;

-- For somebody who comes with a session that this project does not accept.
CREATE OR REPLACE FUNCTION hall.session_elsewhere(token bytea) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN my_kind() = 'nobody' AND EXISTS (SELECT FROM session WHERE token_hash = token AND account IS NOT NULL
                                               AND expires_at > now());
END $$;

CREATE OR REPLACE FUNCTION hall.my_sessions(token bytea) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('id', id, 'way', made_by, 'device', device,
               'address', address, 'created_at', iso(created_at), 'seen_at', iso(seen_at), 'current', token_hash = token)
               ORDER BY token_hash = token DESC, seen_at DESC), '[]'))::text
      FROM session WHERE account = me() AND my_kind() = 'account' AND expires_at > now());
END $$;

-- Ends one of the caller's own sessions, or (NULL) all except the current one, under a code: whoever has taken over a session throws
-- nobody out. Returns the word on the code.
CREATE OR REPLACE FUNCTION hall.sessions_end(wanted uuid, token bytea, code bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    word text := sms_code_use((SELECT phone_hash FROM account WHERE id = me() AND my_kind() = 'account'), 'sessions', code);
    n int;
BEGIN
    IF word <> 'ok' THEN
        RETURN word;
    END IF;
    DELETE FROM session WHERE account = me() AND my_kind() = 'account'
       AND CASE WHEN wanted IS NULL THEN token_hash <> token ELSE id = wanted END;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n = 0 AND wanted IS NOT NULL THEN
        PERFORM refuse(404, '这个登录已经结束。');
    ELSIF n > 0 THEN
        PERFORM note('account', me(), jsonb_build_object('sessions_ended', n));
    END IF;
    RETURN word;
END $$;

-- Sets a new password, with the proof of the old one or with a fresh code; all other sessions end. Returns ok, wrong_password, or the
-- word on the code.
CREATE OR REPLACE FUNCTION hall.password_change(proof bytea, code bytea, secret text, token bytea, message_id uuid, encrypted bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    a account;
    phone bytea;
    word text := 'wrong_password';
BEGIN
    SELECT * INTO a FROM account WHERE id = me() AND my_kind() = 'account';
    phone := a.phone_hash;
    IF code IS NOT NULL THEN
        word := sms_code_use(phone, 'password', code);
    ELSIF password_right(a.password, proof) THEN
        word := 'ok';
    END IF;
    IF word = 'ok' THEN
        UPDATE account SET password = secret WHERE id = me();
        DELETE FROM session WHERE account = me() AND token_hash <> token;
        DELETE FROM login_try WHERE who = phone;
        PERFORM account_tell(message_id, 'password_changed', encrypted);
    END IF;
    RETURN word;
END $$;
