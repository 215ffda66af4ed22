-- Revert certhall:revocation from pg
BEGIN;

DROP TRIGGER certificate_supersedes ON hall.certificate;
DROP TRIGGER certificate_replaces_valid ON hall.certificate;
DROP TRIGGER certificate_replaces_new ON hall.certificate;
DROP TRIGGER certificate_moved ON hall.certificate;
DROP FUNCTION hall.certificates_find, hall.desk_certificates, hall.revocation_read, hall.revocations_json, hall.revocation_row,
    hall.staff_name, hall.my_losses, hall.certificate_brief, hall.identity_work, hall.identity_phone, hall.identity_role,
    hall.loss_apply, hall.identity_refused, hall.loss_start, hall.loss_find, hall.loss_undo, hall.loss_report, hall.my_certificate,
    hall.revocation_decide, hall.certificate_release, hall.certificate_hold, hall.revocation_ask, hall.staff_certificate,
    hall.certificate_supersedes, hall.certificate_replaces, hall.certificate_moved;
DROP TRIGGER revocation_after ON hall.revocation;
DROP TRIGGER revocation_rules ON hall.revocation;
DROP FUNCTION hall.revocation_after, hall.revocation_tell, hall.revocation_move, hall.revocation_rules, hall.undoes, hall.holding,
    hall.pair_of, hall.reason_words, hall.undo_time;
DROP TABLE hall.revocation;
DROP INDEX hall.certificate_by_serial, hall.orders_replaces;

DELETE FROM hall.link WHERE subject IN (SELECT id FROM hall.identity WHERE purpose = 'loss');
DELETE FROM hall.identity WHERE purpose = 'loss';
ALTER TABLE hall.identity
    DROP CONSTRAINT identity_purpose,
    DROP COLUMN purpose, DROP COLUMN certificate, DROP COLUMN project, DROP COLUMN role, DROP COLUMN kind, DROP COLUMN serial,
    DROP COLUMN address, DROP COLUMN refusals, DROP COLUMN outcome,
    ALTER order_id SET NOT NULL;

CREATE OR REPLACE FUNCTION hall.identity_card(side text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i identity := my_identity();
BEGIN
    UPDATE identity SET front = front OR side = 'front', back = back OR side = 'back',
           step = CASE WHEN step = 'opened' THEN 'card' ELSE step END WHERE id = i.id;
    PERFORM note('order', i.order_id, jsonb_build_object('id_card', side));
    IF (i.front OR side = 'front') AND (i.back OR side = 'back') THEN
        PERFORM enqueue('carrier', 'carrier/' || i.id, i.id);
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.identity_result(wanted uuid, good bool, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE i identity;
BEGIN
    SELECT * INTO i FROM identity WHERE id = wanted AND state = 'pending' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN; -- said before, or made void by a new start
    END IF;
    UPDATE identity SET state = CASE WHEN good THEN 'passed' ELSE 'failed' END, reason = why,
           passed_at = CASE WHEN good THEN now() END WHERE id = wanted;
    UPDATE orders SET phone_state = CASE WHEN good THEN 'passed' ELSE 'failed' END, updated_at = now()
     WHERE id = i.order_id;
    INSERT INTO order_history (order_id, event, text)
    VALUES (i.order_id, 'authenticate', CASE WHEN good THEN '手机身份认证通过' ELSE '手机身份认证未通过' END);
END $$;

CREATE FUNCTION hall.identity_phone()
RETURNS TABLE (identity uuid, order_id uuid, form bytea, project_name text, person text, state text, step text, front bool,
               back bool, reason text, biz_token text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT i.id, o.id, o.form, p.name, person_of(o), i.state, i.step, i.front, i.back, i.reason, i.biz_token
      FROM identity i JOIN orders o ON o.id = i.order_id JOIN project p ON p.id = o.project
     WHERE i.id = me() AND my_kind() = 'link' AND i.state <> 'void' AND o.project = my_project() $$;

CREATE FUNCTION hall.identity_work(wanted uuid)
RETURNS TABLE (order_id uuid, form bytea, person text, state text, carrier bool, biz_token text, expired bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.id, o.form, person_of(o), i.state, i.carrier, i.biz_token, i.created_at < now() - interval '2 hours'
      FROM identity i JOIN orders o ON o.id = i.order_id WHERE i.id = wanted $$;

GRANT EXECUTE ON FUNCTION hall.identity_phone TO certhall_identity;
GRANT EXECUTE ON FUNCTION hall.identity_work TO certhall_runner;

COMMIT;
