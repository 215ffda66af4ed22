-- The promised date: working days by the calendar, beginning with the next one from 17:00 on, in Beijing time wherever the server is.
\ir fixture.psql
SELECT no_plan();
-- A year for this test: the 6th of January 2040 is a Friday. Monday the 16th is a holiday, and Saturday the 14th is worked for it.
DELETE FROM hall.calendar WHERE extract(year FROM day) >= 2040;
INSERT INTO hall.calendar VALUES ('2040-01-02', false, '元旦'), ('2040-01-14', true, '补班'), ('2040-01-16', false, '假日');
SELECT is(extract(isodow FROM '2040-01-06'::date), 5::numeric, 'it is a Friday');

CREATE FUNCTION pg_temp.due(start text, n int) RETURNS text LANGUAGE sql AS $$
    SELECT to_char(hall.due((start || '+08')::timestamptz, n) AT TIME ZONE 'Asia/Shanghai', 'Dy MM-DD HH24:MI') $$;

CREATE TEMP TABLE promised (start text, n int, wanted text, label text);
INSERT INTO promised VALUES
    ('2040-01-04 10:00', 1, 'Thu 01-05 17:00', 'Wednesday morning: Thursday'),
    ('2040-01-04 00:00', 1, 'Thu 01-05 17:00', 'midnight belongs to its day'),
    ('2040-01-04 16:59', 1, 'Thu 01-05 17:00', 'a minute before five is today'),
    ('2040-01-04 17:00', 1, 'Fri 01-06 17:00', 'five o''clock is tomorrow'),
    ('2040-01-06 16:59', 1, 'Mon 01-09 17:00', 'Friday: Monday'),
    ('2040-01-06 18:00', 1, 'Tue 01-10 17:00', 'Friday 18:00: Tuesday'),
    ('2040-01-07 10:00', 1, 'Tue 01-10 17:00', 'Saturday: Tuesday'),
    ('2040-01-08 23:59', 1, 'Tue 01-10 17:00', 'Sunday: Tuesday'),
    ('2040-01-13 10:00', 1, 'Sat 01-14 17:00', 'Friday before a worked Saturday: Saturday'),
    ('2040-01-13 18:00', 1, 'Tue 01-17 17:00', 'Friday 18:00: the Saturday is the first day, and Monday is off'),
    ('2040-01-14 10:00', 1, 'Tue 01-17 17:00', 'the worked Saturday itself'),
    ('2040-01-15 10:00', 1, 'Wed 01-18 17:00', 'Sunday before a holiday'),
    ('2040-01-16 10:00', 1, 'Wed 01-18 17:00', 'on the holiday'),
    ('2040-01-04 10:00', 2, 'Fri 01-06 17:00', 'two working days'),
    ('2040-01-04 10:00', 3, 'Mon 01-09 17:00', 'three'),
    ('2040-01-12 10:00', 3, 'Tue 01-17 17:00', 'three, over a worked Saturday and a holiday'),
    ('2040-12-31 10:00', 1, NULL, 'into a year that is not known: not guessed'),
    ('2040-12-31 18:00', 1, NULL, 'nor begun in one'),
    ('2041-03-01 10:00', 1, NULL, 'nor wholly in one');
SELECT is(pg_temp.due(start, n), wanted, label) FROM promised;

SET LOCAL TimeZone = 'America/New_York';
SELECT is(pg_temp.due(start, n), wanted, 'in another time zone: ' || label) FROM promised;
RESET TimeZone;

-- The clock of an order.
SELECT pg_temp.new_project('{"review_days": 2}') AS project, pg_temp.new_account() AS account \gset
SELECT pg_temp.new_order(:'project', :'account', '{"state": "in_review"}') AS o \gset
SELECT hall.start_review(:'o');
SELECT is((SELECT due_at FROM hall.orders WHERE id = :'o'), hall.due(now(), 2), 'the review has the project''s days');
SELECT is(hall.due('2040-01-04 10:00+08', NULL), NULL, 'no days are no date');

-- What a project promises: for the review, for making and shipping, for both together, or nothing.
CREATE FUNCTION pg_temp.dated(wanted uuid) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', CASE due_at WHEN hall.due(now(), 2) THEN 'review' ELSE coalesce(due_at::text, '-') END,
                     CASE ship_due_at WHEN hall.due(now(), 4) THEN 'ship' WHEN due_at THEN 'whole' ELSE coalesce(ship_due_at::text, '-') END,
                     CASE promised_at WHEN 'infinity' THEN 'none' WHEN ship_due_at THEN 'second' WHEN due_at THEN 'first' END) FROM hall.orders WHERE id = wanted $$;
CREATE FUNCTION pg_temp.walked(terms jsonb, more jsonb DEFAULT '{}') RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    o uuid := pg_temp.new_order(pg_temp.new_project('{"review_days": null, "finauth": "none"}' || terms), pg_temp.new_account(),
                                '{"state": "in_review", "paid": "paid"}' || more);
    said text;
BEGIN
    PERFORM hall.start_review(o);
    said := pg_temp.dated(o);
    UPDATE hall.orders SET state = 'approved' WHERE id = o;
    said := said || ', ' || pg_temp.dated(o);
    PERFORM hall.try_gates(o);
    said := said || ', ' || pg_temp.dated(o);
    UPDATE hall.orders SET state = 'produced' WHERE id = o;
    RETURN said || ', ' || pg_temp.dated(o);
END $$;
SELECT is(pg_temp.walked('{"review_days": 2}'), 'review - first, review - first, review - none, review - none', 'the review alone: making has no date');
SELECT is(pg_temp.walked('{"ship_days": 4}'), '- - none, - - none, - ship second, - ship second', 'making and shipping alone');
SELECT is(pg_temp.walked('{"review_days": 2, "ship_days": 4}'), 'review - first, review - first, review ship second, review ship second', 'each its own');
SELECT is(pg_temp.walked('{"whole_days": 2}'), 'review - first, review - first, review whole second, review whole none', 'both together: one date, kept once it is made');
SELECT is(pg_temp.walked('{}'), '- - none, - - none, - - none, - - none', 'nothing');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.new_project(%L)', terms)), w, terms) FROM (VALUES
    ('{"whole_days": 2}', 'CH422 /review_days'), ('{"review_days": null, "whole_days": 2, "ship_days": 1}', 'CH422 /ship_days'),
    ('{"review_days": null, "whole_days": 0}', 'CH422 /whole_days')) v(terms, w);

-- What an approved order waits for is not ours: the date of the whole moves by the working days that it waited.
INSERT INTO hall.calendar (day, working, name)
SELECT hall.beijing_day(now()) - n, n IN (0, 1, 3), '本次测试' FROM generate_series(0, 9) n ON CONFLICT (day) DO UPDATE SET working = excluded.working;
SELECT is(to_char(hall.due_later('2040-01-05 17:00+08', now() - ago * interval '1 day') AT TIME ZONE 'Asia/Shanghai', 'MM-DD HH24:MI'), wanted, ago || ' days ago')
  FROM (VALUES (0, '01-05 17:00'), (1, '01-06 17:00'), (2, '01-09 17:00'), (3, '01-09 17:00'), (9, '01-10 17:00')) v(ago, wanted);
SELECT pg_temp.new_project('{"review_days": null, "whole_days": 2, "finauth": "none"}') AS whole \gset
SELECT pg_temp.new_order(:'whole', :'account', '{"state": "approved", "paid": "paid", "due_at": "2040-01-05T17:00:00+08:00"}') AS waited \gset
INSERT INTO hall.order_history (order_id, event, text, at) VALUES (:'waited', 'approve', '审核通过', now() - interval '3 days'), (:'waited', 'submit', '提交', now() - interval '9 days');
SELECT hall.try_gates(:'waited');
SELECT is((SELECT ship_due_at FROM hall.orders WHERE id = :'waited'), '2040-01-09 17:00+08'::timestamptz, 'accepted after two working days: two later');

-- A project that begins or ceases to promise something, while its orders are under way.
SELECT pg_temp.new_order(:'whole', :'account', '{"state": "in_review", "due_at": "2040-01-05T17:00:00+08:00"}') AS reviewed,
       pg_temp.new_order(:'whole', :'account', '{"state": "accepted", "due_at": "2040-01-05T17:00:00+08:00", "ship_due_at": "2040-01-05T17:00:00+08:00"}') AS made \gset
UPDATE hall.project SET whole_days = 9 WHERE id = :'whole';
SELECT is(promised_at, '2040-01-05 17:00+08'::timestamptz, 'other days: a date that was given stays') FROM hall.orders WHERE id IN (:'reviewed', :'made');
UPDATE hall.project SET whole_days = NULL, review_days = 2 WHERE id = :'whole';
SELECT is((SELECT promised_at FROM hall.orders WHERE id = :'reviewed'), '2040-01-05 17:00+08'::timestamptz, 'the review''s date stays');
SELECT is((SELECT promised_at FROM hall.orders WHERE id = :'made'), 'infinity'::timestamptz, 'making is not promised any more: no order is late with it');
UPDATE hall.project SET ship_days = 4, review_days = NULL WHERE id = :'whole';
SELECT is((SELECT promised_at FROM hall.orders WHERE id = :'made'), hall.due(now(), 4), 'making is promised: from today on');
SELECT is((SELECT promised_at FROM hall.orders WHERE id = :'reviewed'), 'infinity'::timestamptz, 'the review is not any more');
UPDATE hall.project SET review_days = 3 WHERE id = :'whole';
SELECT is((SELECT promised_at FROM hall.orders WHERE id = :'reviewed'), hall.due(now(), 3), 'now it is again');
SELECT is((SELECT promised_at FROM hall.orders WHERE id = :'made'), hall.due(now(), 4), 'which leaves the other alone');

SELECT * FROM finish();
ROLLBACK;
