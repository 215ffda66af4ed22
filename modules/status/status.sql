-- Statements of module status.

-- name: issuers
-- params:
SELECT i.ca, i.certificate FROM hall.ca_certificate i JOIN hall.ca a ON a.name = i.ca
 WHERE i.role = 'issuing' AND NOT a.external

-- name: response
-- params: text, text
SELECT der, etag, extract(epoch FROM this_update)::bigint AS since, extract(epoch FROM next_update)::bigint AS until
  FROM hall.published_status WHERE ca = $1 AND serial = $2

-- name: list
-- params: text, bool
SELECT number, CASE WHEN $2 THEN delta ELSE der END AS file, floor(extract(epoch FROM this_update))::bigint AS since,
       floor(extract(epoch FROM next_update))::bigint AS until
  FROM hall.crl WHERE ca = $1 AND der IS NOT NULL ORDER BY number DESC LIMIT 1

-- name: certificate
-- params: text, text
SELECT certificate, extract(epoch FROM published_at)::bigint AS since
  FROM hall.ca_certificate WHERE ca = $1 AND role = $2 ORDER BY not_after DESC, published_at DESC LIMIT 1

-- name: by_serial
-- params: text, int4
SELECT hall.serial_status($1, $2) AS out

-- name: serials_ask
-- params: uuid, bytea, text, int4, int4
SELECT hall.serials_ask($1, $2, $3, $4, $5)

-- Those of who is logged in.
-- name: mine
-- params:
SELECT hall.my_certificates() AS out
