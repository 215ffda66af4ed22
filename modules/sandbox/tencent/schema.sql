-- SPDX-License-Identifier: Apache-2.0
-- Tencent Cloud.
-- Texts the vendor has approved; as long as there is none, every template id is taken.
CREATE TABLE IF NOT EXISTS sandbox.sms_template (
    id   text PRIMARY KEY,
    body text NOT NULL                          -- {1}, {2} … are replaced by the parameters
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

-- The text of a message: its template with the parameters, or only the parameters when the template is unknown.
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

-- The address of delivery reports, if the customer has registered another one than the hall's.
CREATE TABLE IF NOT EXISTS sandbox.sms_callback (
    one bool PRIMARY KEY DEFAULT true CHECK (one),
    url text NOT NULL
);

CREATE TABLE IF NOT EXISTS sandbox.face (
    biz_token    text PRIMARY KEY,
    page         text NOT NULL UNIQUE,          -- the token in the page's address
    name         text NOT NULL,
    id_no        text NOT NULL,
    redirect_url text NOT NULL,
    extra        text NOT NULL,
    at           timestamptz NOT NULL DEFAULT now(),
    expires      timestamptz NOT NULL DEFAULT now() + interval '7200 seconds',
    code         int,                           -- null: not finished
    message      text
);
