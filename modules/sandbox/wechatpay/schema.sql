-- SPDX-License-Identifier: Apache-2.0
-- WeChat Pay.
CREATE TABLE IF NOT EXISTS sandbox.wechatpay_nonce (
    nonce text PRIMARY KEY,
    at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS wechatpay_nonce_at ON sandbox.wechatpay_nonce (at);

CREATE TABLE IF NOT EXISTS sandbox.wechatpay_order (
    out_trade_no   text PRIMARY KEY,
    description    text NOT NULL,
    total          int8 NOT NULL CHECK (total > 0),
    attach         text,
    notify_url     text NOT NULL,
    expires        timestamptz NOT NULL,
    particulars    bytea NOT NULL,              -- hash of everything that must be the same when the number is used again
    state          text NOT NULL DEFAULT 'NOTPAY' CHECK (state IN ('NOTPAY', 'SUCCESS', 'CLOSED')),
    transaction_id text UNIQUE,
    openid         text,
    created        timestamptz NOT NULL DEFAULT now(),
    paid           timestamptz
);
-- The texts of QR codes; an order may have several.
CREATE TABLE IF NOT EXISTS sandbox.wechatpay_code (
    pr           text PRIMARY KEY,
    out_trade_no text NOT NULL REFERENCES sandbox.wechatpay_order,
    expires      timestamptz NOT NULL DEFAULT now() + interval '2 hours'
);
-- How it is paid; of H5 payment, where the phone is; of JSAPI payment, who alone may pay.
ALTER TABLE sandbox.wechatpay_order ADD COLUMN IF NOT EXISTS trade_type text NOT NULL DEFAULT 'NATIVE',
    ADD COLUMN IF NOT EXISTS payer_openid text,
    DROP CONSTRAINT IF EXISTS wechatpay_order_trade_type_check,
    ADD CONSTRAINT wechatpay_order_trade_type_check CHECK (trade_type IN ('NATIVE', 'MWEB', 'JSAPI') AND (trade_type = 'JSAPI') = (payer_openid IS NOT NULL));
ALTER TABLE sandbox.wechatpay_code ADD COLUMN IF NOT EXISTS payer_ip text;
-- Codes of web authorization, each good for five minutes and once.
CREATE TABLE IF NOT EXISTS sandbox.wechatpay_authorized (
    code   text PRIMARY KEY,
    openid text NOT NULL,
    at     timestamptz NOT NULL DEFAULT now(),
    used   bool NOT NULL DEFAULT false
);
CREATE INDEX IF NOT EXISTS wechatpay_authorized_openid ON sandbox.wechatpay_authorized (openid);
-- A refund ends when its notification is due (notifier.c); nothing else changes its state.
CREATE TABLE IF NOT EXISTS sandbox.wechatpay_refund (
    out_refund_no text PRIMARY KEY,
    out_trade_no  text NOT NULL REFERENCES sandbox.wechatpay_order,
    refund_id     text NOT NULL UNIQUE,
    fen           int8 NOT NULL CHECK (fen > 0),
    reason        text,
    status        text NOT NULL DEFAULT 'PROCESSING' CHECK (status IN ('PROCESSING', 'SUCCESS', 'ABNORMAL')),
    created       timestamptz NOT NULL DEFAULT now(),
    ended         timestamptz
);
CREATE INDEX IF NOT EXISTS wechatpay_refund_order ON sandbox.wechatpay_refund (out_trade_no);

-- The merchant has fetched the platform certificate; from now on notifications are signed with either key.
CREATE TABLE IF NOT EXISTS sandbox.wechatpay_certificate (
    one bool PRIMARY KEY DEFAULT true CHECK (one),
    at  timestamptz NOT NULL DEFAULT now()
);

-- A bill, from the answer with its address until its download.
CREATE TABLE IF NOT EXISTS sandbox.wechatpay_bill (
    token text PRIMARY KEY,
    body  text NOT NULL,
    at    timestamptz NOT NULL DEFAULT now()
);

CREATE OR REPLACE FUNCTION sandbox.wechatpay_state(o sandbox.wechatpay_order) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN o.state = 'NOTPAY' AND o.expires <= now() THEN 'CLOSED'
                WHEN EXISTS (SELECT FROM sandbox.wechatpay_refund r WHERE r.out_trade_no = o.out_trade_no) THEN 'REFUND'
                ELSE o.state END
$$;

-- The payer pays at the cashier of a code; returns the order's state afterwards. `late` is the delay of the notification when that
-- switch is on.
CREATE OR REPLACE FUNCTION sandbox.wechatpay_pay(code text, transaction text, payer text, notice text, late interval)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    o sandbox.wechatpay_order;
    due timestamptz := now();
BEGIN
    SELECT w.* INTO o FROM sandbox.wechatpay_code c JOIN sandbox.wechatpay_order w USING (out_trade_no)
     WHERE c.pr = code AND c.expires > now() FOR UPDATE OF w;
    IF NOT FOUND OR sandbox.wechatpay_state(o) <> 'NOTPAY' THEN
        RETURN coalesce(sandbox.wechatpay_state(o), 'CLOSED');
    END IF;
    UPDATE sandbox.wechatpay_order SET state = 'SUCCESS', transaction_id = transaction, openid = payer, paid = now()
     WHERE out_trade_no = o.out_trade_no;
    IF sandbox.switched('wechatpay.late') THEN
        due := due + late;
    END IF;
    INSERT INTO sandbox.notice (id, vendor, kind, about, url, facts, next)
    VALUES (notice, 'wechatpay', 'payment', o.out_trade_no, o.notify_url, jsonb_build_object(
        'wrong_amount', sandbox.switched('wechatpay.wrong_amount'), 'probe', sandbox.switched('wechatpay.signtest')), due);
    IF sandbox.switched('wechatpay.duplicate') THEN
        INSERT INTO sandbox.notice (id, vendor, kind, about, url, next)
        VALUES (notice || 'D', 'wechatpay', 'payment', o.out_trade_no, o.notify_url, due);
    END IF;
    NOTIFY sandbox;
    RETURN 'SUCCESS';
END $$;

-- Records a refund, once for each number; the same number with the same particulars is the same refund. Returns OK, or WeChat's code
-- for why it is refused. `after` is the time until the payer has the money.
CREATE OR REPLACE FUNCTION sandbox.wechatpay_refund(number text, order_no text, transaction text, id text, amount int8,
    whole int8, why text, url text, notice text, after interval)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    o sandbox.wechatpay_order;
    old sandbox.wechatpay_refund;
    fits bool;
BEGIN
    SELECT * INTO o FROM sandbox.wechatpay_order WHERE out_trade_no = order_no OR transaction_id = transaction FOR UPDATE;
    IF NOT FOUND OR o.state <> 'SUCCESS' THEN
        RETURN 'RESOURCE_NOT_EXISTS';
    END IF;
    SELECT * INTO old FROM sandbox.wechatpay_refund WHERE out_refund_no = number;
    IF FOUND THEN
        RETURN CASE WHEN old.out_trade_no = o.out_trade_no AND old.fen = amount AND whole = o.total THEN 'OK'
                    ELSE 'INVALID_REQUEST' END;
    END IF;
    SELECT whole = o.total AND count(*) < 50 AND coalesce(sum(fen), 0) + amount <= o.total INTO fits
      FROM sandbox.wechatpay_refund WHERE out_trade_no = o.out_trade_no;
    IF NOT fits THEN
        RETURN 'INVALID_REQUEST';
    END IF;
    IF sandbox.switched('wechatpay.not_enough') THEN
        RETURN 'NOT_ENOUGH';
    END IF;
    INSERT INTO sandbox.wechatpay_refund (out_refund_no, out_trade_no, refund_id, fen, reason)
    VALUES (number, o.out_trade_no, id, amount, why);
    INSERT INTO sandbox.notice (id, vendor, kind, about, url, facts, next)
    VALUES (notice, 'wechatpay', 'refund', number, coalesce(url, ''), jsonb_build_object(
        'abnormal', sandbox.switched('wechatpay.refund_abnormal')), now() + after);
    NOTIFY sandbox;
    RETURN 'OK';
END $$;
