-- Statements of certhall-admin.

-- name: enter
-- params: text
SELECT hall.enter_system('admin', $1)

-- name: data_keys
-- params:
SELECT id FROM hall.data_keys()

-- name: data_key_new
-- params: int4, int4, bytea
SELECT hall.data_key_new($1, $2, $3)

-- name: project_import
-- params: jsonb
SELECT hall.project_import($1)

-- name: staff_put
-- params: uuid, text, text, text, text[]
SELECT hall.staff_put($1, $2, $3, $4, $5)

-- name: audit_all
-- params:
SELECT subject, seq, body, head, current_seq, current_head FROM hall.audit_all()

-- name: log_leaves
-- params:
SELECT leaf, hash, head FROM hall.log_leaves()

-- name: log_state
-- params:
SELECT size, root, signature FROM hall.log_state()
