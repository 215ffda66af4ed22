-- Statements of the sandbox: Tencent Cloud.

-- name: template_known
-- params: text
SELECT NOT EXISTS (SELECT FROM sandbox.sms_template) AS open, t.body FROM (SELECT 1) one LEFT JOIN sandbox.sms_template t ON t.id = $1

-- name: template_set
-- params: text, text
INSERT INTO sandbox.sms_template VALUES ($1, $2) ON CONFLICT (id) DO UPDATE SET body = excluded.body

-- name: sms_new
-- params: text, text, text, text, jsonb, text
INSERT INTO sandbox.sms (serial, phone, sign, template, params, session)
VALUES ($1, $2, $3, $4, ARRAY(SELECT jsonb_array_elements_text($5)), $6)

-- name: sms_list
-- params: text
SELECT extract(epoch FROM at)::int8 AS at, phone, sign, template, sandbox.sms_text(m) AS body
  FROM sandbox.sms m WHERE coalesce($1, '') = '' OR phone = $1 ORDER BY m.at DESC LIMIT 100

-- name: face_new
-- params: text, text, text, text, text, text
INSERT INTO sandbox.face (biz_token, page, name, id_no, redirect_url, extra) VALUES ($1, $2, $3, $4, $5, $6)

-- name: face_get
-- params: text
SELECT name, id_no, extra, code, message, expires <= now() AS expired FROM sandbox.face WHERE biz_token = $1

-- name: face_by_page
-- params: text
SELECT name, redirect_url, extra, biz_token, code, expires <= now() AS expired FROM sandbox.face WHERE page = $1

-- name: face_end
-- params: text, int4, text
UPDATE sandbox.face SET code = $2, message = $3 WHERE page = $1 AND code IS DISTINCT FROM 0 RETURNING page

-- name: sms_report_later
-- params: text, text, text, bool, text
WITH woken AS (SELECT pg_notify('sandbox', ''))
INSERT INTO sandbox.notice (id, vendor, kind, about, url, facts, next)
SELECT $1, 'tencent', 'sms_report', $2, coalesce((SELECT url FROM sandbox.sms_callback), $3),
       jsonb_build_object('failed', $4), now() + $5::interval FROM woken

-- name: sms_reported
-- params: text
SELECT phone, session FROM sandbox.sms WHERE serial = $1

-- name: sms_callback_set
-- params: text
INSERT INTO sandbox.sms_callback (url) VALUES ($1) ON CONFLICT (one) DO UPDATE SET url = excluded.url

-- name: sms_callback_end
-- params:
DELETE FROM sandbox.sms_callback
