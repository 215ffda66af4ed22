-- Deploy certhall:order to pg
-- Orders and their life cycle. The table of states and transitions is loaded from core/hall/lifecycle.tbl
-- (certhall-admin lifecycle): the same rows make the C enum, the diagram in docs/ and the tests.
BEGIN;

CREATE TABLE hall.order_state (
    state text PRIMARY KEY,
    label text NOT NULL,
    tone  text NOT NULL CHECK (tone IN ('info', 'success', 'warning', 'danger'))
);
CREATE TABLE hall.transition (
    event      text NOT NULL,
    from_state text NOT NULL REFERENCES hall.order_state,
    to_state   text NOT NULL REFERENCES hall.order_state,
    who        text[] NOT NULL CHECK (cardinality(who) > 0),
    text       text NOT NULL,
    PRIMARY KEY (event, from_state, to_state)
);

CREATE TABLE hall.orders (
    id            uuid PRIMARY KEY,
    number        text NOT NULL UNIQUE CHECK (number ~ '^[0-9]{18}$'),
    project       uuid NOT NULL REFERENCES hall.project,
    account       uuid NOT NULL REFERENCES hall.account,
    business      text NOT NULL,
    state         text NOT NULL DEFAULT 'draft' REFERENCES hall.order_state,
    version       int NOT NULL DEFAULT 1,
    cert_type     text,
    years         int CHECK (years BETWEEN 1 AND 5),
    seal_wanted   bool NOT NULL,
    form          bytea,                       -- sealed JSON, place "order.form"
    form_complete bool NOT NULL DEFAULT false,
    marks         jsonb NOT NULL DEFAULT '{}', -- keyed hash of each group of fields, see hall.form_changed
    unit_hash     bytea,                       -- keyed hash of the unit's code
    subject       text NOT NULL DEFAULT '',    -- unit name, or masked name of a natural person
    printed       bool NOT NULL DEFAULT false, -- the form as it is now was printed
    price         jsonb,                       -- named parts, frozen at submission
    total         int CHECK (total >= 0),      -- fen
    gift          text,
    gift_years    int,                         -- the row whose stock the gift came from
    phone_state   text NOT NULL DEFAULT 'none' CHECK (phone_state IN ('none', 'pending', 'passed', 'failed')),
    paid          text NOT NULL DEFAULT 'none' CHECK (paid IN ('none', 'waiting', 'paid', 'zero')),
    finauth       text CHECK (finauth IN ('account_wanted', 'queued', 'sent', 'failed', 'succeeded', 'verified',
                                          'replaced', 'returned')),
    finauth_text  text,                        -- the bank's word on a failure
    reasons       jsonb,                       -- of the last rejection: [{pointer, text}]
    producer      uuid REFERENCES hall.staff,  -- who asked for production
    courier       text,
    tracking_no   text,
    submitted_at  timestamptz,
    review_at     timestamptz,                 -- when the review clock last started
    due_at        timestamptz,
    accepted_at   timestamptz,
    ship_due_at   timestamptz,
    shipped_at    timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now(),
    updated_at    timestamptz NOT NULL DEFAULT now(),
    audit_seq     int NOT NULL,
    audit_head    bytea NOT NULL
);
CREATE INDEX orders_account ON hall.orders (account, updated_at DESC);
CREATE INDEX orders_queue ON hall.orders (state, due_at);
CREATE TRIGGER orders_audited BEFORE INSERT OR UPDATE ON hall.orders
    FOR EACH ROW EXECUTE FUNCTION hall.audited('order');

-- What a person reads as the history of an order.
CREATE TABLE hall.order_history (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES hall.orders,
    at       timestamptz NOT NULL DEFAULT now(),
    event    text NOT NULL,
    text     text NOT NULL
);
CREATE INDEX order_history_order ON hall.order_history (order_id);

-- Agreements ticked, kept for good: which text, when, from where, withdrawn when.
CREATE TABLE hall.consent (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id     uuid NOT NULL REFERENCES hall.orders,
    account      uuid NOT NULL REFERENCES hall.account,
    code         text NOT NULL,
    version      text NOT NULL,
    sha256       text NOT NULL,
    address      text NOT NULL,
    at           timestamptz NOT NULL DEFAULT now(),
    withdrawn_at timestamptz,
    FOREIGN KEY (code, version) REFERENCES hall.agreement
);
CREATE INDEX consent_order ON hall.consent (order_id);

-- The decisions of reviewers.
CREATE TABLE hall.review (
    id       bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    order_id uuid NOT NULL REFERENCES hall.orders,
    staff    uuid NOT NULL REFERENCES hall.staff,
    approved bool NOT NULL,
    reasons  jsonb,
    note     text,
    at       timestamptz NOT NULL DEFAULT now(),
    CHECK (approved = (reasons IS NULL))
);
CREATE INDEX review_order ON hall.review (order_id);

-- The order of the request's applicant (or of its link), locked; refused when it is somebody else's or has moved on.
CREATE FUNCTION hall.my_order(wanted uuid, seen int DEFAULT NULL) RETURNS hall.orders
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted AND project = my_project()
       AND account = me() AND my_kind() = 'account' FOR NO KEY UPDATE;
    IF NOT FOUND THEN
        PERFORM refuse(404, '没有找到这个业务单。');
    ELSIF seen <> o.version THEN
        PERFORM refuse(409, '业务单已在别的窗口更改，请刷新后再操作。');
    END IF;
    RETURN o;
END $$;

-- The one way from state to state.
CREATE FUNCTION hall.advance(wanted uuid, happened text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    o orders;
    t transition;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted FOR NO KEY UPDATE;
    SELECT * INTO t FROM transition WHERE event = happened AND from_state = o.state
     ORDER BY who && my_roles() DESC LIMIT 1;
    IF t IS NULL THEN
        PERFORM refuse(409, format('业务单目前是“%s”，不能进行这个操作，请刷新后再看。',
                                   (SELECT label FROM order_state WHERE state = o.state)));
    ELSIF NOT t.who && my_roles() THEN
        PERFORM refuse(403, '您没有办理此事项的权限。');
    END IF;
    UPDATE orders SET state = t.to_state, version = version + 1, updated_at = now() WHERE id = wanted;
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, happened, t.text);
END $$;

-- Entering the review starts the promised clock.
CREATE FUNCTION hall.start_review(wanted uuid) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    UPDATE orders o SET review_at = now(), due_at = hall.due(now(), p.review_days), reasons = NULL
      FROM project p WHERE p.id = o.project AND o.id = wanted $$;

-- The parts of the price of an order as it stands.
CREATE FUNCTION hall.price_parts(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT jsonb_agg(jsonb_build_object('part', part, 'name', name, 'fen', fen) ORDER BY part)
      FROM project_price
     WHERE project = o.project AND cert_type = o.cert_type AND years = o.years AND (o.seal_wanted OR NOT with_seal) $$;

CREATE FUNCTION hall.person_of(o hall.orders) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT person FROM project_type WHERE project = o.project AND cert_type = o.cert_type $$;

COMMIT;
