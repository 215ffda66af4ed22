-- Projects: the import of a project's document, and what pages show of a project.

-- Imports the definition of a project. It is one JSON document, so that a whole project can be compared and signed.
CREATE OR REPLACE FUNCTION hall.project_import(d jsonb) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p uuid;
    list project_list;
    own jsonb := jsonb_strip_nulls(d - ARRAY(SELECT member FROM project_list) - 'gifts');
    wrong text;
BEGIN
    PERFORM project_ca_check(d);
    SELECT k INTO wrong FROM jsonb_object_keys(own) k WHERE k NOT IN (SELECT columns_of('project'))
        OR k IN ('id', 'revision', 'audit_seq', 'audit_head') LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, format('项目文件里的 /%s 不是已知的项目。', wrong), '/' || wrong);
    END IF;
    p := project_put(CASE WHEN own ->> 'ca' = '' THEN own - 'ca' ELSE own END);
    FOR list IN SELECT * FROM project_list LOOP
        PERFORM list_import(p, list, d -> list.member);
    END LOOP;
    INSERT INTO project_price SELECT p, t ->> 'cert_type', (y ->> 'years')::int, part ->> 'part', part ->> 'name',
           (part ->> 'fen')::int, coalesce((part ->> 'with_seal')::bool, false), y ->> 'business'
      FROM jsonb_array_elements(d -> 'types') t, jsonb_array_elements(coalesce(t -> 'prices', '[]')) y,
           jsonb_array_elements(y -> 'parts') part;
    -- The hall counts the stock; an import sets it only for new gifts.
    DELETE FROM project_gift g WHERE project = p
       AND NOT EXISTS (SELECT FROM jsonb_array_elements(d -> 'gifts') x WHERE (x ->> 'years')::int = g.years);
    INSERT INTO project_gift SELECT p, r.years, r.name, r.needs_seal, r.stock
      FROM jsonb_populate_recordset(NULL::project_gift, coalesce(d -> 'gifts', '[]')) r
    ON CONFLICT (project, years) DO UPDATE SET name = EXCLUDED.name, needs_seal = EXCLUDED.needs_seal;
    RETURN p;
END $$;

-- A foreign key for arrays of codes: the values are rows of a table, which cannot be deleted while they are named. Arguments: the
-- column of hall.project, the table, and what it contains.
CREATE OR REPLACE FUNCTION hall.array_references() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    named text[];
    there text[];
    wrong text;
BEGIN
    EXECUTE format('SELECT $1.%I', TG_ARGV[0]) INTO named USING NEW;
    EXECUTE format('SELECT array_agg(code) FROM (SELECT code FROM %I WHERE code = ANY ($1) FOR KEY SHARE) x', TG_ARGV[1]) INTO there USING named;
    SELECT code INTO wrong FROM unnest(named) code WHERE code <> ALL (coalesce(there, '{}')) LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, format('没有“%s”这%s。', wrong, TG_ARGV[2]), '/' || TG_ARGV[0]);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER project_business AFTER INSERT OR UPDATE OF business ON hall.project
    FOR EACH ROW EXECUTE FUNCTION hall.array_references('business', 'business', '种业务');
CREATE OR REPLACE TRIGGER project_payment_ways AFTER INSERT OR UPDATE OF payment_ways ON hall.project
    FOR EACH ROW EXECUTE FUNCTION hall.array_references('payment_ways', 'payment_channel', '种支付方式');
CREATE OR REPLACE TRIGGER project_changes AFTER INSERT OR UPDATE OF changes ON hall.project
    FOR EACH ROW EXECUTE FUNCTION hall.array_references('changes', 'change_kind', '种变更');
CREATE OR REPLACE TRIGGER project_couriers AFTER INSERT OR UPDATE OF couriers ON hall.project
    FOR EACH ROW EXECUTE FUNCTION hall.array_references('couriers', 'courier', '家快递');

-- The opposite side of it. Argument: the column of hall.project.
CREATE OR REPLACE FUNCTION hall.array_referenced() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE of_project text;
BEGIN
    EXECUTE format('SELECT slug FROM project WHERE $1 = ANY (%I) LIMIT 1', TG_ARGV[0]) INTO of_project USING OLD.code;
    IF of_project IS NOT NULL THEN
        RAISE foreign_key_violation USING MESSAGE = format('%s of project %s names "%s"', TG_ARGV[0], of_project, OLD.code);
    END IF;
    RETURN NULL;
END $$;
CREATE OR REPLACE TRIGGER business_named AFTER DELETE OR UPDATE OF code ON hall.business
    FOR EACH ROW EXECUTE FUNCTION hall.array_referenced('business');
CREATE OR REPLACE TRIGGER payment_channel_named AFTER DELETE OR UPDATE OF code ON hall.payment_channel
    FOR EACH ROW EXECUTE FUNCTION hall.array_referenced('payment_ways');
CREATE OR REPLACE TRIGGER change_kind_named AFTER DELETE OR UPDATE OF code ON hall.change_kind
    FOR EACH ROW EXECUTE FUNCTION hall.array_referenced('changes');
CREATE OR REPLACE TRIGGER courier_named AFTER DELETE OR UPDATE OF code ON hall.courier
    FOR EACH ROW EXECUTE FUNCTION hall.array_referenced('couriers');

-- The data against which a partner's link is checked.
CREATE OR REPLACE VIEW hall.project_entry AS SELECT slug, project_id, open, business FROM hall.project;

-- The kind of business that is meant: one that there is, otherwise the project's first.
CREATE OR REPLACE FUNCTION hall.kind_of(p hall.project, kind text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN coalesce((SELECT code FROM business WHERE code = kind), p.business[1]);
END $$;

-- Whether an application of that kind begins with a certificate, and not with an empty form.
CREATE OR REPLACE FUNCTION hall.of_certificate(kind text) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN EXISTS (SELECT FROM business_step WHERE business = kind AND step = 'certificate');
END $$;

-- A project's prices for a kind of business: of each type its own ones, or else those that are for every kind.
CREATE OR REPLACE FUNCTION hall.prices(p uuid, kind text) RETURNS SETOF hall.project_price
LANGUAGE plpgsql STABLE ROWS 5 SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT y.* FROM project_price y WHERE y.project = p AND (y.business = kind OR y.business IS NULL AND NOT EXISTS (
        SELECT FROM project_price own WHERE own.project = p AND own.cert_type = y.cert_type AND own.business = kind));
END $$;

-- The project's fields for a kind of business, as core/form/form reads them; without `kind` those for its first kind.
CREATE OR REPLACE FUNCTION hall.form_spec(wanted text, kind text DEFAULT NULL) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    kind := (SELECT kind_of(p, kind) FROM project p WHERE p.slug = wanted);
    RETURN (SELECT jsonb_build_object('revision', p.revision,
        'project', jsonb_build_object('slug', p.slug, 'name', p.name, 'form_title', p.form_title, 'account_asked', p.account_asked),
        'businesses', (SELECT jsonb_object_agg(code, name) FROM business),
        'extends', extends(kind),
        'fields', (SELECT coalesce(jsonb_agg(to_jsonb(f) - '{project,businesses}'::text[]), '[]') FROM project_field f
            WHERE f.project = p.id AND (f.businesses IS NULL OR kind = ANY (f.businesses)) AND NOT (extends(kind) AND f.field = 'items'))
            -- where one certificate is extended, several can be
            || CASE WHEN extends(kind) THEN '[{"field": "items", "required": false}]'::jsonb ELSE '[]' END,
        'types', (SELECT jsonb_agg(jsonb_build_object('code', t.cert_type, 'name', t.name, 'person', t.person,
            'medium', t.medium, 'most', t.most, 'years', (SELECT coalesce(jsonb_agg(jsonb_build_object('years', y.years,
                'total', y.total, 'parts', y.parts) ORDER BY y.years), '[]') FROM (SELECT years, sum(fen) AS total,
                    jsonb_agg(jsonb_build_object('part', part, 'name', name, 'fen', fen, 'with_seal', with_seal)
                              ORDER BY part) AS parts FROM prices(p.id, kind)
                    WHERE cert_type = t.cert_type GROUP BY years) y)) ORDER BY t.pos)
            FROM project_type t WHERE t.project = p.id))::text
      FROM project p WHERE p.slug = wanted);
END $$;

-- The projects on the hall's front page.
CREATE OR REPLACE FUNCTION hall.projects_json() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('slug', slug, 'project_id', project_id, 'name', name, 'title', title,
               'intro', intro, 'business', business, 'login_ways', login_ways,
               'entry', '/' || slug || '/getLogin?projectId=' || project_id) ORDER BY name), '[]') FROM project WHERE open);
END $$;

-- The kinds of business that one can apply for now, with the descriptions of those that are products.
CREATE OR REPLACE FUNCTION hall.businesses_json() RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('code', b.code, 'name', b.name, 'product',
               CASE WHEN b.product IS NOT NULL THEN jsonb_build_object('text', b.product, 'points', (
                   SELECT coalesce(jsonb_agg(jsonb_build_object('title', t.title, 'text', t.text) ORDER BY t.pos), '[]')
                     FROM business_point t WHERE t.business = b.code)) END) ORDER BY b.pos), '[]')
      FROM business b WHERE EXISTS (SELECT FROM project p WHERE p.open AND b.code = ANY (p.business)));
END $$;

-- The steps of an application in their order: those that the project lists for the kind of business, otherwise its general ones,
-- otherwise those of the kind itself; without `kind` those of the project's first kind. General ones fit a kind if they begin as it does:
-- with the choice of a certificate, or without.
CREATE OR REPLACE FUNCTION hall.steps_json(p hall.project, kind text DEFAULT NULL) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    of_kind text := kind_of(p, kind);
    chooses bool := of_certificate(of_kind);
BEGIN
    RETURN (WITH page AS (
            SELECT 1 AS rank, pos, step, label FROM project_step WHERE project = p.id AND of_kind = ANY (businesses)
            UNION ALL SELECT 2, g.pos, g.step, g.label FROM project_step g WHERE g.project = p.id AND g.businesses IS NULL
               AND chooses = EXISTS (SELECT FROM project_step x WHERE x.project = p.id AND x.businesses IS NULL AND x.step = 'certificate')
            UNION ALL SELECT 3, pos, step, label FROM business_step WHERE business = of_kind)
        SELECT coalesce(jsonb_agg(jsonb_build_object('key', s.code, 'label', page.label, 'before_draft', s.before_draft)
                                  ORDER BY page.pos), '[]') FROM page JOIN step s ON s.code = page.step
         WHERE page.rank = (SELECT min(rank) FROM page));
END $$;

CREATE OR REPLACE FUNCTION hall.payment_ways_json(p hall.project) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('code', c.code, 'name', c.name, 'app', c.app, 'page', c.page, 'phone', c.phone, 'hint', c.hint,
               'online', c.online) ORDER BY w.n), '[]')
              FROM unnest(p.payment_ways) WITH ORDINALITY AS w(code, n) JOIN payment_channel c USING (code));
END $$;

CREATE OR REPLACE FUNCTION hall.project_face(wanted uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT jsonb_build_object('slug', slug, 'project_id', project_id, 'name', name, 'title', title, 'form_title', form_title,
        'platform', platform, 'next_button', next_button, 'confirm_type', confirm_type,
        'intro', intro, 'login_ways', login_ways, 'self_registration', self_registration,
        'businesses', (SELECT jsonb_agg(jsonb_build_object('code', b.code, 'name', b.name, 'intro', b.intro, 'steps', steps_json(p, b.code)) ORDER BY k.n)
            FROM unnest(p.business) WITH ORDINALITY k(code, n) JOIN business b USING (code)),
        'hotline_text', hotline_text, 'links', (SELECT coalesce(jsonb_agg(jsonb_build_object(
            'label', l.label, 'url', l.url, 'kind', l.kind) ORDER BY l.pos), '[]') FROM project_link l WHERE l.project = id))
      FROM project p WHERE id = wanted);
END $$;

-- Everything that the pages of an application need to know about the project, except the form, for the requested kind of business. Gifts
-- are for new applicants.
CREATE OR REPLACE FUNCTION hall.setup_json(wanted uuid) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE kind text := split_part((caller()).op, '.', 1);
BEGIN
    RETURN (SELECT jsonb_build_object(
        'agreements', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', g.code, 'title', g.title, 'version', g.version,
            'sha256', g.sha256, 'box', a.box, 'text', g.body) ORDER BY a.pos), '[]')
            FROM project_agreement a JOIN agreement g USING (code, version) WHERE a.project = p.id),
        'notices', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', g.code, 'title', g.title, 'version', g.version,
            'sha256', g.sha256, 'text', g.body, 'first', n.first) ORDER BY n.pos), '[]')
            FROM notices(p.id, kind) n JOIN agreement g USING (code, version)),
        'steps', steps_json(p, kind),
        'seal', jsonb_build_object('mode', p.seal_mode, 'default', p.seal_default),
        'gifts', (SELECT coalesce(jsonb_agg(jsonb_build_object('years', years, 'needs_seal', needs_seal, 'name', name,
            'left', stock) ORDER BY years), '[]') FROM project_gift WHERE project = p.id AND NOT of_certificate(kind)),
        'gift_note', p.gift_note,
        'payment_ways', payment_ways_json(p),
        'papers', (SELECT coalesce(jsonb_agg(jsonb_build_object('code', code, 'name', name, 'stamped', stamped,
            'colour', true, 'formats', formats, 'max_bytes', 2097152,
            'when_text', CASE WHEN with_seal THEN '办理电子签章时需要'
                WHEN changes IS NOT NULL THEN (SELECT format('变更%s时需要', string_agg(k.name, '、' ORDER BY k.pos)) FROM change_kind k WHERE k.code = ANY (changes))
                ELSE '' END,
            'needed', jsonb_build_object('seal', CASE WHEN with_seal THEN true END, 'types', cert_types), 'note', note,
            'template', template, 'per_item', per_item, 'shows', shows, 'sheets', sheets)
            ORDER BY pos), '[]') FROM project_paper WHERE project = p.id AND (businesses IS NULL OR kind = ANY (businesses))))
      FROM project p WHERE p.id = wanted);
END $$;

-- An application that cannot be served is refused at the beginning.
CREATE OR REPLACE FUNCTION hall.project_ca_check(d jsonb) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    named text := nullif(d ->> 'ca', '');
    a ca;
BEGIN
    SELECT * INTO a FROM ca WHERE name = named;
    IF named IS NOT NULL AND a.name IS NULL THEN
        PERFORM refuse(422, format('没有名为 %s 的签发机构：自有的是 sm2、rsa、p256，外部的须先在 cmp 目录中设置并重启签发程序。', named), '/ca');
    ELSIF a.external AND a.algorithm = 'sm2' THEN
        PERFORM refuse(422, format('外部签发机构 %s 用 SM2：CMP 接口只支持 RSA 和 P-256，SM2 证书请由本机构签发。', named), '/ca');
    ELSIF a.external AND EXISTS (SELECT FROM jsonb_array_elements(d -> 'types') t WHERE t ->> 'key_origin' = 'token') THEN
        PERFORM refuse(422, format('外部签发机构 %s 只为签发系统生成的密钥签发，key_origin 不能是 token。', named), '/types');
    ELSIF a.external AND EXISTS (SELECT FROM jsonb_array_elements(d -> 'types') t WHERE (t ->> 'pair')::bool) THEN
        PERFORM refuse(422, format('外部签发机构 %s 不签发双证书，pair 只用于本机构的签发机构。', named), '/types');
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.columns_of(tbl regclass) RETURNS SETOF name
LANGUAGE sql STABLE AS $$ SELECT attname FROM pg_attribute WHERE attrelid = tbl AND attnum > 0 AND NOT attisdropped $$;

-- Inserts a row from a JSON object of the document; a violated constraint is reported with the pointer of the object.
CREATE OR REPLACE FUNCTION hall.row_import(target regclass, given jsonb, fixed jsonb, place text, others text[] DEFAULT '{}') RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    whole jsonb := jsonb_strip_nulls(given) - others || fixed;
    wrong text;
    names text;
    part text;
    rule text;
BEGIN
    SELECT k INTO wrong FROM jsonb_object_keys(given - others) k
     WHERE k NOT IN (SELECT columns_of(target)) OR fixed ? k LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, format('项目文件里的 %s/%s 不是已知的项目。', place, wrong), place || '/' || wrong);
    END IF;
    SELECT string_agg(quote_ident(k), ', ') INTO names FROM jsonb_object_keys(whole) k;
    EXECUTE format('INSERT INTO %s (%s) SELECT %s FROM jsonb_populate_record(NULL::%s, $1)', target, names, names, target)
      USING whole;
EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN
    GET STACKED DIAGNOSTICS part = COLUMN_NAME, rule = CONSTRAINT_NAME;
    PERFORM project_refuse(target, place, coalesce(nullif(part, ''), member_unfit(target, whole)), rule, SQLERRM);
END $$;

CREATE OR REPLACE FUNCTION hall.list_import(p uuid, list hall.project_list, rows jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    r record;
    has_pos bool := 'pos' IN (SELECT columns_of(list.tbl));
BEGIN
    EXECUTE format('DELETE FROM %s WHERE project = $1', list.tbl) USING p;
    FOR r IN SELECT value, ordinality AS n FROM jsonb_array_elements(coalesce(rows, '[]')) WITH ORDINALITY LOOP
        PERFORM row_import(list.tbl, r.value, jsonb_build_object('project', p) ||
            CASE WHEN has_pos THEN jsonb_build_object('pos', r.n) ELSE '{}' END, format('/%s/%s', list.member, r.n - 1),
            CASE WHEN list.member = 'types' THEN '{prices}'::text[] ELSE '{}' END);
    END LOOP;
END $$;

-- The project's own row; columns that the document does not name get their defaults.
CREATE OR REPLACE FUNCTION hall.project_put(d jsonb) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p uuid;
    sets text;
    kept text[] := '{id,slug,revision,audit_seq,audit_head}';
BEGIN
    SELECT id INTO p FROM project WHERE slug = d ->> 'slug';
    IF NOT FOUND THEN
        PERFORM row_import('project', d, '{}', '');
        RETURN (SELECT id FROM project WHERE slug = d ->> 'slug');
    END IF;
    SELECT string_agg(CASE WHEN d ? c THEN format('%1$I = x.%1$I', c) ELSE format('%I = DEFAULT', c) END, ', ')
      INTO sets FROM columns_of('project') c WHERE c <> ALL (kept);
    EXECUTE format('UPDATE project SET %s, revision = project.revision + 1 FROM jsonb_populate_record(NULL::project, $1) x
                     WHERE project.id = $2', sets) USING d, p;
    RETURN p;
END $$;

CREATE OR REPLACE FUNCTION hall.notices(p uuid, kind text) RETURNS SETOF hall.project_notice
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT * FROM project_notice WHERE project = p AND (business IS NULL OR business = kind) ORDER BY pos;
END $$;

-- What a project offers, for the public: what there is, what it costs, and where to get help.
CREATE OR REPLACE FUNCTION hall.product(kind text) RETURNS TABLE ("out" text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT (project_face(p.id) || jsonb_build_object('steps', steps_json(p, kind), 'types', form_spec(p.slug, kind)::jsonb -> 'types',
               'entry', '/' || p.slug || '/getLogin?projectId=' || p.project_id || CASE WHEN cardinality(p.business) > 1 THEN '&business=' || kind ELSE '' END))::text
      FROM project p WHERE p.id = my_project() AND p.open AND kind = ANY (p.business);
END $$;

-- The members are named as in a project's document ("courier_rules", "messages", "mails"); a list that is missing stays as it is.
-- Texts are replaced for each event, rules as a whole.
CREATE OR REPLACE FUNCTION hall.defaults_import(d jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    list project_list;
    r record;
    wrong text;
BEGIN
    SELECT k INTO wrong FROM jsonb_object_keys(d) k WHERE k NOT IN ('courier_rules', 'messages', 'mails') LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, format('/%s 不是营业厅自己的规则或文本。', wrong), '/' || wrong);
    END IF;
    FOR list IN SELECT * FROM project_list WHERE d ? member LOOP
        IF list.member = 'courier_rules' THEN
            DELETE FROM courier_rule WHERE project IS NULL;
        ELSE
            EXECUTE format('DELETE FROM %s t USING jsonb_array_elements($1) e WHERE t.project IS NULL AND t.event = e ->> ''event''',
                           list.tbl) USING d -> list.member;
        END IF;
        FOR r IN SELECT value, ordinality AS n FROM jsonb_array_elements(d -> list.member) WITH ORDINALITY LOOP
            PERFORM row_import(list.tbl, r.value, '{"project": null}', format('/%s/%s', list.member, r.n - 1));
        END LOOP;
    END LOOP;
END $$;

CREATE OR REPLACE FUNCTION hall.defaults_json() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN jsonb_pretty(jsonb_build_object(
        'courier_rules', (SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(r)) - 'project' ORDER BY priority DESC, region,
            keyword) FROM courier_rule r WHERE project IS NULL),
        'messages', (SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(t)) - 'project' ORDER BY event)
            FROM message_template t WHERE project IS NULL),
        'mails', (SELECT jsonb_agg(jsonb_strip_nulls(to_jsonb(t)) - 'project' ORDER BY event) FROM mail_template t
            WHERE project IS NULL)));
END $$;

CREATE OR REPLACE FUNCTION hall.help_json() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN jsonb_build_object(
        'faq', (SELECT coalesce(jsonb_agg(jsonb_build_object('topic', topic, 'question', question, 'answer', answer)
                    ORDER BY project NULLS LAST, pos), '[]') FROM faq WHERE project IS NULL OR project = my_project()),
        'downloads', (SELECT coalesce(jsonb_agg(jsonb_build_object('name', name, 'url', url, 'note', note)
                    ORDER BY project NULLS LAST, pos), '[]') FROM download WHERE project IS NULL OR project = my_project()))::text;
END $$;

CREATE OR REPLACE FUNCTION hall.project_of_slug(wanted text) RETURNS uuid
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE p uuid := (SELECT id FROM project WHERE slug = wanted);
BEGIN
    IF p IS NULL THEN
        PERFORM refuse(404, format('没有 %s 这个项目。', wanted), '/slug');
    END IF;
    RETURN p;
END $$;

-- The first member whose value does not have the type of its column; NULL when all have.
CREATE OR REPLACE FUNCTION hall.member_unfit(target regclass, given jsonb) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE k text;
BEGIN
    FOR k IN SELECT * FROM jsonb_object_keys(given) LOOP
        BEGIN
            EXECUTE format('SELECT jsonb_populate_record(NULL::%s, $1)', target) USING jsonb_build_object(k, given -> k);
        EXCEPTION WHEN data_exception THEN
            RETURN k;
        END;
    END LOOP;
    RETURN NULL;
END $$;

-- The member that a violated constraint is about: the constraint's first column that the document contains.
CREATE OR REPLACE FUNCTION hall.project_refuse(target regclass, place text, part text, rule text, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE member text := coalesce(nullif(part, ''), (
    SELECT a.attname FROM pg_constraint c JOIN pg_attribute a ON a.attrelid = c.conrelid AND a.attnum = ANY (c.conkey)
     WHERE c.conrelid = target AND c.conname = rule AND a.attname NOT IN ('project', 'pos') ORDER BY a.attnum LIMIT 1));
BEGIN
    PERFORM refuse(422, format('项目文件里的 %s 不正确：%s', place || coalesce('/' || member, ''), why), place || coalesce('/' || member, ''));
END $$;

-- The document that describes a project as it is now, and what the last import read.
CREATE OR REPLACE FUNCTION hall.project_document(wanted text) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p project;
    list project_list;
    rows jsonb;
    d jsonb;
BEGIN
    SELECT * INTO p FROM project WHERE slug = wanted;
    IF NOT FOUND THEN
        RETURN '{}';
    END IF;
    d := to_jsonb(p) - '{id,revision,audit_seq,audit_head}'::text[];
    FOR list IN SELECT * FROM project_list LOOP
        EXECUTE format('SELECT coalesce(jsonb_agg(to_jsonb(x) - ''{project}''::text[] ORDER BY to_jsonb(x) -> ''pos'', x::text), ''[]'') FROM %s x WHERE project = $1', list.tbl)
           INTO rows USING p.id;
        d := d || jsonb_build_object(list.member, rows);
    END LOOP;
    RETURN d || jsonb_build_object(
        'prices', (SELECT coalesce(jsonb_agg(to_jsonb(x) - 'project' ORDER BY cert_type, business, years, part), '[]') FROM project_price x WHERE project = p.id),
        'gifts', (SELECT coalesce(jsonb_agg(to_jsonb(x) - 'project' ORDER BY years), '[]') FROM project_gift x WHERE project = p.id));
END $$;

-- What a member of a project's document, or of its rows, is called; a member without a name by itself.
CREATE OR REPLACE FUNCTION hall.project_word(member text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    RETURN coalesce((SELECT w.name FROM (VALUES
        ('slug', '网址'), ('project_id', '项目编号'), ('name', '名称'), ('title', '标题'), ('form_title', '申请表标题'), ('intro', '介绍'),
        ('hotline_text', '热线'), ('open', '开放'), ('business', '业务'), ('login_ways', '登录方式'), ('self_registration', '自行注册'),
        ('seal_mode', '电子签章'), ('seal_default', '默认办理签章'), ('payment_ways', '支付方式'), ('finauth', '账户认证'), ('account_asked', '对公账户填写时间'),
        ('review_days', '审核天数'), ('ship_days', '寄送天数'), ('whole_days', '审核和制证天数'), ('couriers', '快递公司'), ('courier_payment', '快递付费方式'), ('gift_note', '赠品说明'),
        ('ca', '签发机构'), ('legal_auth', '法定代表人认证'), ('legal_auth_after', '几次失败后可用法定代表人认证'), ('transfer_natural', '个人可转账'),
        ('invoice_by', '发票发送方式'), ('own_list', '个人中心列表'), ('platform', '平台名称'), ('next_button', '下一步按钮'), ('confirm_type', '确认证书类型'),
        ('agreements', '协议'), ('steps', '步骤'), ('types', '证书类型'), ('fields', '申请表项目'), ('papers', '资料'), ('links', '链接'), ('messages', '短信文本'),
        ('fees', '业务费用'), ('businesses', '适用业务'), ('renew_days', '到期前几天可更新'), ('changes', '可以变更的内容'), ('good_days', '更新时沿用的天数'), ('notices', '须知'), ('outlets', '网点'), ('courier_rules', '快递规则'), ('mails', '邮件文本'), ('faq', '常见问题'),
        ('downloads', '下载'), ('prices', '价格'), ('gifts', '赠品'), ('cert_type', '证书类型'), ('person', '主体'), ('medium', '介质'), ('profile', '证书模板'),
        ('key_origin', '密钥产生'), ('pair', '双证书'), ('most', '最多张数'), ('partner_name', '平台用名'), ('years', '年数'), ('part', '费用项'), ('fen', '金额'),
        ('with_seal', '仅办理签章时'), ('field', '项目'), ('required', '必填'), ('hint', '提示'), ('cert_types', '适用证书'), ('levels', '级数'),
        ('options', '选项'), ('locked', '不可修改'), ('code', '代码'), ('stamped', '盖章'), ('formats', '格式'), ('note', '说明'), ('of_form', '申请表扫描件'),
        ('template', '打印模板'), ('per_item', '每张证书一份'), ('sheets', '最多页数'), ('shows', '身份证的哪一面'), ('needs_seal', '须办理签章'), ('stock', '库存'), ('box', '勾选框'), ('first', '勾选之前'), ('version', '版本'),
        ('step', '步骤'), ('label', '名称'), ('url', '地址'), ('kind', '类别'), ('outlet', '网点'), ('region', '地区'), ('keyword', '关键字'), ('courier', '快递公司'),
        ('payment', '付费方式'), ('fee', '费用'), ('priority', '优先级'), ('event', '事件'), ('vendor_id', '模板编号'), ('body', '正文'), ('parameters', '参数'),
        ('recipients', '接收人'), ('subject', '主题'), ('topic', '分类'), ('question', '问题'), ('answer', '答案')) w(code, name)
     WHERE w.code = member), member);
END $$;

-- A value of the document in words; that of `fen` and `fee` is money. A row tells its members but those that are empty.
CREATE OR REPLACE FUNCTION hall.project_value(member text, given jsonb) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN CASE
        WHEN jsonb_typeof(given) = 'boolean' THEN CASE WHEN given::bool THEN '是' ELSE '否' END
        WHEN member IN ('fen', 'fee') THEN yuan(given::int) || ' 元'
        WHEN jsonb_typeof(given) = 'array' THEN
            coalesce(nullif((SELECT string_agg(project_value(member, x), '、' ORDER BY n) FROM jsonb_array_elements(given) WITH ORDINALITY e(x, n)), ''), '无')
        WHEN jsonb_typeof(given) = 'object' THEN
            (SELECT string_agg(format('%s %s', project_word(e.key), project_value(e.key, e.value)), '，' ORDER BY e.key)
               FROM jsonb_each(jsonb_strip_nulls(given) - 'pos') e WHERE e.value NOT IN ('""', '[]'))
        ELSE coalesce(nullif(given #>> '{}', ''), '无') END;
END $$;

-- The differences between two documents, in words (a new one tells nothing of what it leaves empty): "审核天数（review_days）": "1 → 2"; of a list the rows that go and come.
CREATE OR REPLACE FUNCTION hall.document_changes(was jsonb, is_ jsonb) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql STABLE SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT format('%s（%s）', project_word(n.key), n.key),
           format('%s → %s', project_value(n.key, was -> n.key), project_value(n.key, n.value)) FROM jsonb_each(is_) n
     WHERE was -> n.key IS DISTINCT FROM n.value AND (was ? n.key OR n.value NOT IN ('null', '""', '[]'))
       AND (jsonb_typeof(n.value) <> 'array' OR jsonb_typeof(n.value -> 0) IS DISTINCT FROM 'object'
            AND jsonb_typeof(was -> n.key -> 0) IS DISTINCT FROM 'object')
    UNION ALL
    SELECT format('%s（%s）%s', project_word(n.key), n.key, d.sign), project_value(n.key, d.row_) FROM jsonb_each(is_) n, LATERAL (
        SELECT '去掉' AS sign, w AS row_ FROM jsonb_array_elements(CASE jsonb_typeof(was -> n.key) WHEN 'array' THEN was -> n.key ELSE '[]' END) w
         WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(n.value) i WHERE i - 'pos' = w - 'pos')
        UNION ALL SELECT '增加', i FROM jsonb_array_elements(n.value) i
         WHERE NOT EXISTS (SELECT FROM jsonb_array_elements(CASE jsonb_typeof(was -> n.key) WHEN 'array' THEN was -> n.key ELSE '[]' END) w WHERE i - 'pos' = w - 'pos')) d
     WHERE jsonb_typeof(n.value) = 'array' AND (jsonb_typeof(n.value -> 0) = 'object' OR jsonb_typeof(was -> n.key -> 0) = 'object');
END $$;

-- The rows of a project that say for which kinds of business they are.
CREATE OR REPLACE FUNCTION hall.project_business_rows(p uuid) RETURNS TABLE (list text, what text, businesses text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT 'steps', s.step, s.businesses FROM project_step s WHERE s.project = p
    UNION ALL SELECT 'fields', f.field, f.businesses FROM project_field f WHERE f.project = p
    UNION ALL SELECT 'papers', m.code, m.businesses FROM project_paper m WHERE m.project = p;
END $$;

-- Checks that concern more than one row.
CREATE OR REPLACE FUNCTION hall.project_check(p hall.project) RETURNS void
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE wrong record;
BEGIN
    SELECT * INTO wrong FROM (
        SELECT '/types' AS pointer, '至少要有一种证书，每种都要有价格' AS why FROM business b
         WHERE b.code = ANY (p.business) AND b.priced AND (NOT EXISTS (SELECT FROM project_type WHERE project = p.id) OR EXISTS (
                SELECT FROM project_type t WHERE project = p.id AND NOT EXISTS (SELECT FROM prices(p.id, b.code) y WHERE y.cert_type = t.cert_type)))
        UNION ALL
        SELECT '/agreements', '至少要有一份协议' WHERE NOT EXISTS (SELECT FROM project_agreement WHERE project = p.id)
        UNION ALL
        SELECT '/steps', format('询问是否办理电子签章的项目，业务 %s 要有步骤 seal', b) FROM unnest(p.business) b WHERE p.seal_mode = 'asked'
           AND NOT of_certificate(b) AND NOT steps_json(p, b) @> '[{"key": "seal"}]'
        UNION ALL
        SELECT '/' || r.list, format('%s 的 businesses 里有本项目不办理的业务 %s', r.what, b) FROM project_business_rows(p.id) r, unnest(r.businesses) b
         WHERE b <> ALL (p.business)
        UNION ALL
        SELECT '/' || r.list, format('%s 在业务 %s 中有两行', r.what, b) FROM project_business_rows(p.id) r, unnest(p.business) b
         WHERE b = ANY (coalesce(r.businesses, CASE WHEN r.list <> 'steps' THEN p.business END)) GROUP BY r.list, r.what, b HAVING count(*) > 1
        UNION ALL
        SELECT '/fields', format('%s 的 cert_types 里有没有的证书类型', f.field) FROM project_field f WHERE project = p.id
           AND EXISTS (SELECT FROM unnest(f.cert_types) c WHERE c NOT IN (SELECT cert_type FROM project_type WHERE project = p.id))
        UNION ALL
        SELECT '/papers', format('%s 的 cert_types 里有没有的证书类型', m.code) FROM project_paper m WHERE project = p.id
           AND EXISTS (SELECT FROM unnest(m.cert_types) c WHERE c NOT IN (SELECT cert_type FROM project_type WHERE project = p.id))
        UNION ALL
        SELECT '/papers', format('%s 的 changes 里有本项目不办理的变更', m.code) FROM project_paper m WHERE project = p.id AND NOT m.changes <@ p.changes
        UNION ALL
        SELECT '/changes', format('业务 %s 要列出可以变更的内容', b.code) FROM business b WHERE b.code = ANY (p.business) AND b.alters AND p.changes = '{}'
        UNION ALL
        SELECT '/account_asked', format('在申请表里填写对公账户的项目，业务 %s 要有 account_branch 和 account_no 两项', b) FROM unnest(p.business) b
         WHERE p.account_asked = 'form' AND p.finauth <> 'none' AND (SELECT count(*) FROM project_field WHERE project = p.id
               AND field IN ('account_branch', 'account_no') AND (businesses IS NULL OR b = ANY (businesses))) < 2) x LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(422, format('项目文件里的 %s 不正确：%s', wrong.pointer, wrong.why), wrong.pointer);
    END IF;
END $$;

-- Imports a document and returns what has changed. A mistake is reported with the pointer of its place.
CREATE OR REPLACE FUNCTION hall.project_write(d jsonb) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    was jsonb := project_document(d ->> 'slug');
    p uuid;
    part text;
    rule text;
    tbl text;
BEGIN
    BEGIN
        p := project_import(d);
    EXCEPTION WHEN integrity_constraint_violation OR data_exception THEN
        GET STACKED DIAGNOSTICS part = COLUMN_NAME, rule = CONSTRAINT_NAME, tbl = TABLE_NAME;
        PERFORM CASE tbl WHEN 'project_price' THEN project_refuse('project_price', '/types', 'prices', NULL, SQLERRM)
                         WHEN 'project_gift' THEN project_refuse('project_gift', '/gifts', part, rule, SQLERRM)
                         ELSE project_refuse('project', '', coalesce(nullif(part, ''), member_unfit('project', d)), rule, SQLERRM) END;
    END;
    PERFORM project_check(j) FROM project j WHERE j.id = p;
    RETURN QUERY SELECT * FROM document_changes(was, project_document(d ->> 'slug'));
END $$;

-- Publishes a project under a resolution (hall.resolution_keep).
CREATE OR REPLACE FUNCTION hall.project_take(d jsonb, signed jsonb) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT * FROM project_write(d);
    PERFORM resolution_keep('project', (SELECT p.id FROM project p WHERE p.slug = d ->> 'slug'), signed);
END $$;

-- What a resolution about a project says. The import is tried and taken back. The revision makes the text one of this state.
CREATE OR REPLACE FUNCTION hall.project_facts(d jsonb, digest text) RETURNS TABLE (label text, value text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    before int;
    p project;
    labels text[];
    texts text[];
BEGIN
    SELECT x.revision INTO before FROM project x WHERE x.slug = d ->> 'slug' FOR UPDATE;
    BEGIN
        SELECT array_agg(w.label ORDER BY w.label, w.value), array_agg(w.value ORDER BY w.label, w.value) INTO labels, texts FROM project_write(d) w;
        SELECT * INTO p FROM project x WHERE x.slug = d ->> 'slug';
        RAISE SQLSTATE 'CH200';
    EXCEPTION WHEN SQLSTATE 'CH200' THEN
        NULL;
    END;
    RETURN QUERY VALUES
        ('项目', p.name), ('网址', p.slug), ('项目编号', p.project_id), ('文件摘要', digest),
        ('版本', CASE WHEN before IS NULL THEN format('新项目，第 %s 版', p.revision) ELSE format('第 %s 版，替换第 %s 版', p.revision, before) END),
        ('改动', format('%s 处', coalesce(cardinality(labels), 0)));
    RETURN QUERY SELECT * FROM unnest(labels, texts);
END $$;
