-- Statements of module identity.

-- name: start
-- params: uuid, uuid, bytea
SELECT hall.iso(hall.identity_start($1, $2, $3, '30 minutes')) AS expires_at

-- name: view
-- params: uuid
SELECT state, step, reason, expired, declined, way, expires_at FROM hall.own_identity WHERE order_id = $1

-- name: phone_view
-- params: bool
SELECT identity, purpose, order_id, form, legal, project_name, role, step, front, back,
       (SELECT coalesce(jsonb_agg(w), '[]') FROM jsonb_array_elements(ways) w WHERE $1 OR w ->> 'code' <> 'transfer') AS ways, way, expires_at, checking, reason, kind,
       CASE WHEN purpose = 'loss' THEN outcome END AS outcome, CASE WHEN purpose = 'rebind' THEN outcome END AS rebound,
       CASE WHEN purpose = 'unlock' THEN outcome END AS unlocked, CASE WHEN purpose = 'revoke' THEN outcome END AS revoked, phone, due_at, number, serial, subject, title, version, body, agreed, declined, code, ends_at,
       held_at + hall.undo_time() AS undo_until FROM hall.link_identity

-- name: consent_row
-- params: bool, text
SELECT hall.identity_consent($1, $2)

-- name: transfer_begin
-- params: text
SELECT hall.identity_transfer($1)

-- name: arrived
-- params:
SELECT hall.identity_arrived()

-- name: card_read
-- params: text
SELECT hall.identity_card($1)

-- name: reading
-- params:
SELECT hall.identity_reading()

-- name: form_reading
-- params: uuid
SELECT hall.card_reading($1)

-- name: liveness_may
-- params:
SELECT (hall.identity_for_liveness()).id

-- name: liveness_begun
-- params: text
SELECT hall.identity_liveness($1)

-- name: card_refused
-- params:
SELECT hall.identity_refused()

-- The order, or NULL for that of the link; the outlet whose half hours are wanted.
-- name: appointment_view
-- params: uuid, text
SELECT hall.my_appointment($1, $2) AS out

-- name: appointment_row
-- params: uuid, uuid, text, timestamptz
SELECT hall.appointment_put($1, $2, $3, $4)

-- name: appointment_end
-- params: uuid
SELECT hall.appointment_cancel($1)

-- name: unlock_start
-- params: uuid, uuid, text, bytea
SELECT hall.iso(hall.unlock_start($1, $2, $3, $4, '30 minutes')) AS expires_at

-- name: unlocks
-- params: uuid
SELECT out FROM hall.my_unlocks($1) AS out WHERE out IS NOT NULL

-- name: revoke_form
-- params: uuid, text
SELECT order_id, form FROM hall.revoke_form($1, $2)

-- name: revoke_start
-- params: uuid, uuid, text, text, text, bytea
SELECT hall.iso(hall.revoke_start($1, $2, $3, $4, $5, $6, '30 minutes')) AS expires_at

-- name: revocables
-- params: uuid
SELECT out FROM hall.my_revocables($1) AS out WHERE out IS NOT NULL

-- name: loss_find
-- params: text
SELECT certificate, order_id, form FROM hall.loss_find($1)

-- name: loss_start
-- params: uuid, uuid, text, text, text, bytea, int4
SELECT hall.iso(hall.loss_start($1, $2, $3, $4, $5, $6, '30 minutes', $7)) AS expires_at
