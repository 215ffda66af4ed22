-- Data keys of encrypted columns, their rotation, and statistics about encrypted values.

-- The parts of these folders of keys, the active data key last.
CREATE OR REPLACE FUNCTION hall.data_keys(folders text[])
RETURNS TABLE (id int, folder text, kek int, wrapped bytea, active bool)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT k.id, p.folder, p.kek, p.wrapped, k.active FROM data_key k JOIN data_key_part p ON p.data_key = k.id
     WHERE p.folder = ANY (folders) ORDER BY k.active, k.id;
END $$;

CREATE OR REPLACE FUNCTION hall.data_key_ids() RETURNS SETOF int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT id FROM data_key ORDER BY id;
END $$;

-- The first data key of an installation.
CREATE OR REPLACE FUNCTION hall.data_key_first() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO data_key (id, active) SELECT 1, true WHERE NOT EXISTS (SELECT FROM data_key);
END $$;

-- The folder's part of a data key that does not have one yet.
CREATE OR REPLACE FUNCTION hall.data_key_part_new(which int, of_folder text, new_kek int, key_wrapped bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO data_key_part VALUES (which, of_folder, new_kek, key_wrapped);
END $$;

-- Creates the next key, unused at first; there is one rotation at a time. The job makes it active when all programs know it.
CREATE OR REPLACE FUNCTION hall.data_key_next(new_id int, wait interval) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF (SELECT count(*) FROM data_key) > 1 THEN
        PERFORM refuse(409, 'a rotation is under way: see certhall-admin keys list');
    ELSIF new_id <> data_key_free() THEN
        PERFORM refuse(409, 'this number of a key has been used');
    END IF;
    INSERT INTO data_key (id) VALUES (new_id);
    PERFORM enqueue('reencrypt', 'reencrypt/' || new_id, NULL, wait);
END $$;

CREATE OR REPLACE FUNCTION hall.data_key_free() RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(max(id), 0) + 1 FROM (SELECT id FROM data_key UNION ALL SELECT id FROM data_key_gone) used);
END $$;

-- The newest key becomes active; the others are retired.
CREATE OR REPLACE FUNCTION hall.data_key_activate() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE newest int := (SELECT max(id) FROM data_key);
BEGIN
    UPDATE data_key SET active = false, retired_at = now() WHERE active AND id <> newest;
    UPDATE data_key SET active = true WHERE id = newest AND NOT active;
END $$;

CREATE OR REPLACE FUNCTION hall.encrypted_places() RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT place FROM encrypted_column ORDER BY place;
END $$;

-- Values that are not under the active key, in the order of their rows, after the row `after` (NULL: from the first).
CREATE OR REPLACE FUNCTION hall.encrypted_old(the_place text, after uuid, most int) RETURNS TABLE ("row" uuid, value bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c encrypted_column;
BEGIN
    SELECT * INTO c FROM encrypted_column WHERE place = the_place;
    RETURN QUERY EXECUTE format(
        'SELECT %1$I, %2$I FROM hall.%3$I WHERE %4$I = (SELECT min(id) FROM hall.data_key WHERE NOT active)
            AND %1$I > coalesce($1, ''00000000-0000-0000-0000-000000000000'') ORDER BY %1$I LIMIT $2',
        c."row", c."column", c."table", c.key_column) USING after, most;
END $$;

-- Stores a re-encrypted value, unless the value has changed meanwhile.
CREATE OR REPLACE FUNCTION hall.reencrypted(the_place text, which uuid, old bytea, new bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c encrypted_column;
BEGIN
    SELECT * INTO c FROM encrypted_column WHERE place = the_place;
    EXECUTE format('UPDATE hall.%3$I SET %2$I = $3 WHERE %1$I = $1 AND %2$I = $2', c."row", c."column", c."table")
      USING which, old, new;
END $$;

-- Deletes keys that have been retired for `grace`; the foreign keys refuse that while a value still needs one. Returns how many
-- retired keys are left.
CREATE OR REPLACE FUNCTION hall.data_keys_end(grace interval) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    WITH gone AS (DELETE FROM data_key WHERE retired_at < now() - grace RETURNING id, created_at, retired_at)
    INSERT INTO data_key_gone (id, created_at, retired_at) SELECT * FROM gone;
    RETURN (SELECT count(*) FROM data_key WHERE NOT active);
END $$;

-- Stores the folder's part of a data key under another key-encryption key.
CREATE OR REPLACE FUNCTION hall.data_key_rewrapped(which int, of_folder text, old_kek int, new_kek int, key_wrapped bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE data_key_part SET (kek, wrapped) = (new_kek, key_wrapped)
     WHERE data_key = which AND folder = of_folder AND kek = old_kek;
    IF NOT FOUND THEN
        PERFORM refuse(409, 'the keys have changed meanwhile');
    END IF;
END $$;

-- The data keys, and how many values are under each.
CREATE OR REPLACE FUNCTION hall.data_key_list()
RETURNS TABLE (kind text, id int, kek text, state text, since timestamptz, place text, n bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE c encrypted_column;
BEGIN
    RETURN QUERY SELECT 'data key', k.id, (SELECT string_agg(DISTINCT p.kek::text, '+') FROM data_key_part p WHERE p.data_key = k.id),
        CASE WHEN k.active THEN 'active' WHEN k.retired_at IS NULL THEN 'coming'
        ELSE 'retired' END, coalesce(k.retired_at, k.created_at), NULL, NULL::bigint FROM data_key k ORDER BY k.id;
    RETURN QUERY SELECT 'data key', g.id, NULL, 'gone', g.gone_at, NULL, NULL::bigint FROM data_key_gone g ORDER BY g.id;
    FOR c IN SELECT * FROM encrypted_column s ORDER BY s.place LOOP
        RETURN QUERY EXECUTE format('SELECT ''values'', %1$I, NULL, NULL, NULL::timestamptz, %2$L, count(*) FROM hall.%3$I
            WHERE %1$I IS NOT NULL GROUP BY %1$I ORDER BY %1$I', c.key_column, c.place, c."table");
    END LOOP;
    RETURN QUERY SELECT 'PINs', NULL::int, p.kek::text, NULL, NULL::timestamptz, NULL, count(*) FROM (SELECT x.kek FROM pin x WHERE x.encrypted IS NOT NULL UNION ALL SELECT x.kek FROM puk x WHERE x.encrypted IS NOT NULL) p
        GROUP BY p.kek ORDER BY p.kek;
END $$;
