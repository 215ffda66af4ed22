-- Uploaded papers, their checks, and the automatic reading of the licence.

-- Whether an order needs a paper once for each item. A renewal of several certificates does if it is of the persons that they are for.
CREATE OR REPLACE FUNCTION hall.paper_per_item(o hall.orders, m hall.project_paper) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN m.per_item OR (o.replaces IS NOT NULL AND m.cert_types IS NOT NULL AND NOT m.of_form
        AND EXISTS (SELECT FROM order_item i WHERE i.order_id = o.id)
        AND NOT EXISTS (SELECT FROM project_type t WHERE t.project = m.project AND t.cert_type = ANY (m.cert_types) AND t.person <> 'holder'));
END $$;

-- The papers that an order requires, in their order. A paper that is required for each item has a slot for each item of its types:
-- its code ends in the item's number, and its name says whose it is.
CREATE OR REPLACE FUNCTION hall.papers_wanted(o hall.orders) RETURNS SETOF hall.project_paper
LANGUAGE plpgsql STABLE ROWS 5 SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    all_ order_item[] := items_of(o);
    i order_item;
    m project_paper;
    slot project_paper;
    nth int;
BEGIN
    FOR m IN SELECT * FROM project_paper p WHERE p.project = o.project AND (o.seal_wanted OR NOT p.with_seal)
              AND (p.businesses IS NULL OR o.business = ANY (p.businesses)) AND (p.changes IS NULL OR p.changes && o.changes) ORDER BY p.pos LOOP
        nth := 0;
        m.per_item := paper_per_item(o, m);
        FOREACH i IN ARRAY all_ LOOP
            CONTINUE WHEN m.cert_types IS NOT NULL AND i.cert_type <> ALL (m.cert_types);
            nth := nth + 1;
            IF m.per_item THEN
                slot := m;
                slot.code := m.code || '-' || i.item; slot.name := format('%s（%s. %s）', m.name, nth, i.subject);
                RETURN NEXT slot;
            END IF;
        END LOOP;
        IF NOT m.per_item AND (nth > 0 OR m.cert_types IS NULL) THEN
            RETURN NEXT m;
        END IF;
    END LOOP;
END $$;

-- The slot for a paper of that code (and of that type, if known) in an order as it is now; refused when no such paper may be
-- uploaded.
CREATE OR REPLACE FUNCTION hall.paper_place(o hall.orders, wanted_code text, type text DEFAULT NULL) RETURNS hall.project_paper
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE slot project_paper;
BEGIN
    IF NOT (state_of(o)).editable THEN
        PERFORM refuse(409, '业务单已提交，资料不能再更改。');
    END IF;
    SELECT * INTO slot FROM papers_wanted(o) m WHERE m.code = wanted_code;
    IF NOT FOUND THEN
        PERFORM refuse(404, '这个业务单不需要此项资料。');
    ELSIF slot.template = 'annex' AND NOT o.annex_printed THEN
        PERFORM refuse(409, '请先打印证书附页，签字盖章后再上传扫描件。', '/print');
    ELSIF slot.of_form AND NOT o.printed THEN
        PERFORM refuse(409, '请先打印申请表，签字盖章后再上传扫描件。', '/print');
    ELSIF NOT split_part(type, '/', 2) = ANY (slot.formats) THEN
        PERFORM refuse(415, format('“%s”只接受 %s 格式的文件。', slot.name, array_to_string(slot.formats, '、')));
    END IF;
    RETURN slot;
END $$;

-- The order whose papers are meant: the caller's own, or with a link (`wanted` is NULL then) the one that the link is for.
CREATE OR REPLACE FUNCTION hall.paper_order(wanted uuid) RETURNS hall.orders
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    IF wanted IS NOT NULL THEN
        RETURN order_mine(wanted);
    END IF;
    SELECT * INTO o FROM orders x WHERE x.id = me() AND x.project = my_project() AND my_kind() = 'link' AND 'papers' = ANY (my_roles());
    IF NOT FOUND THEN
        PERFORM refuse(410, '上传链接已失效，请在电脑上重新生成二维码。');
    END IF;
    RETURN o;
END $$;

-- The same, locked.
CREATE OR REPLACE FUNCTION hall.paper_order_locked(wanted uuid) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF wanted IS NOT NULL THEN
        RETURN my_order(wanted);
    END IF;
    PERFORM FROM orders WHERE id = me() AND my_kind() = 'link' FOR NO KEY UPDATE;
    RETURN paper_order(wanted);
END $$;

-- A check before the file is stored. Nothing is locked; hall.paper_put checks again under the lock.
CREATE OR REPLACE FUNCTION hall.paper_slot(wanted uuid, wanted_code text, type text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM paper_place(paper_order(wanted), wanted_code, type);
END $$;

-- Counts an upload, and refuses it when there were too many files or bytes on this day. The row is locked until the end of the
-- transaction, so that uploads at the same time are counted one after the other; what is refused is not counted.
CREATE OR REPLACE FUNCTION hall.upload_counted(what text, whose text, size bigint, most_files int, most_mb int, sentence text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE so_far upload_count;
BEGIN
    INSERT INTO upload_count AS c (kind, who, bytes) VALUES (what, whose, size)
    ON CONFLICT (kind, who, day) DO UPDATE SET files = c.files + 1, bytes = c.bytes + size RETURNING * INTO so_far;
    IF so_far.files > most_files OR so_far.bytes > most_mb * 1048576::bigint THEN
        PERFORM refuse(429, sentence);
    END IF;
END $$;

-- Whether the caller may upload another file of that size today. The order is counted first, then the account, then the address, in
-- every transaction, so that none waits for another in a circle.
CREATE OR REPLACE FUNCTION hall.upload_admit(wanted uuid, size int, order_files int, order_mb int, account_files int, account_mb int,
                                             address_files int, address_mb int) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := paper_order(wanted);
BEGIN
    PERFORM upload_counted('order', o.id::text, size, order_files, order_mb, '这个业务单今天上传的文件过多，请明天再试。');
    PERFORM upload_counted('account', o.account::text, size, account_files, account_mb, '您今天上传的文件过多，请明天再试。');
    PERFORM upload_counted('address', coalesce(hall.network((caller()).address), ''), size, address_files, address_mb,
                           '您所在的网络今天上传的文件过多，请明天再试。');
END $$;

-- A file is stored before its row, and the sweep deletes files without a row (hall.store_unknown). The sweep waits at least an hour
-- (programs/runner/store.c), whereas a row is written within half an hour or not at all. The id (UUIDv7) has the time at which the
-- file was stored.
CREATE OR REPLACE FUNCTION hall.file_in_time(id uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF (('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint) < extract(epoch FROM clock_timestamp()) * 1000 - 1800000 THEN
        PERFORM refuse(409, '上传用时过长，文件没有保存，请重新上传。');
    END IF;
END $$;

-- The number that a new sheet of a slot gets; `asked` as in hall.paper_put. A PDF has all sheets, so that it stands alone.
CREATE OR REPLACE FUNCTION hall.paper_sheet(wanted uuid, slot hall.project_paper, type text, asked int) RETURNS int
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    taken int[] := ARRAY(SELECT m.sheet FROM paper m WHERE m.order_id = wanted AND m.code = slot.code AND m.state NOT IN ('replaced', 'stale'));
    pdf bool := EXISTS (SELECT FROM paper m WHERE m.order_id = wanted AND m.code = slot.code AND m.state NOT IN ('replaced', 'stale') AND m.mime = 'application/pdf');
    free int := (SELECT min(n) FROM generate_series(1, slot.sheets) n WHERE n <> ALL (taken));
BEGIN
    IF type = 'application/pdf' OR slot.sheets = 1 THEN
        RETURN 1;
    ELSIF pdf AND asked <> 1 THEN
        PERFORM refuse(409, format('“%s”已上传 PDF 文件，其中包含全部页面。要改为逐张上传图片，请先删除这个文件。', slot.name));
    ELSIF asked = 0 AND free IS NULL OR asked > slot.sheets THEN
        PERFORM refuse(409, format('“%s”最多上传 %s 张，请更换或删除已上传的图片。', slot.name, slot.sheets));
    END IF;
    RETURN CASE WHEN asked = 0 THEN free ELSE asked END;
END $$;

-- `asked`: the number of the sheet, or 0 for the first that is free. Returns the number. Whatever is uploaded answers a rejection of
-- the slot, and takes the place of sheets that a change of the form has made stale.
CREATE OR REPLACE FUNCTION hall.paper_put(new_id uuid, wanted uuid, wanted_code text, name text, type text, size int, hash bytea,
                                  encrypted_key bytea, asked int DEFAULT 1) RETURNS int
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := paper_order_locked(wanted);
    slot project_paper := paper_place(o, wanted_code, type);
    number int := paper_sheet(o.id, slot, type, asked);
BEGIN
    PERFORM file_in_time(new_id);
    UPDATE paper SET state = 'replaced' WHERE order_id = o.id AND code = wanted_code
       AND (state = 'stale' OR state <> 'replaced' AND (sheet = number OR type = 'application/pdf' OR slot.sheets = 1));
    UPDATE paper SET state = 'ok', reason = NULL WHERE order_id = o.id AND code = wanted_code AND state = 'rejected';
    INSERT INTO paper (id, order_id, code, sheet, file_name, mime, bytes, sha256, file_key)
    VALUES (new_id, o.id, wanted_code, number, name, type, size, hash, encrypted_key);
    PERFORM note('order', o.id, jsonb_build_object('paper', wanted_code, 'sheet', number, 'id', new_id, 'sha256', committed(o.id, 'sha256', encode(hash, 'hex'))));
    RETURN number;
END $$;

-- Nobody reads the file of a paper that was replaced or deleted: its key goes at once, and the file with the next jobs. What the trail
-- says of it stays.
CREATE OR REPLACE FUNCTION hall.paper_replaced() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    NEW.file_key := '';
    PERFORM enqueue('file_gone', 'file_gone/' || NEW.id, NEW.id);
    RETURN NEW;
END $$;
CREATE OR REPLACE TRIGGER paper_replaced BEFORE UPDATE OF state ON hall.paper FOR EACH ROW
    WHEN (NEW.state = 'replaced' AND OLD.state <> 'replaced') EXECUTE FUNCTION hall.paper_replaced();

CREATE OR REPLACE FUNCTION hall.paper_delete(wanted uuid, wanted_code text, wanted_sheet int DEFAULT 1) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := paper_order_locked(wanted);
BEGIN
    PERFORM paper_place(o, wanted_code);
    UPDATE paper SET state = 'replaced' WHERE order_id = o.id AND code = wanted_code AND sheet = wanted_sheet AND state <> 'replaced';
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这份资料。');
    END IF;
    PERFORM note('order', o.id, jsonb_build_object('paper', wanted_code, 'sheet', wanted_sheet, 'deleted', true));
END $$;

-- A paper of the caller's own order.
CREATE OR REPLACE FUNCTION hall.paper_view(wanted uuid, wanted_code text, wanted_sheet int DEFAULT 1)
RETURNS TABLE (id uuid, mime text, file_name text, file_key bytea, bytes int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT m.id, m.mime, m.file_name, m.file_key, m.bytes FROM paper m JOIN orders o ON o.id = m.order_id
     WHERE o.id = wanted AND m.code = wanted_code AND m.sheet = wanted_sheet AND m.state <> 'replaced' AND o.account = me()
       AND o.project = my_project() AND my_kind() = 'account';
END $$;

CREATE OR REPLACE FUNCTION hall.licence_uploaded() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO licence_check (paper_id, order_id) VALUES (NEW.id, NEW.order_id);
    PERFORM enqueue('licence', 'licence/' || NEW.id, NEW.id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER licence_uploaded AFTER INSERT ON hall.paper FOR EACH ROW WHEN (NEW.code = 'licence')
    EXECUTE FUNCTION hall.licence_uploaded();

-- The form may have changed since, so licence and ID cards are compared again whenever the form is submitted and when it is complete.
CREATE OR REPLACE FUNCTION hall.licence_again(o hall.orders) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enqueue('licence', 'licence/' || m.id || '/' || o.version, m.id) FROM paper m
      WHERE m.order_id = o.id AND m.code = 'licence' AND m.state <> 'replaced';
    PERFORM enqueue('card', 'card/' || m.id || '/' || o.version, m.id) FROM paper m JOIN paper_check c ON c.paper_id = m.id
      WHERE m.order_id = o.id AND m.state <> 'replaced' AND c.card IS NOT NULL;
END $$;

CREATE OR REPLACE FUNCTION hall.licence_work(wanted uuid)
RETURNS TABLE (order_id uuid, form bytea, mime text, file_key bytea, seen bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.id, o.form, m.mime, m.file_key, c.seen
      FROM licence_check c JOIN paper m ON m.id = c.paper_id JOIN orders o ON o.id = c.order_id
     WHERE c.paper_id = wanted AND m.state <> 'replaced' AND o.form IS NOT NULL;
END $$;

CREATE OR REPLACE FUNCTION hall.licence_checked(wanted uuid, what bytea, outcome text, which text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE licence_check SET seen = coalesce(what, seen), state = outcome, fields = which, checked_at = now()
     WHERE paper_id = wanted;
END $$;

-- The result of the check as people read it; NULL when there is none.
CREATE OR REPLACE FUNCTION hall.licence_json(c hall.licence_check) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.paper_id IS NOT NULL THEN jsonb_build_object('state', c.state, 'fields', c.fields, 'text', CASE c.state
        WHEN 'queued' THEN '正在识别证照…'
        WHEN 'agrees' THEN '证照内容与申请表一致。'
        WHEN 'other' THEN '没有在图片中识别到营业执照。请核对是否选错了文件；确为营业执照的，请把原件平放、拍摄完整清晰后重新上传。'
        WHEN 'unreadable' THEN '未能自动识别证照，将由审核人员人工核对；如图片模糊，建议重新上传。'
        ELSE format('证照内容与申请表不一致：%s。请核对申请表或更换证照；确认无误也可继续提交。', concat_ws('、', CASE WHEN 'unit_name' = ANY (c.fields) THEN '单位名称' END,
                CASE WHEN 'unit_code' = ANY (c.fields) THEN '证件号码' END,
                CASE WHEN 'legal_name' = ANY (c.fields) THEN '法定代表人' END)) END) END $$;

-- The row of the project's papers that a slot comes from.
CREATE OR REPLACE FUNCTION hall.paper_rule(o hall.orders, slot text) RETURNS SETOF hall.project_paper
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE m project_paper;
BEGIN
    FOR m IN SELECT * FROM project_paper p WHERE p.project = o.project AND (p.businesses IS NULL OR o.business = ANY (p.businesses))
              AND starts_with(slot, p.code) LOOP
        m.per_item := paper_per_item(o, m);
        IF slot = m.code AND NOT m.per_item OR m.per_item AND slot ~ ('^' || m.code || '-[0-9]+$') THEN
            RETURN NEXT m;
        END IF;
    END LOOP;
END $$;

-- Whether a copy of an earlier order's paper no longer fits: it shows a person whose data in the form are others now.
CREATE OR REPLACE FUNCTION hall.paper_outdated(o hall.orders, slot hall.project_paper, new_marks jsonb) RETURNS bool
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN slot.code = 'licence' OR hall.paper_person(slot) = 'legal' THEN hall.form_changed(o, new_marks, 'legal')
                ELSE hall.form_changed(o, new_marks, 'phone') END $$;

-- Marks papers that a change of the form makes stale: scans of what the hall printed, and copies.
CREATE OR REPLACE FUNCTION hall.papers_stale(o hall.orders, new_marks jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE paper m SET state = 'stale', reason = CASE WHEN m.carried IS NULL THEN '申请信息已更改，请重新打印、签字盖章后上传'
                                                   ELSE '有关信息已更改，请上传新的资料' END
     WHERE m.order_id = o.id AND m.state IN ('ok', 'rejected')
       AND EXISTS (SELECT FROM paper_rule(o, m.code) s
                    WHERE (s.of_form AND form_changed(o, new_marks, 'print'))
                       OR (m.carried IS NOT NULL AND paper_outdated(o, s, new_marks))
                       OR (s.template = 'collection' AND form_changed(o, new_marks, 'sealpicture')));
END $$;

-- Papers follow their persons when items are renumbered; papers of persons who were removed are deleted. It takes two steps, since
-- two papers must not have the same code even for a moment.
CREATE OR REPLACE FUNCTION hall.item_papers_follow(o hall.orders, asked jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    WITH was AS (SELECT item, who, row_number() OVER (PARTITION BY who ORDER BY item) AS nth
                   FROM (SELECT item, coalesce(encode(holder_hash, 'hex'), cert_type) FROM order_item
                          WHERE order_id = o.id) x(item, who)),
    becomes AS (SELECT item, who, row_number() OVER (PARTITION BY who ORDER BY item) AS nth
                  FROM (SELECT item, coalesce(encode(holder_hash, 'hex'), cert_type) FROM items_asked(asked)) x(item, who)),
    moved AS (SELECT m.id, s.code || '-~' || n.item AS code FROM paper m CROSS JOIN paper_rule(o, m.code) s
                JOIN was w ON m.code = s.code || '-' || w.item
                LEFT JOIN becomes n USING (who, nth)
               WHERE m.order_id = o.id AND m.state <> 'replaced' AND s.per_item AND n.item IS DISTINCT FROM w.item)
    UPDATE paper m SET code = coalesce(v.code, m.code), state = CASE WHEN v.code IS NULL THEN 'replaced' ELSE m.state END
      FROM moved v WHERE v.id = m.id;
    UPDATE paper SET code = replace(code, '-~', '-') WHERE order_id = o.id AND state <> 'replaced' AND code LIKE '%-~%';
END $$;

-- The annex was printed as it is now.
CREATE OR REPLACE FUNCTION hall.annex_printed(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted);
BEGIN
    IF NOT o.form_complete THEN
        PERFORM refuse(409, '请先把申请信息填写完整，再打印证书附页。');
    END IF;
    UPDATE orders SET annex_printed = true WHERE id = wanted AND NOT annex_printed;
END $$;

-- What the project calls the seal collection form, once everything that it is drawn from is there; NULL: the order needs none.
CREATE OR REPLACE FUNCTION hall.collection_name(wanted uuid) RETURNS text
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted);
BEGIN
    IF NOT o.form_complete THEN
        PERFORM refuse(409, '请先把申请信息填写完整，再下载采集表。');
    END IF;
    RETURN (SELECT name FROM papers_wanted(o) WHERE template = 'collection' LIMIT 1);
END $$;

CREATE OR REPLACE FUNCTION hall.paper_uploaded() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO paper_check (paper_id, order_id) VALUES (NEW.id, NEW.order_id);
    PERFORM enqueue('paper_check', 'paper_check/' || NEW.id, NEW.id);
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER paper_uploaded AFTER INSERT ON hall.paper FOR EACH ROW
    WHEN (NEW.mime LIKE 'image/%' OR NEW.mime = 'application/pdf') EXECUTE FUNCTION hall.paper_uploaded();

-- `shows`: the side of an ID card that it has to be.
CREATE OR REPLACE FUNCTION hall.paper_check_work(wanted uuid) RETURNS TABLE (file_key bytea, mime text, shows text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT m.file_key, m.mime, (SELECT s.shows FROM paper_rule(o, m.code) s)
      FROM paper_check c JOIN paper m ON m.id = c.paper_id JOIN orders o ON o.id = m.order_id
     WHERE c.paper_id = wanted AND c.state = 'queued' AND m.state <> 'replaced';
END $$;

CREATE OR REPLACE FUNCTION hall.paper_checked(wanted uuid, n int, has_stamp bool, is_sharp bool, how_sharp int, seen text[],
                                              reads_as text DEFAULT NULL) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE paper_check SET (state, pages, stamped, sharp, sharpness, codes, reads, checked_at) =
        ('done', n, has_stamp, is_sharp, how_sharp, seen, reads_as, now()) WHERE paper_id = wanted AND state = 'queued';
END $$;

-- What was read on the front of an ID card, encrypted.
CREATE OR REPLACE FUNCTION hall.card_seen(wanted uuid, what bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE paper_check SET card = what WHERE paper_id = wanted AND state = 'done';
    PERFORM enqueue('card', 'card/' || wanted, wanted);
END $$;

-- Whose ID card belongs into a slot, which the beginning of its code says: agent, legal, or else the holder.
CREATE OR REPLACE FUNCTION hall.paper_person(slot hall.project_paper) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT coalesce(substring(slot.code, '^(agent|legal)_'), 'holder') $$;

-- The card, the form and whose data in it the card has to show: those of a person, of that item.
CREATE OR REPLACE FUNCTION hall.card_work(wanted uuid) RETURNS TABLE (order_id uuid, form bytea, card bytea, person text, item int)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT o.id, o.form, c.card, paper_person(s), coalesce(substring(m.code, '-([0-9]+)$')::int, 1)
      FROM paper_check c JOIN paper m ON m.id = c.paper_id JOIN orders o ON o.id = m.order_id CROSS JOIN LATERAL paper_rule(o, m.code) s
     WHERE c.paper_id = wanted AND m.state <> 'replaced' AND c.card IS NOT NULL AND o.form IS NOT NULL;
END $$;

CREATE OR REPLACE FUNCTION hall.card_compared(wanted uuid, which text[]) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE paper_check SET differs = which WHERE paper_id = wanted AND differs <> which;
END $$;

CREATE OR REPLACE FUNCTION hall.paper_unchecked(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    UPDATE paper_check SET (state, checked_at) = ('unchecked', now()) WHERE paper_id = wanted AND state = 'queued';
END $$;

-- The kind of the hall's own paper that belongs into a slot; NULL: none. (That of the form is also known for rows from before papers
-- had templates.)
CREATE OR REPLACE FUNCTION hall.paper_kind(slot hall.project_paper) RETURNS text
LANGUAGE sql STABLE AS $$ SELECT coalesce(slot.template, CASE WHEN slot.of_form THEN 'form' END) $$;

-- The code on its newest print (core/order/flow_print.c, flow_collection.c, modules/seal/papers.c).
CREATE OR REPLACE FUNCTION hall.paper_code(o hall.orders, kind text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT concat_ws('|', 'CH1', o.number, coalesce(o.marks ->> CASE kind WHEN 'collection' THEN 'sealpicture' ELSE 'print' END, ''),
                     nullif(kind, 'form')) $$;

CREATE OR REPLACE FUNCTION hall.paper_name(kind text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE kind WHEN 'annex' THEN '证书附页' WHEN 'collection' THEN '印模采集表' ELSE '申请表' END $$;

-- A code without the place among the sheets ("2of3") that ends those of a print of several (core/paper/pdf.c).
CREATE OR REPLACE FUNCTION hall.paper_code_whole(code text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT regexp_replace(code, '[|][0-9]+of[0-9]+$', '') $$;

-- Whether a scan has the code of the newest print for its slot; for papers that the hall does not print, whether it has none.
CREATE OR REPLACE FUNCTION hall.paper_code_right(o hall.orders, c hall.paper_check, slot hall.project_paper) RETURNS bool
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN hall.paper_kind(slot) IS NULL THEN c.codes = '{}'
           WHEN hall.paper_code(o, hall.paper_kind(slot)) = ANY (c.codes) THEN true
           ELSE array_to_string(c.codes, ' ') ~ ('(^| )' || replace(hall.paper_code(o, hall.paper_kind(slot)), '|', '[|]') || '[|][0-9]+of[0-9]+( |$)') END $$;

-- Which sheets of the print are on none of the uploaded ones: {2,3}; empty unless all were looked at. A sheet whose code could not be
-- read may be any of them, so that it stands for one.
CREATE OR REPLACE FUNCTION hall.paper_sheets_missing(o hall.orders, slot hall.project_paper) RETURNS int[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    print text := paper_code(o, paper_kind(slot));
    places text[];  -- those that were read: 1of3
    pages int;      -- that were looked at
    looking bool;
    lacking int[];
BEGIN
    SELECT coalesce(sum(coalesce(c.pages, 1)), 0), bool_or(c.state = 'queued') INTO pages, looking
      FROM paper m JOIN paper_check c ON c.paper_id = m.id WHERE m.order_id = o.id AND m.code = slot.code AND m.state <> 'replaced';
    places := ARRAY(SELECT substr(x, length(print) + 2) FROM paper m JOIN paper_check c ON c.paper_id = m.id CROSS JOIN unnest(c.codes) x
                     WHERE m.order_id = o.id AND m.code = slot.code AND m.state <> 'replaced'
                       AND x ~ '[0-9]of[0-9]+$' AND paper_code_whole(x) = print);
    SELECT array_agg(n ORDER BY n) INTO lacking FROM generate_series(1, (SELECT max(split_part(x, 'of', 2)::int) FROM unnest(places) x)) n
     WHERE n || 'of' <> ALL (SELECT split_part(x, 'of', 1) || 'of' FROM unnest(places) x);
    RETURN CASE WHEN looking OR cardinality(lacking) <= pages - cardinality(places) THEN '{}' ELSE coalesce(lacking, '{}') END;
END $$;

-- Whether another sheet of the slot has the stamp, or may get it: only one of several is stamped, which the last one answers for.
CREATE OR REPLACE FUNCTION hall.paper_stamp_elsewhere(c hall.paper_check, slot hall.project_paper) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE own paper;
BEGIN
    IF slot.sheets = 1 THEN
        RETURN false;
    END IF;
    SELECT * INTO own FROM paper WHERE id = c.paper_id;
    RETURN EXISTS (SELECT FROM paper m LEFT JOIN paper_check x ON x.paper_id = m.id
                    WHERE m.order_id = own.order_id AND m.code = own.code AND m.state <> 'replaced' AND (m.sheet > own.sheet OR x.stamped));
END $$;

-- Whether there is nothing to warn of: the rule of most papers, decided without hall.paper_warnings.
CREATE OR REPLACE FUNCTION hall.paper_fine(o hall.orders, c hall.paper_check, slot hall.project_paper) RETURNS bool
LANGUAGE sql STABLE AS $$
    SELECT c.state <> 'done' OR c.sharp AND (c.stamped OR NOT slot.stamped) AND coalesce(c.reads = 'right', true) AND c.differs = '{}'
           AND array_to_string(c.codes, ' ') !~ '[0-9]of[0-9]' AND hall.paper_code_right(o, c, slot) $$;

-- The warnings about a paper, given the paper and the form as they are now: [{code, text}], each with what to do.
CREATE OR REPLACE FUNCTION hall.paper_warnings(o hall.orders, c hall.paper_check, slot hall.project_paper) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    kind text := paper_kind(slot); -- the kind of paper that the hall has drawn for this slot; NULL: another paper
    right_code bool := paper_code_right(o, c, slot);
    other text;                    -- the number of another order on it
    own bool := false;             -- a code of an earlier print, but of this slot
    warnings jsonb := '[]';
    seen text;
    lacking int[];                 -- sheets that were printed and not uploaded, which the first one tells
BEGIN
    IF c.state <> 'done' THEN
        RETURN warnings;
    END IF;
    IF array_to_string(c.codes, ' ') ~ '[0-9]of[0-9]'
       AND c.paper_id = (SELECT m.id FROM paper m WHERE m.order_id = o.id AND m.code = slot.code AND m.state <> 'replaced' ORDER BY m.sheet LIMIT 1) THEN
        lacking := paper_sheets_missing(o, slot);
        IF lacking <> '{}' THEN
            warnings := warnings || jsonb_build_object('code', 'sheets', 'text',
                format('“%s”还差第 %s 页。请把打印的每一页都拍照或扫描后上传，也可以上传包含全部页面的 PDF。', slot.name, array_to_string(lacking, '、')));
        END IF;
    END IF;
    IF NOT right_code AND c.codes <> '{}' THEN
        FOREACH seen IN ARRAY c.codes LOOP
            other := coalesce(other, nullif(split_part(seen, '|', 2), o.number));
            own := own OR coalesce(coalesce(nullif(split_part(paper_code_whole(seen), '|', 4), ''), 'form') = kind, false);
        END LOOP;
        warnings := warnings || CASE
            WHEN other IS NOT NULL THEN jsonb_build_object('code', 'order', 'text',
                format('这份表格属于另一笔业务单（尾号 %s）。请上传本业务单打印的“%s”。', right(other, 4), slot.name))
            WHEN own THEN jsonb_build_object('code', 'version', 'text', '这份表格是更改申请信息之前打印的。请重新打印，签字盖章后再上传。')
            ELSE jsonb_build_object('code', 'slot', 'text', format('这份文件看起来是“%s”，不是“%s”。请更换文件，并把它上传到对应的位置。',
                paper_name(coalesce(nullif(split_part(paper_code_whole(c.codes[1]), '|', 4), ''), 'form')), slot.name)) END;
    END IF;
    IF c.reads = 'other_side' THEN
        warnings := warnings || jsonb_build_object('code', 'side', 'text', CASE slot.shows
            WHEN 'id_front' THEN '这是身份证的国徽面，这里需要有照片的人像面。请更换图片。'
            ELSE '这是身份证的人像面，这里需要有国徽的一面。请更换图片。' END);
    ELSIF c.reads = 'other' THEN
        warnings := warnings || jsonb_build_object('code', 'kind', 'text', format('没有在图片中识别到身份证。请核对是否选错了文件；确为“%s”的，请平放、对准、四角完整地重新拍摄。', slot.name));
    END IF;
    IF c.differs <> '{}' THEN
        warnings := warnings || jsonb_build_object('code', 'person', 'text', format('身份证上的%s与申请表中%s的信息不一致。请核对申请表，或更换为%2$s本人的身份证。',
            CASE WHEN cardinality(c.differs) = 2 THEN '姓名和号码' WHEN 'name' = ANY (c.differs) THEN '姓名' ELSE '号码' END,
            CASE paper_person(slot) WHEN 'agent' THEN '经办人' WHEN 'legal' THEN '法定代表人' ELSE '持有人' END));
    END IF;
    IF slot.stamped AND NOT c.stamped AND NOT paper_stamp_elsewhere(c, slot) THEN
        warnings := warnings || jsonb_build_object('code', 'no_stamp', 'text', '没有识别到红色印章。请确认已加盖单位公章，用彩色扫描或拍照后重新上传。');
    END IF;
    IF NOT c.sharp THEN
        warnings := warnings || jsonb_build_object('code', 'sharp', 'text', '图片不够清晰，文字可能无法辨认。请对准焦点拍摄，或以 300 DPI 重新扫描后上传。');
    END IF;
    IF NOT right_code AND c.codes = '{}' THEN
        warnings := warnings || jsonb_build_object('code', 'no_code', 'text', '没有识别到表格右上角的二维码，无法核对是否为最新打印的版本。请确认二维码完整、清晰。');
    END IF;
    RETURN warnings;
END $$;

-- The result of a check that has something to tell. Warnings that were overruled stay so until another one comes.
CREATE OR REPLACE FUNCTION hall.paper_told(o hall.orders, c hall.paper_check, slot hall.project_paper) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    warnings jsonb := paper_warnings(o, c, slot);
    kept jsonb;
BEGIN
    IF c.kept_at IS NOT NULL AND NOT EXISTS (SELECT FROM jsonb_array_elements(warnings) w WHERE w ->> 'code' <> ALL (c.kept)) THEN
        kept := jsonb_build_object('at', iso(c.kept_at), 'by', (SELECT phone_mask FROM account a WHERE a.id = c.kept_by));
    END IF;
    RETURN jsonb_build_object('state', c.state, 'warnings', warnings, 'kept', kept);
END $$;

-- The result of the check as people read it; NULL when there is none.
CREATE OR REPLACE FUNCTION hall.paper_json(o hall.orders, c hall.paper_check, slot hall.project_paper) RETURNS jsonb
LANGUAGE sql STABLE AS $$
    SELECT CASE WHEN c.paper_id IS NULL THEN NULL
           WHEN c.kept_at IS NULL AND hall.paper_fine(o, c, slot) THEN jsonb_build_object('state', c.state, 'warnings', '[]'::jsonb, 'kept', NULL)
           ELSE hall.paper_told(o, c, slot) END $$;

-- The applicant uses the paper as it is (仍然使用): all current warnings are overruled. `seen` is the paper that the page has shown.
CREATE OR REPLACE FUNCTION hall.paper_keep(wanted uuid, wanted_code text, seen uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    overruled text[];
BEGIN
    IF NOT (state_of(o)).editable THEN
        PERFORM refuse(409, '业务单已提交，资料不能再更改。');
    ELSIF NOT EXISTS (SELECT FROM paper WHERE id = seen AND order_id = wanted AND code = wanted_code AND state <> 'replaced') THEN
        PERFORM refuse(409, '这份资料已更换，请刷新后再看。');
    END IF;
    SELECT array_agg(w ->> 'code') INTO overruled FROM paper_check c JOIN papers_wanted(o) s ON s.code = wanted_code
     CROSS JOIN LATERAL jsonb_array_elements(paper_warnings(o, c, s)) w WHERE c.paper_id = seen;
    IF overruled IS NULL THEN
        PERFORM refuse(409, '这份资料没有需要确认的提示，请刷新后再看。');
    END IF;
    UPDATE paper_check SET (kept, kept_by, kept_at) = (overruled, me(), now()) WHERE paper_id = seen;
    PERFORM note('order', wanted, jsonb_build_object('kept', wanted_code, 'warnings', to_jsonb(overruled)));
END $$;

-- What a paper looks like, for the pictures of a right and of a wrong one; NULL: there are none.
CREATE OR REPLACE FUNCTION hall.paper_looks(slot hall.project_paper) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT coalesce(slot.shows, CASE WHEN slot.template = 'collection' OR slot.code ~ '^seal_form' THEN 'collection'
                                     WHEN slot.of_form OR slot.template IS NOT NULL THEN 'form' WHEN slot.code = 'licence' THEN 'licence' END) $$;

-- ---- papers by the phone ----

CREATE OR REPLACE FUNCTION hall.papers_link_ends(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    DELETE FROM link WHERE purpose = 'papers' AND subject = wanted;
END $$;

-- A link with which a phone uploads papers of this order, until it is submitted or the time is over. A new link ends the old one.
CREATE OR REPLACE FUNCTION hall.papers_link(wanted uuid, token bytea, life interval) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    ends timestamptz := now() + life;
BEGIN
    IF NOT (state_of(o)).editable THEN
        PERFORM refuse(409, '业务单已提交，资料不能再更改。');
    END IF;
    PERFORM papers_link_ends(o.id);
    INSERT INTO link (token_hash, purpose, subject, expires_at) VALUES (token, 'papers', o.id, ends);
    PERFORM note('order', o.id, '{"papers_link": "made"}');
    RETURN ends;
END $$;

CREATE OR REPLACE FUNCTION hall.papers_link_end(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted);
BEGIN
    PERFORM papers_link_ends(o.id);
    PERFORM note('order', o.id, '{"papers_link": "ended"}');
END $$;

-- What the link's page shows: the papers, but nothing else of the application.
CREATE OR REPLACE FUNCTION hall.link_papers() RETURNS TABLE (project_name text, number text, papers jsonb)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := paper_order(NULL);
BEGIN
    RETURN QUERY SELECT p.name, o.number, (SELECT coalesce(jsonb_agg(to_jsonb(m) || '{"needed": true}'), '[]') FROM order_papers(o.id) m)
      FROM project p WHERE p.id = o.project;
END $$;

-- What people are told who have a form filled in from a picture, when there is nothing to fill in.
CREATE OR REPLACE FUNCTION hall.reading_text(kind text, state text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE state
        WHEN 'other_side' THEN '这是身份证的国徽面，请更换为有照片的人像面。'
        WHEN 'other' THEN CASE kind WHEN 'licence' THEN '没有在图片中识别到营业执照。请把原件平放、四角完整地拍摄清楚后重新上传，或直接填写表格。'
                          ELSE '没有在图片中识别到身份证。请平放、对准、四角完整地重新拍摄人像面，或直接填写表格。' END
        WHEN 'unreadable' THEN '没有读出图片中的文字。请在光线充足处重新拍摄后上传，或直接填写表格。' END $$;

-- What was read on the pictures that the applicant has uploaded for an order: of the licence, and of the fronts of ID cards. `seen` is
-- encrypted, for place "licence_check.seen" or "paper_check.card" with the paper's id.
CREATE OR REPLACE FUNCTION hall.my_readings(wanted uuid) RETURNS TABLE (paper uuid, code text, kind text, state text, text text, seen bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := order_mine(wanted);
BEGIN
    RETURN QUERY SELECT x.id, x.code, x.kind, x.state, reading_text(x.kind, x.state), x.seen FROM (
        SELECT m.id, m.code, 'licence' AS kind,
               CASE WHEN l.seen IS NOT NULL THEN 'read' WHEN l.state IN ('queued', 'other') THEN l.state ELSE 'unreadable' END AS state, l.seen
          FROM paper m JOIN licence_check l ON l.paper_id = m.id WHERE m.order_id = o.id AND m.state <> 'replaced'
        UNION ALL
        SELECT m.id, m.code, 'card', CASE WHEN c.card IS NOT NULL THEN 'read' WHEN c.state = 'queued' THEN 'queued'
               WHEN c.reads IN ('other', 'other_side') THEN c.reads ELSE 'unreadable' END, c.card
          FROM paper m JOIN paper_check c ON c.paper_id = m.id
         WHERE m.order_id = o.id AND m.state <> 'replaced' AND EXISTS (SELECT FROM paper_rule(o, m.code) s WHERE s.shows = 'id_front')) x
     ORDER BY x.id DESC; -- the newest first
END $$;

-- Counts a picture of an ID card that is read for the form and not kept, before the vendor is asked.
CREATE OR REPLACE FUNCTION hall.card_reading(wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF NOT (state_of(order_mine(wanted))).editable THEN
        PERFORM refuse(409, '业务单已提交，申请信息不能再更改。');
    END IF;
    PERFORM count_public('card', me()::text, 40, '今天识别身份证的次数已用完，请直接填写表格，或明天再试。');
END $$;

-- ---- papers of an earlier order ----

-- The papers of the orders behind the certificates that a draft replaces that count for it as well, with their slots in the draft: not what
-- the hall prints, and none that is too old. A paper of an item's person is in the order of that item's certificate, the others in the
-- order that the draft began with.
CREATE OR REPLACE FUNCTION hall.paper_carry_work(wanted uuid) RETURNS TABLE (id uuid, file_key bytea, code text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT m.id, m.file_key, w.code FROM orders o CROSS JOIN LATERAL papers_wanted(o) w
      LEFT JOIN LATERAL items(o) i ON w.per_item AND w.code ~ ('-' || i.item || '$') LEFT JOIN certificate c ON c.id = i.replaces
      JOIN paper m ON m.order_id = successor_filed(CASE WHEN w.per_item THEN ARRAY[i.replaces] ELSE ARRAY(SELECT x.replaces FROM items(o) x) END)
           AND m.state = 'ok' AND m.file_key <> ''
           AND CASE WHEN w.per_item THEN m.code IN (regexp_replace(w.code, '-[0-9]+$', ''), regexp_replace(w.code, '[0-9]+$', c.item::text))
                    ELSE m.code = w.code END
     WHERE o.id = wanted AND o.state = 'draft' AND NOT w.of_form AND w.template IS NULL AND w.changes IS NULL
       AND m.uploaded_at > now() - make_interval(days => w.good_days) AND NOT EXISTS (
           SELECT FROM paper x WHERE x.order_id = o.id AND x.code = w.code AND x.state <> 'replaced');
END $$;

-- Copies have been stored for the draft: [{id, old, key}]. What the applicant has uploaded meanwhile stays.
CREATE OR REPLACE FUNCTION hall.paper_carried(wanted uuid, copies jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE m record;
BEGIN
    PERFORM FROM orders WHERE id = wanted AND state = 'draft' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    FOR m IN SELECT p.*, w.code AS slot, c.id AS new_id, decode(c.key, 'hex') AS new_key
               FROM jsonb_to_recordset(copies) c(id uuid, old uuid, key text) JOIN paper_carry_work(wanted) w ON w.id = c.old JOIN paper p ON p.id = c.old LOOP
        PERFORM file_in_time(m.new_id);
        INSERT INTO paper (id, order_id, code, sheet, file_name, mime, bytes, sha256, file_key, uploaded_at, carried)
        VALUES (m.new_id, wanted, m.slot, m.sheet, m.file_name, m.mime, m.bytes, m.sha256, m.new_key, m.uploaded_at, m.id) ON CONFLICT DO NOTHING;
        IF FOUND THEN
            PERFORM note('order', wanted, jsonb_build_object('paper', m.slot, 'sheet', m.sheet, 'id', m.new_id, 'carried', m.id));
        END IF;
    END LOOP;
END $$;
