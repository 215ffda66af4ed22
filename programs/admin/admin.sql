-- Statements of certhall-admin.

-- name: enter
-- params: text
SELECT hall.enter_system('admin', $1)

-- name: data_key_ids
-- params:
SELECT id FROM hall.data_key_ids() id

-- name: data_key_first
-- params:
SELECT hall.data_key_first()

-- name: data_key_part_new
-- params: int4, text, int4, bytea
SELECT hall.data_key_part_new($1, $2, $3, $4)

-- name: data_keys
-- params: text[]
SELECT id, folder, kek FROM hall.data_keys($1)

-- name: data_key_free
-- params:
SELECT hall.data_key_free() AS id

-- name: data_key_next
-- params: int4, int4
SELECT hall.data_key_next($1, make_interval(secs => $2))

-- name: data_key_rewrapped
-- params: int4, text, int4, int4, bytea
SELECT hall.data_key_rewrapped($1, $2, $3, $4, $5)

-- name: data_key_list
-- params:
SELECT kind, id, kek, state, hall.iso(since) AS since, place, n FROM hall.data_key_list()

-- name: project_take
-- params: jsonb, jsonb
SELECT label, value FROM hall.project_take($1, $2)

-- name: project_facts
-- params: jsonb, text
SELECT label, value FROM hall.project_facts($1, $2)

-- name: partner_key_new
-- params: uuid, text, bytea, jsonb
SELECT hall.partner_key_new($1, $2, $3, $4)

-- name: partner_key_facts
-- params: text
SELECT label, value FROM hall.partner_key_facts($1)

-- name: partner_key_end
-- params: uuid
SELECT hall.partner_key_end($1)

-- name: partner_hook_put
-- params: uuid, text, text, bytea, jsonb
SELECT hall.partner_hook_put($1, $2, $3, $4, $5)

-- name: partner_hook_facts
-- params: text, text
SELECT label, value FROM hall.partner_hook_facts($1, $2)

-- name: partner_list
-- params:
SELECT slug, id, used_at, ended_at FROM hall.partner_key_list()

-- name: calendar_import
-- params: jsonb
SELECT hall.calendar_import($1) AS out

-- name: regions_import
-- params: text
SELECT hall.regions_import($1) AS out

-- name: staff_put
-- params: uuid, text, text, text[], text, jsonb
SELECT hall.staff_put($1, $2, $3, $4, $5, $6)

-- name: staff_facts
-- params: text, text, text[], text
SELECT label, value FROM hall.staff_facts($1, $2, $3, $4)

-- name: staff_end
-- params: text, bool
SELECT hall.staff_end($1, $2) AS there

-- name: outlet_put
-- params: text, text, text, text, int4, text, jsonb
SELECT hall.outlet_put($1, $2, $3, $4, $5, $6, $7)

-- name: outlet_facts
-- params: text, text, text, text, int4, text
SELECT label, value FROM hall.outlet_facts($1, $2, $3, $4, $5, $6)

-- name: outlet_list
-- params:
SELECT code, name, place, producers, phone, seats, hours FROM hall.outlet_list()

-- name: audit_size
-- params:
SELECT rows_, leaves FROM hall.audit_size()

-- name: audit_page
-- params: uuid, int4, int4
SELECT subject, seq, body, head, current_seq, current_head, begins_seq, begins_head FROM hall.audit_page($1, $2, $3)

-- name: log_export_ask
-- params: uuid, bytea
SELECT hall.log_export_ask($1, $2) AS size

-- name: month_detach
-- params: text, date
SELECT hall.month_detach($1, $2) AS n

-- name: month_list
-- params:
SELECT tbl, month, n FROM hall.month_list()

-- name: log_leaves
-- params: int8, int4
SELECT leaf, hash, head, lost FROM hall.log_leaves($1, $2)

-- name: log_heads
-- params: int8, int4
SELECT size, root, signature FROM hall.log_heads($1, $2)

-- name: bank_import_begin
-- params:
SELECT hall.bank_import_begin()

-- name: bank_import_add
-- params: jsonb
SELECT hall.bank_import_add($1)

-- name: bank_import_twice
-- params:
SELECT line, cnaps, first FROM hall.bank_import_twice()

-- name: bank_import_end
-- params:
SELECT added, changed, gone, offered FROM hall.bank_import_end()

-- name: defaults_show
-- params:
SELECT hall.defaults_json() AS out

-- name: defaults_take
-- params: jsonb
SELECT hall.defaults_import($1)

-- name: retention_list
-- params:
SELECT what, since, number FROM hall.retention_list()

-- name: retention_step
-- params: int4
SELECT hall.retention_step($1) AS n

-- name: roster_now
-- params:
SELECT hall.roster_now() AS text

-- name: roster_staff
-- params:
SELECT id, name, roles FROM hall.roster_staff()

-- name: roster_put
-- params: int4, text, text, text[], text
SELECT hall.roster_put($1, $2, $3, $4::uuid[], $5)

-- name: roster_list
-- params:
SELECT version, text, signatures, (extract(epoch FROM at) * 1000000)::bigint AS at FROM hall.roster_list()

-- name: decisions_kept
-- params: text, int8, int4
SELECT id, number, order_id, erased, what, staff, name, extract(epoch FROM decided_at)::bigint AS decided_at,
       (extract(epoch FROM at) * 1000000)::bigint AS at, statement, credential, client_data, authenticator_data, signature, leaves, place,
       path, twice
  FROM hall.decisions_kept($1, $2, $3)

-- name: acts_kept
-- params: text, uuid, int4
SELECT id, number, erased, what, staff, name, extract(epoch FROM decided_at)::bigint AS decided_at,
       (extract(epoch FROM at) * 1000000)::bigint AS at, statement, credential, client_data, authenticator_data, signature, leaves, place, path
  FROM hall.acts_kept($1, $2, $3)

-- name: resolutions_kept
-- params: text, uuid, int4
SELECT id, named, roster, statement, signatures, document, (extract(epoch FROM at) * 1000000)::bigint AS at
  FROM hall.resolutions_kept($1, $2, $3)

-- name: signed_missing
-- params: text
SELECT what, wrong FROM hall.signed_missing($1)
