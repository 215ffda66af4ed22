-- What happens when an order or a certificate changes: one list for the row, one for what follows, in their order; beside them the
-- tables have guards, which change nothing, and the trail, which is written of the row as it is stored.
\ir fixture.psql
SELECT no_plan();

CREATE TEMP VIEW hook AS
    SELECT t.tgrelid::regclass::text AS "table", t.tgname::text AS name, t.tgtype & 2 <> 0 AS before, t.tgdeferrable AS late, f.proname::text AS function,
           f.prosrc AS body
      FROM pg_trigger t JOIN pg_proc f ON f.oid = t.tgfoid WHERE NOT t.tgisinternal AND t.tgtype & (4 | 16) <> 0;

-- ---- nothing happens but by the lists ----
CREATE FUNCTION pg_temp.hooks(of_table text) RETURNS text[] LANGUAGE sql AS $$
    SELECT array_agg(name || CASE WHEN late THEN ' at commit' WHEN before THEN '' ELSE ' after' END ORDER BY name COLLATE "C") FROM hook WHERE "table" = of_table $$;
SELECT is(pg_temp.hooks('hall.orders'), ARRAY['order_becomes', 'order_counted after', 'order_follows after', 'orders_approval_stands at commit', 'orders_consent',
    'orders_consent_made', 'orders_duties', 'orders_outlet', 'orders_pin_taker', 'orders_refund_holds', 'orders_successor',
    'orders_successor_submitted', 'orders_voucher_price', 'z_audited'], 'of orders: the two lists, what reports count, guards, the trail');
SELECT is(pg_temp.hooks('hall.certificate'), ARRAY['certificate_follows after', 'certificate_replaces_new', 'certificate_replaces_valid',
    'certificate_state', 'z_audited'], 'of certificates: what may become of one, one list, guards, the trail');
SELECT is_empty($$ SELECT name FROM hook WHERE "table" IN ('hall.orders', 'hall.certificate') AND body ~ 'NEW\.\w+ :=|INTO NEW|NEW :='
                      AND function NOT IN ('order_becomes', 'certificate_state', 'audited') $$, 'a guard changes nothing in the row');
SELECT is_empty($$ SELECT name FROM hook WHERE "table" IN ('hall.orders', 'hall.certificate') AND function <> 'audited'
                      AND name ~ '^(orders_|certificate_replaces)' AND body ~ '(INSERT INTO|UPDATE|DELETE FROM) [a-z_]+ ' AND NOT late $$, 'nor in other tables');
SELECT is_empty($$ SELECT h."table", h.name FROM hook h JOIN hook a ON a."table" = h."table" AND a.function = 'audited'
                    WHERE h.before AND h.name COLLATE "C" > a.name COLLATE "C" $$, 'the trail''s trigger is the last of its table''s');

-- ---- the row itself: all of it stands in the trail, of one version ----
SELECT pg_temp.new_project('{"gifts": [{"years": 1, "name": "充电宝", "needs_seal": false, "stock": 1}]}') AS project,
       pg_temp.new_account() AS account \gset
INSERT INTO hall.partner_hook (id, project, url, secret) VALUES (gen_random_uuid(), :'project', 'https://partner.example/', '');
CREATE FUNCTION pg_temp.set(wanted uuid, change text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN EXECUTE format('UPDATE hall.orders SET %s WHERE id = %L', change, wanted); END $$;
CREATE FUNCTION pg_temp.trail(wanted uuid) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(k, ' ' ORDER BY k) FROM (SELECT detail FROM hall.audit WHERE subject = wanted ORDER BY seq DESC LIMIT 1) a, jsonb_object_keys(a.detail) k $$;
SELECT pg_temp.new_order(:'project', :'account', '{"state": "unpaid"}') AS o \gset
SELECT pg_temp.set(:'o', 'paid = ''paid''');
SELECT is(pg_temp.trail(:'o'), 'counts_from gift gift_years paid version', 'paid: it counts, has its gift and a new version');
SELECT pg_temp.set(:'o', 'state = ''cancelled''');
SELECT is(pg_temp.trail(:'o'), 'gift gift_years state version', 'ended: the gift is back');
SELECT is((SELECT (queue, standing, promised_at)::text FROM hall.orders WHERE id = :'o'), '(,cancelled,infinity)', 'and it stands where its state says');
SELECT pg_temp.new_order(:'project', :'account', '{"mail_region": "440305"}') AS o \gset
SELECT is((SELECT concat_ws(' ', courier_payment, standing, version) FROM hall.orders WHERE id = :'o'), 'collect draft 1', 'the same of a new one');

-- ---- what follows, in its order ----
-- The jobs that a change has made, in the order in which they were made.
CREATE FUNCTION pg_temp.jobs(wanted uuid, change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE before bigint := (SELECT coalesce(max(id), 0) FROM hall.outbox);
BEGIN
    PERFORM pg_temp.set(wanted, change);
    RETURN (SELECT string_agg(kind, ' ' ORDER BY id) FROM hall.outbox WHERE id > before);
END $$;
SELECT pg_temp.new_order(:'project', :'account', '{"price": []}') AS o \gset
INSERT INTO hall.paper (id, order_id, code, file_name, mime, bytes, sha256, file_key) VALUES (gen_random_uuid(), :'o', 'licence', 'x', 'image/bmp', 1, sha256(''), '');
INSERT INTO hall.pin (order_id, generation, kind, state, kek, encrypted) VALUES (:'o', 1, 'token', 'made', 1, '\x01');
SELECT is(pg_temp.jobs(:'o', 'printed = false'), NULL, 'of what is no step nothing follows');
SELECT is(pg_temp.jobs(:'o', 'form = ''\x01'', form_complete = false'), NULL, 'nor of a form that is not complete');
SELECT is(pg_temp.jobs(:'o', 'form = ''\x02'', form_complete = true'), 'licence', 'a form that is has its licence compared');
SELECT is(pg_temp.jobs(:'o', 'state = ''unpaid'''), 'licence partner_event', 'handed in: once more, then the partner hears of it');
SELECT is(pg_temp.jobs(:'o', 'paid = ''paid'''), NULL, 'money alone is no step');
SELECT is(pg_temp.jobs(:'o', 'state = ''in_review'''), 'partner_event', 'in review');
SELECT is(pg_temp.jobs(:'o', 'state = ''approved'''), 'partner_event', 'approved');
SELECT is(pg_temp.jobs(:'o', 'state = ''accepted'''), 'invoice_wanted partner_event', 'accepted: its invoice, then the partner');
SELECT hall.invoice_ask(:'o');
UPDATE hall.invoice SET state = 'issued', number = '00000000000000000001' WHERE order_id = :'o';
SELECT is(pg_temp.jobs(:'o', 'state = ''produced'''), 'partner_event', 'produced');
SELECT is((SELECT fulfilled FROM hall.pin WHERE order_id = :'o'), '{}', 'the token is in the house');
SELECT is(pg_temp.jobs(:'o', 'courier = ''sf'', tracking_no = ''SF1'''), 'track', 'a parcel''s number: its way is asked for');
SELECT is(pg_temp.jobs(:'o', 'state = ''approved'''), 'partner_event', 'a payment came back');
SELECT is((SELECT state FROM hall.parcel WHERE order_id = :'o'), 'cancelled', 'and its parcel stays');
SELECT is(pg_temp.jobs(:'o', 'state = ''refunded'', refund = ''done'''), 'invoice partner_event', 'refunded: the red letter, then the partner');
SELECT is((SELECT state FROM hall.pin WHERE order_id = :'o'), 'void', 'and its PIN is void');
SELECT pg_temp.new_order(:'project', :'account') AS o \gset
SELECT is(pg_temp.jobs(:'o', 'state = ''cancelled'''), NULL, 'a draft that is dropped is nobody''s business');

-- For a certificate the row of its change is written before its status is requested, and its predecessor is revoked last.
INSERT INTO hall.ca (name, algorithm) VALUES ('sm2', 'sm2') ON CONFLICT DO NOTHING;
SELECT pg_temp.new_order(:'project', :'account', '{"state": "accepted"}') AS o \gset
CREATE FUNCTION pg_temp.certificate(wanted uuid, the_serial text, its_state text) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO hall.certificate (serial, order_id, algorithm, ca, state, not_before, not_after, tbs_sm3, certificate)
    VALUES (the_serial, wanted, 'sm2', 'sm2', its_state, now(), now() + interval '1 year', sha256(''), CASE its_state WHEN 'issuing' THEN NULL ELSE '\x01'::bytea END)
    RETURNING id $$;
CREATE FUNCTION pg_temp.moved(wanted uuid, change text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE before bigint := (SELECT coalesce(max(id), 0) FROM hall.outbox);
BEGIN
    EXECUTE format('UPDATE hall.certificate SET %s WHERE id = %L', change, wanted);
    RETURN (SELECT string_agg(kind, ' ' ORDER BY id) FROM hall.outbox WHERE id > before AND kind IN ('ocsp', 'crl', 'seal', 'cmp_revoke'));
END $$;
SELECT pg_temp.certificate(:'o', 'ABCDEF0123456700', 'issuing') AS first \gset
SELECT is(pg_temp.moved(:'first', 'state = ''valid'', certificate = ''\x01'''), 'ocsp', 'issued: its status');
SELECT is(pg_temp.moved(:'first', 'state = ''hold'''), 'ocsp crl', 'on hold: status and list');
SELECT is((SELECT kind || ' ' || state FROM hall.revocation WHERE certificate = :'first'), 'hold done', 'with a row of its own');
SELECT is(pg_temp.moved(:'first', 'key_file = NULL'), NULL, 'what is no move has no consequence');
SELECT pg_temp.certificate(:'o', 'ABCDEF0123456701', 'issuing') AS second \gset
SELECT is(pg_temp.moved(:'second', 'state = ''valid'', certificate = ''\x01'''), 'ocsp ocsp crl', 'issued anew: its status, then that of the one before');
SELECT is((SELECT state FROM hall.certificate WHERE id = :'first'), 'revoked', 'which is revoked with it');
SELECT * FROM finish();
ROLLBACK;
