-- Sessions of staff, messages, and what auditors and administrators look at.

-- name: password_try
-- params: text, text, int4
SELECT hall.staff_try($1, $2) AS may, hall.staff_salt($1, $3) AS salt

-- name: login_row
-- params: text, bytea, bytea, int4
SELECT jsonb_build_object('id', id, 'name', name, 'display_name', display_name, 'roles', roles,
       'role_names', hall.role_names(roles))::text AS out
  FROM hall.staff_login($1, $2, $3, $4)

-- name: session_close
-- params: bytea
SELECT hall.session_close($1)

-- name: face
-- params:
SELECT hall.staff_face() AS out

-- name: audit_rows
-- params: uuid, text, int4
SELECT hall.audit_rows($1, $2, $3) AS out

-- name: outbox_stuck
-- params: text, int4
SELECT hall.outbox_stuck($1, $2) AS out

-- name: messages
-- params: uuid
SELECT out FROM hall.messages_json(hall.desk_seen($1)) AS out WHERE out IS NOT NULL

-- name: message_send
-- params: uuid
SELECT hall.desk_message_send($1)

-- name: partners
-- params:
SELECT hall.partners_json() AS out

-- name: report
-- params: text, date, date, text[]
SELECT hall.desk_report($1, $2, $3, $4) AS out

-- name: calendar_year
-- params: int4
SELECT hall.calendar_json($1) AS out

-- name: calendar_import
-- params: jsonb
SELECT hall.calendar_import($1)
