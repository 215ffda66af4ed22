-- Electronic seals as a product: notices, items and their papers, limits across the orders of one unit.
\ir fixture.psql
SELECT no_plan();

-- An institution seal costs 100.00 a year, and there is at most one; there are at most three business seals, and any number of individual ones.
CREATE FUNCTION pg_temp.offer(code text, name text, person text, fen int, most int) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_build_object('cert_type', code, 'name', name, 'person', person, 'medium', 'ukey', 'most', most, 'prices',
        (SELECT jsonb_agg(jsonb_build_object('years', y, 'parts', jsonb_build_array(
            jsonb_build_object('part', 'certificate', 'name', '证书费', 'fen', fen * y),
            jsonb_build_object('part', 'medium', 'name', '介质费', 'fen', 1000)))) FROM generate_series(1, 2) y)) $$;
SELECT pg_temp.new_project(jsonb_build_object('business', '["seal"]'::jsonb, 'seal_mode', 'never', 'finauth', 'none',
    'agreements', '[{"code": "service", "version": "2026-01"}]'::jsonb,
    'notices', '[{"code": "seal_guide", "version": "2026-01", "business": "seal"},
                 {"code": "policy", "version": "2026-01", "business": "reissue"}]'::jsonb,
    'types', jsonb_build_array(pg_temp.offer('institution', '机构章', 'institution', 10000, 1),
        pg_temp.offer('business', '业务章', 'institution', 5000, 3) || '{"profile": "business"}', pg_temp.offer('individual', '个人章', 'holder', 2000, NULL)),
    'papers', '[{"code": "holder_id", "name": "身份证", "stamped": true, "formats": ["bmp", "pdf"], "cert_types": ["individual"], "per_item": true},
                {"code": "form", "name": "申请表", "stamped": true, "formats": ["bmp"], "of_form": true, "template": "form"},
                {"code": "seal_form", "name": "采集表", "stamped": false, "formats": ["bmp"], "template": "collection"},
                {"code": "annex", "name": "附页", "stamped": true, "formats": ["bmp"], "of_form": true, "template": "annex"}]'::jsonb)) AS project,
    pg_temp.new_account() AS account, pg_temp.new_staff('finance') AS finance, pg_temp.new_staff('reviewer') AS reviewer \gset

-- A letter stands for a person: for the keyed hash of the ID number.
CREATE FUNCTION pg_temp.item(type text, years int DEFAULT 1, who text DEFAULT NULL) RETURNS jsonb LANGUAGE sql AS $$
    SELECT jsonb_strip_nulls(jsonb_build_object('cert_type', type, 'years', years, 'subject', coalesce(who || '*', '单位'), 'style', 'generated',
        'seal_name', '章', 'holder_hash', encode(sha256(who::bytea), 'hex'))) $$;
CREATE FUNCTION pg_temp.save(o uuid, marks jsonb, VARIADIC asked jsonb[]) RETURNS void LANGUAGE sql AS $$
    SELECT hall.order_save(o, pg_temp.version_of(o), asked[1] ->> 'cert_type', (asked[1] ->> 'years')::int, NULL, '\x00', true, marks,
                           sha256('unit'), '单位', '440305', to_jsonb(asked)) $$;
CREATE FUNCTION pg_temp.draft(project uuid, account uuid, VARIADIC asked jsonb[]) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE o uuid := pg_temp.new_order(project, account, '{"business": "seal"}');
BEGIN
    PERFORM pg_temp.be_applicant(account, project);
    PERFORM pg_temp.save(o, '{}', VARIADIC asked);
    UPDATE hall.orders SET printed = true, annex_printed = true WHERE id = o;
    PERFORM pg_temp.add_papers(o);
    RETURN o;
END $$;
CREATE FUNCTION pg_temp.slots(o uuid) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(x ->> 'code' || ':' || (x ->> 'state'), ' ') FROM hall.orders r, jsonb_array_elements(pg_temp.page(r.id) -> 'papers') x WHERE r.id = o $$;

-- ---- notices ----

SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format($$SELECT hall.order_create(gen_random_uuid(), '123456789012345678', 'seal', NULL, '[{"code": "service", "version": "2026-01"}]')$$)),
          'CH422 /agreements', '#68 without the process guide acknowledged there is no draft');
SELECT is(pg_temp.outcome($$SELECT hall.order_create(gen_random_uuid(), '123456789012345678', 'seal', NULL, '[{"code": "seal_guide", "version": "2026-01"}]')$$),
          'CH422 /agreements', 'nor without the agreement');
SELECT is(pg_temp.outcome($$SELECT hall.order_create(gen_random_uuid(), '123456789012345678', 'seal', NULL,
              '[{"code": "service", "version": "2026-01"}, {"code": "seal_guide", "version": "2025-01"}]')$$),
          'CH422 /agreements', 'an older version of it is not the one in force');
SELECT gen_random_uuid() AS agreed \gset
SELECT hall.order_create(:'agreed', '123456789012345678', 'seal', NULL,
    '[{"code": "service", "version": "2026-01"}, {"code": "seal_guide", "version": "2026-01"}]');
SELECT results_eq(format($$SELECT c.code, c.sha256 = a.sha256 FROM hall.consent c JOIN hall.agreement a USING (code, version) WHERE order_id = %L ORDER BY 1$$, :'agreed'),
                  $$VALUES ('seal_guide', true), ('service', true)$$, '#68 both are on record with the hash of their text');
SELECT pg_temp.be_with('op', 'seal.setup') IS NULL AS said \gset
SELECT results_eq(format($$SELECT n ->> 'code' FROM jsonb_array_elements(hall.setup_json(%L) -> 'notices') n$$, :'project'),
                  $$VALUES ('seal_guide')$$, 'each kind of business has its own notices');
SELECT pg_temp.be_with('op', 'test') IS NULL AS said \gset

-- ---- items ----

SELECT pg_temp.draft(:'project', :'account', pg_temp.item('institution'), pg_temp.item('business', 2), pg_temp.item('business', 2),
                     pg_temp.item('individual', 1, 'a'), pg_temp.item('individual', 2, 'b')) AS o \gset
SELECT is((SELECT sum((x ->> 'fen')::int) FROM hall.orders r, jsonb_array_elements(hall.price_parts(r)) x WHERE r.id = :'o'),
          (10000 + 2 * 10000 + 2000 + 4000 + 5 * 1000)::bigint, '#39 each item has the price of its own years');
SELECT is(pg_temp.slots(:'o'), 'holder_id-4:ok holder_id-5:ok form:ok seal_form:ok annex:ok', '#129 one slot for each person, before the other papers');
SELECT is((SELECT string_agg(x ->> 'name', ' ') FROM hall.orders r, jsonb_array_elements(pg_temp.page(r.id) -> 'papers') x
            WHERE r.id = :'o' AND x ->> 'code' LIKE 'holder%'), '身份证（1. a*） 身份证（2. b*）', 'named after the person, masked');
SELECT is((SELECT (pg_temp.page(r.id) ->> 'annex_printed') FROM hall.orders r WHERE r.id = :'o'), 'true', 'an annex is wanted, and printed');
SELECT is((SELECT jsonb_array_length(pg_temp.page(r.id) -> 'items') FROM hall.orders r WHERE r.id = :'o'), 5, 'the order tells its items');
SELECT is((SELECT mail_region FROM hall.orders WHERE id = :'o'), '440305', 'the region of the parcel is told to the couriers'' rules');

SELECT is((SELECT string_agg(hall.sealpicture_json(r, n) ->> 'kind_name', ' ' ORDER BY n) FROM hall.orders r, generate_series(1, 4) n WHERE r.id = :'o'),
          '法定名称章 业务专用章 业务专用章 个人名章', 'a unit has one legal seal; its others are for a business');

SELECT id AS paper_b FROM hall.paper WHERE order_id = :'o' AND code = 'holder_id-5' \gset
SELECT pg_temp.save(:'o', '{}', pg_temp.item('institution'), pg_temp.item('individual', 1, 'b'), pg_temp.item('individual', 1, 'c'));
SELECT is(pg_temp.slots(:'o'), 'holder_id-2:ok holder_id-3:missing form:ok seal_form:ok annex:ok', '#130 a paper goes with its person');
SELECT is((SELECT code FROM hall.paper WHERE id = :'paper_b'), 'holder_id-2', 'to the item''s new number');
SELECT pg_temp.save(:'o', '{}', pg_temp.item('institution'), pg_temp.item('individual', 1, 'c'), pg_temp.item('individual', 1, 'b'));
SELECT is(pg_temp.slots(:'o'), 'holder_id-2:missing holder_id-3:ok form:ok seal_form:ok annex:ok', 'and changes places');
SELECT pg_temp.save(:'o', '{}', pg_temp.item('institution'));
SELECT is(pg_temp.slots(:'o'), 'form:ok seal_form:ok annex:ok', 'without persons there is no slot');
SELECT is((SELECT state FROM hall.paper WHERE id = :'paper_b'), 'replaced', 'and the paper is gone with its person');

SELECT pg_temp.save(:'o', '{"print": "1", "sealpicture": "1"}', pg_temp.item('institution'));
SELECT pg_temp.save(:'o', '{"print": "2", "sealpicture": "1"}', pg_temp.item('institution'));
SELECT is(pg_temp.slots(:'o'), 'form:stale seal_form:ok annex:stale', 'an address changed: what was printed is stale, the collected seals are not');
SELECT is((SELECT printed OR annex_printed FROM hall.orders WHERE id = :'o'), false, 'both are printed anew');
SELECT is((SELECT string_agg(text, ' ') FROM hall.orders r, hall.order_lacks(r) WHERE r.id = :'o' AND pointer = '/print'), '请打印申请表。 请打印证书附页。',
          '#113 #117 both must be printed before anything else');
SELECT is(pg_temp.outcome(format('SELECT hall.paper_slot(%L, %L)', :'o', 'annex')), 'CH409 /print', 'no scan of an annex that was not printed');
SELECT hall.annex_printed(:'o');
SELECT is(pg_temp.outcome(format('SELECT hall.paper_slot(%L, %L)', :'o', 'annex')), 'CH409 /print', 'the form is of the same print');
SELECT hall.order_printed(:'o');
SELECT is(pg_temp.outcome(format('SELECT hall.paper_slot(%L, %L)', :'o', 'annex')), 'ok', 'printed: there it is');
SELECT is(pg_temp.outcome(format('SELECT hall.paper_slot(%L, %L)', :'o', 'holder_id-2')), 'CH404', 'no slot for an item that is no person''s');
SELECT pg_temp.save(:'o', '{"print": "2", "sealpicture": "2"}', pg_temp.item('institution'));
SELECT is(pg_temp.slots(:'o'), 'form:stale seal_form:stale annex:stale', 'another seal is collected anew');

SELECT is(pg_temp.outcome(format('SELECT pg_temp.save(%L, ''{}'', pg_temp.item(''nothing''))', :'o')), 'CH422 /form/cert_type', 'a type that is not offered');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.save(%L, ''{}'', pg_temp.item(''institution''), pg_temp.item(''nothing''))', :'o')),
          'CH422 /form/items/1/cert_type', 'nor in a later item');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.save(%L, ''{}'', pg_temp.item(''institution'', 5))', :'o')), 'CH422 /form/items/0/years', 'years that are not offered');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.save(%L, ''{}'', pg_temp.item(''institution''), pg_temp.item(''institution''))', :'o')),
          'CH422 /form/items/1', '#34 one institution seal in an order');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.save(%L, ''{}'', VARIADIC array_fill(pg_temp.item(''business''), ARRAY[4]))', :'o')),
          'CH422 /form/items/3', '#35 not more business seals than the project says');

-- ---- limits across orders ----

CREATE FUNCTION pg_temp.hand_in(wanted uuid, account uuid, project uuid) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.be_applicant(account, project);
    RETURN pg_temp.outcome(format('SELECT pg_temp.submit(%L)', wanted));
END $$;
CREATE FUNCTION pg_temp.do_hand_in(wanted uuid, account uuid, project uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.be_applicant(account, project);
    PERFORM pg_temp.submit(wanted);
END $$;
CREATE FUNCTION pg_temp.pay(wanted uuid) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.be_system();
    PERFORM hall.order_paid(wanted, 'paid');
END $$;
CREATE FUNCTION pg_temp.approve(wanted uuid, reviewer uuid) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_temp.be_staff(reviewer, 'reviewer');
    RETURN pg_temp.outcome(format('SELECT hall.advance(%L, ''approve'')', wanted));
END $$;
DELETE FROM hall.order_item WHERE order_id = :'o';

SELECT pg_temp.draft(:'project', :'account', pg_temp.item('institution'), pg_temp.item('business'), pg_temp.item('business')) AS first,
       pg_temp.draft(:'project', :'account', pg_temp.item('institution')) AS second,
       pg_temp.draft(:'project', :'account', pg_temp.item('business'), pg_temp.item('business')) AS third,
       pg_temp.draft(:'project', :'account', pg_temp.item('business')) AS fourth,
       pg_temp.draft(:'project', :'account', pg_temp.item('individual', 1, 'a')) AS fifth \gset
SELECT pg_temp.do_hand_in(:'first', :'account', :'project');
SELECT is(pg_temp.hand_in(:'second', :'account', :'project'), 'ok', 'an order that nobody has paid for does not count');
SELECT pg_temp.do_hand_in(:'second', :'account', :'project');
SELECT pg_temp.pay(:'first');
SELECT ok((SELECT counts_from IS NOT NULL FROM hall.orders WHERE id = :'first'), 'paid: it counts from now on');
SELECT is(pg_temp.outcome(format($$INSERT INTO hall.payment (id, order_id, channel, out_trade_no, total, expires_at) VALUES (gen_random_uuid(), %L, 'wechatpay', 'tap-limit', 1, now())$$, :'second')),
          'CH409 /form/items', 'nobody is asked for money beyond the limit');
SELECT is(pg_temp.hand_in(:'third', :'account', :'project'), 'CH409 /form/items', '#35 two and two are more than three');
SELECT is(pg_temp.hand_in(:'fourth', :'account', :'project'), 'ok', 'two and one are three');
SELECT is(pg_temp.hand_in(:'fifth', :'account', :'project'), 'ok', '#36 individual seals have no limit');
UPDATE hall.orders SET unit_hash = sha256('another') WHERE id = :'third';
SELECT is(pg_temp.hand_in(:'third', :'account', :'project'), 'ok', 'another unit has its own');
UPDATE hall.orders SET unit_hash = sha256('unit') WHERE id = :'third';

-- Money that arrives nevertheless is kept, and the order waits until the other one is gone.
SELECT pg_temp.pay(:'second');
SELECT is(pg_temp.state_of(:'second'), 'in_review', 'money that has come is never refused');
SELECT is(pg_temp.approve(:'second', :'reviewer'), 'CH409 /form/items', '#34 held against the limit once more at approval');
SELECT is(pg_temp.approve(:'first', :'reviewer'), 'ok', 'the one that was first is not held up by it');
SELECT pg_temp.be_staff(:'finance', 'finance');
UPDATE hall.orders SET refund = 'done' WHERE id IN (:'first', :'second');
SELECT hall.advance(:'first', 'refund');
SELECT is(pg_temp.approve(:'second', :'reviewer'), 'ok', 'a refund makes room');
SELECT is(pg_temp.hand_in(:'third', :'account', :'project'), 'ok', 'for all that the order had');

-- A voucher counts like money, and is refused if the limit is reached.
SELECT pg_temp.draft(:'project', :'account', pg_temp.item('institution')) AS sixth \gset
SELECT pg_temp.be_system();
SELECT is(pg_temp.outcome(format($$UPDATE hall.orders SET paid = 'voucher' WHERE id = %L$$, :'sixth')), 'CH409 /form/items', 'no voucher beyond the limit');
SELECT pg_temp.be_staff(:'finance', 'finance');
SELECT hall.advance(:'second', 'refund');
SELECT pg_temp.be_system();
UPDATE hall.orders SET paid = 'voucher' WHERE id = :'sixth';
SELECT is(pg_temp.hand_in(pg_temp.draft(:'project', :'account', pg_temp.item('institution')), :'account', :'project'), 'CH409 /form/items',
          'a voucher counts');
UPDATE hall.orders SET paid = 'none' WHERE id = :'sixth';
SELECT is(pg_temp.hand_in(pg_temp.draft(:'project', :'account', pg_temp.item('institution')), :'account', :'project'), 'ok',
          'until finance has refused it');

-- A certificate counts until it expires or is revoked; one that replaces it counts in its place.
INSERT INTO hall.ca (name, algorithm) VALUES ('sm2', 'sm2') ON CONFLICT DO NOTHING;
CREATE FUNCTION pg_temp.cert(wanted uuid, state text, ends interval DEFAULT '1 year') RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO hall.certificate (serial, order_id, ca, algorithm, state, not_before, not_after, tbs_sm3, certificate, reason, revoked_at)
    VALUES (upper(lpad(to_hex(nextval('counter')), 16, 'A')), wanted, 'sm2', 'sm2', state, now() - interval '2 years', now() + ends,
        sha256(''), '\x01', CASE state WHEN 'revoked' THEN 'unspecified' WHEN 'hold' THEN 'hold' END, CASE WHEN state <> 'valid' THEN now() END) RETURNING id $$;
CREATE FUNCTION pg_temp.done(project uuid, account uuid, unit text, more jsonb DEFAULT '{}') RETURNS uuid LANGUAGE sql AS $$
    SELECT pg_temp.new_order(project, account, jsonb_build_object('business', 'seal', 'state', 'done', 'paid', 'paid', 'counts_from', now(),
        'unit_hash', sha256(unit::bytea)) || more) $$;
CREATE FUNCTION pg_temp.held(project uuid, unit text) RETURNS bigint LANGUAGE sql AS $$
    SELECT hall.items_held(jsonb_populate_record(NULL::hall.orders, jsonb_build_object('id', gen_random_uuid(), 'project', project,
        'unit_hash', sha256(unit::bytea))), 'institution', 'infinity') $$;
SELECT pg_temp.be_system();
SELECT pg_temp.cert(pg_temp.done(:'project', :'account', 'valid'), 'valid'), pg_temp.cert(pg_temp.done(:'project', :'account', 'hold'), 'hold'),
       pg_temp.cert(pg_temp.done(:'project', :'account', 'expired'), 'valid', '-1 day'), pg_temp.done(:'project', :'account', 'unmade'),
       pg_temp.done(:'project', :'account', 'cancelled', '{"state": "cancelled"}'), pg_temp.cert(pg_temp.done(:'project', :'account', 'gone'), 'revoked'),
       pg_temp.cert(pg_temp.done(:'project', :'account', 'lost'), 'valid') AS lost \gset
SELECT is(pg_temp.held(:'project', unit), n::bigint, label) FROM (VALUES
    ('valid', 1, 'a valid one counts'), ('hold', 1, 'one on hold as well'), ('unmade', 1, 'one that is paid for and not made yet, too'),
    ('expired', 0, 'an expired one does not'), ('gone', 0, 'nor a revoked one'), ('cancelled', 0, 'nor one of a cancelled order')) v(unit, n, label);
SELECT pg_temp.new_order(:'project', :'account', jsonb_build_object('business', 'reissue', 'state', 'done', 'replaces', :'lost',
           'unit_hash', sha256('lost'))) AS again \gset
SELECT pg_temp.cert(:'again', 'valid');
UPDATE hall.certificate SET state = 'revoked', reason = 'superseded', revoked_at = now() WHERE id = :'lost';
SELECT is(pg_temp.held(:'project', 'lost'), 1::bigint, 'made again on another medium, it goes on counting');

SELECT * FROM finish();
ROLLBACK;
