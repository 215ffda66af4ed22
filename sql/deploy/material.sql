-- Deploy certhall:material to pg
-- Uploaded papers: encrypted files in the store, known here by their key, hash and size.
BEGIN;

CREATE TABLE hall.material (
    id          uuid PRIMARY KEY,
    order_id    uuid NOT NULL REFERENCES hall.orders,
    code        text NOT NULL,
    file_name   text NOT NULL,
    mime        text NOT NULL,
    bytes       int NOT NULL CHECK (bytes > 0),
    sha256      bytea NOT NULL CHECK (length(sha256) = 32),
    file_key    bytea NOT NULL, -- sealed, place "material.key"
    state       text NOT NULL DEFAULT 'ok' CHECK (state IN ('ok', 'stale', 'rejected', 'replaced')),
    reason      text,
    uploaded_at timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX material_current ON hall.material (order_id, code) WHERE state <> 'replaced';

-- The papers that an order needs.
CREATE FUNCTION hall.materials_wanted(o hall.orders) RETURNS SETOF hall.project_material
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT m FROM project_material m
     WHERE m.project = o.project AND (o.seal_wanted OR NOT m.with_seal)
       AND (m.cert_types IS NULL OR o.cert_type = ANY (m.cert_types)) ORDER BY m.pos $$;

-- May this applicant put a paper here? Answers with the slot.
CREATE FUNCTION hall.material_slot(wanted uuid, wanted_code text) RETURNS hall.project_material
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    slot project_material;
BEGIN
    IF o.state NOT IN ('draft', 'rejected') THEN
        PERFORM refuse(409, '业务单已提交，资料不能再更改。');
    END IF;
    SELECT * INTO slot FROM materials_wanted(o) m WHERE m.code = wanted_code;
    IF NOT FOUND THEN
        PERFORM refuse(404, '这个业务单不需要此项资料。');
    END IF;
    IF slot.of_form AND NOT o.printed THEN
        PERFORM refuse(409, '请先打印申请表，签字盖章后再上传扫描件。', '/print');
    END IF;
    RETURN slot;
END $$;

CREATE FUNCTION hall.material_put(new_id uuid, wanted uuid, wanted_code text, name text, type text, size int, hash bytea,
                                  sealed_key bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    slot project_material := material_slot(wanted, wanted_code);
BEGIN
    IF NOT split_part(type, '/', 2) = ANY (slot.formats) THEN
        PERFORM refuse(415, format('“%s”只接受 %s 格式的文件。', slot.name, array_to_string(slot.formats, '、')));
    END IF;
    UPDATE material SET state = 'replaced' WHERE order_id = wanted AND code = wanted_code AND state <> 'replaced';
    INSERT INTO material (id, order_id, code, file_name, mime, bytes, sha256, file_key)
    VALUES (new_id, wanted, wanted_code, name, type, size, hash, sealed_key);
    PERFORM note('order', wanted, jsonb_build_object('material', wanted_code, 'id', new_id, 'sha256', encode(hash, 'hex')));
END $$;

CREATE FUNCTION hall.material_delete(wanted uuid, wanted_code text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM material_slot(wanted, wanted_code);
    UPDATE material SET state = 'replaced' WHERE order_id = wanted AND code = wanted_code AND state <> 'replaced';
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这份资料。');
    END IF;
    PERFORM note('order', wanted, jsonb_build_object('material', wanted_code, 'deleted', true));
END $$;

COMMIT;
