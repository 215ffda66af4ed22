-- SPDX-License-Identifier: Apache-2.0
-- Alipay's books. Amounts are fen.
CREATE TABLE IF NOT EXISTS sandbox.alipay_trade (
    out_trade_no text PRIMARY KEY,
    subject      text NOT NULL,
    total        int8 NOT NULL CHECK (total > 0),
    notify_url   text,
    return_url   text,
    expires      timestamptz NOT NULL,
    particulars  bytea NOT NULL,                -- hash of everything that must be the same when the number is used again
    -- ORDERED: there is a code that nobody has scanned yet; for the merchant the trade does not exist then.
    state        text NOT NULL DEFAULT 'ORDERED'
                 CHECK (state IN ('ORDERED', 'WAIT_BUYER_PAY', 'TRADE_SUCCESS', 'TRADE_FINISHED', 'TRADE_CLOSED')),
    trade_no     text UNIQUE,
    buyer_id     text,
    refunded     int8 NOT NULL DEFAULT 0 CHECK (refunded BETWEEN 0 AND total),
    created      timestamptz NOT NULL DEFAULT now(),
    paid         timestamptz,
    CHECK ((paid IS NOT NULL) OR (refunded = 0 AND state NOT IN ('TRADE_SUCCESS', 'TRADE_FINISHED')))
);
CREATE INDEX IF NOT EXISTS alipay_trade_paid ON sandbox.alipay_trade (paid) WHERE paid IS NOT NULL;
-- The codes in QR codes and in the addresses of cashier pages; a trade may have several.
CREATE TABLE IF NOT EXISTS sandbox.alipay_code (
    code         text PRIMARY KEY,
    out_trade_no text NOT NULL REFERENCES sandbox.alipay_trade,
    expires      timestamptz NOT NULL DEFAULT now() + interval '2 hours'
);
ALTER TABLE sandbox.alipay_code ADD COLUMN IF NOT EXISTS wap bool NOT NULL DEFAULT false; -- it is that of a phone's page
CREATE TABLE IF NOT EXISTS sandbox.alipay_refund (
    out_trade_no   text NOT NULL REFERENCES sandbox.alipay_trade,
    out_request_no text NOT NULL,
    fen            int8 NOT NULL CHECK (fen > 0),
    reason         text,
    state          text NOT NULL DEFAULT 'REFUND_SUCCESS' CHECK (state = 'REFUND_SUCCESS'),
    at             timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (out_trade_no, out_request_no)
);
CREATE INDEX IF NOT EXISTS alipay_refund_at ON sandbox.alipay_refund (at);
-- Addresses of bills, each valid for half a minute.
CREATE TABLE IF NOT EXISTS sandbox.alipay_bill (
    token   text PRIMARY KEY,
    day     date NOT NULL,
    expires timestamptz NOT NULL DEFAULT now() + interval '30 seconds'
);

CREATE OR REPLACE FUNCTION sandbox.alipay_state(t sandbox.alipay_trade) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN t.state = 'WAIT_BUYER_PAY' AND t.expires <= now() THEN 'TRADE_CLOSED' ELSE t.state END
$$;

-- Records an order under a code: 'ok', or the vendor's code for why it is refused.
CREATE OR REPLACE FUNCTION sandbox.alipay_order(number text, what text, fen int8, report text, back text, until timestamptz,
    hash bytea, new_code text, on_phone bool) RETURNS text LANGUAGE plpgsql AS $$
DECLARE t sandbox.alipay_trade;
BEGIN
    INSERT INTO sandbox.alipay_trade (out_trade_no, subject, total, notify_url, return_url, expires, particulars)
    VALUES (number, what, fen, report, back, coalesce(until, now() + interval '2 hours'), hash) ON CONFLICT DO NOTHING;
    SELECT * INTO t FROM sandbox.alipay_trade WHERE out_trade_no = number FOR UPDATE;
    IF t.paid IS NOT NULL THEN
        RETURN 'ACQ.TRADE_HAS_SUCCESS';
    ELSIF sandbox.alipay_state(t) = 'TRADE_CLOSED' THEN
        RETURN 'ACQ.TRADE_HAS_CLOSE';
    ELSIF t.particulars <> hash THEN
        RETURN 'ACQ.CONTEXT_INCONSISTENT';
    END IF;
    INSERT INTO sandbox.alipay_code (code, out_trade_no, wap) VALUES (new_code, number, on_phone);
    RETURN 'ok';
END $$;

-- The payer has opened the cashier: from now on the trade exists, under this number of the vendor.
CREATE OR REPLACE FUNCTION sandbox.alipay_begin(wanted text, number text) RETURNS void LANGUAGE sql AS $$
    UPDATE sandbox.alipay_trade t SET state = 'WAIT_BUYER_PAY', trade_no = number FROM sandbox.alipay_code c
     WHERE c.code = wanted AND c.out_trade_no = t.out_trade_no AND c.expires > now() AND t.expires > now() AND t.state = 'ORDERED'
$$;

-- Schedules a notification of the trade, or two, or a late one when a switch says so.
CREATE OR REPLACE FUNCTION sandbox.alipay_report(t sandbox.alipay_trade, what text, said jsonb, notice text, late interval)
RETURNS void LANGUAGE plpgsql AS $$
DECLARE due timestamptz := now();
BEGIN
    IF t.notify_url IS NULL THEN
        RETURN;
    END IF;
    IF sandbox.switched('alipay.late') THEN
        due := due + late;
    END IF;
    INSERT INTO sandbox.notice (id, vendor, kind, about, url, facts, next)
    VALUES (notice, 'alipay', what, t.out_trade_no, t.notify_url,
            said || jsonb_build_object('wrong_amount', sandbox.switched('alipay.wrong_amount')), due);
    IF sandbox.switched('alipay.duplicate') THEN
        INSERT INTO sandbox.notice (id, vendor, kind, about, url, facts, next)
        VALUES (notice || '2', 'alipay', what, t.out_trade_no, t.notify_url, said, due);
    END IF;
    NOTIFY sandbox;
END $$;

-- The payer pays at the cashier of a code; returns the trade's state afterwards.
CREATE OR REPLACE FUNCTION sandbox.alipay_pay(wanted text, number text, payer text, notice text, late interval)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE t sandbox.alipay_trade;
BEGIN
    PERFORM sandbox.alipay_begin(wanted, number);
    SELECT x.* INTO t FROM sandbox.alipay_code c JOIN sandbox.alipay_trade x USING (out_trade_no)
     WHERE c.code = wanted AND c.expires > now() FOR UPDATE OF x;
    IF NOT FOUND OR sandbox.alipay_state(t) <> 'WAIT_BUYER_PAY' THEN
        RETURN coalesce(sandbox.alipay_state(t), 'TRADE_CLOSED');
    END IF;
    UPDATE sandbox.alipay_trade SET state = 'TRADE_SUCCESS', buyer_id = payer, paid = now()
     WHERE out_trade_no = t.out_trade_no RETURNING * INTO t;
    PERFORM sandbox.alipay_report(t, 'payment', '{}', notice, late);
    RETURN t.state;
END $$;

-- 'ok', or the vendor's code for why it is refused.
CREATE OR REPLACE FUNCTION sandbox.alipay_close(number text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE t sandbox.alipay_trade;
BEGIN
    SELECT * INTO t FROM sandbox.alipay_trade WHERE out_trade_no = number OR trade_no = number FOR UPDATE;
    IF NOT FOUND OR t.state = 'ORDERED' THEN
        RETURN 'ACQ.TRADE_NOT_EXIST';
    ELSIF sandbox.alipay_state(t) <> 'WAIT_BUYER_PAY' THEN
        RETURN 'ACQ.TRADE_STATUS_ERROR';
    END IF;
    UPDATE sandbox.alipay_trade SET state = 'TRADE_CLOSED' WHERE out_trade_no = t.out_trade_no;
    RETURN 'ok';
END $$;

-- Refunds, once for each request number. `said` is 'ok', or the vendor's code for why it is refused; `moved` is false when that
-- number was refunded before.
CREATE OR REPLACE FUNCTION sandbox.alipay_refund(number text, request text, amount int8, why text, notice text, late interval,
    OUT said text, OUT moved bool) LANGUAGE plpgsql AS $$
DECLARE
    t sandbox.alipay_trade;
    before int8;
BEGIN
    moved := false;
    SELECT * INTO t FROM sandbox.alipay_trade WHERE out_trade_no = number OR trade_no = number FOR UPDATE;
    SELECT fen INTO before FROM sandbox.alipay_refund WHERE out_trade_no = t.out_trade_no AND out_request_no = request;
    said := CASE
        WHEN t.out_trade_no IS NULL OR t.state = 'ORDERED' THEN 'ACQ.TRADE_NOT_EXIST'
        WHEN before = amount THEN 'ok'
        WHEN before IS NOT NULL THEN 'ACQ.DISCORDANT_REPEAT_REQUEST'
        WHEN t.state = 'TRADE_FINISHED' THEN 'ACQ.TRADE_HAS_FINISHED'
        WHEN t.paid IS NULL THEN 'ACQ.TRADE_STATUS_ERROR'
        WHEN t.refunded + amount > t.total THEN 'ACQ.REFUND_AMT_NOT_EQUAL_TOTAL'
        WHEN sandbox.switched('alipay.no_balance') THEN 'ACQ.SELLER_BALANCE_NOT_ENOUGH'
    END;
    IF said IS NOT NULL THEN
        RETURN;
    END IF;
    INSERT INTO sandbox.alipay_refund (out_trade_no, out_request_no, fen, reason) VALUES (t.out_trade_no, request, amount, why);
    UPDATE sandbox.alipay_trade SET refunded = refunded + amount,
           state = CASE WHEN refunded + amount = total THEN 'TRADE_CLOSED' ELSE state END
     WHERE out_trade_no = t.out_trade_no RETURNING * INTO t;
    PERFORM sandbox.alipay_report(t, 'refund', jsonb_build_object('request', request, 'refunded', t.refunded, 'back', amount,
        'state', t.state), notice, late);
    said := 'ok';
    moved := true;
END $$;
