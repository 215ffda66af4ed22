-- Revert certhall:proof from pg
-- Orders that wait for a code have no way on in the former programs: they go to the review, as if nothing had to be proved.
BEGIN;

DROP FUNCTION hall.bank_import_end, hall.bank_import_twice, hall.bank_import_add, hall.bank_import_begin;
DROP TABLE hall.bank_import;
CREATE OR REPLACE FUNCTION hall.bank_search(words text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, public, pg_temp AS $$
    WITH exact AS (
        SELECT b FROM bank_branch b
         WHERE b.cnaps = trim(words)
            OR NOT EXISTS (SELECT FROM regexp_split_to_table(trim(words), '\s+') w WHERE position(w IN b.name) = 0)
         ORDER BY length(b.name), b.cnaps LIMIT 20),
    near AS (
        SELECT b FROM bank_branch b WHERE NOT EXISTS (SELECT FROM exact) AND word_similarity(words, b.name) > 0.15
         ORDER BY word_similarity(words, b.name) DESC, b.cnaps LIMIT 20)
    SELECT jsonb_build_object('banks', coalesce(jsonb_agg(jsonb_build_object('cnaps', (b).cnaps, 'name', (b).name,
               'bank', (b).bank)), '[]'))::text FROM (SELECT * FROM exact UNION ALL SELECT * FROM near) x $$;
DROP FUNCTION hall.bank_near, hall.bank_exact, hall.bank_words, hall.bank_grams_count;
DROP TABLE hall.bank_synonym, hall.bank_gram;
ALTER TABLE hall.bank_branch DROP grams, DROP short, DROP offered;
DROP FUNCTION hall.bigrams, hall.bank_short;

DROP FUNCTION hall.desk_payout_again, hall.desk_payout, hall.desk_payouts, hall.desk_order_payouts, hall.payout_json, hall.payout_task;
CREATE OR REPLACE FUNCTION hall.next_step(o hall.orders) RETURNS TABLE (step text, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT * FROM (
        SELECT CASE WHEN l.pointer LIKE '/materials%' OR l.pointer = '/stamp' THEN 'materials' ELSE substr(l.pointer, 2) END, l.text
          FROM order_lacks(o) l WHERE o.state = 'draft'
        UNION ALL SELECT 'payment', '确认无误后提交并支付。' WHERE o.state = 'draft'
        UNION ALL SELECT 'payment', '请尽快完成支付，7 天内未支付将自动取消。' WHERE o.state = 'unpaid'
        UNION ALL SELECT 'form', '请按驳回原因修改后重新提交，已支付的费用继续有效。' WHERE o.state = 'rejected'
        UNION ALL SELECT 'account', CASE o.finauth WHEN 'account_wanted' THEN '请填写单位对公账户，用于金融认证。'
                         ELSE '金融认证未成功，请核对并更正对公账户。' END
         WHERE o.finauth IN ('account_wanted', 'failed', 'returned') AND o.state IN ('in_review', 'rejected', 'approved')
        UNION ALL SELECT 'received', '收到快递后请确认签收。' WHERE o.state = 'shipped'
    ) s LIMIT 1 $$;
DROP FUNCTION hall.finauth_step;
CREATE OR REPLACE FUNCTION hall.order_label(o hall.orders) RETURNS TABLE (label text, tone text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(m.label, x.label, s.label), coalesce(m.tone, x.tone, s.tone) FROM order_state s
      LEFT JOIN (VALUES ('asked', '退费申请中', 'warning'), ('sending', '退费处理中', 'warning')) AS m(refund, label, tone)
        ON m.refund = o.refund AND o.state NOT IN ('refunded', 'cancelled')
      LEFT JOIN (VALUES
        ('failed', '金融认证失败', 'danger'), ('returned', '金融认证退票', 'danger'),
        ('account_wanted', '待填写对公账户', 'warning'), ('queued', '金融认证处理中', 'info'),
        ('sent', '已打款，待银行确认', 'info'), ('succeeded', '金融认证成功', 'warning')) AS x(finauth, label, tone)
        ON x.finauth = o.finauth AND (o.state = 'verifying' OR (o.state = 'approved' AND o.finauth <> 'succeeded')
                                      OR (o.state = 'in_review' AND o.finauth = 'account_wanted'))
     WHERE s.state = o.state $$;
CREATE OR REPLACE FUNCTION hall.order_base_can(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT to_jsonb(array_remove(ARRAY[
        CASE WHEN o.state IN ('draft', 'rejected') THEN 'save' END,
        CASE WHEN o.state = 'unpaid' THEN 'edit' END,
        CASE WHEN o.state IN ('draft', 'unpaid') THEN 'cancel' END,
        CASE WHEN o.state = 'rejected' THEN 'resubmit' END,
        CASE WHEN o.form_complete THEN 'print' END,
        CASE WHEN o.state = 'shipped' THEN 'received' END,
        CASE WHEN o.finauth IN ('account_wanted', 'queued', 'failed', 'returned')
              AND o.state IN ('in_review', 'rejected', 'approved')
              AND NOT EXISTS (SELECT FROM payout WHERE order_id = o.id AND state IN ('queued', 'sent')) THEN 'account' END], NULL)) $$;
CREATE OR REPLACE FUNCTION hall.order_finauth_can(o hall.orders) RETURNS text[] LANGUAGE sql STABLE AS $$ SELECT '{}'::text[] $$;
CREATE OR REPLACE FUNCTION hall.order_finauth_json(o hall.orders) RETURNS jsonb LANGUAGE sql STABLE AS $$ SELECT '{}'::jsonb $$;

DELETE FROM hall.link WHERE purpose = 'code' OR subject IN (SELECT id FROM hall.identity WHERE purpose = 'legal');
DELETE FROM hall.identity WHERE purpose = 'legal';
DROP FUNCTION hall.identity_work(uuid), hall.identity_phone();
CREATE FUNCTION hall.identity_phone()
RETURNS TABLE (identity uuid, purpose text, order_id uuid, form bytea, project_name text, role text, state text,
    step text,
               front bool, back bool, reason text, biz_token text, kind text, outcome text, serial text, subject text,
                   undo_until text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT i.id, i.purpose, o.id, o.form, p.name, identity_role(i, o), i.state, i.step, i.front, i.back, i.reason,
        i.biz_token,
           i.kind, i.outcome, CASE WHEN i.outcome IS NOT NULL THEN c.serial END, CASE WHEN i.outcome IS NOT NULL
               THEN o.subject END,
           CASE WHEN i.outcome = 'held' THEN iso(i.passed_at + undo_time()) END
      FROM identity i LEFT JOIN certificate c ON c.id = i.certificate
      LEFT JOIN orders o ON o.id = coalesce(i.order_id, c.order_id) LEFT JOIN project p ON p.id = my_project()
     WHERE i.id = me() AND my_kind() = 'link' AND i.state <> 'void'
       AND my_project() IS NOT DISTINCT FROM CASE i.purpose WHEN 'phone' THEN o.project ELSE i.project END $$;
CREATE FUNCTION hall.identity_work(wanted uuid)
RETURNS TABLE (order_id uuid, form bytea, role text, state text, carrier bool, biz_token text, expired bool)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.id, o.form, identity_role(i, o), i.state, i.carrier, i.biz_token, i.created_at < now() - interval '2 hours'
      FROM identity i LEFT JOIN certificate c ON c.id = i.certificate JOIN orders o ON o.id = coalesce(i.order_id,
          c.order_id)
     WHERE i.id = wanted $$;
GRANT EXECUTE ON FUNCTION hall.identity_phone TO certhall_identity;
GRANT EXECUTE ON FUNCTION hall.identity_work TO certhall_runner;
CREATE OR REPLACE FUNCTION hall.identity_view(wanted uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('state', o.phone_state, 'step', i.step, 'reason', i.reason,
               'expired', coalesce(i.state = 'pending' AND i.expires_at < now(), false))::text
      FROM orders o LEFT JOIN LATERAL (SELECT * FROM identity x WHERE x.order_id = o.id AND x.state <> 'void'
           ORDER BY created_at DESC LIMIT 1) i ON true
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project() $$;
CREATE OR REPLACE FUNCTION hall.identity_result(wanted uuid, good bool, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    i identity;
    came_of_it text;
BEGIN
    SELECT * INTO i FROM identity WHERE id = wanted AND state = 'pending' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN; -- said before, or made void by a new start
    ELSIF good AND i.purpose = 'loss' THEN
        came_of_it := loss_apply(i);
    END IF;
    UPDATE identity SET state = CASE WHEN good THEN 'passed' ELSE 'failed' END, reason = why,
           passed_at = CASE WHEN good THEN now() END, outcome = came_of_it WHERE id = wanted;
    IF i.purpose = 'loss' THEN
        RETURN;
    END IF;
    UPDATE orders SET phone_state = CASE WHEN good THEN 'passed' ELSE 'failed' END, updated_at = now()
     WHERE id = i.order_id;
    INSERT INTO order_history (order_id, event, text)
    VALUES (i.order_id, 'authenticate', CASE WHEN good THEN '手机身份认证通过' ELSE '手机身份认证未通过' END);
END $$;
DROP FUNCTION hall.legal_passed, hall.legal_view, hall.legal_start, hall.legal_auth;
DROP TRIGGER identity_asked ON hall.identity;
DROP FUNCTION hall.identity_asked;
ALTER TABLE hall.identity
    DROP asked_at,
    DROP CONSTRAINT identity_purpose_check,
    ADD CONSTRAINT identity_purpose_check CHECK (purpose IN ('phone', 'loss')),
    DROP CONSTRAINT identity_purpose,
    ADD CONSTRAINT identity_purpose CHECK (CASE purpose
        WHEN 'phone' THEN order_id IS NOT NULL AND num_nonnulls(certificate, project, role, kind, serial, address,
            outcome) = 0
        ELSE order_id IS NULL AND num_nulls(role, kind, serial, address) = 0 AND (outcome IS NULL
            OR state = 'passed') END);
DROP TABLE hall.legal_person;

CREATE OR REPLACE FUNCTION hall.enter(token bytea, wanted_roles text[], slug_ text, op text, address text, request text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    project_ uuid;
    s session;
    l link;
    kind text := 'nobody';
    who uuid;
    roles text[] := ARRAY(SELECT unnest(wanted_roles) INTERSECT SELECT unnest(ARRAY['public', 'vendor']));
BEGIN
    IF slug_ NOT IN ('', 'hall') THEN -- the hall itself has pages of no project
        SELECT id INTO project_ FROM project WHERE slug = slug_;
        IF NOT FOUND THEN
            PERFORM refuse(404, '没有这个办理入口，请核对合作平台给您的链接。');
        END IF;
    END IF;
    SELECT * INTO s FROM session WHERE token_hash = token AND expires_at > now();
    IF FOUND AND s.account IS NOT NULL THEN
        kind := 'account'; who := s.account; roles := roles || '{applicant}';
    ELSIF FOUND THEN
        kind := 'staff'; who := s.staff;
        roles := roles || coalesce((SELECT f.roles FROM staff f WHERE f.id = s.staff AND active), '{}');
    ELSIF 'phone' = ANY (wanted_roles) THEN
        SELECT * INTO l FROM link WHERE token_hash = token AND purpose = 'phone' AND expires_at > now();
        IF NOT FOUND THEN
            PERFORM refuse(410, '认证链接已失效，请在电脑上重新生成二维码。');
        END IF;
        kind := 'link'; who := l.subject; roles := roles || '{phone}';
    END IF;
    IF NOT roles && wanted_roles THEN
        IF who IS NULL THEN
            PERFORM refuse(401, '登录已失效，请重新登录。');
        END IF;
        PERFORM refuse(403, '您没有办理此事项的权限。');
    END IF;
    IF s.seen_at < now() - interval '1 minute' THEN
        UPDATE session SET seen_at = now() WHERE token_hash = token;
    END IF;
    PERFORM set_config('hall.kind', kind, true), set_config('hall.who', coalesce(who::text, ''), true),
            set_config('hall.roles', roles::text, true), set_config('hall.project', coalesce(project_::text, ''), true),
            set_config('hall.op', op, true), set_config('hall.address', address, true),
            set_config('hall.request', request, true);
    RETURN who;
END $$;
DROP FUNCTION hall.link_code_view, hall.link_code_try, hall.my_code_order, hall.code_link;
ALTER TABLE hall.link DROP CONSTRAINT link_purpose_check, ADD CONSTRAINT link_purpose_check CHECK (purpose IN ('phone'));
DROP FUNCTION hall.code_end, hall.my_code_try, hall.code_try, hall.code_json;

CREATE OR REPLACE FUNCTION hall.account_remind(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM orders WHERE id = wanted AND finauth = 'account_wanted'
                  AND state IN ('in_review', 'rejected', 'approved')) THEN
        PERFORM tell(wanted, 'account_wanted', 'handler', to_char(now(), 'YYYYMMDD'));
    END IF;
END $$;
CREATE OR REPLACE FUNCTION hall.account_view(wanted uuid) RETURNS TABLE ("out" text, form bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('state', o.finauth, 'reason', o.finauth_text, 'mode', p.finauth,
               'account', CASE WHEN b.order_id IS NOT NULL THEN jsonb_build_object('name', b.name, 'branch', b.cnaps,
                   'branch_name', (SELECT name FROM bank_branch r WHERE r.cnaps = b.cnaps), 'account_no', b.masked) END,
               'payouts', (SELECT count(*) FROM payout y WHERE y.order_id = o.id), 'payouts_max', payouts_max())::text, o.form
      FROM orders o JOIN project p ON p.id = o.project LEFT JOIN bank_account b ON b.order_id = o.id
     WHERE o.id = wanted AND o.account = me() AND my_kind() = 'account' AND o.project = my_project() $$;
DROP FUNCTION hall.my_payout_again, hall.payout_again, hall.payout_unaskable, hall.payout_next;
CREATE OR REPLACE FUNCTION hall.account_put(wanted uuid, branch text, sealed_data bytea, shown text, unit text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted);
BEGIN
    IF o.state NOT IN ('in_review', 'rejected', 'approved')
       OR o.finauth IS NULL OR o.finauth NOT IN ('account_wanted', 'queued', 'failed', 'returned')
       OR EXISTS (SELECT FROM payout WHERE order_id = wanted AND state IN ('queued', 'sent')) THEN
        PERFORM refuse(409, '现在不能更改银行账户，请刷新后再看。');
    ELSIF NOT EXISTS (SELECT FROM bank_branch WHERE cnaps = branch) THEN
        PERFORM refuse(422, '请从搜索结果中选择开户行。', '/account_branch');
    ELSIF (SELECT count(*) FROM payout WHERE order_id = wanted) >= payouts_max() THEN
        PERFORM refuse(409, '打款认证次数已用完，请联系客服。');
    END IF;
    INSERT INTO bank_account (order_id, cnaps, sealed, masked, name) VALUES (wanted, branch, sealed_data, shown, unit)
    ON CONFLICT (order_id) DO UPDATE SET (cnaps, sealed, masked, name, updated_at) =
        (EXCLUDED.cnaps, EXCLUDED.sealed, EXCLUDED.masked, EXCLUDED.name, now());
    UPDATE orders SET finauth = 'queued', finauth_text = NULL, updated_at = now() WHERE id = wanted;
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'account', '已提交对公账户');
    IF o.finauth IN ('failed', 'returned') THEN
        PERFORM want_pin(wanted); -- every new payout carries a fresh PIN
    END IF;
    PERFORM want_payout(wanted);
END $$;
DROP FUNCTION hall.account_changeable, hall.legal_end, hall.payout_work(uuid);
CREATE FUNCTION hall.payout_work(wanted uuid)
RETURNS TABLE (order_id uuid, yur_ref text, state text, generation int, account bytea, masked text, cnaps text, branch text,
               bank text, age interval)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT y.order_id, y.yur_ref, y.state, y.generation, b.sealed, b.masked, b.cnaps, r.name, r.bank, now() - y.created_at
      FROM payout y JOIN bank_account b USING (order_id) JOIN bank_branch r ON r.cnaps = b.cnaps WHERE y.id = wanted $$;
GRANT EXECUTE ON FUNCTION hall.payout_work TO certhall_runner;
CREATE OR REPLACE FUNCTION hall.try_gates(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    had text := current_setting('hall.roles', true);
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted FOR NO KEY UPDATE;
    IF o.state <> 'approved' OR o.paid NOT IN ('paid', 'zero')
       OR coalesce(o.finauth, 'verified') NOT IN ('succeeded', 'verified', 'replaced') THEN
        RETURN;
    END IF;
    PERFORM set_config('hall.roles', '{system}', true); -- the gates are nobody's decision
    PERFORM advance(wanted, 'gates_open');
    PERFORM set_config('hall.roles', coalesce(had, ''), true);
    UPDATE orders r SET accepted_at = now(),
           ship_due_at = CASE WHEN p.ship_days IS NULL THEN r.due_at ELSE due(now(), p.ship_days) END
      FROM project p WHERE p.id = r.project AND r.id = wanted;
END $$;
DROP FUNCTION hall.payout_suspended;
CREATE OR REPLACE FUNCTION hall.payout_state(wanted uuid, said text, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p payout;
    o orders;
BEGIN
    SELECT * INTO p FROM payout WHERE id = wanted;
    SELECT * INTO o FROM orders WHERE id = p.order_id FOR NO KEY UPDATE;
    SELECT * INTO p FROM payout WHERE id = wanted FOR NO KEY UPDATE;
    IF p.state = said OR p.state IN ('failed', 'returned') OR (p.state = 'succeeded' AND said <> 'returned') THEN
        RETURN;
    END IF;
    UPDATE payout SET state = said, reason = why, ended_at = CASE WHEN said = 'sent' THEN NULL ELSE now() END
     WHERE id = wanted;
    UPDATE orders SET finauth = said, finauth_text = why, updated_at = now() WHERE id = o.id;
    IF said = 'sent' THEN
        INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'payout', '已向单位账户汇出 0.01 元，附言为证书 PIN 码');
        PERFORM enqueue('payout_query', 'payout_query/' || wanted, wanted, '1 second');
    ELSIF said = 'succeeded' THEN
        INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'payout', '金融认证成功');
        PERFORM enqueue('payout_watch', 'payout_watch/' || wanted, wanted, '1 day');
        PERFORM try_gates(o.id);
    ELSE
        INSERT INTO order_history (order_id, event, text)
        VALUES (o.id, 'payout', '金融认证失败' || coalesce('：' || why, ''));
        PERFORM tell(o.id, 'finauth_failed', 'handler', wanted::text, jsonb_build_object('reason', why));
        IF said = 'returned' AND o.state IN ('accepted', 'produced') THEN
            PERFORM advance(o.id, 'payout_returned');
            UPDATE orders SET producer = NULL WHERE id = o.id; -- it is asked for anew when the account is proved
            UPDATE certificate SET state = 'hold' WHERE order_id = o.id AND state = 'valid'; -- its PIN reached nobody
        END IF;
    END IF;
END $$;
DROP FUNCTION hall.payout_sent, hall.payout_undone, hall.finauth_failed, hall.finauth_passed;
CREATE OR REPLACE FUNCTION hall.order_paid(wanted uuid, how text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p project;
    o orders;
BEGIN
    UPDATE orders SET paid = how WHERE id = wanted RETURNING * INTO o;
    SELECT * INTO p FROM project WHERE id = o.project;
    PERFORM advance(wanted, 'paid');
    IF person_of(o) <> 'natural' AND p.finauth <> 'none' THEN
        UPDATE orders SET finauth = CASE WHEN p.account_asked = 'form' THEN 'queued' ELSE 'account_wanted' END
         WHERE id = wanted;
        IF p.account_asked = 'after_payment' THEN
            PERFORM enqueue('account_reminder', 'account_reminder/' || wanted, wanted,
                            coalesce(due(now(), 1), now() + interval '1 day') - now());
        END IF;
    END IF;
    PERFORM start_review(wanted);
END $$;
CREATE OR REPLACE FUNCTION hall.want_payout(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    made pin;
    n int;
    new_payout uuid;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted FOR NO KEY UPDATE;
    SELECT * INTO made FROM pin WHERE order_id = wanted AND state = 'made';
    IF o.state <> 'approved' OR o.finauth IS DISTINCT FROM 'queued' OR made IS NULL
       OR NOT EXISTS (SELECT FROM bank_account WHERE order_id = wanted) THEN
        RETURN;
    END IF;
    SELECT count(*) + 1 INTO n FROM payout WHERE order_id = wanted;
    INSERT INTO payout (order_id, number, yur_ref, generation)
    VALUES (wanted, n, 'CH' || o.number || lpad(n::text, 2, '0'), made.generation) RETURNING id INTO new_payout;
    PERFORM enqueue('payout', 'payout/' || new_payout, new_payout);
END $$;

UPDATE hall.orders SET state = 'in_review', finauth = 'verified', version = version + 1 WHERE state = 'verifying';
DROP FUNCTION hall.payout_code_put, hall.code_links_end, hall.code_of, hall.payout_counts, hall.payout_last, hall.code_life, hall.code_tries;
DELETE FROM hall.outbox WHERE kind IN ('payout', 'payout_query', 'payout_watch') AND subject IN (SELECT id FROM hall.payout WHERE generation IS NULL)
    OR kind = 'code_end';
DROP TABLE hall.payout_code;
DROP TRIGGER payout_pin ON hall.payout;
DELETE FROM hall.payout WHERE generation IS NULL;
CREATE TRIGGER payout_pin AFTER UPDATE OF state ON hall.payout FOR EACH ROW
    WHEN (NEW.state <> OLD.state AND NEW.state IN ('succeeded', 'failed', 'returned')) EXECUTE FUNCTION hall.pin_of_payout();
ALTER TABLE hall.payout ALTER generation SET NOT NULL, DROP suspended_at, DROP looked_at;
DELETE FROM hall.sealed_column WHERE place IN ('payout_code.sealed', 'legal_person.sealed');

CREATE OR REPLACE FUNCTION hall.pin_recipient(o hall.orders) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE WHEN person_of(o) = 'institution' OR EXISTS (SELECT FROM order_item WHERE order_id = o.id)
                  OR (person_of(o) = 'holder' AND (SELECT finauth FROM project WHERE id = o.project) = 'code')
                THEN 'handler' ELSE 'holder' END $$;
DROP FUNCTION hall.pin_goes;
DROP TABLE hall.pin_delivery;
DROP FUNCTION hall.finauth_mode;
ALTER TABLE hall.project DROP legal_auth, DROP legal_auth_after;

COMMIT;
