-- Deploy certhall:centre to pg
-- The personal centre: an account's own data, its sessions, its orders in lists, its certificates by unit, the hand-over of
-- a unit to another handler, questions and downloads.
BEGIN;

-- ---- data ----

-- A project whose orders stand in a list of their own in the personal centre: the list's name, with or without "我的业务单-".
-- NULL: among all others.
ALTER TABLE hall.project ADD COLUMN own_list text;

-- What the person says of itself, sealed: {"name", "email"}.
ALTER TABLE hall.account ADD COLUMN profile bytea;
SELECT hall.seal_column('account.profile', 'account', 'profile', 'id');

ALTER TABLE hall.session
    ADD COLUMN id     uuid NOT NULL DEFAULT gen_random_uuid() UNIQUE, -- its name towards its owner; grants nothing
    ADD COLUMN device text NOT NULL DEFAULT '';                       -- browser and system in words

-- reset: of a forgotten password. The others are asked for by who is logged in: password and phone (change of), new_phone (to
-- that phone), hand_over and take_over (of a unit's orders).
ALTER TABLE hall.sms_code DROP CONSTRAINT sms_code_purpose_check;
ALTER TABLE hall.sms_code ADD CONSTRAINT sms_code_purpose_check
    CHECK (purpose IN ('login', 'register', 'reset', 'password', 'phone', 'new_phone', 'hand_over', 'take_over'));

CREATE INDEX orders_account_created ON hall.orders (account, created_at DESC, id);

-- Questions and answers, and files to download: the hall's (project NULL) and a project's own ("faq", "downloads" of its
-- document). Topic `system` is what a visitor's computer needs.
CREATE TABLE hall.faq (
    project  uuid REFERENCES hall.project ON DELETE CASCADE,
    pos      int NOT NULL,
    topic    text NOT NULL DEFAULT 'other' CHECK (topic IN ('apply', 'phone', 'account', 'pin', 'progress', 'invoice', 'parcel',
                                                            'certificate', 'system', 'other')),
    question text NOT NULL,
    answer   text NOT NULL,
    UNIQUE NULLS NOT DISTINCT (project, pos)
);
CREATE TABLE hall.download (
    project uuid REFERENCES hall.project ON DELETE CASCADE,
    pos     int NOT NULL,
    name    text NOT NULL,
    url     text NOT NULL CHECK (url ~ '^(https?://|/)'),
    note    text NOT NULL DEFAULT '',
    UNIQUE NULLS NOT DISTINCT (project, pos)
);
INSERT INTO hall.project_list VALUES ('faq', 'hall.faq'), ('downloads', 'hall.download');

-- What a message is called in the course of an order; an event without a name here is called a notice. Whoever adds an event
-- adds its name (sql/data/message.sql).
CREATE TABLE hall.message_name (
    event text PRIMARY KEY,
    name  text NOT NULL
);
INSERT INTO hall.message_name VALUES ('approved', '审核通过通知'), ('rejected', '审核驳回通知'), ('finauth_failed', '金融认证未成功通知'),
    ('account_wanted', '补充对公账户提醒'), ('pin', '证书 PIN 码'), ('shipped', '快递寄出通知'), ('download', '证书下载通知'),
    ('serials', '证书序列号'), ('refunded', '退款通知'), ('stamped', '电子印章制成通知'), ('certificate_held', '证书冻结通知'),
    ('certificate_released', '证书解冻通知'), ('certificate_revoked', '证书吊销通知'), ('handed_over', '业务单移交通知'),
    ('invoice', '电子发票'), ('expiring', '证书到期提醒'), ('code_wanted', '随机码填写提醒'), ('code_failed', '随机码认证未成功通知');

-- A unit's orders (or one order) that their account gives to another handler, by phone number. Nothing moves before the other
-- one has accepted with a code sent to that phone.
CREATE TABLE hall.hand_over (
    id         uuid PRIMARY KEY,
    account    uuid NOT NULL REFERENCES hall.account, -- gives
    taker      bytea NOT NULL,                        -- keyed hash of the phone that takes
    taker_mask text NOT NULL,
    order_id   uuid REFERENCES hall.orders,           -- NULL: all orders of the unit
    unit_hash  bytea NOT NULL,
    subject    text NOT NULL,
    state      text NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'accepted', 'refused', 'withdrawn')),
    moved      int,                                   -- orders
    expires_at timestamptz NOT NULL DEFAULT now() + interval '7 days',
    created_at timestamptz NOT NULL DEFAULT now(),
    ended_at   timestamptz,
    CHECK ((state = 'asked') = (ended_at IS NULL) AND (state = 'accepted') = (moved IS NOT NULL))
);
CREATE UNIQUE INDEX hand_over_open ON hall.hand_over (account, unit_hash) WHERE state = 'asked';
CREATE INDEX hand_over_account ON hall.hand_over (account);
CREATE INDEX hand_over_taker ON hall.hand_over (taker) WHERE state = 'asked';

-- ---- limits ----

-- By what an address is counted: an IPv6 customer has a /64, whose addresses change at will. What is no address is itself.
CREATE FUNCTION hall.network(address text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN CASE WHEN address !~ ':' THEN address
                WHEN address ~* '^::ffff:[0-9.]+$' THEN substr(address, 8)
                ELSE network(set_masklen(address::inet, 64))::text END;
EXCEPTION WHEN invalid_text_representation THEN
    RETURN address;
END $$;

CREATE OR REPLACE FUNCTION hall.count_public(what text, whose text, most int, sentence text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE so_far int;
BEGIN
    INSERT INTO public_count AS c (kind, who) VALUES (what, hall.network(whose))
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
DECLARE
    ends timestamptz := now() + life;
    from_network text := hall.network(known('address'));
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('loss' || the_serial, 0));
    IF (SELECT count(*) FROM identity i WHERE i.address = from_network AND i.purpose = 'loss'
           AND i.created_at > now() - interval '1 hour') >= per_hour THEN
        PERFORM refuse(429, '当前网络的操作过于频繁，请稍后再试，或拨打服务热线报失。');
    ELSIF (SELECT count(*) FROM identity i WHERE i.serial = the_serial AND i.purpose = 'loss' AND i.refusals > 0
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

-- ---- log-in ----

-- Whether a project takes a session that was made this way; the hall's own pages (no project) take any. hall.enter asks: a
-- session that does not fit is none there, so that its owner is sent to log in as the project wishes.
CREATE FUNCTION hall.session_fits(s hall.session, wanted uuid) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT s.account IS NULL OR wanted IS NULL OR s.made_by = ANY (login_ways) FROM (SELECT 1) one
      LEFT JOIN project p ON p.id = wanted $$;

-- As before; a session that does not fit the project is no session there.
CREATE OR REPLACE FUNCTION hall.enter(token bytea, wanted_roles text[], slug_ text, op text, address text, request text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    project_ uuid;
    s session;
    l link;
    kind text := 'nobody';
    who uuid;
    misfit bool := false;
    roles text[] := ARRAY(SELECT unnest(wanted_roles) INTERSECT SELECT unnest(ARRAY['public', 'vendor']));
BEGIN
    IF slug_ NOT IN ('', 'hall') THEN -- the hall itself has pages of no project
        SELECT id INTO project_ FROM project WHERE slug = slug_;
        IF NOT FOUND THEN
            PERFORM refuse(404, '没有这个办理入口，请核对合作平台给您的链接。');
        END IF;
    END IF;
    SELECT * INTO s FROM session WHERE token_hash = token AND expires_at > now();
    IF FOUND AND NOT session_fits(s, project_) THEN
        misfit := true;
    ELSIF FOUND AND s.account IS NOT NULL THEN
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
        IF misfit THEN
            PERFORM refuse(401, '本项目须用规定的方式登录，请按登录页面的提示重新登录。');
        ELSIF who IS NULL THEN
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

CREATE OR REPLACE FUNCTION hall.must_allow(way text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p project;
BEGIN
    SELECT * INTO p FROM project WHERE id = my_project();
    IF FOUND AND NOT (CASE way WHEN 'register' THEN p.self_registration AND 'password' = ANY (p.login_ways)
                               WHEN 'reset' THEN 'password' = ANY (p.login_ways)
                               ELSE way = ANY (p.login_ways) END) THEN
        PERFORM refuse(403, '本项目不支持这种登录方式，请按登录页面的提示登录。');
    END IF;
END $$;

-- May a code be asked for to this end? One for oneself goes to one's own phone.
CREATE FUNCTION hall.sms_code_may(phone bytea, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE own bytea := (SELECT phone_hash FROM account WHERE id = me() AND my_kind() = 'account');
BEGIN
    IF why IN ('login', 'register', 'reset') THEN
        PERFORM must_allow(CASE why WHEN 'login' THEN 'sms' ELSE why END);
    ELSIF own IS NULL OR (why <> 'new_phone' AND phone <> own) THEN
        PERFORM refuse(401, '登录已失效，请重新登录。');
    ELSIF why = 'new_phone' AND phone = own THEN
        PERFORM refuse(422, '新手机号与目前的手机号相同。', '/phone');
    END IF;
END $$;

-- As before, for more purposes, and by the network of an address.
CREATE OR REPLACE FUNCTION hall.sms_code_new(new_id uuid, phone bytea, why text, code bytea, per_day int, per_hour int,
                                  message_id uuid, sealed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE from_network text := hall.network(known('address'));
BEGIN
    PERFORM sms_code_may(phone, why);
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(phone, 'hex'), 0));
    IF EXISTS (SELECT FROM sms_code WHERE phone_hash = phone AND created_at > now() - interval '1 minute') THEN
        PERFORM refuse(429, '验证码已发送，请 1 分钟后再获取。');
    ELSIF (SELECT count(*) FROM sms_code WHERE phone_hash = phone AND created_at > now() - interval '1 day') >= per_day THEN
        PERFORM refuse(429, '该手机号今天获取验证码的次数已用完，请明天再试。');
    ELSIF (SELECT count(*) FROM sms_code WHERE address = from_network
              AND created_at > now() - interval '1 hour') >= per_hour THEN
        PERFORM refuse(429, '当前网络获取验证码过于频繁，请稍后再试。');
    END IF;
    INSERT INTO sms_code (id, phone_hash, purpose, code_hash, address) VALUES (new_id, phone, why, code, from_network);
    INSERT INTO message (id, event, recipient, content, detail)
    SELECT message_id, CASE WHEN action IS NULL THEN 'login_code' ELSE 'account_code' END, 'phone', sealed,
           jsonb_strip_nulls(jsonb_build_object('action', action))
      FROM (SELECT CASE why WHEN 'reset' THEN '重设登录密码' WHEN 'password' THEN '修改登录密码' WHEN 'phone' THEN '更换手机号'
                            WHEN 'new_phone' THEN '绑定新手机号' WHEN 'hand_over' THEN '移交业务单'
                            WHEN 'take_over' THEN '接收移交的业务单' END AS action) x;
    PERFORM enqueue('message', 'message/' || message_id, message_id);
END $$;

-- The latest code for this end counts as unused again: it was right, but what it was for did not come about.
CREATE FUNCTION hall.sms_code_unuse(phone bytea, why text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE sms_code SET used = false
     WHERE id = (SELECT id FROM sms_code WHERE phone_hash = phone AND purpose = why ORDER BY created_at DESC LIMIT 1) $$;

-- What happened to an account is told to a phone of its own, whose number the sealed content holds.
CREATE FUNCTION hall.account_tell(message_id uuid, what text, sealed bytea, more jsonb DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO message (id, event, recipient, content, detail)
    VALUES (message_id, what, 'phone', sealed,
            jsonb_build_object('time', to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI')) || more);
    PERFORM enqueue('message', 'message/' || message_id, message_id);
END $$;

-- Log-in by SMS registers a new phone. `secret` is the hash of a password for a registration or a reset, else NULL: who has
-- just set a password may come in wherever one may by password. A password set anew ends all other sessions; a reset
-- registers nobody (unknown).
CREATE OR REPLACE FUNCTION hall.login_sms(phone bytea, why text, code bytea, new_id uuid, sealed bytea, mask text, secret text,
                               token bytea, seconds int) RETURNS TABLE (word text, id uuid, phone_mask text)
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
    ELSIF NOT FOUND THEN
        INSERT INTO account (id, phone_hash, phone_sealed, phone_mask, password)
        VALUES (new_id, phone, sealed, mask, secret) RETURNING * INTO a;
    ELSIF secret IS NOT NULL THEN -- the phone is proved
        UPDATE account SET password = secret WHERE account.id = a.id;
        DELETE FROM session WHERE account = a.id;
        DELETE FROM login_failure WHERE phone_hash = phone;
    END IF;
    PERFORM session_open(token, a.id, NULL, CASE WHEN secret IS NULL THEN 'sms' ELSE 'password' END, seconds);
    id := a.id;
    phone_mask := a.phone_mask;
    RETURN NEXT;
END $$;

CREATE OR REPLACE FUNCTION hall.password_of(phone bytea, from_address text) RETURNS TABLE (password text, blocked bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT (SELECT a.password FROM account a WHERE a.phone_hash = phone),
           (SELECT count(*) FROM login_failure WHERE phone_hash = phone AND at > now() - interval '15 minutes') >= 5
        OR (SELECT count(*) FROM login_failure WHERE address = hall.network(from_address)
               AND at > now() - interval '15 minutes') >= 50 $$;

CREATE FUNCTION hall.password_failed(phone bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    INSERT INTO login_failure (phone_hash, address) VALUES (phone, coalesce(hall.network(known('address')), '')) $$;

CREATE OR REPLACE FUNCTION hall.login_password(phone bytea, good bool, token bytea, seconds int)
RETURNS TABLE (id uuid, phone_mask text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM must_allow('password');
    IF NOT good THEN
        PERFORM password_failed(phone);
        RETURN;
    END IF;
    DELETE FROM login_failure WHERE phone_hash = phone;
    RETURN QUERY SELECT a.id, a.phone_mask FROM account a WHERE a.phone_hash = phone;
    PERFORM session_open(token, a.id, NULL, 'password', seconds) FROM account a WHERE a.phone_hash = phone;
END $$;

-- ---- sessions ----

CREATE FUNCTION hall.session_device(token bytea, words text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE session SET device = left(words, 100) WHERE token_hash = token $$;

-- Somebody comes with a session that this project does not take.
CREATE FUNCTION hall.session_elsewhere(token bytea) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT my_kind() = 'nobody' AND EXISTS (SELECT FROM session WHERE token_hash = token AND account IS NOT NULL
                                               AND expires_at > now()) $$;

CREATE FUNCTION hall.my_sessions(token bytea) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('id', id, 'way', made_by, 'device', device,
               'address', address, 'created_at', iso(created_at), 'seen_at', iso(seen_at), 'current', token_hash = token)
               ORDER BY token_hash = token DESC, seen_at DESC), '[]'))::text
      FROM session WHERE account = me() AND my_kind() = 'account' AND expires_at > now() $$;

-- Ends one session of one's own, or (NULL) all but the one that asks.
CREATE FUNCTION hall.session_end(wanted uuid, token bytea) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE n int;
BEGIN
    DELETE FROM session WHERE account = me() AND my_kind() = 'account'
       AND CASE WHEN wanted IS NULL THEN token_hash <> token ELSE id = wanted END;
    GET DIAGNOSTICS n = ROW_COUNT;
    IF n = 0 AND wanted IS NOT NULL THEN
        PERFORM refuse(404, '这个登录已经结束。');
    ELSIF n > 0 THEN
        PERFORM note('account', me(), jsonb_build_object('sessions_ended', n));
    END IF;
    RETURN n;
END $$;

-- ---- one's own account ----

CREATE FUNCTION hall.my_account() RETURNS TABLE (id uuid, phone_hash bytea, phone_sealed bytea, phone_mask text, password text,
                                                 profile bytea, created_at text, blocked bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT a.id, a.phone_hash, a.phone_sealed, a.phone_mask, a.password, a.profile, iso(a.created_at),
           (SELECT b.blocked FROM password_of(a.phone_hash, known('address')) b)
      FROM account a WHERE a.id = me() AND my_kind() = 'account' $$;

CREATE FUNCTION hall.profile_put(sealed bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE account SET profile = sealed WHERE id = me() AND my_kind() = 'account' $$;

-- A new password: with the old one (the caller has compared it) or with a fresh code; all other sessions end. Answers ok,
-- wrong_password, or the word on the code.
CREATE FUNCTION hall.password_change(good bool, code bytea, secret text, token bytea, message_id uuid, sealed bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    phone bytea := (SELECT phone_hash FROM account WHERE id = me() AND my_kind() = 'account');
    word text := CASE WHEN code IS NOT NULL THEN sms_code_use(phone, 'password', code) WHEN good THEN 'ok' ELSE 'wrong_password' END;
BEGIN
    IF word = 'wrong_password' THEN
        PERFORM password_failed(phone);
    ELSIF word = 'ok' THEN
        UPDATE account SET password = secret WHERE id = me();
        DELETE FROM session WHERE account = me() AND token_hash <> token;
        DELETE FROM login_failure WHERE phone_hash = phone;
        PERFORM account_tell(message_id, 'password_changed', sealed);
    END IF;
    RETURN word;
END $$;

-- A new phone number: with a code on the old phone and one on the new; no code is used up by a mistake in the other. The old
-- number is told, all other sessions end. Answers which code (old, new) and its word; both right and the number somebody
-- else's: taken.
CREATE FUNCTION hall.phone_change(old_code bytea, new_phone bytea, new_code bytea, new_sealed bytea, mask text, token bytea,
                                  message_id uuid, sealed bytea) RETURNS TABLE (which text, word text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    a account;
    new_word text;
BEGIN
    SELECT * INTO a FROM account WHERE id = me() AND my_kind() = 'account';
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(new_phone, 'hex'), 0));
    which := 'old';
    word := sms_code_use(a.phone_hash, 'phone', old_code);
    new_word := sms_code_use(new_phone, 'new_phone', new_code);
    IF word <> 'ok' OR new_word <> 'ok' THEN
        PERFORM sms_code_unuse(a.phone_hash, 'phone') WHERE word = 'ok';
        PERFORM sms_code_unuse(new_phone, 'new_phone') WHERE new_word = 'ok';
        IF word = 'ok' THEN
            which := 'new';
            word := new_word;
        END IF;
    ELSIF EXISTS (SELECT FROM account WHERE phone_hash = new_phone) THEN
        which := 'new';
        word := 'taken';
    ELSE
        UPDATE account SET phone_hash = new_phone, phone_sealed = new_sealed, phone_mask = mask WHERE id = a.id;
        DELETE FROM session WHERE account = a.id AND token_hash <> token;
        PERFORM account_tell(message_id, 'phone_changed', sealed, jsonb_build_object('mask', mask));
    END IF;
    RETURN NEXT;
END $$;

-- ---- orders ----

-- The promise in words: by when, within how many working days, or honestly that it was not kept. NULL when no clock runs.
CREATE FUNCTION hall.promise(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH clock AS (
        SELECT CASE WHEN shipping THEN o.ship_due_at ELSE o.due_at END AS due,
               CASE WHEN shipping THEN coalesce(p.ship_days, p.review_days) ELSE p.review_days END AS days,
               CASE WHEN shipping AND t.medium = 'file' THEN '完成制证' WHEN shipping THEN '制证寄出'
                    WHEN p.ship_days IS NULL THEN '完成审核和制证' ELSE '完成审核' END AS what
          FROM (SELECT o.state IN ('accepted', 'produced') AS shipping) s JOIN project p ON p.id = o.project
          LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type
         WHERE o.state IN ('verifying', 'in_review', 'accepted', 'produced')),
    said AS (SELECT *, to_char(due AT TIME ZONE 'Asia/Shanghai', 'FMMM "月" FMDD "日"') AS day FROM clock)
    SELECT jsonb_build_object('due_at', iso(due), 'days', days, 'overdue', coalesce(due < now(), false), 'text', CASE
        WHEN o.state = 'verifying' THEN format('金融认证完成后 %s 个工作日内%s', days, what)
        WHEN due IS NULL THEN format('%s 个工作日内%s（下一年度的放假安排尚未公布，暂不能给出日期）', days, what)
        WHEN due < now() THEN format('原定 %s %s，现已超过承诺时间，正在优先处理，给您添麻烦了', day, what)
        ELSE format('预计 %s（%s 个工作日内）%s', day, days, what) END) FROM said $$;

-- Whether the proof of the account is the person's to bring on: a code to type in, an account to name or to correct.
CREATE FUNCTION hall.account_waits(o hall.orders) RETURNS bool
LANGUAGE sql STABLE AS $$
    SELECT o.state = 'verifying' OR (o.state IN ('in_review', 'rejected', 'approved')
                                     AND o.finauth IN ('account_wanted', 'failed', 'returned')) $$;

-- The lists of the personal centre: applications, what waits for the financial authentication, and those of projects that
-- have a list of their own, where the person has orders or is just now.
CREATE FUNCTION hall.order_lists() RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_agg(jsonb_build_object('list', list, 'name', name, 'orders', n) ORDER BY pos, name) FROM (
        SELECT 1 AS pos, 'certificate' AS list, '证书申请' AS name,
               (SELECT count(*) FROM orders o JOIN project p ON p.id = o.project WHERE o.account = me() AND p.own_list IS NULL) AS n
        UNION ALL SELECT 2, 'authentication', '在线认证',
               (SELECT count(*) FROM orders o WHERE o.account = me() AND coalesce(account_waits(o), false))
        UNION ALL SELECT 3, p.slug, regexp_replace(p.own_list, '^我的业务单 *[-－—] *', ''), (SELECT count(*) FROM orders o WHERE o.account = me() AND o.project = p.id)
          FROM project p WHERE p.own_list IS NOT NULL
           AND (p.id = my_project() OR EXISTS (SELECT FROM orders o WHERE o.account = me() AND o.project = p.id))) x
     WHERE my_kind() = 'account' $$;

DROP FUNCTION hall.my_orders(text, text, int, int);
-- The applicant's orders, newest first, with what may be done to each and the labels that there are in the list. `in_list`
-- as in order_lists; NULL: all of them.
CREATE FUNCTION hall.my_orders(in_list text, wanted_label text, wanted_state text, wanted_number text, wanted_business text,
                               words text, first_day date, last_day date, page int, page_size int) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH listed AS (
        SELECT o FROM orders o JOIN project p ON p.id = o.project WHERE o.account = me() AND my_kind() = 'account'
           AND CASE in_list WHEN 'certificate' THEN p.own_list IS NULL WHEN 'authentication' THEN coalesce(account_waits(o), false)
                    ELSE in_list IS NULL OR (p.slug = in_list AND p.own_list IS NOT NULL) END),
    found AS (
        SELECT o FROM listed l
         WHERE (wanted_state IS NULL OR (l.o).state = wanted_state)
           AND (wanted_number IS NULL OR position(wanted_number IN (l.o).number) > 0)
           AND (wanted_business IS NULL OR (l.o).business = wanted_business)
           AND (words IS NULL OR position(lower(words) IN lower((l.o).subject)) > 0)
           AND (first_day IS NULL OR (l.o).created_at >= first_day::timestamp AT TIME ZONE 'Asia/Shanghai')
           AND (last_day IS NULL OR (l.o).created_at < (last_day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai')
           AND (wanted_label IS NULL OR (SELECT label FROM order_label(l.o)) = wanted_label)),
    kinds AS (SELECT DISTINCT ON ((o).state, (o).finauth, (o).refund) o FROM listed)
    SELECT jsonb_build_object('total', (SELECT count(*) FROM found), 'page', page, 'page_size', page_size,
        'lists', order_lists(),
        'labels', (SELECT coalesce(jsonb_agg(DISTINCT n.label), '[]') FROM kinds k, order_label(k.o) n),
        'items', (SELECT coalesce(jsonb_agg(order_row(p.o) || jsonb_build_object('can', order_can(p.o),
                             'promise', promise(p.o)) ORDER BY (p.o).created_at DESC, (p.o).id), '[]')
            FROM (SELECT o FROM found ORDER BY (o).created_at DESC, (o).id LIMIT page_size OFFSET (page - 1) * page_size) p))::text $$;

-- All that has happened to an order, in words: its states, papers, money, parcel, messages.
CREATE FUNCTION hall.order_course(o hall.orders) RETURNS TABLE (at timestamptz, kind text, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT h.at, 'state', h.text FROM order_history h WHERE h.order_id = o.id
    UNION ALL
    SELECT m.uploaded_at, 'paper', '上传资料：' || coalesce((SELECT w.name FROM project_material w WHERE w.project = o.project
           AND w.code = m.code), '附件') FROM material m WHERE m.order_id = o.id
    UNION ALL
    SELECT p.paid_at, 'money', format('%s %s 元已到账', CASE p.channel WHEN 'wechat' THEN '微信支付' WHEN 'alipay' THEN '支付宝支付'
           ELSE '对公转账' END, round(p.total / 100.0, 2)) FROM payment p WHERE p.order_id = o.id AND p.paid_at IS NOT NULL
    UNION ALL
    SELECT i.issued_at, 'money', CASE WHEN i.red_of IS NULL THEN '已开具电子发票 ' ELSE '已开具红字发票 ' END
           || round(i.total / 100.0, 2) || ' 元' FROM invoice i WHERE i.order_id = o.id AND i.issued_at IS NOT NULL
    UNION ALL
    SELECT (s ->> 'at')::timestamptz, 'parcel', concat_ws('：', nullif(s ->> 'place', ''), s ->> 'text')
      FROM parcel p, jsonb_array_elements(p.routes) s WHERE p.order_id = o.id AND s ->> 'at' IS NOT NULL
    UNION ALL
    SELECT coalesce(m.sent_at, m.created_at), 'message', CASE m.channel WHEN 'email' THEN '邮件' ELSE '短信' END
           || CASE m.state WHEN 'queued' THEN '正在发送' WHEN 'refused' THEN '未能发送' ELSE '已发送' END
           || CASE m.recipient WHEN 'holder' THEN '给证书持有人' ELSE '' END || '：' || coalesce(n.name, '业务通知')
           || CASE m.delivery WHEN 'delivered' THEN '，对方已收到' WHEN 'undelivered' THEN '，对方未收到' ELSE '' END
      FROM message m LEFT JOIN message_name n USING (event) WHERE m.order_id = o.id $$;

CREATE FUNCTION hall.my_order_course(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('promise', promise(o), 'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('at', iso(c.at),
               'kind', c.kind, 'text', c.text) ORDER BY c.at), '[]') FROM order_course(o) c))::text
      FROM orders o WHERE o.id = wanted AND o.account = me() AND o.project = my_project() AND my_kind() = 'account' $$;

-- ---- certificates by unit ----

-- Renewal may be asked for in the last month before the end.
CREATE FUNCTION hall.renewal(c hall.certificate) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.state = 'valid' AND c.not_after > now() THEN jsonb_build_object(
        'from', hall.iso(c.not_after - interval '1 month'), 'open', c.not_after - interval '1 month' <= now(),
        'days_left', ceil(extract(epoch FROM c.not_after - now()) / 86400)) END $$;

-- Of an institution's order, not of a person's own.
CREATE FUNCTION hall.may_hand_over(o hall.orders) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.unit_hash IS NOT NULL AND o.state NOT IN ('draft', 'cancelled') AND person_of(o) <> 'natural' $$;

-- The units of one's own orders with their certificates (of a pair the one to sign with), latest first. `order` of a unit
-- stands for it in a hand-over; NULL for a natural person.
CREATE FUNCTION hall.my_units() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH own AS (
        SELECT o, p.slug, p.name, coalesce(encode(o.unit_hash, 'hex'), o.subject) AS unit FROM orders o JOIN project p ON p.id = o.project
         WHERE o.account = me() AND my_kind() = 'account' AND o.state NOT IN ('draft', 'cancelled') AND o.subject <> ''),
    shown AS (
        SELECT w.unit, max(c.issued_at) AS latest, jsonb_agg(jsonb_build_object('serial', c.serial, 'item', c.item,
                   'renewal', renewal(c), 'seals', (SELECT count(*) FROM seal s WHERE s.order_id = (w.o).id AND s.certificate = c.id
                                                       AND s.seal IS NOT NULL AND s.withdrawn_at IS NULL),
                   'order', jsonb_build_object('id', (w.o).id, 'number', (w.o).number, 'slug', w.slug, 'project_name', w.name))
                   || certificate_face(c) ORDER BY c.issued_at DESC, c.item) AS list
          FROM own w JOIN certificate c ON c.order_id = (w.o).id AND c.state <> 'issuing' AND c.key_use = 'signature' GROUP BY w.unit)
    SELECT jsonb_build_object('units', coalesce(jsonb_agg(jsonb_build_object('name', u.subject, 'orders', u.n,
               'order', u.latest_order, 'certificates', coalesce(s.list, '[]')) ORDER BY s.latest DESC NULLS LAST, u.subject), '[]'))::text
      FROM (SELECT unit, count(*) AS n, (array_agg((o).subject ORDER BY (o).created_at DESC))[1] AS subject,
                   (array_agg((o).id ORDER BY (o).created_at DESC) FILTER (WHERE may_hand_over(o)))[1] AS latest_order
              FROM own GROUP BY unit) u LEFT JOIN shown s USING (unit) $$;

-- ---- hand-over ----

-- Offers the unit of an order (`whole`), or that order alone, to the handler with another phone. Answers the word on the code.
CREATE FUNCTION hall.hand_over_ask(new_id uuid, wanted uuid, whole bool, phone bytea, mask text, code bytea,
                                   message_id uuid, sealed bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    own bytea := (SELECT phone_hash FROM account WHERE id = me() AND my_kind() = 'account');
    word text;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted AND account = me() FOR NO KEY UPDATE; -- from whatever project's page
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这个业务单。');
    ELSIF NOT may_hand_over(o) THEN
        PERFORM refuse(409, '只有单位的业务单可以移交，草稿和已取消的业务单不必移交。');
    ELSIF phone = own THEN
        PERFORM refuse(422, '这是您自己的手机号。', '/phone');
    END IF;
    UPDATE hand_over SET state = 'withdrawn', ended_at = now()
     WHERE account = o.account AND unit_hash = o.unit_hash AND state = 'asked' AND expires_at <= now();
    IF EXISTS (SELECT FROM hand_over WHERE account = o.account AND unit_hash = o.unit_hash AND state = 'asked') THEN
        PERFORM refuse(409, '这个单位已有等待对方接收的移交，请先撤回。');
    END IF;
    word := sms_code_use(own, 'hand_over', code);
    IF word = 'ok' THEN
        INSERT INTO hand_over (id, account, taker, taker_mask, order_id, unit_hash, subject)
        VALUES (new_id, o.account, phone, mask, CASE WHEN NOT whole THEN o.id END, o.unit_hash, o.subject);
        PERFORM note('account', me(), jsonb_build_object('hand_over', new_id, 'order', CASE WHEN NOT whole THEN o.id END));
        PERFORM account_tell(message_id, 'hand_over', sealed, jsonb_build_object('unit', o.subject,
            'giver', (SELECT phone_mask FROM account WHERE id = me())));
    END IF;
    RETURN word;
END $$;

-- Accepts, with a code on the phone that was named. Answers the word on the code.
CREATE FUNCTION hall.hand_over_accept(wanted uuid, code bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    own bytea := (SELECT phone_hash FROM account WHERE id = me() AND my_kind() = 'account');
    h hand_over;
    word text;
    taken uuid[];
BEGIN
    SELECT * INTO h FROM hand_over WHERE id = wanted AND taker = own FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这项移交。');
    ELSIF h.state <> 'asked' OR h.expires_at <= now() THEN
        PERFORM refuse(409, '这项移交已经结束，如有需要请对方重新发起。');
    END IF;
    word := sms_code_use(own, 'take_over', code);
    IF word <> 'ok' THEN
        RETURN word;
    END IF;
    WITH moved AS (
        UPDATE orders o SET account = me(), version = version + 1, updated_at = now()
         WHERE o.account = h.account AND o.unit_hash = h.unit_hash AND (h.order_id IS NULL OR o.id = h.order_id)
           AND may_hand_over(o) RETURNING o.id)
    SELECT array_agg(id) INTO taken FROM moved;
    INSERT INTO order_history (order_id, event, text) SELECT t, 'hand_over', '业务单已移交给新的经办账号' FROM unnest(taken) t;
    UPDATE hand_over SET state = 'accepted', moved = coalesce(cardinality(taken), 0), ended_at = now() WHERE id = h.id;
    PERFORM tell(taken[1], 'handed_over', 'handler', h.id::text, jsonb_build_object('unit', h.subject, 'mask', h.taker_mask,
                 'count', cardinality(taken)::text)) WHERE taken IS NOT NULL; -- who stands in the form, so far the giver
    PERFORM note('account', me(), jsonb_build_object('taken_over', h.id, 'orders', coalesce(cardinality(taken), 0)));
    RETURN word;
END $$;

-- The other one says no, or the giver takes it back.
CREATE FUNCTION hall.hand_over_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE hand_over h SET state = CASE WHEN h.account = me() THEN 'withdrawn' ELSE 'refused' END, ended_at = now()
     WHERE h.id = wanted AND h.state = 'asked' AND my_kind() = 'account'
       AND (h.account = me() OR h.taker = (SELECT phone_hash FROM account WHERE id = me()));
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这项移交，或者已经结束。');
    END IF;
    PERFORM note('account', me(), jsonb_build_object('hand_over_ended', wanted));
END $$;

-- Offers to me and by me, of the last month.
CREATE FUNCTION hall.my_hand_overs() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('id', h.id, 'mine', h.account = me(),
               'state', CASE WHEN h.state = 'asked' AND h.expires_at <= now() THEN 'expired' ELSE h.state END,
               'phone', CASE WHEN h.account = me() THEN h.taker_mask ELSE g.phone_mask END, 'unit', h.subject,
               'order', (SELECT number FROM orders WHERE id = h.order_id), 'moved', h.moved,
               'created_at', iso(h.created_at), 'expires_at', iso(h.expires_at)) ORDER BY h.created_at DESC), '[]'))::text
      FROM hand_over h JOIN account g ON g.id = h.account
     WHERE my_kind() = 'account' AND h.created_at > now() - interval '31 days'
       AND (h.account = me() OR (h.taker = (SELECT phone_hash FROM account WHERE id = me())
                                 AND (h.state = 'accepted' OR (h.state = 'asked' AND h.expires_at > now())))) $$;

-- ---- help ----

CREATE FUNCTION hall.help_json() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object(
        'faq', (SELECT coalesce(jsonb_agg(jsonb_build_object('topic', topic, 'question', question, 'answer', answer)
                    ORDER BY project NULLS LAST, pos), '[]') FROM faq WHERE project IS NULL OR project = my_project()),
        'downloads', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', name, 'url', url, 'note', note)
                    ORDER BY project NULLS LAST, pos), '[]') FROM download WHERE project IS NULL OR project = my_project()))::text $$;

GRANT EXECUTE ON FUNCTION hall.session_device, hall.session_elsewhere, hall.my_sessions, hall.session_end, hall.my_account, hall.profile_put,
    hall.password_change, hall.phone_change, hall.help_json, hall.my_units, hall.my_hand_overs, hall.hand_over_ask, hall.hand_over_accept,
    hall.hand_over_end TO certhall_gate;
GRANT EXECUTE ON FUNCTION hall.my_orders, hall.my_order_course TO certhall_orders;

COMMIT;
