-- Statements of module identity.

-- name: start
-- params: uuid, uuid, bytea
SELECT hall.iso(hall.identity_start($1, $2, $3, '30 minutes')) AS expires_at

-- name: view
-- params: uuid
SELECT hall.identity_view($1) AS out

-- name: phone_view
-- params:
SELECT identity, order_id, form, project_name, person, state, step, front, back, reason, biz_token FROM hall.identity_phone()

-- name: card_read
-- params: text
SELECT hall.identity_card($1)

-- name: liveness_begun
-- params: text
SELECT hall.identity_liveness($1)
