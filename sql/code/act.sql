-- Acts: what staff sign with a passkey and do in the same statement (core/desk/act.h).

-- Who may sign the act about that subject now: the caller, the roster, and the time after which it must be signed.
CREATE OR REPLACE FUNCTION hall.act_signer(the_act text, about uuid) RETURNS TABLE (person uuid, roster text, after timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT me(), roster_now(), (SELECT max(a.decided_at) FROM act a WHERE a.subject = about AND a.what = the_act);
END $$;

-- Keeps the act of the caller; the module has checked the signature. Called by the function that does the deed, which is so not done
-- without an act; the trail of `kind` about `subject_of_trail` tells of it.
CREATE OR REPLACE FUNCTION hall.act_keep(the_act text, about uuid, of_order uuid, signed jsonb, kind text, subject_of_trail uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE s act := jsonb_populate_record(NULL::act, signed);
BEGIN
    IF s.id IS NULL THEN
        PERFORM refuse(403, '这项操作须用安全密钥签署。');
    END IF;
    INSERT INTO act (id, order_id, what, subject, staff, decided_at, statement, credential, client_data, authenticator_data, signature,
                     leaves, place, path)
    VALUES (s.id, of_order, the_act, about, me(), s.decided_at, s.statement, s.credential, s.client_data, s.authenticator_data,
            s.signature, s.leaves, s.place, s.path)
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        PERFORM refuse(409, '这份签署已经用过，请刷新页面后重新签署。');
    END IF;
    PERFORM note(kind, subject_of_trail, jsonb_build_object('act', s.id, 'signed', encode(sha256(s.signature), 'hex')));
END $$;

-- Rows are only added. The statement alone may change: it is encrypted anew, and erased.
CREATE OR REPLACE FUNCTION hall.act_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'acts are kept as they were signed';
END $$;
CREATE OR REPLACE TRIGGER act_kept BEFORE DELETE OR UPDATE OF id, order_id, what, subject, staff, decided_at, credential, client_data,
    authenticator_data, signature, leaves, place, path, at ON hall.act FOR EACH ROW EXECUTE FUNCTION hall.act_kept();
