-- Revert certhall:issuance from pg
BEGIN;
DROP TRIGGER certificate_external ON hall.certificate;
DROP FUNCTION hall.tell_external, hall.cmp_revoke_work, hall.cmp_work, hall.cmp_answered, hall.signer_answer_refused,
    hall.csr_refused, hall.signer_requested, hall.signer_produced, hall.signer_issued, hall.signer_issuing, hall.superseded,
    hall.signer_order, hall.ca_chain, hall.desk_key_file, hall.produce, hall.csr_put, hall.desk_production, hall.my_order_certificates,
    hall.my_key_file, hall.key_file_take, hall.key_file_end, hall.key_file_takes_max, hall.project_ca_check;
CREATE FUNCTION hall.signer_order(wanted uuid)
RETURNS TABLE (number text, cert_type text, years int, form_sealed bytea, pin_generation int, pin_sealed bytea,
               pin_wanted bool, issue_wanted bool, serial text, not_before timestamptz, not_after timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.number, person_of(o), o.years, o.form, p.generation, p.sealed, coalesce(p.state = 'wanted', false),
           o.state = 'accepted' AND o.producer IS NOT NULL, c.serial, c.not_before, c.not_after
      FROM orders o LEFT JOIN pin p ON p.order_id = o.id AND p.state IN ('wanted', 'made')
      LEFT JOIN certificate c ON c.order_id = o.id AND c.state = 'issuing'
     WHERE o.id = wanted AND o.state IN ('approved', 'accepted') $$;
CREATE FUNCTION hall.signer_issuing(wanted uuid, new_serial text, the_ca text, kind text, the_profile text,
                                    starts timestamptz, ends timestamptz, tbs bytea, spki bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.issuing');
    IF NOT EXISTS (SELECT FROM signer_order(wanted) WHERE issue_wanted) THEN
        PERFORM refuse(409, 'no certificate is wanted for this order');
    END IF;
    UPDATE certificate SET (algorithm, profile, not_before, not_after, tbs_sm3, public_sha256) =
        (kind, the_profile, starts, ends, tbs, spki)
     WHERE ca = the_ca AND serial = new_serial AND order_id = wanted AND state = 'issuing';
    IF FOUND THEN
        RETURN;
    ELSIF EXISTS (SELECT FROM certificate WHERE ca = the_ca AND serial = new_serial) THEN
        PERFORM refuse(409, 'this serial number is taken');
    END IF;
    INSERT INTO certificate (serial, order_id, ca, algorithm, profile, not_before, not_after, tbs_sm3, public_sha256)
    VALUES (new_serial, wanted, the_ca, kind, the_profile, starts, ends, tbs, spki);
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
CREATE FUNCTION hall.desk_key_file(wanted uuid) RETURNS TABLE (number text, key_file bytea, certificate bytea)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF my_kind() = 'staff' AND EXISTS (SELECT FROM orders o WHERE o.id = wanted) THEN
        PERFORM note('order', wanted, '{"read": "key_file"}');
        RETURN QUERY SELECT o.number, c.key_file, c.certificate FROM orders o JOIN certificate c ON c.order_id = o.id
                      WHERE o.id = wanted AND c.state = 'valid';
    END IF;
END $$;
CREATE OR REPLACE FUNCTION hall.ship(wanted uuid, seen int, carrier text, parcel_no text) RETURNS void
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
CREATE OR REPLACE FUNCTION hall.project_import(d jsonb) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p uuid;
    t jsonb;
BEGIN
    INSERT INTO project AS old (slug, project_id, name, title, form_title, intro, hotline_text, business, login_ways,
        self_registration, seal_mode, seal_default, payment_ways, finauth, account_asked, review_days, ship_days, couriers,
        courier_payment, gift_note)
    SELECT slug, project_id, name, title, form_title, coalesce(intro, ''), coalesce(hotline_text, ''), business, login_ways,
        self_registration, seal_mode, coalesce(seal_default, true), payment_ways, finauth, account_asked, review_days,
        ship_days, couriers, courier_payment, coalesce(gift_note, '')
      FROM jsonb_populate_record(NULL::project, d)
    ON CONFLICT (slug) DO UPDATE SET (project_id, name, title, form_title, intro, hotline_text, business, login_ways,
        self_registration, seal_mode, seal_default, payment_ways, finauth, account_asked, review_days, ship_days, couriers,
        courier_payment, gift_note, revision) = (EXCLUDED.project_id, EXCLUDED.name, EXCLUDED.title, EXCLUDED.form_title,
        EXCLUDED.intro, EXCLUDED.hotline_text, EXCLUDED.business, EXCLUDED.login_ways, EXCLUDED.self_registration,
        EXCLUDED.seal_mode, EXCLUDED.seal_default, EXCLUDED.payment_ways, EXCLUDED.finauth, EXCLUDED.account_asked,
        EXCLUDED.review_days, EXCLUDED.ship_days, EXCLUDED.couriers, EXCLUDED.courier_payment, EXCLUDED.gift_note,
        old.revision + 1)
    RETURNING id INTO p;

    DELETE FROM project_agreement WHERE project = p;
    INSERT INTO project_agreement SELECT p, pos, coalesce((a ->> 'box')::int, 1), a ->> 'code', a ->> 'version'
      FROM jsonb_array_elements(d -> 'agreements') WITH ORDINALITY AS e(a, pos);
    DELETE FROM project_step WHERE project = p;
    INSERT INTO project_step SELECT p, pos, s ->> 'step', s ->> 'label'
      FROM jsonb_array_elements(d -> 'steps') WITH ORDINALITY AS e(s, pos);
    DELETE FROM project_type WHERE project = p;
    INSERT INTO project_type SELECT p, pos, x ->> 'cert_type', x ->> 'name', x ->> 'person', x ->> 'medium'
      FROM jsonb_array_elements(d -> 'types') WITH ORDINALITY AS e(x, pos);
    FOR t IN SELECT * FROM jsonb_array_elements(d -> 'types') LOOP
        INSERT INTO project_price SELECT p, t ->> 'cert_type', (y ->> 'years')::int, part ->> 'part', part ->> 'name',
               (part ->> 'fen')::int, coalesce((part ->> 'with_seal')::bool, false)
          FROM jsonb_array_elements(t -> 'prices') y, jsonb_array_elements(y -> 'parts') part;
    END LOOP;
    DELETE FROM project_field WHERE project = p;
    INSERT INTO project_field SELECT p, r.field, coalesce(r.required, true), coalesce(r.hint, ''), r.cert_types, r.levels
      FROM jsonb_populate_recordset(NULL::project_field, d -> 'fields') r;
    DELETE FROM project_material WHERE project = p;
    INSERT INTO project_material SELECT p, r.pos, r.code, r.name, r.stamped, r.formats, coalesce(r.with_seal, false),
           r.cert_types, coalesce(r.note, ''), coalesce(r.of_form, false)
      FROM (SELECT (jsonb_populate_record(NULL::project_material, m)).*, n FROM
            jsonb_array_elements(d -> 'materials') WITH ORDINALITY AS e(m, n)) r(project, pos0, code, name, stamped,
            formats, with_seal, cert_types, note, of_form, pos);
    -- Stock is counted by the hall: an import names it for gifts that are new.
    DELETE FROM project_gift g WHERE project = p
       AND NOT EXISTS (SELECT FROM jsonb_array_elements(d -> 'gifts') x WHERE (x ->> 'years')::int = g.years);
    INSERT INTO project_gift SELECT p, r.years, r.name, r.needs_seal, r.stock
      FROM jsonb_populate_recordset(NULL::project_gift, coalesce(d -> 'gifts', '[]')) r
    ON CONFLICT (project, years) DO UPDATE SET name = EXCLUDED.name, needs_seal = EXCLUDED.needs_seal;
    DELETE FROM project_link WHERE project = p;
    INSERT INTO project_link SELECT p, pos, l ->> 'label', l ->> 'url'
      FROM jsonb_array_elements(coalesce(d -> 'links', '[]')) WITH ORDINALITY AS e(l, pos);
    DELETE FROM message_template WHERE project = p;
    INSERT INTO message_template SELECT r.event, p, r.vendor_id, r.body, r.parameters
      FROM jsonb_populate_recordset(NULL::message_template, coalesce(d -> 'messages', '[]')) r;
    RETURN p;
END $$;
DROP FUNCTION hall.production;
DROP TABLE hall.key_file_take;
DROP TABLE hall.csr;
ALTER TABLE hall.orders DROP replaces;
ALTER TABLE hall.project_type DROP CONSTRAINT project_type_token, DROP profile, DROP key_origin, DROP pair;
ALTER TABLE hall.project DROP ca;
GRANT EXECUTE ON FUNCTION hall.signer_order, hall.signer_issuing, hall.signer_issued TO certhall_signer;
GRANT EXECUTE ON FUNCTION hall.produce, hall.desk_key_file TO certhall_desk;
COMMIT;
