-- Deploy certhall:flow to pg
-- What an applicant does with an order: the steps that new, reissue and seal share.
BEGIN;

-- A draft with the agreements that its project asks for; all of them must have been ticked, in the version in force.
CREATE FUNCTION hall.order_create(new_id uuid, new_number text, kind text, seal bool, ticked jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p project;
BEGIN
    SELECT * INTO p FROM project WHERE id = my_project();
    IF p.id IS NULL OR NOT kind = ANY (p.business) OR NOT p.open THEN
        PERFORM refuse(404, '这个项目不办理此项业务。');
    ELSIF EXISTS (SELECT FROM project_agreement a WHERE a.project = p.id AND NOT EXISTS (
                  SELECT FROM jsonb_array_elements(ticked) t WHERE t ->> 'code' = a.code AND t ->> 'version' = a.version)) THEN
        PERFORM refuse(422, '请阅读并勾选全部协议后再继续。', '/agreements');
    ELSIF (SELECT count(*) FROM orders WHERE account = me() AND state = 'draft') >= 50 THEN
        PERFORM refuse(429, '您的草稿过多，请先完成或取消已有的业务单。');
    END IF;
    INSERT INTO orders (id, number, project, account, business, seal_wanted)
    VALUES (new_id, new_number, p.id, me(), kind,
            CASE p.seal_mode WHEN 'always' THEN true WHEN 'never' THEN false ELSE coalesce(seal, p.seal_default) END);
    INSERT INTO consent (order_id, account, code, version, sha256, address)
    SELECT new_id, me(), a.code, a.version, g.sha256, coalesce(known('address'), '')
      FROM project_agreement a JOIN agreement g USING (code, version) WHERE a.project = p.id;
    INSERT INTO order_history (order_id, event, text) VALUES (new_id, 'save', '新建业务单，同意相关协议');
END $$;

-- What a change of the form makes stale. Marks are keyed hashes of groups of fields (core/hall/form.h): print, phone,
-- account, price. A group that was not marked before has not changed.
CREATE FUNCTION hall.form_changed(o hall.orders, marks jsonb, what text) RETURNS bool
LANGUAGE sql STABLE AS $$ SELECT o.marks ? what AND o.marks ->> what IS DISTINCT FROM marks ->> what $$;

CREATE FUNCTION hall.order_save(wanted uuid, seen int, type text, years_ int, seal bool, sealed_form bytea, complete bool,
                                new_marks jsonb, unit bytea, shown text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted, seen);
    p project;
    print_changed bool := form_changed(o, new_marks, 'print');
    phone_changed bool := form_changed(o, new_marks, 'phone');
    account_changed bool := form_changed(o, new_marks, 'account');
BEGIN
    SELECT * INTO p FROM project WHERE id = o.project;
    IF o.state NOT IN ('draft', 'rejected') THEN
        PERFORM refuse(409, '业务单已提交，申请信息不能再更改。');
    ELSIF o.paid IN ('paid', 'zero') AND form_changed(o, new_marks, 'price') THEN
        PERFORM refuse(422, '费用已支付，证书类型、年限和印章不能更改；如需更改，请申请退费后重新办理。', '/form/cert_type');
    ELSIF type IS NOT NULL AND NOT EXISTS (SELECT FROM project_type WHERE project = o.project AND cert_type = type) THEN
        PERFORM refuse(422, '请选择本项目提供的证书类型。', '/form/cert_type');
    ELSIF type IS NOT NULL AND years_ IS NOT NULL AND NOT EXISTS (
          SELECT FROM project_price WHERE project = o.project AND cert_type = type AND years = years_) THEN
        PERFORM refuse(422, '请选择本项目提供的年限。', '/form/years');
    END IF;
    IF print_changed THEN
        UPDATE material m SET state = 'stale', reason = '申请信息已更改，请重新打印、签字盖章后上传' FROM project_material s
         WHERE m.order_id = wanted AND m.state IN ('ok', 'rejected') AND s.project = o.project AND s.code = m.code
           AND s.of_form;
    END IF;
    IF phone_changed THEN
        UPDATE identity SET state = 'void' WHERE order_id = wanted AND state <> 'void';
    END IF;
    IF account_changed THEN
        DELETE FROM bank_account WHERE order_id = wanted;
    END IF;
    UPDATE orders SET cert_type = type, years = years_, form = sealed_form, form_complete = complete, marks = new_marks,
           seal_wanted = CASE p.seal_mode WHEN 'asked' THEN coalesce(seal, seal_wanted) ELSE seal_wanted END,
           unit_hash = unit, subject = shown, printed = printed AND NOT print_changed,
           phone_state = CASE WHEN phone_changed THEN 'none' ELSE phone_state END,
           finauth = CASE WHEN account_changed AND finauth IS NOT NULL THEN
                          CASE p.account_asked WHEN 'form' THEN 'queued' ELSE 'account_wanted' END ELSE finauth END,
           version = version + 1, updated_at = now()
     WHERE id = wanted;
END $$;

-- The form as it stands was handed out for printing.
CREATE FUNCTION hall.order_printed(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted);
BEGIN
    IF NOT o.form_complete THEN
        PERFORM refuse(409, '请先填写完整申请信息，再打印申请表。');
    END IF;
    UPDATE orders SET printed = true WHERE id = wanted AND NOT printed;
END $$;

-- What still lacks before an order can go in: JSON pointers of steps with what to do.
CREATE FUNCTION hall.order_lacks(o hall.orders) RETURNS TABLE (pointer text, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT '/form', '请填写完整申请信息。' WHERE NOT o.form_complete
    UNION ALL SELECT '/print', '请打印申请表。' WHERE NOT o.printed
    UNION ALL
    SELECT '/materials/' || w.code, format('请上传“%s”。', w.name) FROM materials_wanted(o) w
     WHERE NOT EXISTS (SELECT FROM material m WHERE m.order_id = o.id AND m.code = w.code AND m.state = 'ok')
    UNION ALL SELECT '/phone', '请完成手机身份认证。' WHERE o.phone_state <> 'passed' $$;

CREATE FUNCTION hall.order_must_be_whole(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE lack record;
BEGIN
    SELECT * INTO lack FROM order_lacks(o) LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, lack.text, lack.pointer);
    END IF;
END $$;

-- Account data that the form asked for go along, sealed by the caller.
CREATE FUNCTION hall.order_submit(wanted uuid, seen int, branch text, sealed_account bytea, shown text, unit text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted, seen);
    parts jsonb := price_parts(o);
BEGIN
    PERFORM order_must_be_whole(o);
    IF branch IS NOT NULL AND NOT EXISTS (SELECT FROM bank_branch WHERE cnaps = branch) THEN
        PERFORM refuse(422, '请从搜索结果中选择开户行。', '/form/account_branch');
    END IF;
    PERFORM advance(wanted, 'submit');
    UPDATE orders SET price = parts, submitted_at = now(),
           total = (SELECT sum((x ->> 'fen')::int) FROM jsonb_array_elements(parts) x) WHERE id = wanted RETURNING * INTO o;
    IF branch IS NOT NULL THEN
        INSERT INTO bank_account (order_id, cnaps, sealed, masked, name) VALUES (wanted, branch, sealed_account, shown, unit)
        ON CONFLICT (order_id) DO UPDATE SET (cnaps, sealed, masked, name) =
            (EXCLUDED.cnaps, EXCLUDED.sealed, EXCLUDED.masked, EXCLUDED.name);
    END IF;
    PERFORM enqueue('unpaid_end', 'unpaid_end/' || wanted || '/' || o.version, wanted, '7 days');
    IF o.total = 0 THEN
        PERFORM order_paid(wanted, 'zero');
    END IF;
END $$;

-- Closes the open payment at the vendor as well, through the outbox.
CREATE FUNCTION hall.close_payment(wanted uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT enqueue('payment_close', 'payment_close/' || id, id) FROM payment WHERE order_id = wanted AND state = 'waiting' $$;

CREATE FUNCTION hall.order_edit(wanted uuid, seen int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM my_order(wanted, seen);
    PERFORM advance(wanted, 'edit');
    PERFORM close_payment(wanted);
END $$;

CREATE FUNCTION hall.order_resubmit(wanted uuid, seen int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM order_must_be_whole(my_order(wanted, seen));
    PERFORM advance(wanted, 'resubmit');
    PERFORM start_review(wanted);
END $$;

CREATE FUNCTION hall.order_cancel(wanted uuid, seen int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM my_order(wanted, seen);
    PERFORM advance(wanted, 'cancel');
    PERFORM close_payment(wanted);
END $$;

CREATE FUNCTION hall.order_received(wanted uuid, seen int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM my_order(wanted, seen);
    PERFORM advance(wanted, 'signed_for');
END $$;

-- Gifts: promised when the money is there, to a unit's first order, as long as there are any.
CREATE FUNCTION hall.give_gift() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM orders WHERE unit_hash = NEW.unit_hash AND project = NEW.project AND id <> NEW.id
                  AND paid IN ('paid', 'zero') AND state NOT IN ('cancelled', 'refunded')) THEN
        RETURN NEW;
    END IF;
    UPDATE project_gift SET stock = stock - 1
     WHERE project = NEW.project AND years = NEW.years AND stock > 0 AND (NEW.seal_wanted OR NOT needs_seal)
    RETURNING name, years INTO NEW.gift, NEW.gift_years;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_a_gift BEFORE UPDATE OF paid ON hall.orders
    FOR EACH ROW WHEN (NEW.paid IN ('paid', 'zero') AND OLD.paid NOT IN ('paid', 'zero')) EXECUTE FUNCTION hall.give_gift();

CREATE FUNCTION hall.take_gift_back() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE project_gift SET stock = stock + 1 WHERE project = NEW.project AND years = NEW.gift_years;
    NEW.gift := NULL;
    NEW.gift_years := NULL;
    RETURN NEW;
END $$;
CREATE TRIGGER orders_a_gift_back BEFORE UPDATE OF state ON hall.orders
    FOR EACH ROW WHEN (NEW.state IN ('cancelled', 'refunded') AND OLD.gift_years IS NOT NULL)
    EXECUTE FUNCTION hall.take_gift_back();

COMMIT;
