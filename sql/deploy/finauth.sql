-- Deploy certhall:finauth to pg
-- Proof of the company's bank account by a 0.01 yuan payout, and the PINs that travel with it.
BEGIN;

CREATE TABLE hall.bank_account (
    order_id   uuid PRIMARY KEY REFERENCES hall.orders,
    cnaps      text NOT NULL REFERENCES hall.bank_branch,
    sealed     bytea NOT NULL, -- {"name","number"}, place "bank_account.sealed"
    masked     text NOT NULL,
    name       text NOT NULL,  -- the unit's
    updated_at timestamptz NOT NULL DEFAULT now()
);

-- Generations of an order's PIN; a new payout carries a new one and makes the old one void.
CREATE TABLE hall.pin (
    order_id   uuid NOT NULL REFERENCES hall.orders,
    generation int NOT NULL CHECK (generation > 0),
    sealed     bytea, -- under the PIN key that signer and runner hold; NULL: wanted, or destroyed
    state      text NOT NULL DEFAULT 'wanted' CHECK (state IN ('wanted', 'made', 'void', 'destroyed')),
    made_at    timestamptz,
    PRIMARY KEY (order_id, generation),
    CHECK ((sealed IS NOT NULL) = (state = 'made'))
);
CREATE UNIQUE INDEX pin_current ON hall.pin (order_id) WHERE state IN ('wanted', 'made');

-- Each opening of a PIN, committed before it is opened.
CREATE TABLE hall.pin_ledger (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id   uuid NOT NULL,
    generation int NOT NULL,
    purpose    text NOT NULL CHECK (purpose IN ('remark', 'sms', 'production')),
    actor      text NOT NULL,
    at         timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (order_id, generation) REFERENCES hall.pin
);

CREATE TABLE hall.payout (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id    uuid NOT NULL REFERENCES hall.orders,
    number      int NOT NULL CHECK (number > 0),
    yur_ref     text NOT NULL UNIQUE, -- our number towards the bank: repeated, never changed
    generation  int NOT NULL,
    state       text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'sent', 'succeeded', 'failed', 'returned')),
    reason      text,
    created_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    UNIQUE (order_id, number),
    FOREIGN KEY (order_id, generation) REFERENCES hall.pin
);
CREATE UNIQUE INDEX payout_open ON hall.payout (order_id) WHERE state IN ('queued', 'sent');

CREATE FUNCTION hall.payouts_max() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 3 $$;

-- Asks the signer for the order's next PIN.
CREATE FUNCTION hall.want_pin(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE g int;
BEGIN
    UPDATE pin SET state = 'void', sealed = NULL WHERE order_id = wanted AND state IN ('wanted', 'made');
    SELECT coalesce(max(generation), 0) + 1 INTO g FROM pin WHERE order_id = wanted;
    INSERT INTO pin (order_id, generation) VALUES (wanted, g);
    PERFORM enqueue('pin', 'pin/' || wanted || '/' || g, wanted);
END $$;

-- Sends the 0.01 yuan when everything it needs is there: an approval, an account, a PIN nobody has been sent yet.
CREATE FUNCTION hall.want_payout(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    made pin;
    n int;
    new_payout uuid;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted FOR NO KEY UPDATE;
    SELECT * INTO made FROM pin WHERE order_id = wanted AND state = 'made';
    IF o.state <> 'approved' OR o.finauth IS DISTINCT FROM 'queued' OR made IS NULL
       OR NOT EXISTS (SELECT FROM bank_account WHERE order_id = wanted) THEN
        RETURN;
    END IF;
    SELECT count(*) + 1 INTO n FROM payout WHERE order_id = wanted;
    INSERT INTO payout (order_id, number, yur_ref, generation)
    VALUES (wanted, n, 'CH' || o.number || lpad(n::text, 2, '0'), made.generation) RETURNING id INTO new_payout;
    PERFORM enqueue('payout', 'payout/' || new_payout, new_payout);
END $$;

-- The applicant's account data, first or corrected. Corrected data do not reopen the review.
CREATE FUNCTION hall.account_put(wanted uuid, branch text, sealed_data bytea, shown text, unit text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted);
BEGIN
    IF o.finauth IS NULL OR o.finauth NOT IN ('account_wanted', 'queued', 'failed', 'returned')
       OR EXISTS (SELECT FROM payout WHERE order_id = wanted AND state IN ('queued', 'sent')) THEN
        PERFORM refuse(409, '现在不能更改银行账户，请刷新后再看。');
    ELSIF NOT EXISTS (SELECT FROM bank_branch WHERE cnaps = branch) THEN
        PERFORM refuse(422, '请从搜索结果中选择开户行。', '/account_branch');
    ELSIF (SELECT count(*) FROM payout WHERE order_id = wanted) >= payouts_max() THEN
        PERFORM refuse(409, '打款认证次数已用完，请联系客服。');
    END IF;
    INSERT INTO bank_account (order_id, cnaps, sealed, masked, name) VALUES (wanted, branch, sealed_data, shown, unit)
    ON CONFLICT (order_id) DO UPDATE SET (cnaps, sealed, masked, name, updated_at) =
        (EXCLUDED.cnaps, EXCLUDED.sealed, EXCLUDED.masked, EXCLUDED.name, now());
    UPDATE orders SET finauth = 'queued', finauth_text = NULL, updated_at = now() WHERE id = wanted;
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'account', '已提交对公账户');
    IF o.finauth IN ('failed', 'returned') THEN
        PERFORM want_pin(wanted); -- every new payout carries a fresh PIN
    END IF;
    PERFORM want_payout(wanted);
END $$;

-- Opens the gate to 成功受理 when money and account are proved.
CREATE FUNCTION hall.try_gates(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    had text := current_setting('hall.roles', true);
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted FOR NO KEY UPDATE;
    IF o.state <> 'approved' OR o.paid NOT IN ('paid', 'zero')
       OR coalesce(o.finauth, 'verified') NOT IN ('succeeded', 'verified', 'replaced') THEN
        RETURN;
    END IF;
    PERFORM set_config('hall.roles', '{system}', true); -- the gates are nobody's decision
    PERFORM advance(wanted, 'gates_open');
    PERFORM set_config('hall.roles', coalesce(had, ''), true);
    UPDATE orders r SET accepted_at = now(),
           ship_due_at = CASE WHEN p.ship_days IS NULL THEN r.due_at ELSE due(now(), p.ship_days) END
      FROM project p WHERE p.id = r.project AND r.id = wanted;
END $$;

-- What the bank says of a payout.
CREATE FUNCTION hall.payout_state(wanted uuid, said text, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p payout;
    o orders;
BEGIN
    SELECT * INTO p FROM payout WHERE id = wanted;
    SELECT * INTO o FROM orders WHERE id = p.order_id FOR NO KEY UPDATE;
    SELECT * INTO p FROM payout WHERE id = wanted FOR NO KEY UPDATE;
    IF p.state = said OR p.state IN ('failed', 'returned') OR (p.state = 'succeeded' AND said <> 'returned') THEN
        RETURN;
    END IF;
    UPDATE payout SET state = said, reason = why, ended_at = CASE WHEN said = 'sent' THEN NULL ELSE now() END
     WHERE id = wanted;
    UPDATE orders SET finauth = said, finauth_text = why, updated_at = now() WHERE id = o.id;
    IF said = 'sent' THEN
        INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'payout', '已向单位账户汇出 0.01 元，附言为证书 PIN 码');
        PERFORM enqueue('payout_query', 'payout_query/' || wanted, wanted, '1 second');
    ELSIF said = 'succeeded' THEN
        INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'payout', '金融认证成功');
        PERFORM enqueue('payout_watch', 'payout_watch/' || wanted, wanted, '1 day');
        PERFORM try_gates(o.id);
    ELSE
        INSERT INTO order_history (order_id, event, text)
        VALUES (o.id, 'payout', '金融认证失败' || coalesce('：' || why, ''));
        PERFORM tell(o.id, 'finauth_failed', 'handler', wanted::text, jsonb_build_object('reason', why));
        IF said = 'returned' AND o.state IN ('accepted', 'produced') THEN
            PERFORM advance(o.id, 'payout_returned');
        END IF;
    END IF;
END $$;

COMMIT;
