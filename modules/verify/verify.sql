-- Statements of module verify.

-- name: authorities
-- params:
SELECT role, external, certificate FROM hall.authorities()

-- name: certificates
-- params: text
SELECT place, state, reason, revoked_at, type FROM hall.certificates_known($1::bytea[])

-- name: seal
-- params: text, bytea
SELECT same, state, withdrawn_at FROM hall.seal_known($1, $2)

-- name: log_head
-- params: int8, bytea, bytea
SELECT hall.log_head_ours($1, $2, $3) AS ours
