-- Statements of module material.

-- name: slot
-- params: uuid, text
SELECT (hall.material_slot($1, $2)).code AS code

-- name: put_row
-- params: uuid, uuid, text, text, text, int4, bytea, bytea
SELECT hall.material_put($1, $2, $3, $4, $5, $6, $7, $8)

-- name: view
-- params: uuid, text
SELECT id, mime, file_name, file_key, bytes FROM hall.material_view($1, $2)

-- name: delete_row
-- params: uuid, text
SELECT hall.material_delete($1, $2)
