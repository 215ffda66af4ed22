-- The audit trail, kept by triggers, and the log that signs it.

-- The bytes of which an audit row's head is the hash; certhall-admin audit computes them again from the row.
CREATE OR REPLACE FUNCTION hall.audit_text(kind text, subject uuid, seq int, at timestamptz, actor text, op text, request text,
                                detail jsonb) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT concat_ws('|', kind, subject, seq, (extract(epoch FROM at) * 1000000)::bigint, actor, op, request, detail) $$;

CREATE OR REPLACE FUNCTION hall.audit_head(previous bytea, body text) RETURNS bytea
LANGUAGE plpgsql STABLE SET search_path = public, pg_temp AS $$
BEGIN
    RETURN digest(previous || convert_to(body, 'UTF8'), 'sm3');
END $$;

CREATE OR REPLACE FUNCTION hall.actor(c hall.caller) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(c.kind, 'owner') || ':' || coalesce(c.who::text, c.program, session_user) $$;

-- The key of an owner's commitments and words, created when it is first needed.
CREATE OR REPLACE FUNCTION hall.audit_key_of(wanted uuid) RETURNS bytea
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE found bytea := (SELECT key FROM audit_key WHERE owner = wanted);
BEGIN
    IF found IS NULL THEN
        INSERT INTO audit_key (owner) VALUES (wanted) ON CONFLICT (owner) DO UPDATE SET owner = EXCLUDED.owner RETURNING key INTO found;
    END IF;
    RETURN found;
END $$;

-- The commitment that the trail has in place of a value that it must not show. Whoever has the key and the value can show that it was
-- this value.
CREATE OR REPLACE FUNCTION hall.commitment(key bytea, what text, value text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT 'hmac:' || encode(public.hmac(convert_to(what || '=' || value, 'UTF8'), key, 'sha256'), 'hex') $$;

-- The same for a value that belongs to an order, for use in a note.
CREATE OR REPLACE FUNCTION hall.committed(owner uuid, what text, value text) RETURNS text
LANGUAGE sql AS $$ SELECT hall.commitment(hall.audit_key_of(owner), what, value) $$;

-- In PL/pgSQL, since an SQL function that cannot be inlined is planned at each call.
CREATE OR REPLACE FUNCTION hall.words_encrypt(key bytea, words jsonb, iv bytea DEFAULT public.gen_random_bytes(16)) RETURNS bytea
LANGUAGE plpgsql AS $$
BEGIN
    RETURN iv || public.encrypt_iv(convert_to(words::text, 'UTF8'), public.hmac('words', key, 'sha256'), iv, 'aes-cbc');
END $$;

CREATE OR REPLACE FUNCTION hall.words_decrypt(key bytea, words bytea) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
    SELECT convert_from(public.decrypt_iv(substr(words, 17), public.hmac('words', key, 'sha256'), substr(words, 1, 16), 'aes-cbc'), 'UTF8')::jsonb $$;

-- The changes of a row as the trail may show them (hall.audit_column): the values of a new row, or the values before and after; and
-- the words for hall.audit_words, NULL when none have changed. `before` is NULL for a new row.
CREATE OR REPLACE FUNCTION hall.changes(the_table name, owner uuid, before jsonb, after jsonb, OUT detail jsonb, OUT words jsonb)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    SELECT coalesce(jsonb_object_agg(n.key, CASE
               WHEN c.shown = 'value' THEN CASE WHEN before IS NULL THEN n.value ELSE jsonb_build_array(before -> n.key, n.value) END
               WHEN n.value = 'null' THEN n.value
               ELSE to_jsonb(commitment((SELECT audit_key_of(owner)), n.key, n.value #>> '{}')) END), '{}'),
           jsonb_object_agg(n.key, jsonb_build_array(before -> n.key, n.value)) FILTER (WHERE c.shown = 'words')
      INTO detail, words
      FROM jsonb_each(after) n LEFT JOIN audit_column c ON c."table" = the_table AND c."column" = n.key
     WHERE c.shown IS DISTINCT FROM 'nothing' AND n.value IS DISTINCT FROM coalesce(before -> n.key, 'null');
END $$;

-- A trigger function whose argument is the kind of subject. A note left by hall.note replaces the list of changes.
CREATE OR REPLACE FUNCTION hall.audited() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    c caller := caller();
    after jsonb;
    previous bytea := '';
    note text := known('note');
    owner uuid;
    told record;
    row_ audit;
BEGIN
    NEW.audit_seq := 1;
    IF TG_OP = 'UPDATE' THEN
        previous := OLD.audit_head;
        NEW.audit_seq := OLD.audit_seq + 1;
    END IF;
    row_ := (0, TG_ARGV[0], NEW.id, NEW.audit_seq, clock_timestamp(), actor(c), coalesce(c.op, TG_OP), coalesce(c.request, ''), note::jsonb, '');
    IF note IS NULL THEN
        after := to_jsonb(NEW);
        owner := coalesce((after ->> 'order_id')::uuid, NEW.id);
        told := changes(TG_TABLE_NAME, owner, CASE WHEN TG_OP = 'UPDATE' THEN to_jsonb(OLD) END, after);
        row_.detail := told.detail;
        IF told.words IS NOT NULL THEN
            INSERT INTO audit_words (subject, seq, owner, words)
            VALUES (NEW.id, NEW.audit_seq, owner, words_encrypt(audit_key_of(owner), told.words));
        END IF;
    END IF;
    row_.head := audit_head(previous, audit_text(row_.kind, row_.subject, row_.seq, row_.at, row_.actor, row_.op, row_.request, row_.detail));
    NEW.audit_head := row_.head;
    INSERT INTO audit (kind, subject, seq, at, actor, op, request, detail, head)
    VALUES (row_.kind, row_.subject, row_.seq, row_.at, row_.actor, row_.op, row_.request, row_.detail, row_.head);
    RETURN NEW;
END $$;

-- Destroys an order's words in the trail, and the key with which its commitments could be checked.
CREATE OR REPLACE FUNCTION hall.audit_forget(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    DELETE FROM audit_words WHERE owner = wanted;
    DELETE FROM audit_key WHERE owner = wanted;
END $$;

-- Notes an event of subjects that changes none of their columns, such as a reading or a refusal.
CREATE OR REPLACE FUNCTION hall.note_all(kind text, subjects uuid[], detail jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM keep('note', detail::text);
    IF kind = 'order' THEN -- nearly all of them: planned once, unlike what EXECUTE is given
        UPDATE orders SET audit_seq = audit_seq WHERE id = ANY (subjects);
    ELSE
        EXECUTE format('UPDATE hall.%I SET audit_seq = audit_seq WHERE id = ANY ($1)', kind) USING subjects;
    END IF;
    PERFORM keep('note', NULL);
END $$;

CREATE OR REPLACE FUNCTION hall.note(kind text, subject uuid, detail jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM note_all(kind, ARRAY[subject], detail);
END $$;

-- Whose rows are the trail of an order: its own, its certificates' and its seals'.
CREATE OR REPLACE FUNCTION hall.trail_subjects(wanted uuid) RETURNS uuid[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN ARRAY(SELECT wanted UNION ALL SELECT c.id FROM certificate c WHERE c.order_id = wanted
                 UNION ALL SELECT s.id FROM seal s WHERE s.order_id = wanted);
END $$;

-- The trail of one subject, of the order with a number, or of all; newest first.
CREATE OR REPLACE FUNCTION hall.audit_rows(wanted uuid, of_order text, after text, page_size int) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan AS $$
DECLARE
    keys text[] := cursor_keys(after, 'timestamptz', 'bigint');
    after_at timestamptz := coalesce(keys[1], 'infinity');
    after_id bigint := keys[2];
    subjects uuid[] := CASE WHEN of_order IS NULL THEN ARRAY[wanted] ELSE (SELECT trail_subjects(o.id) FROM orders o WHERE o.number = of_order) END;
    whole bool := wanted IS NULL AND of_order IS NULL;
    found int := CASE WHEN after IS NULL THEN (SELECT count(*) FROM (
        SELECT FROM audit a WHERE (whole OR a.subject = ANY (subjects)) AND my_kind() = 'staff' LIMIT count_most()) x) END;
BEGIN
    RETURN (SELECT page(jsonb_agg(jsonb_build_object('id', a.id, 'kind', a.kind, 'subject', a.subject, 'seq', a.seq,
            'at', iso(a.at), 'actor', a.actor, 'op', a.op, 'action', a.op, 'request', a.request, 'detail', a.detail,
            'words', (SELECT words_decrypt(k.key, w.words) FROM audit_words w JOIN audit_key k USING (owner)
                       WHERE w.subject = a.subject AND w.seq = a.seq),
            'head', encode(a.head, 'hex')) ORDER BY a.at DESC, a.id DESC),
        array_agg(cursor_of(a.at::text, a.id::text) ORDER BY a.at DESC, a.id DESC), page_size, after, found)
      FROM (SELECT * FROM audit WHERE (whole OR subject = ANY (subjects)) AND my_kind() = 'staff' AND at <= after_at
               AND (after IS NULL OR (at, id) < (after_at, after_id)) ORDER BY at DESC, id DESC LIMIT page_size + 1) a)::text;
END $$;

-- Chains a new row to the last row of its subject, and queues it for the signed log.
CREATE OR REPLACE FUNCTION hall.audit_chained() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NEW.seq = 1 THEN
        INSERT INTO audit_chain VALUES (NEW.subject, 1, NEW.head) ON CONFLICT DO NOTHING;
    ELSE
        UPDATE audit_chain SET seq = NEW.seq, head = NEW.head WHERE subject = NEW.subject AND seq = NEW.seq - 1;
    END IF;
    IF NOT FOUND THEN
        RAISE unique_violation USING MESSAGE = format('row %s of %s is not the next of its chain', NEW.seq, NEW.subject);
    END IF;
    INSERT INTO log_waiting VALUES (NEW.id, NEW.at);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER audit_chained AFTER INSERT ON hall.audit FOR EACH ROW EXECUTE FUNCTION hall.audit_chained();

-- A signed row cannot be deleted while its leaf is there; a month is taken away as a whole (hall.month_detach).
CREATE OR REPLACE FUNCTION hall.audit_stays() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF EXISTS (SELECT FROM log_leaf WHERE audit_id = OLD.id) THEN
        RAISE foreign_key_violation USING MESSAGE = format('row %s is in the signed log', OLD.id);
    END IF;
    DELETE FROM log_waiting WHERE audit_id = OLD.id;
    RETURN OLD;
END $$;
CREATE OR REPLACE TRIGGER audit_stays BEFORE DELETE ON hall.audit FOR EACH ROW EXECUTE FUNCTION hall.audit_stays();

-- Rows that are in no signed batch yet, oldest first.
CREATE OR REPLACE FUNCTION hall.audit_unsigned(most int) RETURNS TABLE (id bigint, head bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT w.audit_id, a.head FROM (SELECT * FROM log_waiting ORDER BY audit_id LIMIT most) w
        CROSS JOIN LATERAL (SELECT x.head FROM audit x WHERE x.at = w.at AND x.id = w.audit_id LIMIT 1) a -- row by row, since only few wait
        ORDER BY w.audit_id;
END $$;

-- Stores the rows that became leaves, the tree after them, and its signed root.
CREATE OR REPLACE FUNCTION hall.audit_signed(first_leaf bigint, ids bigint[], hashes text[], new_root bytea, signed bytea, new_peaks bytea)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE new_size bigint := first_leaf + cardinality(ids);
BEGIN
    INSERT INTO log_leaf (leaf, audit_id, hash, at)
    SELECT first_leaf + n - 1, i, decode(h, 'hex'), coalesce(w.at, now())
      FROM unnest(ids, hashes) WITH ORDINALITY AS u(i, h, n) LEFT JOIN log_waiting w ON w.audit_id = i;
    DELETE FROM log_waiting WHERE audit_id = ANY (ids);
    INSERT INTO log_head (size, root, signature) VALUES (new_size, new_root, signed);
    INSERT INTO log_tree (size, peaks) VALUES (new_size, new_peaks)
    ON CONFLICT (one) DO UPDATE SET (size, peaks) = (EXCLUDED.size, EXCLUDED.peaks);
END $$;

-- The tree as it was last stored, and its signed root.
CREATE OR REPLACE FUNCTION hall.log_kept() RETURNS TABLE (size bigint, peaks bytea, root bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT t.size, t.peaks, h.root FROM log_tree t JOIN log_head h USING (size);
END $$;

-- Leaves from an index on.
CREATE OR REPLACE FUNCTION hall.log_hashes(since bigint, most int) RETURNS TABLE (leaf bigint, hash bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT l.leaf, l.hash FROM log_leaf l WHERE l.leaf >= since ORDER BY l.leaf LIMIT most;
END $$;

-- ---- proofs of single rows ----

-- How many subtrees of a level are kept: the first so many.
CREATE OR REPLACE FUNCTION hall.log_node_count(of_level int) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(max(at) + 1, 0) FROM log_node WHERE level = of_level);
END $$;

-- What the next subtrees of a level are made of, in order: the leaves, or the subtrees of the level below, that are in no kept one yet.
CREATE OR REPLACE FUNCTION hall.log_children(of_level int, most int) RETURNS TABLE (at bigint, hash bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
#variable_conflict use_column
DECLARE since bigint := log_node_count(of_level) * 256;
BEGIN
    IF of_level = 8 THEN
        RETURN QUERY SELECT l.leaf, l.hash FROM log_leaf l WHERE l.leaf >= since ORDER BY l.leaf LIMIT most;
    ELSE
        RETURN QUERY SELECT n.at, n.hash FROM log_node n WHERE n.level = of_level - 8 AND n.at >= since ORDER BY n.at LIMIT most;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.log_node_add(of_level int, first_at bigint, hashes text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO log_node (level, at, hash)
    SELECT of_level, first_at + n - 1, decode(h, 'hex') FROM unnest(hashes) WITH ORDINALITY AS u(h, n)
    ON CONFLICT DO NOTHING;
END $$;

-- The newest signed head whose proofs can be made: every complete subtree that it has is kept.
CREATE OR REPLACE FUNCTION hall.log_proved_head() RETURNS hall.log_head
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT h FROM log_head h WHERE h.size < (log_node_count(8) + 1) * 256 ORDER BY h.size DESC LIMIT 1);
END $$;

-- Hashes of the tree by groups of 256 that belong to one subtree of the next level, one after the other: group 0 of level 0 has the first
-- 256 leaves.
CREATE OR REPLACE FUNCTION hall.log_groups(levels int[], groups bigint[]) RETURNS TABLE (level int, "group" bigint, hashes bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY SELECT w.level, w."group", h.hashes
      FROM unnest(levels, groups) AS w(level, "group"), LATERAL (
        SELECT string_agg(x.hash, '' ORDER BY x.at) AS hashes FROM (
            SELECT l.leaf AS at, l.hash FROM log_leaf l
             WHERE w.level = 0 AND l.leaf >= w."group" * 256 AND l.leaf < (w."group" + 1) * 256
            UNION ALL
            SELECT n.at, n.hash FROM log_node n
             WHERE n.level = w.level AND n.at >= w."group" * 256 AND n.at < (w."group" + 1) * 256) x) h
     WHERE h.hashes IS NOT NULL;
END $$;

-- The rows of the trail of an order, of its certificates and of its seals, as digests with their place in the log, and the head up to which
-- they go. Of what `teller` did (NULL: of all) the row's text is told as well, so that its digest can be computed again.
CREATE OR REPLACE FUNCTION hall.receipt_rows(o hall.orders, teller text)
RETURNS TABLE (number text, size bigint, root bytea, signature bytea, signed_at text, subject uuid, seq int, leaf bigint, head bytea, body text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
#variable_conflict use_column
DECLARE l log_head := log_proved_head();
BEGIN
    RETURN QUERY SELECT o.number, l.size, l.root, l.signature, iso(l.at), a.subject, a.seq, f.leaf, a.head,
           CASE WHEN teller IS NULL OR a.actor = teller THEN audit_text(a.kind, a.subject, a.seq, a.at, a.actor, a.op, a.request, a.detail) END
      FROM unnest(trail_subjects(o.id)) AS s(id) JOIN audit a ON a.subject = s.id JOIN log_leaf f ON f.audit_id = a.id AND f.leaf < l.size
     ORDER BY f.leaf;
END $$;

-- Those for a caller whose order this is, with the texts of what the caller did.
CREATE OR REPLACE FUNCTION hall.receipt_of(o hall.orders)
RETURNS TABLE (number text, size bigint, root bytea, signature bytea, signed_at text, subject uuid, seq int, leaf bigint, head bytea, body text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT * FROM receipt_rows(o, actor(caller()));
    IF NOT FOUND THEN
        PERFORM refuse(409, '办理记录还没有写入签名日志，请稍后再下载回执。');
    END IF;
END $$;

-- The applicant's.
CREATE OR REPLACE FUNCTION hall.my_receipt(wanted uuid)
RETURNS TABLE (number text, size bigint, root bytea, signature bytea, signed_at text, subject uuid, seq int, leaf bigint, head bytea, body text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT * FROM receipt_of(order_mine(wanted));
END $$;

-- The platform's, of an order of its project that was handed in.
CREATE OR REPLACE FUNCTION hall.partner_receipt(wanted text)
RETURNS TABLE (number text, size bigint, root bytea, signature bytea, signed_at text, subject uuid, seq int, leaf bigint, head bytea, body text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders x WHERE x.number = wanted AND x.project = my_project() AND my_kind() = 'partner' AND was_handed_in(x);
    IF NOT FOUND THEN
        PERFORM refuse(404, '本项目没有这个业务单。');
    END IF;
    RETURN QUERY SELECT * FROM receipt_of(o);
END $$;

-- Whether this head with this signature is on record.
CREATE OR REPLACE FUNCTION hall.log_head_ours(wanted bigint, of_root bytea, signed bytea) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM log_head h WHERE h.size = wanted AND h.root = of_root AND h.signature = signed);
END $$;

-- ---- for the verifier, a page at a time ----
-- Each page is planned for where it begins; to compile its plan, with an access path for every month, would take longer than the page.

-- How much the verifier has to read: the number of rows of the trail that have leaves and are here, and the size of the newest signed
-- head.
CREATE OR REPLACE FUNCTION hall.audit_size() RETURNS TABLE (rows_ bigint, leaves bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT h.size - (SELECT coalesce(sum(g.n), 0)::bigint FROM month_gone g WHERE g.tbl = 'audit'), h.size
      FROM (SELECT coalesce(max(size), 0) AS size FROM log_head) h;
END $$;

-- The rows of the trail after a given one, by subject and number, with the last row of each subject's chain and the row where its
-- trail begins. A subject without rows is returned without a number. A page has about `most` rows: rows of one place stay together,
-- and there may be as many subjects without rows.
CREATE OR REPLACE FUNCTION hall.audit_page(after_subject uuid, after_seq int, most int) RETURNS TABLE (subject uuid, seq int, body text,
    head bytea, current_seq int, current_head bytea, begins_seq int, begins_head bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY WITH trail AS MATERIALIZED (
        SELECT * FROM audit a WHERE after_subject IS NULL OR (a.subject, a.seq) > (after_subject, after_seq)
         ORDER BY a.subject, a.seq FETCH FIRST most ROWS WITH TIES),
    subjects AS MATERIALIZED (
        SELECT id, audit_seq, audit_head FROM (
            SELECT id, audit_seq, audit_head FROM orders UNION ALL SELECT id, audit_seq, audit_head FROM account
            UNION ALL SELECT id, audit_seq, audit_head FROM staff UNION ALL SELECT id, audit_seq, audit_head FROM project
            UNION ALL SELECT id, audit_seq, audit_head FROM certificate
            UNION ALL SELECT id, audit_seq, audit_head FROM seal) s
         WHERE (after_subject IS NULL OR id >= after_subject)
           AND id <= (SELECT coalesce((array_agg(subject ORDER BY subject))[most], 'ffffffff-ffff-ffff-ffff-ffffffffffff') FROM trail)
         ORDER BY id LIMIT most + 1)
    SELECT coalesce(a.subject, s.id), a.seq, audit_text(a.kind, a.subject, a.seq, a.at, a.actor, a.op, a.request, a.detail), a.head,
           s.audit_seq, s.audit_head, b.seq, b.head
      FROM trail a FULL JOIN subjects s ON s.id = a.subject LEFT JOIN audit_begins b ON b.subject = coalesce(a.subject, s.id)
     WHERE coalesce(a.subject, s.id) <= (SELECT coalesce((array_agg(id ORDER BY id))[most + 1], 'ffffffff-ffff-ffff-ffff-ffffffffffff') FROM subjects)
       AND (a.subject IS NOT NULL OR after_subject IS NULL OR s.id > after_subject)
     ORDER BY coalesce(a.subject, s.id), a.seq, a.at, a.id;
END $$;

-- The leaves after a given one, each with the head of its row: NULL when its month was taken away; `lost` when the row is missing
-- otherwise. A row is looked for where its leaf says and, in case somebody has moved it, everywhere else.
CREATE OR REPLACE FUNCTION hall.log_leaves(after bigint, most int) RETURNS TABLE (leaf bigint, hash bytea, head bytea, lost bool)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp SET plan_cache_mode = force_custom_plan SET jit = off AS $$
DECLARE gone_before timestamptz := (SELECT month_begins((max(month) + interval '1 month')::date) FROM month_gone WHERE tbl = 'audit');
BEGIN
    RETURN QUERY SELECT l.leaf, l.hash, r.head, r.head IS NULL AND NOT r.gone
      FROM (SELECT * FROM log_leaf x WHERE x.leaf > after ORDER BY x.leaf LIMIT most) l
      CROSS JOIN LATERAL (SELECT -- row by row, since a page's rows are in one or two months
          coalesce((SELECT a.head FROM audit a WHERE a.at = l.at AND a.id = l.audit_id),
                   CASE WHEN (l.at < gone_before) IS NOT TRUE THEN (SELECT a.head FROM audit a WHERE a.id = l.audit_id LIMIT 1) END) AS head,
          coalesce(l.at < gone_before, false) AS gone) r
     ORDER BY l.leaf;
END $$;

-- The signed heads of the audit log after a given size.
CREATE OR REPLACE FUNCTION hall.log_heads(after bigint, most int) RETURNS TABLE (size bigint, root bytea, signature bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT h.size, h.root, h.signature FROM log_head h WHERE h.size > after ORDER BY h.size LIMIT most;
END $$;

-- PostgreSQL calls the triggers of a table in the order of their names. These triggers must be the last, since they hash the row as
-- it will be stored.
CREATE OR REPLACE TRIGGER z_audited BEFORE INSERT OR UPDATE ON hall.account
    FOR EACH ROW EXECUTE FUNCTION hall.audited('account');
CREATE OR REPLACE TRIGGER z_audited BEFORE INSERT OR UPDATE ON hall.staff
    FOR EACH ROW EXECUTE FUNCTION hall.audited('staff');
CREATE OR REPLACE TRIGGER z_audited BEFORE INSERT OR UPDATE ON hall.project
    FOR EACH ROW EXECUTE FUNCTION hall.audited('project');
CREATE OR REPLACE TRIGGER z_audited BEFORE INSERT OR UPDATE ON hall.orders
    FOR EACH ROW EXECUTE FUNCTION hall.audited('order');
CREATE OR REPLACE TRIGGER z_audited BEFORE INSERT OR UPDATE ON hall.certificate
    FOR EACH ROW EXECUTE FUNCTION hall.audited('certificate');
CREATE OR REPLACE TRIGGER z_audited BEFORE INSERT OR UPDATE ON hall.seal FOR EACH ROW EXECUTE FUNCTION hall.audited('seal');
