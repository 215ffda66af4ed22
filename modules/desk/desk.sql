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
-- params: uuid, int4, bytea, bytea
SELECT hall.produce($1, $2, $3, $4)

-- name: production_json
-- params: uuid
SELECT out FROM hall.desk_production($1) AS out WHERE out IS NOT NULL

-- name: production_how
-- params: uuid
SELECT key_origin, algorithm FROM hall.production($1)

-- name: key_file_row
-- params: uuid, text, text
SELECT number, key_file, certificate, enveloped_key, ca FROM hall.desk_key_file($1, $2, $3)

-- name: ca_chain
-- params: text
SELECT certificate FROM hall.ca_chain($1)

-- name: ship_row
-- params: uuid, int4, text, text
SELECT hall.ship($1, $2, $3, $4)

-- name: audit_rows
-- params: uuid, int4, int4
SELECT hall.audit_rows($1, $2, $3) AS out

-- name: authority_row
-- params:
SELECT (hall.lint_json()::jsonb || jsonb_build_object('status', hall.status_json()::jsonb -> 'items'))::text AS out

-- name: outbox_stuck
-- params:
SELECT hall.outbox_stuck() AS out

-- name: pin_json
-- params: uuid
SELECT out FROM hall.desk_pin($1) AS out WHERE out IS NOT NULL

-- name: pin_send_row
-- params: uuid
SELECT hall.desk_pin_send($1)

-- name: pin_box_row
-- params: uuid, bytea
SELECT hall.desk_pin_box($1, $2) AS out

-- name: pin_take_row
-- params: uuid, uuid
SELECT hall.desk_pin_take($1, $2) AS out

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

-- name: certificates_find
-- params: text, text, text
SELECT hall.certificates_find($1, $2, $3) AS out

-- name: order_register
-- params: uuid
SELECT out FROM hall.desk_certificates($1) AS out WHERE out IS NOT NULL

-- name: revocation_ask
-- params: uuid, uuid, text, text, bytea
SELECT hall.revocation_ask($1, $2, $3, $4, $5)

-- name: hold_row
-- params: uuid, uuid, bytea
SELECT hall.certificate_hold($1, $2, $3)

-- name: release_row
-- params: uuid, uuid, bytea
SELECT hall.certificate_release($1, $2, $3)

-- name: revocation_decide
-- params: uuid, text, bytea
SELECT hall.revocation_decide($1, $2, $3)

-- name: revocation_read
-- params: uuid
SELECT "out", note, answer FROM hall.revocation_read($1)

-- name: revocations_json
-- params: text, text, text, text, int4, int4
SELECT hall.revocations_json($1, $2, $3, $4, $5, $6) AS out

-- name: seals_json
-- params: text, text, int4, int4
SELECT hall.desk_seals($1, $2, $3, $4) AS out

-- name: seal_withdraw_row
-- params: uuid, text
SELECT hall.desk_seal_withdraw($1, $2) AS out

-- name: seal_files
-- params: uuid
SELECT es_id, seal, stamp, png FROM hall.desk_seal_files($1)

-- name: stamp_row
-- params: uuid
SELECT "out", stamp, png FROM hall.desk_stamp($1)

-- name: seal_filings
-- params: date, date
SELECT hall.seal_filings($1, $2) AS out
