-- Deploy certhall:secrets to pg
-- PINs under keys of their own, opened for a purpose until it is fulfilled, destroyed when nothing can come back; field keys
-- that rotate under a running hall.
BEGIN;

-- ---- the life of a PIN ----

ALTER TABLE hall.pin
    DROP CONSTRAINT pin_check,
    DROP CONSTRAINT pin_state_check,
    ADD kind         text NOT NULL DEFAULT 'file' CHECK (kind IN ('file', 'token')), -- what it opens: core/crypto/pin.h
    ADD kek          int,   -- the key-encryption key that `key` is wrapped under
    ADD key          bytea, -- the PIN's own key, wrapped; NULL beside a `sealed` of the days before there was one
    ADD fulfilled    text[] NOT NULL DEFAULT '{}', -- purposes that it will not be opened for again
    ADD destroyed_at timestamptz;
DROP INDEX hall.pin_current;
UPDATE hall.pin SET kek = 1 WHERE sealed IS NOT NULL;
UPDATE hall.pin p SET state = 'opened', fulfilled = array_remove(ARRAY[
       CASE WHEN EXISTS (SELECT FROM hall.payout y WHERE y.order_id = p.order_id AND y.generation = p.generation
                            AND y.state = 'succeeded') THEN 'remark' END,
       CASE WHEN EXISTS (SELECT FROM hall.message m WHERE m.order_id = p.order_id AND m.event = 'pin' AND m.state = 'sent')
            THEN 'sms' END,
       CASE WHEN EXISTS (SELECT FROM hall.orders o WHERE o.id = p.order_id AND o.state IN ('produced', 'shipped', 'done'))
            THEN 'production' END], NULL)
 WHERE state = 'made' AND EXISTS (SELECT FROM hall.pin_ledger l WHERE l.order_id = p.order_id AND l.generation = p.generation);
UPDATE hall.pin SET state = 'confirmed' WHERE state = 'opened' AND 'production' = ANY (fulfilled)
    AND fulfilled && '{remark,sms}';

CREATE TABLE hall.pin_transition (
    from_state text NOT NULL,
    to_state   text NOT NULL,
    meaning    text NOT NULL,
    PRIMARY KEY (from_state, to_state)
);
INSERT INTO hall.pin_transition (from_state, to_state, meaning) VALUES
    ('wanted', 'made', 'the signer has made and sealed it'),
    ('wanted', 'void', 'the order has ended, or wants the next one'),
    ('made', 'opened', 'for its first purpose'),
    ('made', 'void', 'the order has ended, or wants the next one'),
    ('opened', 'confirmed', 'it is in the medium and has reached its owner'),
    ('opened', 'void', 'its payment failed or came back, or the order has ended'),
    ('confirmed', 'opened', 'it has not reached its owner after all'),
    ('confirmed', 'void', 'its payment came back, or the order has ended'),
    ('confirmed', 'destroyed', 'nothing can come back any more');

ALTER TABLE hall.pin
    ADD CONSTRAINT pin_state_check CHECK (state IN ('wanted', 'made', 'opened', 'confirmed', 'destroyed', 'void')),
    ADD CONSTRAINT pin_sealed CHECK ((sealed IS NOT NULL) = (state IN ('made', 'opened', 'confirmed'))
                                     AND (sealed IS NOT NULL OR key IS NULL) AND (sealed IS NULL OR kek IS NOT NULL)),
    ADD CONSTRAINT pin_fulfilled CHECK (fulfilled <@ '{remark,sms,production}'
        AND (state <> 'confirmed' OR ('production' = ANY (fulfilled) AND fulfilled && '{remark,sms}')));
CREATE UNIQUE INDEX pin_current ON hall.pin (order_id) WHERE state IN ('wanted', 'made', 'opened', 'confirmed');
CREATE INDEX pin_confirmed ON hall.pin (order_id) WHERE state = 'confirmed';
CREATE INDEX pin_kek ON hall.pin (kek) WHERE sealed IS NOT NULL;

-- Guards the table above; what is void or destroyed keeps neither cipher text nor key, and the key file under it goes too.
CREATE FUNCTION hall.pin_moves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pin_transition WHERE from_state = OLD.state AND to_state = NEW.state) THEN
        PERFORM refuse(409, format('a PIN does not go from %s to %s', OLD.state, NEW.state));
    ELSIF NEW.state IN ('void', 'destroyed') THEN
        NEW.sealed := NULL;
        NEW.key := NULL;
        NEW.kek := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER pin_moves BEFORE UPDATE OF state ON hall.pin FOR EACH ROW WHEN (NEW.state <> OLD.state)
    EXECUTE FUNCTION hall.pin_moves();

CREATE FUNCTION hall.pin_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM note('order', NEW.order_id, jsonb_build_object('pin', NEW.generation, 'state', NEW.state));
    IF NEW.state = 'void' THEN
        UPDATE certificate SET key_file = NULL WHERE order_id = NEW.order_id AND key_file IS NOT NULL;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER pin_moved AFTER UPDATE OF state ON hall.pin FOR EACH ROW WHEN (NEW.state <> OLD.state)
    EXECUTE FUNCTION hall.pin_moved();

-- The ledger: a row each time that a PIN is about to exist in clear.
ALTER TABLE hall.pin_ledger
    ADD recipient text,                                      -- masked: an account, a phone, a medium, a producer
    ADD attempt   int NOT NULL DEFAULT 1 CHECK (attempt > 0); -- at one purpose
CREATE INDEX pin_ledger_pin ON hall.pin_ledger (order_id, generation);

-- The current PIN of an order, locked behind the order; a row of NULLs when there is none.
CREATE FUNCTION hall.pin_locked(wanted uuid) RETURNS hall.pin
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p pin;
BEGIN
    PERFORM FROM orders WHERE id = wanted FOR NO KEY UPDATE; -- always first, so that nobody waits in a circle
    SELECT * INTO p FROM pin WHERE order_id = wanted AND state IN ('wanted', 'made', 'opened', 'confirmed') FOR NO KEY UPDATE;
    RETURN p;
END $$;

-- Hands out the sealed PIN for a purpose; its caller sees the answer after the ledger row is committed. No row: not made.
CREATE FUNCTION hall.pin_open(wanted uuid, which int, why text, to_whom text)
RETURNS TABLE (generation int, kek int, key bytea, sealed bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p pin := pin_locked(wanted);
BEGIN
    IF p.sealed IS NULL OR p.generation <> coalesce(which, p.generation) THEN
        RETURN;
    ELSIF why = ANY (p.fulfilled) THEN
        PERFORM refuse(409, format('this PIN is not opened again for %s', why));
    END IF;
    INSERT INTO pin_ledger (order_id, generation, purpose, actor, recipient, attempt)
    SELECT wanted, p.generation, why, actor(), to_whom, count(*) + 1 FROM pin_ledger l
     WHERE l.order_id = wanted AND l.generation = p.generation AND l.purpose = why;
    UPDATE pin x SET state = 'opened' WHERE x.order_id = wanted AND x.generation = p.generation AND x.state = 'made';
    RETURN QUERY SELECT p.generation, p.kek, p.key, p.sealed;
END $$;

-- A purpose is fulfilled. With the medium made and the PIN delivered it is confirmed.
CREATE FUNCTION hall.pin_fulfil(wanted uuid, which int, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p pin := pin_locked(wanted);
    done text[] := p.fulfilled || why;
BEGIN
    IF p.sealed IS NULL OR p.generation <> coalesce(which, p.generation) OR why = ANY (p.fulfilled) THEN
        RETURN;
    END IF;
    UPDATE pin SET fulfilled = done, state = CASE WHEN state = 'made' THEN 'opened' ELSE state END
     WHERE order_id = wanted AND generation = p.generation;
    UPDATE pin SET state = 'confirmed' WHERE order_id = wanted AND generation = p.generation AND state = 'opened'
       AND 'production' = ANY (done) AND done && '{remark,sms}';
END $$;

-- It turns out that it has not arrived.
CREATE FUNCTION hall.pin_unfulfil(wanted uuid, which int, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p pin := pin_locked(wanted);
BEGIN
    UPDATE pin SET fulfilled = array_remove(fulfilled, why), state = 'opened'
     WHERE order_id = wanted AND generation = p.generation AND generation = which AND sealed IS NOT NULL
       AND why = ANY (fulfilled);
END $$;

CREATE FUNCTION hall.pin_void(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p pin := pin_locked(wanted);
BEGIN
    UPDATE pin SET state = 'void' WHERE order_id = wanted AND generation = p.generation;
END $$;

CREATE OR REPLACE FUNCTION hall.want_pin(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE g int;
BEGIN
    PERFORM pin_void(wanted);
    SELECT coalesce(max(generation), 0) + 1 INTO g FROM pin WHERE order_id = wanted;
    INSERT INTO pin (order_id, generation, kind)
    SELECT wanted, g, coalesce(t.key_origin, 'file')
      FROM orders o LEFT JOIN project_type t ON t.project = o.project AND t.cert_type = o.cert_type WHERE o.id = wanted;
    PERFORM enqueue('pin', 'pin/' || wanted || '/' || g, wanted);
END $$;

-- What follows from the life of an order, of a payment, of a message. A key file is made when the certificate is; a token is
-- in the producer's hands until it leaves.
CREATE FUNCTION hall.pin_of_order() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p pin := pin_locked(NEW.id);
BEGIN
    IF NEW.state IN ('refunded', 'cancelled') THEN
        PERFORM pin_void(NEW.id);
    ELSIF NEW.state <> 'produced' OR p.kind = 'file' THEN
        PERFORM pin_fulfil(NEW.id, NULL, 'production');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER orders_pin AFTER UPDATE OF state ON hall.orders FOR EACH ROW
    WHEN (NEW.state <> OLD.state AND NEW.state IN ('produced', 'shipped', 'done', 'refunded', 'cancelled'))
    EXECUTE FUNCTION hall.pin_of_order();

-- A payment that comes back after the parcel has left leaves the PIN as it is: it is in the medium that people hold.
CREATE FUNCTION hall.pin_of_payout() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE left_us bool := EXISTS (SELECT FROM orders WHERE id = NEW.order_id AND state IN ('shipped', 'done'));
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
CREATE TRIGGER payout_pin AFTER UPDATE OF state ON hall.payout FOR EACH ROW
    WHEN (NEW.state <> OLD.state AND NEW.state IN ('succeeded', 'failed', 'returned')) EXECUTE FUNCTION hall.pin_of_payout();

CREATE FUNCTION hall.pin_of_message() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM pin_fulfil(NEW.order_id, NULL, 'sms');
    RETURN NULL;
END $$;
CREATE TRIGGER message_pin AFTER UPDATE OF state ON hall.message FOR EACH ROW
    WHEN (NEW.event = 'pin' AND NEW.state = 'sent' AND OLD.state <> 'sent') EXECUTE FUNCTION hall.pin_of_message();

-- Whether what carried it can no longer come back: the bank has been asked for the payment's days; the phone has reported
-- it, or has not in a week reported the contrary.
CREATE FUNCTION hall.pin_arrived(p hall.pin) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN 'remark' = ANY (p.fulfilled) THEN
        EXISTS (SELECT FROM payout y WHERE y.order_id = p.order_id AND y.generation = p.generation AND y.state = 'succeeded'
                   AND y.ended_at < now() - interval '5 days')
    ELSE coalesce((SELECT m.delivery = 'delivered' AND m.delivery_at < now() - interval '1 day'
                          OR m.delivery IS NULL AND m.sent_at < now() - interval '7 days'
                     FROM message m WHERE m.order_id = p.order_id AND m.event = 'pin' AND m.state = 'sent'
                    ORDER BY m.sent_at DESC LIMIT 1), false) END $$;

-- Destroys the PINs whose medium has left us and whose delivery stands, with the key files that they open: one statement.
CREATE FUNCTION hall.pins_destroy() RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    due uuid[];
    n int;
BEGIN
    PERFORM enter_system('runner', 'pin.destroy');
    due := ARRAY(SELECT o.id FROM orders o JOIN pin p ON p.order_id = o.id AND p.state = 'confirmed'
                  WHERE o.state IN ('shipped', 'done') AND pin_arrived(p) ORDER BY o.id LIMIT 500
                    FOR NO KEY UPDATE OF o SKIP LOCKED);
    WITH gone AS (
        UPDATE pin SET state = 'destroyed', sealed = NULL, key = NULL, destroyed_at = now()
         WHERE order_id = ANY (due) AND state = 'confirmed' RETURNING order_id),
    files AS (UPDATE certificate SET key_file = NULL WHERE order_id IN (SELECT order_id FROM gone) AND key_file IS NOT NULL)
    SELECT count(*) INTO n FROM gone;
    UPDATE pin_box SET sealed = NULL WHERE sealed IS NOT NULL AND created_at < now() - interval '10 minutes'; -- never fetched
    RETURN n;
END $$;

-- A producer's page asks for the PIN that the token is to get: the signer seals it to a key that only that page has.
CREATE TABLE hall.pin_box (
    id         uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    order_id   uuid NOT NULL REFERENCES hall.orders,
    staff      uuid NOT NULL REFERENCES hall.staff,
    public_key bytea NOT NULL CHECK (length(public_key) = 65), -- a point of P-256, uncompressed
    sealed     bytea,                                          -- core/crypto/box.h; NULL: not yet, or taken
    taken_at   timestamptz,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX pin_box_order ON hall.pin_box (order_id);

CREATE FUNCTION hall.pin_boxes_max() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 5 $$;

CREATE FUNCTION hall.pin_box_waits(b hall.pin_box) RETURNS bool LANGUAGE sql STABLE AS $$
    SELECT b.sealed IS NULL AND b.taken_at IS NULL AND b.created_at > now() - interval '10 minutes' $$;

-- Who may open a token's PIN: its producer, or who is going to be it, being the first to ask. NULL: he may.
CREATE FUNCTION hall.pin_unopenable(o hall.orders, who uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE
        WHEN NOT EXISTS (SELECT FROM pin p WHERE p.order_id = o.id AND p.kind = 'token' AND p.sealed IS NOT NULL
                            AND NOT 'production' = ANY (p.fulfilled)) OR o.state NOT IN ('accepted', 'produced')
        THEN '现在没有可查看的介质 PIN 码。'
        WHEN EXISTS (SELECT FROM review r WHERE r.order_id = o.id AND r.staff = who) THEN '审核人不能制作同一业务单的证书。'
        WHEN coalesce(o.producer, (SELECT b.staff FROM pin_box b WHERE b.order_id = o.id LIMIT 1), who) <> who
        THEN '只有本业务单的制证人可以查看介质 PIN 码。'
        WHEN (SELECT count(*) FROM pin_box b WHERE b.order_id = o.id) >= pin_boxes_max() THEN '查看次数已用完，请联系管理员。' END $$;

-- And who has opened it is the one who produces.
CREATE FUNCTION hall.pin_taker() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM pin_box WHERE order_id = NEW.id AND staff <> NEW.producer) THEN
        PERFORM refuse(403, '介质 PIN 码已由另一位制证人查看，请由其制证。');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_pin_taker BEFORE UPDATE OF producer ON hall.orders FOR EACH ROW WHEN (NEW.producer IS NOT NULL)
    EXECUTE FUNCTION hall.pin_taker();

-- ---- the signer's side ----

DROP FUNCTION hall.signer_pin(uuid, int, bytea), hall.signer_pin_opened;

-- The PIN that the order wants, or the one that was made already.
CREATE FUNCTION hall.signer_pin_wanted(wanted uuid) RETURNS TABLE (generation int, token bool, wanted bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT p.generation, p.kind = 'token', p.state = 'wanted' FROM pin p JOIN orders o ON o.id = p.order_id
     WHERE p.order_id = $1 AND o.state IN ('approved', 'accepted') AND p.state IN ('wanted', 'made', 'opened', 'confirmed') $$;

CREATE FUNCTION hall.signer_pin(wanted uuid, which int, new_kek int, new_key bytea, new_sealed bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p pin := pin_locked(wanted);
BEGIN
    PERFORM enter_system('signer', 'signer.pin');
    UPDATE pin SET (kek, key, sealed) = (new_kek, new_key, new_sealed), state = 'made', made_at = now()
     WHERE order_id = wanted AND generation = which AND state = 'wanted';
    IF NOT FOUND THEN
        PERFORM refuse(409, 'this PIN is not wanted');
    END IF;
    PERFORM want_payout(wanted);
END $$;

-- For production: of an order whose certificate a producer has asked for, or of a token whose PIN a producer's page waits for.
CREATE FUNCTION hall.signer_pin_open(wanted uuid, why text) RETURNS TABLE (generation int, kek int, key bytea, sealed bytea)
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

CREATE FUNCTION hall.signer_pins_old(newest int, most int)
RETURNS TABLE (order_id uuid, generation int, kek int, key bytea, sealed bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT p.order_id, p.generation, p.kek, p.key, p.sealed FROM pin p
     WHERE p.sealed IS NOT NULL AND (p.kek < newest OR p.key IS NULL) ORDER BY p.kek, p.order_id LIMIT most $$;

-- The same PIN under another key; nothing of its life changes. One that has gone meanwhile is left alone.
CREATE FUNCTION hall.signer_pin_rewrapped(wanted uuid, which int, new_kek int, new_key bytea, new_sealed bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE pin SET (kek, key, sealed) = (new_kek, new_key, new_sealed)
     WHERE order_id = wanted AND generation = which AND sealed IS NOT NULL AND kek <= new_kek $$;

-- The signer has a new key-encryption key for PINs: `made` is its number.
CREATE FUNCTION hall.signer_rekey(made int) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT enqueue('rekey', 'rekey/' || made, NULL) $$;

-- ---- the runner's side ----

DROP FUNCTION hall.pin_opened, hall.message_work, hall.payout_work;

-- For the payment or the message that is to carry it, and only while that is under way.
CREATE FUNCTION hall.runner_pin_open(wanted uuid, which int, why text, to_whom text)
RETURNS TABLE (generation int, kek int, key bytea, sealed bytea)
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

CREATE FUNCTION hall.message_work(wanted uuid)
RETURNS TABLE (event text, recipient text, content bytea, order_id uuid, form bytea, detail text, number text,
               project_name text, vendor_id text, parameters text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT m.event, m.recipient, m.content, m.order_id, o.form, m.detail::text, o.number, p.name, t.vendor_id, t.parameters
      FROM message m LEFT JOIN orders o ON o.id = m.order_id LEFT JOIN project p ON p.id = o.project
      LEFT JOIN LATERAL (SELECT * FROM message_template x WHERE x.event = m.event
           AND (x.project = o.project OR x.project IS NULL) ORDER BY x.project NULLS LAST LIMIT 1) t ON true
     WHERE m.id = wanted AND m.state = 'queued' $$;

CREATE FUNCTION hall.payout_work(wanted uuid)
RETURNS TABLE (order_id uuid, yur_ref text, state text, generation int, account bytea, masked text, cnaps text, branch text,
               bank text, age interval)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT y.order_id, y.yur_ref, y.state, y.generation, b.sealed, b.masked, b.cnaps, r.name, r.bank, now() - y.created_at
      FROM payout y JOIN bank_account b USING (order_id) JOIN bank_branch r ON r.cnaps = b.cnaps WHERE y.id = wanted $$;

-- ---- what staff see and do ----

-- Why the PIN cannot be sent (again) by message now; NULL: it can.
CREATE FUNCTION hall.pin_unsendable(o hall.orders) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p pin;
    m message;
BEGIN
    SELECT * INTO p FROM pin WHERE order_id = o.id AND sealed IS NOT NULL;
    SELECT * INTO m FROM message WHERE order_id = o.id AND event = 'pin'
     ORDER BY state = 'queued' DESC, created_at DESC LIMIT 1;
    RETURN CASE
        WHEN p.sealed IS NULL THEN '这个业务单现在没有 PIN 码。'
        WHEN o.state NOT IN ('produced', 'shipped', 'done') THEN '证书制作完成后才能发送 PIN 码。'
        WHEN 'remark' = ANY (p.fulfilled) THEN 'PIN 码已随对公打款送达，不能再次发送。'
        WHEN m.state = 'queued' THEN '短信正在发送，请稍后再看。'
        WHEN m.state = 'sent' AND m.delivery IS DISTINCT FROM 'undelivered' THEN 'PIN 码短信已发出，不能再次发送。' END;
END $$;

CREATE FUNCTION hall.desk_pin(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('state', p.state, 'kind', p.kind, 'generation', p.generation, 'fulfilled', to_jsonb(p.fulfilled),
        'destroyed_at', iso(p.destroyed_at), 'can_send', pin_unsendable(o) IS NULL, 'unsendable', pin_unsendable(o),
        'can_open', pin_unopenable(o, me()) IS NULL, 'unopenable', CASE p.kind WHEN 'token' THEN pin_unopenable(o, me()) END,
        'openings', coalesce((SELECT jsonb_agg(jsonb_build_object('generation', l.generation, 'purpose', l.purpose,
            'at', iso(l.at), 'attempt', l.attempt, 'recipient', l.recipient) ORDER BY l.id)
            FROM pin_ledger l WHERE l.order_id = o.id), '[]'))::text
      FROM orders o LEFT JOIN LATERAL (SELECT * FROM pin WHERE order_id = o.id ORDER BY generation DESC LIMIT 1) p ON true
     WHERE o.id = wanted AND my_kind() = 'staff' AND o.state <> 'draft' $$;

-- Has it sent again, on record.
CREATE FUNCTION hall.desk_pin_send(wanted uuid) RETURNS void
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
    PERFORM tell(wanted, 'pin', CASE person_of(o) WHEN 'institution' THEN 'handler' ELSE 'holder' END,
                 (SELECT 'again/' || count(*) FROM message WHERE order_id = wanted AND event = 'pin'));
END $$;

CREATE FUNCTION hall.desk_pin_box(wanted uuid, page_key bytea) RETURNS text
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

-- Gives it to who asked for it, once. NULL for anybody else.
CREATE FUNCTION hall.desk_pin_take(wanted uuid, box uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE b pin_box;
BEGIN
    SELECT * INTO b FROM pin_box WHERE id = box AND order_id = wanted AND staff = me() AND my_kind() = 'staff' FOR UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这次请求。');
    ELSIF b.taken_at IS NOT NULL OR b.created_at < now() - interval '10 minutes' THEN
        PERFORM refuse(410, '介质 PIN 码已经取走或已过期，请重新查看。');
    ELSIF b.sealed IS NOT NULL THEN
        UPDATE pin_box SET sealed = NULL, taken_at = now() WHERE id = box;
    END IF;
    RETURN jsonb_build_object('box', translate(encode(b.sealed, 'base64'), E'\n', ''))::text;
END $$;

CREATE FUNCTION hall.signer_pin_box(wanted uuid) RETURNS TABLE (order_id uuid, public_key bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT b.order_id, b.public_key FROM pin_box b WHERE b.id = wanted AND pin_box_waits(b) $$;

CREATE FUNCTION hall.signer_pin_boxed(wanted uuid, answer bytea) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE pin_box SET sealed = answer WHERE id = wanted AND taken_at IS NULL $$;

-- ---- field keys ----
-- A key lives like this: made and not yet used (all programs learn of it) -> active (new values are sealed under it; every
-- other value is sealed anew, row by row) -> retired -> gone, when no row is left under it: the foreign keys below see to it
-- that a key which is still needed cannot be deleted, and that nothing is stored under one that is gone.

ALTER TABLE hall.data_key ADD retired_at timestamptz;
CREATE TABLE hall.data_key_gone (
    id         int PRIMARY KEY, -- never given again
    created_at timestamptz NOT NULL,
    retired_at timestamptz NOT NULL,
    gone_at    timestamptz NOT NULL DEFAULT now()
);

-- The data key that a sealed value names (core/crypto/seal.h); NULL for what is no sealed value.
CREATE FUNCTION hall.key_of(sealed bytea) RETURNS int
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN length(sealed) >= 33 AND get_byte(sealed, 0) = 1 THEN
        get_byte(sealed, 1) << 24 | get_byte(sealed, 2) << 16 | get_byte(sealed, 3) << 8 | get_byte(sealed, 4) END $$;

-- Every sealed column there is: `place` as in core/crypto/seal.h, `row` the column whose value stands behind it.
CREATE TABLE hall.sealed_column (
    place       text PRIMARY KEY,
    "table"     name NOT NULL,
    "column"    name NOT NULL,
    "row"       name NOT NULL,
    key_column  name NOT NULL,
    UNIQUE ("table", "column")
);

-- Enters a column: it gets a column beside it that names its key, generated and guarded.
CREATE FUNCTION hall.seal_column(the_place text, the_table name, the_column name, the_row name) RETURNS void
LANGUAGE plpgsql SET search_path = hall, pg_temp AS $$
DECLARE key_column name := the_column || '_data_key';
BEGIN
    EXECUTE format('ALTER TABLE hall.%I ADD %I int GENERATED ALWAYS AS (hall.key_of(%I)) STORED REFERENCES hall.data_key',
                   the_table, key_column, the_column);
    EXECUTE format('CREATE INDEX ON hall.%I (%I, %I)', the_table, key_column, the_row);
    INSERT INTO sealed_column VALUES (the_place, the_table, the_column, the_row, key_column);
END $$;
SELECT hall.seal_column('order.form', 'orders', 'form', 'id'),
       hall.seal_column('account.phone', 'account', 'phone_sealed', 'id'),
       hall.seal_column('bank_account.sealed', 'bank_account', 'sealed', 'order_id'),
       hall.seal_column('message.content', 'message', 'content', 'id'),
       hall.seal_column('material.key', 'material', 'file_key', 'id'),
       hall.seal_column('licence_check.seen', 'licence_check', 'seen', 'material_id'),
       hall.seal_column('revocation.note', 'revocation', 'note', 'id'),
       hall.seal_column('revocation.answer', 'revocation', 'answer', 'id'),
       hall.seal_column('stamp.name', 'stamp', 'name', 'id'),
       hall.seal_column('stamp.png', 'stamp', 'png', 'id'),
       hall.seal_column('stamp.svg', 'stamp', 'svg', 'id');

-- The trail leaves the generated columns out: a trigger that runs before the row is stored does not know them yet, and the
-- sealed value itself is in it.
CREATE OR REPLACE FUNCTION hall.changes(old jsonb, new jsonb) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(n.key, CASE
               WHEN n.key = 'password' THEN '"changed"'
               WHEN n.key IN ('reasons', 'subject', 'finauth_text')
                 OR jsonb_typeof(n.value) = 'string' AND n.value #>> '{}' LIKE '\\x%'
               THEN to_jsonb('sm3:' || encode(digest(n.value #>> '{}', 'sm3'), 'hex'))
               WHEN old IS NULL THEN n.value
               ELSE jsonb_build_array(old -> n.key, n.value) END), '{}')
      FROM jsonb_each(new) n
     WHERE n.key NOT IN ('audit_seq', 'audit_head', 'updated_at', 'created_at', 'id') AND n.key NOT LIKE '%\_data\_key'
       AND n.value IS DISTINCT FROM coalesce(old -> n.key, 'null') $$;

-- A form that is only sealed anew has not changed: nothing is compared again.
DROP TRIGGER licence_again ON hall.orders;
CREATE TRIGGER licence_again AFTER UPDATE OF state, form ON hall.orders FOR EACH ROW
    WHEN ((NEW.state <> OLD.state AND NEW.state IN ('unpaid', 'in_review') AND OLD.state IN ('draft', 'rejected'))
          OR (NEW.form IS DISTINCT FROM OLD.form AND NEW.form_complete AND hall.known('op') IS DISTINCT FROM 'keys.reseal'))
    EXECUTE FUNCTION hall.licence_again();

-- The next key, unused at first; one rotation at a time. The job makes it active when every program has learned of it.
CREATE FUNCTION hall.data_key_next(new_id int, new_kek int, key_wrapped bytea, wait interval) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF (SELECT count(*) FROM data_key) > 1 THEN
        PERFORM refuse(409, 'a rotation is under way: see certhall-admin keys list');
    ELSIF new_id <> data_key_free() THEN
        PERFORM refuse(409, 'this number of a key has been used');
    END IF;
    INSERT INTO data_key (id, kek, wrapped) VALUES (new_id, new_kek, key_wrapped);
    PERFORM enqueue('reseal', 'reseal/' || new_id, NULL, wait);
END $$;

CREATE FUNCTION hall.data_key_free() RETURNS int
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(max(id), 0) + 1 FROM (SELECT id FROM data_key UNION ALL SELECT id FROM data_key_gone) used $$;

-- The newest key becomes the one that seals; the others are retired.
CREATE FUNCTION hall.data_key_activate() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE newest int := (SELECT max(id) FROM data_key);
BEGIN
    UPDATE data_key SET active = false, retired_at = now() WHERE active AND id <> newest;
    UPDATE data_key SET active = true WHERE id = newest AND NOT active;
END $$;

CREATE FUNCTION hall.sealed_places() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$ SELECT place FROM sealed_column ORDER BY place $$;

-- Values that are not under the active key, in the order of their rows, behind `after` (NULL: from the first).
CREATE FUNCTION hall.sealed_old(the_place text, after uuid, most int) RETURNS TABLE ("row" uuid, value bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c sealed_column;
BEGIN
    SELECT * INTO c FROM sealed_column WHERE place = the_place;
    RETURN QUERY EXECUTE format(
        'SELECT %1$I, %2$I FROM hall.%3$I WHERE %4$I = (SELECT min(id) FROM hall.data_key WHERE NOT active)
            AND %1$I > coalesce($1, ''00000000-0000-0000-0000-000000000000'') ORDER BY %1$I LIMIT $2',
        c."row", c."column", c."table", c.key_column) USING after, most;
END $$;

-- One value sealed anew, unless it has changed meanwhile.
CREATE FUNCTION hall.resealed(the_place text, which uuid, old bytea, new bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c sealed_column;
BEGIN
    SELECT * INTO c FROM sealed_column WHERE place = the_place;
    EXECUTE format('UPDATE hall.%3$I SET %2$I = $3 WHERE %1$I = $1 AND %2$I = $2', c."row", c."column", c."table")
      USING which, old, new;
END $$;

-- Deletes what has been retired for `grace`; refused by the foreign keys while a single value needs it. How many are left.
CREATE FUNCTION hall.data_keys_end(grace interval) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    WITH gone AS (DELETE FROM data_key WHERE retired_at < now() - grace RETURNING id, created_at, retired_at)
    INSERT INTO data_key_gone (id, created_at, retired_at) SELECT * FROM gone;
    RETURN (SELECT count(*) FROM data_key WHERE NOT active);
END $$;

-- The same key under another key-encryption key.
CREATE FUNCTION hall.data_key_rewrapped(which int, old_kek int, new_kek int, key_wrapped bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE data_key SET (kek, wrapped) = (new_kek, key_wrapped) WHERE id = which AND kek = old_kek;
    IF NOT FOUND THEN
        PERFORM refuse(409, 'the keys have changed meanwhile');
    END IF;
END $$;

-- Staff are made by an administrator's command. (INSERT … ON CONFLICT would let the trigger that audits a new row write of one
-- that never comes to be, and every chain would be found wrong.)
CREATE OR REPLACE FUNCTION hall.staff_put(new_id uuid, new_name text, shown text, secret text, new_roles text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE staff SET (display_name, password, roles, failures, locked_until) = (shown, secret, new_roles, 0, NULL)
     WHERE name = new_name;
    IF NOT FOUND THEN
        INSERT INTO staff (id, name, display_name, password, roles) VALUES (new_id, new_name, shown, secret, new_roles);
    END IF;
END $$;

-- The whole trail, seals among its subjects.
CREATE OR REPLACE FUNCTION hall.audit_all() RETURNS TABLE (id bigint, kind text, subject uuid, seq int, body text, head bytea,
                                                current_seq int, current_head bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH subjects AS (
        SELECT id, audit_seq, audit_head FROM orders UNION ALL SELECT id, audit_seq, audit_head FROM account
        UNION ALL SELECT id, audit_seq, audit_head FROM staff UNION ALL SELECT id, audit_seq, audit_head FROM project
        UNION ALL SELECT id, audit_seq, audit_head FROM certificate
        UNION ALL SELECT id, audit_seq, audit_head FROM seal)
    SELECT a.id, a.kind, coalesce(a.subject, s.id), a.seq,
           audit_text(a.kind, a.subject, a.seq, a.at, a.actor, a.op, a.request, a.detail), a.head, s.audit_seq, s.audit_head
      FROM audit a FULL JOIN subjects s ON s.id = a.subject ORDER BY coalesce(a.subject, s.id), a.seq $$;

-- The signed heads of the audit log, all of them.
CREATE FUNCTION hall.log_heads() RETURNS TABLE (size bigint, root bytea, signature bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT h.size, h.root, h.signature FROM log_head h ORDER BY h.size $$;

-- What keys there are and how much is under each.
CREATE FUNCTION hall.data_key_list()
RETURNS TABLE (kind text, id int, kek int, state text, since timestamptz, place text, n bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c sealed_column;
BEGIN
    RETURN QUERY SELECT 'data key', k.id, k.kek, CASE WHEN k.active THEN 'active' WHEN k.retired_at IS NULL THEN 'coming'
        ELSE 'retired' END, coalesce(k.retired_at, k.created_at), NULL, NULL::bigint FROM data_key k ORDER BY k.id;
    RETURN QUERY SELECT 'data key', g.id, NULL::int, 'gone', g.gone_at, NULL, NULL::bigint FROM data_key_gone g ORDER BY g.id;
    FOR c IN SELECT * FROM sealed_column s ORDER BY s.place LOOP
        RETURN QUERY EXECUTE format('SELECT ''values'', %1$I, NULL::int, NULL, NULL::timestamptz, %2$L, count(*) FROM hall.%3$I
            WHERE %1$I IS NOT NULL GROUP BY %1$I ORDER BY %1$I', c.key_column, c.place, c."table");
    END LOOP;
    RETURN QUERY SELECT 'PINs', NULL::int, p.kek, NULL, NULL::timestamptz, NULL, count(*) FROM pin p WHERE p.sealed IS NOT NULL
        GROUP BY p.kek ORDER BY p.kek;
END $$;

GRANT EXECUTE ON FUNCTION hall.sealed_places, hall.data_key_activate, hall.sealed_old, hall.resealed, hall.data_keys_end
    TO certhall_runner;
GRANT EXECUTE ON FUNCTION hall.data_key_next, hall.data_key_free, hall.data_key_rewrapped, hall.data_key_list,
    hall.log_heads TO certhall_admin;
GRANT EXECUTE ON FUNCTION hall.signer_pin_wanted, hall.signer_pin, hall.signer_pin_open, hall.signer_pins_old,
    hall.signer_pin_rewrapped, hall.signer_rekey, hall.signer_pin_box, hall.signer_pin_boxed TO certhall_signer;
GRANT EXECUTE ON FUNCTION hall.runner_pin_open, hall.pins_destroy, hall.message_work, hall.payout_work TO certhall_runner;
GRANT EXECUTE ON FUNCTION hall.desk_pin, hall.desk_pin_send, hall.desk_pin_box, hall.desk_pin_take TO certhall_desk;

COMMIT;
