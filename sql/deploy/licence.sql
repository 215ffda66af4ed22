-- Deploy certhall:licence to pg
-- The uploaded licence is read by machine and compared with the form: a hint for the applicant before paying and for the
-- reviewer afterwards, never a refusal. What was read is kept sealed, so that a changed form costs no second reading.
BEGIN;

CREATE TABLE hall.licence_check (
    material_id uuid PRIMARY KEY REFERENCES hall.material,
    order_id    uuid NOT NULL REFERENCES hall.orders,
    state       text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'agrees', 'differs', 'unreadable')),
    fields      text[] NOT NULL DEFAULT '{}', -- of the form, that differ
    seen        bytea, -- sealed {"name","code","person"}, place "licence_check.seen"
    checked_at  timestamptz,
    CHECK ((state = 'differs') = (cardinality(fields) > 0))
);
CREATE INDEX licence_check_order ON hall.licence_check (order_id);

CREATE FUNCTION hall.licence_uploaded() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO licence_check (material_id, order_id) VALUES (NEW.id, NEW.order_id);
    PERFORM enqueue('licence', 'licence/' || NEW.id, NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER licence_uploaded AFTER INSERT ON hall.material FOR EACH ROW WHEN (NEW.code = 'licence')
    EXECUTE FUNCTION hall.licence_uploaded();

-- The form may have changed since: it is compared again whenever it is handed in, and when it is complete.
CREATE FUNCTION hall.licence_again() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enqueue('licence', 'licence/' || m.id || '/' || NEW.version, m.id) FROM material m
      WHERE m.order_id = NEW.id AND m.code = 'licence' AND m.state <> 'replaced';
    RETURN NULL;
END $$;
CREATE TRIGGER licence_again AFTER UPDATE OF state, form ON hall.orders FOR EACH ROW
    WHEN ((NEW.state <> OLD.state AND NEW.state IN ('unpaid', 'in_review') AND OLD.state IN ('draft', 'rejected'))
          OR (NEW.form IS DISTINCT FROM OLD.form AND NEW.form_complete))
    EXECUTE FUNCTION hall.licence_again();

CREATE FUNCTION hall.licence_work(wanted uuid)
RETURNS TABLE (order_id uuid, form bytea, mime text, file_key bytea, seen bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT o.id, o.form, m.mime, m.file_key, c.seen
      FROM licence_check c JOIN material m ON m.id = c.material_id JOIN orders o ON o.id = c.order_id
     WHERE c.material_id = wanted AND m.state <> 'replaced' AND o.form IS NOT NULL $$;

CREATE FUNCTION hall.licence_checked(wanted uuid, what bytea, outcome text, which text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE licence_check SET seen = coalesce(what, seen), state = outcome, fields = which, checked_at = now()
     WHERE material_id = wanted $$;

-- The check as people read it; NULL where there is none.
CREATE FUNCTION hall.licence_json(wanted uuid) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('state', c.state, 'fields', c.fields, 'text', CASE c.state
        WHEN 'queued' THEN '正在识别证照…'
        WHEN 'agrees' THEN '证照内容与申请表一致。'
        WHEN 'unreadable' THEN '未能自动识别证照，将由审核人员人工核对；如图片模糊，建议重新上传。'
        ELSE '证照内容与申请表不一致：' || (SELECT string_agg(CASE f WHEN 'unit_name' THEN '单位名称' WHEN 'unit_code' THEN '证件号码'
                ELSE '法定代表人' END, '、' ORDER BY f DESC) FROM unnest(c.fields) f) || '。请核对申请表或更换证照；确认无误也可继续提交。' END)
      FROM licence_check c WHERE c.material_id = wanted $$;

-- As before, with the check.
CREATE OR REPLACE FUNCTION hall.materials_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('code', w.code, 'name', w.name, 'needed', true,
               'state', coalesce(m.state, 'missing'), 'id', m.id, 'file_name', m.file_name, 'bytes', m.bytes, 'mime', m.mime,
               'uploaded_at', iso(m.uploaded_at), 'reason', m.reason, 'check', licence_json(m.id)) ORDER BY w.pos), '[]')
      FROM materials_wanted(o) w
      LEFT JOIN material m ON m.order_id = o.id AND m.code = w.code AND m.state <> 'replaced' $$;

COMMIT;
