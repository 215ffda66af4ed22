-- An applicant's account: profile, phone number, units, and orders that are handed over.

-- The account of the caller.
CREATE OR REPLACE VIEW hall.own_account WITH (security_barrier) AS
SELECT a.id, a.phone_hash, a.phone_encrypted, a.phone_mask, a.password IS NOT NULL AS has_password, a.profile, a.created_at
  FROM hall.account a WHERE a.id = (SELECT c.who FROM hall.caller() c WHERE c.kind = 'account');

CREATE OR REPLACE FUNCTION hall.profile_put(encrypted bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE account SET profile = encrypted WHERE id = me() AND my_kind() = 'account';
END $$;

-- Changes the account's phone number, with a code sent to the old phone and one sent to the new. A wrong code does not use up the
-- other one. The old number is informed, and all other sessions end. Returns which code the answer is about (old, new) and its word;
-- when both are right but the number belongs to another account, the word is: taken.
CREATE OR REPLACE FUNCTION hall.phone_change(old_code bytea, new_phone bytea, new_code bytea, new_encrypted bytea, mask text, token bytea,
                                  message_id uuid, encrypted bytea) RETURNS TABLE (which text, word text)
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
    ELSIF phone_taken(new_phone) THEN
        which := 'new';
        word := 'taken';
    ELSE
        UPDATE account SET phone_hash = new_phone, phone_encrypted = new_encrypted, phone_mask = mask WHERE id = a.id;
        DELETE FROM session WHERE account = a.id AND token_hash <> token;
        PERFORM rebinding_stop(a.id);
        PERFORM account_tell(message_id, 'phone_changed', encrypted, jsonb_build_object('mask', mask));
    END IF;
    RETURN NEXT;
END $$;

-- For orders of institutions, not for those of natural persons.
CREATE OR REPLACE FUNCTION hall.may_hand_over(o hall.orders) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN o.unit_hash IS NOT NULL AND o.state NOT IN ('draft', 'cancelled') AND person_of(o) <> 'natural';
END $$;

-- The caller's orders that belong to a unit or a person, from every project.
CREATE OR REPLACE VIEW hall.own_unit_order WITH (security_barrier) AS
SELECT coalesce(encode(o.unit_hash, 'hex'), o.subject) AS unit, o.id, o.number, o.project, o.cert_type, o.subject, o.created_at,
       coalesce(o.published, false) AS published
  FROM hall.orders o
 WHERE o.account = (SELECT c.who FROM hall.caller() c WHERE c.kind = 'account') AND o.state NOT IN ('draft', 'cancelled') AND o.subject <> '';

-- Their certificates; of a pair only the one to sign with. One that has a successor is neither renewed nor changed. `renewal_kind` NULL: its project
-- offers no renewal, and a new one has to be applied for. `changeable`: the kind of business by which its data can be changed.
CREATE OR REPLACE VIEW hall.own_certificate WITH (security_barrier) AS
SELECT w.unit, c.issued_at, c.serial, c.item, c.key_use, c.algorithm, c.not_before, c.not_after, c.revoked_at, c.state, t.name AS type,
       CASE WHEN g.goes_on THEN c.not_after - make_interval(days => p.renew_days) END AS renewal_from,
       (SELECT b.code FROM hall.business b WHERE p.open AND b.extends AND b.code = ANY (p.business) ORDER BY b.pos LIMIT 1) AS renewal_kind,
       c.not_after - make_interval(days => p.renew_days) <= now() AS renewal_open,
       (SELECT b.code FROM hall.business b WHERE g.goes_on AND p.open AND b.alters AND b.code = ANY (p.business) ORDER BY b.pos LIMIT 1) AS changeable,
       ceil(extract(epoch FROM c.not_after - now()) / 86400) AS days_left,
       (SELECT count(*) FROM hall.seal s WHERE s.order_id = w.id AND s.certificate = c.id AND s.seal IS NOT NULL AND s.withdrawn_at IS NULL) AS seals,
       w.id AS order_id, w.number, p.slug, p.name AS project_name, w.published
  FROM hall.own_unit_order w JOIN hall.certificate c ON c.order_id = w.id AND c.state <> 'issuing' AND c.key_use = 'signature'
  JOIN hall.project p ON p.id = w.project LEFT JOIN hall.project_type t ON t.project = w.project AND t.cert_type = w.cert_type
  CROSS JOIN LATERAL (SELECT c.state = 'valid' AND c.not_after > now() AND NOT EXISTS (SELECT FROM hall.certificate n
        WHERE n.replaces = c.id AND n.order_id <> c.order_id AND n.state <> 'issuing') AS goes_on) g;

-- Their units, the one with the latest certificate first. `given` identifies the unit in a hand-over; NULL for a natural person.
CREATE OR REPLACE FUNCTION hall.my_units() RETURNS TABLE (unit text, name text, orders bigint, given uuid)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT u.* FROM (
        SELECT w.unit, (array_agg(w.subject ORDER BY w.created_at DESC))[1] AS subject, count(*) AS n,
               (array_agg(w.id ORDER BY w.created_at DESC) FILTER (WHERE may_hand_over(o)))[1] AS latest_order
          FROM own_unit_order w JOIN orders o ON o.id = w.id GROUP BY w.unit) u
      LEFT JOIN (SELECT c.unit, max(c.issued_at) AS latest FROM own_certificate c GROUP BY c.unit) l ON l.unit = u.unit
     ORDER BY l.latest DESC NULLS LAST, u.subject;
END $$;

-- Offers all orders of an order's unit (`whole`), or only that order, to the agent with another phone number. Returns the word on the
-- code.
CREATE OR REPLACE FUNCTION hall.hand_over_ask(new_id uuid, wanted uuid, whole bool, phone bytea, mask text, code bytea,
                                   message_id uuid, encrypted bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    own bytea := (SELECT phone_hash FROM account WHERE id = me() AND my_kind() = 'account');
    word text;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted AND account = me() FOR NO KEY UPDATE; -- an order of any project
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
        PERFORM account_tell(message_id, 'hand_over', encrypted, jsonb_build_object('unit', o.subject,
            'giver', (SELECT phone_mask FROM account WHERE id = me())));
    END IF;
    RETURN word;
END $$;

-- Accepts a hand-over, with a code sent to the phone that was named. Returns the word on the code, and the newest of the orders that the
-- caller has now, each with what happens next.
CREATE OR REPLACE FUNCTION hall.hand_over_accept(wanted uuid, code bytea, OUT word text, OUT "out" text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    own bytea := (SELECT phone_hash FROM account WHERE id = me() AND my_kind() = 'account');
    h hand_over;
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
        RETURN;
    END IF;
    WITH moved AS (
        UPDATE orders o SET account = me(), updated_at = now()
         WHERE o.account = h.account AND o.unit_hash = h.unit_hash AND (h.order_id IS NULL OR o.id = h.order_id)
           AND may_hand_over(o) RETURNING o.id)
    SELECT array_agg(id) INTO taken FROM moved;
    PERFORM share_ends(t) FROM unnest(taken) t;
    INSERT INTO order_history (order_id, event, text) SELECT t, 'hand_over', '业务单已移交给新的经办账号' FROM unnest(taken) t;
    UPDATE hand_over SET state = 'accepted', moved = coalesce(cardinality(taken), 0), ended_at = now() WHERE id = h.id;
    PERFORM tell(taken[1], 'handed_over', 'agent', h.id::text, jsonb_build_object('unit', h.subject, 'mask', h.taker_mask,
                 'count', cardinality(taken)::text)) WHERE taken IS NOT NULL; -- the form still names the previous agent
    PERFORM note('account', me(), jsonb_build_object('taken_over', h.id, 'orders', coalesce(cardinality(taken), 0)));
    "out" := jsonb_build_object('unit', h.subject, 'moved', coalesce(cardinality(taken), 0), 'orders',
        (SELECT coalesce(jsonb_agg(jsonb_build_object('id', o.id, 'slug', p.slug, 'number', o.number, 'label', s.label, 'ahead',
                    order_ahead(o, (order_may(o)).step_text, promise(o))) ORDER BY o.number DESC), '[]')
           FROM orders o JOIN project p ON p.id = o.project JOIN order_standing s ON s.code = o.standing
          WHERE o.id IN (SELECT x.id FROM orders x WHERE x.id = ANY (taken) ORDER BY x.number DESC LIMIT 10)));
END $$;

-- Ends an offer: the receiver declines it, or the giver withdraws it.
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

-- Offers to the caller and by the caller during the last month.
CREATE OR REPLACE VIEW hall.own_hand_over WITH (security_barrier) AS
SELECT h.id, h.account = a.id AS mine, CASE WHEN h.state = 'asked' AND h.expires_at <= now() THEN 'expired' ELSE h.state END AS state,
       CASE WHEN h.account = a.id THEN h.taker_mask ELSE g.phone_mask END AS phone, h.subject AS unit, o.number AS "order", h.moved,
       h.created_at, h.expires_at
  FROM hall.hand_over h JOIN hall.account a ON a.id = (SELECT c.who FROM hall.caller() c WHERE c.kind = 'account')
  JOIN hall.account g ON g.id = h.account LEFT JOIN hall.orders o ON o.id = h.order_id
 WHERE h.created_at > now() - interval '31 days'
   AND (h.account = a.id OR (h.taker = a.phone_hash AND (h.state = 'accepted' OR (h.state = 'asked' AND h.expires_at > now()))));
