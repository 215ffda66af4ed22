-- Statements of module stamp.

-- name: source
-- params: uuid
SELECT "out", form, mark, kind, material, file_key, mime FROM hall.stamp_source($1)

-- name: code
-- params: uuid, text
SELECT hall.stamp_code_of($1, $2) AS out

-- name: accept_row
-- params: uuid, uuid, text, text, text, bytea, bytea, bytea, bytea, int4, int4, uuid
SELECT hall.stamp_accept($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)

-- name: files
-- params: uuid
SELECT id, png, svg, es_id, seal FROM hall.stamp_files($1)
