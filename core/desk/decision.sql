-- What a decision about an order is signed over, and the decision as it is kept (core/desk/decision.h).

-- name: facts
-- params: uuid, int4
SELECT person, roster, number, ca, extract(epoch FROM after)::bigint AS after, papers, form, item, profile, pair, years,
       extract(epoch FROM until)::bigint AS until, medium, token, seal_name, request
  FROM hall.decision_facts(hall.desk_seen($1), $2)

-- name: keep
-- params: uuid, text, text, jsonb
SELECT hall.decide($1, $2, $3, $4)
