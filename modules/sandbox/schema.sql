-- SPDX-License-Identifier: Apache-2.0
-- Database of the sandbox: what the vendors know. Loaded at `up` by the cluster's owner; harmless to load again.
CREATE SCHEMA IF NOT EXISTS sandbox;

-- How the vendors misbehave at the moment; a key that is not here is off. Values: once, always.
CREATE TABLE IF NOT EXISTS sandbox.switch (
    key   text PRIMARY KEY,
    value text NOT NULL CHECK (value IN ('off', 'once', 'always'))
);

-- True when the switch is on; one that is on once is off afterwards.
CREATE OR REPLACE FUNCTION sandbox.switched(wanted text) RETURNS bool LANGUAGE plpgsql AS $$
DECLARE v text;
BEGIN
    SELECT value INTO v FROM sandbox.switch WHERE key = wanted FOR UPDATE;
    IF v = 'once' THEN
        UPDATE sandbox.switch SET value = 'off' WHERE key = wanted;
    END IF;
    RETURN coalesce(v IN ('once', 'always'), false);
END $$;

-- --- WeChat Pay ---

CREATE TABLE IF NOT EXISTS sandbox.wechat_nonce (
    nonce text PRIMARY KEY,
    at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS wechat_nonce_at ON sandbox.wechat_nonce (at);

CREATE TABLE IF NOT EXISTS sandbox.wechat_order (
    out_trade_no   text PRIMARY KEY,
    description    text NOT NULL,
    total          int8 NOT NULL CHECK (total > 0),
    attach         text,
    notify_url     text NOT NULL,
    expires        timestamptz NOT NULL,
    particulars    bytea NOT NULL,              -- hash of all that may not differ when the number is used again
    state          text NOT NULL DEFAULT 'NOTPAY' CHECK (state IN ('NOTPAY', 'SUCCESS', 'CLOSED')),
    transaction_id text UNIQUE,
    openid         text,
    created        timestamptz NOT NULL DEFAULT now(),
    paid           timestamptz
);
-- A QR code's text; an order may have several.
CREATE TABLE IF NOT EXISTS sandbox.wechat_code (
    pr           text PRIMARY KEY,
    out_trade_no text NOT NULL REFERENCES sandbox.wechat_order,
    expires      timestamptz NOT NULL DEFAULT now() + interval '2 hours'
);
-- Reports of payments on their way to the merchant.
CREATE TABLE IF NOT EXISTS sandbox.wechat_notice (
    id           text PRIMARY KEY,
    out_trade_no text NOT NULL REFERENCES sandbox.wechat_order,
    created      timestamptz NOT NULL DEFAULT now(),
    wrong_amount bool NOT NULL DEFAULT false,
    probe        bool NOT NULL DEFAULT false,   -- the next attempt carries a signature that must not verify
    tries        int NOT NULL DEFAULT 0,
    next         timestamptz,                   -- null: accepted or given up
    accepted     timestamptz
);
CREATE INDEX IF NOT EXISTS wechat_notice_next ON sandbox.wechat_notice (next) WHERE next IS NOT NULL;

CREATE OR REPLACE FUNCTION sandbox.wechat_state(o sandbox.wechat_order) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN o.state = 'NOTPAY' AND o.expires <= now() THEN 'CLOSED' ELSE o.state END
$$;

-- The payer pays what a code stands for: the order's state afterwards. `late` is the delay of the report when that switch is on.
CREATE OR REPLACE FUNCTION sandbox.wechat_pay(code text, transaction text, payer text, notice text, late interval)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    o sandbox.wechat_order;
    due timestamptz := now();
BEGIN
    SELECT w.* INTO o FROM sandbox.wechat_code c JOIN sandbox.wechat_order w USING (out_trade_no)
     WHERE c.pr = code AND c.expires > now() FOR UPDATE OF w;
    IF NOT FOUND OR sandbox.wechat_state(o) <> 'NOTPAY' THEN
        RETURN coalesce(sandbox.wechat_state(o), 'CLOSED');
    END IF;
    UPDATE sandbox.wechat_order SET state = 'SUCCESS', transaction_id = transaction, openid = payer, paid = now()
     WHERE out_trade_no = o.out_trade_no;
    IF sandbox.switched('wechat.late') THEN
        due := due + late;
    END IF;
    INSERT INTO sandbox.wechat_notice (id, out_trade_no, wrong_amount, probe, next)
    VALUES (notice, o.out_trade_no, sandbox.switched('wechat.wrong_amount'), sandbox.switched('wechat.signtest'), due);
    IF sandbox.switched('wechat.duplicate') THEN
        INSERT INTO sandbox.wechat_notice (id, out_trade_no, next) VALUES (notice || 'D', o.out_trade_no, due);
    END IF;
    NOTIFY sandbox;
    RETURN 'SUCCESS';
END $$;

-- --- Tencent Cloud ---

-- Texts the vendor has approved; as long as there is none, every template id is taken.
CREATE TABLE IF NOT EXISTS sandbox.sms_template (
    id   text PRIMARY KEY,
    body text NOT NULL                          -- {1}, {2} … stand for the parameters
);
CREATE TABLE IF NOT EXISTS sandbox.sms (
    serial   text PRIMARY KEY,
    at       timestamptz NOT NULL DEFAULT now(),
    phone    text NOT NULL,
    sign     text NOT NULL,
    template text NOT NULL,
    params   text[] NOT NULL,
    session  text
);
CREATE INDEX IF NOT EXISTS sms_phone ON sandbox.sms (phone, at);
CREATE INDEX IF NOT EXISTS sms_at ON sandbox.sms (at);

-- The text of a message: its template filled in, or the parameters where the template is not known.
CREATE OR REPLACE FUNCTION sandbox.sms_text(m sandbox.sms) RETURNS text LANGUAGE plpgsql STABLE AS $$
DECLARE t text;
BEGIN
    SELECT body INTO t FROM sandbox.sms_template WHERE id = m.template;
    IF NOT FOUND THEN
        RETURN array_to_string(m.params, '，');
    END IF;
    FOR i IN 1 .. cardinality(m.params) LOOP
        t := replace(t, '{' || i || '}', m.params[i]);
    END LOOP;
    RETURN t;
END $$;

CREATE TABLE IF NOT EXISTS sandbox.face (
    biz_token    text PRIMARY KEY,
    page         text NOT NULL UNIQUE,          -- token of the page's address
    name         text NOT NULL,
    id_no        text NOT NULL,
    redirect_url text NOT NULL,
    extra        text NOT NULL,
    at           timestamptz NOT NULL DEFAULT now(),
    expires      timestamptz NOT NULL DEFAULT now() + interval '7200 seconds',
    code         int,                           -- null: not finished
    message      text
);

-- --- China Merchants Bank ---

CREATE TABLE IF NOT EXISTS sandbox.cmb_reqid (
    reqid text PRIMARY KEY,
    at    timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE IF NOT EXISTS sandbox.cmb_account (
    account text PRIMARY KEY,
    fen     int8 NOT NULL CHECK (fen >= 0)
);
CREATE TABLE IF NOT EXISTS sandbox.cmb_payment (
    req_nbr  int8 GENERATED ALWAYS AS IDENTITY (START WITH 1028000001) PRIMARY KEY,
    yur_ref  text NOT NULL UNIQUE,
    debit    text NOT NULL,
    account  text NOT NULL,
    name     text NOT NULL,
    bank     text,
    cnaps    text,
    fen      int8 NOT NULL CHECK (fen > 0),
    purpose  text NOT NULL,
    plan     text NOT NULL CHECK (plan IN ('S', 'F', 'B', 'U')), -- how it will end
    reason   text NOT NULL,                                      -- and why, unless well
    req_sts  text NOT NULL DEFAULT 'AUT' CHECK (req_sts IN ('AUT', 'NTE', 'BNK', 'FIN')),
    rtn_flg  text NOT NULL DEFAULT '' CHECK (rtn_flg IN ('', 'S', 'F', 'B', 'U')),
    taken    timestamptz NOT NULL DEFAULT now(),
    ended    timestamptz,
    next     timestamptz                        -- when it goes on; null: never
);
CREATE INDEX IF NOT EXISTS cmb_payment_next ON sandbox.cmb_payment (next) WHERE next IS NOT NULL;
CREATE INDEX IF NOT EXISTS cmb_payment_account ON sandbox.cmb_payment (account);

-- Takes a payment, once for each number: null when the number was used before.
CREATE OR REPLACE FUNCTION sandbox.cmb_take(number text, from_account text, to_account text, to_name text, to_bank text,
    to_cnaps text, amount int8, why text, plan_ text, reason_ text, at_once bool, step interval)
RETURNS sandbox.cmb_payment LANGUAGE plpgsql AS $$
DECLARE p sandbox.cmb_payment;
BEGIN
    INSERT INTO sandbox.cmb_account VALUES (from_account, 100000000) ON CONFLICT DO NOTHING;
    INSERT INTO sandbox.cmb_payment (yur_ref, debit, account, name, bank, cnaps, fen, purpose, plan, reason, next)
    VALUES (number, from_account, to_account, to_name, to_bank, to_cnaps, amount, why, plan_, reason_, now() + step)
    ON CONFLICT (yur_ref) DO NOTHING RETURNING * INTO p;
    IF NOT FOUND THEN
        RETURN NULL;
    END IF;
    UPDATE sandbox.cmb_account SET fen = fen - amount WHERE account = from_account AND fen >= amount;
    IF NOT FOUND THEN
        UPDATE sandbox.cmb_payment SET plan = 'F', reason = '余额不足', req_sts = 'FIN', rtn_flg = 'F', ended = now(), next = NULL
         WHERE req_nbr = p.req_nbr RETURNING * INTO p;
    ELSIF at_once THEN
        UPDATE sandbox.cmb_payment SET req_sts = 'FIN', rtn_flg = plan, ended = now(), next = NULL
         WHERE req_nbr = p.req_nbr RETURNING * INTO p;
        UPDATE sandbox.cmb_account SET fen = fen + amount WHERE account = from_account;
    END IF;
    NOTIFY sandbox;
    RETURN p;
END $$;

-- Moves every payment that is due one step on: AUT, NTE, BNK, FIN; a return follows its success after `back`.
CREATE OR REPLACE FUNCTION sandbox.cmb_step(step interval, back interval) RETURNS int LANGUAGE plpgsql AS $$
DECLARE n int;
BEGIN
    WITH due AS (
        SELECT req_nbr FROM sandbox.cmb_payment WHERE next <= now() FOR UPDATE SKIP LOCKED
    ), moved AS (
        UPDATE sandbox.cmb_payment p SET
            req_sts = CASE p.req_sts WHEN 'AUT' THEN 'NTE' WHEN 'NTE' THEN 'BNK' ELSE 'FIN' END,
            rtn_flg = CASE WHEN p.req_sts = 'BNK' AND plan = 'B' THEN 'S' WHEN p.req_sts IN ('BNK', 'FIN') THEN plan ELSE '' END,
            ended = CASE WHEN p.req_sts IN ('BNK', 'FIN') THEN now() END,
            next = CASE WHEN p.req_sts IN ('AUT', 'NTE') THEN now() + step
                        WHEN p.req_sts = 'BNK' AND plan = 'B' THEN now() + back END
          FROM due WHERE p.req_nbr = due.req_nbr RETURNING p.*
    ), given_back AS (
        UPDATE sandbox.cmb_account a SET fen = a.fen + m.sum
          FROM (SELECT debit, sum(fen)::int8 AS sum FROM moved WHERE rtn_flg IN ('F', 'B') GROUP BY debit) m
         WHERE a.account = m.debit
    )
    SELECT count(*) INTO n FROM moved;
    RETURN n;
END $$;

DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_roles WHERE rolname = 'certhall_sandbox') THEN
        GRANT USAGE ON SCHEMA sandbox TO certhall_sandbox;
        GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA sandbox TO certhall_sandbox;
        GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA sandbox TO certhall_sandbox;
    END IF;
END $$;
