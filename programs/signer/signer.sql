-- What the signer asks of the database and says to it; its role may do nothing else.

-- name: order
-- params: uuid
SELECT number, papers, medium, item, seal_name, profile, pair, years, form_encrypted, ca, algorithm, external, token, request_wanted, issue_wanted,
       request, key_encrypted, answer, serial,
       encryption_serial, extract(epoch FROM not_before)::bigint AS not_before,
       extract(epoch FROM not_after)::bigint AS not_after, extract(epoch FROM keep_end)::bigint AS keep_end,
       extract(epoch FROM old_end)::bigint AS old_end
  FROM hall.signer_order($1);

-- name: decisions
-- params: uuid
SELECT id, what, staff, extract(epoch FROM decided_at)::bigint AS decided_at, statement, credential, client_data, authenticator_data,
       signature, leaves, place, path
  FROM hall.signer_decisions($1);

-- name: decision_refused
-- params: uuid, text, int8, text
SELECT hall.signer_decision_refused($1, $2, $3, $4);

-- name: rosters
-- params: int4
SELECT text, signatures FROM hall.rosters_after($1);

-- name: pin_wanted
-- params: uuid
SELECT generation, token, wanted FROM hall.signer_pin_wanted($1);

-- name: pin
-- params: uuid, int4, int4, bytea, bytea
SELECT hall.signer_pin($1, $2, $3, $4, $5);

-- name: puks_wanted
-- params: uuid, int4
SELECT id FROM hall.signer_puks_wanted($1, $2) AS id;

-- name: puk
-- params: uuid, int4, bytea, bytea
SELECT hall.signer_puk($1, $2, $3, $4);

-- name: puks_open
-- params: uuid
SELECT id, item, kek, key, encrypted FROM hall.signer_puks_open($1);

-- name: pin_open
-- params: uuid, text
SELECT generation, kek, key, encrypted FROM hall.signer_pin_open($1, $2);

-- name: pins_old
-- params: int4, int4
SELECT order_id, generation, kek, key, encrypted FROM hall.signer_pins_old($1, $2);

-- name: pin_rewrapped
-- params: uuid, int4, int4, bytea, bytea
SELECT hall.signer_pin_rewrapped($1, $2, $3, $4, $5);

-- name: rekey
-- params: int4
SELECT hall.signer_rekey($1);

-- name: pin_box
-- params: uuid
SELECT order_id, public_key, pin FROM hall.signer_pin_box($1);

-- name: pin_boxed
-- params: uuid, bytea
SELECT hall.signer_pin_boxed($1, $2);

-- name: issuing
-- params: uuid, int4, text, text, text, text, text, timestamptz, timestamptz, bytea, bytea
SELECT hall.signer_issuing($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11);

-- name: publish
-- params: text, text, bool, text, text, text, timestamptz, timestamptz, bytea
SELECT hall.signer_publish($1, $2, $3, $4, $5, $6, $7, $8, $9);

-- name: signature
-- params: text, text, text, text, bytea
SELECT hall.signer_signature($1, $2, $3, $4, $5);

-- name: issued
-- params: uuid, text, text, bytea, bytea, bytea, text
SELECT hall.signer_issued($1, $2, $3, $4, $5, $6, $7);

-- name: produced
-- params: uuid
SELECT hall.signer_produced($1);

-- name: requested
-- params: uuid, int4, bytea, bytea, bytea
SELECT hall.signer_requested($1, $2, $3, $4, $5);

-- name: answer_refused
-- params: uuid, int4, text, bytea
SELECT hall.signer_answer_refused($1, $2, $3, $4);

-- name: seal
-- params: uuid
SELECT seal, made, es_id, sealpicture, kind, name, png, png_sm3, width, height, certificate, created_at, valid_from, valid_to
  FROM hall.signer_seal($1);

-- name: seal_signing
-- params: uuid, text, text, bytea
SELECT hall.signer_seal_signing($1, $2, $3, $4);

-- name: seal_made
-- params: uuid, bytea
SELECT hall.signer_seal_made($1, $2);

-- name: revocations
-- params:
SELECT id FROM hall.signer_revocations() AS id;

-- name: revocation_act
-- params: uuid, text
SELECT label, value, note, staff, extract(epoch FROM decided_at)::bigint AS decided_at, credential, client_data, authenticator_data,
       signature, leaves, place, path
  FROM hall.signer_revocation_act($1, $2);

-- name: revocation_checked
-- params: uuid, text
SELECT hall.signer_revocation_checked($1, $2);

-- name: crl
-- params: text, int4
SELECT number, base, this_update, next_update FROM hall.signer_crl($1, make_interval(hours => $2), make_interval(hours => 2 * $2));

-- name: crl_entries
-- params: text
SELECT serial, revoked_at, reason, listed, changed FROM hall.signer_crl_entries($1);

-- name: crl_signed
-- params: text, int8, bytea, bytea, int4, int4
SELECT hall.signer_crl_signed($1, $2, $3, $4, $5, $6);

-- name: ocsp
-- params: uuid
SELECT id, ca, serial, reason, revoked_at FROM hall.signer_ocsp($1);

-- name: ocsp_due
-- params: text, int4
SELECT id, ca, serial, reason, revoked_at FROM hall.signer_ocsp_due($1, $2);

-- name: signatures
-- params: text, text, text, text, text
SELECT hall.signer_signatures($1, $2, $3, $4::text[], $5::text[]);

-- name: ocsp_signed
-- params: text, text, text, text, timestamptz, timestamptz
SELECT hall.signer_ocsp_signed($1::uuid[], $2::text[], $3::bigint[], $4::text[], $5, $6) AS kept;

-- name: evidence
-- params: uuid
SELECT ca, sha256, sm3, signed FROM hall.signer_evidence($1);

-- name: evidence_signed
-- params: uuid, bytea, bytea
SELECT hall.signer_evidence_signed($1, $2, $3);
