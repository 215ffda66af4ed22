-- Statements of module sealpicture.

-- name: source
-- params: uuid, int4
SELECT "out", form, mark, kind, seal_name, nth, paper, file_key, mime FROM hall.sealpicture_source($1, $2)

-- name: code
-- params: uuid, text, int4
SELECT hall.seal_code_of($1, $2, $3) AS out

-- name: accept_row
-- params: uuid, uuid, text, text, text, bytea, bytea, bytea, bytea, int4, int4, uuid, int4
SELECT hall.sealpicture_accept($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)

-- name: files
-- params: uuid, int4
SELECT id AS sealpicture, png, svg, es_id, seal FROM hall.sealpicture_files($1, $2)
