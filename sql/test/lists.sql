-- Lists: the standing of an order, pages that continue after a cursor, counts, and who sees what.
\ir fixture.psql
SELECT no_plan();

SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS me, pg_temp.new_account() AS other, pg_temp.new_staff('reviewer') AS reviewer,
       pg_temp.new_staff('producer') AS producer, pg_temp.new_staff('finance') AS finance, pg_temp.new_staff('auditor') AS auditor \gset
INSERT INTO hall.outlet (code, name) VALUES ('tap', '网点');
INSERT INTO hall.staff (id, name, display_name, roles, outlet) VALUES (gen_random_uuid(), 'tapoutlet', '网点', '{outlet}', 'tap') RETURNING id AS outlet \gset
CREATE FUNCTION pg_temp.stands(wanted uuid) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', coalesce(queue, '-'), standing, promised_at) FROM hall.orders WHERE id = wanted $$;

-- ---- where an order stands follows from its other columns ----
SELECT pg_temp.new_order(:'project', :'me', '{"state": "in_review", "due_at": "2026-03-02T10:00:00+00:00", "ship_due_at": "2026-04-02T10:00:00+00:00"}') AS o \gset
SELECT is((SELECT concat_ws(' ', queue, standing, promised_at = due_at) FROM hall.orders WHERE id = :'o'), 'review in_review t', 'by its state');
UPDATE hall.orders SET queue = 'ship', standing = 'done', promised_at = now() WHERE id = :'o';
SELECT is((SELECT concat_ws(' ', queue, standing, promised_at = due_at) FROM hall.orders WHERE id = :'o'), 'review in_review t', 'and not by what somebody says');
SELECT ok(NOT detail ?| '{queue,standing,promised_at}', 'nor does it fill the trail') FROM hall.audit WHERE subject = :'o' ORDER BY seq DESC LIMIT 1;
CREATE FUNCTION pg_temp.standing(wanted uuid, columns text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE said text;
BEGIN
    EXECUTE format('UPDATE hall.orders SET %s WHERE id = $1 RETURNING concat_ws('' '', coalesce(queue, ''-''), standing)', columns) INTO said USING wanted;
    RETURN said;
END $$;
SELECT is(pg_temp.standing(:'o', columns), stands, columns) FROM (VALUES
    ($$ finauth = 'failed' $$, 'review finauth_failed'), ($$ finauth = 'queued' $$, 'review in_review'), ($$ state = 'approved' $$, 'payout finauth_queued'),
    ($$ finauth = 'succeeded' $$, 'payout approved'), ($$ refund = 'asked' $$, 'payout refund_asked'), ($$ refund = 'refused' $$, 'payout approved'),
    ($$ state = 'accepted' $$, 'produce accepted'), ($$ state = 'produced' $$, 'ship produced'), ($$ refund = 'sending' $$, 'ship refund_sending'),
    ($$ state = 'verifying', refund = NULL, finauth = 'sent' $$, '- finauth_sent')) v(columns, stands);
SELECT is((SELECT promised_at FROM hall.orders WHERE id = :'o'), '2026-03-02 10:00+00'::timestamptz, 'the first promise');
UPDATE hall.orders SET state = 'accepted' WHERE id = :'o';
SELECT is((SELECT promised_at FROM hall.orders WHERE id = :'o'), '2026-04-02 10:00+00'::timestamptz, 'the second, once it is to be shipped');
UPDATE hall.orders SET ship_due_at = NULL WHERE id = :'o';
SELECT is((SELECT promised_at FROM hall.orders WHERE id = :'o'), 'infinity'::timestamptz, 'none');
SELECT is(pg_temp.standing(:'o', $$ state = 'approved', finauth = 'succeeded' $$), 'payout approved', 'a PIN that arrived proves the account');
UPDATE hall.project SET finauth = 'code' WHERE id = :'project';
SELECT is((SELECT standing FROM hall.orders WHERE id = :'o'), 'finauth_succeeded', 'a code has yet to come back: a project that changes takes its orders along');
SELECT is(pg_temp.outcome($$ UPDATE hall.orders SET state = 'nowhere' $$ || format('WHERE id = %L', :'o')), '23503', 'no other states');

-- ---- pages ----
-- The ids of a list (or numbers, where it has no ids), page by page, from the first answer to the last; `meanwhile` runs after the first page.
CREATE FUNCTION pg_temp.walk(list text, size int, meanwhile text DEFAULT NULL) RETURNS text[] LANGUAGE plpgsql AS $$
DECLARE
    after text;
    page jsonb;
    ids text[] := '{}';
BEGIN
    LOOP
        EXECUTE format('SELECT (%s)::jsonb', list) INTO page USING after, size;
        ids := ids || ARRAY(SELECT coalesce(i ->> 'id', i ->> 'number') FROM jsonb_array_elements(page -> 'items') i);
        IF meanwhile IS NOT NULL THEN
            EXECUTE meanwhile;
            meanwhile := NULL;
        END IF;
        after := page ->> 'next';
        EXIT WHEN after IS NULL OR cardinality(ids) > 200;
    END LOOP;
    RETURN ids;
END $$;
CREATE TEMP TABLE made AS SELECT n, pg_temp.new_order(:'project', :'me', jsonb_build_object('state', 'accepted', 'subject', '翻页测试公司' || n,
    'created_at', '2026-03-02T10:00:00+08:00'::timestamptz + n / 3 * interval '1 hour', -- three at a time
    'ship_due_at', CASE WHEN n % 4 > 0 THEN now() + n / 5 * interval '1 day' END)) AS id FROM generate_series(1, 17) n;
GRANT SELECT ON made TO PUBLIC;
CREATE FUNCTION pg_temp.of_made(ids text[]) RETURNS uuid[] LANGUAGE sql AS $$
    SELECT ARRAY(SELECT i::uuid FROM unnest(ids) WITH ORDINALITY u(i, n) WHERE i::uuid IN (SELECT id FROM made) ORDER BY n) $$;
SELECT $$hall.my_orders(NULL, NULL, NULL, NULL, NULL, '翻页测试', NULL, NULL, $1, $2)$$ AS mine, $$hall.desk_orders('produce', $1, $2)$$ AS queue,
       $$hall.desk_orders('all', $1, $2)$$ AS every \gset

SELECT pg_temp.be_applicant(:'me', NULL);
SELECT is(pg_temp.of_made(pg_temp.walk(:'mine', size)), ARRAY(SELECT m.id FROM made m JOIN hall.orders o USING (id) ORDER BY o.created_at DESC, o.id DESC),
          'one''s own, newest first, ' || size || ' at a time: all of them, each once') FROM unnest('{1,2,5,17,18}'::int[]) size;
SELECT is(cardinality(pg_temp.walk(:'mine', 5, $$ UPDATE hall.orders SET updated_at = clock_timestamp(), subject = subject || '号' WHERE id IN (SELECT id FROM made) $$)), 17, 'changes meanwhile neither hide a row nor show it twice');
SELECT is((SELECT count(DISTINCT i) FROM unnest(pg_temp.walk(:'mine', 5, format('SELECT pg_temp.new_order(%L, %L, ''{"subject": "翻页测试新"}'')', :'project', :'me'))) i), 17::bigint, 'nor does a new one');
SELECT pg_temp.be_applicant(:'other', NULL);
SELECT is(pg_temp.walk(:'mine', 5), '{}', 'of others nothing');
SELECT is((hall.my_orders(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, hall.cursor_of('infinity', 'ffffffff-ffff-ffff-ffff-ffffffffffff'), 100)::jsonb -> 'items'), '[]', 'with whatever cursor');

SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT is(pg_temp.of_made(pg_temp.walk(:'queue', size)), ARRAY(SELECT m.id FROM made m JOIN hall.orders o USING (id) ORDER BY o.promised_at, o.id),
          'the queue by what was promised, ' || size || ' at a time') FROM unnest('{1,3,16,40}'::int[]) size;
-- The first order of the queue leaves it while somebody turns the page: with numbered pages the next page would begin a row too late.
SELECT is(pg_temp.of_made(pg_temp.walk(:'queue', 6, $$ UPDATE hall.orders SET state = 'produced' WHERE id IN (SELECT m.id FROM made m JOIN hall.orders o USING (id) ORDER BY o.promised_at, o.id LIMIT 3) $$)),
          ARRAY(SELECT m.id FROM made m JOIN hall.orders o USING (id) ORDER BY o.promised_at, o.id), 'what leaves a queue meanwhile takes no other along');
SELECT is((SELECT count(*) FROM made m JOIN hall.orders o USING (id) WHERE o.queue = 'produce'), 14::bigint, 'though it left');

-- A partner's list by its filters. An order that changes meanwhile leaves the filter, and the next page begins where it would have.
SELECT pg_temp.be('partner', NULL, '{partner}', :'project');
SELECT is(pg_temp.walk(list, size), ARRAY(SELECT o.number FROM hall.orders o WHERE o.project = :'project' AND hall.was_handed_in(o)
             AND o.state = coalesce(wanted, o.state) ORDER BY o.created_at DESC, o.id DESC), 'a partner''s, ' || size || ' at a time: ' || coalesce(wanted, 'all'))
  FROM unnest('{1,4,17,200}'::int[]) size, (VALUES (NULL, 'hall.partner_orders(NULL, NULL, NULL, NULL, $1, $2)'),
       ('accepted', $$hall.partner_orders(NULL, NULL, 'accepted', NULL, $1, $2)$$)) v(wanted, list);
SELECT is(cardinality(pg_temp.walk($$hall.partner_orders('2026-03-02', '2026-03-02', 'accepted', NULL, $1, $2)$$, 4,
    $$ UPDATE hall.orders SET state = 'produced' WHERE id IN (SELECT m.id FROM made m JOIN hall.orders o USING (id) WHERE o.state = 'accepted' ORDER BY o.created_at DESC, o.id DESC LIMIT 4) $$)),
    14, 'those of a day, of which some move on');
SELECT is(pg_temp.outcome($$ SELECT hall.partner_orders(NULL, NULL, NULL, NULL, '2', 5) $$), 'CH422 /after', 'a number is no cursor');

-- ---- who sees what ----
SELECT pg_temp.be_staff(:'producer', 'producer');
UPDATE hall.orders SET outlet = 'tap' WHERE id IN (SELECT id FROM made WHERE n > 12);
SELECT is(cardinality(pg_temp.of_made(pg_temp.walk(:'every', 50))), 12, 'the CA''s own producer: what no outlet makes');
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT is(cardinality(pg_temp.of_made(pg_temp.walk(:'every', 50))), 17, 'a reviewer: all');
SELECT pg_temp.be_staff(:'outlet', 'outlet');
SELECT is(cardinality(pg_temp.walk(:'every', 2)), 5, 'an outlet: its own');
UPDATE hall.orders SET state = 'in_review' WHERE id = (SELECT id FROM made WHERE n = 13);
SELECT is(cardinality(pg_temp.walk(:'every', 2)), 4, 'once they are its to make');
SELECT is((hall.desk_orders('all', NULL, 2)::jsonb ->> 'total')::int, 4, 'and counts no others');
SELECT is((SELECT sum(v::int) FROM jsonb_each_text(hall.desk_orders('produce', NULL, 2)::jsonb -> 'counts') c(k, v)), 4::bigint, 'in no queue');
SELECT pg_temp.be_applicant(:'me', :'project');
SELECT is(pg_temp.walk(list, 50), '{}', list || ': nothing for applicants') FROM (VALUES (:'every'), (:'queue'), ('hall.money_json(NULL, $1, $2)'),
    ('hall.invoices_json(NULL, NULL, NULL, $1, $2)'), ('hall.revocations_json(NULL, NULL, NULL, NULL, $1, $2)'), ('hall.desk_seals(NULL, NULL, $1, $2)'),
    ('hall.certificates_find(NULL, ''测试'', NULL, $1, $2)'), ('hall.desk_payouts($1, $2)'), ('hall.audit_rows(NULL, NULL, $1, $2)'), ('hall.outbox_stuck($1, $2)'),
    ('hall.partner_orders(NULL, NULL, NULL, NULL, $1, $2)')) v(list);

-- ---- by number and words ----
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
UPDATE hall.orders SET number = '202603021234567890' WHERE id = (SELECT id FROM made WHERE n = 1) RETURNING number \gset
SELECT is(hall.desk_search(wanted, wanted, NULL, NULL, NULL, 5)::jsonb #>> '{items,0,number}', :'number', 'by number: ' || wanted) FROM (VALUES (:'number'), (substr(:'number', 12))) v(wanted);
SELECT is(hall.desk_search(wanted, wanted, NULL, NULL, NULL, 5)::jsonb ->> 'items', '[]', 'which is no pattern: ' || wanted) FROM unnest('{_,__________________,\\}'::text[]) wanted;

-- ---- counts stop ----
SELECT is(hall.page('[1, 2, 3]', '{a,b,c}', 2, NULL, 5000), '{"items": [1, 2], "next": "b", "total": 1000}', 'a page of a long list');
SELECT is(hall.page('[1, 2]', '{a,b}', 2, 'x', 2), '{"items": [1, 2], "next": null, "total": null}', 'its last page');
SELECT is(hall.page(NULL, NULL, 2, NULL, 0), '{"items": [], "next": null, "total": 0}', 'an empty list');
INSERT INTO hall.orders (id, number, project, account, business, state, seal_wanted, audit_seq, audit_head)
SELECT gen_random_uuid(), lpad((n + 100000)::text, 18, '7'), :'project', :'other', 'new', 'accepted', false, 0, '' FROM generate_series(1, 1100) n;
SELECT is(hall.desk_orders('produce', NULL, 20)::jsonb ->> 'total', '1000', 'no further than needed');
SELECT is(hall.desk_orders('review', NULL, 20)::jsonb #>> '{counts,produce}', '1000', 'of a queue either');
SELECT pg_temp.be('partner', NULL, '{partner}', :'project');
SELECT is(hall.partner_orders(NULL, NULL, NULL, NULL, NULL, 20)::jsonb ->> 'total', '1000', 'of a partner''s orders either');

-- ---- the trail, and certificates ----
SELECT pg_temp.be_staff(:'auditor', 'auditor');
SELECT is(pg_temp.walk(format('hall.audit_rows(%L, NULL, $1, $2)', :'o'), 4), ARRAY(SELECT id::text FROM hall.audit WHERE subject = :'o' ORDER BY seq DESC), 'the trail of a subject, newest first');
INSERT INTO hall.ca (name, algorithm) VALUES ('tap', 'sm2');
INSERT INTO hall.certificate (order_id, serial, algorithm, state, subject, not_before, not_after, tbs_sm3, certificate, issued_at, ca, audit_seq, audit_head)
SELECT id, lpad(n::text, 18, 'AB'), 'sm2', 'valid', 'CN', now(), now() + interval '1 year', sha256(''), decode(lpad(n::text, 8, '0'), 'hex'), now() - n / 4 * interval '1 hour', 'tap', 0, '' FROM made;
SELECT is(cardinality(pg_temp.walk('hall.certificates_find(NULL, ''翻页测试公'', NULL, $1, $2)', 6)), 17, 'certificates by a part of the name, page by page');
SELECT is((SELECT count(*) FROM hall.audit WHERE detail ->> 'read' = 'found' AND subject IN (SELECT id FROM hall.certificate WHERE ca = 'tap')), 17::bigint, 'each once in its trail: what a page did not show was not read');
SELECT is(cardinality(pg_temp.walk('hall.certificates_find(NULL, ''翻测页试'', NULL, $1, $2)', 6)), 0, 'the same characters in another order are another name');
SELECT is(cardinality(pg_temp.walk('hall.certificates_find(NULL, ''司9'', NULL, $1, $2)', 6)), 1, 'two characters are enough');

-- ---- a cursor that is none ----
SELECT is(pg_temp.outcome(format('SELECT ' || replace(replace(list, '$1', '%L'), '$2', '20'), bad)), 'CH422 /after', list || ' after ' || bad)
  FROM unnest(ARRAY[:'mine', :'every', :'queue', 'hall.money_json(NULL, $1, $2)', 'hall.invoices_json(NULL, NULL, NULL, $1, $2)', 'hall.bills_json($1, $2)',
                    'hall.revocations_json(NULL, NULL, NULL, NULL, $1, $2)', 'hall.desk_seals(NULL, NULL, $1, $2)', 'hall.desk_payouts($1, $2)',
                    'hall.certificates_find(NULL, NULL, NULL, $1, $2)', 'hall.audit_rows(NULL, NULL, $1, $2)', 'hall.outbox_stuck($1, $2)']) list,
       unnest(ARRAY['x', '!', hall.cursor_of('yesterday at four', 'x'), hall.cursor_of('1', '2', '3')]) bad;

SELECT * FROM finish();
ROLLBACK;
