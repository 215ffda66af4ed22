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

-- name: data_keys_all
-- params:
SELECT id, kek FROM hall.data_keys()

-- name: data_key_free
-- params:
SELECT hall.data_key_free() AS id

-- name: data_key_next
-- params: int4, int4, bytea, int4
SELECT hall.data_key_next($1, $2, $3, make_interval(secs => $4))

-- name: data_key_rewrapped
-- params: int4, int4, int4, bytea
SELECT hall.data_key_rewrapped($1, $2, $3, $4)

-- name: data_key_list
-- params:
SELECT kind, id, kek, state, hall.iso(since) AS since, place, n FROM hall.data_key_list()

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

-- name: log_heads
-- params:
SELECT size, root, signature FROM hall.log_heads()
