-- Statements of module desk.

-- name: password_of
-- params: text
SELECT password, blocked FROM hall.staff_password($1)

-- name: login_row
-- params: text, bool, bytea, int4
SELECT jsonb_build_object('id', id, 'name', name, 'display_name', display_name, 'roles', roles)::text AS out
  FROM hall.staff_login($1, $2, $3, $4)

-- name: session_close
-- params: bytea
SELECT hall.session_close($1)

-- name: face
-- params:
SELECT hall.staff_face() AS out

-- name: queue
-- params: text, text, int4, int4
SELECT hall.desk_orders($1, $2, $3, $4) AS out

-- name: order
-- params: uuid
SELECT "out", form, slug FROM hall.desk_view($1, true)

-- name: order_brief
-- params: uuid
SELECT "out" FROM hall.desk_view($1, false)

-- name: paper
-- params: uuid, text
SELECT id, mime, file_name, file_key, bytes FROM hall.desk_material($1, $2)

-- name: approve_row
-- params: uuid, int4, text
SELECT hall.approve($1, $2, $3)

-- name: reject_row
-- params: uuid, int4, jsonb
SELECT hall.reject($1, $2, $3)

-- name: produce_row
-- params: uuid, int4
SELECT hall.produce($1, $2)

-- name: key_file_row
-- params: uuid
SELECT number, key_file, certificate FROM hall.desk_key_file($1)

-- name: ship_row
-- params: uuid, int4, text, text
SELECT hall.ship($1, $2, $3, $4)

-- name: audit_rows
-- params: uuid, int4, int4
SELECT hall.audit_rows($1, $2, $3) AS out

-- name: outbox_stuck
-- params:
SELECT hall.outbox_stuck() AS out

-- name: messages_json
-- params: uuid
SELECT out FROM hall.messages_json($1) AS out WHERE out IS NOT NULL

-- name: bills_json
-- params: int4, int4
SELECT hall.bills_json($1, $2) AS out

-- name: bill_want_row
-- params: text, date
SELECT jsonb_build_object('id', hall.bill_want($1, $2))::text AS out

-- name: bill_differences
-- params: uuid
SELECT out FROM hall.bill_differences($1) AS out WHERE out IS NOT NULL
