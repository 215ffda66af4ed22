-- Deploy certhall:certificate to pg
-- Review, production by the signer, shipping.
BEGIN;

CREATE TABLE hall.certificate (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    serial      text NOT NULL UNIQUE CHECK (serial ~ '^[0-9A-F]{16}$'),
    order_id    uuid NOT NULL REFERENCES hall.orders,
    algorithm   text NOT NULL,
    state       text NOT NULL DEFAULT 'issuing' CHECK (state IN ('issuing', 'valid', 'hold', 'revoked')),
    subject     text,
    not_before  timestamptz NOT NULL,
    not_after   timestamptz NOT NULL,
    tbs_sm3     bytea NOT NULL CHECK (length(tbs_sm3) = 32),
    certificate bytea,
    key_file    bytea, -- PKCS#12 under the PIN; NULL once handed over
    issued_at   timestamptz,
    audit_seq   int NOT NULL,
    audit_head  bytea NOT NULL,
    CHECK ((state = 'issuing') = (certificate IS NULL)),
    CHECK (not_after > not_before)
);
CREATE UNIQUE INDEX certificate_issuing ON hall.certificate (order_id) WHERE state = 'issuing';
CREATE UNIQUE INDEX certificate_valid ON hall.certificate (order_id) WHERE state = 'valid';
CREATE TRIGGER certificate_audited BEFORE INSERT OR UPDATE ON hall.certificate
    FOR EACH ROW EXECUTE FUNCTION hall.audited('certificate');

-- No one person both reviews and produces the same order, whatever roles they hold.
CREATE FUNCTION hall.duties_apart() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM review WHERE order_id = NEW.id AND staff = NEW.producer) THEN
        PERFORM refuse(403, '审核人不能制作同一业务单的证书。');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_duties BEFORE UPDATE OF producer ON hall.orders
    FOR EACH ROW WHEN (NEW.producer IS NOT NULL) EXECUTE FUNCTION hall.duties_apart();

CREATE FUNCTION hall.review_apart() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM orders WHERE id = NEW.order_id AND producer = NEW.staff) THEN
        PERFORM refuse(403, '制证人不能审核同一业务单。');
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER review_duties BEFORE INSERT OR UPDATE ON hall.review
    FOR EACH ROW EXECUTE FUNCTION hall.review_apart();

-- An order as staff may touch it.
CREATE FUNCTION hall.desk_order(wanted uuid, seen int) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted AND my_kind() = 'staff' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这个业务单。');
    ELSIF seen <> o.version THEN
        PERFORM refuse(409, '业务单已被他人处理，请刷新后再操作。');
    END IF;
    RETURN o;
END $$;

CREATE FUNCTION hall.approve(wanted uuid, seen int, remark text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order(wanted, seen);
BEGIN
    PERFORM advance(wanted, 'approve');
    INSERT INTO review (order_id, staff, approved, note) VALUES (wanted, me(), true, remark);
    UPDATE material SET state = 'ok', reason = NULL WHERE order_id = wanted AND state = 'rejected';
    PERFORM tell(wanted, 'approved', 'handler', o.version::text);
    PERFORM want_pin(wanted); -- made now, so that no PIN exists before the approval
    PERFORM try_gates(wanted);
END $$;

CREATE FUNCTION hall.reject(wanted uuid, seen int, why jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order(wanted, seen);
BEGIN
    PERFORM advance(wanted, 'reject');
    INSERT INTO review (order_id, staff, approved, reasons) VALUES (wanted, me(), false, why);
    UPDATE orders SET reasons = why, due_at = NULL WHERE id = wanted;
    UPDATE material m SET state = 'rejected', reason = r ->> 'text' FROM jsonb_array_elements(why) r
     WHERE m.order_id = wanted AND m.state = 'ok' AND r ->> 'pointer' = '/materials/' || m.code;
    PERFORM tell(wanted, 'rejected', 'handler', o.version::text,
                 jsonb_build_object('reason', (SELECT string_agg(r ->> 'text', '；') FROM jsonb_array_elements(why) r)));
END $$;

-- A producer asks for the certificate; the runner has the signer make it.
CREATE FUNCTION hall.produce(wanted uuid, seen int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order(wanted, seen);
BEGIN
    IF o.state <> 'accepted' THEN
        PERFORM refuse(409, '业务单还没有成功受理，不能制证。');
    END IF;
    UPDATE orders SET producer = me(), version = version + 1, updated_at = now() WHERE id = wanted;
    PERFORM enqueue('issue', 'issue/' || wanted || '/' || (o.version + 1), wanted);
END $$;

CREATE FUNCTION hall.ship(wanted uuid, seen int, carrier text, parcel_no text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := desk_order(wanted, seen);
BEGIN
    IF NOT carrier = ANY (SELECT unnest(couriers) FROM project WHERE id = o.project) THEN
        PERFORM refuse(422, '本项目不使用这家快递。', '/courier');
    END IF;
    PERFORM advance(wanted, 'hand_over');
    UPDATE orders SET courier = carrier, tracking_no = parcel_no, shipped_at = now() WHERE id = wanted;
    UPDATE certificate SET key_file = NULL WHERE order_id = wanted AND key_file IS NOT NULL; -- it is on the token now
    PERFORM tell(wanted, 'shipped', 'handler', '1', jsonb_build_object('courier', carrier, 'number', parcel_no));
    PERFORM enqueue('signed_for', 'signed_for/' || wanted, wanted, '15 days');
END $$;

-- ---- the signer's side: all that it may ask and say ----

CREATE FUNCTION hall.signer_order(wanted uuid)
RETURNS TABLE (number text, cert_type text, years int, form_sealed bytea, pin_generation int, pin_sealed bytea,
               pin_wanted bool, issue_wanted bool, serial text, not_before timestamptz, not_after timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.number, person_of(o), o.years, o.form, p.generation, p.sealed, coalesce(p.state = 'wanted', false),
           o.state = 'accepted' AND o.producer IS NOT NULL, c.serial, c.not_before, c.not_after
      FROM orders o LEFT JOIN pin p ON p.order_id = o.id AND p.state IN ('wanted', 'made')
      LEFT JOIN certificate c ON c.order_id = o.id AND c.state = 'issuing'
     WHERE o.id = wanted AND o.state IN ('approved', 'accepted') $$;

CREATE FUNCTION hall.signer_pin(wanted uuid, which int, sealed_pin bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.pin');
    UPDATE pin SET sealed = sealed_pin, state = 'made', made_at = now()
     WHERE order_id = wanted AND generation = which AND state = 'wanted';
    IF NOT FOUND THEN
        PERFORM refuse(409, 'this PIN is not wanted');
    END IF;
    PERFORM note('order', wanted, jsonb_build_object('pin', which));
    PERFORM want_payout(wanted);
END $$;

CREATE FUNCTION hall.signer_pin_opened(wanted uuid, which int, why text) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    INSERT INTO pin_ledger (order_id, generation, purpose, actor) VALUES (wanted, which, why, session_user) $$;

CREATE FUNCTION hall.signer_issuing(wanted uuid, new_serial text, kind text, starts timestamptz, ends timestamptz,
                                    tbs bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.issuing');
    IF NOT EXISTS (SELECT FROM signer_order(wanted) WHERE issue_wanted) THEN
        PERFORM refuse(409, 'no certificate is wanted for this order');
    END IF;
    INSERT INTO certificate AS c (serial, order_id, algorithm, not_before, not_after, tbs_sm3)
    VALUES (new_serial, wanted, kind, starts, ends, tbs)
    ON CONFLICT (serial) DO UPDATE SET (algorithm, not_before, not_after, tbs_sm3) =
        (EXCLUDED.algorithm, EXCLUDED.not_before, EXCLUDED.not_after, EXCLUDED.tbs_sm3)
     WHERE c.order_id = wanted AND c.state = 'issuing';
    IF NOT FOUND THEN
        PERFORM refuse(409, 'this serial number is taken');
    END IF;
END $$;

CREATE FUNCTION hall.signer_issued(wanted uuid, the_serial text, der bytea, p12 bytea, name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    PERFORM enter_system('signer', 'signer.issued');
    UPDATE certificate SET state = 'valid', certificate = der, key_file = p12, subject = name, issued_at = now()
     WHERE order_id = wanted AND serial = the_serial AND state = 'issuing';
    IF NOT FOUND THEN
        PERFORM refuse(409, 'this certificate is not being issued');
    END IF;
    PERFORM advance(wanted, 'produce');
    SELECT * INTO o FROM orders WHERE id = wanted;
    IF o.finauth IS NULL OR o.finauth NOT IN ('succeeded') THEN -- the remark has not carried it: domain, section 5
        PERFORM tell(wanted, 'pin', CASE person_of(o) WHEN 'institution' THEN 'handler' ELSE 'holder' END, the_serial);
    END IF;
END $$;

COMMIT;
