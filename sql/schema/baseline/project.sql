-- Projects: one partner's way of applying, as rows.

-- Kinds of business.
CREATE TABLE hall.business (
    code    text PRIMARY KEY CHECK (code ~ '^[a-z]+$'), -- also the name of its module
    pos     int NOT NULL, -- its position where all kinds of business are listed
    name    text NOT NULL,
    priced  bool NOT NULL, -- type and years make its price; otherwise it only costs the project's fees for it (hall.project_fee)
    product text -- its description as a product on the home page; NULL: it is not a product
);

-- The advantages of a product, listed on its page.
CREATE TABLE hall.business_point (
    business text NOT NULL REFERENCES hall.business ON DELETE CASCADE,
    pos      int NOT NULL,
    title    text NOT NULL,
    text     text NOT NULL,
    PRIMARY KEY (business, pos)
);

-- The steps that an application can have; each is a page.
CREATE TABLE hall.step (
    code         text PRIMARY KEY CHECK (code ~ '^[a-z]+$'), -- also the name of its page in nginx/front
    before_draft bool NOT NULL -- it comes before there is a draft, and one cannot go back to it
);

-- The steps of a kind of business in projects that list none of their own.
CREATE TABLE hall.business_step (
    business text NOT NULL REFERENCES hall.business ON DELETE CASCADE,
    pos      int NOT NULL,
    step     text NOT NULL REFERENCES hall.step,
    label    text NOT NULL,
    PRIMARY KEY (business, pos),
    UNIQUE (business, step)
);

CREATE TABLE hall.project (
    id                uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    slug              text NOT NULL UNIQUE CHECK (slug ~ '^[a-z][a-z0-9-]{1,30}$'
    AND slug NOT IN ('hall', 'desk', 'partner', 'ocsp', 'crl', 'verify', 'healthz', 'metrics', 'assets', 'sandbox', 'notify',
                     'api', 'docs', 'index')),
    project_id        text NOT NULL UNIQUE CHECK (project_id ~ '^[0-9a-f]{32}$'),
    name              text NOT NULL,
    title             text NOT NULL,
    form_title        text NOT NULL,
    intro             text NOT NULL DEFAULT '',
    hotline_text      text NOT NULL DEFAULT '',
    open              bool NOT NULL DEFAULT true,
    -- Codes of hall.business, hall.payment_channel and hall.courier, in the order in which pages show them (hall.array_references).
    business          text[] NOT NULL CHECK (cardinality(business) > 0),
    login_ways        text[] NOT NULL CHECK (login_ways <@ ARRAY['sms', 'password'] AND cardinality(login_ways) > 0),
    self_registration bool NOT NULL,
    seal_mode         text NOT NULL CHECK (seal_mode IN ('never', 'always', 'asked')),
    seal_default      bool NOT NULL DEFAULT true,
    payment_ways      text[] NOT NULL,
    finauth           text NOT NULL CHECK (finauth IN ('code', 'pin', 'none')),
    account_asked     text NOT NULL CHECK (account_asked IN ('form', 'after_payment')),
    review_days       int NOT NULL CHECK (review_days > 0),
    ship_days         int CHECK (ship_days > 0), -- NULL: review_days includes shipping
    couriers          text[] NOT NULL,
    courier_payment   text NOT NULL CHECK (courier_payment IN ('collect', 'prepaid')),
    gift_note         text NOT NULL DEFAULT '',
    revision          int NOT NULL DEFAULT 1,
    audit_seq         int NOT NULL,
    audit_head        bytea NOT NULL,
    -- The CA that issues; NULL: the one of setting ca_algorithm.
    ca                text REFERENCES hall.ca,
    legal_auth        bool NOT NULL DEFAULT true, -- whether the legal person may authenticate in place of the bank account
    legal_auth_after  int NOT NULL DEFAULT 2 CHECK (legal_auth_after BETWEEN 1 AND 3),
    transfer_natural  bool NOT NULL DEFAULT false, -- natural persons may pay by transfer, too
    -- How the link to an invoice is sent, in addition to the order's page.
    invoice_by        text[] NOT NULL DEFAULT '{sms}' CHECK (invoice_by <@ ARRAY['sms', 'email']),
    -- The name of the list of the personal centre that has its orders, with or without "我的业务单-"; NULL: the list of all others.
    own_list          text,
    platform          text NOT NULL DEFAULT '', -- the name that the partner's platform has for itself
    next_button       text NOT NULL DEFAULT '下一步', -- label of the button under the agreements
    confirm_type      bool NOT NULL DEFAULT false -- type and years are given already, and the page asks to confirm them
);
SELECT hall.audit_shows('project', 'value', '{slug, project_id, name, title, form_title, intro, hotline_text, open, business, login_ways,
        self_registration, seal_mode, seal_default, payment_ways, finauth, account_asked, review_days, ship_days, couriers, courier_payment,
        gift_note, revision, ca, legal_auth, legal_auth_after, transfer_natural, invoice_by, own_list, platform, next_button, confirm_type}'),
       hall.audit_shows('project', 'nothing', '{id, audit_seq, audit_head}');

-- convert_to is marked stable because encodings may be added; the conversion to UTF8 does not change.
CREATE FUNCTION hall.sha256_hex(body text) RETURNS text
LANGUAGE sql IMMUTABLE AS $$ SELECT encode(sha256(convert_to(body, 'UTF8')), 'hex') $$;

-- Texts of agreements. A version never changes once somebody has agreed to it.
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
    box     int NOT NULL DEFAULT 1, -- texts with the same number share one tick
    code    text NOT NULL,
    version text NOT NULL,
    PRIMARY KEY (project, pos),
    FOREIGN KEY (code, version) REFERENCES hall.agreement
);

-- Notices that have to be acknowledged (已知悉) before there is a draft. They are texts of hall.agreement, so that the version that was
-- read is recorded in hall.consent like that of an agreement. `business` NULL: for every kind of business.
CREATE TABLE hall.project_notice (
    project  uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    pos      int NOT NULL,
    business text REFERENCES hall.business,
    code     text NOT NULL,
    version  text NOT NULL,
    PRIMARY KEY (project, pos),
    FOREIGN KEY (code, version) REFERENCES hall.agreement
);

CREATE TABLE hall.project_step (
    project uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    pos     int NOT NULL,
    step    text NOT NULL REFERENCES hall.step,
    label   text NOT NULL,
    PRIMARY KEY (project, pos),
    UNIQUE (project, step)
);

CREATE TABLE hall.project_type (
    project      uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    pos          int NOT NULL,
    cert_type    text NOT NULL,
    name         text NOT NULL,
    person       text NOT NULL CHECK (person IN ('institution', 'holder', 'natural')),
    medium       text NOT NULL CHECK (medium IN ('ukey', 'file')),
    profile      text, -- of the certificate; NULL: the profile named like `person`
    -- Where the key is made: by the signer (a key file), or on the token, whose CSR is handed in.
    key_origin   text NOT NULL DEFAULT 'file' CHECK (key_origin IN ('file', 'token')),
    pair         bool NOT NULL DEFAULT false, -- comes with a second certificate to encrypt with
    -- How many certificates of the type a unit may hold in this project at a time; NULL: any number.
    most         int CHECK (most > 0),
    -- The partner's own name for the type (企业证书), which tickets and links may use instead of ours.
    partner_name text NOT NULL DEFAULT '',
    PRIMARY KEY (project, cert_type),
    CONSTRAINT project_type_token CHECK (key_origin = 'file' OR medium = 'ukey')
);

-- The price of a certificate is the sum of its named parts.
CREATE TABLE hall.project_price (
    project   uuid NOT NULL,
    cert_type text NOT NULL,
    years     int NOT NULL CHECK (years BETWEEN 1 AND 5),
    part      text NOT NULL CHECK (part IN ('certificate', 'medium', 'seal')),
    name      text NOT NULL,
    fen       int NOT NULL CHECK (fen >= 0),
    with_seal bool NOT NULL DEFAULT false, -- charged only when a seal is ordered
    PRIMARY KEY (project, cert_type, years, part),
    FOREIGN KEY (project, cert_type) REFERENCES hall.project_type ON DELETE CASCADE
);

-- The fields of core/form/form.tbl that this project shows.
CREATE TABLE hall.project_field (
    project    uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    field      text NOT NULL,
    required   bool NOT NULL DEFAULT true,
    hint       text NOT NULL DEFAULT '',
    cert_types text[], -- NULL: all
    levels     int CHECK (levels BETWEEN 2 AND 4), -- number of levels of a region
    -- The options of a choice in this project: values of core/form/form.tbl, or texts of its own (such as the goods on an invoice).
    options    text[] CHECK (cardinality(options) > 0),
    locked     bool NOT NULL DEFAULT false, -- the applicant cannot change a value that came with a ticket
    PRIMARY KEY (project, field)
);

CREATE TABLE hall.project_paper (
    project    uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    pos        int NOT NULL,
    code       text NOT NULL,
    name       text NOT NULL,
    stamped    bool NOT NULL,
    formats    text[] NOT NULL,
    with_seal  bool NOT NULL DEFAULT false, -- required only when a seal is ordered
    cert_types text[],
    note       text NOT NULL DEFAULT '',
    of_form    bool NOT NULL DEFAULT false, -- a scan of what the hall printed, which is stale when the form changes
    -- A paper that the hall draws for the applicant to print, sign and upload.
    template   text CHECK (template IN ('form', 'annex', 'collection')),
    -- There is one slot for each item of these types; the slot's code ends in the item's number: holder_id-3.
    per_item   bool NOT NULL DEFAULT false,
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

-- Fees of a kind of business that do not depend on type and years.
CREATE TABLE hall.project_fee (
    project  uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    business text NOT NULL REFERENCES hall.business,
    part     text NOT NULL CHECK (part IN ('certificate', 'medium', 'seal')),
    name     text NOT NULL,
    fen      int NOT NULL CHECK (fen >= 0),
    PRIMARY KEY (project, business, part)
);

CREATE TABLE hall.project_link (
    project uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    pos     int NOT NULL,
    label   text NOT NULL,
    url     text NOT NULL,
    PRIMARY KEY (project, pos)
);

CREATE TABLE hall.outlet (
    code  text PRIMARY KEY CHECK (code ~ '^[a-z][a-z0-9-]{1,30}$'),
    name  text NOT NULL CHECK (name <> ''),
    place text NOT NULL DEFAULT '' -- the address and other information for producers and applicants
);

-- The outlets that make and ship a project's orders; a kind of business without a row here is made by the CA itself.
CREATE TABLE hall.project_outlet (
    project  uuid NOT NULL REFERENCES hall.project ON DELETE CASCADE,
    business text NOT NULL REFERENCES hall.business,
    outlet   text NOT NULL REFERENCES hall.outlet,
    PRIMARY KEY (project, business)
);

-- Rules for choosing the courier, who pays, and what is added to the price. The rule of the highest priority counts; among equal ones
-- that of the smallest region. The rules of a project replace the hall's, which are for projects that ship prepaid.
CREATE TABLE hall.courier_rule (
    project  uuid REFERENCES hall.project ON DELETE CASCADE, -- NULL: a rule of the hall
    region   text NOT NULL DEFAULT '' CHECK (region ~ '^[0-9]{0,9}$'), -- the beginning of the region's code
    keyword  text, -- a part of the region's full name
    courier  text NOT NULL REFERENCES hall.courier,
    payment  text NOT NULL CHECK (payment IN ('collect', 'prepaid')),
    fee      int NOT NULL DEFAULT 0 CHECK (fee >= 0), -- fen
    priority int NOT NULL DEFAULT 0,
    UNIQUE NULLS NOT DISTINCT (project, region, keyword, priority),
    CHECK (payment = 'prepaid' OR fee = 0)
);

-- Texts of messages by SMS: the project's own text for an event, otherwise the hall's (project NULL). {name} is replaced by a
-- parameter.
CREATE TABLE hall.message_template (
    event      text NOT NULL,
    project    uuid REFERENCES hall.project ON DELETE CASCADE,
    vendor_id  text NOT NULL, -- the number of the text that the SMS vendor has approved
    body       text NOT NULL,
    parameters text[] NOT NULL,
    -- The recipient; NULL: the person whom the event concerns. A PIN is sent to nobody else.
    recipients text[]
    CHECK (recipients IS NULL OR (recipients <@ ARRAY['agent', 'holder'] AND cardinality(recipients) > 0 AND event <> 'pin')),
    UNIQUE NULLS NOT DISTINCT (event, project)
);

-- Texts of messages by e-mail; an event without a row here sends no e-mail. {name} in subject and body is replaced by a parameter.
CREATE TABLE hall.mail_template (
    event      text NOT NULL CHECK (event NOT IN ('pin', 'login_code')), -- secrets are sent to a telephone only
    project    uuid REFERENCES hall.project ON DELETE CASCADE,
    subject    text NOT NULL,
    body       text NOT NULL, -- one paragraph per line
    recipients text[] CHECK (recipients <@ ARRAY['agent', 'holder'] AND cardinality(recipients) > 0),
    UNIQUE NULLS NOT DISTINCT (event, project)
);

-- The names of events in the history of an order; an event without a name is shown as a notice. New events need a name
-- (sql/data/message.sql).
CREATE TABLE hall.message_name (
    event text PRIMARY KEY,
    name  text NOT NULL
);

-- Questions and answers, and files to download: the hall's (project NULL) and a project's own ("faq", "downloads" of its document).
-- The topic `system` lists the requirements of a visitor's computer.
CREATE TABLE hall.faq (
    project  uuid REFERENCES hall.project ON DELETE CASCADE,
    pos      int NOT NULL,
    topic    text NOT NULL DEFAULT 'other' CHECK (topic IN ('apply', 'phone', 'account', 'pin', 'progress', 'invoice', 'parcel',
                                                            'certificate', 'system', 'other')),
    question text NOT NULL,
    answer   text NOT NULL,
    UNIQUE NULLS NOT DISTINCT (project, pos)
);

CREATE TABLE hall.download (
    project uuid REFERENCES hall.project ON DELETE CASCADE,
    pos     int NOT NULL,
    name    text NOT NULL,
    url     text NOT NULL CHECK (url ~ '^(https?://|/)'),
    note    text NOT NULL DEFAULT '',
    UNIQUE NULLS NOT DISTINCT (project, pos)
);

-- The members of a project's document that are lists, and the tables that they fill.
CREATE TABLE hall.project_list (
    member text PRIMARY KEY,
    tbl    regclass NOT NULL
);
