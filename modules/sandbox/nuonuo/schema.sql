-- SPDX-License-Identifier: Apache-2.0
-- Nuonuo: electronic invoices.

CREATE TABLE IF NOT EXISTS sandbox.nuonuo_token (
    token   text PRIMARY KEY,
    at      timestamptz NOT NULL DEFAULT now(),
    expires timestamptz NOT NULL DEFAULT now() + interval '24 hours' -- not scaled, since the hall counts these hours, too
);
CREATE TABLE IF NOT EXISTS sandbox.nuonuo_senid (
    senid text PRIMARY KEY,
    at    timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX IF NOT EXISTS nuonuo_senid_at ON sandbox.nuonuo_senid (at);

CREATE TABLE IF NOT EXISTS sandbox.nuonuo_invoice (
    serial   text PRIMARY KEY,
    order_no text NOT NULL UNIQUE,
    kind     text NOT NULL CHECK (kind IN ('pc', 'bs')),
    buyer    text NOT NULL,
    tax_no   text NOT NULL,
    goods    text NOT NULL,
    total    int8 NOT NULL CHECK (total <> 0),  -- fen, tax included; negative: a red letter
    tax      int8 NOT NULL,
    number   text NOT NULL UNIQUE,              -- shown once it is issued
    file     text NOT NULL UNIQUE,              -- part of the addresses of its files
    red_of   text UNIQUE REFERENCES sandbox.nuonuo_invoice, -- the invoice that this red letter cancels
    callback text NOT NULL,                     -- '' when there is none
    fails    text,                              -- the reason, if this attempt will fail
    tries    int NOT NULL DEFAULT 0,            -- repetitions
    taken    timestamptz NOT NULL DEFAULT now(),
    begun    timestamptz NOT NULL DEFAULT now(), -- when the current attempt began
    step     interval NOT NULL
);

-- 20 issuing, 21 being signed, 2 done, 22 failed; each step takes some time.
CREATE OR REPLACE FUNCTION sandbox.nuonuo_status(i sandbox.nuonuo_invoice) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN now() < i.begun + i.step THEN '20' WHEN i.fails IS NOT NULL THEN '22'
                WHEN now() < i.begun + 2 * i.step THEN '21' ELSE '2' END
$$;

-- Schedules the callback of an attempt for the time when it ends.
CREATE OR REPLACE FUNCTION sandbox.nuonuo_announce(i sandbox.nuonuo_invoice, base text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF i.callback <> '' THEN
        INSERT INTO sandbox.notice (id, vendor, kind, about, url, facts, next)
        VALUES ('nuonuo-' || i.serial || '-' || i.tries, 'nuonuo', 'callback', i.serial, i.callback,
                jsonb_build_object('base', base), i.begun + 2 * i.step);
        NOTIFY sandbox;
    END IF;
END $$;

-- Records a request: false when the number was used before.
CREATE OR REPLACE FUNCTION sandbox.nuonuo_take(serial_ text, order_no_ text, kind_ text, buyer_ text, tax_no_ text,
    goods_ text, total_ int8, tax_ int8, number_ text, file_ text, red_of_ text, callback_ text, fails_ text,
    step_ interval, base text)
RETURNS bool LANGUAGE plpgsql AS $$
DECLARE i sandbox.nuonuo_invoice;
BEGIN
    INSERT INTO sandbox.nuonuo_invoice (serial, order_no, kind, buyer, tax_no, goods, total, tax, number, file, red_of,
        callback, fails, step)
    VALUES (serial_, order_no_, kind_, buyer_, tax_no_, goods_, total_, tax_, number_, file_, red_of_, callback_, fails_,
        step_)
    ON CONFLICT DO NOTHING RETURNING * INTO i;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    PERFORM sandbox.nuonuo_announce(i, base);
    RETURN true;
END $$;

-- Has a failed invoice issued again; returns its previous status, or null when there is no such invoice.
CREATE OR REPLACE FUNCTION sandbox.nuonuo_again(serial_ text, order_no_ text, fails_ text, base text)
RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    i sandbox.nuonuo_invoice;
    was text;
BEGIN
    SELECT * INTO i FROM sandbox.nuonuo_invoice
     WHERE CASE WHEN serial_ <> '' THEN serial = serial_ ELSE order_no = order_no_ END FOR UPDATE;
    was := sandbox.nuonuo_status(i);
    IF i.tries >= 20 THEN
        RETURN 'limit';
    END IF;
    IF was = '22' THEN
        UPDATE sandbox.nuonuo_invoice SET begun = now(), tries = tries + 1, fails = fails_ WHERE serial = i.serial
            RETURNING * INTO i;
        PERFORM sandbox.nuonuo_announce(i, base);
    END IF;
    RETURN CASE WHEN i.serial IS NOT NULL THEN was END;
END $$;
