-- Revert certhall:centre from pg
BEGIN;

DROP FUNCTION hall.help_json, hall.my_hand_overs, hall.hand_over_end, hall.hand_over_accept, hall.hand_over_ask, hall.my_units,
    hall.may_hand_over, hall.renewal, hall.my_order_course, hall.order_course, hall.my_orders, hall.order_lists,
    hall.account_waits, hall.promise, hall.phone_change, hall.password_change, hall.profile_put, hall.my_account,
    hall.session_end, hall.my_sessions, hall.session_elsewhere, hall.session_device, hall.account_tell, hall.sms_code_unuse;

CREATE OR REPLACE FUNCTION hall.count_public(what text, whose text, most int, sentence text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE so_far int;
BEGIN
    INSERT INTO public_count AS c (kind, who) VALUES (what, whose)
    ON CONFLICT (kind, who, day) DO UPDATE SET n = c.n + 1 RETURNING c.n INTO so_far;
    IF so_far > most THEN
        PERFORM refuse(429, sentence);
    ELSIF so_far = 1 THEN
        DELETE FROM public_count WHERE day < current_date - 1;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.loss_start(new_id uuid, lost uuid, the_role text, the_kind text, the_serial text, token bytea,
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

CREATE OR REPLACE FUNCTION hall.must_allow(way text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p project;
BEGIN
    SELECT * INTO p FROM project WHERE id = my_project();
    IF FOUND AND NOT (CASE way WHEN 'register' THEN p.self_registration AND 'password' = ANY (p.login_ways)
                               ELSE way = ANY (p.login_ways) END) THEN
        PERFORM refuse(403, '本项目不支持这种登录方式，请按登录页面的提示登录。');
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.sms_code_new(new_id uuid, phone bytea, why text, code bytea, per_day int, per_hour int,
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

CREATE OR REPLACE FUNCTION hall.login_sms(phone bytea, why text, code bytea, new_id uuid, sealed bytea, mask text, secret text,
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

CREATE OR REPLACE FUNCTION hall.password_of(phone bytea, from_address text) RETURNS TABLE (password text, blocked bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT (SELECT a.password FROM account a WHERE a.phone_hash = phone),
           (SELECT count(*) FROM login_failure WHERE phone_hash = phone AND at > now() - interval '15 minutes') >= 5
        OR (SELECT count(*) FROM login_failure WHERE address = from_address AND at > now() - interval '15 minutes') >= 50 $$;

CREATE OR REPLACE FUNCTION hall.login_password(phone bytea, good bool, token bytea, seconds int) RETURNS TABLE (id uuid, phone_mask text)
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

CREATE OR REPLACE FUNCTION hall.my_orders(wanted_state text, wanted_number text, page int, page_size int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH mine AS (SELECT o FROM orders o WHERE o.account = me() AND my_kind() = 'account'
                     AND (wanted_state IS NULL OR o.state = wanted_state)
                     AND (wanted_number IS NULL OR o.number LIKE '%' || wanted_number || '%'))
    SELECT jsonb_build_object('total', (SELECT count(*) FROM mine), 'page', page, 'page_size', page_size,
        'items', (SELECT coalesce(jsonb_agg(order_row(p.o)), '[]') FROM (
            SELECT o FROM mine ORDER BY (o).created_at DESC LIMIT page_size OFFSET (page - 1) * page_size) p))::text $$;

GRANT EXECUTE ON FUNCTION hall.my_orders TO certhall_orders;

CREATE OR REPLACE FUNCTION hall.enter(token bytea, wanted_roles text[], slug_ text, op text, address text, request text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    project_ uuid;
    s session;
    l link;
    kind text := 'nobody';
    who uuid;
    roles text[] := ARRAY(SELECT unnest(wanted_roles) INTERSECT SELECT unnest(ARRAY['public', 'vendor']));
BEGIN
    IF slug_ NOT IN ('', 'hall') THEN -- the hall itself has pages of no project
        SELECT id INTO project_ FROM project WHERE slug = slug_;
        IF NOT FOUND THEN
            PERFORM refuse(404, '没有这个办理入口，请核对合作平台给您的链接。');
        END IF;
    END IF;
    SELECT * INTO s FROM session WHERE token_hash = token AND expires_at > now();
    IF FOUND AND s.account IS NOT NULL THEN
        kind := 'account'; who := s.account; roles := roles || '{applicant}';
    ELSIF FOUND THEN
        kind := 'staff'; who := s.staff;
        roles := roles || coalesce((SELECT f.roles FROM staff f WHERE f.id = s.staff AND active), '{}');
    ELSIF wanted_roles && '{phone,code}' THEN
        SELECT * INTO l FROM link WHERE token_hash = token AND purpose = ANY (wanted_roles) AND expires_at > now();
        IF NOT FOUND THEN
            PERFORM refuse(410, CASE WHEN 'code' = ANY (wanted_roles) THEN '链接已失效，请向经办人索取新的链接。'
                                     ELSE '认证链接已失效，请在电脑上重新生成二维码。' END);
        END IF;
        kind := 'link'; who := l.subject; roles := roles || l.purpose;
    END IF;
    IF NOT roles && wanted_roles THEN
        IF who IS NULL THEN
            PERFORM refuse(401, '登录已失效，请重新登录。');
        END IF;
        PERFORM refuse(403, '您没有办理此事项的权限。');
    END IF;
    IF s.seen_at < now() - interval '1 minute' THEN
        UPDATE session SET seen_at = now() WHERE token_hash = token;
    END IF;
    PERFORM set_config('hall.kind', kind, true), set_config('hall.who', coalesce(who::text, ''), true),
            set_config('hall.roles', roles::text, true), set_config('hall.project', coalesce(project_::text, ''), true),
            set_config('hall.op', op, true), set_config('hall.address', address, true),
            set_config('hall.request', request, true);
    RETURN who;
END $$;

DROP FUNCTION hall.session_fits, hall.sms_code_may, hall.password_failed, hall.network;
DROP TABLE hall.hand_over, hall.message_name;
DELETE FROM hall.project_list WHERE member IN ('faq', 'downloads');
DROP TABLE hall.faq, hall.download;
DROP INDEX hall.orders_account_created;
DELETE FROM hall.sms_code WHERE purpose NOT IN ('login', 'register');
ALTER TABLE hall.sms_code DROP CONSTRAINT sms_code_purpose_check;
ALTER TABLE hall.sms_code ADD CONSTRAINT sms_code_purpose_check CHECK (purpose IN ('login', 'register'));
ALTER TABLE hall.session DROP COLUMN id, DROP COLUMN device;
DELETE FROM hall.sealed_column WHERE place = 'account.profile';
ALTER TABLE hall.account DROP COLUMN profile CASCADE;
ALTER TABLE hall.project DROP COLUMN own_list;

COMMIT;
