-- The publication of a certificate's contents. Whether a certificate is valid is told to whoever has its serial number, as the relying
-- parties need it; everything else that strangers can read of it is given out by hall.certificate_public.

-- The choice after the form has been handed in (hall.order_save stores that of the form). It holds for all certificates of the order.
CREATE OR REPLACE FUNCTION hall.publication_put(wanted uuid, shown bool) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted);
BEGIN
    IF (state_of(o)).editable THEN
        PERFORM refuse(409, '申请信息还可以修改，请在申请信息中选择是否公开。');
    ELSIF o.published IS DISTINCT FROM shown THEN
        UPDATE orders SET published = shown, updated_at = now() WHERE id = o.id;
        INSERT INTO order_history (order_id, event, text)
        VALUES (o.id, 'publication', CASE WHEN shown THEN '证书信息改为公开' ELSE '证书信息改为不公开' END);
    END IF;
END $$;

-- A certificate as a stranger sees it: of one that is not published only whether it is valid, and since when it is not.
CREATE OR REPLACE FUNCTION hall.certificate_public(c hall.certificate) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    face jsonb := certificate_face(c);
    shown bool := coalesce((SELECT o.published FROM orders o WHERE o.id = c.order_id), false);
BEGIN
    RETURN CASE WHEN shown THEN face ELSE (SELECT jsonb_object_agg(f.key, CASE WHEN f.key IN ('state', 'since') THEN f.value ELSE 'null' END)
                                             FROM jsonb_each(face) f) END || jsonb_build_object('published', shown);
END $$;
