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

SELECT * FROM finish();
ROLLBACK;
