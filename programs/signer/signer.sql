-- What the signer asks of the database and says to it; its role may do nothing else.

-- name: order
-- params: uuid
SELECT cert_type, years, form_sealed, pin_generation, pin_sealed, pin_wanted, issue_wanted, serial,
       extract(epoch FROM not_before)::bigint AS not_before, extract(epoch FROM not_after)::bigint AS not_after
  FROM hall.signer_order($1);

-- name: pin
-- params: uuid, int4, bytea
SELECT hall.signer_pin($1, $2, $3);

-- name: pin_opened
-- params: uuid, int4, text
SELECT hall.signer_pin_opened($1, $2, $3);

-- name: issuing
-- params: uuid, text, text, text, text, timestamptz, timestamptz, bytea, bytea
SELECT hall.signer_issuing($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: publish
-- params: text, text, bool, text, text, text, timestamptz, timestamptz, bytea
SELECT hall.signer_publish($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: signature
-- params: text, text, text, text, bytea
SELECT hall.signer_signature($1, $2, $3, $4, $5);

-- name: issued
-- params: uuid, text, bytea, bytea, text
SELECT hall.signer_issued($1, $2, $3, $4, $5);

