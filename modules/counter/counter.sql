-- Statements of module counter.

-- name: list_rows
-- params: text, int4
SELECT "out", cursor, order_id, form, role FROM hall.counter_list($1, $2)

-- name: read_row
-- params: uuid
SELECT "out", order_id, form, role FROM hall.counter_read($1)

-- name: form
-- params: uuid
SELECT order_id, form, role FROM hall.counter_form($1)

-- name: slot
-- params: uuid, text
SELECT hall.counter_slot($1, $2)

-- name: picture_row
-- params: uuid, uuid, text, text, text, int4, bytea, bytea
SELECT hall.counter_picture_put($1, $2, $3, $4, $5, $6, $7, $8)

-- name: picture_file
-- params: uuid, text
SELECT id, mime, file_name, file_key, bytes FROM hall.counter_picture($1, $2)

-- What acts are signed over (core/desk/act.h), and the deed. Without a reason the person has passed.

-- name: pass_facts
-- params: uuid, text
SELECT s.person, s.roster, extract(epoch FROM s.after)::bigint AS after, f.label, f.value
  FROM hall.counter_facts($1, $2) WITH ORDINALITY f, hall.act_signer('pass_appointment', $1) s ORDER BY f.ordinality

-- name: refuse_facts
-- params: uuid, text
SELECT s.person, s.roster, extract(epoch FROM s.after)::bigint AS after, f.label, f.value
  FROM hall.counter_facts($1, $2) WITH ORDINALITY f, hall.act_signer('refuse_appointment', $1) s ORDER BY f.ordinality

-- name: decide
-- params: uuid, text, jsonb
SELECT hall.counter_decide($1, $2, $3)
