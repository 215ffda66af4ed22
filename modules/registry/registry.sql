-- Certificates, the register of their ends, seals, the state of the authority.

-- name: authority
-- params:
SELECT (hall.lint_json()::jsonb || jsonb_build_object('status', hall.status_json()::jsonb -> 'items'))::text AS out

-- name: certificates_find
-- params: text, text, text, text, int4
SELECT hall.certificates_find($1, $2, $3, $4, $5) AS out

-- name: order_revocations
-- params: uuid
SELECT out FROM hall.desk_certificates(hall.desk_seen($1)) AS out WHERE out IS NOT NULL

-- What acts are signed over (core/desk/act.h), and the deeds.

-- name: revoke_facts
-- params: uuid, text
SELECT s.person, s.roster, extract(epoch FROM s.after)::bigint AS after, f.label, f.value
  FROM hall.revoke_facts($1, $2) WITH ORDINALITY f, hall.act_signer('revoke', $1) s ORDER BY f.ordinality

-- name: revocation_ask
-- params: uuid, uuid, text, bytea, jsonb
SELECT hall.revocation_ask($1, $2, $3, $4, $5)

-- name: hold_row
-- params: uuid, uuid, bytea
SELECT hall.certificate_hold($1, $2, $3)

-- name: release_row
-- params: uuid, uuid, bytea
SELECT hall.certificate_release($1, $2, $3)

-- name: confirm_facts
-- params: uuid
SELECT s.person, s.roster, extract(epoch FROM s.after)::bigint AS after, f.label, f.value, f.note
  FROM hall.revocation_facts($1) WITH ORDINALITY f, hall.act_signer('confirm_revocation', $1) s ORDER BY f.ordinality

-- name: revocation_decide
-- params: uuid, text, bytea, jsonb
SELECT hall.revocation_decide($1, $2, $3, $4)

-- name: revocation_read
-- params: uuid
SELECT "out", "out"::jsonb ->> 'role' AS role, note, answer FROM hall.revocation_read($1)

-- name: revocations_json
-- params: text, text, text, text, text, int4
SELECT hall.revocations_json($1, $2, $3, $4, $5, $6) AS out

-- name: seals_json
-- params: text, text, text, int4
SELECT hall.desk_seals($1, $2, $3, $4) AS out

-- name: seal_facts
-- params: uuid
SELECT s.person, s.roster, extract(epoch FROM s.after)::bigint AS after, f.label, f.value
  FROM hall.seal_facts($1) WITH ORDINALITY f, hall.act_signer('withdraw_seal', $1) s ORDER BY f.ordinality

-- name: seal_withdraw_row
-- params: uuid, text, jsonb
SELECT hall.desk_seal_withdraw($1, $2, $3) AS out

-- name: seal_files
-- params: uuid
SELECT es_id, seal, sealpicture, png FROM hall.desk_seal_files($1)

-- name: seal_filings
-- params: date, date, text, int4
SELECT hall.seal_filings($1, $2, $3, $4) AS out
