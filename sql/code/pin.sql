-- PINs: made and opened by the signer, and delivered once.

-- Asks the signer to make the order's next PIN.
CREATE OR REPLACE FUNCTION hall.want_pin(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE g int;
BEGIN
    PERFORM pin_void(wanted);
    SELECT coalesce(max(generation), 0) + 1 INTO g FROM pin WHERE order_id = wanted;
    INSERT INTO pin (order_id, generation, kind)
    SELECT wanted, g, coalesce(t.key_origin, 'file')
      FROM orders o LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type WHERE o.id = wanted;
    INSERT INTO puk (order_id, generation, item)
    SELECT wanted, g, p.item FROM orders o CROSS JOIN productions(o) p WHERE o.id = wanted AND p.medium = 'ukey';
    PERFORM enqueue('pin', 'pin/' || wanted || '/' || g, wanted);
END $$;

-- Guards the table hall.pin. A PIN that is void or destroyed keeps neither cipher text nor key, and the key files that it opens are
-- deleted, too, with the enveloped keys for its token.
CREATE OR REPLACE FUNCTION hall.pin_moves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pin_transition WHERE from_state = OLD.state AND to_state = NEW.state) THEN
        PERFORM refuse(409, format('a PIN does not go from %s to %s', OLD.state, NEW.state));
    ELSIF NEW.state IN ('void', 'destroyed') THEN
        NEW.encrypted := NULL;
        NEW.key := NULL;
        NEW.kek := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER pin_moves BEFORE UPDATE OF state ON hall.pin FOR EACH ROW WHEN (NEW.state <> OLD.state)
    EXECUTE FUNCTION hall.pin_moves();

CREATE OR REPLACE FUNCTION hall.pin_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM note('order', NEW.order_id, jsonb_build_object('pin', NEW.generation, 'state', NEW.state));
    IF NEW.state = 'void' THEN
        UPDATE certificate SET key_file = NULL, enveloped_key = NULL
         WHERE order_id = NEW.order_id AND (key_file IS NOT NULL OR enveloped_key IS NOT NULL);
        UPDATE puk SET state = 'void' WHERE order_id = NEW.order_id AND generation = NEW.generation AND state IN ('wanted', 'made');
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER pin_moved AFTER UPDATE OF state ON hall.pin FOR EACH ROW WHEN (NEW.state <> OLD.state)
    EXECUTE FUNCTION hall.pin_moved();

-- The current PIN of an order, locked after the order; a row of NULLs when there is none.
CREATE OR REPLACE FUNCTION hall.pin_locked(wanted uuid) RETURNS hall.pin
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p pin;
BEGIN
    PERFORM FROM orders WHERE id = wanted FOR NO KEY UPDATE; -- always first, to avoid deadlocks
    SELECT * INTO p FROM pin WHERE order_id = wanted AND state IN ('wanted', 'made', 'opened', 'confirmed') FOR NO KEY UPDATE;
    RETURN p;
END $$;

-- The ledger's row for an opening of a PIN or of PUKs.
CREATE OR REPLACE FUNCTION hall.pin_opened(of_order uuid, which int, why text, to_whom text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO pin_ledger (order_id, generation, purpose, actor, recipient, attempt)
    SELECT of_order, which, why, actor(caller()), to_whom, count(*) + 1 FROM pin_ledger l
     WHERE l.order_id = of_order AND l.generation = which AND l.purpose = why;
END $$;

-- Returns the encrypted PIN for a purpose; the caller sees the answer only after the ledger row is committed. No row: the PIN is not
-- made yet.
CREATE OR REPLACE FUNCTION hall.pin_open(wanted uuid, which int, why text, to_whom text)
RETURNS TABLE (generation int, kek int, key bytea, encrypted bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p pin := pin_locked(wanted);
BEGIN
    IF p.encrypted IS NULL OR p.generation <> coalesce(which, p.generation) THEN
        RETURN;
    ELSIF why = ANY (p.fulfilled) THEN
        PERFORM refuse(409, format('this PIN is not opened again for %s', why));
    END IF;
    PERFORM pin_opened(wanted, p.generation, why, to_whom);
    UPDATE pin x SET state = 'opened' WHERE x.order_id = wanted AND x.generation = p.generation AND x.state = 'made';
    RETURN QUERY SELECT p.generation, p.kek, p.key, p.encrypted;
END $$;

-- Records that a purpose is fulfilled. When the medium is made and the PIN delivered, the PIN is confirmed.
CREATE OR REPLACE FUNCTION hall.pin_fulfil(wanted uuid, which int, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p pin := pin_locked(wanted);
    done text[] := p.fulfilled || why;
BEGIN
    IF p.encrypted IS NULL OR p.generation <> coalesce(which, p.generation) OR why = ANY (p.fulfilled) THEN
        RETURN;
    END IF;
    UPDATE pin SET fulfilled = done, state = CASE WHEN state = 'made' THEN 'opened' ELSE state END
     WHERE order_id = wanted AND generation = p.generation;
    UPDATE pin SET state = 'confirmed' WHERE order_id = wanted AND generation = p.generation AND state = 'opened'
       AND 'production' = ANY (done) AND done && '{remark,sms}';
END $$;

-- Records that a delivery has failed after all.
CREATE OR REPLACE FUNCTION hall.pin_unfulfil(wanted uuid, which int, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p pin := pin_locked(wanted);
BEGIN
    UPDATE pin SET fulfilled = array_remove(fulfilled, why), state = 'opened'
     WHERE order_id = wanted AND generation = p.generation AND generation = which AND encrypted IS NOT NULL
       AND why = ANY (fulfilled);
END $$;

CREATE OR REPLACE FUNCTION hall.pin_void(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p pin := pin_locked(wanted);
BEGIN
    UPDATE pin SET state = 'void' WHERE order_id = wanted AND generation = p.generation;
END $$;

-- The consequences of changes of an order, of a payout, or of a message. A key file is made together with the certificate; a token
-- stays in the producer's hands until it is shipped.
CREATE OR REPLACE FUNCTION hall.pin_of_made(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF (pin_locked(o.id)).kind = 'file' OR o.state <> 'produced' THEN
        PERFORM pin_fulfil(o.id, NULL, 'production');
    END IF;
END $$;

-- A payment that is returned after the parcel was shipped leaves the PIN as it is, since people hold the medium with it.
CREATE OR REPLACE FUNCTION hall.pin_of_payout() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE left_us bool := (SELECT (state_of(o)).left_us FROM orders o WHERE o.id = NEW.order_id);
BEGIN
    IF NEW.state = 'succeeded' THEN
        PERFORM pin_fulfil(NEW.order_id, NEW.generation, 'remark');
    ELSIF left_us THEN
        PERFORM pin_unfulfil(NEW.order_id, NEW.generation, 'remark');
    ELSIF (pin_locked(NEW.order_id)).generation = NEW.generation THEN
        PERFORM pin_void(NEW.order_id);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER payout_pin AFTER UPDATE OF state ON hall.payout FOR EACH ROW
    WHEN (NEW.state <> OLD.state AND NEW.state IN ('succeeded', 'failed', 'returned') AND NEW.generation IS NOT NULL)
    EXECUTE FUNCTION hall.pin_of_payout();

CREATE OR REPLACE FUNCTION hall.pin_of_message() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM pin_fulfil(NEW.order_id, NULL, 'sms');
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER message_pin AFTER UPDATE OF state ON hall.message FOR EACH ROW
    WHEN (NEW.event = 'pin' AND NEW.state = 'sent' AND OLD.state <> 'sent') EXECUTE FUNCTION hall.pin_of_message();

-- Whether the delivery of the PIN is final: the bank has been queried for the full number of days, or the phone has reported
-- delivery, or has not reported a failure within a week.
CREATE OR REPLACE FUNCTION hall.pin_arrived(p hall.pin) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE WHEN 'remark' = ANY (p.fulfilled) THEN
        EXISTS (SELECT FROM payout y WHERE y.order_id = p.order_id AND y.generation = p.generation AND y.state = 'succeeded'
                   AND y.ended_at < now() - interval '5 days')
    ELSE coalesce((SELECT m.delivery = 'delivered' AND m.delivery_at < now() - interval '1 day'
                          OR m.delivery IS NULL AND m.sent_at < now() - interval '7 days'
                     FROM message m WHERE m.order_id = p.order_id AND m.event = 'pin' AND m.state = 'sent'
                    ORDER BY m.sent_at DESC LIMIT 1), false) END;
END $$;

-- The PINs of orders whose certificates are all revoked or expired are void, whether the medium has left or not: nobody ships or
-- downloads such a one any more.
CREATE OR REPLACE FUNCTION hall.pins_ended() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE ended uuid;
BEGIN
    FOR ended IN SELECT o.id FROM orders o JOIN pin p ON p.order_id = o.id AND p.state IN ('wanted', 'made', 'opened', 'confirmed')
                  WHERE o.state IN (SELECT s.state FROM order_state s WHERE s.made)
                    AND (SELECT bool_and(c.state = 'revoked' OR c.not_after <= now()) FROM certificate c WHERE c.order_id = o.id)
                  ORDER BY o.id LIMIT 500 FOR NO KEY UPDATE OF o SKIP LOCKED LOOP
        PERFORM pin_void(ended);
    END LOOP;
END $$;

-- Destroys the PINs whose medium was shipped or handed over and whose delivery is final, with the key files that they open, in one
-- statement; and the PUKs whose time is over.
CREATE OR REPLACE FUNCTION hall.pins_destroy() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    due uuid[];
    n int;
BEGIN
    PERFORM enter_system('runner', 'pin.destroy');
    due := ARRAY(SELECT o.id FROM orders o JOIN pin p ON p.order_id = o.id AND p.state = 'confirmed'
                  WHERE o.state IN (SELECT s.state FROM order_state s WHERE s.left_us) AND pin_arrived(p) ORDER BY o.id LIMIT 500
                    FOR NO KEY UPDATE OF o SKIP LOCKED);
    WITH gone AS (
        UPDATE pin SET state = 'destroyed', encrypted = NULL, key = NULL, destroyed_at = now()
         WHERE order_id = ANY (due) AND state = 'confirmed' RETURNING order_id),
    files AS (UPDATE certificate SET key_file = NULL WHERE order_id IN (SELECT order_id FROM gone) AND key_file IS NOT NULL)
    SELECT count(*) INTO n FROM gone;
    UPDATE puk SET state = 'destroyed' WHERE id = ANY (ARRAY(SELECT p.id FROM puk p WHERE p.encrypted IS NOT NULL AND p.ends_at <= now()
        ORDER BY p.ends_at LIMIT 500 FOR NO KEY UPDATE SKIP LOCKED));
    UPDATE pin_box SET encrypted = NULL WHERE encrypted IS NOT NULL AND created_at < now() - interval '10 minutes'; -- it was never fetched
    PERFORM pins_ended();
    RETURN n;
END $$;

CREATE OR REPLACE FUNCTION hall.pin_boxes_max() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 5 $$;

CREATE OR REPLACE FUNCTION hall.pin_box_waits(b hall.pin_box) RETURNS bool LANGUAGE sql STABLE AS $$
    SELECT b.encrypted IS NULL AND b.taken_at IS NULL AND b.created_at > now() - interval '10 minutes' $$;

-- Who may open a token's PIN and the PUKs: the producer, or the first producer who asks for them. NULL: the caller may.
CREATE OR REPLACE FUNCTION hall.pin_unopenable(o hall.orders, who uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE
        WHEN NOT EXISTS (SELECT FROM pin p WHERE p.order_id = o.id AND p.kind = 'token' AND p.encrypted IS NOT NULL
                            AND NOT 'production' = ANY (p.fulfilled))
             AND NOT EXISTS (SELECT FROM puk u WHERE u.order_id = o.id AND u.state = 'made') OR NOT (state_of(o)).in_production
        THEN '现在没有可查看的介质 PIN 码和解锁码。'
        WHEN EXISTS (SELECT FROM review r WHERE r.order_id = o.id AND r.staff = who) THEN '审核人不能制作同一业务单的证书。'
        WHEN coalesce(o.producer, (SELECT b.staff FROM pin_box b WHERE b.order_id = o.id LIMIT 1), who) <> who
        THEN '只有本业务单的制证人可以查看介质 PIN 码和解锁码。'
        WHEN (SELECT count(*) FROM pin_box b WHERE b.order_id = o.id) >= pin_boxes_max() THEN '查看次数已用完，请联系管理员。' END;
END $$;

-- The person who has opened it also produces it.
CREATE OR REPLACE FUNCTION hall.pin_taker() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM pin_box WHERE order_id = NEW.id AND staff <> NEW.producer) THEN
        PERFORM refuse(403, '介质 PIN 码已由另一位制证人查看，请由其制证。');
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER orders_pin_taker BEFORE UPDATE OF producer ON hall.orders FOR EACH ROW WHEN (NEW.producer IS NOT NULL)
    EXECUTE FUNCTION hall.pin_taker();

-- The PIN that the order needs, or the one that was made already.
CREATE OR REPLACE FUNCTION hall.signer_pin_wanted(order_id uuid) RETURNS TABLE (generation int, token bool, wanted bool)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT p.generation, p.kind = 'token', p.state = 'wanted' FROM pin p JOIN orders o ON o.id = p.order_id
     WHERE p.order_id = signer_pin_wanted.order_id AND o.state IN ('approved', 'accepted') AND p.state IN ('wanted', 'made', 'opened', 'confirmed');
END $$;

CREATE OR REPLACE FUNCTION hall.signer_pin(wanted uuid, which int, new_kek int, new_key bytea, new_encrypted bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p pin := pin_locked(wanted);
BEGIN
    PERFORM enter_system('signer', 'signer.pin');
    UPDATE pin SET (kek, key, encrypted) = (new_kek, new_key, new_encrypted), state = 'made', made_at = now()
     WHERE order_id = wanted AND generation = which AND state = 'wanted';
    IF NOT FOUND THEN
        PERFORM refuse(409, 'this PIN is not wanted');
    END IF;
    PERFORM want_payout(wanted);
END $$;

-- For production: the PIN of an order whose certificate a producer has requested, or of a token for whose PIN a producer's page
-- waits.
CREATE OR REPLACE FUNCTION hall.signer_pin_open(wanted uuid, why text) RETURNS TABLE (generation int, kek int, key bytea, encrypted bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE who uuid;
BEGIN
    PERFORM enter_system('signer', 'pin.open');
    SELECT b.staff INTO who FROM pin_box b WHERE b.order_id = wanted AND pin_box_waits(b);
    who := coalesce(who, (SELECT o.producer FROM orders o WHERE o.id = wanted AND o.state = 'accepted'));
    IF why <> 'production' OR who IS NULL THEN
        PERFORM refuse(409, 'no PIN is asked for');
    END IF;
    RETURN QUERY SELECT * FROM pin_open(wanted, NULL, why, (SELECT s.name FROM staff s WHERE s.id = who));
END $$;

-- PINs, and PUKs as of generation 0, under an older key than the newest.
CREATE OR REPLACE FUNCTION hall.signer_pins_old(newest int, most int)
RETURNS TABLE (order_id uuid, generation int, kek int, key bytea, encrypted bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY (SELECT p.order_id, p.generation, p.kek, p.key, p.encrypted FROM pin p
     WHERE p.encrypted IS NOT NULL AND (p.kek < newest OR p.key IS NULL) ORDER BY p.kek, p.order_id LIMIT most)
    UNION ALL (SELECT u.id, 0, u.kek, u.key, u.encrypted FROM puk u WHERE u.encrypted IS NOT NULL AND u.kek < newest ORDER BY u.kek LIMIT most)
     LIMIT most;
END $$;

-- Stores the same PIN or PUK under another key; nothing else changes. What was destroyed meanwhile is left alone.
CREATE OR REPLACE FUNCTION hall.signer_pin_rewrapped(wanted uuid, which int, new_kek int, new_key bytea, new_encrypted bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE pin SET (kek, key, encrypted) = (new_kek, new_key, new_encrypted)
     WHERE order_id = wanted AND generation = which AND encrypted IS NOT NULL AND kek <= new_kek;
    UPDATE puk SET (kek, key, encrypted) = (new_kek, new_key, new_encrypted)
     WHERE id = wanted AND which = 0 AND encrypted IS NOT NULL AND kek <= new_kek;
END $$;

-- The signer has a new key-encryption key for PINs, with the number `made`.
CREATE OR REPLACE FUNCTION hall.signer_rekey(made int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enqueue('rekey', 'rekey/' || made, NULL);
END $$;

-- Opens the PIN for the payout or the message that is to carry it, and only while that is under way.
CREATE OR REPLACE FUNCTION hall.runner_pin_open(wanted uuid, which int, why text, to_whom text)
RETURNS TABLE (generation int, kek int, key bytea, encrypted bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE carried bool := CASE why
    WHEN 'remark' THEN EXISTS (SELECT FROM payout y WHERE y.order_id = wanted AND y.generation = which AND y.state = 'queued')
    WHEN 'sms' THEN EXISTS (SELECT FROM message m WHERE m.order_id = wanted AND m.event = 'pin' AND m.state = 'queued')
    ELSE false END;
BEGIN
    PERFORM enter_system('runner', 'pin.open');
    IF NOT carried THEN
        PERFORM refuse(409, 'nothing is under way that carries this PIN');
    END IF;
    RETURN QUERY SELECT * FROM pin_open(wanted, which, why, to_whom);
END $$;

-- Why the PIN cannot be sent (again) by message now; NULL: it can.
CREATE OR REPLACE FUNCTION hall.pin_unsendable(o hall.orders) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p pin;
    m message;
BEGIN
    SELECT * INTO p FROM pin WHERE order_id = o.id AND encrypted IS NOT NULL;
    SELECT * INTO m FROM message WHERE order_id = o.id AND event = 'pin'
     ORDER BY state = 'queued' DESC, created_at DESC LIMIT 1;
    RETURN CASE
        WHEN p.encrypted IS NULL THEN '这个业务单现在没有 PIN 码。'
        WHEN NOT (state_of(o)).made THEN '证书制作完成后才能发送 PIN 码。'
        WHEN 'remark' = ANY (p.fulfilled) THEN 'PIN 码已随对公打款送达，不能再次发送。'
        WHEN m.state = 'queued' THEN '短信正在发送，请稍后再看。'
        WHEN m.state = 'sent' AND m.delivery IS DISTINCT FROM 'undelivered' THEN 'PIN 码短信已发出，不能再次发送。' END;
END $$;

CREATE OR REPLACE FUNCTION hall.desk_pin(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('state', p.state, 'kind', p.kind, 'generation', p.generation, 'fulfilled', to_jsonb(p.fulfilled),
        'destroyed_at', iso(p.destroyed_at), 'can_send', pin_unsendable(o) IS NULL, 'unsendable', pin_unsendable(o),
        'sending', EXISTS (SELECT FROM message m WHERE m.order_id = o.id AND m.event = 'pin' AND m.state = 'queued'),
        'can_open', my_roles() && '{producer,outlet}' AND pin_unopenable(o, me()) IS NULL, 'unopenable', CASE p.kind WHEN 'token' THEN pin_unopenable(o, me()) END,
        'openings', coalesce((SELECT jsonb_agg(jsonb_build_object('generation', l.generation, 'purpose', l.purpose,
            'at', iso(l.at), 'attempt', l.attempt, 'recipient', l.recipient) ORDER BY l.id)
            FROM pin_ledger l WHERE l.order_id = o.id), '[]'),
        'puks', coalesce((SELECT jsonb_agg(jsonb_build_object('item', u.item, 'state', u.state, 'released_at', iso(u.released_at)) ORDER BY u.item)
            FROM puk u WHERE u.order_id = o.id AND u.generation = p.generation), '[]'))::text
      FROM orders o LEFT JOIN LATERAL (SELECT * FROM pin WHERE order_id = o.id ORDER BY generation DESC LIMIT 1) p ON true
     WHERE o.id = wanted AND my_kind() = 'staff' AND o.state <> 'draft');
END $$;

-- Sends the PIN again by SMS, to the recipient of all PINs of the order.
CREATE OR REPLACE FUNCTION hall.desk_pin_send(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    p pin;
    why text;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted AND my_kind() = 'staff' AND state <> 'draft' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这个业务单。');
    END IF;
    why := pin_unsendable(o);
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    END IF;
    p := pin_locked(wanted);
    PERFORM pin_unfulfil(wanted, p.generation, 'sms');
    PERFORM note('order', wanted, jsonb_build_object('pin', p.generation, 'sent_again', true));
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'pin', '重新发送证书 PIN 码');
    PERFORM tell(wanted, 'pin', pin_recipient(o),
                 (SELECT 'again/' || count(*) FROM message WHERE order_id = wanted AND event = 'pin'));
END $$;

CREATE OR REPLACE FUNCTION hall.desk_pin_box(wanted uuid, page_key bytea) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    why text;
    box uuid;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted AND my_kind() = 'staff' AND state <> 'draft' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这个业务单。');
    END IF;
    why := pin_unopenable(o, me());
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    END IF;
    INSERT INTO pin_box (order_id, staff, public_key) VALUES (wanted, me(), page_key) RETURNING id INTO box;
    PERFORM note('order', wanted, jsonb_build_object('pin_box', box));
    PERFORM enqueue('pin_box', 'pin_box/' || box, box);
    RETURN jsonb_build_object('id', box)::text;
END $$;

-- Gives the PIN to the page that asked for it, once. NULL for everybody else.
CREATE OR REPLACE FUNCTION hall.desk_pin_take(wanted uuid, box uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE b pin_box;
BEGIN
    SELECT * INTO b FROM pin_box WHERE id = box AND order_id = wanted AND staff = me() AND my_kind() = 'staff' FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这次请求。');
    ELSIF b.taken_at IS NOT NULL OR b.created_at < now() - interval '10 minutes' THEN
        PERFORM refuse(410, '介质 PIN 码已经取走或已过期，请重新查看。');
    ELSIF b.encrypted IS NOT NULL THEN
        UPDATE pin_box SET encrypted = NULL, taken_at = now() WHERE id = box;
    END IF;
    RETURN jsonb_build_object('box', translate(encode(b.encrypted, 'base64'), E'\n', ''))::text;
END $$;

-- A producer's page that waits; `pin`: the order's PIN is that of a token, too.
CREATE OR REPLACE FUNCTION hall.signer_pin_box(wanted uuid) RETURNS TABLE (order_id uuid, public_key bytea, pin bool)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT b.order_id, b.public_key, EXISTS (SELECT FROM pin p WHERE p.order_id = b.order_id AND p.kind = 'token'
           AND p.encrypted IS NOT NULL AND NOT 'production' = ANY (p.fulfilled)) FROM pin_box b WHERE b.id = wanted AND pin_box_waits(b);
END $$;

CREATE OR REPLACE FUNCTION hall.signer_pin_boxed(wanted uuid, answer bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE pin_box SET encrypted = answer WHERE id = wanted AND taken_at IS NULL;
END $$;

-- Who receives an order's PINs, according to pin_delivery; of an order with several certificates the agent receives the one PIN.
CREATE OR REPLACE FUNCTION hall.pin_recipient(o hall.orders) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE WHEN EXISTS (SELECT FROM order_item WHERE order_id = o.id) THEN 'agent'
                ELSE coalesce(nullif(pin_goes(o), 'remark'), CASE person_of(o) WHEN 'institution' THEN 'agent' ELSE 'holder' END) END;
END $$;

CREATE OR REPLACE FUNCTION hall.pin_goes(o hall.orders) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT goes FROM pin_delivery WHERE finauth = finauth_mode(o) AND person = coalesce(person_of(o), 'institution')
       AND payout = coalesce(o.finauth IN ('succeeded', 'verified'), false));
END $$;
