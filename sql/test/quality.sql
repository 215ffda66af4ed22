-- Papers looked at by machine: what it finds becomes warnings by the slot and the form as it stands; overruled by the applicant
-- alone, and nothing is held up by what could not be looked at.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project('{"papers": [
           {"code": "form", "name": "申请表", "stamped": true, "formats": ["bmp", "pdf"], "of_form": true},
           {"code": "licence", "name": "营业执照", "stamped": true, "formats": ["bmp"]},
           {"code": "card", "name": "身份证", "stamped": false, "formats": ["bmp"]}]}') AS project,
       pg_temp.new_account() AS account, pg_temp.new_account() AS other \gset
SELECT pg_temp.new_order(:'project', :'account', '{"marks": {"print": "aa11", "sealpicture": "bb22"}}') AS o \gset
SELECT pg_temp.add_papers(:'o');
SELECT number AS n FROM hall.orders WHERE id = :'o' \gset
CREATE FUNCTION pg_temp.paper(wanted uuid, slot text) RETURNS uuid LANGUAGE sql AS $$
    SELECT id FROM hall.paper WHERE order_id = wanted AND code = slot AND state <> 'replaced' $$;
-- The result of the automatic check: stamp, sharpness, codes.
CREATE FUNCTION pg_temp.looked(wanted uuid, slot text, stamped bool, sharp bool, VARIADIC codes text[]) RETURNS void LANGUAGE sql AS $$
    UPDATE hall.paper_check SET state = 'queued', stamped = NULL, sharp = NULL, pages = NULL, checked_at = NULL WHERE paper_id = pg_temp.paper(wanted, slot);
    SELECT hall.paper_checked(pg_temp.paper(wanted, slot), 1, stamped, sharp, 50, array_remove(codes, NULL)) $$;
CREATE FUNCTION pg_temp.quality(wanted uuid, slot text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT m -> 'sheets' -> 0 -> 'quality' FROM jsonb_array_elements(pg_temp.page(wanted) -> 'papers') m WHERE m ->> 'code' = slot $$;
CREATE FUNCTION pg_temp.warned(wanted uuid, slot text) RETURNS text LANGUAGE sql AS $$
    SELECT string_agg(w ->> 'code', ' ') FROM jsonb_array_elements(pg_temp.quality(wanted, slot) -> 'warnings') w $$;

SELECT is((SELECT count(*) FROM hall.outbox b JOIN hall.paper m ON m.id = b.subject WHERE b.kind = 'paper_check' AND m.order_id = :'o'), 3::bigint, 'every paper is looked at');
SELECT is(pg_temp.quality(:'o', 'card'), '{"state": "queued", "warnings": [], "kept": null}', 'later');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.submit(%L)', :'o')), 'ok', 'nothing waits for that');
SELECT pg_temp.be_system();

-- ---- #114 #123 stamps and codes ----
SELECT pg_temp.looked(:'o', 'form', true, true, 'CH1|' || :'n' || '|aa11');
SELECT is(pg_temp.warned(:'o', 'form'), NULL, 'the newest print, stamped');
SELECT pg_temp.looked(:'o', 'form', false, true, 'CH1|' || :'n' || '|aa11');
SELECT is(pg_temp.warned(:'o', 'form'), 'no_stamp', 'without a stamp');
SELECT pg_temp.looked(:'o', 'form', true, false, NULL);
SELECT is(pg_temp.warned(:'o', 'form'), 'sharp no_code', 'blurred, its code not found');
SELECT pg_temp.looked(:'o', 'form', true, true, 'CH1|' || :'n' || '|0000');
SELECT is(pg_temp.warned(:'o', 'form'), 'version', 'an older print');
SELECT pg_temp.looked(:'o', 'form', true, true, 'CH1|123456789012341234|aa11');
SELECT is(pg_temp.warned(:'o', 'form'), 'order', 'another order''s');
SELECT matches(pg_temp.quality(:'o', 'form') #>> '{warnings,0,text}', '尾号 1234.*申请表', 'which is told');
SELECT pg_temp.looked(:'o', 'form', true, true, 'CH1|' || :'n' || '|aa11|annex');
SELECT is(pg_temp.warned(:'o', 'form'), 'slot', 'another paper of this order');
SELECT pg_temp.looked(:'o', 'form', true, true, 'CH1|1|aa11', 'CH1|' || :'n' || '|aa11');
SELECT is(pg_temp.warned(:'o', 'form'), NULL, 'the right one beside another is right');
SELECT pg_temp.looked(:'o', 'licence', true, true, NULL);
SELECT is(pg_temp.warned(:'o', 'licence'), NULL, 'a licence has no code');
SELECT pg_temp.looked(:'o', 'licence', true, true, 'CH1|' || :'n' || '|aa11');
SELECT is(pg_temp.warned(:'o', 'licence'), 'slot', 'the form in its place');
SELECT pg_temp.looked(:'o', 'card', false, true, NULL);
SELECT is(pg_temp.warned(:'o', 'card'), NULL, 'no stamp where none belongs');
UPDATE hall.project_paper SET shows = 'id_front' WHERE project = :'project' AND code = 'card';
UPDATE hall.paper_check SET reads = 'other_side' WHERE paper_id = pg_temp.paper(:'o', 'card');
SELECT is(pg_temp.warned(:'o', 'card'), 'side', 'the other side of the card');
UPDATE hall.paper_check SET reads = 'other' WHERE paper_id = pg_temp.paper(:'o', 'card');
SELECT is(pg_temp.warned(:'o', 'card'), 'kind', 'no card at all');
UPDATE hall.paper_check SET reads = 'right' WHERE paper_id = pg_temp.paper(:'o', 'card');
SELECT is(pg_temp.warned(:'o', 'card'), NULL, 'the side that is asked for');
SELECT pg_temp.looked(:'o', 'form', true, true, 'CH1|' || :'n' || '|aa11');
UPDATE hall.orders SET marks = '{"print": "cc33", "sealpicture": "dd44"}' WHERE id = :'o';
SELECT is(pg_temp.warned(:'o', 'form'), 'version', 'a form changed since needs no second look');
SELECT is(hall.paper_code(o, 'collection'), 'CH1|' || :'n' || '|dd44|collection', 'a collection form goes by the seal''s mark') FROM hall.orders o WHERE id = :'o';

-- ---- an ID card against the form ----
SELECT is(array_agg(hall.paper_person(jsonb_populate_record(NULL::hall.project_paper, jsonb_build_object('code', c)))), '{agent,legal,holder,holder}', 'whose card it is')
  FROM unnest('{agent_id,legal_id,holder_id-3,id_natural}'::text[]) c;
SELECT hall.card_seen(pg_temp.paper(:'o', 'card'), '\x01');
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'card' AND subject = pg_temp.paper(:'o', 'card')), 1::bigint, 'what was read is compared');
SELECT is((SELECT person || item FROM hall.card_work(pg_temp.paper(:'o', 'card'))), 'holder1', 'with whom');
SELECT hall.card_compared(pg_temp.paper(:'o', 'card'), '{name}');
SELECT is(pg_temp.warned(:'o', 'card'), 'person', 'another person''s');
SELECT hall.card_compared(pg_temp.paper(:'o', 'card'), '{}');
SELECT is(pg_temp.warned(:'o', 'card'), NULL, 'the right one''s');

-- ---- several sheets ----
UPDATE hall.project_paper SET sheets = 3 WHERE project = :'project' AND code = 'form';
SELECT pg_temp.looked(:'o', 'form', false, true, 'CH1|' || :'n' || '|cc33|1of3');
SELECT is(pg_temp.warned(:'o', 'form'), 'sheets no_stamp', 'the first sheet alone');
SELECT is(pg_temp.quality(:'o', 'form') #>> '{warnings,0,text}', '“申请表”还差第 2、3 页。请把打印的每一页都拍照或扫描后上传，也可以上传包含全部页面的 PDF。', 'which are missing is told');
INSERT INTO hall.paper (id, order_id, code, sheet, file_name, mime, bytes, sha256, file_key)
SELECT gen_random_uuid(), :'o', 'form', n, 'x', 'image/bmp', 1, sha256(''), '' FROM generate_series(2, 3) n;
SELECT is(pg_temp.warned(:'o', 'form'), NULL, 'while others are looked at, nothing is missing');
CREATE FUNCTION pg_temp.sheet_looked(wanted uuid, n int, stamped bool, pages int, VARIADIC codes text[]) RETURNS void LANGUAGE sql AS $$
    UPDATE hall.paper_check c SET state = 'queued', stamped = NULL, sharp = NULL, pages = NULL, checked_at = NULL FROM hall.paper m
     WHERE c.paper_id = m.id AND m.order_id = wanted AND m.code = 'form' AND m.sheet = n AND m.state <> 'replaced';
    SELECT hall.paper_checked(m.id, pages, stamped, true, 50, array_remove(codes, NULL)) FROM hall.paper m
     WHERE m.order_id = wanted AND m.code = 'form' AND m.sheet = n AND m.state <> 'replaced' $$;
SELECT pg_temp.sheet_looked(:'o', 2, false, 1, 'CH1|' || :'n' || '|cc33|2of3');
SELECT pg_temp.sheet_looked(:'o', 3, true, 1, 'CH1|' || :'n' || '|cc33|3of3');
SELECT is(pg_temp.warned(:'o', 'form'), NULL, 'all three, one of them stamped');
SELECT pg_temp.sheet_looked(:'o', 2, false, 1, 'CH1|' || :'n' || '|cc33|3of3');
SELECT is(pg_temp.warned(:'o', 'form'), 'sheets', 'one of them twice');
SELECT pg_temp.sheet_looked(:'o', 2, false, 1, NULL);
SELECT is(pg_temp.warned(:'o', 'form'), NULL, 'one that could not be read may be the missing one');
UPDATE hall.paper SET state = 'rejected', reason = 'x' WHERE order_id = :'o' AND code = 'form' AND sheet = 2;
SELECT is((SELECT m ->> 'state' FROM jsonb_array_elements(pg_temp.page(:'o') -> 'papers') m WHERE m ->> 'code' = 'form'), 'rejected', 'the slot is as bad as its worst sheet');
SELECT ok(EXISTS (SELECT FROM hall.order_lacks(o) l WHERE l.pointer = '/papers/form'), 'and is lacking then') FROM hall.orders o WHERE id = :'o';
UPDATE hall.paper SET state = 'replaced' WHERE order_id = :'o' AND code = 'form' AND sheet > 1;
UPDATE hall.project_paper SET sheets = 1 WHERE project = :'project' AND code = 'form';
UPDATE hall.orders SET marks = '{"print": "ee55", "sealpicture": "dd44"}' WHERE id = :'o';
SELECT pg_temp.looked(:'o', 'form', true, true, 'CH1|' || :'n' || '|cc33');

-- ---- overruled ----
SELECT pg_temp.be_applicant(:'account', :'project');
CREATE FUNCTION pg_temp.keep(wanted uuid, slot text) RETURNS text LANGUAGE sql AS $$
    SELECT format('SELECT hall.paper_keep(%L, %L, %L)', wanted, slot, pg_temp.paper(wanted, slot)) $$;
SELECT is(pg_temp.outcome(pg_temp.keep(:'o', 'card')), 'CH409', 'nothing to overrule');
SELECT is(pg_temp.outcome(format('SELECT hall.paper_keep(%L, ''form'', gen_random_uuid())', :'o')), 'CH409', 'not another paper than the one seen');
SELECT is(pg_temp.outcome(format('SELECT hall.paper_keep(%L, ''form'', %L)', :'o', pg_temp.paper(:'o', 'card'))), 'CH409', 'nor one of another slot');
SELECT lives_ok(pg_temp.keep(:'o', 'form'), 'it is used all the same');
SELECT is(pg_temp.quality(:'o', 'form') #>> '{kept,by}', '139****0000', 'by whom is on record');
SELECT is((SELECT detail -> 'warnings' FROM hall.audit WHERE subject = :'o' AND detail ? 'kept' ORDER BY id DESC LIMIT 1), '["version"]', 'and what was overruled');
UPDATE hall.paper_check SET stamped = false WHERE paper_id = pg_temp.paper(:'o', 'form');
SELECT is(pg_temp.quality(:'o', 'form') -> 'kept', 'null', 'a new warning is not overruled');
UPDATE hall.paper_check SET stamped = true WHERE paper_id = pg_temp.paper(:'o', 'form');
SELECT isnt(pg_temp.quality(:'o', 'form') -> 'kept', 'null', 'the old one is');
SELECT pg_temp.be_applicant(:'other', :'project');
SELECT is(pg_temp.outcome(pg_temp.keep(:'o', 'form')), 'CH404', 'by nobody else');
SELECT pg_temp.be_applicant(:'account', :'project');
UPDATE hall.orders SET state = 'in_review' WHERE id = :'o';
SELECT is(pg_temp.outcome(pg_temp.keep(:'o', 'form')), 'CH409', 'nor after it was handed in');

-- ---- what could not be looked at ----
SELECT pg_temp.be_system();
SELECT is_empty(format('SELECT * FROM hall.paper_check_work(%L)', pg_temp.paper(:'o', 'form')), 'what was looked at is not looked at again');
UPDATE hall.paper_check SET state = 'queued', stamped = NULL, sharp = NULL, pages = NULL, checked_at = NULL WHERE paper_id = pg_temp.paper(:'o', 'card');
SELECT isnt_empty(format('SELECT * FROM hall.paper_check_work(%L)', pg_temp.paper(:'o', 'card')), 'what waits is');
SELECT hall.paper_unchecked(pg_temp.paper(:'o', 'card'));
SELECT is(pg_temp.quality(:'o', 'card'), '{"state": "unchecked", "warnings": [], "kept": null}', 'no warning without a look');
UPDATE hall.paper SET state = 'replaced' WHERE id = pg_temp.paper(:'o', 'licence');
SELECT is(pg_temp.quality(:'o', 'licence'), NULL, 'a paper that is gone has none');
SELECT * FROM finish();
ROLLBACK;
