-- Statements of module gate.

-- name: health_check
-- params:
SELECT '{"status":"ok"}' AS out

-- name: projects
-- params:
SELECT hall.projects_json()::text AS out

-- name: region_children
-- params: text
SELECT jsonb_build_object('regions', coalesce(jsonb_agg(jsonb_build_object('code', r.code, 'name', r.name, 'level', r.level,
           'leaf', NOT EXISTS (SELECT FROM hall.region c WHERE c.parent = r.code)) ORDER BY r.code), '[]'))::text AS out
  FROM hall.region r WHERE r.parent IS NOT DISTINCT FROM nullif($1, '')

-- name: project_of
-- params: text
SELECT project_id FROM hall.project WHERE slug = $1 AND open

-- name: session_view
-- params:
SELECT hall.project_face(hall.my_project())::text AS project, hall.account_face()::text AS account

-- name: sms_code_new
-- params: uuid, bytea, text, bytea, int4, int4, uuid, bytea
SELECT hall.sms_code_new($1, $2, $3, $4, $5, $6, $7, $8)

-- name: login_by_sms
-- params: bytea, text, bytea, uuid, bytea, text, text, bytea, int4
SELECT word, id, phone_mask FROM hall.login_sms($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: password_of
-- params: bytea, text
SELECT password, blocked FROM hall.password_of($1, $2)

-- name: login_by_password
-- params: bytea, bool, bytea, int4
SELECT id, phone_mask FROM hall.login_password($1, $2, $3, $4)

-- name: session_close
-- params: bytea
SELECT hall.session_close($1)
