-- Deploy certhall:login to pg
-- Log-in by SMS code and by password. Wrong tries are counted, so these functions answer with a word instead of raising:
-- what they write must stay.
BEGIN;

-- A project says how people log in; the hall's own pages leave it open.
CREATE FUNCTION hall.must_allow(way text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p project;
BEGIN
    SELECT * INTO p FROM project WHERE id = my_project();
    IF FOUND AND NOT (CASE way WHEN 'register' THEN p.self_registration AND 'password' = ANY (p.login_ways)
                               ELSE way = ANY (p.login_ways) END) THEN
        PERFORM refuse(403, '本项目不支持这种登录方式，请按登录页面的提示登录。');
    END IF;
END $$;

-- Limits: one code a minute and `per_day` a day for a phone, `per_hour` an hour for an address.
CREATE FUNCTION hall.sms_code_new(new_id uuid, phone bytea, why text, code bytea, per_day int, per_hour int,
                                  message_id uuid, sealed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM must_allow(CASE why WHEN 'login' THEN 'sms' ELSE why END);
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(phone, 'hex'), 0));
    IF EXISTS (SELECT FROM sms_code WHERE phone_hash = phone AND created_at > now() - interval '1 minute') THEN
        PERFORM refuse(429, '验证码已发送，请 1 分钟后再获取。');
    ELSIF (SELECT count(*) FROM sms_code WHERE phone_hash = phone AND created_at > now() - interval '1 day') >= per_day THEN
        PERFORM refuse(429, '该手机号今天获取验证码的次数已用完，请明天再试。');
    ELSIF (SELECT count(*) FROM sms_code WHERE address = known('address')
              AND created_at > now() - interval '1 hour') >= per_hour THEN
        PERFORM refuse(429, '当前网络获取验证码过于频繁，请稍后再试。');
    END IF;
    INSERT INTO sms_code (id, phone_hash, purpose, code_hash, address) VALUES (new_id, phone, why, code, known('address'));
    INSERT INTO message (id, event, recipient, content) VALUES (message_id, 'login_code', 'phone', sealed);
    PERFORM enqueue('message', 'message/' || message_id, message_id);
END $$;

-- Uses up the latest code of a phone: ok, wrong, expired or too_many (3 tries, 10 minutes).
CREATE FUNCTION hall.sms_code_use(phone bytea, why text, code bytea) RETURNS text
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

CREATE FUNCTION hall.session_open(token bytea, for_account uuid, for_staff uuid, way text, seconds int) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    INSERT INTO session (token_hash, audience, account, staff, made_by, address, expires_at)
    VALUES (token, CASE WHEN for_account IS NULL THEN 'desk' ELSE 'hall' END, for_account, for_staff, way,
            coalesce(known('address'), ''), now() + make_interval(secs => seconds)) $$;

CREATE FUNCTION hall.session_close(token bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$ DELETE FROM session WHERE token_hash = token $$;

-- Log-in by SMS registers a new phone. `secret` is the hash of a password for a registration, else NULL.
CREATE FUNCTION hall.login_sms(phone bytea, why text, code bytea, new_id uuid, sealed bytea, mask text, secret text,
                               token bytea, seconds int) RETURNS TABLE (word text, id uuid, phone_mask text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE a account;
BEGIN
    PERFORM must_allow(CASE why WHEN 'login' THEN 'sms' ELSE why END);
    word := sms_code_use(phone, why, code);
    IF word = 'ok' THEN
        SELECT * INTO a FROM account WHERE phone_hash = phone;
        IF NOT FOUND THEN
            INSERT INTO account (id, phone_hash, phone_sealed, phone_mask, password)
            VALUES (new_id, phone, sealed, mask, secret) RETURNING * INTO a;
        ELSIF secret IS NOT NULL THEN -- the phone is proved: this is how a forgotten password is set anew
            UPDATE account SET password = secret WHERE account.id = a.id;
        END IF;
        PERFORM session_open(token, a.id, NULL, 'sms', seconds);
        id := a.id;
        phone_mask := a.phone_mask;
    END IF;
    RETURN NEXT;
END $$;

-- The stored hash, and whether this phone or address has failed too often of late.
CREATE FUNCTION hall.password_of(phone bytea, from_address text) RETURNS TABLE (password text, blocked bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT (SELECT a.password FROM account a WHERE a.phone_hash = phone),
           (SELECT count(*) FROM login_failure WHERE phone_hash = phone AND at > now() - interval '15 minutes') >= 5
        OR (SELECT count(*) FROM login_failure WHERE address = from_address AND at > now() - interval '15 minutes') >= 50 $$;

-- The caller has compared the password; what it found is recorded.
CREATE FUNCTION hall.login_password(phone bytea, good bool, token bytea, seconds int) RETURNS TABLE (id uuid, phone_mask text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM must_allow('password');
    IF NOT good THEN
        INSERT INTO login_failure (phone_hash, address) VALUES (phone, coalesce(known('address'), ''));
        RETURN;
    END IF;
    DELETE FROM login_failure WHERE phone_hash = phone;
    RETURN QUERY SELECT a.id, a.phone_mask FROM account a WHERE a.phone_hash = phone;
    PERFORM session_open(token, a.id, NULL, 'password', seconds) FROM account a WHERE a.phone_hash = phone;
END $$;

CREATE FUNCTION hall.staff_password(wanted text) RETURNS TABLE (password text, blocked bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT s.password, coalesce(s.locked_until > now(), false) FROM staff s WHERE s.name = wanted AND s.active $$;

CREATE FUNCTION hall.staff_login(wanted text, good bool, token bytea, seconds int)
RETURNS TABLE (id uuid, name text, display_name text, roles text[])
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF good THEN
        UPDATE staff s SET failures = 0, locked_until = NULL WHERE s.name = wanted;
        PERFORM session_open(token, NULL, s.id, 'password', seconds) FROM staff s WHERE s.name = wanted;
        RETURN QUERY SELECT s.id, s.name, s.display_name, s.roles FROM staff s WHERE s.name = wanted;
    ELSE
        UPDATE staff s SET failures = s.failures + 1,
               locked_until = CASE WHEN s.failures >= 4 THEN now() + interval '15 minutes' END WHERE s.name = wanted;
    END IF;
END $$;

COMMIT;
