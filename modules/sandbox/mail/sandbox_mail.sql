-- Statements about e-mail: of the process sandbox-mail, and of the newcomer's inbox.

-- name: switched
-- params: text
SELECT sandbox.switched($1) AS out

-- name: new
-- params: text, text, bytea
INSERT INTO sandbox.mail (mail_from, rcpt, raw) VALUES ($1, $2, $3)

-- name: list
-- params: text
SELECT extract(epoch FROM at)::int8 AS at, rcpt, raw FROM sandbox.mail
 WHERE coalesce($1, '') = '' OR lower(rcpt) = lower($1) ORDER BY id DESC LIMIT 50
