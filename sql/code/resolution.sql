-- Resolutions: what two security officers decide together (programs/admin/resolution.h).

-- Keeps the resolution under which the caller has changed the subject, and tells its trail of it; the program has checked the signatures.
-- Before the first roster nobody can sign, and none is needed.
CREATE OR REPLACE FUNCTION hall.resolution_keep(about_what text, about uuid, signed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    s resolution := jsonb_populate_record(NULL::resolution, signed);
    newest int := (SELECT max(version) FROM roster);
BEGIN
    IF s.id IS NULL AND newest IS NULL THEN
        RETURN;
    ELSIF s.id IS NULL THEN
        PERFORM refuse(403, 'since there is a roster, this takes the signatures of two security officers (draft, put)');
    ELSIF s.roster IS DISTINCT FROM newest THEN
        PERFORM refuse(409, 'the roster has changed since this was drafted');
    END IF;
    INSERT INTO resolution (id, what, subject, roster, statement, signatures, document)
    VALUES (s.id, about_what, about, s.roster, s.statement, s.signatures, s.document)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        PERFORM refuse(409, 'this was put before');
    END IF;
    PERFORM note(CASE WHEN about_what LIKE 'partner%' THEN 'project' ELSE about_what END, about,
                 jsonb_build_object('resolution', s.id, 'signed', sha256_hex(s.signatures))) WHERE about_what <> 'outlet'; -- which has no trail
END $$;

CREATE OR REPLACE FUNCTION hall.resolution_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'resolutions are kept as they were signed';
END $$;
CREATE OR REPLACE TRIGGER resolution_kept BEFORE UPDATE OR DELETE ON hall.resolution FOR EACH ROW EXECUTE FUNCTION hall.resolution_kept();
