-- Changes of what is on file about a certificate (信息变更): what can change, what stays, and what follows from it. A change of what stands in
-- the certificate makes another (sql/code/successor.sql); any other ends with the approval, and from then on its order's form is what is
-- on file.

CREATE OR REPLACE FUNCTION hall.alters(kind text) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN coalesce((SELECT b.alters FROM business b WHERE b.code = kind), false);
END $$;

-- What a certificate of such a person can have changed in a project.
CREATE OR REPLACE FUNCTION hall.change_kinds(p uuid, of_person text) RETURNS SETOF hall.change_kind
LANGUAGE plpgsql STABLE ROWS 5 SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT k.* FROM project j JOIN change_kind k ON k.code = ANY (j.changes) WHERE j.id = p AND of_person = ANY (k.persons) ORDER BY k.pos;
END $$;

-- Says what a new draft changes (codes), and so whether a certificate is made.
CREATE OR REPLACE FUNCTION hall.change_begin(wanted uuid, asked jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    kinds text[] := ARRAY(SELECT jsonb_array_elements_text(asked));
    chosen change_kind[] := ARRAY(SELECT k FROM change_kinds(o.project, person_of(o)) k WHERE k.code = ANY (kinds) ORDER BY k.pos);
    anew bool := EXISTS (SELECT FROM unnest(chosen) k WHERE k.makes);
    wrong text;
BEGIN
    IF cardinality(kinds) = 0 THEN
        PERFORM refuse(422, '请选择要变更的内容。', '/changes');
    END IF;
    SELECT x INTO wrong FROM unnest(kinds) x WHERE x NOT IN (SELECT k.code FROM unnest(chosen) k) LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, format('本项目不为这张证书办理“%s”的变更，请重新选择。', coalesce((SELECT name FROM change_kind WHERE code = wrong), wrong)), '/changes');
    END IF;
    UPDATE orders SET changes = ARRAY(SELECT k.code FROM unnest(chosen) k), makes = anew, seal_wanted = seal_wanted AND anew,
           basis = (SELECT on_file(c) FROM certificate c WHERE c.id = o.replaces) WHERE id = wanted;
    INSERT INTO order_history (order_id, event, text) SELECT wanted, 'save', '变更内容：' || string_agg(k.name, '、') FROM unnest(chosen) k;
END $$;

-- What an order changes: names for people, and the fields that may be changed. NULL: it is no change.
CREATE OR REPLACE FUNCTION hall.changes_json(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_agg(jsonb_build_object('code', k.code, 'name', k.name, 'fields', k.fields) ORDER BY k.pos)
              FROM change_kind k WHERE k.code = ANY (o.changes));
END $$;

-- The fields that stay: what identifies the certificate's subject, and those of what the order does not change. Mailing, invoice and bank
-- account are the order's own.
CREATE OR REPLACE FUNCTION hall.change_locked(o hall.orders) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN '["cert_type", "years", "unit_doc_type", "unit_code", "holder_id"]' || (SELECT coalesce(jsonb_agg(DISTINCT f ORDER BY f), '[]')
        FROM change_kind k, unnest(k.fields) f WHERE f NOT IN (SELECT unnest(x.fields) FROM change_kind x WHERE x.code = ANY (o.changes)));
END $$;

-- What the form of the caller's own change is compared with: the order whose form was on file, and that form.
CREATE OR REPLACE FUNCTION hall.change_basis(wanted uuid) RETURNS TABLE (basis uuid, form bytea, changes jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := order_mine(wanted);
BEGIN
    RETURN QUERY SELECT b.id, b.form, changes_json(o) FROM orders b WHERE b.id = o.basis;
END $$;

-- A change that makes no certificate ends when it is accepted: there is nothing to produce or to send. Both agents are told, of whom one
-- may be new.
CREATE OR REPLACE FUNCTION hall.change_files(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    detail jsonb := jsonb_build_object('serial', (SELECT serial FROM certificate WHERE id = o.replaces),
        'what', (SELECT string_agg(k.name, '、' ORDER BY k.pos) FROM change_kind k WHERE k.code = ANY (o.changes)));
    who text := CASE person_of(o) WHEN 'natural' THEN 'holder' ELSE 'agent' END;
BEGIN
    PERFORM advance(o.id, 'data_changed');
    PERFORM tell(o.id, 'data_changed', who, 'new', detail);
    PERFORM tell(o.basis, 'data_changed', who, o.id::text, detail) WHERE o.changes && '{agent,contact}';
    PERFORM note('certificate', o.replaces, jsonb_build_object('filed', o.id, 'changes', to_jsonb(o.changes)));
END $$;
