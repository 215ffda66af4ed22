-- Proof of the bank account by a payout of 0.01 yuan.

CREATE OR REPLACE FUNCTION hall.payouts_max() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 3 $$;

-- Starts a payout when everything is there that it needs: an account, and either an approval with a PIN that was not sent to anybody
-- yet or, for a code, the applicant's payment.
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
       OR (CASE WHEN by_code THEN NOT (state_of(o)).pending
                ELSE o.state <> 'approved' OR made.generation IS NULL END)
       OR NOT EXISTS (SELECT FROM bank_account WHERE order_id = wanted)
       OR EXISTS (SELECT FROM payout WHERE order_id = wanted AND state IN ('queued', 'sent')) THEN
        RETURN;
    END IF;
    INSERT INTO payout (order_id, number, yur_ref, generation, act)
    SELECT wanted, n, 'CH' || o.number || lpad(n::text, 2, '0'), made.generation, b.act FROM bank_account b WHERE b.order_id = wanted
    RETURNING id INTO new_payout;
    UPDATE bank_account SET act = NULL WHERE order_id = wanted AND act IS NOT NULL; -- it is for this payout alone
    PERFORM enqueue('payout', 'payout/' || new_payout, new_payout);
END $$;

-- Stores account data, first or corrected. Corrected data do not reopen the review. They are accepted as long as a payout can follow:
-- a payment that is returned after the parcel was shipped is left to finance, and its PIN stays.
CREATE OR REPLACE FUNCTION hall.account_put(wanted uuid, branch text, encrypted_data bytea, shown text, unit text) RETURNS void
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
    INSERT INTO bank_account (order_id, cnaps, encrypted, masked, name) VALUES (wanted, branch, encrypted_data, shown, unit)
    ON CONFLICT (order_id) DO UPDATE SET (cnaps, encrypted, masked, name, updated_at) =
        (EXCLUDED.cnaps, EXCLUDED.encrypted, EXCLUDED.masked, EXCLUDED.name, now());
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'account', '已提交对公账户');
    PERFORM payout_next(o);
END $$;

-- Accepts the order (成功受理) when it is paid and its account is proved: the code must have been typed in, or the PIN must have arrived.
CREATE OR REPLACE FUNCTION hall.try_gates(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    had text;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted FOR NO KEY UPDATE;
    IF o.state <> 'approved' OR o.paid NOT IN ('paid', 'zero')
       OR NOT coalesce(o.finauth, 'verified') IN ('verified', 'replaced')
          AND NOT (o.finauth = 'succeeded' AND finauth_mode(o) <> 'code') THEN
        RETURN;
    END IF;
    had := act_as('system'); -- the transition is nobody's decision
    PERFORM advance(wanted, 'gates_open');
    IF NOT o.makes THEN
        PERFORM change_files(o);
    END IF;
    PERFORM keep('caller', had);
    UPDATE orders r SET accepted_at = now(),
           ship_due_at = CASE WHEN NOT r.makes THEN NULL WHEN p.whole_days IS NULL THEN due(now(), p.ship_days)
               ELSE due_later(greatest(r.due_at, r.ship_due_at), (SELECT max(h.at) FROM order_history h JOIN transition t USING (event)
                                                                   WHERE h.order_id = wanted AND t.to_state = 'approved')) END
      FROM project p WHERE p.id = r.project AND r.id = wanted;
END $$;

-- Stores the bank's answer about a payout. It moves the order as long as the order waits for this payout.
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
        UPDATE payout_code SET state = 'void', encrypted = NULL WHERE payout = wanted AND state = 'open';
    END IF;
    IF NOT awaited THEN
        PERFORM want_payout(o.id); -- it may have waited until this one ended
    ELSIF said IN ('sent', 'succeeded') THEN
        UPDATE orders SET finauth = said, finauth_text = why, updated_at = now() WHERE id = o.id;
        PERFORM tell(o.id, CASE WHEN p.generation IS NULL THEN 'code_wanted' ELSE 'pin_remitted' END, 'agent', wanted::text);
        IF said = 'succeeded' THEN
            INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'payout', '金融认证成功');
            PERFORM try_gates(o.id);
        END IF;
    ELSE
        PERFORM payout_undone(o, p, said, why);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.account_view(wanted uuid) RETURNS TABLE ("out" text, form bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT (finauth_json(o) || jsonb_build_object(
               'account', CASE WHEN b.order_id IS NOT NULL THEN jsonb_build_object('name', b.name, 'branch', b.cnaps,
                   'branch_name', (SELECT name FROM bank_branch r WHERE r.cnaps = b.cnaps), 'account_no', b.masked) END,
               'can', finauth_json(o) -> 'can' || CASE WHEN account_changeable(o) THEN '["account"]' ELSE '[]' END::jsonb))::text, o.form
      FROM orders o LEFT JOIN bank_account b ON b.order_id = o.id
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project();
END $$;

-- A working day after the payment without account data; three working days after a payout whose code was not typed in.
CREATE OR REPLACE FUNCTION hall.account_remind(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted;
    IF o.finauth = 'account_wanted' AND (state_of(o)).pending THEN
        PERFORM tell(wanted, 'account_wanted', 'agent', to_char(now(), 'YYYYMMDD'));
    ELSIF (code_of(o)).payout IS NOT NULL THEN
        PERFORM tell(wanted, 'code_wanted', 'agent', (code_of(o)).payout || '/again');
    END IF;
END $$;

-- The state of the proof of the account.
CREATE OR REPLACE FUNCTION hall.finauth_json(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE may record := order_may(o);
BEGIN
    RETURN jsonb_build_object('mode', may.proof, 'state', o.finauth, 'reason', o.finauth_text,
        'account_asked', (SELECT account_asked FROM project WHERE id = o.project), 'payouts', may.payouts, 'payouts_max', payouts_max(),
        'code', CASE WHEN may.code_left IS NOT NULL THEN code_json(o) END, 'legal_auth', may.legal_auth,
        'can', ARRAY(SELECT w FROM unnest(may.can) w WHERE w IN ('payout', 'code', 'code_link', 'legal_auth')));
END $$;

-- What proves the account of an order: code, pin, none. A natural person has no account to prove.
CREATE OR REPLACE FUNCTION hall.finauth_mode(o hall.orders) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT CASE WHEN o.makes THEN project_finauth(p, t) ELSE 'none' END FROM project p
              LEFT JOIN project_type t ON t.project = p.id AND t.cert_type = o.cert_type WHERE p.id = o.project);
END $$;

CREATE OR REPLACE FUNCTION hall.project_finauth(p hall.project, t hall.project_type) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT CASE WHEN t.person = 'natural' THEN 'none' ELSE p.finauth END $$;

CREATE OR REPLACE FUNCTION hall.payout_last(wanted uuid) RETURNS hall.payout
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT p FROM payout p WHERE order_id = wanted ORDER BY number DESC LIMIT 1);
END $$;

-- Whether a payout that may still prove the account is under way; one whose code is void cannot prove anything.
CREATE OR REPLACE FUNCTION hall.payout_counts(p hall.payout) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN p.state IN ('queued', 'sent') AND NOT EXISTS (SELECT FROM payout_code WHERE payout = p.id AND state <> 'open');
END $$;

-- The account is proved, or the legal person has authenticated instead: the order continues.
CREATE OR REPLACE FUNCTION hall.finauth_passed(wanted uuid, how text, words text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    UPDATE orders SET finauth = how, finauth_text = NULL, updated_at = now() WHERE id = wanted RETURNING * INTO o;
    UPDATE payout_code c SET state = 'void', encrypted = NULL FROM payout p
     WHERE p.order_id = wanted AND c.payout = p.id AND c.state = 'open';
    PERFORM code_links_end(wanted);
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'finauth', words);
    IF o.state = 'verifying' THEN
        PERFORM advance(wanted, 'code_right');
        PERFORM start_review(wanted);
    END IF;
    PERFORM try_gates(wanted);
END $$;

-- The account is not proved: the applicant is told why, and what can be done: another try, the legal person, or a call.
CREATE OR REPLACE FUNCTION hall.finauth_failed(o hall.orders, how text, why text, message text, occasion text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE orders SET finauth = how, finauth_text = why, updated_at = now() WHERE id = o.id RETURNING * INTO o;
    IF (payout_last(o.id)).number >= payouts_max() THEN
        message := CASE legal_auth(o) WHEN 'open' THEN 'legal_wanted' ELSE 'finauth_ended' END;
    END IF;
    INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'payout', CASE WHEN why IS NULL THEN '金融认证失败' ELSE format('金融认证失败：%s', why) END);
    PERFORM code_links_end(o.id);
    PERFORM tell(o.id, message, 'agent', occasion, jsonb_build_object('reason', why));
END $$;

-- A payout failed or was returned. Certificates that were produced after it are made again with the next PIN. After the parcel was
-- shipped, and after the order has ended, finance looks after it.
CREATE OR REPLACE FUNCTION hall.payout_undone(o hall.orders, p hall.payout, said text, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE s order_state := state_of(o);
BEGIN
    IF NOT (s.pending OR s.in_production) THEN
        UPDATE orders SET finauth = said, finauth_text = why WHERE id = o.id;
        RETURN;
    END IF;
    PERFORM finauth_failed(o, said, why, 'finauth_failed', p.id::text);
    IF said = 'returned' AND s.in_production THEN
        PERFORM advance(o.id, 'payout_returned');
        UPDATE orders SET producer = NULL WHERE id = o.id; -- production is requested again when the account is proved
        UPDATE certificate SET state = 'hold' WHERE order_id = o.id AND state = 'valid'; -- nobody has received its PIN
    END IF;
END $$;

-- The bank has the payout, so the time limit of its code begins.
CREATE OR REPLACE FUNCTION hall.payout_sent(o hall.orders, p hall.payout) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enqueue('payout_query', 'payout_query/' || p.id, p.id, '1 second');
    INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'payout',
        CASE WHEN p.generation IS NULL THEN '已向单位账户汇出 0.01 元，附言含 6 位随机码' ELSE '已向单位账户汇出 0.01 元，附言为证书 PIN 码' END);
    UPDATE payout_code SET encrypted = NULL, expires_at = now() + code_life() WHERE payout = p.id AND state = 'open';
    IF FOUND THEN
        PERFORM enqueue('code_end', 'code_end/' || p.id, p.id, code_life());
        PERFORM enqueue('account_reminder', 'code_reminder/' || p.id, o.id,
                        coalesce(due(now(), 3), now() + interval '3 days') - now());
    END IF;
END $$;

-- The bank has reported "under way" for days: it is not queried any more until people decide so.
CREATE OR REPLACE FUNCTION hall.payout_suspended(wanted uuid) RETURNS void
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

CREATE OR REPLACE FUNCTION hall.payout_work(wanted uuid)
RETURNS TABLE (order_id uuid, yur_ref text, state text, generation int, account bytea, masked text, cnaps text, branch text,
               bank text, age interval)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT y.order_id, y.yur_ref, y.state, y.generation, b.encrypted, b.masked, b.cnaps, r.name, r.bank,
           now() - CASE WHEN y.state = 'succeeded' THEN y.ended_at ELSE y.created_at END
      FROM payout y JOIN bank_account b USING (order_id) JOIN bank_branch r ON r.cnaps = b.cnaps WHERE y.id = wanted;
END $$;

-- What the act under which finance has asked for the payout must say, a fact a row, with the act (NULL: there is none).
-- Nothing for a payout that the rules or the applicant have asked for.
CREATE OR REPLACE FUNCTION hall.runner_payout_act(wanted uuid)
RETURNS TABLE (label text, value text, staff uuid, decided_at timestamptz, credential bytea, client_data bytea,
               authenticator_data bytea, signature bytea, leaves int, place int, path bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT f.label, f.value, k.staff, k.decided_at, k.credential, k.client_data, k.authenticator_data,
           k.signature, k.leaves, k.place, k.path
      FROM payout y JOIN orders o ON o.id = y.order_id CROSS JOIN LATERAL payout_facts(o, y.number) f
      LEFT JOIN act k ON k.id = y.act AND k.what = 'pay_out_again' WHERE y.id = wanted AND y.act IS NOT NULL;
END $$;

-- The runner has not paid, because the act does not hold. People decide again.
CREATE OR REPLACE FUNCTION hall.runner_payout_refused(wanted uuid, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM note('order', y.order_id, jsonb_build_object('payout', wanted, 'act_refused', why)) FROM payout y WHERE y.id = wanted;
    PERFORM payout_state(wanted, 'failed', why);
END $$;

CREATE OR REPLACE FUNCTION hall.account_changeable(o hall.orders) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN coalesce((state_of(o)).pending
                    AND o.finauth IN ('account_wanted', 'queued', 'failed', 'returned'), false)
           AND NOT EXISTS (SELECT FROM payout p WHERE p.order_id = o.id AND payout_counts(p));
END $$;

-- The next payout, with a PIN or code of its own; the previous one is void.
CREATE OR REPLACE FUNCTION hall.payout_next(o hall.orders, under uuid DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM legal_end(o.id);
    UPDATE orders SET finauth = 'queued', finauth_text = NULL, updated_at = now() WHERE id = o.id;
    UPDATE bank_account SET act = under WHERE order_id = o.id AND act IS DISTINCT FROM under;
    IF o.finauth IN ('failed', 'returned') AND finauth_mode(o) = 'pin' THEN
        PERFORM want_pin(o.id);
    END IF;
    PERFORM want_payout(o.id);
END $$;

-- Why no payout to the present account may be requested; NULL: it may.
CREATE OR REPLACE FUNCTION hall.payout_unaskable(o hall.orders) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE
        WHEN NOT account_changeable(o) OR o.finauth NOT IN ('failed', 'returned')
             OR NOT EXISTS (SELECT FROM bank_account WHERE order_id = o.id) THEN '现在不能重新打款，请刷新后再看。'
        WHEN (SELECT count(*) FROM payout WHERE order_id = o.id) >= payouts_max() THEN '打款认证次数已用完。' END;
END $$;

-- Refuses a payout that may not be requested.
CREATE OR REPLACE FUNCTION hall.payout_must_be_askable(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE why text := payout_unaskable(o);
BEGIN
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    END IF;
END $$;

-- `under`: the act, when finance asks for it.
CREATE OR REPLACE FUNCTION hall.payout_again(o hall.orders, under uuid DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM payout_must_be_askable(o);
    INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'account', '按原账户重新打款');
    PERFORM payout_next(o, under);
END $$;

CREATE OR REPLACE FUNCTION hall.my_payout_again(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM payout_again(my_order(wanted));
END $$;

-- Why finance has to look after a payout; NULL: it need not.
CREATE OR REPLACE FUNCTION hall.payout_task(p hall.payout, o hall.orders) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE
        WHEN p.suspended_at IS NOT NULL AND p.state = 'sent' THEN 'suspended'
        WHEN p.state = 'queued' AND EXISTS (SELECT FROM outbox b WHERE b.subject = p.id AND b.kind = 'payout' AND b.state = 'failed')
            THEN 'stuck'
        WHEN p.looked_at IS NOT NULL THEN NULL
        WHEN p.state = 'returned' AND (o.state IN ('shipped', 'done', 'refunded') OR o.finauth IN ('verified', 'replaced'))
            THEN 'returned'
        WHEN p.number = payouts_max() AND o.finauth IN ('failed', 'returned') AND account_changeable(o) AND legal_auth(o) = 'closed'
            THEN 'exhausted' END;
END $$;

CREATE OR REPLACE FUNCTION hall.payout_json(p hall.payout, o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN jsonb_build_object('id', p.id, 'number', p.number, 'ref', p.yur_ref, 'state', p.state, 'reason', p.reason,
        'carries', CASE WHEN p.generation IS NULL THEN 'code' ELSE 'pin' END, 'at', iso(p.created_at), 'ended_at', iso(p.ended_at),
        'suspended_at', iso(p.suspended_at), 'looked_at', iso(p.looked_at), 'task', payout_task(p, o), 'code', (SELECT jsonb_build_object(
            'state', c.state, 'tries', c.tries, 'expires_at', iso(c.expires_at)) FROM payout_code c WHERE c.payout = p.id));
END $$;

CREATE OR REPLACE FUNCTION hall.desk_order_payouts(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT (finauth_json(o) || jsonb_build_object(
        'account', (SELECT jsonb_build_object('name', b.name, 'account_no', b.masked, 'branch_name', r.name)
                      FROM bank_account b JOIN bank_branch r USING (cnaps) WHERE b.order_id = o.id),
        'legal_person', (SELECT masked FROM legal_person WHERE order_id = o.id), 'can_pay', 'finance' = ANY (my_roles()) AND payout_unaskable(o) IS NULL,
        'items', (SELECT coalesce(jsonb_agg(payout_json(p, o) ORDER BY p.number), '[]') FROM payout p WHERE p.order_id = o.id)))::text
      FROM orders o WHERE o.id = wanted AND my_kind() = 'staff' AND o.state <> 'draft');
END $$;

-- The payouts that finance has to look after, oldest first. Only few payouts can be among them, and an index has those
-- (payout_open_task).
CREATE OR REPLACE FUNCTION hall.desk_payouts(after text, page_size int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    keys text[] := cursor_keys(after, 'timestamptz', 'uuid');
    after_at timestamptz := keys[1];
    after_id uuid := keys[2];
    most int := look_for(after, page_size);
    ids uuid[];
BEGIN
    ids := ARRAY(SELECT p.id FROM payout p JOIN orders o ON o.id = p.order_id
        WHERE my_kind() = 'staff' AND (p.state = 'queued' OR p.state = 'sent' AND p.suspended_at IS NOT NULL
                                       OR p.looked_at IS NULL AND (p.state = 'returned' OR p.state = 'failed' AND p.number >= 3))
          AND payout_task(p, o) IS NOT NULL
          AND (after IS NULL OR (p.created_at, p.id) > (after_at, after_id))
        ORDER BY p.created_at, p.id LIMIT most);
    PERFORM set_config('plan_cache_mode', 'auto', true); -- from here on the rows are shown in the same way for every search
    RETURN (SELECT page(jsonb_agg(payout_json(p, o) || jsonb_build_object('order_id', o.id, 'order_number', o.number,
            'subject', o.subject, 'project_name', j.name, 'order_label', l.label) ORDER BY x.n),
        array_agg(cursor_of(p.created_at::text, p.id::text) ORDER BY x.n), page_size, after, cardinality(ids))
      FROM unnest(ids[1 : page_size + 1]) WITH ORDINALITY AS x(id, n) JOIN payout p ON p.id = x.id
      JOIN orders o ON o.id = p.order_id JOIN project j ON j.id = o.project JOIN order_standing l ON l.code = o.standing)::text;
END $$;

-- Finance's decisions about a payout: "ask" queries the bank again; "fail": the account's books show that it was not paid; "done": it
-- was settled in another way.
CREATE OR REPLACE FUNCTION hall.desk_payout(wanted uuid, what text) RETURNS void
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
    ELSE
        UPDATE payout SET suspended_at = NULL WHERE id = wanted;
        PERFORM enqueue('payout_query', 'payout_query/' || wanted || '/' || extract(epoch FROM clock_timestamp()), wanted);
    END IF;
END $$;

-- What the act of paying out once more says: the payout of that number. Whose account it is follows in the program's words.
CREATE OR REPLACE FUNCTION hall.payout_facts(o hall.orders, number int) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT f.* FROM bank_account b JOIN bank_branch r USING (cnaps), LATERAL (SELECT * FROM order_facts(o) UNION ALL VALUES
        ('打款次数', format('第 %s 次', number)), ('打款金额', '0.01 元'), ('开户行', r.name || ' ' || r.cnaps)) f
     WHERE b.order_id = o.id;
END $$;

CREATE OR REPLACE FUNCTION hall.payout_again_facts(wanted uuid, seen int)
RETURNS TABLE (label text, value text, name text, masked text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order_locked(wanted, seen);
BEGIN
    PERFORM payout_must_be_askable(o);
    RETURN QUERY SELECT f.label, f.value, b.name, b.masked FROM bank_account b,
        payout_facts(o, (SELECT count(*) + 1 FROM payout WHERE order_id = wanted)::int) f WHERE b.order_id = wanted;
END $$;

-- Another payout to the same account, under the act `signed`.
CREATE OR REPLACE FUNCTION hall.desk_payout_again(wanted uuid, seen int, signed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order_locked(wanted, seen);
BEGIN
    PERFORM act_keep('pay_out_again', wanted, wanted, signed, 'order', wanted);
    PERFORM payout_again(o, (signed ->> 'id')::uuid);
END $$;

-- A payout that was not sent yet is cancelled, and the PIN that it would carry is destroyed.
CREATE OR REPLACE FUNCTION hall.payout_stop(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    WITH unsent AS (UPDATE outbox b SET state = 'done', done_at = now() FROM payout y
                     WHERE y.order_id = wanted AND y.state = 'queued' AND b.kind = 'payout' AND b.subject = y.id
                       AND b.state = 'due' AND b.attempts = 0 RETURNING y.id)
    UPDATE payout SET state = 'failed', reason = '业务单已退费', ended_at = now() WHERE id IN (SELECT id FROM unsent);
    PERFORM pin_void(wanted);
END $$;
