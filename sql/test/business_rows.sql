-- One project with several kinds of business: rows of its document that are for some of them alone, and what follows of them for set-up,
-- price, papers and tickets; documents that contradict themselves are refused.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_account() AS account, pg_temp.new_project('{"business": ["new", "reissue", "seal"], "seal_mode": "never", "finauth": "none",
    "steps": [{"step": "agreements", "label": "选择应用"}, {"step": "form", "label": "录入信息"},
              {"step": "agreements", "label": "签章介绍", "businesses": ["seal"]}, {"step": "payment", "label": "缴费", "businesses": ["seal"]}],
    "fields": [{"field": "unit_name"}, {"field": "years", "businesses": ["new", "seal"]}, {"field": "invoice_purpose", "businesses": ["new", "seal"]},
               {"field": "invoice_purpose", "options": ["介质服务费"], "businesses": ["reissue"]}, {"field": "agent_name", "locked": true, "businesses": ["seal"]}],
    "papers": [{"code": "form", "name": "申请表", "stamped": true, "formats": ["bmp"], "of_form": true},
               {"code": "proof", "name": "遗失说明", "stamped": true, "formats": ["bmp"], "businesses": ["reissue"]},
               {"code": "licence", "name": "营业执照", "stamped": true, "formats": ["bmp"], "businesses": ["new", "seal"]}],
    "types": [{"cert_type": "institution", "name": "机构证书", "person": "institution", "medium": "ukey", "prices": [
                 {"years": 1, "parts": [{"part": "certificate", "name": "证书费", "fen": 100}]},
                 {"years": 2, "parts": [{"part": "certificate", "name": "证书费", "fen": 200}]},
                 {"years": 1, "business": "seal", "parts": [{"part": "certificate", "name": "签章费", "fen": 7}]}]},
              {"cert_type": "natural", "name": "自然人证书", "person": "natural", "medium": "ukey", "prices": [
                 {"years": 1, "parts": [{"part": "certificate", "name": "证书费", "fen": 50}]}]}],
    "gifts": [{"years": 1, "name": "雨伞", "needs_seal": false, "stock": 5}],
    "fees": [{"business": "reissue", "part": "medium", "name": "介质费", "fen": 9}]}') AS project \gset
SELECT slug FROM hall.project WHERE id = :'project' \gset
SELECT pg_temp.be_applicant(:'account', :'project');
CREATE FUNCTION pg_temp.setup(project uuid, kind text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT pg_temp.be_with('op', kind || '.setup');
    SELECT hall.setup_json(project) $$;
CREATE FUNCTION pg_temp.said(of_setup jsonb, list text, member text) RETURNS jsonb LANGUAGE sql AS $$
    SELECT coalesce(jsonb_agg(x -> member), '[]') FROM jsonb_array_elements(of_setup -> list) x $$;

-- ---- steps: the kind's own list, the general one where it fits, otherwise those of the kind ----
SELECT is(pg_temp.said(pg_temp.setup(:'project', 'new'), 'steps', 'label'), '["选择应用", "录入信息"]', 'the general list');
SELECT is(pg_temp.said(pg_temp.setup(:'project', 'seal'), 'steps', 'label'), '["签章介绍", "缴费"]', 'a list of its own');
SELECT is(pg_temp.said(pg_temp.setup(:'project', 'reissue'), 'steps', 'key') ->> 1, 'certificate', 'what begins with a certificate does not begin with an empty form');
SELECT is(hall.project_face(:'project') #> '{businesses}' -> 2 -> 'steps' -> 0 ->> 'label', '签章介绍', 'the face of the project has them for every kind');
SELECT is(pg_temp.said(hall.project_face(:'project'), 'businesses', 'name'), '["证书新办", "介质遗失补办", "电子签章"]', 'in the order of the project, by their names');
SELECT ok((SELECT bool_and(x ->> 'intro' <> '') FROM jsonb_array_elements(hall.project_face(:'project') -> 'businesses') x), 'with a sentence on each');

-- ---- fields ----
CREATE FUNCTION pg_temp.fields(slug text, kind text) RETURNS text[] LANGUAGE sql AS $$
    SELECT array_agg(f ->> 'field' || coalesce(f #>> '{options,0}', '') ORDER BY f ->> 'field') FROM jsonb_array_elements(hall.form_spec(slug, kind)::jsonb -> 'fields') f $$;
SELECT is(pg_temp.fields(:'slug', 'new'), '{invoice_purpose,unit_name,years}', 'fields of a new one');
SELECT is(pg_temp.fields(:'slug', 'reissue'), '{invoice_purpose介质服务费,unit_name}', 'of a reissue, with its own row of a field that both have');
SELECT is(pg_temp.fields(:'slug', NULL), pg_temp.fields(:'slug', 'new'), 'without a kind those of the first');
SELECT is(pg_temp.fields(:'slug', 'magic'), pg_temp.fields(:'slug', 'new'), 'a kind that there is not likewise');

-- ---- papers ----
SELECT is(pg_temp.said(pg_temp.setup(:'project', kind), 'papers', 'code'), wanted, 'papers of ' || kind)
  FROM (VALUES ('new', '["form", "licence"]'::jsonb), ('reissue', '["form", "proof"]'), ('seal', '["form", "licence"]')) x(kind, wanted);
SELECT pg_temp.new_order(:'project', :'account') AS n, pg_temp.new_order(:'project', :'account', '{"business": "reissue"}') AS r,
       pg_temp.new_order(:'project', :'account', '{"business": "seal"}') AS s \gset
SELECT is((SELECT array_agg(w.code ORDER BY w.pos) FROM hall.orders o, hall.papers_wanted(o) w WHERE o.id = :'r'), '{form,proof}', 'an order asks for those of its own kind');
SELECT pg_temp.be_with('op', 'paper.put');
SELECT is(pg_temp.outcome(format('SELECT hall.paper_slot(%L, %L)', o, code)), wanted, code || ' of ' || what)
  FROM (VALUES (:'r', 'licence', 'CH404', 'a reissue'), (:'r', 'proof', 'ok', 'a reissue'), (:'n', 'proof', 'CH404', 'a new one'), (:'n', 'licence', 'ok', 'a new one')) x(o, code, wanted, what);
SELECT is((SELECT l.pointer FROM hall.orders o, hall.order_lacks(o) l WHERE o.id = :'r' AND l.pointer NOT LIKE '%form'), '/papers/proof', 'nor is it whole without them');

-- ---- prices: those of the kind, otherwise the general ones; fees; gifts are for new applicants ----
CREATE FUNCTION pg_temp.price(wanted uuid) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_agg(x -> 'fen') FROM hall.orders o, jsonb_array_elements(hall.price_parts(o)) x WHERE o.id = wanted $$;
SELECT is(pg_temp.price(:'n'), '[100]', 'a new one');
SELECT is(pg_temp.price(:'s'), '[7]', 'a kind with a price of its own');
SELECT is(pg_temp.price(:'r'), '[9]', 'a kind with fees');
UPDATE hall.orders SET cert_type = 'natural' WHERE id = :'s';
SELECT is(pg_temp.price(:'s'), '[50]', 'a type for which the kind has no price of its own');
CREATE FUNCTION pg_temp.years(slug text, kind text) RETURNS jsonb LANGUAGE sql AS $$ SELECT jsonb_path_query_array(hall.form_spec(slug, kind)::jsonb, '$.types[0].years[*].years') $$;
SELECT is(pg_temp.years(:'slug', 'new'), '[1, 2]', 'the form offers the years that have a price');
SELECT is(pg_temp.years(:'slug', 'seal'), '[1]', 'for that kind');
CREATE FUNCTION pg_temp.saved(wanted uuid, kind text, years int) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.be_with('op', kind || '.save');
    SELECT pg_temp.outcome(format('SELECT hall.order_save(%L, NULL, ''institution'', %s, NULL, ''\x00'', false, ''{}'', NULL, ''x'', NULL, NULL)', wanted, years)) $$;
SELECT is(pg_temp.saved(:'n', 'new', 2), 'ok', 'and a form with them is taken');
SELECT is(pg_temp.saved(:'s', 'seal', 2), 'CH422 /form/years', 'without, refused');
SELECT is(jsonb_array_length(pg_temp.setup(:'project', 'new') -> 'gifts'), 1, 'a gift for new applicants');
SELECT is(jsonb_array_length(pg_temp.setup(:'project', 'reissue') -> 'gifts'), 0, 'not for who has a certificate');
SELECT ok((SELECT hall.gift_json(o) ? 'gift' FROM hall.orders o WHERE id = :'n'), 'its order says so');

-- ---- tickets ----
SELECT pg_temp.be('partner', gen_random_uuid(), '{partner}', :'project');
INSERT INTO hall.partner_key (id, project, secret) SELECT (hall.caller()).who, :'project', '';
SELECT ok(hall.ticket_new(gen_random_uuid(), sha256('seal'), 'seal', '', '\x00') IS NOT NULL, 'a ticket names its kind');
SELECT is(pg_temp.outcome('SELECT hall.ticket_new(gen_random_uuid(), sha256(''x''), ''magic'', '''', ''\x00'')'), 'CH422 /business', 'one that the project has');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(hall.ticket_open(sha256('seal'), sha256('entry'))::text, '(ok,seal)', 'where the log-in leads');
SELECT pg_temp.be_with('op', 'seal.create');
SELECT hall.ticket_fill(:'s', (SELECT id FROM hall.ticket_read(sha256('entry'))), 'institution', 1, '\x00', '{"agent_name": "a", "unit_name": "b"}');
SELECT is((SELECT locked FROM hall.orders WHERE id = :'s'), '{"agent_name": "a"}', 'what is locked for its kind');

-- ---- a document that contradicts itself ----
CREATE FUNCTION pg_temp.taken(more jsonb) RETURNS text LANGUAGE sql AS $$
    SELECT pg_temp.outcome(format('SELECT hall.project_take(%L, pg_temp.resolved(''{"document": "x"}''))', hall.project_document((SELECT slug FROM hall.project ORDER BY id LIMIT 1))
        - '{prices,gifts,outlets,faq,downloads,messages,mails,courier_rules,notices,links,types,fields,papers,fees,ca}'::text[]
        || '{"slug": "tapkind", "project_id": "00000000000000000000000000000007", "seal_mode": "never", "finauth": "none", "business": ["new", "reissue"]}'
        || jsonb_build_object('agreements', '[{"code": "service", "version": "2026-01"}]'::jsonb, 'steps', '[]'::jsonb, 'types',
           '[{"cert_type": "x", "name": "x", "person": "natural", "medium": "file", "prices": [{"years": 1, "parts": [{"part": "certificate", "name": "x", "fen": 1}]}]}]'::jsonb) || more)) $$;
SELECT is(pg_temp.taken(more::jsonb), wanted, more) FROM (VALUES
    ('{}', 'ok'),
    ('{"fields": [{"field": "years", "businesses": ["new"]}]}', 'ok'),
    ('{"fields": [{"field": "years", "businesses": ["seal"]}]}', 'CH422 /fields'),
    ('{"fields": [{"field": "years", "businesses": []}]}', 'CH422 /fields/0/businesses'),
    ('{"fields": [{"field": "years"}, {"field": "years", "businesses": ["new"]}]}', 'CH422 /fields'),
    ('{"fields": [{"field": "years", "businesses": ["reissue"]}, {"field": "years", "businesses": ["new"]}]}', 'ok'),
    ('{"fields": [{"field": "years"}, {"field": "years"}]}', 'CH422 /fields/1/field'),
    ('{"papers": [{"code": "a", "name": "a", "stamped": true, "formats": ["bmp"], "businesses": ["change"]}]}', 'CH422 /papers'),
    ('{"steps": [{"step": "form", "label": "x", "businesses": ["reissue"]}, {"step": "form", "label": "y"}]}', 'ok'),
    ('{"steps": [{"step": "form", "label": "x", "businesses": ["reissue"]}, {"step": "form", "label": "y", "businesses": ["new", "reissue"]}]}', 'CH422 /steps'),
    ('{"seal_mode": "asked"}', 'CH422 /steps'),
    ('{"seal_mode": "asked", "steps": [{"step": "agreements", "label": "a"}, {"step": "seal", "label": "s"}]}', 'ok'),
    ('{"finauth": "pin", "account_asked": "form", "fields": [{"field": "account_no"}, {"field": "account_branch", "businesses": ["new"]}]}', 'CH422 /account_asked'),
    ('{"finauth": "pin", "account_asked": "form", "fields": [{"field": "account_no"}, {"field": "account_branch"}]}', 'ok')) v(more, wanted);
SELECT * FROM finish();
ROLLBACK;
