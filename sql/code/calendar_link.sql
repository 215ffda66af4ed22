-- The dates of an account's certificates, for a calendar program that reads them at a secret address.

CREATE OR REPLACE FUNCTION hall.my_calendar_link() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('made_at', (SELECT iso(l.made_at) FROM calendar_link l WHERE l.account = me() AND my_kind() = 'account')))::text;
END $$;

-- A new address makes the old one void.
CREATE OR REPLACE FUNCTION hall.calendar_link_make(token bytea) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO calendar_link (account, token_hash) VALUES (me(), token)
    ON CONFLICT (account) DO UPDATE SET token_hash = EXCLUDED.token_hash, made_at = now();
    PERFORM note('account', me(), '{"calendar": "made"}');
    RETURN now();
END $$;

CREATE OR REPLACE FUNCTION hall.calendar_link_end() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    DELETE FROM calendar_link WHERE account = me() AND my_kind() = 'account';
    IF FOUND THEN
        PERFORM note('account', me(), '{"calendar": "ended"}');
    END IF;
END $$;

-- The certificates of the account whose address this is, that nothing has followed yet, until a month after their end; the one that ends
-- first comes first. Nothing personal: the unit's or person's name is masked, and only the end of the serial number is told. `opens` is the
-- day from which it can be renewed.
CREATE OR REPLACE FUNCTION hall.calendar_link_read(token bytea)
RETURNS TABLE (id uuid, name text, serial text, type text, stamp text, ends text, opens text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE whose uuid := (SELECT l.account FROM calendar_link l WHERE l.token_hash = token);
BEGIN
    IF whose IS NULL THEN
        PERFORM refuse(404, '日历地址已失效，请登录网上营业厅重新生成。');
    END IF;
    RETURN QUERY SELECT c.id, mask_unit(o.subject), right(c.serial, 4), coalesce(t.name, '数字证书'), to_char(c.issued_at AT TIME ZONE 'UTC', 'YYYYMMDD"T"HH24MISS"Z"'),
           to_char(c.not_after AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD'),
           CASE WHEN EXISTS (SELECT FROM business b WHERE p.open AND b.extends AND b.code = ANY (p.business))
                THEN to_char((c.not_after - make_interval(days => p.renew_days)) AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD') END
      FROM orders o JOIN project p ON p.id = o.project JOIN certificate c ON c.order_id = o.id
      LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type
     WHERE o.account = whose AND c.state IN ('valid', 'hold') AND c.key_use = 'signature' AND c.not_after > now() - interval '30 days'
       AND NOT EXISTS (SELECT FROM certificate n WHERE n.replaces = c.id AND n.order_id <> c.order_id AND n.state <> 'issuing')
     ORDER BY c.not_after, c.id LIMIT 1000;
END $$;
