-- Deploy certhall:quality to pg
-- Papers looked at by machine before anybody pays: whether a seal is on them where one belongs, whether they can be read,
-- whether a form is this order's, of this slot, of the newest print. Warnings that the applicant may overrule and the reviewer
-- sees; what cannot be looked at is "unchecked" and holds nothing up.
BEGIN;

CREATE TABLE hall.paper_check (
    material_id uuid PRIMARY KEY REFERENCES hall.material,
    order_id    uuid NOT NULL REFERENCES hall.orders,
    state       text NOT NULL DEFAULT 'queued' CHECK (state IN ('queued', 'done', 'unchecked')),
    pages       int CHECK (pages > 0),               -- looked at
    seal        bool,                                -- something red of a seal's shape
    sharp       bool,
    sharpness   int CHECK (sharpness BETWEEN 0 AND 100),
    codes       text[] NOT NULL DEFAULT '{}' CHECK (cardinality(codes) <= 4), -- the hall's own in QRs: CH1|number|mark[|paper]
    checked_at  timestamptz,
    kept        text[] NOT NULL DEFAULT '{}',        -- warnings that the applicant overruled (仍然使用)
    kept_by     uuid REFERENCES hall.account,
    kept_at     timestamptz,
    CHECK ((state = 'done') = (seal IS NOT NULL AND sharp IS NOT NULL AND pages IS NOT NULL)),
    CHECK ((state = 'queued') = (checked_at IS NULL)),
    CHECK ((kept_by IS NULL) = (kept_at IS NULL) AND (kept_by IS NULL) = (cardinality(kept) = 0))
);
CREATE INDEX paper_check_order ON hall.paper_check (order_id);

CREATE FUNCTION hall.paper_uploaded() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO paper_check (material_id, order_id) VALUES (NEW.id, NEW.order_id);
    PERFORM enqueue('paper_check', 'paper_check/' || NEW.id, NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER paper_uploaded AFTER INSERT ON hall.material FOR EACH ROW
    WHEN (NEW.mime LIKE 'image/%' OR NEW.mime = 'application/pdf') EXECUTE FUNCTION hall.paper_uploaded();

-- ---- the runner ----

CREATE FUNCTION hall.paper_check_work(wanted uuid) RETURNS TABLE (file_key bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT m.file_key FROM paper_check c JOIN material m ON m.id = c.material_id
     WHERE c.material_id = wanted AND c.state = 'queued' AND m.state <> 'replaced' $$;

CREATE FUNCTION hall.paper_checked(wanted uuid, n int, has_seal bool, is_sharp bool, how_sharp int, found text[]) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE paper_check SET (state, pages, seal, sharp, sharpness, codes, checked_at) =
        ('done', n, has_seal, is_sharp, how_sharp, found, now()) WHERE material_id = wanted AND state = 'queued' $$;

CREATE FUNCTION hall.paper_unchecked(wanted uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE paper_check SET (state, checked_at) = ('unchecked', now()) WHERE material_id = wanted AND state = 'queued' $$;

-- ---- what it means ----

-- Which of the hall's own papers belongs into a slot; NULL: none. (The form's was so before papers had templates.)
CREATE FUNCTION hall.paper_kind(slot hall.project_material) RETURNS text
LANGUAGE sql STABLE AS $$ SELECT coalesce(to_jsonb(slot) ->> 'template', CASE WHEN slot.of_form THEN 'form' END) $$;

-- The code on the newest print of it (core/hall/flow_print.c, modules/seal/papers.c).
CREATE FUNCTION hall.paper_code(o hall.orders, kind text) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT concat_ws('|', 'CH1', o.number, coalesce(o.marks ->> CASE kind WHEN 'collection' THEN 'stamp' ELSE 'print' END, ''),
                     nullif(kind, 'form')) $$;

CREATE FUNCTION hall.paper_name(kind text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$
    SELECT CASE kind WHEN 'annex' THEN '证书附页' WHEN 'collection' THEN '电子签章采集表' ELSE '申请表' END $$;

-- What is wrong with the codes found on a paper of that slot; NULL: nothing.
CREATE FUNCTION hall.paper_wrong(o hall.orders, kind text, found text[]) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT CASE
        WHEN cardinality(found) = 0 THEN CASE WHEN kind IS NOT NULL THEN 'no_code' END
        WHEN kind IS NOT NULL AND paper_code(o, kind) = ANY (found) THEN NULL
        WHEN EXISTS (SELECT FROM unnest(found) f WHERE split_part(f, '|', 2) <> o.number) THEN 'order'
        WHEN kind IS NULL OR NOT EXISTS (SELECT FROM unnest(found) f
                WHERE coalesce(nullif(split_part(f, '|', 4), ''), 'form') = kind) THEN 'slot'
        ELSE 'version' END $$;

-- The warnings of a paper as it is and as the form stands now, each with what to do.
CREATE FUNCTION hall.paper_warnings(o hall.orders, c hall.paper_check, slot hall.project_material)
RETURNS TABLE (code text, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT w.code, w.text FROM (
        SELECT paper_wrong(o, paper_kind(slot), c.codes) AS wrong,
               (SELECT coalesce(nullif(split_part(f, '|', 4), ''), 'form') FROM unnest(c.codes) f LIMIT 1) AS found,
               (SELECT right(split_part(f, '|', 2), 4) FROM unnest(c.codes) f WHERE split_part(f, '|', 2) <> o.number LIMIT 1) AS tail) x
     CROSS JOIN LATERAL (VALUES
        (1, 'order', format('这份表格属于另一笔业务单（尾号 %s）。请上传本业务单打印的“%s”。', x.tail, slot.name), x.wrong = 'order'),
        (2, 'slot', format('这份文件看起来是“%s”，不是“%s”。请更换文件，并把它上传到对应的位置。', paper_name(x.found), slot.name),
            x.wrong = 'slot'),
        (3, 'version', '这份表格是更改申请信息之前打印的。请重新打印，签字盖章后再上传。', x.wrong = 'version'),
        (4, 'seal', '没有识别到红色印章。请确认已加盖单位公章，用彩色扫描或拍照后重新上传。', slot.stamped AND NOT c.seal),
        (5, 'sharp', '图片不够清晰，文字可能无法辨认。请对准焦点拍摄，或以 300 dpi 重新扫描后上传。', NOT c.sharp),
        (6, 'no_code', '没有识别到表格右上角的二维码，无法核对是否为最新打印的版本。请确认二维码完整、清晰。', x.wrong = 'no_code'))
        AS w(pos, code, text, so)
     WHERE c.state = 'done' AND w.so ORDER BY w.pos $$;

-- The check as people read it.
CREATE FUNCTION hall.paper_json(o hall.orders, c hall.paper_check, slot hall.project_material) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_build_object('state', c.state, 'warnings', w.list,
        'kept', CASE WHEN c.kept_at IS NOT NULL AND w.codes <@ c.kept THEN jsonb_build_object('at', iso(c.kept_at),
            'by', (SELECT phone_mask FROM account a WHERE a.id = c.kept_by)) END)
      FROM (SELECT coalesce(jsonb_agg(jsonb_build_object('code', p.code, 'text', p.text)), '[]') AS list,
                   coalesce(array_agg(p.code), '{}') AS codes FROM paper_warnings(o, c, slot) p) w $$;

-- As before, with the check of each.
ALTER FUNCTION hall.materials_json(hall.orders) RENAME TO materials_base_json;
CREATE FUNCTION hall.materials_json(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT coalesce(jsonb_agg(m.one || jsonb_build_object('quality',
               CASE WHEN c.material_id IS NOT NULL THEN paper_json(o, c, s) END) ORDER BY m.n), '[]')
      FROM jsonb_array_elements(materials_base_json(o)) WITH ORDINALITY AS m(one, n)
      JOIN materials_wanted(o) s ON s.code = m.one ->> 'code' LEFT JOIN paper_check c ON c.material_id = (m.one ->> 'id')::uuid $$;

-- ---- the applicant ----

-- It is used as it is (仍然使用): all warnings that stand now are overruled. `seen` is the paper that the person looked at.
CREATE FUNCTION hall.paper_keep(wanted uuid, wanted_code text, seen uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders := my_order(wanted);
    overruled text[];
BEGIN
    IF o.state NOT IN ('draft', 'rejected') THEN
        PERFORM refuse(409, '业务单已提交，资料不能再更改。');
    ELSIF NOT EXISTS (SELECT FROM material WHERE id = seen AND order_id = wanted AND code = wanted_code AND state <> 'replaced') THEN
        PERFORM refuse(409, '这份资料已更换，请刷新后再看。');
    END IF;
    SELECT array_agg(w.code) INTO overruled FROM paper_check c JOIN materials_wanted(o) s ON s.code = wanted_code
     CROSS JOIN LATERAL paper_warnings(o, c, s) w WHERE c.material_id = seen;
    IF overruled IS NULL THEN
        PERFORM refuse(409, '这份资料没有需要确认的提示，请刷新后再看。');
    END IF;
    UPDATE paper_check SET (kept, kept_by, kept_at) = (overruled, me(), now()) WHERE material_id = seen;
    PERFORM note('order', wanted, jsonb_build_object('kept', wanted_code, 'warnings', to_jsonb(overruled)));
END $$;

GRANT EXECUTE ON FUNCTION hall.paper_check_work, hall.paper_checked, hall.paper_unchecked TO certhall_runner;
GRANT EXECUTE ON FUNCTION hall.paper_keep TO certhall_material;

COMMIT;
