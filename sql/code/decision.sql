-- Decisions that are signed with a passkey, and the roster of keys.

-- The papers of an order, as a digest: SHA-256 of a line for each sheet, with the paper's code and the
-- SHA-256 of the file.
CREATE OR REPLACE FUNCTION hall.papers_digest(wanted uuid) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT encode(sha256(convert_to(coalesce(string_agg(m.code || ' ' || encode(m.sha256, 'hex'), E'\n' ORDER BY m.code, m.sheet), ''),
                                            'UTF8')), 'hex')
              FROM paper m WHERE m.order_id = wanted AND m.state <> 'replaced');
END $$;

-- The newest roster; NULL before the first.
CREATE OR REPLACE FUNCTION hall.roster_now() RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT r.text FROM roster r ORDER BY r.version DESC LIMIT 1);
END $$;

-- What the statement about an order is written from, an item a row, the roster that tells who may sign it, and the time after which
-- it must be signed. The CA is that of an interrupted production, if there was one.
CREATE OR REPLACE FUNCTION hall.decision_facts(wanted uuid, seen int)
RETURNS TABLE (person uuid, roster text, number text, ca text, after timestamptz, papers text, form bytea, item int, profile text,
               pair bool, years int, until timestamptz, medium text, token bool, seal_name text, request text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders;
BEGIN
    SELECT * INTO o FROM orders WHERE id = wanted AND my_kind() = 'staff';
    PERFORM order_as_seen(o, seen, '业务单已被他人处理');
    RETURN QUERY SELECT me(), roster_now(), o.number, coalesce(c.ca, p.ca),
           (SELECT max(d.decided_at) FROM decision d WHERE d.order_id = o.id), papers_digest(o.id), o.form,
           p.item, p.profile, p.pair, p.years, successor_end(o.business, p.replaces, p.years), p.medium, p.key_origin = 'token', p.seal_name,
           encode(r.public_sha256, 'hex')
      FROM productions(o) p
      LEFT JOIN csr r ON r.order_id = o.id AND r.item = p.item AND p.key_origin = 'token' AND r.state IN ('new', 'answered')
      LEFT JOIN certificate c ON c.order_id = o.id AND c.item = p.item AND c.state = 'issuing' AND c.key_use = 'signature'
     WHERE o.state IN ('in_review', 'accepted') ORDER BY p.item;
END $$;

-- Keeps a decision of the caller; the module has checked the signature, and the signer does so again.
CREATE OR REPLACE FUNCTION hall.decide(wanted uuid, the_decision text, said text, signed jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    INSERT INTO decision (order_id, what, staff, decided_at, statement, credential, client_data, authenticator_data, signature, leaves,
                          place, path)
    SELECT wanted, the_decision, me(), s.decided_at, said, s.credential, s.client_data, s.authenticator_data, s.signature, s.leaves,
           s.place, s.path
      FROM jsonb_populate_record(NULL::decision, signed) s
    ON CONFLICT DO NOTHING;
    IF NOT FOUND THEN
        PERFORM refuse(409, '这份签署已经用过，请刷新页面后重新签署。');
    END IF;
    DELETE FROM tray t WHERE t.staff = me() AND t.what = the_decision AND t.order_id = wanted;
END $$;

-- The newest decision of each kind about an order.
CREATE OR REPLACE FUNCTION hall.signer_decisions(wanted uuid)
RETURNS TABLE (id bigint, what text, staff uuid, decided_at timestamptz, statement text, credential bytea, client_data bytea,
               authenticator_data bytea, signature bytea, leaves int, place int, path bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT DISTINCT ON (d.what) d.id, d.what, d.staff, d.decided_at, d.statement, d.credential, d.client_data,
           d.authenticator_data, d.signature, d.leaves, d.place, d.path
      FROM decision d WHERE d.order_id = wanted ORDER BY d.what, d.id DESC;
END $$;

-- The signer does not carry out the decision `checked` (NULL: there was none). A refused approval takes the order back to the review;
-- after a refused production a producer decides again. When somebody has decided anew meanwhile, nothing is refused: that decision
-- has a job of its own.
CREATE OR REPLACE FUNCTION hall.signer_decision_refused(wanted uuid, the_decision text, checked bigint, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.decision_refused');
    PERFORM FROM orders WHERE id = wanted FOR NO KEY UPDATE;
    IF checked IS DISTINCT FROM (SELECT max(d.id) FROM decision d WHERE d.order_id = wanted AND d.what = the_decision) THEN
        RETURN;
    END IF;
    UPDATE decision SET refused = why WHERE id = checked;
    UPDATE orders SET producer = NULL, updated_at = now() WHERE id = wanted AND state = 'accepted';
    IF FOUND AND the_decision = 'approve' THEN
        PERFORM advance(wanted, 'review_again');
    END IF;
END $$;

-- The rosters behind one that a program has (core/desk/anchor.h).
CREATE OR REPLACE FUNCTION hall.rosters_after(after int) RETURNS TABLE (text text, signatures text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT r.text, r.signatures FROM roster r WHERE r.version > after ORDER BY r.version;
END $$;

-- The staff who could stand in the next roster, for an administrator's command.
CREATE OR REPLACE FUNCTION hall.roster_staff() RETURNS TABLE (id uuid, name text, roles text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT s.id, s.name, s.roles FROM staff s WHERE s.active ORDER BY s.name;
END $$;

-- Stores the next roster; the program has checked the step. `emergency` (NULL: there is none) is why the three signers have put it without
-- the officers, which stands in the trail of those who are staff.
CREATE OR REPLACE FUNCTION hall.roster_put(new_version int, new_text text, new_signatures text, signers uuid[], emergency text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF new_version <> coalesce((SELECT max(version) FROM roster), 0) + 1 THEN
        PERFORM refuse(409, 'this roster does not follow the newest one');
    END IF;
    INSERT INTO roster (version, text, signatures) VALUES (new_version, new_text, new_signatures);
    IF emergency IS NOT NULL THEN
        PERFORM note_all('staff', signers, jsonb_build_object('roster', new_version, 'emergency', emergency));
    END IF;
END $$;
