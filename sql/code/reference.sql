-- Regions and working days.

-- The full name of a region, beginning with the province.
CREATE OR REPLACE FUNCTION hall.region_name(region_code text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (WITH RECURSIVE up AS (
        SELECT name, parent, level FROM region WHERE code = region_code
        UNION ALL SELECT r.name, r.parent, r.level FROM region r JOIN up ON r.code = up.parent)
    SELECT string_agg(name, '' ORDER BY level) FROM up);
END $$;

CREATE OR REPLACE FUNCTION hall.is_working_day(d date) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN coalesce((SELECT working FROM calendar WHERE day = d), extract(isodow FROM d) < 6);
END $$;

-- The end of the n-th working day after `start`. A start after 17:00 or on a day off counts from the next working day. NULL when a
-- year on the way is not in the calendar, since nothing is guessed, and when no days are promised.
CREATE OR REPLACE FUNCTION hall.due(start timestamptz, n int) RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    d date := (start AT TIME ZONE 'Asia/Shanghai')::date;
    counted int := 0;
BEGIN
    IF n IS NULL THEN
        RETURN NULL;
    END IF;
    IF (start AT TIME ZONE 'Asia/Shanghai')::time >= '17:00' OR NOT hall.is_working_day(d) THEN
        LOOP
            d := d + 1;
            EXIT WHEN hall.is_working_day(d);
        END LOOP;
    END IF;
    LOOP
        IF NOT EXISTS (SELECT FROM calendar WHERE extract(year FROM day) = extract(year FROM d)) THEN
            RETURN NULL;
        END IF;
        counted := counted + hall.is_working_day(d)::int;
        EXIT WHEN counted > n;
        d := d + 1;
    END LOOP;
    RETURN (d + time '17:00') AT TIME ZONE 'Asia/Shanghai';
END $$;

-- A region's names by level, for couriers: a city that is none ("市辖区") has the name of its province.
CREATE OR REPLACE FUNCTION hall.region_path(region_code text) RETURNS TABLE (province text, city text, county text, town text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY WITH n AS (SELECT level, name FROM region r WHERE starts_with(region_code, r.code))
    SELECT coalesce(max(name) FILTER (WHERE level = 1), ''),
           coalesce(max(name) FILTER (WHERE level = 2 AND name <> '县' AND name NOT LIKE '%直辖%' AND name <> '市辖区'),
                    max(name) FILTER (WHERE level = 1), ''),
           coalesce(max(name) FILTER (WHERE level = 3), ''), coalesce(max(name) FILTER (WHERE level = 4), '') FROM n;
END $$;

-- Stores one whole year: {"year": 2027, "days": [{"day": "2027-01-01", "working": false, "name": "元旦"}, …]}. Orders whose date could
-- not be promised before get it now.
CREATE OR REPLACE FUNCTION hall.calendar_import(d jsonb) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    y int;
    wrong text;
    promised int;
    before int;
BEGIN
    IF coalesce(jsonb_typeof(d -> 'year') <> 'number', true) OR NOT (d ->> 'year')::numeric BETWEEN 2020 AND 2100 THEN
        PERFORM refuse(422, '请写明年份。', '/year');
    ELSIF coalesce(jsonb_typeof(d -> 'days') <> 'array', true) OR jsonb_array_length(d -> 'days') = 0 THEN
        PERFORM refuse(422, '请列出放假和调休的日期。', '/days');
    END IF;
    y := (d ->> 'year')::int;
    SELECT format('/days/%s/%s', n - 1, CASE WHEN coalesce(x ->> 'day', '') !~ ('^' || y || '-[0-9]{2}-[0-9]{2}$') THEN 'day'
                  WHEN jsonb_typeof(x -> 'working') IS DISTINCT FROM 'boolean' THEN 'working' ELSE 'name' END) INTO wrong
      FROM jsonb_array_elements(d -> 'days') WITH ORDINALITY e(x, n)
     WHERE coalesce(x ->> 'day', '') !~ ('^' || y || '-[0-9]{2}-[0-9]{2}$') OR jsonb_typeof(x -> 'working') IS DISTINCT FROM 'boolean'
        OR coalesce(x ->> 'name', '') = '' ORDER BY n LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, '日期、是否上班或名称不正确。', wrong);
    END IF;
    SELECT count(*) INTO before FROM calendar WHERE extract(year FROM day) = y;
    BEGIN
        DELETE FROM calendar WHERE extract(year FROM day) = y;
        INSERT INTO calendar (day, working, name)
        SELECT (x ->> 'day')::date, (x ->> 'working')::bool, x ->> 'name' FROM jsonb_array_elements(d -> 'days') x;
    EXCEPTION WHEN data_exception OR unique_violation THEN
        PERFORM refuse(422, '有不存在或重复的日期。', '/days');
    END;
    UPDATE orders o SET due_at = CASE x.clock WHEN 'review' THEN x.due ELSE o.due_at END,
           ship_due_at = CASE x.clock WHEN 'ship' THEN x.due ELSE o.ship_due_at END
      FROM (SELECT u.id, s.clock, CASE WHEN p.whole_days IS NOT NULL AND NOT s.made THEN due(u.review_at, p.whole_days)
                                       WHEN s.clock = 'review' THEN due(u.review_at, p.review_days)
                                       ELSE due(u.accepted_at, p.ship_days) END AS due
              FROM orders u JOIN project p ON p.id = u.project JOIN order_state s ON s.state = u.state
             WHERE s.clock IS NOT NULL AND u.promised_at = 'infinity') x
     WHERE x.id = o.id AND x.due IS NOT NULL;
    GET DIAGNOSTICS promised = ROW_COUNT;
    RETURN format('%s 年：%s 天（原有 %s 天），补算办结日期 %s 单', y, jsonb_array_length(d -> 'days'), before, promised);
END $$;

-- Years that nobody has entered, although promised dates reach into them or will within 45 days.
CREATE OR REPLACE FUNCTION hall.calendar_missing() RETURNS int[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(array_agg(DISTINCT y ORDER BY y), '{}') FROM unnest(ARRAY[extract(year FROM now() AT TIME ZONE 'Asia/Shanghai')::int,
               extract(year FROM (now() + interval '45 days') AT TIME ZONE 'Asia/Shanghai')::int]) y
     WHERE NOT EXISTS (SELECT FROM calendar WHERE day BETWEEN make_date(y, 1, 1) AND make_date(y, 12, 31)));
END $$;

CREATE OR REPLACE FUNCTION hall.calendar_json(wanted int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('year', y, 'missing', calendar_missing(),
        'years', (SELECT coalesce(jsonb_agg(DISTINCT extract(year FROM day)::int), '[]') FROM calendar),
        'undated', (SELECT count(*) FROM orders o JOIN project p ON p.id = o.project WHERE o.state = 'in_review' AND o.due_at IS NULL
                                            AND coalesce(p.review_days, p.whole_days) IS NOT NULL),
        'days', (SELECT coalesce(jsonb_agg(jsonb_build_object('day', day, 'working', working, 'name', name) ORDER BY day), '[]')
                   FROM calendar WHERE day BETWEEN make_date(y, 1, 1) AND make_date(y, 12, 31)))::text
      FROM coalesce(wanted, extract(year FROM now() AT TIME ZONE 'Asia/Shanghai')::int) y);
END $$;

-- The whole list, with a line "code<TAB>name" for each region.
CREATE OR REPLACE FUNCTION hall.regions_import(lines text) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    wrong int;
    fresh int;
    named int;
    gone_ int;
BEGIN
    CREATE TEMP TABLE incoming ON COMMIT DROP AS
    SELECT split_part(l, E'\t', 1) AS code, split_part(l, E'\t', 2) AS name, n FROM string_to_table(rtrim(lines, E'\n'), E'\n') WITH ORDINALITY t(l, n);
    INSERT INTO pg_temp.incoming SELECT '', '', 1 WHERE NOT EXISTS (SELECT FROM pg_temp.incoming); -- an empty list is an error
    SELECT i.n INTO wrong FROM pg_temp.incoming i WHERE code !~ '^[0-9]{2}([0-9]{2}){0,2}([0-9]{3})?$' OR name !~ '^[^\t\r]{1,60}$'
        OR (length(code) > 2 AND NOT EXISTS (SELECT FROM pg_temp.incoming u WHERE u.code = left(i.code, CASE length(i.code) WHEN 9 THEN 6 ELSE length(i.code) - 2 END)))
     ORDER BY i.n LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, format('第 %s 行不正确：应为“代码<制表符>名称”，且上级地区须在表中。', wrong), '/' || wrong);
    END IF;
    UPDATE region r SET name = i.name, gone = false FROM pg_temp.incoming i WHERE i.code = r.code AND (r.name <> i.name OR r.gone);
    GET DIAGNOSTICS named = ROW_COUNT;
    INSERT INTO region (code, name, parent, level)
    SELECT code, name, CASE length(code) WHEN 9 THEN left(code, 6) WHEN 2 THEN NULL ELSE left(code, length(code) - 2) END,
           CASE length(code) WHEN 9 THEN 4 ELSE length(code) / 2 END
      FROM pg_temp.incoming i WHERE NOT EXISTS (SELECT FROM region r WHERE r.code = i.code) ORDER BY length(code), code;
    GET DIAGNOSTICS fresh = ROW_COUNT;
    UPDATE region r SET gone = true WHERE NOT gone AND NOT EXISTS (SELECT FROM pg_temp.incoming i WHERE i.code = r.code);
    GET DIAGNOSTICS gone_ = ROW_COUNT;
    RETURN format('新增 %s，更改 %s，停用 %s', fresh, named, gone_);
END $$;
