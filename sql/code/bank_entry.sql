-- Transfers that prove who somebody is: the code for the remark, and what the bank says has come in (docs/services.md).

-- How long a transfer may take: banks pass small amounts on within minutes, but a counter or a weekend may take a day.
CREATE OR REPLACE FUNCTION hall.proof_code_life() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '24 hours' $$;
-- How long after that the bank is still asked, since it may list an entry some minutes after it was made.
CREATE OR REPLACE FUNCTION hall.proof_code_grace() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '10 minutes' $$;

-- The person of the request's link goes on by a transfer with the code `fresh`, which is not used when one of theirs is still awaited. The link
-- lasts as long as the code.
CREATE OR REPLACE FUNCTION hall.identity_transfer(fresh text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    i identity := identity_ready('transfer');
    ends timestamptz := now() + proof_code_life();
BEGIN
    IF i.way = 'transfer' AND i.state = 'pending' AND EXISTS (SELECT FROM proof_code WHERE identity = i.id AND ends_at > now()) THEN
        RETURN;
    ELSIF (SELECT count(*) FROM proof_code WHERE identity = i.id) >= 5 THEN
        PERFORM refuse(429, '转账认证的次数过多，请在电脑上重新生成二维码。');
    END IF;
    PERFORM identity_goes(i, 'transfer');
    INSERT INTO proof_code (code, identity, ends_at) VALUES (fresh, i.id, ends);
    UPDATE identity SET expires_at = greatest(expires_at, ends) WHERE id = i.id;
    UPDATE link SET expires_at = greatest(expires_at, ends) WHERE purpose = 'phone' AND subject = i.id;
    PERFORM entries_want(fresh);
END $$;

-- Those whose transfer is awaited.
CREATE OR REPLACE FUNCTION hall.proof_codes_awaited() RETURNS SETOF hall.proof_code
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT c.* FROM proof_code c JOIN identity i ON i.id = c.identity
        WHERE c.ends_at > now() - proof_code_grace() AND i.way = 'transfer' AND i.state = 'pending';
END $$;

-- One job asks the bank for all of them, since the bank does not want to be asked often. It sleeps longer when nothing comes; somebody new
-- wakes it, unless it may be at work (a job that is at work is due again when its lease ends, LEASE_SECONDS of the runner). The row of the cursor
-- is what those wait for each other at who begin the job and who end it.
CREATE OR REPLACE FUNCTION hall.entries_want(why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM FROM bank_cursor FOR UPDATE;
    UPDATE outbox SET due_at = now() + interval '10 seconds' WHERE kind = 'entries' AND state = 'due' AND due_at > now() + interval '100 seconds';
    IF NOT EXISTS (SELECT FROM outbox WHERE kind = 'entries' AND state = 'due') THEN
        PERFORM enqueue('entries', 'entries/' || why, NULL, '5 seconds');
    END IF;
END $$;

-- The job has found nobody who waits, and ends with this transaction.
CREATE OR REPLACE FUNCTION hall.entries_rest() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM FROM bank_cursor FOR UPDATE;
    IF EXISTS (SELECT FROM proof_codes_awaited()) THEN
        PERFORM enqueue('entries', 'entries/' || gen_random_uuid(), NULL);
    END IF;
END $$;

-- What the bank is to be asked for: the days, from the first on which an awaited code was made, at the latest yesterday; and where the last answer
-- ended, if it began on the same day. At midnight it therefore begins anew, which finds what the bank has added to a day later on. `waits`:
-- how long the newest of them has waited. No row: nobody waits.
CREATE OR REPLACE FUNCTION hall.entries_work() RETURNS TABLE (first date, last date, cursor text, waits interval)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE today date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
BEGIN
    SELECT least(today - 1, (min(c.made_at) AT TIME ZONE 'Asia/Shanghai')::date), now() - max(c.made_at) INTO first, waits FROM proof_codes_awaited() c;
    IF waits IS NULL THEN
        RETURN;
    END IF;
    last := today;
    SELECT b.cursor INTO entries_work.cursor FROM bank_cursor b WHERE b.begins = entries_work.first;
    RETURN NEXT;
END $$;

-- A page is read: all of its entries are kept.
CREATE OR REPLACE FUNCTION hall.entries_read(began date, next text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE bank_cursor SET begins = began, cursor = next;
END $$;

-- Whom one of the codes in a remark was made for: the newest, if there are several.
CREATE OR REPLACE FUNCTION hall.entry_person(codes text[]) RETURNS TABLE (code text, order_id uuid, form bytea, legal bytea, role text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT c.code, w.order_id, w.form, w.legal, w.role FROM proof_code c CROSS JOIN LATERAL identity_work(c.identity) w
        WHERE c.code = ANY (codes) ORDER BY c.made_at DESC LIMIT 1;
END $$;

-- What an entry with a code proves. The authentication is locked.
CREATE OR REPLACE FUNCTION hall.entry_outcome(c hall.proof_code, i hall.identity, came timestamptz, fen bigint, same_name bool) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE WHEN c.code IS NULL THEN 'no_code'
        WHEN i.id IS NULL OR c.code <> (SELECT x.code FROM proof_code x WHERE x.identity = i.id ORDER BY x.made_at DESC LIMIT 1)
             OR came > c.ends_at OR came < c.made_at - interval '5 minutes' THEN 'late' -- the bank's clock is not ours
        WHEN fen <> 1 THEN 'other_amount'
        WHEN same_name THEN 'matched' ELSE 'other_name' END;
END $$;

-- Keeps an entry, once, and does what it proves, in one transaction. `same_name`: the payer is called like the person whose ID card was checked.
-- `sealed` is the encrypted payer.
CREATE OR REPLACE FUNCTION hall.entry_take(new_id uuid, its_day date, its_number text, came timestamptz, its_fen bigint, sealed bytea, its_mask text,
                                           with_code text, same_name bool) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c proof_code;
    i identity;
    came_of_it text;
BEGIN
    IF its_fen <> 1 AND with_code IS NULL THEN
        RETURN; -- other business of the authority's
    END IF;
    SELECT * INTO c FROM proof_code WHERE code = with_code;
    i := identity_pending(c.identity);
    came_of_it := entry_outcome(c, i, came, its_fen, same_name);
    INSERT INTO bank_entry (id, day, number, at, fen, payer, masked, code, order_id, outcome)
    VALUES (new_id, its_day, its_number, came, its_fen, sealed, its_mask, with_code,
            (SELECT w.order_id FROM identity_work(c.identity) w), came_of_it) ON CONFLICT (day, number) DO NOTHING;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM identity_note(x, jsonb_build_object('entry', new_id, 'outcome', came_of_it)) FROM identity x WHERE x.id = c.identity;
    IF came_of_it = 'matched' THEN
        PERFORM identity_result(i.id, true, NULL, 'transfer');
    ELSIF came_of_it = 'other_name' THEN
        PERFORM identity_result(i.id, false, '收到了转账，但付款账户的户名与身份证上的姓名不一致。请用本人名下的银行账户重新转账，附言填写新的验证码。', 'transfer');
    ELSIF came_of_it = 'other_amount' THEN
        PERFORM identity_result(i.id, false, '收到了转账，但金额不是 0.01 元，不能用于认证；多付的款项请拨打服务热线办理退回。请重新转账 0.01 元，附言填写新的验证码。', 'transfer');
    END IF;
END $$;

-- What has come in and proves nothing, for finance, the newest first: the ids grow with time. One more than a page has tells that there is
-- another page. The caller decrypts the payer, of which it shows the remark alone.
CREATE OR REPLACE FUNCTION hall.entries_list(after uuid, most int) RETURNS TABLE (id uuid, "out" text, payer bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
BEGIN
    RETURN QUERY SELECT e.id, jsonb_build_object('id', e.id, 'at', iso(e.at), 'number', e.number, 'fen', e.fen, 'payer', e.masked, 'outcome', e.outcome,
               'name', word('entry_outcome', e.outcome), 'next', CASE WHEN e.fen <> 1 THEN '在银行核对后退回付款人' ELSE '无需处理' END,
               'order_id', e.order_id, 'order_number', o.number)::text, nullif(e.payer, '')
      FROM bank_entry e LEFT JOIN orders o ON o.id = e.order_id
     WHERE e.outcome <> 'matched' AND my_kind() = 'staff' AND (entries_list.after IS NULL OR e.id < entries_list.after)
     ORDER BY e.id DESC LIMIT most;
END $$;
