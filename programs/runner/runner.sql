-- Statements of the runner.

-- name: enter
-- params: text
SELECT hall.enter_system('runner', $1)

-- name: job_take
-- params: int4
SELECT id, made::text AS made, kind, key, subject, attempts, ceil(extract(epoch FROM wait) * 1000)::bigint AS wait_ms
  FROM hall.job_take(make_interval(secs => $1))

-- name: job_done
-- params: int8, timestamptz
SELECT hall.job_done($1, $2)

-- name: job_again
-- params: int8, timestamptz, int8, text, bool, int4
SELECT hall.job_again($1, $2, $3 * interval '1 millisecond', $4, $5, $6)

-- name: message_work
-- params: uuid, timestamptz
SELECT event, recipient, channel, content, order_id, form, detail, number, project_name, vendor_id,
       array_to_json(parameters)::text AS parameters, subject, body, rebinding, phones FROM hall.message_work($1, $2)

-- name: message_sent
-- params: uuid, timestamptz, text, text
SELECT hall.message_sent($1, $2, $3, $4)

-- name: pin_open
-- params: uuid, int4, text, text
SELECT generation, kek, key, encrypted FROM hall.runner_pin_open($1, $2, $3, $4)

-- name: encrypted_columns
-- params:
SELECT place FROM hall.encrypted_places() AS place

-- name: data_key_activate
-- params:
SELECT hall.data_key_activate()

-- name: encrypted_old
-- params: text, uuid, int4
SELECT "row", value FROM hall.encrypted_old($1, $2, $3)

-- name: reencrypted
-- params: text, uuid, bytea, bytea
SELECT hall.reencrypted($1, $2, $3, $4)

-- name: data_keys_end
-- params: int4
SELECT hall.data_keys_end(make_interval(secs => $1)) AS n

-- name: puk_open
-- params: uuid, text
SELECT kek, key, encrypted FROM hall.runner_puk_open($1, $2)

-- name: pins_destroy
-- params:
SELECT hall.pins_destroy()

-- name: payment_work
-- params: uuid
SELECT order_id, channel, out_trade_no, total, state, expired FROM hall.payment_work($1)

-- name: payment_paid
-- params: text, text, int4, timestamptz
SELECT hall.payment_paid($1, $2, $3, $4)

-- name: payment_closed
-- params: uuid
SELECT hall.payment_closed($1)

-- name: refund_work
-- params: uuid
SELECT channel, out_trade_no, out_refund_no, total, amount, reason, state FROM hall.refund_work($1)

-- name: rosters
-- params: int4
SELECT text, signatures FROM hall.rosters_after($1)

-- name: refund_act
-- params: uuid, text
SELECT label, value, request, words, answer, staff, extract(epoch FROM decided_at)::bigint AS decided_at, credential,
       client_data, authenticator_data, signature, leaves, place, path
  FROM hall.runner_refund_act($1, $2)

-- name: refund_refused
-- params: uuid, text
SELECT hall.runner_refund_refused($1, $2)

-- name: refund_state
-- params: text, text, text, text, timestamptz
SELECT hall.refund_state($1, $2, $3, $4, $5)

-- name: bills_due
-- params: text
SELECT hall.bills_due($1::text[])

-- name: bill_work
-- params: uuid
SELECT channel, day, state FROM hall.bill_work($1)

-- name: bill_compare
-- params: uuid, text
SELECT hall.bill_compare($1, $2::jsonb)

-- name: licence_work
-- params: uuid
SELECT order_id, form, mime, file_key, seen FROM hall.licence_work($1)

-- name: licence_checked
-- params: uuid, bytea, text, text
SELECT hall.licence_checked($1, $2, $3, $4::text[])

-- name: identity_work
-- params: uuid
SELECT order_id, form, legal, phones, role, state, carrier, biz_token, agreed, expired, "left" FROM hall.identity_work($1)

-- name: identity_carrier
-- params: uuid, bool, text
SELECT hall.identity_carrier($1, $2, $3)

-- name: identity_result
-- params: uuid, bool, text, text
SELECT hall.identity_result($1, $2, $3, $4)

-- name: entries_work
-- params:
SELECT to_char(first, 'YYYYMMDD') AS first, to_char(last, 'YYYYMMDD') AS last, cursor, extract(epoch FROM waits)::int8 AS waited FROM hall.entries_work()

-- name: entry_person
-- params: text
SELECT code, order_id, form, legal, role FROM hall.entry_person($1::text[])

-- name: entry_take
-- params: uuid, date, text, timestamptz, int8, bytea, text, text, bool
SELECT hall.entry_take($1, $2, $3, $4, $5, $6, $7, $8, $9)

-- name: entries_read
-- params: text, text
SELECT hall.entries_read(to_date($1, 'YYYYMMDD'), $2)

-- name: entries_rest
-- params:
SELECT hall.entries_rest()

-- name: rebinding_work
-- params: uuid
SELECT account, phones FROM hall.rebinding_work($1)

-- name: rebinding_do
-- params: uuid, bytea
SELECT hall.rebinding_do($1, $2)

-- name: payout_work
-- params: uuid
SELECT order_id, yur_ref, state, generation, account, masked, cnaps, branch, bank, age > interval '4 days' AS old,
       age > interval '3 days' AS long
  FROM hall.payout_work($1)

-- name: payout_act
-- params: uuid
SELECT label, value, staff, extract(epoch FROM decided_at)::bigint AS decided_at, credential, client_data, authenticator_data,
       signature, leaves, place, path
  FROM hall.runner_payout_act($1)

-- name: payout_refused
-- params: uuid, text
SELECT hall.runner_payout_refused($1, $2)

-- name: payout_state
-- params: uuid, text, text
SELECT hall.payout_state($1, $2, $3)

-- name: payout_code_put
-- params: uuid, bytea, bytea
SELECT hall.payout_code_put($1, $2, $3) AS encrypted

-- name: payout_suspended
-- params: uuid
SELECT hall.payout_suspended($1)

-- name: code_end
-- params: uuid
SELECT hall.code_end($1)

-- name: appointment_end
-- params: uuid
SELECT hall.appointment_end($1)

-- name: order_end
-- params: uuid
SELECT hall.order_end($1)

-- name: account_remind
-- params: uuid
SELECT hall.account_remind($1)

-- name: order_finished
-- params: uuid
SELECT hall.order_finished($1)

-- name: serials_tell
-- params: uuid
SELECT hall.serials_tell($1)

-- name: status_due
-- params: int4, int4
SELECT hall.status_due(make_interval(hours => $1), make_interval(days => $2))

-- name: status_more
-- params: text
SELECT hall.status_more($1)

-- name: audit_unsigned
-- params: int4
SELECT id, head FROM hall.audit_unsigned($1)

-- name: log_kept
-- params:
SELECT size, peaks, root FROM hall.log_kept()

-- name: log_hashes
-- params: int8, int4
SELECT leaf, hash FROM hall.log_hashes($1, $2)

-- name: log_children
-- params: int4, int4
SELECT at, hash FROM hall.log_children($1, $2)

-- name: log_node_add
-- params: int4, int8, text
SELECT hall.log_node_add($1, $2, $3::text[])

-- name: audit_signed
-- params: int8, text, text, bytea, bytea, bytea
SELECT hall.audit_signed($1, $2::bigint[], $3::text[], $4, $5, $6)

-- name: months_make
-- params:
SELECT hall.months_make()

-- name: sweep
-- params:
SELECT hall.sweep(), hall.partner_sweep(), hall.report_sum()

-- name: partner_event_work
-- params: uuid
SELECT hook, url, secret, body FROM hall.partner_event_work($1)

-- name: partner_event_end
-- params: uuid, text
SELECT hall.partner_event_end($1, $2)

-- name: cmp_work
-- params: uuid
SELECT item, ca, request, extract(epoch FROM until)::bigint AS until, old FROM hall.cmp_work($1)

-- name: cmp_answered
-- params: uuid, int4, bytea
SELECT hall.cmp_answered($1, $2, $3)

-- name: csr_refused
-- params: uuid, int4, text
SELECT hall.csr_refused($1, $2, $3)

-- name: cmp_revoke_work
-- params: uuid
SELECT ca, certificate, reason FROM hall.cmp_revoke_work($1)

-- name: key_file_end
-- params: uuid
SELECT hall.key_file_end($1)

-- name: lint_work
-- params: uuid, int4
SELECT id, profile, ca, algorithm, certificate, issuer FROM hall.lint_work($1, $2)

-- name: lint_found
-- params: uuid, text, text
SELECT hall.lint_found($1, $2::uuid[], $3::jsonb)

-- name: authority_due
-- params:
SELECT hall.authority_due()

-- name: parcel_work
-- params: uuid
SELECT order_id, order_state, courier, payment, number, state, waybill, form FROM hall.parcel_work($1)

-- name: region_path
-- params: text
SELECT province, city, county, town FROM hall.region_path($1)

-- name: parcel_result
-- params: uuid, text, text, text
SELECT hall.parcel_result($1, $2, $3, $4)

-- name: parcel_routes
-- params: uuid, jsonb, text
SELECT hall.parcel_routes($1, $2, $3)

-- name: invoice_wanted_work
-- params: uuid
SELECT form FROM hall.invoice_wanted_work($1)

-- name: invoice_ask
-- params: uuid
SELECT hall.invoice_ask($1)

-- name: invoice_work
-- params: uuid
SELECT order_id, order_number, form, buyer, request_no, taken, state, parts, total, red, blue_number, blue_serial, dead
  FROM hall.invoice_work($1)

-- name: invoice_taken
-- params: uuid, text
SELECT hall.invoice_taken($1, $2)

-- name: invoice_failed
-- params: uuid, text, text
SELECT hall.invoice_failed($1, $2, $3)

-- name: invoice_dropped
-- params: uuid
SELECT hall.invoice_dropped($1)

-- name: invoice_issued
-- params: uuid, text, text, text, text, text, timestamptz
SELECT hall.invoice_issued($1, $2, $3, $4, $5, $6, $7)

-- name: expiry_due
-- params:
SELECT hall.expiry_due()

-- name: expiry_tell
-- params:
SELECT hall.expiry_tell()

-- name: paper_carry_work
-- params: uuid
SELECT id, file_key FROM hall.paper_carry_work($1)

-- name: paper_carried
-- params: uuid, jsonb
SELECT hall.paper_carried($1, $2)

-- name: paper_check_work
-- params: uuid
SELECT file_key, mime, shows FROM hall.paper_check_work($1)

-- name: paper_checked
-- params: uuid, int4, bool, bool, int4, text, text
SELECT hall.paper_checked($1, $2, $3, $4, $5, $6::text[], $7)

-- name: card_seen
-- params: uuid, bytea
SELECT hall.card_seen($1, $2)

-- name: card_work
-- params: uuid
SELECT order_id, form, card, person, item FROM hall.card_work($1)

-- name: card_compared
-- params: uuid, text
SELECT hall.card_compared($1, $2::text[])

-- name: paper_unchecked
-- params: uuid
SELECT hall.paper_unchecked($1)

-- name: retention_step
-- params: int4
SELECT hall.retention_step($1) AS n

-- name: retention_want
-- params:
SELECT hall.retention_want()

-- name: store_unknown
-- params: text
SELECT id FROM hall.store_unknown($1::uuid[]) AS id

-- name: store_sweep_want
-- params:
SELECT hall.store_sweep_want()

-- name: store_sweep_on
-- params: text
SELECT hall.store_sweep_on($1)

-- name: evidence_work
-- params: uuid
SELECT order_id, number, asked_at, asked_by, reason FROM hall.evidence_work($1)

-- name: evidence_rows
-- params: uuid
SELECT file, body FROM hall.evidence_rows($1)

-- name: evidence_texts
-- params: uuid
SELECT file, body FROM hall.evidence_texts($1)

-- name: evidence_sealed
-- params: uuid
SELECT file, place, "row", value FROM hall.evidence_sealed($1)

-- name: evidence_certificates
-- params: uuid
SELECT file, der FROM hall.evidence_certificates($1)

-- name: evidence_papers
-- params: uuid
SELECT id, place, file, sha256, file_key FROM hall.evidence_papers($1)

-- name: evidence_trail
-- params: uuid
SELECT number, size, root, signature, signed_at, subject, seq, leaf, head, body FROM hall.evidence_trail($1)

-- name: log_groups
-- params: text, text
SELECT level, "group", hashes FROM hall.log_groups($1::int[], $2::bigint[])

-- name: evidence_manifest
-- params: uuid, bytea, bytea
SELECT hall.evidence_manifest($1, $2, $3)

-- name: evidence_signature
-- params: uuid
SELECT sha256, signature FROM hall.evidence_signature($1)

-- name: evidence_made
-- params: uuid, bytea, int4, bool
SELECT hall.evidence_made($1, $2, $3, $4)

-- name: evidence_failed
-- params: uuid
SELECT hall.evidence_failed($1)
