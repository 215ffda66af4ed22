-- Evidence packages, and exports of the signed log.

-- name: list
-- params: text, uuid, int4
SELECT id, "out", reason FROM hall.evidence_list($1, $2, $3)

-- name: ask_row
-- params: uuid, text, bytea
SELECT hall.evidence_ask($1, $2, $3)

-- name: file
-- params: uuid
SELECT number, file_key FROM hall.evidence_file($1)

-- name: log_exports
-- params: uuid, int4
SELECT id, "out", reason FROM hall.log_export_list($1, $2)

-- name: log_ask_row
-- params: uuid, bytea
SELECT hall.log_export_ask($1, $2)

-- name: log_open
-- params: uuid
SELECT size, day FROM hall.log_export_open($1)
