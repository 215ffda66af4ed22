-- SPDX-License-Identifier: Apache-2.0
-- China Merchants Bank.
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
    plan     text NOT NULL CHECK (plan IN ('S', 'F', 'B', 'U')), -- how the payment will end
    reason   text NOT NULL,                                      -- the reason, unless it succeeds
    req_sts  text NOT NULL DEFAULT 'AUT' CHECK (req_sts IN ('AUT', 'NTE', 'BNK', 'FIN')),
    rtn_flg  text NOT NULL DEFAULT '' CHECK (rtn_flg IN ('', 'S', 'F', 'B', 'U')),
    taken    timestamptz NOT NULL DEFAULT now(),
    ended    timestamptz,
    next     timestamptz                        -- when its state changes next; null: never
);
CREATE INDEX IF NOT EXISTS cmb_payment_next ON sandbox.cmb_payment (next) WHERE next IS NOT NULL;
CREATE INDEX IF NOT EXISTS cmb_payment_account ON sandbox.cmb_payment (account);

-- What has come in on the customer's account. `sequence` counts the entries of a day.
CREATE TABLE IF NOT EXISTS sandbox.cmb_entry (
    id       int8 GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    number   text GENERATED ALWAYS AS ('C' || lpad(id::text, 14, '0')) STORED,
    day      date NOT NULL,
    sequence int NOT NULL,
    at       timestamptz NOT NULL DEFAULT now(),
    fen      int8 NOT NULL CHECK (fen > 0),
    name     text NOT NULL,
    account  text NOT NULL,
    bank     text NOT NULL,
    remark   text NOT NULL,
    UNIQUE (day, sequence)
);
CREATE OR REPLACE FUNCTION sandbox.cmb_come_in(amount int8, from_name text, from_account text, from_bank text, why text) RETURNS text
LANGUAGE plpgsql AS $$
DECLARE
    today date := (now() AT TIME ZONE 'Asia/Shanghai')::date;
    new_number text;
BEGIN
    LOCK TABLE sandbox.cmb_entry IN SHARE ROW EXCLUSIVE MODE; -- no number of a day is left out or given twice
    INSERT INTO sandbox.cmb_entry (day, sequence, fen, name, account, bank, remark)
    SELECT today, 1 + coalesce(max(sequence), 0), amount, from_name, from_account, from_bank, why FROM sandbox.cmb_entry WHERE day = today
    RETURNING number INTO new_number;
    RETURN new_number;
END $$;

-- Records a payment, once for each number: null when the number was used before.
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

-- Moves every payment that is due to its next state: AUT, NTE, BNK, FIN; a return follows a success after `back`.
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
