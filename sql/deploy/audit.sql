-- Deploy certhall:audit to pg
-- Every subject row (order, account, staff member, project, certificate) carries audit_seq and audit_head. A trigger
-- advances both in the very UPDATE that changes the row and writes the audit row, so that no change can go without one.
-- Heads chain by SM3 from row to row of a subject; the runner gathers rows into a Merkle log (core/hall/merkle.h).
BEGIN;

CREATE TABLE hall.audit (
    id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind    text NOT NULL,
    subject uuid NOT NULL,
    seq     int NOT NULL CHECK (seq > 0),
    at      timestamptz NOT NULL,
    actor   text NOT NULL,
    op      text NOT NULL,
    request text NOT NULL,
    detail  jsonb NOT NULL,
    head    bytea NOT NULL CHECK (length(head) = 32),
    UNIQUE (subject, seq)
);
CREATE INDEX audit_at ON hall.audit (at);

-- What a head is made of; certhall-admin audit computes it anew from the row.
CREATE FUNCTION hall.audit_text(kind text, subject uuid, seq int, at timestamptz, actor text, op text, request text,
                                detail jsonb) RETURNS text
LANGUAGE sql STABLE AS $$
    SELECT concat_ws('|', kind, subject, seq, (extract(epoch FROM at) * 1000000)::bigint, actor, op, request, detail) $$;

CREATE FUNCTION hall.audit_head(previous bytea, body text) RETURNS bytea
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT digest(previous || convert_to(body, 'UTF8'), 'sm3') $$;

CREATE FUNCTION hall.actor() RETURNS text LANGUAGE sql STABLE AS $$
    SELECT coalesce(hall.my_kind(), 'owner') || ':' || coalesce(hall.known('who'), hall.known('program'), session_user) $$;

-- Old and new values of the columns that changed. Sealed values (bytea) stand as the digest of their cipher text, words
-- that people wrote as the digest of those; of a password's hash the trail says only that it changed.
CREATE FUNCTION hall.changes(old jsonb, new jsonb) RETURNS jsonb
LANGUAGE sql STABLE SET search_path = public, pg_temp AS $$
    SELECT coalesce(jsonb_object_agg(n.key, CASE
               WHEN n.key = 'password' THEN '"changed"'
               WHEN n.key IN ('reasons', 'subject', 'finauth_text')
                 OR jsonb_typeof(n.value) = 'string' AND n.value #>> '{}' LIKE '\\x%'
               THEN to_jsonb('sm3:' || encode(digest(n.value #>> '{}', 'sm3'), 'hex'))
               WHEN old IS NULL THEN n.value
               ELSE jsonb_build_array(old -> n.key, n.value) END), '{}')
      FROM jsonb_each(new) n
     WHERE n.key NOT IN ('audit_seq', 'audit_head', 'updated_at', 'created_at', 'id')
       AND n.value IS DISTINCT FROM coalesce(old -> n.key, 'null') $$;

-- Trigger function; its argument is the kind of subject. A note left by hall.note replaces the list of changes.
CREATE FUNCTION hall.audited() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    before jsonb;
    previous bytea := '';
    note text := hall.known('note');
    row_ hall.audit;
BEGIN
    NEW.audit_seq := 1;
    IF TG_OP = 'UPDATE' THEN
        before := to_jsonb(OLD);
        previous := OLD.audit_head;
        NEW.audit_seq := OLD.audit_seq + 1;
    END IF;
    row_ := (0, TG_ARGV[0], NEW.id, NEW.audit_seq, clock_timestamp(), hall.actor(), coalesce(hall.known('op'), TG_OP),
             coalesce(hall.known('request'), ''), coalesce(note::jsonb, hall.changes(before, to_jsonb(NEW))), '');
    row_.head := hall.audit_head(previous, hall.audit_text(row_.kind, row_.subject, row_.seq, row_.at, row_.actor, row_.op,
                                                           row_.request, row_.detail));
    NEW.audit_head := row_.head;
    INSERT INTO hall.audit (kind, subject, seq, at, actor, op, request, detail, head)
    VALUES (row_.kind, row_.subject, row_.seq, row_.at, row_.actor, row_.op, row_.request, row_.detail, row_.head);
    RETURN NEW;
END $$;

-- Notes something about a subject that changes none of its columns: a reading, a refusal.
CREATE FUNCTION hall.note(kind text, subject uuid, detail jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM set_config('hall.note', detail::text, true);
    EXECUTE format('UPDATE hall.%I SET audit_seq = audit_seq WHERE id = $1',
                   CASE kind WHEN 'order' THEN 'orders' ELSE kind END) USING subject;
    PERFORM set_config('hall.note', '', true);
END $$;

-- The Merkle log over audit rows (RFC 9162's hashing with SM3): a leaf's index is given when it is sealed.
CREATE TABLE hall.log_leaf (
    leaf     bigint PRIMARY KEY CHECK (leaf >= 0),
    audit_id bigint NOT NULL UNIQUE REFERENCES hall.audit,
    hash     bytea NOT NULL CHECK (length(hash) = 32)
);
CREATE TABLE hall.log_head (
    size      bigint PRIMARY KEY CHECK (size > 0),
    root      bytea NOT NULL CHECK (length(root) = 32),
    signature bytea NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);

COMMIT;
