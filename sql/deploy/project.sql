-- Deploy certhall:project to pg
-- One partner's way of applying. Everything that differs between partners is a row here, and a guard is a column.
BEGIN;

CREATE TABLE hall.project (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slug              text NOT NULL UNIQUE CHECK (slug ~ '^[a-z][a-z0-9-]{1,30}$'
                          AND slug NOT IN ('hall', 'desk', 'partner', 'ocsp', 'crl', 'healthz', 'metrics', 'assets',
                                           'sandbox', 'notify', 'api', 'docs', 'index')),
    project_id        text NOT NULL UNIQUE CHECK (project_id ~ '^[0-9a-f]{32}$'),
    name              text NOT NULL,
    title             text NOT NULL,
    form_title        text NOT NULL,
    intro             text NOT NULL DEFAULT '',
    hotline_text      text NOT NULL DEFAULT '',
    open              bool NOT NULL DEFAULT true,
    business          text[] NOT NULL,
    login_ways        text[] NOT NULL CHECK (login_ways <@ ARRAY['sms', 'password'] AND cardinality(login_ways) > 0),
    self_registration bool NOT NULL,
    seal_mode         text NOT NULL CHECK (seal_mode IN ('never', 'always', 'asked')),
    seal_default      bool NOT NULL DEFAULT true,
    payment_ways      text[] NOT NULL CHECK (payment_ways <@ ARRAY['wechat', 'alipay', 'transfer']),
    finauth           text NOT NULL CHECK (finauth IN ('code', 'pin', 'none')),
    account_asked     text NOT NULL CHECK (account_asked IN ('form', 'after_payment')),
    review_days       int NOT NULL CHECK (review_days > 0),
    ship_days         int CHECK (ship_days > 0), -- NULL: review_days covers both
    couriers          text[] NOT NULL,
    courier_payment   text NOT NULL CHECK (courier_payment IN ('collect', 'prepaid')),
    gift_note         text NOT NULL DEFAULT '',
    revision          int NOT NULL DEFAULT 1,
    audit_seq         int NOT NULL,
    audit_head        bytea NOT NULL
);
CREATE TRIGGER project_audited BEFORE INSERT OR UPDATE ON hall.project
    FOR EACH ROW EXECUTE FUNCTION hall.audited('project');

-- convert_to is marked stable because encodings may be added; towards UTF8 it does not change.
CREATE FUNCTION hall.sha256_hex(body text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT encode(sha256(convert_to(body, 'UTF8')), 'hex') $$;

-- Texts that are agreed to; a version never changes once somebody has agreed.
CREATE TABLE hall.agreement (
    code    text NOT NULL,
    version text NOT NULL,
    title   text NOT NULL,
    body    text NOT NULL,
    sha256  text GENERATED ALWAYS AS (hall.sha256_hex(body)) STORED,
    PRIMARY KEY (code, version)
);
CREATE TABLE hall.project_agreement (
    project uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    pos     int NOT NULL,
    box     int NOT NULL DEFAULT 1, -- one tick for each box
    code    text NOT NULL,
    version text NOT NULL,
    PRIMARY KEY (project, pos),
    FOREIGN KEY (code, version) REFERENCES hall.agreement
);
CREATE TABLE hall.project_step (
    project uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    pos     int NOT NULL,
    step    text NOT NULL CHECK (step IN ('agreements', 'seal', 'form', 'print', 'materials', 'phone', 'payment')),
    label   text NOT NULL,
    PRIMARY KEY (project, pos),
    UNIQUE (project, step)
);
CREATE TABLE hall.project_type (
    project   uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    pos       int NOT NULL,
    cert_type text NOT NULL,
    name      text NOT NULL,
    person    text NOT NULL CHECK (person IN ('institution', 'holder', 'natural')),
    medium    text NOT NULL CHECK (medium IN ('ukey', 'file')),
    PRIMARY KEY (project, cert_type)
);
-- The price of a certificate is the sum of its named parts.
CREATE TABLE hall.project_price (
    project   uuid NOT NULL,
    cert_type text NOT NULL,
    years     int NOT NULL CHECK (years BETWEEN 1 AND 5),
    part      text NOT NULL CHECK (part IN ('certificate', 'medium', 'seal')),
    name      text NOT NULL,
    fen       int NOT NULL CHECK (fen >= 0),
    with_seal bool NOT NULL DEFAULT false, -- charged only when a seal is wanted
    PRIMARY KEY (project, cert_type, years, part),
    FOREIGN KEY (project, cert_type) REFERENCES hall.project_type ON DELETE CASCADE
);
-- Fields of core/hall/form.tbl that this project shows.
CREATE TABLE hall.project_field (
    project     uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    field       text NOT NULL,
    required    bool NOT NULL,
    hint        text NOT NULL DEFAULT '',
    cert_types  text[], -- NULL: all
    levels      int CHECK (levels BETWEEN 2 AND 4), -- of a region
    PRIMARY KEY (project, field)
);
CREATE TABLE hall.project_material (
    project    uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    pos        int NOT NULL,
    code       text NOT NULL,
    name       text NOT NULL,
    stamped    bool NOT NULL,
    formats    text[] NOT NULL,
    with_seal  bool NOT NULL DEFAULT false, -- asked for only when a seal is wanted
    cert_types text[],
    note       text NOT NULL DEFAULT '',
    of_form    bool NOT NULL DEFAULT false, -- a scan of what the hall printed: stale when the form changes
    PRIMARY KEY (project, code)
);
CREATE TABLE hall.project_gift (
    project    uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    years      int NOT NULL CHECK (years BETWEEN 1 AND 5),
    name       text NOT NULL,
    needs_seal bool NOT NULL,
    stock      int NOT NULL CHECK (stock >= 0),
    PRIMARY KEY (project, years)
);
CREATE TABLE hall.project_link (
    project uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    pos     int NOT NULL,
    label   text NOT NULL,
    url     text NOT NULL,
    PRIMARY KEY (project, pos)
);
-- Messages: the project's own text for an event, else the hall's (project NULL). {name} is replaced by a parameter.
CREATE TABLE hall.message_template (
    event      text NOT NULL,
    project    uuid REFERENCES hall.project ON DELETE CASCADE,
    vendor_id  text NOT NULL,           -- the number under which the SMS vendor has approved the text
    body       text NOT NULL,
    parameters text[] NOT NULL,
    UNIQUE NULLS NOT DISTINCT (event, project)
);

-- Takes the definition of a project in; JSON because a whole project is one document that is compared and signed.
CREATE FUNCTION hall.project_import(d jsonb) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p uuid;
    t jsonb;
BEGIN
    INSERT INTO project AS old (slug, project_id, name, title, form_title, intro, hotline_text, business, login_ways,
        self_registration, seal_mode, seal_default, payment_ways, finauth, account_asked, review_days, ship_days, couriers,
        courier_payment, gift_note)
    SELECT slug, project_id, name, title, form_title, coalesce(intro, ''), coalesce(hotline_text, ''), business, login_ways,
        self_registration, seal_mode, coalesce(seal_default, true), payment_ways, finauth, account_asked, review_days,
        ship_days, couriers, courier_payment, coalesce(gift_note, '')
      FROM jsonb_populate_record(NULL::project, d)
    ON CONFLICT (slug) DO UPDATE SET (project_id, name, title, form_title, intro, hotline_text, business, login_ways,
        self_registration, seal_mode, seal_default, payment_ways, finauth, account_asked, review_days, ship_days, couriers,
        courier_payment, gift_note, revision) = (EXCLUDED.project_id, EXCLUDED.name, EXCLUDED.title, EXCLUDED.form_title,
        EXCLUDED.intro, EXCLUDED.hotline_text, EXCLUDED.business, EXCLUDED.login_ways, EXCLUDED.self_registration,
        EXCLUDED.seal_mode, EXCLUDED.seal_default, EXCLUDED.payment_ways, EXCLUDED.finauth, EXCLUDED.account_asked,
        EXCLUDED.review_days, EXCLUDED.ship_days, EXCLUDED.couriers, EXCLUDED.courier_payment, EXCLUDED.gift_note,
        old.revision + 1)
    RETURNING id INTO p;

    DELETE FROM project_agreement WHERE project = p;
    INSERT INTO project_agreement SELECT p, pos, coalesce((a ->> 'box')::int, 1), a ->> 'code', a ->> 'version'
      FROM jsonb_array_elements(d -> 'agreements') WITH ORDINALITY AS e(a, pos);
    DELETE FROM project_step WHERE project = p;
    INSERT INTO project_step SELECT p, pos, s ->> 'step', s ->> 'label'
      FROM jsonb_array_elements(d -> 'steps') WITH ORDINALITY AS e(s, pos);
    DELETE FROM project_type WHERE project = p;
    INSERT INTO project_type SELECT p, pos, x ->> 'cert_type', x ->> 'name', x ->> 'person', x ->> 'medium'
      FROM jsonb_array_elements(d -> 'types') WITH ORDINALITY AS e(x, pos);
    FOR t IN SELECT * FROM jsonb_array_elements(d -> 'types') LOOP
        INSERT INTO project_price SELECT p, t ->> 'cert_type', (y ->> 'years')::int, part ->> 'part', part ->> 'name',
               (part ->> 'fen')::int, coalesce((part ->> 'with_seal')::bool, false)
          FROM jsonb_array_elements(t -> 'prices') y, jsonb_array_elements(y -> 'parts') part;
    END LOOP;
    DELETE FROM project_field WHERE project = p;
    INSERT INTO project_field SELECT p, r.field, coalesce(r.required, true), coalesce(r.hint, ''), r.cert_types, r.levels
      FROM jsonb_populate_recordset(NULL::project_field, d -> 'fields') r;
    DELETE FROM project_material WHERE project = p;
    INSERT INTO project_material SELECT p, r.pos, r.code, r.name, r.stamped, r.formats, coalesce(r.with_seal, false),
           r.cert_types, coalesce(r.note, ''), coalesce(r.of_form, false)
      FROM (SELECT (jsonb_populate_record(NULL::project_material, m)).*, n FROM
            jsonb_array_elements(d -> 'materials') WITH ORDINALITY AS e(m, n)) r(project, pos0, code, name, stamped,
            formats, with_seal, cert_types, note, of_form, pos);
    -- Stock is counted by the hall: an import names it for gifts that are new.
    DELETE FROM project_gift g WHERE project = p
       AND NOT EXISTS (SELECT FROM jsonb_array_elements(d -> 'gifts') x WHERE (x ->> 'years')::int = g.years);
    INSERT INTO project_gift SELECT p, r.years, r.name, r.needs_seal, r.stock
      FROM jsonb_populate_recordset(NULL::project_gift, coalesce(d -> 'gifts', '[]')) r
    ON CONFLICT (project, years) DO UPDATE SET name = EXCLUDED.name, needs_seal = EXCLUDED.needs_seal;
    DELETE FROM project_link WHERE project = p;
    INSERT INTO project_link SELECT p, pos, l ->> 'label', l ->> 'url'
      FROM jsonb_array_elements(coalesce(d -> 'links', '[]')) WITH ORDINALITY AS e(l, pos);
    DELETE FROM message_template WHERE project = p;
    INSERT INTO message_template SELECT r.event, p, r.vendor_id, r.body, r.parameters
      FROM jsonb_populate_recordset(NULL::message_template, coalesce(d -> 'messages', '[]')) r;
    RETURN p;
END $$;

-- Who calls, may they, in which project. Core runs this before every statement of a request, in the same round trip; what it
-- finds out is known to the transaction (hall.known). `wanted_roles` are those that the route's row names.
CREATE FUNCTION hall.enter(token bytea, wanted_roles text[], slug_ text, op text, address text, request text) RETURNS uuid
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    project_ uuid;
    s session;
    l link;
    kind text := 'nobody';
    who uuid;
    roles text[] := ARRAY(SELECT unnest(wanted_roles) INTERSECT SELECT unnest(ARRAY['public', 'vendor']));
BEGIN
    IF slug_ NOT IN ('', 'hall') THEN -- the hall itself has pages of no project
        SELECT id INTO project_ FROM project WHERE slug = slug_;
        IF NOT FOUND THEN
            PERFORM refuse(404, '没有这个办理入口，请核对合作平台给您的链接。');
        END IF;
    END IF;
    SELECT * INTO s FROM session WHERE token_hash = token AND expires_at > now();
    IF FOUND AND s.account IS NOT NULL THEN
        kind := 'account'; who := s.account; roles := roles || '{applicant}';
    ELSIF FOUND THEN
        kind := 'staff'; who := s.staff;
        roles := roles || coalesce((SELECT f.roles FROM staff f WHERE f.id = s.staff AND active), '{}');
    ELSIF 'phone' = ANY (wanted_roles) THEN
        SELECT * INTO l FROM link WHERE token_hash = token AND purpose = 'phone' AND expires_at > now();
        IF NOT FOUND THEN
            PERFORM refuse(410, '认证链接已失效，请在电脑上重新生成二维码。');
        END IF;
        kind := 'link'; who := l.subject; roles := roles || '{phone}';
    END IF;
    IF NOT roles && wanted_roles THEN
        IF who IS NULL THEN
            PERFORM refuse(401, '登录已失效，请重新登录。');
        END IF;
        PERFORM refuse(403, '您没有办理此事项的权限。');
    END IF;
    IF s.seen_at < now() - interval '1 minute' THEN
        UPDATE session SET seen_at = now() WHERE token_hash = token;
    END IF;
    PERFORM set_config('hall.kind', kind, true), set_config('hall.who', coalesce(who::text, ''), true),
            set_config('hall.roles', roles::text, true), set_config('hall.project', coalesce(project_::text, ''), true),
            set_config('hall.op', op, true), set_config('hall.address', address, true),
            set_config('hall.request', request, true);
    RETURN who;
END $$;

COMMIT;
