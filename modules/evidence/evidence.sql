-- Evidence packages.

-- name: list
-- params: text, uuid, int4
SELECT id, "out", reason FROM hall.evidence_list($1, $2, $3)

-- name: ask_row
-- params: uuid, text, bytea
SELECT hall.evidence_ask($1, $2, $3)

-- name: file
-- params: uuid
SELECT number, file_key FROM hall.evidence_file($1)
