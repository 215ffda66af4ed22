-- An applicant's account: profile, phone, units, orders handed over.

CREATE OR REPLACE FUNCTION hall.account_face() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('id', id, 'phone', phone_mask) FROM account WHERE id = me() AND my_kind() = 'account');
END $$;

CREATE OR REPLACE FUNCTION hall.my_account() RETURNS TABLE (id uuid, phone_hash bytea, phone_sealed bytea, phone_mask text, password text,
                                                 profile bytea, created_at text, blocked bool)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT a.id, a.phone_hash, a.phone_sealed, a.phone_mask, a.password, a.profile, iso(a.created_at),
           (SELECT b.blocked FROM password_of(a.phone_hash, (caller()).address) b)
      FROM account a WHERE a.id = me() AND my_kind() = 'account';
END $$;

CREATE OR REPLACE FUNCTION hall.profile_put(sealed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE account SET profile = sealed WHERE id = me() AND my_kind() = 'account';
END $$;

-- A new phone number: with a code on the old phone and one on the new; no code is used up by a mistake in the other. The old
-- number is told, all other sessions end. Answers which code (old, new) and its word; both right and the number somebody
-- else's: taken.
CREATE OR REPLACE FUNCTION hall.phone_change(old_code bytea, new_phone bytea, new_code bytea, new_sealed bytea, mask text, token bytea,
                                  message_id uuid, sealed bytea) RETURNS TABLE (which text, word text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    a account;
    new_word text;
BEGIN
    SELECT * INTO a FROM account WHERE id = me() AND my_kind() = 'account';
    PERFORM pg_advisory_xact_lock(hashtextextended(encode(new_phone, 'hex'), 0));
    which := 'old';
    word := sms_code_use(a.phone_hash, 'phone', old_code);
    new_word := sms_code_use(new_phone, 'new_phone', new_code);
    IF word <> 'ok' OR new_word <> 'ok' THEN
        PERFORM sms_code_unuse(a.phone_hash, 'phone') WHERE word = 'ok';
        PERFORM sms_code_unuse(new_phone, 'new_phone') WHERE new_word = 'ok';
        IF word = 'ok' THEN
            which := 'new';
            word := new_word;
        END IF;
    ELSIF EXISTS (SELECT FROM account WHERE phone_hash = new_phone) THEN
        which := 'new';
        word := 'taken';
    ELSE
        UPDATE account SET phone_hash = new_phone, phone_sealed = new_sealed, phone_mask = mask WHERE id = a.id;
        DELETE FROM session WHERE account = a.id AND token_hash <> token;
        PERFORM account_tell(message_id, 'phone_changed', sealed, jsonb_build_object('mask', mask));
    END IF;
    RETURN NEXT;
END $$;

-- Of an institution's order, not of a person's own.
CREATE OR REPLACE FUNCTION hall.may_hand_over(o hall.orders) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN o.unit_hash IS NOT NULL AND o.state NOT IN ('draft', 'cancelled') AND person_of(o) <> 'natural';
END $$;

-- The units of one's own orders with their certificates (of a pair the one to sign with), latest first. `order` of a unit
-- stands for it in a hand-over; NULL for a natural person.
CREATE OR REPLACE FUNCTION hall.my_units() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (WITH own AS (
        SELECT o, p.slug, p.name, coalesce(encode(o.unit_hash, 'hex'), o.subject) AS unit FROM orders o JOIN project p ON p.id = o.project
         WHERE o.account = me() AND my_kind() = 'account' AND o.state NOT IN ('draft', 'cancelled') AND o.subject <> ''),
    shown AS (
        SELECT w.unit, max(c.issued_at) AS latest, jsonb_agg(jsonb_build_object('serial', c.serial, 'item', c.item,
                   'renewal', renewal(c), 'seals', (SELECT count(*) FROM seal s WHERE s.order_id = (w.o).id AND s.certificate = c.id
                                                       AND s.seal IS NOT NULL AND s.withdrawn_at IS NULL),
                   'order', jsonb_build_object('id', (w.o).id, 'number', (w.o).number, 'slug', w.slug, 'project_name', w.name))
                   || certificate_face(c) ORDER BY c.issued_at DESC, c.item) AS list
          FROM own w JOIN certificate c ON c.order_id = (w.o).id AND c.state <> 'issuing' AND c.key_use = 'signature' GROUP BY w.unit)
    SELECT jsonb_build_object('units', coalesce(jsonb_agg(jsonb_build_object('name', u.subject, 'orders', u.n,
               'order', u.latest_order, 'certificates', coalesce(s.list, '[]')) ORDER BY s.latest DESC NULLS LAST, u.subject), '[]'))::text
      FROM (SELECT unit, count(*) AS n, (array_agg((o).subject ORDER BY (o).created_at DESC))[1] AS subject,
                   (array_agg((o).id ORDER BY (o).created_at DESC) FILTER (WHERE may_hand_over(o)))[1] AS latest_order
              FROM own GROUP BY unit) u LEFT JOIN shown s USING (unit));
END $$;

-- Offers the unit of an order (`whole`), or that order alone, to the handler with another phone. Answers the word on the code.
CREATE OR REPLACE FUNCTION hall.hand_over_ask(new_id uuid, wanted uuid, whole bool, phone bytea, mask text, code bytea,
                                   message_id uuid, sealed bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    own bytea := (SELECT phone_hash FROM account WHERE id = me() AND my_kind() = 'account');
    word text;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted AND account = me() FOR NO KEY UPDATE; -- from whatever project's page
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这个业务单。');
    ELSIF NOT may_hand_over(o) THEN
        PERFORM refuse(409, '只有单位的业务单可以移交，草稿和已取消的业务单不必移交。');
    ELSIF phone = own THEN
        PERFORM refuse(422, '这是您自己的手机号。', '/phone');
    END IF;
    UPDATE hand_over SET state = 'withdrawn', ended_at = now()
     WHERE account = o.account AND unit_hash = o.unit_hash AND state = 'asked' AND expires_at <= now();
    IF EXISTS (SELECT FROM hand_over WHERE account = o.account AND unit_hash = o.unit_hash AND state = 'asked') THEN
        PERFORM refuse(409, '这个单位已有等待对方接收的移交，请先撤回。');
    END IF;
    word := sms_code_use(own, 'hand_over', code);
    IF word = 'ok' THEN
        INSERT INTO hand_over (id, account, taker, taker_mask, order_id, unit_hash, subject)
        VALUES (new_id, o.account, phone, mask, CASE WHEN NOT whole THEN o.id END, o.unit_hash, o.subject);
        PERFORM note('account', me(), jsonb_build_object('hand_over', new_id, 'order', CASE WHEN NOT whole THEN o.id END));
        PERFORM account_tell(message_id, 'hand_over', sealed, jsonb_build_object('unit', o.subject,
            'giver', (SELECT phone_mask FROM account WHERE id = me())));
    END IF;
    RETURN word;
END $$;

-- Accepts, with a code on the phone that was named. Answers the word on the code.
CREATE OR REPLACE FUNCTION hall.hand_over_accept(wanted uuid, code bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    own bytea := (SELECT phone_hash FROM account WHERE id = me() AND my_kind() = 'account');
    h hand_over;
    word text;
    taken uuid[];
BEGIN
    SELECT * INTO h FROM hand_over WHERE id = wanted AND taker = own FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这项移交。');
    ELSIF h.state <> 'asked' OR h.expires_at <= now() THEN
        PERFORM refuse(409, '这项移交已经结束，如有需要请对方重新发起。');
    END IF;
    word := sms_code_use(own, 'take_over', code);
    IF word <> 'ok' THEN
        RETURN word;
    END IF;
    WITH moved AS (
        UPDATE orders o SET account = me(), updated_at = now()
         WHERE o.account = h.account AND o.unit_hash = h.unit_hash AND (h.order_id IS NULL OR o.id = h.order_id)
           AND may_hand_over(o) RETURNING o.id)
    SELECT array_agg(id) INTO taken FROM moved;
    INSERT INTO order_history (order_id, event, text) SELECT t, 'hand_over', '业务单已移交给新的经办账号' FROM unnest(taken) t;
    UPDATE hand_over SET state = 'accepted', moved = coalesce(cardinality(taken), 0), ended_at = now() WHERE id = h.id;
    PERFORM tell(taken[1], 'handed_over', 'handler', h.id::text, jsonb_build_object('unit', h.subject, 'mask', h.taker_mask,
                 'count', cardinality(taken)::text)) WHERE taken IS NOT NULL; -- who stands in the form, so far the giver
    PERFORM note('account', me(), jsonb_build_object('taken_over', h.id, 'orders', coalesce(cardinality(taken), 0)));
    RETURN word;
END $$;

-- The other one says no, or the giver takes it back.
CREATE OR REPLACE FUNCTION hall.hand_over_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE hand_over h SET state = CASE WHEN h.account = me() THEN 'withdrawn' ELSE 'refused' END, ended_at = now()
     WHERE h.id = wanted AND h.state = 'asked' AND my_kind() = 'account'
       AND (h.account = me() OR h.taker = (SELECT phone_hash FROM account WHERE id = me()));
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这项移交，或者已经结束。');
    END IF;
    PERFORM note('account', me(), jsonb_build_object('hand_over_ended', wanted));
END $$;

-- Offers to me and by me, of the last month.
CREATE OR REPLACE FUNCTION hall.my_hand_overs() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('items', coalesce(jsonb_agg(jsonb_build_object('id', h.id, 'mine', h.account = me(),
               'state', CASE WHEN h.state = 'asked' AND h.expires_at <= now() THEN 'expired' ELSE h.state END,
               'phone', CASE WHEN h.account = me() THEN h.taker_mask ELSE g.phone_mask END, 'unit', h.subject,
               'order', (SELECT number FROM orders WHERE id = h.order_id), 'moved', h.moved,
               'created_at', iso(h.created_at), 'expires_at', iso(h.expires_at)) ORDER BY h.created_at DESC), '[]'))::text
      FROM hand_over h JOIN account g ON g.id = h.account
     WHERE my_kind() = 'account' AND h.created_at > now() - interval '31 days'
       AND (h.account = me() OR (h.taker = (SELECT phone_hash FROM account WHERE id = me())
                                 AND (h.state = 'accepted' OR (h.state = 'asked' AND h.expires_at > now())))));
END $$;
