-- Bank branches: search and import.

-- The names of codes in forms: regions and opening branches.
CREATE OR REPLACE FUNCTION hall.code_names(codes text[]) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_object_agg(c, coalesce(region_name(c), (SELECT name FROM bank_branch WHERE cnaps = c))), '{}')::text
      FROM unnest(codes) c WHERE c <> '');
END $$;

-- Refuses a form with an unknown code of a region or an opening branch. `codes` are given by the pointers of their fields.
CREATE OR REPLACE FUNCTION hall.codes_known(codes jsonb) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE unknown text;
BEGIN
    SELECT c.key INTO unknown FROM jsonb_each_text(codes) c
     WHERE NOT EXISTS (SELECT FROM region WHERE code = c.value) AND NOT EXISTS (SELECT FROM bank_branch WHERE cnaps = c.value)
     ORDER BY c.key LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, '请从列表中重新选择。', unknown);
    END IF;
END $$;

-- Opening branches whose name has every word of the search, or that have the number searched for. When there are none, because of a
-- typing error, the branches with the most similar names. (A sample of some hundred branches is searched without an index; the whole
-- list needs one for the second part.)
CREATE OR REPLACE FUNCTION hall.bank_search(words text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    parts text[] := bank_words(words);
    found jsonb := (SELECT jsonb_agg(jsonb_build_object('cnaps', cnaps, 'name', name, 'bank', bank)) FROM bank_exact(parts));
    near bool := found IS NULL;
BEGIN
    IF near THEN
        SELECT jsonb_agg(jsonb_build_object('cnaps', cnaps, 'name', name, 'bank', bank)) INTO found FROM bank_near(parts);
    END IF;
    RETURN jsonb_build_object('banks', coalesce(found, '[]'), 'words', parts, 'near', near AND found IS NOT NULL)::text;
END $$;

CREATE OR REPLACE FUNCTION hall.bank_grams_count() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    DELETE FROM bank_gram;
    INSERT INTO bank_gram SELECT g, count(*) FROM bank_branch, unnest(grams) g WHERE offered GROUP BY g;
    ANALYZE bank_branch, bank_gram;
END $$;

-- The words of a search, in the form of the column `short`.
CREATE OR REPLACE FUNCTION hall.bank_words(typed text) RETURNS text[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    s bank_synonym;
    line text := left(lower(typed), 60);
BEGIN
    line := regexp_replace(line, '股份有限公司|有限责任公司|有限公司', '', 'g');
    line := regexp_replace(line, '[[:punct:]（）·、，。　]', ' ', 'g');
    FOR s IN SELECT * FROM bank_synonym WHERE position(word IN line) > 0 ORDER BY length(word) DESC LOOP
        line := replace(line, s.word, ' ' || s.means || ' ');
    END LOOP;
    -- Names of branches leave out the endings of place names.
    RETURN ARRAY(SELECT DISTINCT regexp_replace(w, '^(..+)[省市区县]$', '\1') FROM regexp_split_to_table(line, '\s+') w WHERE w <> '');
END $$;

-- Branches whose name has every word, or whose number begins with the search. Short names come first: a bank's main office in a place
-- before its outlets. For words that few branches have, all matches are collected and sorted; for words that most have, branches are
-- read by the length of their names until there are enough.
CREATE OR REPLACE FUNCTION hall.bank_exact(words text[]) RETURNS SETOF hall.bank_branch
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    pairs text[] := ARRAY(SELECT DISTINCT g FROM unnest(words) w, unnest(bigrams(w)) g);
    rarest int := (SELECT min(n) FROM bank_gram WHERE gram = ANY (pairs));
BEGIN
    IF cardinality(words) = 1 AND words[1] ~ '^[0-9]{3,12}$' THEN
        RETURN QUERY SELECT * FROM bank_branch WHERE offered AND cnaps LIKE words[1] || '%' ORDER BY cnaps LIMIT 20;
    ELSIF cardinality(pairs) = 0 THEN
        RETURN;
    ELSIF rarest > 20000 THEN
        RETURN QUERY SELECT * FROM bank_branch b WHERE b.offered AND b.grams @> pairs
            AND NOT EXISTS (SELECT FROM unnest(words) w WHERE position(w IN b.short) = 0)
          ORDER BY length(b.short), b.cnaps LIMIT 20;
    ELSE
        RETURN QUERY WITH found AS MATERIALIZED (SELECT * FROM bank_branch b WHERE b.offered AND b.grams @> pairs
            AND NOT EXISTS (SELECT FROM unnest(words) w WHERE position(w IN b.short) = 0))
        SELECT * FROM found f ORDER BY length(f.short), f.cnaps LIMIT 20;
    END IF;
END $$;

-- For typing errors: the branches that share the rarest pairs of characters with the search; single characters decide between equal
-- ones. Only the rarest pairs are looked up, so that some thousand names are compared instead of all.
CREATE OR REPLACE FUNCTION hall.bank_near(words text[]) RETURNS SETOF hall.bank_branch
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    letters text := array_to_string(words, '');
    known text[];
    rare text[];
    weights float8[];
    total float8 := (SELECT greatest(reltuples, 1000) FROM pg_class WHERE oid = 'hall.bank_branch'::regclass);
BEGIN
    SELECT array_agg(gram ORDER BY n, gram), array_agg(ln(total / n) + 0.1 ORDER BY n, gram),
           array_agg(gram ORDER BY n, gram) FILTER (WHERE so_far <= 3000 OR place = 1 AND n <= 20000) INTO known, weights, rare
      FROM (SELECT gram, n, sum(n) OVER r AS so_far, row_number() OVER r AS place FROM bank_gram
             WHERE gram = ANY (ARRAY(SELECT DISTINCT g FROM unnest(words) w, unnest(bigrams(w)) g)) WINDOW r AS (ORDER BY n, gram)) x;
    RETURN QUERY WITH found AS (
        SELECT b.cnaps, (SELECT sum(weights[array_position(known, g)]) FROM unnest(b.grams) g WHERE g = ANY (known))
               + 0.5 * (length(letters) - length(translate(letters, b.short, ''))) AS score
          FROM bank_branch b WHERE b.offered AND b.grams && rare)
    SELECT b.* FROM (SELECT * FROM found ORDER BY score DESC LIMIT 60) f JOIN bank_branch b USING (cnaps)
     WHERE f.score > 0.6 * (SELECT max(score) FROM found) ORDER BY f.score DESC, length(b.short), b.cnaps LIMIT 20;
END $$;

CREATE OR REPLACE FUNCTION hall.bank_import_begin() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('bank_import', 0));
    DELETE FROM bank_import;
END $$;

-- `rows`: [[line, cnaps, bank, name], …]
CREATE OR REPLACE FUNCTION hall.bank_import_add(rows jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO bank_import SELECT (r ->> 0)::int, r ->> 1, r ->> 2, r ->> 3 FROM jsonb_array_elements(rows) r;
END $$;

-- Lines whose number occurs in an earlier line.
CREATE OR REPLACE FUNCTION hall.bank_import_twice() RETURNS TABLE (line int, cnaps text, first int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT x.line, x.cnaps, x.first FROM (SELECT i.line, i.cnaps, min(i.line) OVER (PARTITION BY i.cnaps) AS first FROM bank_import i) x
     WHERE x.line > x.first ORDER BY x.line;
END $$;

CREATE OR REPLACE FUNCTION hall.bank_import_end() RETURNS TABLE (added int, changed int, gone int, offered int)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE bank_branch b SET offered = false WHERE b.offered AND NOT EXISTS (SELECT FROM bank_import i WHERE i.cnaps = b.cnaps);
    GET DIAGNOSTICS gone = ROW_COUNT;
    UPDATE bank_branch b SET (bank, name, offered) = (i.bank, i.name, true) FROM bank_import i
     WHERE i.cnaps = b.cnaps AND (i.bank, i.name, true) IS DISTINCT FROM (b.bank, b.name, b.offered);
    GET DIAGNOSTICS changed = ROW_COUNT;
    INSERT INTO bank_branch (cnaps, bank, name) SELECT i.cnaps, i.bank, i.name FROM bank_import i
     WHERE NOT EXISTS (SELECT FROM bank_branch b WHERE b.cnaps = i.cnaps) ORDER BY length(bank_short(i.name)), i.cnaps;
    GET DIAGNOSTICS added = ROW_COUNT;
    offered := (SELECT count(*) FROM bank_import);
    DELETE FROM bank_import;
    PERFORM bank_grams_count();
    RETURN NEXT;
END $$;
