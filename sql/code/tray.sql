-- Decisions that are laid on a person's tray, to be signed together (core/desk/decision.h).

CREATE OR REPLACE FUNCTION hall.tray_max() RETURNS int LANGUAGE sql IMMUTABLE AS $$ SELECT 64 $$;

-- Puts the decision about the order onto the caller's tray, in place of one that is there. What would be refused when it is signed is
-- refused now: the decision is carried out, and undone.
CREATE OR REPLACE FUNCTION hall.tray_put(the_decision text, wanted uuid, seen int, remark text, signed_at timestamptz, its_leaf bytea)
RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    BEGIN
        IF the_decision = 'approve' THEN
            PERFORM approve(wanted, seen, remark);
        ELSE
            PERFORM produce(wanted, seen);
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'CH200'; -- no refusal; one that ends in 000 would stand for all of them
    EXCEPTION WHEN SQLSTATE 'CH200' THEN
        NULL;
    END;
    IF (SELECT count(*) FROM tray WHERE staff = me() AND what = the_decision AND order_id <> wanted) >= tray_max() THEN
        PERFORM refuse(409, format('待签清单已有 %s 项，请先签署。', tray_max()));
    END IF;
    INSERT INTO tray (staff, order_id, what, version, note, at, leaf) VALUES (me(), wanted, the_decision, seen, remark, signed_at, its_leaf)
    ON CONFLICT (staff, what, order_id) DO UPDATE SET (version, note, at, leaf) = (EXCLUDED.version, EXCLUDED.note, EXCLUDED.at, EXCLUDED.leaf);
END $$;

CREATE OR REPLACE FUNCTION hall.tray_take_off(the_decision text, wanted uuid) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    DELETE FROM tray WHERE staff = me() AND what = the_decision AND order_id = wanted;
    IF NOT FOUND THEN
        PERFORM refuse(404, '待签清单中没有这个业务单，请刷新后再看。');
    END IF;
END $$;

CREATE OR REPLACE FUNCTION hall.tray_count(the_decision text) RETURNS text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN jsonb_build_object('count', (SELECT count(*) FROM tray WHERE staff = me() AND what = the_decision))::text;
END $$;

-- Who signs the caller's tray: as hall.act_signer. One time stands in all its statements, after every decision about their orders.
CREATE OR REPLACE FUNCTION hall.tray_signer(the_decision text) RETURNS TABLE (person uuid, roster text, after timestamptz)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT me(), roster_now(), (SELECT max(d.decided_at) FROM decision d JOIN tray t USING (order_id)
                                              WHERE t.staff = me() AND t.what = the_decision);
END $$;

-- The caller's tray, in the order of its leaves, with what the statements are written from, an item a row. Of an order that has another
-- version by now, or is out of the caller's reach, nothing is told but its number.
CREATE OR REPLACE FUNCTION hall.tray_facts(the_decision text)
RETURNS TABLE (order_id uuid, version int, note text, at timestamptz, leaf bytea, number text, ca text, papers text, form bytea, item int,
               profile text, pair bool, years int, until timestamptz, medium text, token bool, seal_name text, request text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT t.order_id, t.version, t.note, t.at, t.leaf, o.number, f.ca, f.papers, f.form, f.item, f.profile, f.pair, f.years,
           f.until, f.medium, f.token, f.seal_name, f.request
      FROM tray t JOIN orders o ON o.id = t.order_id
      LEFT JOIN LATERAL decision_facts(t.order_id, NULL) f
        ON o.version = t.version AND EXISTS (SELECT FROM desk_reach d WHERE d.id = t.order_id)
     WHERE t.staff = me() AND t.what = the_decision ORDER BY t.order_id, f.item;
END $$;
