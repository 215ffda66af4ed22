-- PUKs: the code of each token, made with the PIN of its order, and released once to a person who has authenticated.

-- How long a released PUK is kept for the case that it does not arrive.
CREATE OR REPLACE FUNCTION hall.puk_rest() RETURNS interval LANGUAGE sql IMMUTABLE AS $$ SELECT interval '7 days' $$;

-- Guards the table hall.puk. A PUK that is void or destroyed keeps neither cipher text nor key.
CREATE OR REPLACE FUNCTION hall.puk_moves() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF (OLD.state, NEW.state) NOT IN (('wanted', 'made'), ('wanted', 'void'), ('made', 'void'), ('made', 'released'), ('made', 'destroyed'),
                                      ('released', 'made'), ('released', 'destroyed')) THEN
        PERFORM refuse(409, format('a PUK does not go from %s to %s', OLD.state, NEW.state));
    ELSIF NEW.state IN ('void', 'destroyed') THEN
        NEW.encrypted := NULL;
        NEW.key := NULL;
        NEW.kek := NULL;
    END IF;
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER puk_moves BEFORE UPDATE OF state ON hall.puk FOR EACH ROW WHEN (NEW.state <> OLD.state)
    EXECUTE FUNCTION hall.puk_moves();

CREATE OR REPLACE FUNCTION hall.puk_moved() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM note('order', NEW.order_id, jsonb_build_object('puk', NEW.generation, 'item', NEW.item, 'state', NEW.state));
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER puk_moved AFTER UPDATE OF state ON hall.puk FOR EACH ROW WHEN (NEW.state <> OLD.state)
    EXECUTE FUNCTION hall.puk_moved();

-- The PUKs that the signer has to make before the order's PIN is made.
CREATE OR REPLACE FUNCTION hall.signer_puks_wanted(wanted uuid, which int) RETURNS SETOF uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT p.id FROM puk p WHERE p.order_id = wanted AND p.generation = which AND p.state = 'wanted' ORDER BY p.item;
END $$;

CREATE OR REPLACE FUNCTION hall.signer_puk(wanted uuid, new_kek int, new_key bytea, new_encrypted bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.puk');
    UPDATE puk SET (kek, key, encrypted) = (new_kek, new_key, new_encrypted), state = 'made', made_at = now()
     WHERE id = wanted AND state = 'wanted';
    IF NOT FOUND THEN
        PERFORM refuse(409, 'this PUK is not wanted');
    END IF;
END $$;

-- The current PUK of an order's item; a row of NULLs when there is none.
CREATE OR REPLACE FUNCTION hall.puk_of(of_order uuid, the_item int) RETURNS hall.puk
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p puk;
BEGIN
    SELECT * INTO p FROM puk WHERE order_id = of_order AND item = the_item AND state <> 'void' ORDER BY generation DESC LIMIT 1;
    RETURN p;
END $$;

-- For the page of the producer who sets them on the tokens, if that page waits. The ledger's row is committed before the caller sees
-- the answer.
CREATE OR REPLACE FUNCTION hall.signer_puks_open(wanted uuid) RETURNS TABLE (id uuid, item int, kek int, key bytea, encrypted bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE b pin_box;
BEGIN
    PERFORM enter_system('signer', 'puk.open');
    SELECT * INTO b FROM pin_box x WHERE x.id = wanted AND pin_box_waits(x);
    IF NOT FOUND THEN
        PERFORM refuse(409, 'no PUK is asked for');
    END IF;
    PERFORM FROM orders o WHERE o.id = b.order_id FOR NO KEY UPDATE;
    PERFORM pin_opened(b.order_id, max(p.generation), 'puk', (SELECT s.name FROM staff s WHERE s.id = b.staff)) FROM puk p WHERE p.order_id = b.order_id AND p.state = 'made'
    HAVING count(*) > 0;
    RETURN QUERY SELECT p.id, p.item, p.kek, p.key, p.encrypted FROM puk p WHERE p.order_id = b.order_id AND p.state = 'made' ORDER BY p.item;
END $$;

-- Opens a PUK for the message that is to carry it, and only while that is under way.
CREATE OR REPLACE FUNCTION hall.runner_puk_open(wanted uuid, to_whom text) RETURNS TABLE (kek int, key bytea, encrypted bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p puk;
BEGIN
    PERFORM enter_system('runner', 'puk.open');
    PERFORM FROM orders o JOIN puk x ON x.order_id = o.id WHERE x.id = wanted FOR NO KEY UPDATE OF o; -- always first, to avoid deadlocks
    SELECT * INTO p FROM puk x WHERE x.id = wanted AND x.state = 'made';
    IF NOT puk_under_way(p) THEN
        PERFORM refuse(409, 'nothing is under way that carries this PUK');
    END IF;
    PERFORM pin_opened(p.order_id, p.generation, 'unlock', to_whom);
    RETURN QUERY SELECT p.kek, p.key, p.encrypted;
END $$;

CREATE OR REPLACE FUNCTION hall.puk_under_way(p hall.puk) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM certificate c JOIN certificate_filed f ON f.certificate = c.id JOIN message m ON m.order_id = f.filed
        WHERE c.order_id = p.order_id AND c.item = p.item AND m.event = 'puk' AND m.state = 'queued' AND m.detail ->> 'token' = p.id::text);
END $$;

-- The message with the PUK was taken by the vendor, which releases it for good; or the telephone never got it, so it may be asked for again.
CREATE OR REPLACE FUNCTION hall.puk_of_message() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM FROM orders o JOIN puk p ON p.order_id = o.id WHERE p.id = (NEW.detail ->> 'token')::uuid FOR NO KEY UPDATE OF o;
    IF NEW.delivery = 'undelivered' THEN
        UPDATE puk p SET state = 'made', released_at = NULL, ends_at = c.not_after FROM certificate c
         WHERE p.id = (NEW.detail ->> 'token')::uuid AND p.state = 'released' AND c.order_id = p.order_id AND c.item = p.item
           AND c.key_use = 'signature' AND c.state IN ('valid', 'hold');
    ELSE
        UPDATE puk SET state = 'released', released_at = now(), ends_at = least(ends_at, now() + puk_rest())
         WHERE id = (NEW.detail ->> 'token')::uuid AND state = 'made';
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER message_puk AFTER UPDATE OF state ON hall.message FOR EACH ROW
    WHEN (NEW.event = 'puk' AND NEW.state = 'sent' AND OLD.state <> 'sent') EXECUTE FUNCTION hall.puk_of_message();
CREATE OR REPLACE TRIGGER message_puk_lost AFTER UPDATE OF delivery ON hall.message FOR EACH ROW
    WHEN (NEW.event = 'puk' AND NEW.delivery = 'undelivered' AND OLD.delivery IS DISTINCT FROM 'undelivered') EXECUTE FUNCTION hall.puk_of_message();

-- A PUK ends with its certificate, but not when the same order has made another one for the token.
CREATE OR REPLACE FUNCTION hall.puk_of_certificate(c hall.certificate) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE puk p SET ends_at = CASE c.state WHEN 'revoked' THEN now() ELSE c.not_after END
     WHERE p.order_id = c.order_id AND p.item = c.item AND p.state = CASE c.state WHEN 'revoked' THEN p.state ELSE 'made' END
       AND p.encrypted IS NOT NULL AND c.key_use = 'signature' AND c.state IN ('valid', 'revoked')
       AND NOT (c.state = 'revoked' AND EXISTS (SELECT FROM certificate x WHERE x.order_id = c.order_id AND x.item = c.item
                   AND x.key_use = 'signature' AND x.state <> 'revoked'));
END $$;

-- Why the token of a certificate cannot be unlocked; NULL: it can.
CREATE OR REPLACE FUNCTION hall.unlock_hindrance(o hall.orders, c hall.certificate) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p puk := puk_of(o.id, c.item);
BEGIN
    RETURN CASE
        WHEN (SELECT medium FROM production(o.id, c.item)) IS DISTINCT FROM 'ukey' THEN '这张证书是文件证书，没有需要解锁的介质。忘记 PIN 码的，请办理介质遗失补办。'
        WHEN c.state = 'revoked' THEN '证书已经吊销，不能解锁。'
        WHEN c.not_after <= now() THEN '证书已经过期，不能解锁。'
        WHEN c.state = 'hold' THEN '证书已经冻结，解除冻结后才能解锁。'
        WHEN NOT (state_of(o)).left_us THEN '介质还没有寄出，收到后才需要解锁。'
        WHEN p.id IS NULL THEN '这个介质制作时没有留存解锁码，不能在线解锁，请办理介质遗失补办。'
        WHEN p.released_at IS NOT NULL THEN format('解锁码已于 %s 发放，每个介质只发放一次。仍不能使用的，请办理介质遗失补办。',
            to_char(p.released_at AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'))
        WHEN p.state <> 'made' THEN '这个介质的解锁码已经销毁，请办理介质遗失补办。'
        WHEN puk_under_way(p) THEN '解锁码短信正在发送，请稍后再看。' END;
END $$;

-- A link on which the person authenticates to whom the PIN went, or who is on file in that one's place now.
CREATE OR REPLACE FUNCTION hall.unlock_start(new_id uuid, wanted uuid, the_serial text, token bytea, life interval) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate := my_certificate(wanted, the_serial);
    o orders;
    why text;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted;
    why := unlock_hindrance(o, c);
    IF why IS NOT NULL THEN
        PERFORM refuse(409, why);
    END IF;
    RETURN certificate_proof(new_id, c, 'unlock', pin_recipient(o), NULL, token, life,
                             '这张证书今天申请解锁的次数已用完，请明天再试，或拨打服务热线。');
END $$;

-- The person has passed: the PUK goes to the telephone of that person which is on file, and whoever else learns of a hold is told. Returns a word for
-- the page: puk_sent; puk_gone, when meanwhile the token can no longer be unlocked.
CREATE OR REPLACE FUNCTION hall.unlock_apply(i hall.identity) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c certificate;
    o orders;
    about jsonb;
BEGIN
    SELECT * INTO c FROM certificate WHERE id = i.certificate FOR NO KEY UPDATE;
    SELECT * INTO o FROM orders WHERE id = c.order_id;
    IF unlock_hindrance(o, c) IS NOT NULL THEN
        RETURN 'puk_gone';
    END IF;
    about := jsonb_build_object('serial', c.serial, 'token', (puk_of(o.id, c.item)).id, 'time',
        to_char(now() AT TIME ZONE 'Asia/Shanghai', 'YYYY-MM-DD HH24:MI'));
    PERFORM tell(on_file(c), 'puk', i.role, i.id::text, about);
    PERFORM tell(on_file(c), 'unlocked', r, i.id::text, about) FROM unnest(told_of_holds(o)) r WHERE r <> i.role;
    INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'unlock', '本人身份认证通过，介质解锁码以短信发送');
    PERFORM note('certificate', c.id, jsonb_build_object('unlock', i.id, 'passed', i.role));
    RETURN 'puk_sent';
END $$;

-- The owner's view: which tokens of an order can be unlocked, and how far the last request is.
CREATE OR REPLACE FUNCTION hall.my_unlocks(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('person', pin_recipient(o), 'items', (SELECT coalesce(jsonb_agg(jsonb_build_object('serial', c.serial, 'name', item_subject(o, c.item),
               'can', h.why IS NULL, 'why', h.why, 'released_at', iso((puk_of(o.id, c.item)).released_at),
               'asked', certificate_proof_asked(c, 'unlock'))
               ORDER BY c.item, c.issued_at DESC), '[]')
        FROM certificate c CROSS JOIN LATERAL (SELECT unlock_hindrance(o, c) AS why) h
       WHERE c.order_id = o.id AND c.key_use = 'signature' AND c.state IN ('valid', 'hold')
         AND (SELECT p.medium FROM production(o.id, c.item) p) = 'ukey'))::text
      FROM orders o WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project());
END $$;
