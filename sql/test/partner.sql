-- What distinguishes partners, and what their platforms may do by themselves.
\ir fixture.psql
SELECT no_plan();
\set encrypted '\\x00'
SELECT pg_temp.new_project() AS p, pg_temp.new_project() AS q, pg_temp.new_account() AS account, pg_temp.new_account() AS stranger \gset
CREATE FUNCTION pg_temp.slug_of(p uuid) RETURNS text LANGUAGE sql AS $$ SELECT slug FROM hall.project WHERE id = p $$;
CREATE FUNCTION pg_temp.h(t text) RETURNS bytea LANGUAGE sql AS $$ SELECT sha256(t::bytea) $$;
CREATE FUNCTION pg_temp.new_key(p uuid, encrypted bytea) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE k uuid := gen_random_uuid();
BEGIN
    PERFORM hall.partner_key_new(k, pg_temp.slug_of(p), encrypted, pg_temp.resolved());
    RETURN k;
END $$;
SELECT pg_temp.be_system();

-- ---- keys ----
SELECT pg_temp.new_key(:'p', :'encrypted') AS k, pg_temp.new_key(:'q', :'encrypted') AS k2 \gset
SELECT is((SELECT count(*) FROM hall.audit WHERE subject = :'p' AND detail ? 'partner_key'), 1::bigint, 'a new key is in the audit trail');
SELECT is((SELECT slug FROM hall.partner_key_read(:'k')), pg_temp.slug_of(:'p'), 'a key knows its project');
SELECT is(pg_temp.outcome(format('SELECT hall.partner_enter(%L, %L)', gen_random_uuid(), 'nonce-nonce-nonce')), 'CH401', 'no such key');
SELECT hall.partner_enter(:'k', 'nonce-nonce-nonce');
SELECT results_eq('SELECT hall.my_kind(), hall.me(), hall.my_project(), hall.my_roles()', format('VALUES (''partner'', %L::uuid, %L::uuid, ''{partner}''::text[])', :'k', :'p'), 'the caller is the platform, in its own project');
SELECT is(pg_temp.outcome(format('SELECT hall.partner_enter(%L, %L)', :'k', 'nonce-nonce-nonce')), 'CH409', 'a nonce serves once');
SELECT is(pg_temp.outcome(format('SELECT hall.partner_enter(%L, %L)', :'k2', 'nonce-nonce-nonce')), 'ok', 'for its own key');
SELECT is(pg_temp.outcome(format('SELECT hall.partner_enter(%L, %L)', :'k', 'short')), '23514', 'not a short one');
UPDATE hall.partner_nonce SET at = now() - interval '16 minutes';
SELECT is(pg_temp.outcome(format('SELECT hall.partner_enter(%L, %L)', :'k', 'nonce-nonce-nonce')), 'ok', 'nonces are kept as long as a signature could be repeated');
SELECT hall.partner_key_end(:'k2');
SELECT is(pg_temp.outcome(format('SELECT hall.partner_enter(%L, %L)', :'k2', 'another-nonce-here')), 'CH401', 'an ended key is none');
SELECT is_empty(format('SELECT * FROM hall.partner_key_read(%L)', :'k2'), 'and is not read');
SELECT is_empty(format('SELECT * FROM hall.partner_keys(%L)', pg_temp.slug_of(:'q')), 'nor do links know it');
SELECT is(pg_temp.outcome(format('SELECT hall.partner_key_end(%L)', :'k2')), 'CH404', 'a key ends once');

-- ---- tickets ----
SELECT hall.partner_enter(:'k', 'ticket-ticket-ticket');
SELECT gen_random_uuid() AS t \gset
SELECT ok(hall.ticket_new(:'t', pg_temp.h('token'), 'new', 'R-1', :'encrypted')::jsonb ->> 'entry' ~ '/getLogin\?projectId=', 'a ticket has an entry');
SELECT is(pg_temp.outcome(format('SELECT hall.ticket_new(gen_random_uuid(), pg_temp.h(%L), %L, %L, %L)', 'x', 'reissue', '', :'encrypted')), 'CH422 /business', 'only for what the project does');
SELECT pg_temp.be('nobody', NULL, '{public}', :'q');
SELECT is((hall.ticket_open(pg_temp.h('token'), pg_temp.h('entry'))).word, 'expired', 'another project does not know it');
SELECT pg_temp.be('nobody', NULL, '{public}', :'p');
SELECT is((hall.ticket_open(pg_temp.h('other'), pg_temp.h('entry'))).word, 'expired', 'nor one with another number');
SELECT is((hall.ticket_open(pg_temp.h('token'), pg_temp.h('entry'))).word, 'ok', 'opened');
SELECT is((hall.ticket_open(pg_temp.h('token'), pg_temp.h('again'))).word, 'used', 'once');
SELECT is_empty($$ SELECT * FROM hall.ticket_read(pg_temp.h('token')) $$, 'the link''s token reads nothing');
SELECT is((SELECT id FROM hall.ticket_read(pg_temp.h('entry'))), :'t', 'the browser''s does');
INSERT INTO hall.project_field (project, field, locked) VALUES (:'p', 'unit_name', true), (:'p', 'agent_name', false);
SELECT pg_temp.new_order(:'p', :'account', '{"form": null}') AS o, pg_temp.new_order(:'q', :'account') AS elsewhere \gset
SELECT pg_temp.be_applicant(:'account', :'q');
SELECT is(pg_temp.outcome(format('SELECT hall.ticket_fill(%L, %L, %L, 1, %L, %L)', :'elsewhere', :'t', 'institution', :'encrypted', '{}')), 'CH410 /ticket', 'not into another project''s draft');
SELECT pg_temp.be_applicant(:'stranger', :'p');
SELECT is(pg_temp.outcome(format('SELECT hall.ticket_fill(%L, %L, %L, 1, %L, %L)', :'o', :'t', 'institution', :'encrypted', '{}')), 'CH404', 'not into a stranger''s');
SELECT pg_temp.be_applicant(:'account', :'p');
SELECT hall.ticket_fill(:'o', :'t', 'natural', 3, :'encrypted', '{"unit_name": "aa", "agent_name": "bb"}');
SELECT results_eq(format('SELECT cert_type, years, reference, locked, form IS NOT NULL FROM hall.orders WHERE id = %L', :'o'),
                  $$ VALUES ('natural', 3, 'R-1', '{"unit_name": "aa"}'::jsonb, true) $$, 'the draft has what the ticket brought; locked is what the project locks');
SELECT is((SELECT form FROM hall.ticket WHERE id = :'t'), NULL, 'the ticket has it no more');
SELECT is(pg_temp.outcome(format('SELECT hall.ticket_fill(%L, %L, %L, 1, %L, %L)', :'o', :'t', 'natural', :'encrypted', '{}')), 'CH410 /ticket', 'it serves once');
SELECT is(pg_temp.outcome(format('SELECT hall.ticket_keeps(%L, %L)', :'o', '{"unit_name": "aa", "agent_name": "cc"}')), 'ok', 'what is not locked may change');
SELECT is(pg_temp.outcome(format('SELECT hall.ticket_keeps(%L, %L)', :'o', '{"unit_name": "ab"}')), 'CH422 /form/unit_name', 'what is locked may not');
SELECT is(pg_temp.outcome(format('SELECT hall.ticket_keeps(%L, %L)', :'o', '{}')), 'CH422 /form/unit_name', 'nor be left out');
SELECT is((SELECT pg_temp.page(o.id) -> 'locked' FROM hall.orders o WHERE id = :'o'), '["unit_name"]'::jsonb, 'and the page is told');
SELECT hall.partner_enter(:'k', 'late-late-late-late');
SELECT hall.ticket_new(gen_random_uuid(), pg_temp.h('late'), 'new', '', :'encrypted') IS NOT NULL AS x \gset
UPDATE hall.ticket SET expires_at = now() - interval '1 second' WHERE token_hash = pg_temp.h('late');
SELECT pg_temp.be('nobody', NULL, '{public}', :'p');
SELECT is((hall.ticket_open(pg_temp.h('late'), pg_temp.h('e'))).word, 'expired', 'ten minutes');
SELECT hall.partner_sweep();
SELECT is((SELECT count(*) FROM hall.ticket WHERE form IS NOT NULL AND expires_at < now()), 0::bigint, 'nothing of it is kept');

-- ---- events ----
SELECT pg_temp.be_system();
SELECT hall.partner_hook_put(gen_random_uuid(), pg_temp.slug_of(:'p'), 'https://platform.example/hook', :'encrypted', pg_temp.resolved());
SELECT pg_temp.new_order(:'p', :'account', '{"state": "unpaid", "reference": "R-2"}') AS told, pg_temp.new_order(:'q', :'account', '{"state": "unpaid"}') AS untold \gset
UPDATE hall.orders SET state = 'in_review' WHERE id IN (:'told', :'untold');
UPDATE hall.orders SET subject = '别的' WHERE id = :'told';
SELECT results_eq(format('SELECT body ->> ''type'', body #>> ''{data,reference}'' FROM hall.partner_event WHERE order_id IN (%L, %L)', :'told', :'untold'), $$ VALUES ('order.in_review', 'R-2') $$, 'one event for one change of state, where an address is');
SELECT id AS e FROM hall.partner_event WHERE order_id = :'told' \gset
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'partner_event' AND subject = :'e'), 1::bigint, 'and a job');
SELECT ok((SELECT body::text !~ '测试' FROM hall.partner_event WHERE id = :'e'), 'no name in it');
SELECT hall.partner_event_end(:'e', 'gone');
SELECT is_empty(format('SELECT * FROM hall.partner_event_work(%L)', :'e'), 'an event that was given up is not sent again');
UPDATE hall.orders SET state = 'approved' WHERE id = :'told';
SELECT is((SELECT count(*) FROM hall.partner_event WHERE order_id = :'told'), 1::bigint, 'and "gone" ends them all');

-- ---- its own orders and reports ----
SELECT hall.partner_enter(:'k', 'orders-orders-orders');
SELECT is(hall.partner_orders(NULL, NULL, NULL, NULL, NULL, 50)::jsonb -> 'total', '1'::jsonb, 'its own, no drafts');
SELECT is(hall.partner_orders(NULL, NULL, 'approved', 'R-2', NULL, 50)::jsonb #>> '{items,0,number}', (SELECT number FROM hall.orders WHERE id = :'told'), 'found by its own reference');
SELECT is(hall.partner_orders(current_date + 2, NULL, NULL, NULL, NULL, 50)::jsonb -> 'total', '0'::jsonb, 'and by day');
SELECT is(pg_temp.outcome(format('SELECT count(*) FROM hall.partner_receipt(%L)', number)), w.outcome, w.what)
  FROM (VALUES (:'told'::uuid, 'CH409', 'its own order has a receipt as soon as it is in the log'), (:'untold'::uuid, 'CH404', 'that of another project has none for it')) w(id, outcome, what)
  JOIN hall.orders o USING (id);
SELECT pg_temp.be_applicant(:'account', :'p');
SELECT is(pg_temp.outcome(format('SELECT count(*) FROM hall.partner_receipt(%L)', number)), 'CH404', 'nobody but a platform asks so') FROM hall.orders WHERE id = :'told';
SELECT is(hall.partner_orders(NULL, NULL, NULL, NULL, NULL, 50)::jsonb -> 'total', '0'::jsonb, 'nobody else has such a list');
SELECT is(pg_temp.outcome($$ SELECT hall.partner_report(current_date, current_date, '{day}') $$), 'CH403', 'or such a report');

-- Two paid orders on days of their own, one of them refunded.
SELECT pg_temp.be_system();
SELECT pg_temp.new_order(:'p', :'account', '{"state": "in_review", "created_at": "2031-03-01T23:30:00+08:00"}') AS a,
       pg_temp.new_order(:'q', :'account', '{"state": "refunded", "created_at": "2031-03-02T00:30:00+08:00"}') AS b \gset
INSERT INTO hall.payment (id, order_id, channel, out_trade_no, total, state, expires_at, paid_at) VALUES
    (gen_random_uuid(), :'a', 'wechatpay', 'tap-a', 10000, 'paid', now(), '2031-03-02T09:00:00+08:00'),
    (gen_random_uuid(), :'b', 'alipay', 'tap-b', 5000, 'refunded', now(), '2031-03-02T10:00:00+08:00'),
    (gen_random_uuid(), :'b', 'wechatpay', 'tap-c', 5000, 'closed', now(), NULL);
INSERT INTO hall.refund (payment_id, out_refund_no, amount, reason, state, ended_at)
SELECT id, 'tap-r', 5000, '测试', 'succeeded', '2031-03-03T00:00:00+08:00' FROM hall.payment WHERE out_trade_no = 'tap-b';
CREATE FUNCTION pg_temp.report(p uuid, dims text[]) RETURNS jsonb LANGUAGE sql AS $$ SELECT hall.report_orders(p, '2031-03-01', '2031-03-03', dims)::jsonb $$;
SELECT is(pg_temp.report(NULL, '{day}') -> 'totals', '{"orders": 2, "received": 15000, "refunded": 5000}'::jsonb, 'orders and money of all');
SELECT is((SELECT string_agg(concat_ws(' ', r ->> 'day', r ->> 'orders', r ->> 'received', r ->> 'refunded'), ', ') FROM jsonb_array_elements(pg_temp.report(NULL, '{day}') -> 'rows') r),
          '2031-03-01 1 0 0, 2031-03-02 1 15000 0, 2031-03-03 0 0 5000', 'each on its day in Beijing');
SELECT is(pg_temp.report(:'p', '{state}') -> 'totals', '{"orders": 1, "received": 10000, "refunded": 0}'::jsonb, 'of one project alone');
SELECT is((SELECT string_agg(concat_ws(' ', r ->> 'channel', r ->> 'received'), ', ') FROM jsonb_array_elements(pg_temp.report(NULL, '{channel}') -> 'rows') r WHERE r ->> 'received' <> '0'),
          'alipay 5000, wechatpay 10000', 'by channel');
SELECT is(pg_temp.report(NULL, '{business,cert_type}') #>> '{rows,0,cert_type_name}', '机构证书', 'types have their names');
SELECT is(hall.report_orders(NULL, '2001-01-01', '2001-01-02', '{day}')::jsonb, '{"by": ["day"], "from": "2001-01-01", "to": "2001-01-02", "rows": [], "totals": {"orders": 0, "received": 0, "refunded": 0}}'::jsonb, 'an empty time');

-- ---- the calendar ----
UPDATE hall.project SET ship_days = 2 WHERE id = :'p';
SELECT hall.calendar_json(2041)::jsonb ->> 'undated' AS undated_before \gset
SELECT pg_temp.new_project('{"review_days": null, "whole_days": 2}') AS whole, pg_temp.new_project('{"review_days": null}') AS silent \gset
SELECT pg_temp.new_order(:'whole', :'account', '{"state": "accepted", "review_at": "2041-03-01T10:00:00+08:00", "accepted_at": "2041-03-02T10:00:00+08:00"}') AS unmade,
       pg_temp.new_order(:'silent', :'account', '{"state": "in_review", "review_at": "2041-03-01T10:00:00+08:00"}') AS unpromised \gset
SELECT pg_temp.new_order(:'p', :'account', '{"state": "in_review", "review_at": "2041-03-01T10:00:00+08:00"}') AS undated,
       pg_temp.new_order(:'p', :'account', '{"state": "accepted", "review_at": "2041-03-01T10:00:00+08:00", "accepted_at": "2041-03-02T10:00:00+08:00"}') AS unshipped \gset
DELETE FROM hall.calendar WHERE day >= '2041-01-01';
SELECT is((SELECT pg_temp.page(o.id) ->> 'due_note' FROM hall.orders o WHERE id = :'undated') ~ '尚未公布', true, 'a date that cannot be promised is said to be so');
SELECT is((SELECT pg_temp.page(o.id) ->> 'due_note' FROM hall.orders o WHERE id = :'unpromised'), NULL, 'not so where none is promised');
SELECT is((hall.calendar_json(2041)::jsonb ->> 'undated')::int, :undated_before + 1, 'the first is counted, and not the second');
SELECT is(pg_temp.outcome(format('SELECT hall.calendar_import(%L)', d)), w, 'calendar: ' || d) FROM (VALUES
    ('{"year": 2041, "days": [{"day": "2041-01-01", "working": false, "name": "元旦"}]}', 'ok'),
    ('{"days": []}', 'CH422 /year'), ('{"year": "2041", "days": []}', 'CH422 /year'), ('{"year": 1999, "days": [1]}', 'CH422 /year'), ('{"year": 2041}', 'CH422 /days'), ('{"year": 2041, "days": []}', 'CH422 /days'),
    ('{"year": 2041, "days": [{"day": "2042-01-01", "working": false, "name": "元旦"}]}', 'CH422 /days/0/day'),
    ('{"year": 2041, "days": [{"day": "2041-01-01", "working": "no", "name": "元旦"}]}', 'CH422 /days/0/working'),
    ('{"year": 2041, "days": [{"day": "2041-01-01", "working": false}]}', 'CH422 /days/0/name'),
    ('{"year": 2041, "days": [{"day": "2041-02-30", "working": false, "name": "无"}]}', 'CH422 /days')) v(d, w);
SELECT hall.calendar_import('{"year": 2041, "days": [{"day": "2041-01-01", "working": false, "name": "元旦"}]}') IS NOT NULL AS x \gset
SELECT is((SELECT due_at FROM hall.orders WHERE id = :'undated'), hall.due('2041-03-01T10:00:00+08:00', 1), 'the year is in: the review''s date is promised');
SELECT is((SELECT ship_due_at FROM hall.orders WHERE id = :'unshipped'), hall.due('2041-03-02T10:00:00+08:00', 2), 'and the shipping''s');
SELECT is((SELECT ship_due_at FROM hall.orders WHERE id = :'unmade'), hall.due('2041-03-01T10:00:00+08:00', 2), 'and the one for both, from the review on');
SELECT is((SELECT due_at FROM hall.orders WHERE id = :'unpromised'), NULL, 'what was not promised has none');
SELECT ok(NOT 2041 = ANY (hall.calendar_missing()), 'a year that nothing reaches into is not missed');
DELETE FROM hall.calendar WHERE extract(year FROM day) = extract(year FROM now() AT TIME ZONE 'Asia/Shanghai');
SELECT ok(extract(year FROM now() AT TIME ZONE 'Asia/Shanghai')::int = ANY (hall.calendar_missing()), 'this one is');

-- ---- regions ----
SELECT is(pg_temp.outcome(format('SELECT hall.regions_import(%L)', lines)), w, 'regions: ' || why) FROM (VALUES
    (E'44\t广东省\n4403\t深圳市\n', 'ok', 'whole'), (E'44\t广东省\n440305\t南山区', 'CH422 /2', 'a place without the one above it'),
    (E'44 广东省', 'CH422 /1', 'no tab'), (E'44\t广东省\n4x\t深圳', 'CH422 /2', 'no code'), ('', 'CH422 /1', 'nothing')) v(lines, w, why);
SELECT is(hall.regions_import(E'44\t广东省\n4403\t鹏城市\n4499\t新城市'), '新增 1，更改 1，停用 ' || (SELECT count(*) - 2 FROM hall.region), 'what changed is said');
SELECT is((SELECT string_agg(name, ',' ORDER BY code) FROM hall.region WHERE NOT gone), '广东省,鹏城市,新城市', 'the others are not offered');
SELECT is(hall.region_name('440305'), '广东省鹏城市南山区', 'but have their names yet');

-- ---- a project's document ----
SELECT is((SELECT count(*) FROM hall.document_changes(hall.project_document(pg_temp.slug_of(:'p')), hall.project_document(pg_temp.slug_of(:'p')))), 0::bigint, 'a document does not differ from itself');
SELECT is((SELECT string_agg(label || '：' || value, '；') FROM hall.document_changes('{"a": 1, "b": ["x"], "l": [{"pos": 1, "k": 1}]}', '{"a": 2, "b": ["x", "y"], "l": [{"pos": 1, "k": 2}]}')),
          'a（a）：1 → 2；b（b）：x → x、y；l（l）去掉：k 1；l（l）增加：k 2', 'changes, a line each');
SELECT is(pg_temp.outcome('SELECT pg_temp.new_project(''{"review_days": 0}'')'), 'CH422 /review_days', 'a wrong member is named');

SELECT * FROM finish();
ROLLBACK;
