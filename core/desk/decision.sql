-- What a decision about an order is signed over, and the decision as it is kept (core/desk/decision.h).

-- name: facts
-- params: uuid, int4
SELECT person, roster, number, ca, extract(epoch FROM after)::bigint AS after, papers, form, item, profile, pair, years,
       extract(epoch FROM until)::bigint AS until, medium, token, seal_name, request
  FROM hall.decision_facts(hall.desk_seen($1), $2)

-- name: keep
-- params: uuid, text, text, jsonb
SELECT hall.decide($1, $2, $3, $4)

-- Decisions that are laid on the caller's tray; the first parameter is the kind.

-- name: tray_put
-- params: text, uuid, int4, text, timestamptz, bytea
SELECT hall.tray_put($1, hall.desk_seen($2), $3, $4, $5, $6)

-- name: tray_signer
-- params: text
SELECT person, roster, extract(epoch FROM after)::bigint AS after FROM hall.tray_signer($1)

-- name: tray_facts
-- params: text
SELECT order_id, version, note, extract(epoch FROM at)::bigint AS at, leaf, number, ca, papers, form, item, profile, pair, years,
       extract(epoch FROM until)::bigint AS until, medium, token, seal_name, request
  FROM hall.tray_facts($1)
