-- Deploy certhall:proof to pg
-- Proof of the company's bank account: by a random code that comes back before the review, by the PIN after it, or by the legal
-- person in the account's place. Opening branches, searched as people type.
BEGIN;

-- ---- what a project says ----

ALTER TABLE hall.project
    ADD legal_auth       bool NOT NULL DEFAULT true, -- whether the legal person may stand in for the account
    ADD legal_auth_after int NOT NULL DEFAULT 2 CHECK (legal_auth_after BETWEEN 1 AND 3); -- after how many failures

-- What proves the account of an order: code, pin, none. A natural person has none.
CREATE FUNCTION hall.finauth_mode(o hall.orders) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN person_of(o) = 'natural' THEN 'none' ELSE p.finauth END FROM project p WHERE p.id = o.project $$;

-- Where a PIN goes (inventory D5): by what proves the account, whether it was proved by a payout, and whose certificate it is.
CREATE TABLE hall.pin_delivery (
    finauth text NOT NULL CHECK (finauth IN ('code', 'pin', 'none')),
    payout  bool NOT NULL,
    person  text NOT NULL CHECK (person IN ('institution', 'holder', 'natural')),
    goes    text NOT NULL CHECK (goes IN ('remark', 'handler', 'holder')), -- the payout's remark, or an SMS to that person
    PRIMARY KEY (finauth, payout, person)
);
INSERT INTO hall.pin_delivery VALUES
    ('code', true, 'institution', 'handler'), ('code', false, 'institution', 'handler'),
    ('code', true, 'holder', 'handler'),      ('code', false, 'holder', 'handler'),
    ('pin', true, 'institution', 'remark'),   ('pin', false, 'institution', 'handler'),
    ('pin', true, 'holder', 'remark'),        ('pin', false, 'holder', 'holder'),
    ('none', false, 'institution', 'handler'), ('none', false, 'holder', 'holder'), ('none', false, 'natural', 'holder');

CREATE FUNCTION hall.pin_goes(o hall.orders) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT goes FROM pin_delivery WHERE finauth = finauth_mode(o) AND person = coalesce(person_of(o), 'institution')
       AND payout = coalesce(o.finauth IN ('succeeded', 'verified'), false) $$;

-- As before (items), by that table; of several certificates the handler has the one PIN.
CREATE OR REPLACE FUNCTION hall.pin_recipient(o hall.orders) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN EXISTS (SELECT FROM order_item WHERE order_id = o.id) THEN 'handler'
                ELSE coalesce(nullif(pin_goes(o), 'remark'), CASE person_of(o) WHEN 'institution' THEN 'handler' ELSE 'holder' END) END $$;

-- ---- payouts ----

ALTER TABLE hall.payout
    ALTER generation DROP NOT NULL,  -- NULL: it carries a random code instead of a PIN
    ADD suspended_at timestamptz,    -- the bank has been silent on it for days: people's from now on
    ADD looked_at    timestamptz;    -- finance has seen to it

-- The random code that a payout carries.
CREATE TABLE hall.payout_code (
    payout     uuid PRIMARY KEY REFERENCES hall.payout,
    sealed     bytea,          -- place "payout_code.sealed"; NULL as soon as the bank has the payment
    hash       bytea NOT NULL, -- keyed, of order and code
    state      text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'right', 'void')),
    tries      int NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 3), -- wrong ones
    expires_at timestamptz NOT NULL,
    CHECK (sealed IS NULL OR state = 'open')
);
SELECT hall.seal_column('payout_code.sealed', 'payout_code', 'sealed', 'payout');

CREATE FUNCTION hall.code_tries() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 3 $$;
CREATE FUNCTION hall.code_life() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '7 days' $$;

CREATE FUNCTION hall.payout_last(wanted uuid) RETURNS hall.payout
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT * FROM payout WHERE order_id = wanted ORDER BY number DESC LIMIT 1 $$;

-- Whether a payment is under way that may still prove the account: one whose code is void proves nothing any more.
CREATE FUNCTION hall.payout_counts(p hall.payout) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT p.state IN ('queued', 'sent') AND NOT EXISTS (SELECT FROM payout_code WHERE payout = p.id AND state <> 'open') $$;

-- The open code of an order; a row of NULLs when there is none that could be typed in.
CREATE FUNCTION hall.code_of(o hall.orders) RETURNS hall.payout_code
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT c FROM payout_code c WHERE c.payout = (payout_last(o.id)).id AND c.state = 'open' AND c.expires_at > now()
       AND o.finauth IN ('sent', 'succeeded') AND o.state IN ('verifying', 'in_review', 'rejected', 'approved') $$;

CREATE FUNCTION hall.code_links_end(wanted uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    DELETE FROM link WHERE purpose = 'code' AND subject IN (SELECT id FROM payout WHERE order_id = wanted) $$;

-- The code that a payout is to carry, made by the runner and stored before the bank hears of it; told again, the same one.
CREATE FUNCTION hall.payout_code_put(wanted uuid, new_sealed bytea, new_hash bytea) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO payout_code (payout, sealed, hash, expires_at) SELECT p.id, new_sealed, new_hash, now() + code_life()
      FROM payout p WHERE p.id = wanted AND p.generation IS NULL AND p.state = 'queued' ON CONFLICT (payout) DO NOTHING;
    RETURN (SELECT sealed FROM payout_code WHERE payout = wanted);
END $$;

-- Sends the 0.01 yuan when everything that it needs is there: an account, and an approval with a PIN that nobody has been sent
-- yet; for a code, the applicant's money.
CREATE OR REPLACE FUNCTION hall.want_payout(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    by_code bool;
    made pin;
    n int;
    new_payout uuid;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted FOR NO KEY UPDATE;
    by_code := finauth_mode(o) = 'code';
    SELECT * INTO made FROM pin WHERE order_id = wanted AND state = 'made' AND NOT by_code;
    SELECT count(*) + 1 INTO n FROM payout WHERE order_id = wanted;
    IF o.finauth IS DISTINCT FROM 'queued' OR n > payouts_max()
       OR (CASE WHEN by_code THEN o.state NOT IN ('verifying', 'in_review', 'rejected', 'approved')
                ELSE o.state <> 'approved' OR made.generation IS NULL END)
       OR NOT EXISTS (SELECT FROM bank_account WHERE order_id = wanted)
       OR EXISTS (SELECT FROM payout WHERE order_id = wanted AND state IN ('queued', 'sent')) THEN
        RETURN;
    END IF;
    INSERT INTO payout (order_id, number, yur_ref, generation)
    VALUES (wanted, n, 'CH' || o.number || lpad(n::text, 2, '0'), made.generation) RETURNING id INTO new_payout;
    PERFORM enqueue('payout', 'payout/' || new_payout, new_payout);
END $$;

-- Paid orders go on: to the review; or first to the proof of the account, where a code has to come back.
CREATE OR REPLACE FUNCTION hall.order_paid(wanted uuid, how text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p project;
    o orders;
    mode text;
BEGIN
    UPDATE orders SET paid = how WHERE id = wanted RETURNING * INTO o;
    SELECT * INTO p FROM project WHERE id = o.project;
    mode := finauth_mode(o);
    PERFORM advance(wanted, CASE mode WHEN 'code' THEN 'paid_unproved' ELSE 'paid' END);
    IF mode <> 'none' THEN
        UPDATE orders SET finauth = CASE WHEN p.account_asked = 'form' THEN 'queued' ELSE 'account_wanted' END
         WHERE id = wanted;
        IF p.account_asked = 'after_payment' THEN
            PERFORM enqueue('account_reminder', 'account_reminder/' || wanted, wanted,
                            coalesce(due(now(), 1), now() + interval '1 day') - now());
        END IF;
    END IF;
    IF mode = 'code' THEN
        PERFORM want_payout(wanted);
    ELSE
        PERFORM start_review(wanted);
    END IF;
END $$;

-- The account is proved, or stood in for: what waited for it goes on.
CREATE FUNCTION hall.finauth_passed(wanted uuid, how text, words text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    UPDATE orders SET finauth = how, finauth_text = NULL, updated_at = now() WHERE id = wanted RETURNING * INTO o;
    UPDATE payout_code c SET state = 'void', sealed = NULL FROM payout p
     WHERE p.order_id = wanted AND c.payout = p.id AND c.state = 'open';
    PERFORM code_links_end(wanted);
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'finauth', words);
    IF o.state = 'verifying' THEN
        PERFORM advance(wanted, 'code_right');
        PERFORM start_review(wanted);
    END IF;
    PERFORM try_gates(wanted);
END $$;

-- It is not: the applicant is told why, and may try again.
CREATE FUNCTION hall.finauth_failed(o hall.orders, how text, why text, message text, occasion text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE orders SET finauth = how, finauth_text = why, updated_at = now() WHERE id = o.id;
    INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'payout', '金融认证失败' || coalesce('：' || why, ''));
    PERFORM code_links_end(o.id);
    PERFORM tell(o.id, message, 'handler', occasion, jsonb_build_object('reason', why));
END $$;

-- A payment that failed or came back. What was produced on it is made anew, with the next PIN; after the parcel has left, and
-- after the order has ended, it is finance's.
CREATE FUNCTION hall.payout_undone(o hall.orders, p hall.payout, said text, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF o.state NOT IN ('verifying', 'in_review', 'rejected', 'approved', 'accepted', 'produced') THEN
        UPDATE orders SET finauth = said, finauth_text = why WHERE id = o.id;
        RETURN;
    END IF;
    PERFORM finauth_failed(o, said, why, 'finauth_failed', p.id::text);
    IF said = 'returned' AND o.state IN ('accepted', 'produced') THEN
        PERFORM advance(o.id, 'payout_returned');
        UPDATE orders SET producer = NULL WHERE id = o.id; -- it is asked for anew when the account is proved
        UPDATE certificate SET state = 'hold' WHERE order_id = o.id AND state = 'valid'; -- its PIN reached nobody
    END IF;
END $$;

-- The bank has it: the code's days begin.
CREATE FUNCTION hall.payout_sent(o hall.orders, p hall.payout) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enqueue('payout_query', 'payout_query/' || p.id, p.id, '1 second');
    INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'payout', '已向单位账户汇出 0.01 元，附言' ||
        CASE WHEN p.generation IS NULL THEN '含 6 位随机码' ELSE '为证书 PIN 码' END);
    UPDATE payout_code SET sealed = NULL, expires_at = now() + code_life() WHERE payout = p.id AND state = 'open';
    IF FOUND THEN
        PERFORM enqueue('code_end', 'code_end/' || p.id, p.id, code_life());
        PERFORM enqueue('account_reminder', 'code_reminder/' || p.id, o.id,
                        coalesce(due(now(), 3), now() + interval '3 days') - now());
    END IF;
END $$;

-- What the bank says of a payout. It moves the order as long as the order waits for this very payment.
CREATE OR REPLACE FUNCTION hall.payout_state(wanted uuid, said text, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p payout;
    o orders;
    awaited bool;
BEGIN
    SELECT * INTO p FROM payout WHERE id = wanted;
    SELECT * INTO o FROM orders WHERE id = p.order_id FOR NO KEY UPDATE;
    SELECT * INTO p FROM payout WHERE id = wanted FOR NO KEY UPDATE;
    IF p.state = said OR p.state IN ('failed', 'returned') OR (p.state = 'succeeded' AND said <> 'returned') THEN
        RETURN;
    END IF;
    awaited := p.id = (payout_last(o.id)).id AND o.finauth IN ('queued', 'sent', 'succeeded')
               AND NOT EXISTS (SELECT FROM payout_code WHERE payout = p.id AND state <> 'open');
    UPDATE payout SET state = said, reason = why, ended_at = CASE WHEN said = 'sent' THEN NULL ELSE now() END,
           suspended_at = NULL WHERE id = wanted;
    IF said = 'sent' THEN
        PERFORM payout_sent(o, p);
    ELSIF said = 'succeeded' THEN
        PERFORM enqueue('payout_watch', 'payout_watch/' || wanted, wanted, '1 day');
    ELSE
        UPDATE payout_code SET state = 'void', sealed = NULL WHERE payout = wanted AND state = 'open';
    END IF;
    IF NOT awaited THEN
        PERFORM want_payout(o.id); -- which may have waited for the end of this one
    ELSIF said IN ('sent', 'succeeded') THEN
        UPDATE orders SET finauth = said, finauth_text = why, updated_at = now() WHERE id = o.id;
        IF said = 'succeeded' THEN
            INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'payout', '金融认证成功');
            PERFORM try_gates(o.id);
        END IF;
    ELSE
        PERFORM payout_undone(o, p, said, why);
    END IF;
END $$;

-- PINs have nothing to do with a payment that carries a code.
DROP TRIGGER payout_pin ON hall.payout;
CREATE TRIGGER payout_pin AFTER UPDATE OF state ON hall.payout FOR EACH ROW
    WHEN (NEW.state <> OLD.state AND NEW.state IN ('succeeded', 'failed', 'returned') AND NEW.generation IS NOT NULL)
    EXECUTE FUNCTION hall.pin_of_payout();

-- The bank has been asked for days and still says "under way": nobody asks it any more until people say so.
CREATE FUNCTION hall.payout_suspended(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE whose uuid;
BEGIN
    UPDATE payout SET suspended_at = now(), looked_at = NULL WHERE id = wanted AND state = 'sent' AND suspended_at IS NULL
    RETURNING order_id INTO whose;
    IF FOUND THEN
        PERFORM note('order', whose, jsonb_build_object('payout', wanted, 'suspended', true));
        INSERT INTO order_history (order_id, event, text) VALUES (whose, 'payout', '银行尚未处理完这笔打款，已转人工跟进');
    END IF;
END $$;

-- Opens the gate to 成功受理 when money and account are proved. A code has to come back, a PIN has to arrive.
CREATE OR REPLACE FUNCTION hall.try_gates(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    had text := current_setting('hall.roles', true);
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted FOR NO KEY UPDATE;
    IF o.state <> 'approved' OR o.paid NOT IN ('paid', 'zero')
       OR NOT coalesce(o.finauth, 'verified') IN ('verified', 'replaced')
          AND NOT (o.finauth = 'succeeded' AND finauth_mode(o) <> 'code') THEN
        RETURN;
    END IF;
    PERFORM set_config('hall.roles', '{system}', true); -- the gates are nobody's decision
    PERFORM advance(wanted, 'gates_open');
    PERFORM set_config('hall.roles', coalesce(had, ''), true);
    UPDATE orders r SET accepted_at = now(),
           ship_due_at = CASE WHEN p.ship_days IS NULL THEN r.due_at ELSE due(now(), p.ship_days) END
      FROM project p WHERE p.id = r.project AND r.id = wanted;
END $$;

-- The runner's work: for a PIN's payment its generation, for a code's none.
DROP FUNCTION hall.payout_work(uuid);
CREATE FUNCTION hall.payout_work(wanted uuid)
RETURNS TABLE (order_id uuid, yur_ref text, state text, generation int, account bytea, masked text, cnaps text, branch text,
               bank text, age interval)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT y.order_id, y.yur_ref, y.state, y.generation, b.sealed, b.masked, b.cnaps, r.name, r.bank,
           now() - CASE WHEN y.state = 'succeeded' THEN y.ended_at ELSE y.created_at END
      FROM payout y JOIN bank_account b USING (order_id) JOIN bank_branch r ON r.cnaps = b.cnaps WHERE y.id = wanted $$;

-- ---- the applicant's account, and another payment ----

-- One way at a time: what the legal person has not finished is void when the account is tried again.
CREATE FUNCTION hall.legal_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    DELETE FROM link WHERE purpose = 'phone' AND subject IN (SELECT id FROM identity WHERE order_id = wanted AND purpose = 'legal');
    UPDATE identity SET state = 'void' WHERE order_id = wanted AND purpose = 'legal' AND state IN ('pending', 'failed');
END $$;

CREATE FUNCTION hall.account_changeable(o hall.orders) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(o.state IN ('verifying', 'in_review', 'rejected', 'approved')
                    AND o.finauth IN ('account_wanted', 'queued', 'failed', 'returned'), false)
           AND NOT EXISTS (SELECT FROM payout p WHERE p.order_id = o.id AND payout_counts(p)) $$;

-- Account data, first or corrected. Corrected data do not reopen the review. Taken as long as a payout can follow: what comes back
-- after the parcel has left is finance's, and its PIN stays.
CREATE OR REPLACE FUNCTION hall.account_put(wanted uuid, branch text, sealed_data bytea, shown text, unit text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted);
BEGIN
    IF NOT account_changeable(o) THEN
        PERFORM refuse(409, '现在不能更改银行账户，请刷新后再看。');
    ELSIF NOT EXISTS (SELECT FROM bank_branch WHERE cnaps = branch AND offered) THEN
        PERFORM refuse(422, '请从搜索结果中选择开户行。', '/account_branch');
    ELSIF (SELECT count(*) FROM payout WHERE order_id = wanted) >= payouts_max() THEN
        PERFORM refuse(409, '打款认证次数已用完，请联系客服。');
    END IF;
    INSERT INTO bank_account (order_id, cnaps, sealed, masked, name) VALUES (wanted, branch, sealed_data, shown, unit)
    ON CONFLICT (order_id) DO UPDATE SET (cnaps, sealed, masked, name, updated_at) =
        (EXCLUDED.cnaps, EXCLUDED.sealed, EXCLUDED.masked, EXCLUDED.name, now());
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'account', '已提交对公账户');
    PERFORM payout_next(o);
END $$;

-- The next payment, with a PIN or code of its own. The former's is void.
CREATE FUNCTION hall.payout_next(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM legal_end(o.id);
    UPDATE orders SET finauth = 'queued', finauth_text = NULL, updated_at = now() WHERE id = o.id;
    IF o.finauth IN ('failed', 'returned') AND finauth_mode(o) = 'pin' THEN
        PERFORM want_pin(o.id);
    END IF;
    PERFORM want_payout(o.id);
END $$;

-- To the account that is there; NULL: it may be asked for.
CREATE FUNCTION hall.payout_unaskable(o hall.orders) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE
        WHEN NOT account_changeable(o) OR o.finauth NOT IN ('failed', 'returned')
             OR NOT EXISTS (SELECT FROM bank_account WHERE order_id = o.id) THEN '现在不能重新打款，请刷新后再看。'
        WHEN (SELECT count(*) FROM payout WHERE order_id = o.id) >= payouts_max() THEN '打款认证次数已用完。' END $$;

CREATE FUNCTION hall.payout_again(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE why text := payout_unaskable(o);
BEGIN
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    END IF;
    INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'account', '按原账户重新打款');
    PERFORM payout_next(o);
END $$;

CREATE FUNCTION hall.my_payout_again(wanted uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$ SELECT payout_again(my_order(wanted)) $$;

CREATE OR REPLACE FUNCTION hall.account_view(wanted uuid) RETURNS TABLE ("out" text, form bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT (order_finauth_json(o) -> 'finauth' || jsonb_build_object(
               'account', CASE WHEN b.order_id IS NOT NULL THEN jsonb_build_object('name', b.name, 'branch', b.cnaps,
                   'branch_name', (SELECT name FROM bank_branch r WHERE r.cnaps = b.cnaps), 'account_no', b.masked) END,
               'can', to_jsonb(order_finauth_can(o) || CASE WHEN account_changeable(o) THEN '{account}'::text[] END)))::text, o.form
      FROM orders o LEFT JOIN bank_account b ON b.order_id = o.id
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project() $$;

-- A working day after the payment without an account; three after a payout whose code has not come back.
CREATE OR REPLACE FUNCTION hall.account_remind(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted;
    IF o.finauth = 'account_wanted' AND o.state IN ('verifying', 'in_review', 'rejected', 'approved') THEN
        PERFORM tell(wanted, 'account_wanted', 'handler', to_char(now(), 'YYYYMMDD'));
    ELSIF (code_of(o)).payout IS NOT NULL THEN
        PERFORM tell(wanted, 'code_wanted', 'handler', (code_of(o)).payout::text);
    END IF;
END $$;

-- ---- the code that comes back ----

CREATE FUNCTION hall.code_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('left', code_tries() - c.tries, 'expires_at', iso(c.expires_at))
      FROM (SELECT (code_of(o)).*) c WHERE c.payout IS NOT NULL $$;

-- Compares what was typed with the order's code. Answers with a word, since what a wrong try writes must stay: right; wrong, with
-- how many tries are left; void, after the last of them. The caller has locked the order.
CREATE FUNCTION hall.code_try(o hall.orders, given bytea) RETURNS TABLE (word text, tries_left int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c payout_code := code_of(o);
    n int := code_tries() - c.tries - 1;
    why text := '随机码填错次数过多，已作废';
BEGIN
    IF c.payout IS NULL THEN
        PERFORM refuse(409, '现在没有等待填写的随机码，请刷新后再看。');
    ELSIF c.hash = given THEN
        UPDATE payout_code SET state = 'right', sealed = NULL WHERE payout = c.payout;
        PERFORM finauth_passed(o.id, 'verified', '随机码填写正确，金融认证完成');
        RETURN QUERY SELECT 'right', n + 1;
        RETURN;
    END IF;
    PERFORM note('order', o.id, jsonb_build_object('code', 'wrong', 'left', n));
    UPDATE payout_code SET tries = tries + 1, state = CASE WHEN n > 0 THEN state ELSE 'void' END,
           sealed = CASE WHEN n > 0 THEN sealed END WHERE payout = c.payout;
    IF n = 0 THEN
        PERFORM finauth_failed(o, 'failed', why, 'code_failed', c.payout::text);
    END IF;
    RETURN QUERY SELECT CASE WHEN n > 0 THEN 'wrong' ELSE 'void' END, n;
END $$;

CREATE FUNCTION hall.my_code_try(wanted uuid, given bytea) RETURNS TABLE (word text, tries_left int)
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$ SELECT * FROM code_try(my_order(wanted), given) $$;

-- Seven days without it.
CREATE FUNCTION hall.code_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT x.* INTO o FROM orders x JOIN payout p ON p.order_id = x.id WHERE p.id = wanted FOR NO KEY UPDATE OF x;
    UPDATE payout_code SET state = 'void', sealed = NULL WHERE payout = wanted AND state = 'open' AND expires_at <= now();
    IF FOUND AND o.finauth IN ('sent', 'succeeded') AND o.state IN ('verifying', 'in_review', 'rejected', 'approved') THEN
        PERFORM finauth_failed(o, 'failed', '随机码已超过 7 天有效期', 'code_failed', wanted::text);
    END IF;
END $$;

-- ---- the company's finance person: a link, no account ----

ALTER TABLE hall.link DROP CONSTRAINT link_purpose_check,
    ADD CONSTRAINT link_purpose_check CHECK (purpose IN ('phone', 'code'));

-- A link on which the code can be typed in until it is right or void. A new one makes the old one void.
CREATE FUNCTION hall.code_link(wanted uuid, token bytea) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    c payout_code := code_of(o);
BEGIN
    IF c.payout IS NULL THEN
        PERFORM refuse(409, '现在没有等待填写的随机码，请刷新后再看。');
    END IF;
    PERFORM code_links_end(wanted);
    INSERT INTO link (token_hash, purpose, subject, expires_at) VALUES (token, 'code', c.payout, c.expires_at);
    PERFORM note('order', wanted, jsonb_build_object('code_link', c.payout));
    RETURN c.expires_at;
END $$;

-- The order whose code the request's link stands for, locked.
CREATE FUNCTION hall.my_code_order() RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT x.* INTO o FROM orders x JOIN payout p ON p.order_id = x.id
     WHERE p.id = me() AND my_kind() = 'link' AND x.project = my_project() FOR NO KEY UPDATE OF x;
    IF NOT FOUND OR (code_of(o)).payout IS DISTINCT FROM me() THEN
        PERFORM refuse(410, '链接已失效，请向经办人索取新的链接。');
    END IF;
    RETURN o;
END $$;

CREATE FUNCTION hall.link_code_try(given bytea, order_seen uuid) RETURNS TABLE (word text, tries_left int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_code_order();
BEGIN
    IF o.id <> order_seen THEN
        PERFORM refuse(410, '链接已失效，请向经办人索取新的链接。');
    END IF;
    RETURN QUERY SELECT * FROM code_try(o, given);
END $$;

-- What its page shows: whose account, which payment; nothing of the application.
CREATE FUNCTION hall.link_code_view() RETURNS TABLE (order_id uuid, "out" text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_code_order();
BEGIN
    RETURN QUERY SELECT o.id, (code_json(o) || jsonb_build_object('project_name', p.name, 'unit', b.name, 'number', o.number,
               'account_no', b.masked, 'branch_name', (SELECT name FROM bank_branch r WHERE r.cnaps = b.cnaps),
               'sent_at', iso((payout_last(o.id)).created_at), 'arrived', o.finauth = 'succeeded'))::text
      FROM project p JOIN bank_account b ON b.order_id = o.id WHERE p.id = o.project;
END $$;

-- As before; a link's token is known for whatever purpose a route is open to.
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

-- ---- the legal person in the account's place ----

-- Whom the legal person of an order was when it was asked to authenticate: out of the form, or asked for where it has none.
CREATE TABLE hall.legal_person (
    order_id   uuid PRIMARY KEY REFERENCES hall.orders,
    sealed     bytea NOT NULL, -- {"legal_name","legal_id","legal_mobile"}, place "legal_person.sealed"
    masked     text NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now()
);
SELECT hall.seal_column('legal_person.sealed', 'legal_person', 'sealed', 'order_id');

ALTER TABLE hall.identity
    ADD asked_at timestamptz, -- when liveness was last begun
    DROP CONSTRAINT identity_purpose_check,
    ADD CONSTRAINT identity_purpose_check CHECK (purpose IN ('phone', 'loss', 'legal')),
    DROP CONSTRAINT identity_purpose,
    ADD CONSTRAINT identity_purpose CHECK (CASE purpose
        WHEN 'phone' THEN order_id IS NOT NULL AND num_nonnulls(certificate, project, role, kind, serial, address, outcome) = 0
        WHEN 'legal' THEN order_id IS NOT NULL AND role = 'legal' AND num_nonnulls(certificate, project, kind, serial, address, outcome) = 0
        ELSE order_id IS NULL AND num_nulls(role, kind, serial, address) = 0 AND (outcome IS NULL OR state = 'passed') END);

CREATE FUNCTION hall.identity_asked() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.asked_at := now();
    RETURN NEW;
END $$;
CREATE TRIGGER identity_asked BEFORE UPDATE OF biz_token ON hall.identity FOR EACH ROW EXECUTE FUNCTION hall.identity_asked();

-- open; later: after another failure; closed: not in this project, or nothing to stand in for.
CREATE FUNCTION hall.legal_auth(o hall.orders) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN NOT p.legal_auth OR finauth_mode(o) = 'none' OR NOT account_changeable(o)
                     OR o.finauth NOT IN ('failed', 'returned') THEN 'closed'
                WHEN (SELECT count(*) FROM payout y WHERE y.order_id = o.id AND NOT payout_counts(y)) < p.legal_auth_after THEN 'later'
                ELSE 'open' END
      FROM project p WHERE p.id = o.project $$;

-- A link for the legal person's own phone. `sealed_data` NULL: the person that is known already.
CREATE FUNCTION hall.legal_start(new_id uuid, wanted uuid, token bytea, life interval, sealed_data bytea, shown text)
RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    ends timestamptz := now() + life;
BEGIN
    IF legal_auth(o) <> 'open' THEN
        PERFORM refuse(409, '现在不能进行法人认证，请刷新后再看。');
    ELSIF (SELECT count(*) FROM identity WHERE order_id = wanted AND purpose = 'legal'
              AND created_at > now() - interval '1 day') >= 10 THEN
        PERFORM refuse(429, '今天的认证次数已用完，请明天再试。');
    END IF;
    PERFORM legal_end(wanted);
    IF sealed_data IS NOT NULL THEN
        INSERT INTO legal_person (order_id, sealed, masked) VALUES (wanted, sealed_data, shown)
        ON CONFLICT (order_id) DO UPDATE SET (sealed, masked, updated_at) = (EXCLUDED.sealed, EXCLUDED.masked, now());
    END IF;
    INSERT INTO identity (id, purpose, order_id, role, expires_at) VALUES (new_id, 'legal', wanted, 'legal', ends);
    INSERT INTO link (token_hash, purpose, subject, expires_at) VALUES (token, 'phone', new_id, ends);
    PERFORM note('order', wanted, jsonb_build_object('legal', new_id));
    RETURN ends;
END $$;

-- How far it is, for the page that waits; the form says whether its fields have to be asked for.
CREATE FUNCTION hall.legal_view(wanted uuid) RETURNS TABLE ("out" text, form bytea, known bool, open bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('legal_auth', legal_auth(o), 'state', CASE WHEN o.finauth = 'replaced' THEN 'passed'
               ELSE coalesce(i.state, 'none') END, 'step', i.step, 'reason', i.reason, 'person', l.masked,
               'expires_at', iso(i.expires_at), 'expired', coalesce(i.state = 'pending' AND i.expires_at < now(), false))::text,
           o.form, l.order_id IS NOT NULL, legal_auth(o) = 'open'
      FROM orders o LEFT JOIN legal_person l ON l.order_id = o.id
      LEFT JOIN LATERAL (SELECT * FROM identity x WHERE x.order_id = o.id AND x.purpose = 'legal' AND x.state <> 'void'
           ORDER BY created_at DESC LIMIT 1) i ON true
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project() $$;

-- The legal person has passed. Where a PIN was to travel, it goes by message after production; the one that the bank sent back
-- is void, so there may be none.
CREATE FUNCTION hall.legal_passed(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted;
    IF o.state NOT IN ('verifying', 'in_review', 'rejected', 'approved') OR o.finauth NOT IN ('failed', 'returned') THEN
        RETURN;
    ELSIF o.state = 'approved' AND NOT EXISTS (SELECT FROM pin WHERE order_id = wanted
              AND state IN ('wanted', 'made', 'opened', 'confirmed')) THEN
        PERFORM want_pin(wanted);
    END IF;
    PERFORM finauth_passed(wanted, 'replaced', '法定代表人认证通过，代替对公账户认证');
END $$;

-- As before (revocation), now for a third purpose. The order's lock comes first, as everywhere.
CREATE OR REPLACE FUNCTION hall.identity_result(wanted uuid, good bool, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    i identity;
    came_of_it text;
BEGIN
    PERFORM FROM orders WHERE id = (SELECT order_id FROM identity WHERE id = wanted) FOR NO KEY UPDATE;
    SELECT * INTO i FROM identity WHERE id = wanted AND state = 'pending' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN; -- said before, or made void by a new start
    ELSIF good AND i.purpose = 'loss' THEN
        came_of_it := loss_apply(i);
    END IF;
    UPDATE identity SET state = CASE WHEN good THEN 'passed' ELSE 'failed' END, reason = why,
           passed_at = CASE WHEN good THEN now() END, outcome = came_of_it WHERE id = wanted;
    IF i.purpose = 'legal' THEN
        INSERT INTO order_history (order_id, event, text) SELECT i.order_id, 'authenticate', '法定代表人认证未通过' WHERE NOT good;
        PERFORM legal_passed(i.order_id) WHERE good;
    ELSIF i.purpose = 'phone' THEN
        UPDATE orders SET phone_state = CASE WHEN good THEN 'passed' ELSE 'failed' END, updated_at = now()
         WHERE id = i.order_id;
        INSERT INTO order_history (order_id, event, text)
        VALUES (i.order_id, 'authenticate', CASE WHEN good THEN '手机身份认证通过' ELSE '手机身份认证未通过' END);
    END IF;
END $$;

-- The PC's page of the handler's authentication does not look at the legal person's.
CREATE OR REPLACE FUNCTION hall.identity_view(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('state', o.phone_state, 'step', i.step, 'reason', i.reason,
               'expired', coalesce(i.state = 'pending' AND i.expires_at < now(), false))::text
      FROM orders o LEFT JOIN LATERAL (SELECT * FROM identity x WHERE x.order_id = o.id AND x.state <> 'void' AND x.purpose = 'phone'
           ORDER BY created_at DESC LIMIT 1) i ON true
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project() $$;

-- `legal`: the sealed person, when it is the legal person's turn; else the form says who it has to be.
DROP FUNCTION hall.identity_phone();
CREATE FUNCTION hall.identity_phone()
RETURNS TABLE (identity uuid, purpose text, order_id uuid, form bytea, legal bytea, project_name text, role text, state text,
               step text, front bool, back bool, reason text, biz_token text, kind text, outcome text, serial text, subject text,
               undo_until text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT i.id, i.purpose, o.id, o.form, l.sealed, p.name, identity_role(i, o), i.state, i.step, i.front, i.back, i.reason,
           i.biz_token, i.kind, i.outcome, CASE WHEN i.outcome IS NOT NULL THEN c.serial END,
           CASE WHEN i.outcome IS NOT NULL THEN o.subject END,
           CASE WHEN i.outcome = 'held' THEN iso(i.passed_at + undo_time()) END
      FROM identity i LEFT JOIN certificate c ON c.id = i.certificate
      LEFT JOIN orders o ON o.id = coalesce(i.order_id, c.order_id) LEFT JOIN project p ON p.id = my_project()
      LEFT JOIN legal_person l ON l.order_id = i.order_id AND i.purpose = 'legal'
     WHERE i.id = me() AND my_kind() = 'link' AND i.state <> 'void'
       AND my_project() IS NOT DISTINCT FROM CASE i.purpose WHEN 'loss' THEN i.project ELSE o.project END $$;

-- A link may be opened long after it was made; liveness has its two hours from its own beginning.
DROP FUNCTION hall.identity_work(uuid);
CREATE FUNCTION hall.identity_work(wanted uuid)
RETURNS TABLE (order_id uuid, form bytea, legal bytea, role text, state text, carrier bool, biz_token text, expired bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.id, o.form, l.sealed, identity_role(i, o), i.state, i.carrier, i.biz_token,
           coalesce(i.asked_at, i.created_at) < now() - interval '2 hours'
      FROM identity i LEFT JOIN certificate c ON c.id = i.certificate JOIN orders o ON o.id = coalesce(i.order_id, c.order_id)
      LEFT JOIN legal_person l ON l.order_id = i.order_id AND i.purpose = 'legal'
     WHERE i.id = wanted $$;

-- ---- an order in the eyes of people ----

CREATE OR REPLACE FUNCTION hall.order_finauth_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('finauth', jsonb_build_object('mode', finauth_mode(o), 'state', o.finauth, 'reason', o.finauth_text,
        'account_asked', p.account_asked, 'payouts', (SELECT count(*) FROM payout WHERE order_id = o.id),
        'payouts_max', payouts_max(), 'code', code_json(o), 'legal_auth', legal_auth(o)))
      FROM project p WHERE p.id = o.project $$;

CREATE OR REPLACE FUNCTION hall.order_finauth_can(o hall.orders) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT array_remove(ARRAY[
        CASE WHEN payout_unaskable(o) IS NULL THEN 'payout' END,
        CASE WHEN (code_of(o)).payout IS NOT NULL THEN 'code' END,
        CASE WHEN (code_of(o)).payout IS NOT NULL THEN 'code_link' END,
        CASE WHEN legal_auth(o) = 'open' THEN 'legal_auth' END], NULL) $$;

CREATE OR REPLACE FUNCTION hall.order_base_can(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT to_jsonb(array_remove(ARRAY[
        CASE WHEN o.state IN ('draft', 'rejected') THEN 'save' END,
        CASE WHEN o.state = 'unpaid' THEN 'edit' END,
        CASE WHEN o.state IN ('draft', 'unpaid') THEN 'cancel' END,
        CASE WHEN o.state = 'rejected' THEN 'resubmit' END,
        CASE WHEN o.form_complete THEN 'print' END,
        CASE WHEN o.state = 'shipped' THEN 'received' END,
        CASE WHEN account_changeable(o) AND (SELECT count(*) FROM payout WHERE order_id = o.id) < payouts_max() THEN 'account' END],
        NULL)) $$;

CREATE OR REPLACE FUNCTION hall.order_label(o hall.orders) RETURNS TABLE (label text, tone text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(m.label, x.label, s.label), coalesce(m.tone, x.tone, s.tone) FROM order_state s
      LEFT JOIN (VALUES ('asked', '退费申请中', 'warning'), ('sending', '退费处理中', 'warning')) AS m(refund, label, tone)
        ON m.refund = o.refund AND o.state NOT IN ('refunded', 'cancelled')
      LEFT JOIN (VALUES
        ('failed', '金融认证失败', 'danger'), ('returned', '金融认证退票', 'danger'),
        ('account_wanted', '待填写对公账户', 'warning'), ('queued', '金融认证处理中', 'info'),
        ('sent', '已打款，待银行确认', 'info'), ('succeeded', '金融认证成功', 'warning')) AS x(finauth, label, tone)
        ON x.finauth = o.finauth AND (o.state = 'verifying'
            OR o.state = 'approved' AND (o.finauth <> 'succeeded' OR finauth_mode(o) = 'code')
            OR o.state = 'in_review' AND o.finauth IN ('account_wanted', 'failed', 'returned'))
     WHERE s.state = o.state $$;

-- What the proof of the account waits for, in the order in which it is to be done.
CREATE FUNCTION hall.finauth_step(o hall.orders) RETURNS TABLE (step text, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT 'code', '打款附言中有 6 位随机码，请向本单位财务索取后填写，或发链接请财务填写。' WHERE (code_of(o)).payout IS NOT NULL
    UNION ALL SELECT 'account', '请填写单位对公账户，用于金融认证。' WHERE account_changeable(o) AND (o.finauth = 'account_wanted'
        OR o.finauth = 'queued' AND NOT EXISTS (SELECT FROM bank_account WHERE order_id = o.id))
    UNION ALL SELECT 'account', '金融认证未成功，请核对并更正对公账户。'
     WHERE o.finauth IN ('failed', 'returned') AND order_base_can(o) ? 'account'
    UNION ALL SELECT 'legal', '打款认证次数已用完，请由法定代表人完成认证。' WHERE legal_auth(o) = 'open'
    UNION ALL SELECT 'finauth', '打款认证次数已用完，请拨打服务热线。'
     WHERE o.finauth IN ('failed', 'returned') AND account_changeable(o)
    LIMIT 1 $$;

CREATE OR REPLACE FUNCTION hall.next_step(o hall.orders) RETURNS TABLE (step text, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT * FROM (
        SELECT CASE WHEN l.pointer LIKE '/materials%' OR l.pointer = '/stamp' THEN 'materials' ELSE substr(l.pointer, 2) END, l.text
          FROM order_lacks(o) l WHERE o.state = 'draft'
        UNION ALL SELECT 'payment', '确认无误后提交并支付。' WHERE o.state = 'draft'
        UNION ALL SELECT 'payment', '请尽快完成支付，7 天内未支付将自动取消。' WHERE o.state = 'unpaid'
        UNION ALL SELECT 'form', '请按驳回原因修改后重新提交，已支付的费用继续有效。' WHERE o.state = 'rejected'
        UNION ALL SELECT * FROM finauth_step(o)
        UNION ALL SELECT 'received', '收到快递后请确认签收。' WHERE o.state = 'shipped'
    ) s LIMIT 1 $$;

-- ---- the desk ----

-- Why finance has to see to a payment; NULL: it need not.
CREATE FUNCTION hall.payout_task(p hall.payout, o hall.orders) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE
        WHEN p.suspended_at IS NOT NULL AND p.state = 'sent' THEN 'suspended'
        WHEN p.state = 'queued' AND EXISTS (SELECT FROM outbox b WHERE b.subject = p.id AND b.kind = 'payout' AND b.state = 'failed')
            THEN 'stuck'
        WHEN p.looked_at IS NOT NULL THEN NULL
        WHEN p.state = 'returned' AND (o.state IN ('shipped', 'done', 'refunded') OR o.finauth IN ('verified', 'replaced'))
            THEN 'returned'
        WHEN p.number = payouts_max() AND o.finauth IN ('failed', 'returned') AND account_changeable(o) AND legal_auth(o) = 'closed'
            THEN 'exhausted' END $$;

CREATE FUNCTION hall.payout_json(p hall.payout, o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('id', p.id, 'number', p.number, 'ref', p.yur_ref, 'state', p.state, 'reason', p.reason,
        'carries', CASE WHEN p.generation IS NULL THEN 'code' ELSE 'pin' END, 'at', iso(p.created_at), 'ended_at', iso(p.ended_at),
        'suspended_at', iso(p.suspended_at), 'looked_at', iso(p.looked_at), 'task', payout_task(p, o), 'code', (SELECT jsonb_build_object(
            'state', c.state, 'tries', c.tries, 'expires_at', iso(c.expires_at)) FROM payout_code c WHERE c.payout = p.id)) $$;

CREATE FUNCTION hall.desk_order_payouts(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT (order_finauth_json(o) -> 'finauth' || jsonb_build_object(
        'account', (SELECT jsonb_build_object('name', b.name, 'account_no', b.masked, 'branch_name', r.name)
                      FROM bank_account b JOIN bank_branch r USING (cnaps) WHERE b.order_id = o.id),
        'legal_person', (SELECT masked FROM legal_person WHERE order_id = o.id), 'can_pay', payout_unaskable(o) IS NULL,
        'items', (SELECT coalesce(jsonb_agg(payout_json(p, o) ORDER BY p.number), '[]') FROM payout p WHERE p.order_id = o.id)))::text
      FROM orders o WHERE o.id = wanted AND my_kind() = 'staff' AND o.state <> 'draft' $$;

CREATE FUNCTION hall.desk_payouts() RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('items', coalesce(jsonb_agg(x.j ORDER BY x.at), '[]'))::text FROM (
        SELECT p.created_at AS at, payout_json(p, o) || jsonb_build_object('order_id', o.id, 'order_number', o.number,
               'subject', o.subject, 'project_name', j.name, 'order_label', l.label) AS j
          FROM payout p JOIN orders o ON o.id = p.order_id JOIN project j ON j.id = o.project CROSS JOIN order_label(o) l
         WHERE my_kind() = 'staff' AND (p.state IN ('sent', 'queued', 'returned') OR p.number = payouts_max())
           AND payout_task(p, o) IS NOT NULL ORDER BY p.created_at LIMIT 200) x $$;

-- What finance does about one: "ask" the bank again; "fail", after a look into the account's books: it was not paid;
-- "done", seen to by other means.
CREATE FUNCTION hall.desk_payout(wanted uuid, what text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p payout;
    o orders;
    task text;
BEGIN
    SELECT x.* INTO o FROM orders x JOIN payout y ON y.order_id = x.id WHERE y.id = wanted AND my_kind() = 'staff' FOR NO KEY UPDATE OF x;
    SELECT * INTO p FROM payout WHERE id = wanted FOR NO KEY UPDATE;
    task := payout_task(p, o);
    IF o.id IS NULL THEN
        PERFORM refuse(404, '没有找到这笔打款。');
    ELSIF task IS NULL OR (what = 'done') = (task IN ('suspended', 'stuck')) THEN
        PERFORM refuse(409, '这笔打款目前不能这样处理，请刷新后再看。');
    END IF;
    PERFORM note('order', o.id, jsonb_build_object('payout', wanted, 'finance', what));
    IF what = 'done' THEN
        UPDATE payout SET looked_at = now() WHERE id = wanted;
    ELSIF what = 'fail' THEN
        PERFORM payout_state(wanted, 'failed', '经银行核实，款项未汇出');
    ELSIF task = 'stuck' THEN
        UPDATE outbox SET state = 'due', due_at = now() WHERE subject = wanted AND kind = 'payout' AND state = 'failed';
        PERFORM pg_notify('outbox', 'payout');
    ELSE
        UPDATE payout SET suspended_at = NULL WHERE id = wanted;
        PERFORM enqueue('payout_query', 'payout_query/' || wanted || '/' || extract(epoch FROM clock_timestamp()), wanted);
    END IF;
END $$;

-- Another payment to the same account.
CREATE FUNCTION hall.desk_payout_again(wanted uuid, seen int) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$ SELECT payout_again(desk_order(wanted, seen)) $$;

-- ---- opening branches ----

-- A name as it is searched: without what nearly all have, and without what nobody types.
CREATE FUNCTION hall.bank_short(name text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT lower(regexp_replace(name, '股份有限公司|有限责任公司|有限公司|[[:space:][:punct:]（）·、，。]', '', 'g')) $$;
CREATE FUNCTION hall.bigrams(s text) RETURNS text[]
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT substr(s, n, 2)), '{}') FROM generate_series(1, length(s) - 1) n $$;

-- Trigrams say nothing of a word of two characters, which most words of a bank's name are: pairs of characters do.
ALTER TABLE hall.bank_branch
    ADD offered bool NOT NULL DEFAULT true, -- false: it was in the list once
    ADD short   text NOT NULL GENERATED ALWAYS AS (hall.bank_short(name)) STORED,
    ADD grams   text[] NOT NULL GENERATED ALWAYS AS (hall.bigrams(hall.bank_short(name))) STORED;
ALTER TABLE hall.bank_branch ALTER grams SET STATISTICS 1000;
CREATE INDEX bank_branch_grams ON hall.bank_branch USING gin (grams) WITH (fastupdate = off) WHERE offered;
CREATE INDEX bank_branch_rank ON hall.bank_branch (length(short), cnaps) WHERE offered;
CREATE INDEX bank_branch_number ON hall.bank_branch (cnaps text_pattern_ops) WHERE offered;

-- How many branches have a pair: the rarer, the more it tells.
CREATE TABLE hall.bank_gram (
    gram text PRIMARY KEY,
    n    int NOT NULL
);
CREATE FUNCTION hall.bank_grams_count() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    DELETE FROM bank_gram;
    INSERT INTO bank_gram SELECT g, count(*) FROM bank_branch, unnest(grams) g WHERE offered GROUP BY g;
    ANALYZE bank_branch, bank_gram;
END $$;

-- What people call banks. Rows are in sql/data/bank.sql.
CREATE TABLE hall.bank_synonym (
    word  text PRIMARY KEY,
    means text NOT NULL
);

-- The words of a search, as they stand in `short`.
CREATE FUNCTION hall.bank_words(typed text) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    s bank_synonym;
    line text := left(lower(typed), 60);
BEGIN
    line := regexp_replace(line, '股份有限公司|有限责任公司|有限公司', '', 'g');
    line := regexp_replace(line, '[[:punct:]（）·、，。　]', ' ', 'g');
    FOR s IN SELECT * FROM bank_synonym WHERE position(word IN line) > 0 ORDER BY length(word) DESC LOOP
        line := replace(line, s.word, ' ' || s.means || ' ');
    END LOOP;
    -- Names of branches leave out what names of places end in.
    RETURN ARRAY(SELECT DISTINCT regexp_replace(w, '^(..+)[省市区县]$', '\1') FROM regexp_split_to_table(line, '\s+') w WHERE w <> '');
END $$;

-- Branches whose name holds every word, or whose number begins so. Short names come first: a bank's own office in a place stands
-- before its outlets. What few branches have is gathered and sorted; for what most have, the shortest names are gone through until
-- there are enough.
CREATE FUNCTION hall.bank_exact(words text[]) RETURNS SETOF hall.bank_branch
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    pairs text[] := ARRAY(SELECT DISTINCT g FROM unnest(words) w, unnest(bigrams(w)) g);
    rarest int := (SELECT min(n) FROM bank_gram WHERE gram = ANY (pairs));
BEGIN
    IF cardinality(words) = 1 AND words[1] ~ '^[0-9]{3,12}$' THEN
        RETURN QUERY SELECT * FROM bank_branch WHERE offered AND cnaps LIKE words[1] || '%' ORDER BY cnaps LIMIT 20;
    ELSIF cardinality(pairs) = 0 THEN
        RETURN;
    ELSIF rarest > 20000 THEN
        RETURN QUERY SELECT * FROM bank_branch b WHERE b.offered AND b.grams @> pairs
            AND NOT EXISTS (SELECT FROM unnest(words) w WHERE position(w IN b.short) = 0)
          ORDER BY length(b.short), b.cnaps LIMIT 20;
    ELSE
        RETURN QUERY WITH found AS MATERIALIZED (SELECT * FROM bank_branch b WHERE b.offered AND b.grams @> pairs
            AND NOT EXISTS (SELECT FROM unnest(words) w WHERE position(w IN b.short) = 0))
        SELECT * FROM found f ORDER BY length(f.short), f.cnaps LIMIT 20;
    END IF;
END $$;

-- For a typing error: the branches that share the most telling pairs with what was typed, single characters breaking the tie. Only
-- the rarest pairs are looked up, so that some thousand names are compared and not all.
CREATE FUNCTION hall.bank_near(words text[]) RETURNS SETOF hall.bank_branch
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    letters text := array_to_string(words, '');
    known text[];
    rare text[];
    weights float8[];
    total float8 := (SELECT greatest(reltuples, 1000) FROM pg_class WHERE oid = 'hall.bank_branch'::regclass);
BEGIN
    SELECT array_agg(gram ORDER BY n, gram), array_agg(ln(total / n) + 0.1 ORDER BY n, gram),
           array_agg(gram ORDER BY n, gram) FILTER (WHERE so_far <= 3000 OR place = 1 AND n <= 20000) INTO known, weights, rare
      FROM (SELECT gram, n, sum(n) OVER r AS so_far, row_number() OVER r AS place FROM bank_gram
             WHERE gram = ANY (ARRAY(SELECT DISTINCT g FROM unnest(words) w, unnest(bigrams(w)) g)) WINDOW r AS (ORDER BY n, gram)) x;
    RETURN QUERY WITH found AS (
        SELECT b.cnaps, (SELECT sum(weights[array_position(known, g)]) FROM unnest(b.grams) g WHERE g = ANY (known))
               + 0.5 * (length(letters) - length(translate(letters, b.short, ''))) AS score
          FROM bank_branch b WHERE b.offered AND b.grams && rare)
    SELECT b.* FROM (SELECT * FROM found ORDER BY score DESC LIMIT 60) f JOIN bank_branch b USING (cnaps)
     WHERE f.score > 0.6 * (SELECT max(score) FROM found) ORDER BY f.score DESC, length(b.short), b.cnaps LIMIT 20;
END $$;

CREATE OR REPLACE FUNCTION hall.bank_search(words text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    parts text[] := bank_words(words);
    found jsonb := (SELECT jsonb_agg(jsonb_build_object('cnaps', cnaps, 'name', name, 'bank', bank)) FROM bank_exact(parts));
    near bool := found IS NULL;
BEGIN
    IF near THEN
        SELECT jsonb_agg(jsonb_build_object('cnaps', cnaps, 'name', name, 'bank', bank)) INTO found FROM bank_near(parts);
    END IF;
    RETURN jsonb_build_object('banks', coalesce(found, '[]'), 'words', parts, 'near', near AND found IS NOT NULL)::text;
END $$;

-- The list comes anew as a whole (certhall-admin banks): all of it, or nothing.
CREATE UNLOGGED TABLE hall.bank_import (
    line  int NOT NULL,
    cnaps text NOT NULL,
    bank  text NOT NULL,
    name  text NOT NULL
);

CREATE FUNCTION hall.bank_import_begin() RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('bank_import', 0));
    DELETE FROM bank_import;
$$;

-- `rows`: [[line, cnaps, bank, name], …]
CREATE FUNCTION hall.bank_import_add(rows jsonb) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    INSERT INTO bank_import SELECT (r ->> 0)::int, r ->> 1, r ->> 2, r ->> 3 FROM jsonb_array_elements(rows) r $$;

-- Lines that repeat the number of an earlier one.
CREATE FUNCTION hall.bank_import_twice() RETURNS TABLE (line int, cnaps text, first int)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT x.line, x.cnaps, x.first FROM (SELECT i.line, i.cnaps, min(i.line) OVER (PARTITION BY i.cnaps) AS first FROM bank_import i) x
     WHERE x.line > x.first ORDER BY x.line $$;

CREATE FUNCTION hall.bank_import_end() RETURNS TABLE (added int, changed int, gone int, offered int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
#variable_conflict use_column
BEGIN
    UPDATE bank_branch b SET offered = false WHERE b.offered AND NOT EXISTS (SELECT FROM bank_import i WHERE i.cnaps = b.cnaps);
    GET DIAGNOSTICS gone = ROW_COUNT;
    UPDATE bank_branch b SET (bank, name, offered) = (i.bank, i.name, true) FROM bank_import i
     WHERE i.cnaps = b.cnaps AND (i.bank, i.name, true) IS DISTINCT FROM (b.bank, b.name, b.offered);
    GET DIAGNOSTICS changed = ROW_COUNT;
    INSERT INTO bank_branch (cnaps, bank, name) SELECT i.cnaps, i.bank, i.name FROM bank_import i
     WHERE NOT EXISTS (SELECT FROM bank_branch b WHERE b.cnaps = i.cnaps) ORDER BY length(bank_short(i.name)), i.cnaps;
    GET DIAGNOSTICS added = ROW_COUNT;
    offered := (SELECT count(*) FROM bank_import);
    DELETE FROM bank_import;
    PERFORM bank_grams_count();
    RETURN NEXT;
END $$;

SELECT hall.bank_grams_count();

GRANT EXECUTE ON FUNCTION hall.payout_work, hall.payout_code_put, hall.payout_suspended, hall.code_end, hall.identity_work
    TO certhall_runner;
GRANT EXECUTE ON FUNCTION hall.my_payout_again, hall.my_code_try, hall.code_link, hall.link_code_try, hall.link_code_view,
    hall.legal_start, hall.legal_view TO certhall_finauth;
GRANT EXECUTE ON FUNCTION hall.identity_phone TO certhall_identity;
GRANT EXECUTE ON FUNCTION hall.desk_order_payouts, hall.desk_payouts, hall.desk_payout, hall.desk_payout_again TO certhall_desk;
GRANT EXECUTE ON FUNCTION hall.bank_import_begin, hall.bank_import_add, hall.bank_import_twice, hall.bank_import_end
    TO certhall_admin;

COMMIT;
