-- Appointments at outlets: hours, seats that are never booked twice, one for an authentication; the counter, and who may decide there.
\ir fixture.psql
SELECT no_plan();
SELECT hall.outlet_put('tap-here', '这里', '一路', '0755-1', 2, '1-7 09:00-12:00 13:30-17:30', pg_temp.resolved()),
       hall.outlet_put('tap-there', '那里', '二路', NULL, NULL, NULL, pg_temp.resolved());
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account \gset
CREATE FUNCTION pg_temp.clerk(of_outlet text) RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO hall.staff (id, name, display_name, roles, outlet)
    VALUES (gen_random_uuid(), 'tap' || nextval('counter'), '网点', '{outlet}', of_outlet) RETURNING id $$;
SELECT pg_temp.clerk('tap-here') AS here, pg_temp.clerk('tap-there') AS there \gset
-- A day that no holiday touches: all days of the window are working days or not as the calendar of the test says.
DELETE FROM hall.calendar WHERE day BETWEEN current_date AND current_date + 40;
INSERT INTO hall.calendar (day, working, name) VALUES (current_date + 30, true, '测试'), (current_date + 1, true, '测试') ON CONFLICT DO NOTHING;
INSERT INTO hall.calendar (day, working, name) SELECT make_date(y, 12, 31), false, '测试' FROM generate_series(extract(year FROM current_date)::int, extract(year FROM current_date)::int + 1) y ON CONFLICT DO NOTHING;

-- ---- hours ----
CREATE FUNCTION pg_temp.hours(written text) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.outcome(format('SELECT hall.outlet_put(''tap-there'', ''那里'', ''二路'', ''0755-2'', 1, %L, pg_temp.resolved())', written)) $$;
SELECT is(pg_temp.outcome(format('SELECT hall.outlet_put(%L, %L, ''x'', NULL, NULL, NULL, pg_temp.resolved())', w.code, w.name)), w.outcome, w.what)
  FROM (VALUES ('A', '网点', 'CH422 /code', 'a code that is none'), ('tap-x', '', 'CH422 /name', 'no name')) w(code, name, outcome, what);
SELECT is(pg_temp.hours(written), wanted, written) FROM (VALUES ('1-5 09:00-12:00', 'ok'), ('6 09:00-12:00 13:00-17:00, 7 10:00-11:30', 'ok'),
    ('1-5 9:00-12:00', 'CH422 /hours'), ('8 09:00-12:00', 'CH422 /hours'), ('1-5 09:15-12:00', 'CH422 /hours'), ('1-5 12:00-09:00', 'CH422 /hours'),
    ('1-5 09:00-12:00 11:00-13:00', 'CH422 /hours'), ('1-5 09:00-12:00, 3 09:00-10:00', 'CH422 /hours'), ('', 'CH422 /hours'), ('1-5', 'CH422 /hours')) v(written, wanted);
SELECT is(hall.outlet_hours_words('tap-here'), '周一至周日 09:00–12:00、13:30–17:30', 'in words');
SELECT is((SELECT string_agg(value, '|') FROM hall.outlet_facts('tap-there', '那里', '三路', '0755-2', 1, '6 09:00-10:00')),
          'tap-there|名称 那里，地址 二路，不接受预约|名称 那里，地址 三路，电话 0755-2，每半小时接待 1 人，预约时间 周六 09:00–10:00', 'the resolution says all of it');
SELECT is((SELECT place || seats FROM hall.outlet WHERE code = 'tap-there'), '二路0', 'and changes nothing');
SELECT is((SELECT count(*) FROM hall.appointment_slots('tap-here') s WHERE s.at >= current_date + 1 AND s.at < current_date + 2), 14::bigint, 'fourteen half hours a day');
SELECT is((SELECT min(free) || ' ' || max(free) FROM hall.appointment_slots('tap-here')), '2 2', 'each for two');
SELECT is_empty($$ SELECT FROM hall.appointment_slots('tap-there') $$, 'none where there are no hours');
SELECT is_empty($$ SELECT FROM hall.appointment_slots('tap-here') s WHERE s.at <= now() $$, 'none that has begun');
SELECT is((SELECT count(*) FROM hall.appointment_days() d WHERE d > current_date AND hall.is_working_day(d)), 10::bigint, 'the next ten working days');
INSERT INTO hall.calendar (day, working, name) VALUES (current_date + 2, false, '测试') ON CONFLICT (day) DO UPDATE SET working = false;
SELECT is_empty($$ SELECT FROM hall.appointment_slots('tap-here') s WHERE s.at::date = current_date + 2 $$, 'none on a holiday');
SELECT is((SELECT count(*) FROM hall.appointment_days() d WHERE d > current_date AND hall.is_working_day(d)), 10::bigint, 'which does not count as a working day');

-- ---- the person ----
CREATE FUNCTION pg_temp.fresh(more jsonb DEFAULT '{}') RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE
    o uuid := pg_temp.new_order((hall.caller()).project, (hall.caller()).who, '{"phone_state": "none"}' || more);
    i uuid := gen_random_uuid();
BEGIN
    PERFORM hall.identity_start(i, o, sha256(i::text::bytea), '30 minutes');
    RETURN o;
END $$;
CREATE FUNCTION pg_temp.identity_of(o uuid) RETURNS uuid LANGUAGE sql AS $$ SELECT id FROM hall.identity WHERE order_id = o ORDER BY created_at DESC, state = 'void' LIMIT 1 $$;
CREATE FUNCTION pg_temp.slot(n int) RETURNS timestamptz LANGUAGE sql AS $$ SELECT (current_date + 1 + n * interval '30 minutes' + interval '9 hours') $$;
CREATE FUNCTION pg_temp.books(o uuid, n int, at_outlet text DEFAULT 'tap-here') RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.outcome(format('SELECT hall.appointment_put(gen_random_uuid(), %L, %L, %L)', o, at_outlet, pg_temp.slot(n))) $$;
CREATE FUNCTION pg_temp.book(o uuid, n int) RETURNS uuid LANGUAGE plpgsql AS $$
BEGIN
    PERFORM hall.appointment_put(gen_random_uuid(), o, 'tap-here', pg_temp.slot(n));
    RETURN (SELECT id FROM hall.appointment WHERE order_id = o AND state = 'open');
END $$;
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.fresh() AS o, pg_temp.fresh() AS p, pg_temp.fresh() AS q \gset
SELECT is(pg_temp.books(:'o', 0, 'tap-there'), 'CH422 /outlet', 'an outlet without appointments');
SELECT is(pg_temp.books(:'o', 0, 'nowhere'), 'CH422 /outlet', 'one that is not there');
SELECT is(pg_temp.books(:'o', 7), 'CH422 /at', 'the lunch break');
SELECT is(pg_temp.books(:'o', -100), 'CH422 /at', 'the past');
SELECT is(pg_temp.outcome(format('SELECT hall.appointment_put(gen_random_uuid(), %L, ''tap-here'', %L)', :'o', pg_temp.slot(0) + interval '10 minutes')), 'CH422 /at', 'no half hour');
SELECT is(pg_temp.outcome(format('SELECT hall.appointment_put(gen_random_uuid(), %L, ''tap-here'', %L)', :'o', pg_temp.slot(0) + interval '60 days')), 'CH422 /at', 'too far away');
SELECT is(pg_temp.books(pg_temp.new_order(:'project', :'account', '{"phone_state": "none"}'), 0), 'CH409', 'before the authentication has begun');
SELECT is(pg_temp.outcome(format('SELECT hall.appointment_cancel(%L)', :'o')), 'CH404', 'nothing to cancel');
SELECT pg_temp.book(:'o', 0) AS a \gset
SELECT is((SELECT concat_ws(' ', outlet, starts_at = pg_temp.slot(0), seat, state) FROM hall.appointment WHERE id = :'a'), 'tap-here t 1 open', 'booked');
SELECT is((SELECT concat_ws(' ', way, step, state, expires_at = current_date + 2) FROM hall.identity WHERE id = pg_temp.identity_of(:'o')), 'outlet outlet pending t', 'the authentication waits until the day is over');
SELECT is((SELECT expires_at FROM hall.link WHERE subject = pg_temp.identity_of(:'o')), (current_date + 2)::timestamptz, 'and so does its link');
SELECT is((SELECT string_agg(kind, ' ' ORDER BY kind) FROM hall.outbox WHERE subject IN (pg_temp.identity_of(:'o'), :'a')), 'appointment_end carrier', 'the carrier is asked, and the end of the day comes');
SELECT is((SELECT concat_ws(' ', event, recipient, detail ->> 'place') FROM hall.message WHERE order_id = :'o'), 'appointment agent 一路', 'the person is told');
SELECT pg_temp.book(:'p', 0) AS b \gset
SELECT is((SELECT seat FROM hall.appointment WHERE id = :'b'), 2, 'the other seat');
SELECT is(pg_temp.books(:'q', 0), 'CH409 /at', 'and no third');
SELECT is((SELECT free FROM hall.appointment_slots('tap-here') s WHERE s.at = pg_temp.slot(0)), 0, 'the half hour is full');
SELECT throws_ok(format('INSERT INTO hall.appointment (id, identity, order_id, outlet, starts_at, seat) VALUES (gen_random_uuid(), %L, %L, ''tap-here'', %L, 2)', pg_temp.identity_of(:'q'), :'q', pg_temp.slot(0)),
                 '23505', NULL, 'a seat is taken once, whoever writes');
SELECT throws_ok(format('INSERT INTO hall.appointment (id, identity, order_id, outlet, starts_at, seat) VALUES (gen_random_uuid(), %L, %L, ''tap-here'', %L, 1)', pg_temp.identity_of(:'o'), :'o', pg_temp.slot(3)),
                 '23505', NULL, 'one open appointment for an authentication');
SELECT throws_ok(format('UPDATE hall.appointment SET state = %L WHERE id = %L', s, :'a'), '23514', NULL, s || ' says when, by whom and why') FROM unnest('{passed,refused,missed,cancelled}'::text[]) s;
-- Moving keeps the number and frees the seat.
SELECT pg_temp.book(:'o', 2) AS moved \gset
SELECT is(:'moved'::uuid, :'a'::uuid, 'moved, not made anew');
SELECT is((SELECT free FROM hall.appointment_slots('tap-here') s WHERE s.at = pg_temp.slot(0)), 1, 'the old half hour has room');
SELECT is((SELECT count(*) FROM hall.message WHERE order_id = :'o' AND event = 'appointment'), 2::bigint, 'the person is told');
SELECT is(pg_temp.books(:'q', 0), 'ok', 'for somebody else');
-- Another order's owner, and the link.
SELECT pg_temp.be_applicant(pg_temp.new_account(), :'project');
SELECT is(pg_temp.books(:'o', 4), 'CH404', 'another account');
SELECT is(pg_temp.outcome(format('SELECT hall.my_appointment(%L, NULL)', :'o')), 'CH404', 'which does not read it either');
SELECT pg_temp.be('link', pg_temp.identity_of(:'q'), '{phone}', :'project');
SELECT is(pg_temp.books(NULL, 4), 'ok', 'the phone books by its link');
SELECT is(jsonb_array_length(hall.my_appointment(NULL, 'tap-here')::jsonb -> 'slots') > 50, true, 'and sees the half hours');
SELECT is(hall.my_appointment(NULL, NULL)::jsonb -> 'slots', 'null'::jsonb, 'of an outlet that it has chosen');
-- Cancelled: another way is open.
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT hall.appointment_cancel(:'p');
SELECT is((SELECT state FROM hall.appointment WHERE id = :'b'), 'cancelled', 'cancelled');
SELECT is((SELECT concat_ws(' ', way, state, expires_at < now() + interval '31 minutes') FROM hall.identity WHERE id = pg_temp.identity_of(:'p')), 'pending t', 'the authentication goes on for half an hour');
SELECT is((SELECT count(*) FROM hall.message WHERE order_id = :'p' AND event = 'appointment_cancelled'), 1::bigint, 'the person is told');
SELECT pg_temp.book(:'p', 5) AS b \gset
SELECT hall.identity_goes(i, 'face') FROM hall.identity i WHERE i.id = pg_temp.identity_of(:'p');
SELECT is((SELECT state FROM hall.appointment WHERE id = :'b'), 'cancelled', 'who goes on by the face needs none');
SELECT pg_temp.book(:'p', 5) AS b \gset
SELECT pg_temp.be_system();
SELECT hall.identity_carrier(pg_temp.identity_of(:'p'), false, '手机号实名不符');
SELECT is((SELECT state FROM hall.appointment WHERE id = :'b'), 'cancelled', 'nor one whom the carrier does not know');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.books(:'p', 5), 'CH422', 'who is told why');
SELECT pg_temp.book(:'q', 10) AS c \gset
UPDATE hall.orders SET state = 'cancelled' WHERE id = :'q';
SELECT is((SELECT state FROM hall.appointment WHERE id = :'c'), 'cancelled', 'nor an order that has ended');
SELECT is(pg_temp.books(:'q', 10), 'CH409', 'which gets no other');
-- When it has begun it stands.
UPDATE hall.appointment SET starts_at = now() WHERE id = :'a';
SELECT is(pg_temp.books(:'o', 4), 'CH409', 'an appointment that has begun is not moved');
SELECT is(pg_temp.outcome(format('SELECT hall.appointment_cancel(%L)', :'o')), 'CH409', 'nor cancelled');

-- ---- the counter ----
CREATE FUNCTION pg_temp.tries(what text) RETURNS text LANGUAGE sql AS $$ SELECT pg_temp.outcome('SELECT ' || what) $$;
UPDATE hall.appointment SET starts_at = current_date + interval '10 hours' WHERE id = :'a';
UPDATE hall.identity SET carrier = true WHERE id = pg_temp.identity_of(:'o');
SELECT pg_temp.be_staff(:'there', 'outlet');
SELECT is_empty('SELECT FROM hall.counter_list(NULL, 10)', 'another outlet has none of it');
SELECT is(pg_temp.tries(format('hall.counter_read(%L)', :'a')), 'CH404', 'and opens none');
SELECT is(pg_temp.tries(format('hall.counter_decide(%L, ''not_person'', pg_temp.signed())', :'a')), 'CH404', 'nor decides');
SELECT pg_temp.be_staff(pg_temp.new_staff('reviewer'), 'reviewer');
SELECT is(pg_temp.tries(format('hall.counter_read(%L)', :'a')), 'CH404', 'nor does staff without an outlet');
SELECT pg_temp.be_staff(:'here', 'outlet');
SELECT is((SELECT array_agg(order_id) FROM hall.counter_list(NULL, 10)), ARRAY[:'o'::uuid], 'its own does');
SELECT is((SELECT "out"::jsonb ->> 'order_number' FROM hall.counter_read(:'a')), (SELECT number FROM hall.orders WHERE id = :'o'), 'and opens it');
SELECT is((SELECT detail ->> 'id' FROM hall.audit WHERE subject = :'o' AND detail ->> 'read' = 'appointment'), :'a'::text, 'on record');
SELECT is(pg_temp.tries(format('hall.counter_decide(%L, NULL, pg_temp.signed())', :'a')), 'CH409', 'not before the pictures');
CREATE FUNCTION pg_temp.takes(a uuid, side text) RETURNS void LANGUAGE sql AS $$
    SELECT hall.counter_picture_put(pg_temp.stored(), a, side, 'x', 'image/png', 1, sha256(side::bytea), '\x01') $$;
SELECT is(pg_temp.tries(format('pg_temp.takes(%L, ''face'')', :'a')), 'CH404', 'there is no picture of a face');
SELECT pg_temp.takes(:'a', s) FROM unnest('{front,back,front}'::text[]) s;
SELECT is((SELECT string_agg(code || ' ' || state, ', ' ORDER BY code, state) FROM hall.paper WHERE order_id = :'o'), 'counter.back ok, counter.front ok, counter.front replaced', 'pictures are papers, and the last counts');
SELECT is(pg_temp.tries(format('hall.counter_decide(%L, NULL, pg_temp.signed())', :'a')), 'CH409', 'the statement is missing');
SELECT pg_temp.takes(:'a', 'statement');
SELECT is(pg_temp.tries(format('hall.counter_decide(%L, NULL, NULL)', :'a')), 'CH403', 'nothing is decided unsigned');
SELECT is(pg_temp.tries(format('hall.counter_decide(%L, ''why'', pg_temp.signed())', :'a')), 'CH422 /reason', 'a refusal has a reason of the list');
UPDATE hall.identity SET carrier = NULL WHERE id = pg_temp.identity_of(:'o');
SELECT is(pg_temp.tries(format('hall.counter_decide(%L, NULL, pg_temp.signed())', :'a')), 'CH409', 'the carrier must have answered');
UPDATE hall.identity SET carrier = true WHERE id = pg_temp.identity_of(:'o');
UPDATE hall.appointment SET starts_at = starts_at + interval '1 day' WHERE id = :'a';
SELECT is(pg_temp.tries(format('hall.counter_decide(%L, NULL, pg_temp.signed())', :'a')), 'CH409', 'not before the day');
SELECT is(pg_temp.tries(format('pg_temp.takes(%L, ''front'')', :'a')), 'CH409', 'nor a picture');
UPDATE hall.appointment SET starts_at = starts_at - interval '2 days' WHERE id = :'a';
SELECT is(pg_temp.tries(format('hall.counter_decide(%L, NULL, pg_temp.signed())', :'a')), 'CH404', 'nor after it');
UPDATE hall.appointment SET starts_at = starts_at + interval '1 day' WHERE id = :'a';
INSERT INTO hall.review (order_id, staff, approved, reasons) VALUES (:'o', :'here', false, '[]');
SELECT is(pg_temp.tries(format('hall.counter_decide(%L, NULL, pg_temp.signed())', :'a')), 'CH409', 'who has reviewed the order sees nobody for it');
DELETE FROM hall.review WHERE order_id = :'o';
SELECT hall.counter_decide(:'a', NULL, pg_temp.signed());
SELECT is((SELECT concat_ws(' ', phone_state, state) FROM hall.orders WHERE id = :'o'), 'passed draft', 'passed: the order can go on');
SELECT is((SELECT concat_ws(' ', state, way, reason) FROM hall.identity WHERE id = pg_temp.identity_of(:'o')), 'passed outlet', 'by this way, without a consent to a face');
SELECT is((SELECT concat_ws(' ', state, staff = :'here') FROM hall.appointment WHERE id = :'a'), 'passed t', 'by this clerk');
SELECT is((SELECT concat_ws(' ', what, subject = :'a', order_id = :'o', staff = :'here') FROM hall.act WHERE order_id = :'o'), 'pass_appointment t t t', 'under an act');
SELECT is((SELECT text FROM hall.order_history WHERE order_id = :'o' ORDER BY id DESC LIMIT 1), '手机认证通过（到网点当面核验）', 'the history tells how');
SELECT is(pg_temp.tries(format('hall.counter_decide(%L, NULL, pg_temp.signed())', :'a')), 'CH409', 'once');
SELECT is(pg_temp.tries(format('pg_temp.takes(%L, ''front'')', :'a')), 'CH409', 'and its pictures stay');
UPDATE hall.orders SET state = 'in_review' WHERE id = :'o';
SELECT throws_ok(format('INSERT INTO hall.review (order_id, staff, approved) VALUES (%L, %L, true)', :'o', :'here'), 'CH403', NULL, 'who has seen the person does not review the order');
SELECT pg_temp.new_staff('reviewer') AS reviewer \gset
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT is((SELECT concat_ws(' ', outlet, staff, jsonb_array_length(pictures), pictures -> 2 ->> 'name') FROM hall.desk_counter WHERE order_id = :'o'), '这里 网点 3 当面核验确认书', 'the reviewer sees where, who, and the pictures');
SELECT is((SELECT count(*) FROM hall.desk_paper(:'o', 'counter.front')), 1::bigint, 'and opens them');
-- Another form: another authentication, without the old pictures.
UPDATE hall.orders SET state = 'draft' WHERE id = :'o';
UPDATE hall.identity SET state = 'void' WHERE order_id = :'o';
SELECT is_empty(format('SELECT FROM hall.paper WHERE order_id = %L AND state <> ''replaced''', :'o'), 'pictures go with what they were taken for');
SELECT is((SELECT state FROM hall.appointment WHERE id = :'a'), 'passed', 'that somebody came stays');

-- ---- refused, and nobody there ----
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT pg_temp.fresh() AS r, pg_temp.fresh() AS m \gset
SELECT pg_temp.book(:'r', 11) AS ra, pg_temp.book(:'m', 11) AS ma \gset
SELECT pg_temp.be_system();
SELECT hall.appointment_end(:'ma');
SELECT is((SELECT state FROM hall.appointment WHERE id = :'ma'), 'open', 'before the day is over nothing ends');
UPDATE hall.appointment SET starts_at = current_date - interval '10 hours' WHERE id = :'ma';
SELECT hall.appointment_end(:'ma'), hall.appointment_end(:'ma');
SELECT is((SELECT concat_ws(' ', a.state, i.state, o.phone_state, i.reason LIKE '您没有在预约当天到店%重新预约%') FROM hall.appointment a JOIN hall.identity i ON i.id = a.identity JOIN hall.orders o ON o.id = a.order_id WHERE a.id = :'ma'),
          'missed failed failed t', 'who does not come is told what to do');
SELECT is((SELECT count(*) FROM hall.message WHERE order_id = :'m' AND event = 'appointment_missed'), 1::bigint, 'once');
UPDATE hall.appointment SET starts_at = current_date + interval '11 hours' WHERE id = :'ra';
SELECT pg_temp.be_staff(:'here', 'outlet');
SELECT hall.counter_decide(:'ra', 'card_invalid', pg_temp.signed());
SELECT is((SELECT concat_ws(' ', a.state, a.reason, i.state, i.reason LIKE '%没有带身份证原件%重新预约%') FROM hall.appointment a JOIN hall.identity i ON i.id = a.identity WHERE a.id = :'ra'), 'refused card_invalid failed t', 'refused, without pictures');
SELECT is((SELECT what FROM hall.act WHERE order_id = :'r'), 'refuse_appointment', 'under an act');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.books(o, 12), 'ok', 'and books again') FROM unnest(ARRAY[:'r'::uuid, :'m']) o;

SELECT * FROM finish();
ROLLBACK;
