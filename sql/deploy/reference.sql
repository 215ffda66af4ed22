-- Deploy certhall:reference to pg
-- Regions, the calendar of working days, opening branches of banks. Rows come from sql/data and from administrators.
BEGIN;

CREATE TABLE hall.region (
    code   text PRIMARY KEY CHECK (code ~ '^[0-9]{2}([0-9]{2}){0,2}([0-9]{3})?$'),
    name   text NOT NULL,
    parent text REFERENCES hall.region,
    level  int NOT NULL CHECK (level BETWEEN 1 AND 4)
);
CREATE INDEX region_parent ON hall.region (parent);

-- Full name of a region, from the province down.
CREATE FUNCTION hall.region_name(region_code text) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH RECURSIVE up AS (
        SELECT name, parent, level FROM region WHERE code = region_code
        UNION ALL SELECT r.name, r.parent, r.level FROM region r JOIN up ON r.code = up.parent)
    SELECT string_agg(name, '' ORDER BY level) FROM up $$;

-- A day that differs from its weekday: holidays, and weekends that are worked. A year without rows is not known.
CREATE TABLE hall.calendar (
    day     date PRIMARY KEY,
    working bool NOT NULL,
    name    text NOT NULL
);

CREATE FUNCTION hall.is_working_day(d date) RETURNS bool
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce((SELECT working FROM calendar WHERE day = d), extract(isodow FROM d) < 6) $$;

-- The end of the n-th working day after `start`. What comes after 17:00 or on a day off counts from the next working day.
-- NULL when a year on the way is not in the calendar: nobody guesses.
CREATE FUNCTION hall.due(start timestamptz, n int) RETURNS timestamptz
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    d date := (start AT TIME ZONE 'Asia/Shanghai')::date;
    counted int := 0;
BEGIN
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

CREATE TABLE hall.bank_branch (
    cnaps  text PRIMARY KEY CHECK (cnaps ~ '^[0-9]{12}$'),
    bank   text NOT NULL,
    name   text NOT NULL
);

COMMIT;
