-- The applicant's actions on an order.

-- The order of the request's applicant; refused when it belongs to somebody else. It is accessible to the module of its own kind of
-- business and to the modules that serve all kinds.
CREATE OR REPLACE FUNCTION hall.order_mine(wanted uuid) RETURNS hall.orders
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c caller := caller();
    o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted AND project = c.project AND account = c.who AND c.kind = 'account';
    IF NOT FOUND OR EXISTS (SELECT FROM business WHERE code = split_part(c.op, '.', 1) AND code <> o.business) THEN
        PERFORM refuse(404, '没有找到这个业务单。');
    END IF;
    RETURN o;
END $$;

-- The same order, locked; also refused when it is not in the version that the page has shown.
CREATE OR REPLACE FUNCTION hall.my_order(wanted uuid, seen int DEFAULT NULL) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    PERFORM FROM orders WHERE id = wanted AND account = me() AND my_kind() = 'account' FOR NO KEY UPDATE; -- an order of somebody else is not locked
    o := order_mine(wanted);
    PERFORM order_as_seen(o, seen, '业务单已在别的窗口更改');
    RETURN o;
END $$;

CREATE OR REPLACE FUNCTION hall.person_of(o hall.orders) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT person FROM project_type WHERE project = o.project AND cert_type = o.cert_type);
END $$;

CREATE OR REPLACE FUNCTION hall.item_person(o hall.orders, the_item int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT t.person FROM items(o) i JOIN project_type t ON t.project = o.project AND t.cert_type = i.cert_type WHERE i.item = the_item);
END $$;

-- The way of a paid order: to the review or, where a code has to be typed in, first to the proof of the account.
CREATE OR REPLACE FUNCTION hall.order_paid(wanted uuid, how text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p project;
    o orders;
    mode text;
BEGIN
    UPDATE orders SET paid = how WHERE id = wanted RETURNING * INTO o;
    SELECT * INTO p FROM project WHERE id = o.project;
    mode := finauth_mode(o);
    PERFORM advance(wanted, CASE mode WHEN 'code' THEN 'paid_unproved' ELSE 'paid' END);
    IF mode <> 'none' THEN
        UPDATE orders SET finauth = CASE WHEN p.account_asked = 'form' THEN 'queued' ELSE 'account_wanted' END
         WHERE id = wanted;
        IF p.account_asked = 'after_payment' THEN
            PERFORM enqueue('account_reminder', 'account_reminder/' || wanted, wanted,
                            coalesce(due(now(), 1), now() + interval '1 day') - now());
        END IF;
    END IF;
    IF mode = 'code' THEN
        PERFORM want_payout(wanted);
    ELSE
        PERFORM start_review(wanted);
    END IF;
END $$;

-- Records agreements and notices (hall.order_agreed); the project determines which.
CREATE OR REPLACE FUNCTION hall.order_create(new_id uuid, new_number text, kind text, seal bool, ticked jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p project;
BEGIN
    SELECT * INTO p FROM project WHERE id = my_project();
    IF p.id IS NULL OR NOT kind = ANY (p.business) OR NOT p.open THEN
        PERFORM refuse(404, '这个项目不办理此项业务。');
    ELSIF (SELECT count(*) FROM orders WHERE account = me() AND state = 'draft') >= 50 THEN
        PERFORM refuse(429, '您的草稿过多，请先完成或取消已有的业务单。');
    END IF;
    INSERT INTO orders (id, number, project, account, business, seal_wanted, outlet)
    VALUES (new_id, new_number, p.id, me(), kind,
            CASE p.seal_mode WHEN 'always' THEN true WHEN 'never' THEN false ELSE coalesce(seal, p.seal_default) END,
            (SELECT outlet FROM project_outlet WHERE project = p.id AND business = kind));
    PERFORM order_agreed(new_id, ticked);
    INSERT INTO order_history (order_id, event, text) VALUES (new_id, 'save', '新建业务单，同意相关协议');
END $$;

-- Handles what a change of the form makes stale. Marks are keyed hashes of groups of fields (core/form/form.h): print, phone,
-- account, price. A group that had no mark before has not changed.
CREATE OR REPLACE FUNCTION hall.form_changed(o hall.orders, marks jsonb, what text) RETURNS bool
LANGUAGE sql STABLE AS $$ SELECT o.marks ? what AND o.marks ->> what IS DISTINCT FROM marks ->> what $$;

-- The form was printed as it is now.
CREATE OR REPLACE FUNCTION hall.order_printed(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted);
BEGIN
    IF NOT o.form_complete THEN
        PERFORM refuse(409, '请先把申请信息填写完整，再打印申请表。');
    END IF;
    UPDATE orders SET printed = true WHERE id = wanted AND NOT printed;
END $$;

CREATE OR REPLACE FUNCTION hall.order_must_be_whole(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE lack record;
BEGIN
    SELECT * INTO lack FROM order_lacks(o) LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, lack.text, lack.pointer);
    END IF;
END $$;

-- The account data of the form are passed along, encrypted by the caller.
CREATE OR REPLACE FUNCTION hall.order_submit(wanted uuid, seen int, branch text, encrypted_account bytea, shown text, unit text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted, seen);
    parts jsonb := coalesce(price_parts(o), '[]');
BEGIN
    PERFORM order_must_be_whole(o);
    IF branch IS NOT NULL AND NOT EXISTS (SELECT FROM bank_branch WHERE cnaps = branch) THEN
        PERFORM refuse(422, '请从搜索结果中选择开户行。', '/form/account_branch');
    END IF;
    PERFORM advance(wanted, 'submit');
    UPDATE orders SET price = parts, submitted_at = now(), unpaid_since = NULL,
           total = (SELECT coalesce(sum((x ->> 'fen')::int), 0) FROM jsonb_array_elements(parts) x) WHERE id = wanted RETURNING * INTO o;
    IF branch IS NOT NULL THEN
        INSERT INTO bank_account (order_id, cnaps, encrypted, masked, name) VALUES (wanted, branch, encrypted_account, shown, unit)
        ON CONFLICT (order_id) DO UPDATE SET (cnaps, encrypted, masked, name) =
            (EXCLUDED.cnaps, EXCLUDED.encrypted, EXCLUDED.masked, EXCLUDED.name);
    END IF;
    PERFORM unpaid_begins(wanted, o.version);
    IF o.total = 0 THEN
        PERFORM order_paid(wanted, 'zero');
    END IF;
END $$;

-- A corrected order is reviewed again.
CREATE OR REPLACE FUNCTION hall.order_edit(wanted uuid, seen int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM my_order(wanted, seen);
    PERFORM advance(wanted, 'edit');
    UPDATE orders SET approval_stands = false WHERE id = wanted AND approval_stands;
    PERFORM close_payment(wanted);
END $$;

CREATE OR REPLACE FUNCTION hall.order_resubmit(wanted uuid, seen int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM order_must_be_whole(my_order(wanted, seen));
    PERFORM advance(wanted, 'resubmit');
    PERFORM start_review(wanted);
END $$;

CREATE OR REPLACE FUNCTION hall.order_cancel(wanted uuid, seen int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM my_order(wanted, seen);
    PERFORM advance(wanted, 'cancel');
    PERFORM close_payment(wanted);
END $$;

CREATE OR REPLACE FUNCTION hall.order_received(wanted uuid, seen int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM my_order(wanted, seen);
    PERFORM advance(wanted, 'signed_for');
END $$;

-- Records the agreements and notices of a new draft, ticked as [{code, version}], or refuses when one is missing. Called by
-- hall.order_create.
CREATE OR REPLACE FUNCTION hall.order_agreed(wanted uuid, ticked jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    said text;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted;
    WITH asked AS (
        SELECT 1 AS rank, code, version, '请阅读并勾选全部协议后再继续。' AS lack FROM project_agreement WHERE project = o.project
        UNION ALL SELECT 2, code, version, '请阅读办理须知并确认已知悉。' FROM notices(o.project, o.business))
    SELECT lack INTO said FROM asked a WHERE NOT EXISTS (
        SELECT FROM jsonb_array_elements(ticked) t WHERE t ->> 'code' = a.code AND t ->> 'version' = a.version)
     ORDER BY rank LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, said, '/agreements');
    END IF;
    INSERT INTO consent (order_id, account, code, version, sha256, address)
    SELECT o.id, o.account, code, version, g.sha256, coalesce((caller()).address, '')
      FROM (SELECT min(rank) AS rank, code, version
              FROM (SELECT pos AS rank, code, version FROM project_agreement WHERE project = o.project
                    UNION ALL SELECT 1000, code, version FROM notices(o.project, o.business)) x GROUP BY code, version) a
      JOIN agreement g USING (code, version) ORDER BY rank;
END $$;

CREATE OR REPLACE FUNCTION hall.order_save(wanted uuid, seen int, type text, years_ int, seal bool, encrypted_form bytea, complete bool,
                                new_marks jsonb, unit bytea, shown text, mail text, asked jsonb, hidden bool DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted, seen);
    p project;
    print_changed bool := form_changed(o, new_marks, 'print');
    phone_changed bool := form_changed(o, new_marks, 'phone');
    account_changed bool := form_changed(o, new_marks, 'account');
BEGIN
    SELECT seal_mode, account_asked INTO p.seal_mode, p.account_asked FROM project WHERE id = o.project;
    IF NOT (state_of(o)).editable THEN
        PERFORM refuse(409, '业务单已提交，申请信息不能再更改。');
    ELSIF o.paid IN ('paid', 'zero') AND form_changed(o, new_marks, 'price') THEN
        PERFORM refuse(422, '费用已支付，证书类型、年限和印章不能更改；如需更改，请申请退费后重新办理。',
                       CASE WHEN asked IS NULL THEN '/form/cert_type' ELSE '/form/items' END);
    ELSIF type IS NOT NULL AND NOT EXISTS (SELECT FROM project_type WHERE project = o.project AND cert_type = type) THEN
        PERFORM refuse(422, '请选择本项目提供的证书类型。', '/form/cert_type');
    ELSIF asked IS NULL AND type IS NOT NULL AND years_ IS NOT NULL AND NOT EXISTS (
          SELECT FROM prices(o.project, o.business) WHERE cert_type = type AND years = years_) THEN
        PERFORM refuse(422, '请选择本项目提供的年限。', '/form/years');
    END IF;
    PERFORM papers_stale(o, new_marks);
    PERFORM items_put(o, asked);
    IF phone_changed THEN
        UPDATE identity SET state = 'void' WHERE order_id = wanted AND state <> 'void';
    END IF;
    IF account_changed THEN
        DELETE FROM bank_account WHERE order_id = wanted;
    END IF;
    UPDATE orders SET cert_type = type, years = years_, form = encrypted_form, form_complete = complete, marks = new_marks,
           seal_wanted = CASE p.seal_mode WHEN 'asked' THEN coalesce(seal, seal_wanted) ELSE seal_wanted END,
           unit_hash = unit, subject = shown, mail_region = mail, published = coalesce(NOT hidden, published),
           printed = printed AND NOT print_changed, annex_printed = annex_printed AND NOT print_changed,
           phone_state = CASE WHEN phone_changed THEN 'none' ELSE phone_state END,
           finauth = CASE WHEN account_changed AND finauth IS NOT NULL THEN
                          CASE p.account_asked WHEN 'form' THEN 'queued' ELSE 'account_wanted' END ELSE finauth END,
           updated_at = now()
     WHERE id = wanted;
END $$;

-- "深****公司": enough to recognize one's own.
CREATE OR REPLACE FUNCTION hall.mask_unit(name text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN length(name) > 6 THEN left(name, 2) || '****' || right(name, 2) WHEN name = '' THEN '' ELSE left(name, 1) || '****' END $$;
