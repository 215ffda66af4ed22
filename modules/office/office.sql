-- Messages, and what auditors and administrators look at.

-- name: audit_rows
-- params: uuid, text, text, int4
SELECT hall.audit_rows($1, $2, $3, $4) AS out

-- name: outbox_stuck
-- params: text, int4
SELECT hall.outbox_stuck($1, $2) AS out

-- name: messages
-- params: uuid
SELECT out FROM hall.messages_json(hall.desk_seen($1)) AS out WHERE out IS NOT NULL

-- name: message_send
-- params: uuid
SELECT hall.desk_message_send($1)

-- name: partners
-- params:
SELECT hall.partners_json() AS out

-- name: report
-- params: text, date, date, text[]
SELECT hall.desk_report($1, $2, $3, $4) AS out

-- name: calendar_year
-- params: int4
SELECT hall.calendar_json($1) AS out

-- name: calendar_import
-- params: jsonb
SELECT hall.calendar_import($1)
