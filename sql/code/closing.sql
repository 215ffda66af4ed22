-- An account that its owner closes (注销账号).

-- What has to be finished or cancelled first: orders that go on, and refunds that are under way.
CREATE OR REPLACE FUNCTION hall.closing_waits(who uuid) RETURNS SETOF hall.orders
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.* FROM orders o
      WHERE o.account = who AND (o.state NOT IN (SELECT s.state FROM order_state s WHERE s.void OR s.state = 'done')
                                 OR coalesce(o.refund, '') IN ('asked', 'sending'))
      ORDER BY o.created_at DESC;
END $$;

CREATE OR REPLACE FUNCTION hall.my_closing() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE mine uuid := CASE WHEN my_kind() = 'account' THEN me() END;
BEGIN
    RETURN (SELECT jsonb_build_object(
        'waits', (SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'number', o.number, 'slug', p.slug, 'project_name', p.name,
                      'label', l.label)), '[]') FROM closing_waits(mine) o JOIN project p ON p.id = o.project CROSS JOIN order_label(o) l),
        'certificates', (SELECT count(*) FROM orders o JOIN certificate c ON c.order_id = o.id
                          WHERE o.account = mine AND c.state IN ('valid', 'hold') AND c.not_after > now())))::text;
END $$;

-- Closes the caller's account under a code, and returns the word on it. What the law has us keep stays: orders with certificates or
-- money, until their time is over (hall.retention). Everything else goes at once, and the number can register anew.
CREATE OR REPLACE FUNCTION hall.account_close(code bytea, message_id uuid, encrypted bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    a account;
    word text;
    n int;
BEGIN
    SELECT * INTO a FROM account WHERE id = me() AND my_kind() = 'account' FOR UPDATE;
    SELECT count(*) INTO n FROM closing_waits(a.id);
    IF n > 0 THEN
        PERFORM refuse(409, format('还有 %s 份业务单没有办结，请先办结、取消，或移交给单位的其他经办人。', n));
    END IF;
    word := sms_code_use(a.phone_hash, 'close', code);
    IF word <> 'ok' THEN
        RETURN word;
    END IF;
    PERFORM rebinding_stop(a.id);
    UPDATE hand_over SET state = 'withdrawn', ended_at = now() WHERE account = a.id AND state = 'asked';
    UPDATE hand_over SET state = 'refused', ended_at = now() WHERE taker = a.phone_hash AND state = 'asked';
    PERFORM share_ends(o.id) FROM orders o WHERE o.account = a.id;
    PERFORM erase_order(o.id, 'account') FROM orders o WHERE o.account = a.id AND o.state = 'cancelled' AND o.erased_at IS NULL;
    DELETE FROM session WHERE account = a.id;
    DELETE FROM calendar_link WHERE account = a.id;
    DELETE FROM message_off WHERE account = a.id;
    PERFORM account_tell(message_id, 'account_closed', encrypted);
    UPDATE account SET phone_hash = sha256(uuid_send(gen_random_uuid())), phone_encrypted = '', phone_mask = '已注销', password = NULL,
           profile = NULL, closed_at = now() WHERE id = a.id;
    PERFORM audit_forget(a.id);
    RETURN word;
END $$;
