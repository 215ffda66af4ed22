-- Revert certhall:licence from pg
BEGIN;
CREATE OR REPLACE FUNCTION hall.materials_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(jsonb_agg(jsonb_build_object('code', w.code, 'name', w.name, 'needed', true,
               'state', coalesce(m.state, 'missing'), 'id', m.id, 'file_name', m.file_name, 'bytes', m.bytes, 'mime', m.mime,
               'uploaded_at', iso(m.uploaded_at), 'reason', m.reason) ORDER BY w.pos), '[]')
      FROM materials_wanted(o) w
      LEFT JOIN material m ON m.order_id = o.id AND m.code = w.code AND m.state <> 'replaced' $$;

DROP FUNCTION hall.licence_json;
DROP FUNCTION hall.licence_checked;
DROP FUNCTION hall.licence_work;
DROP TRIGGER licence_again ON hall.orders;
DROP FUNCTION hall.licence_again;
DROP TRIGGER licence_uploaded ON hall.material;
DROP FUNCTION hall.licence_uploaded;
DROP TABLE hall.licence_check;
COMMIT;
