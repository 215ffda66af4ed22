-- Electronic seals, their pictures and filing records.

-- The number under a seal's star: six digits of the place where the unit is registered, and seven consecutive ones.
CREATE SEQUENCE hall.seal_code_number MAXVALUE 9999999;

CREATE SEQUENCE hall.filing_number;

CREATE TABLE hall.seal_code (
    order_id uuid REFERENCES hall.orders,
    code     text NOT NULL UNIQUE CHECK (code ~ '^[0-9]{13}$'),
    item     int NOT NULL DEFAULT 1 CHECK (item > 0),
    PRIMARY KEY (order_id, item)
);

-- Pictures of seals that the applicant accepted; for each item of an order one of them counts.
CREATE TABLE hall.sealpicture (
    id          uuid PRIMARY KEY,
    order_id    uuid NOT NULL REFERENCES hall.orders,
    kind        text NOT NULL CHECK (kind IN ('unit', 'person')),
    style       text NOT NULL CHECK (style IN ('generated', 'scan')),
    name        bytea NOT NULL, -- encrypted, place "sealpicture.name": the name registered in the seal
    png         bytea NOT NULL, -- encrypted, place "sealpicture.png"
    svg         bytea, -- encrypted, place "sealpicture.svg"; NULL for a picture cut out of a scan
    png_sm3     bytea NOT NULL CHECK (length(png_sm3) = 32),
    width       int NOT NULL CHECK (width BETWEEN 5 AND 100), -- millimetres
    height      int NOT NULL CHECK (height BETWEEN 5 AND 100),
    mark        text NOT NULL, -- keyed hash of the data that it was drawn from (core/form/form.h, group "sealpicture")
    paper       uuid REFERENCES hall.paper, -- the scan that it was cut out of
    replaced    bool NOT NULL DEFAULT false,
    accepted_by uuid NOT NULL REFERENCES hall.account,
    accepted_at timestamptz NOT NULL DEFAULT now(),
    item        int NOT NULL DEFAULT 1 CHECK (item > 0), -- each item has its own picture and its own number under the star
    CHECK ((style = 'scan') = (paper IS NOT NULL))
);
CREATE INDEX sealpicture_order ON hall.sealpicture (order_id);
CREATE UNIQUE INDEX sealpicture_current ON hall.sealpicture (order_id, item) WHERE NOT replaced;

-- The seals. A seal whose certificate is on hold is on hold, too; that is not recorded here.
CREATE TABLE hall.seal (
    id           uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    es_id        text NOT NULL UNIQUE CHECK (es_id ~ '^[0-9]{15}$'),
    order_id     uuid NOT NULL REFERENCES hall.orders,
    certificate  uuid NOT NULL REFERENCES hall.certificate,
    sealpicture  uuid NOT NULL REFERENCES hall.sealpicture,
    state        text NOT NULL DEFAULT 'making' CHECK (state IN ('making', 'valid', 'withdrawn')),
    created_at   timestamptz NOT NULL, -- these three dates are part of the seal
    valid_from   timestamptz NOT NULL,
    valid_to     timestamptz NOT NULL,
    maker        text, -- serial number of the maker's certificate
    info_sm3     bytea CHECK (length(info_sm3) = 32), -- of the bytes that the maker signed
    seal         bytea, -- DER
    made_at      timestamptz,
    filing_no    text UNIQUE,
    reason       text,
    withdrawn_at timestamptz,
    withdrawn_by uuid REFERENCES hall.staff, -- NULL: the revocation of the certificate withdrew it
    audit_seq    int NOT NULL,
    audit_head   bytea NOT NULL,
    CHECK (state <> 'valid' OR (seal IS NOT NULL AND maker IS NOT NULL AND info_sm3 IS NOT NULL AND filing_no IS NOT NULL)),
    CHECK ((state = 'withdrawn') = (withdrawn_at IS NOT NULL) AND (withdrawn_at IS NULL) = (reason IS NULL)),
    CHECK (valid_to > valid_from)
);
SELECT hall.audit_shows('seal', 'value', '{es_id, order_id, certificate, sealpicture, state, valid_from, valid_to, maker, made_at, filing_no,
        withdrawn_at, withdrawn_by}'),
       hall.audit_shows('seal', 'words', '{reason}'),
       hall.audit_shows('seal', 'commitment', '{info_sm3, seal}'),
       hall.audit_shows('seal', 'nothing', '{id, created_at, audit_seq, audit_head}');
CREATE UNIQUE INDEX seal_certificate ON hall.seal (certificate) WHERE state <> 'withdrawn';
CREATE INDEX seal_order ON hall.seal (order_id);
CREATE INDEX seal_list ON hall.seal (created_at, id);
CREATE INDEX seal_state ON hall.seal (state, created_at, id);
CREATE INDEX seal_es_id_part ON hall.seal USING gin (es_id public.gin_trgm_ops);
CREATE INDEX seal_filing_no_part ON hall.seal USING gin (filing_no public.gin_trgm_ops);

-- The filing record: what happened to each seal, when, and by whose action. Rows are only added, never changed.
CREATE TABLE hall.seal_filing (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    seal     uuid NOT NULL REFERENCES hall.seal,
    what     text NOT NULL CHECK (what IN ('made', 'withdrawn')),
    at       timestamptz NOT NULL DEFAULT now(),
    actor    text NOT NULL,
    reason   text,
    seal_sm3 bytea, -- of the seal's DER
    UNIQUE (seal, what)
);
