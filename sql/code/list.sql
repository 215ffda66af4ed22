-- Lists: one page, a cursor for the next page, and a count with a limit.

-- The cursor: the keys of a page's last row, after which the next page begins. Clients do not read it.
CREATE OR REPLACE FUNCTION hall.cursor_of(VARIADIC keys text[]) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT translate(encode(convert_to(array_to_string(keys, '|'), 'UTF8'), 'base64'), E'+/=\n', '-_') $$;

-- The keys of a cursor, each checked against its type; NULL for the first page.
CREATE OR REPLACE FUNCTION hall.cursor_keys(after text, VARIADIC types regtype[]) RETURNS text[]
LANGUAGE plpgsql STABLE AS $$
DECLARE
    keys text[];
    fits bool;
BEGIN
    IF after IS NULL THEN
        RETURN NULL;
    END IF;
    BEGIN
        keys := string_to_array(convert_from(decode(translate(after, '-_', '+/') || repeat('=', (4 - length(after) % 4) % 4),
                                                    'base64'), 'UTF8'), '|');
        fits := cardinality(keys) = cardinality(types);
        FOR n IN 1 .. CASE WHEN fits THEN cardinality(keys) ELSE 0 END LOOP
            EXECUTE format('SELECT CAST(%L AS %s)', keys[n], types[n]);
        END LOOP;
    EXCEPTION WHEN data_exception THEN
        fits := false;
    END;
    IF fits IS NOT TRUE THEN
        PERFORM hall.refuse(422, '翻页位置无效，请从第一页重新查看。', '/after');
    END IF;
    RETURN keys;
END $$;

-- The LIKE pattern for texts that contain the words.
CREATE OR REPLACE FUNCTION hall.holds(words text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT '%' || regexp_replace(words, '([\\%_])', '\\\1', 'g') || '%' $$;

-- Lists are counted up to this number; pages show "999+" beyond it.
CREATE OR REPLACE FUNCTION hall.count_most() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 1000 $$;

-- How many rows to search: one more than a page shows whether there is another page; the first page also counts.
CREATE OR REPLACE FUNCTION hall.look_for(after text, page_size int) RETURNS int
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE WHEN after IS NULL THEN greatest(hall.count_most(), page_size + 1) ELSE page_size + 1 END $$;

-- The rows of the page and its cursors, from rows that include one more than the page if there is one. `found`: the count, on the
-- first page.
CREATE OR REPLACE FUNCTION hall.page(rows_ jsonb, cursors text[], page_size int, after text, found int) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT jsonb_build_object('items', coalesce(rows_ - page_size, '[]'),
        'next', CASE WHEN cardinality(cursors) > page_size THEN cursors[page_size] END,
        'total', CASE WHEN after IS NULL THEN least(found, hall.count_most()) END) $$;
