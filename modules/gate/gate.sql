-- Statements of module gate.

-- name: health_row
-- params:
SELECT to_jsonb(hall.calendar_missing())::text AS calendar_missing

-- name: projects
-- params:
SELECT hall.projects_json()::text AS projects, hall.businesses_json()::text AS businesses

-- name: region_children
-- params: text
SELECT jsonb_build_object('regions', coalesce(jsonb_agg(jsonb_build_object('code', r.code, 'name', r.name, 'level', r.level,
           'leaf', NOT EXISTS (SELECT FROM hall.region c WHERE c.parent = r.code AND NOT c.gone)) ORDER BY r.code), '[]'))::text AS out
  FROM hall.region r WHERE (r.parent = $1 OR coalesce($1, '') = '' AND r.parent IS NULL) AND NOT r.gone

-- An open project; whether it offers a kind of business ($2; NULL: none is named), and of several kinds the first.
-- name: project_of
-- params: text, text
SELECT project_id, $2 IS NULL OR $2 = ANY (business) AS offered, CASE WHEN cardinality(business) > 1 THEN business[1] END AS first
  FROM hall.project_entry WHERE slug = $1 AND open

-- name: ticket_open
-- params: bytea, bytea
SELECT word, business FROM hall.ticket_open($1, $2)

-- name: partner_keys
-- params: text
SELECT id, secret FROM hall.partner_keys($1)

-- name: ticket_of_link
-- params: uuid, uuid, bytea, bytea, text
SELECT hall.ticket_of_link($1, $2, $3, $4, $5)

-- name: session_view
-- params: bytea
SELECT hall.project_face(hall.my_project())::text AS project, hall.session_elsewhere($1) AS elsewhere

-- name: session_account
-- params:
SELECT id, phone_mask AS phone FROM hall.own_account

-- name: sms_code_new
-- params: uuid, bytea, text, bytea, int4, int4, uuid, bytea
SELECT hall.sms_code_new($1, $2, $3, $4, $5, $6, $7, $8)

-- name: login_by_sms
-- params: bytea, text, bytea, uuid, bytea, text, text, bytea, int4, int4
SELECT word, id, phone_mask FROM hall.login_sms($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)

-- name: password_try
-- params: bytea, text, int4
SELECT hall.login_try($1, $2) AS may, hall.account_salt($1, $3) AS salt

-- name: login_by_password
-- params: bytea, bytea, bytea, int4, int4
SELECT id, phone_mask FROM hall.login_password($1, $2, $3, $4, $5)

-- name: session_close
-- params: bytea
SELECT hall.session_close($1)

-- name: session_device
-- params: bytea, text
SELECT hall.session_device($1, $2)

-- name: help
-- params:
SELECT hall.help_json() AS out

-- name: my_account
-- params:
SELECT id, phone_hash, phone_encrypted, phone_mask, has_password, profile, hall.iso(created_at) AS created_at FROM hall.own_account

-- name: profile_set
-- params: bytea
SELECT hall.profile_put($1)

-- name: password_set
-- params: bytea, bytea, text, bytea, uuid, bytea
SELECT hall.password_change($1, $2, $3, $4, $5, $6) AS out

-- name: phone_set
-- params: bytea, bytea, bytea, bytea, text, bytea, uuid, bytea
SELECT which, word FROM hall.phone_change($1, $2, $3, $4, $5, $6, $7, $8)

-- name: my_sessions
-- params: bytea
SELECT hall.my_sessions($1) AS out

-- name: sessions_stop
-- params: uuid, bytea, bytea
SELECT hall.sessions_end($1, $2, $3) AS out

-- name: closing
-- params:
SELECT hall.my_closing() AS out

-- name: account_close
-- params: bytea, uuid, bytea
SELECT hall.account_close($1, $2, $3) AS out

-- name: rebinding_new
-- params: uuid, bytea, bytea, text, bytea, bytea, bytea, int4, int4
SELECT word, expires_at FROM hall.rebinding_start($1, $2, $3, $4, $5, $6, $7, '30 minutes', $8, $9)

-- name: rebinding_stop
-- params:
SELECT hall.my_rebinding_stop()

-- name: my_rebinding
-- params:
SELECT phone, due_at FROM hall.own_rebinding

-- name: calendar
-- params:
SELECT hall.my_calendar_link() AS out

-- name: calendar_new
-- params: bytea
SELECT hall.iso(hall.calendar_link_make($1)) AS made_at

-- name: calendar_end
-- params:
SELECT hall.calendar_link_end()

-- name: calendar_dates
-- params: bytea
SELECT id, name, serial, type, stamp, ends, opens FROM hall.calendar_link_read($1)

-- name: messages
-- params:
SELECT hall.my_message_choices() AS out

-- name: messages_put
-- params: text, text, bool
SELECT hall.message_choice_put($1, $2, $3) AS out

-- name: my_units
-- params:
SELECT unit, name, orders, given FROM hall.my_units()

-- name: my_certificates
-- params:
SELECT unit, serial, item, key_use, algorithm, not_before, not_after, revoked_at, hall.certificate_shown(state, not_after) AS state,
       coalesce(type, '数字证书') AS type, renewal_from, renewal_kind, renewal_open, days_left, changeable, seals, published, order_id, number, slug, project_name
  FROM hall.own_certificate ORDER BY issued_at DESC, item

-- name: my_hand_overs
-- params:
SELECT id, mine, state, phone, unit, "order", moved, created_at, expires_at FROM hall.own_hand_over ORDER BY created_at DESC

-- name: hand_over_new
-- params: uuid, uuid, bool, bytea, text, bytea, uuid, bytea
SELECT hall.hand_over_ask($1, $2, $3, $4, $5, $6, $7, $8) AS out

-- name: hand_over_take
-- params: uuid, bytea
SELECT word, "out" FROM hall.hand_over_accept($1, $2)

-- Refused by who was to take, or taken back by who gives.
-- name: hand_over_end
-- params: uuid
SELECT hall.hand_over_end($1)
