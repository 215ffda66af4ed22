-- Items of an order, and how many certificates a unit may have.

-- The items of an order. An order without rows in order_item has one item, of its own type and years.
CREATE OR REPLACE FUNCTION hall.items_of(o hall.orders) RETURNS hall.order_item[]
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    all_ order_item[] := ARRAY(SELECT i FROM order_item i WHERE i.order_id = o.id ORDER BY i.item);
    only_one order_item;
BEGIN
    IF all_ = '{}' AND o.cert_type IS NOT NULL THEN
        only_one.order_id := o.id; only_one.item := 1; only_one.cert_type := o.cert_type;
        only_one.years := o.years; only_one.subject := o.subject; only_one.replaces := o.replaces;
        RETURN ARRAY[only_one];
    END IF;
    RETURN all_;
END $$;

CREATE OR REPLACE FUNCTION hall.items(o hall.orders) RETURNS SETOF hall.order_item
LANGUAGE plpgsql STABLE ROWS 2 SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN QUERY SELECT * FROM unnest(items_of(o));
END $$;

-- The items that the caller has read from the form: [{cert_type, years, subject, style, seal_name, holder_hash, serial}].
CREATE OR REPLACE FUNCTION hall.items_asked(asked jsonb)
RETURNS TABLE (item int, cert_type text, years int, subject text, style text, seal_name text, holder_hash bytea, serial text)
LANGUAGE sql IMMUTABLE AS $$
    SELECT n::int, x ->> 'cert_type', (x ->> 'years')::int, coalesce(x ->> 'subject', ''), x ->> 'style', x ->> 'seal_name',
           decode(x ->> 'holder_hash', 'hex'), x ->> 'serial'
      FROM jsonb_array_elements(coalesce(asked, '[]')) WITH ORDINALITY AS e(x, n) $$;

-- Every item must be offered by the project, and there must not be more of a type than the project allows a unit.
CREATE OR REPLACE FUNCTION hall.items_on_offer(p uuid, kind text, asked jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE lack record;
BEGIN
    SELECT a.item - 1 AS at, t.name, t.most, y.years IS NOT NULL AS priced INTO lack
      FROM (SELECT *, row_number() OVER (PARTITION BY i.cert_type ORDER BY i.item) AS nth FROM items_asked(asked) i) a
      LEFT JOIN project_type t ON t.project = p AND t.cert_type = a.cert_type
      LEFT JOIN LATERAL (SELECT q.years FROM prices(p, kind) q
                          WHERE q.cert_type = a.cert_type AND q.years = a.years LIMIT 1) y ON true
     WHERE t.name IS NULL OR y.years IS NULL OR a.nth > t.most ORDER BY a.item LIMIT 1;
    IF NOT FOUND THEN
        RETURN;
    ELSIF lack.name IS NULL THEN
        PERFORM refuse(422, '请选择本项目提供的签章类型。', format('/form/items/%s/cert_type', lack.at));
    ELSIF NOT lack.priced THEN
        PERFORM refuse(422, '请选择本项目提供的年限。', format('/form/items/%s/years', lack.at));
    END IF;
    PERFORM refuse(422, format('“%s”最多可办理 %s 枚。', lack.name, lack.most), format('/form/items/%s', lack.at));
END $$;

-- An item that replaces a certificate names it by its serial number: it may go from the order, and no other may come.
CREATE OR REPLACE FUNCTION hall.items_put(o hall.orders, asked jsonb) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    were order_item[] := ARRAY(SELECT i FROM order_item i WHERE i.order_id = o.id);
    next_ order_item[];
    wrong int;
BEGIN
    IF asked IS NULL AND were = '{}' THEN
        RETURN; -- the form has no items, as in most projects
    END IF;
    PERFORM items_on_offer(o.project, o.business, asked);
    PERFORM item_papers_follow(o, asked);
    next_ := ARRAY(SELECT ROW(o.id, a.item, a.cert_type, a.years, a.subject, a.style, a.seal_name, a.holder_hash, w.replaces)::order_item
                     FROM items_asked(asked) a LEFT JOIN (unnest(were) w JOIN certificate c ON c.id = w.replaces) ON c.serial = a.serial ORDER BY a.item);
    IF o.replaces IS NOT NULL THEN
        SELECT min(n.item) INTO wrong FROM unnest(next_) n LEFT JOIN unnest(were) w USING (replaces)
         WHERE w.replaces IS NULL OR w.cert_type <> n.cert_type OR w.holder_hash IS DISTINCT FROM n.holder_hash;
        IF wrong IS NOT NULL OR next_ = '{}' THEN
            PERFORM refuse(422, '业务单中只能有创建时选择的证书，至少一张，类型和持有人不变；要更新其他证书，请另行办理。',
                           '/form/items' || coalesce('/' || wrong - 1 || '/serial', ''));
        END IF;
        UPDATE orders SET replaces = next_[1].replaces WHERE id = o.id AND replaces <> next_[1].replaces;
    END IF;
    DELETE FROM order_item WHERE order_id = o.id AND (item > cardinality(next_) OR o.replaces IS NOT NULL); -- those of certificates move up
    INSERT INTO order_item SELECT n.* FROM unnest(next_) n
    ON CONFLICT (order_id, item) DO UPDATE SET (cert_type, years, subject, style, seal_name, holder_hash, replaces) =
        (EXCLUDED.cert_type, EXCLUDED.years, EXCLUDED.subject, EXCLUDED.style, EXCLUDED.seal_name, EXCLUDED.holder_hash, EXCLUDED.replaces);
END $$;

-- An item counts until all its certificates have expired or are revoked.
CREATE OR REPLACE FUNCTION hall.item_over(i hall.order_item) RETURNS bool
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT coalesce(NOT bool_or(certificate_alive(c)), false) FROM certificate c
     WHERE c.order_id = i.order_id AND c.item = i.item);
END $$;

-- The certificates of a type that a unit has through its other orders that began to count before `instant`, without those that the
-- order's own replace.
CREATE OR REPLACE FUNCTION hall.items_held(o hall.orders, type text, instant timestamptz) RETURNS bigint
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    RETURN (SELECT count(*) FROM orders other CROSS JOIN LATERAL items(other) i
     WHERE other.project = o.project AND other.unit_hash = o.unit_hash AND other.id <> o.id AND other.makes AND other.counts_from < instant
       AND other.state NOT IN (SELECT state FROM order_state WHERE void) AND i.cert_type = type AND NOT item_over(i)
       AND NOT EXISTS (SELECT FROM items(o) mine JOIN certificate old ON old.id = mine.replaces WHERE (old.order_id, old.item) = (i.order_id, i.item)));
END $$;

-- The orders of a unit are checked against its limits one after the other.
CREATE OR REPLACE FUNCTION hall.limit_lock(o hall.orders) RETURNS void
LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(hashtextextended('limit/' || o.project || '/' || encode(o.unit_hash, 'hex'), 0)) $$;

CREATE OR REPLACE FUNCTION hall.limit_keep(o hall.orders, instant timestamptz) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE over record;
BEGIN
    IF o.unit_hash IS NULL OR NOT EXISTS (SELECT FROM project_type WHERE project = o.project AND most IS NOT NULL) THEN
        RETURN;
    END IF;
    PERFORM limit_lock(o);
    SELECT t.name, t.most, items_held(o, t.cert_type, instant) AS held INTO over
      FROM project_type t JOIN items(o) i ON i.cert_type = t.cert_type
     WHERE t.project = o.project GROUP BY t.cert_type, t.name, t.most
    HAVING count(*) + items_held(o, t.cert_type, instant) > t.most LIMIT 1;
    IF FOUND THEN
        PERFORM refuse(409, format('每个单位最多可持有 %s 枚“%s”，贵单位已有 %s 枚在办理或使用中。', over.most, over.name, over.held),
                       '/form/items');
    END IF;
END $$;

-- The time from which an order counts, given its payment as it is now. Money that has arrived is never refused: an order that is paid
-- too late counts after the others, and is stopped at approval.
CREATE OR REPLACE FUNCTION hall.counts_from(o hall.orders) RETURNS timestamptz
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    IF o.paid NOT IN ('voucher', 'paid', 'zero') THEN
        RETURN NULL;
    ELSIF o.counts_from IS NULL THEN
        IF o.unit_hash IS NOT NULL THEN
            PERFORM limit_lock(o);
        END IF;
        o.counts_from := clock_timestamp();
        IF o.paid = 'voucher' THEN
            PERFORM limit_keep(o, 'infinity');
        END IF;
    END IF;
    RETURN o.counts_from;
END $$;
