-- SPDX-License-Identifier: Apache-2.0
-- WeChat Pay.
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
    INSERT INTO sandbox.notice (id, vendor, kind, about, url, facts, next)
    VALUES (notice, 'wechat', 'payment', o.out_trade_no, o.notify_url, jsonb_build_object(
        'wrong_amount', sandbox.switched('wechat.wrong_amount'), 'probe', sandbox.switched('wechat.signtest')), due);
    IF sandbox.switched('wechat.duplicate') THEN
        INSERT INTO sandbox.notice (id, vendor, kind, about, url, next)
        VALUES (notice || 'D', 'wechat', 'payment', o.out_trade_no, o.notify_url, due);
    END IF;
    NOTIFY sandbox;
    RETURN 'SUCCESS';
END $$;

