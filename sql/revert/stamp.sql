-- Revert certhall:stamp from pg
BEGIN;

DROP TRIGGER certificate_seal ON hall.certificate;
CREATE OR REPLACE FUNCTION hall.order_lacks(o hall.orders) RETURNS TABLE (pointer text, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT '/form', '请填写完整申请信息。' WHERE NOT o.form_complete
    UNION ALL SELECT '/print', '请打印申请表。' WHERE NOT o.printed
    UNION ALL
    SELECT '/materials/' || w.code, format('请上传“%s”。', w.name) FROM materials_wanted(o) w
     WHERE NOT EXISTS (SELECT FROM material m WHERE m.order_id = o.id AND m.code = w.code AND m.state = 'ok')
    UNION ALL SELECT '/phone', '请完成手机身份认证。' WHERE o.phone_state <> 'passed' $$;

CREATE OR REPLACE FUNCTION hall.next_step(o hall.orders) RETURNS TABLE (step text, text text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT * FROM (
        SELECT CASE WHEN l.pointer LIKE '/materials%' THEN 'materials' ELSE substr(l.pointer, 2) END, l.text
          FROM order_lacks(o) l WHERE o.state = 'draft'
        UNION ALL SELECT 'payment', '确认无误后提交并支付。' WHERE o.state = 'draft'
        UNION ALL SELECT 'payment', '请尽快完成支付，7 天内未支付将自动取消。' WHERE o.state = 'unpaid'
        UNION ALL SELECT 'form', '请按驳回原因修改后重新提交，已支付的费用继续有效。' WHERE o.state = 'rejected'
        UNION ALL SELECT 'account', CASE o.finauth WHEN 'account_wanted' THEN '请填写单位对公账户，用于金融认证。'
                         ELSE '金融认证未成功，请核对并更正对公账户。' END
         WHERE o.finauth IN ('account_wanted', 'failed', 'returned') AND o.state IN ('in_review', 'rejected', 'approved')
        UNION ALL SELECT 'received', '收到快递后请确认签收。' WHERE o.state = 'shipped'
    ) s LIMIT 1 $$;

CREATE OR REPLACE FUNCTION hall.audit_all() RETURNS TABLE (id bigint, kind text, subject uuid, seq int, body text, head bytea,
                                                current_seq int, current_head bytea)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    WITH subjects AS (
        SELECT id, audit_seq, audit_head FROM orders UNION ALL SELECT id, audit_seq, audit_head FROM account
        UNION ALL SELECT id, audit_seq, audit_head FROM staff UNION ALL SELECT id, audit_seq, audit_head FROM project
        UNION ALL SELECT id, audit_seq, audit_head FROM certificate)
    SELECT a.id, a.kind, coalesce(a.subject, s.id), a.seq,
           audit_text(a.kind, a.subject, a.seq, a.at, a.actor, a.op, a.request, a.detail), a.head, s.audit_seq, s.audit_head
      FROM audit a FULL JOIN subjects s ON s.id = a.subject ORDER BY coalesce(a.subject, s.id), a.seq $$;

DROP FUNCTION hall.certificate_seal, hall.signer_stamp, hall.signer_stamping, hall.signer_stamped, hall.desk_seals,
    hall.desk_seal_withdraw, hall.desk_seal_files, hall.desk_stamp, hall.seal_filings, hall.seal_end, hall.stamp_accept,
    hall.want_seal, hall.stamp_files, hall.stamp_source, hall.stamp_code_of, hall.stamp_json, hall.seal_json, hall.seal_state,
    hall.stamp_scan, hall.stamp_accepted, hall.seal_file;
DELETE FROM hall.outbox WHERE kind = 'stamp';
DROP TABLE hall.seal_filing, hall.seal, hall.stamp, hall.stamp_code;
DROP FUNCTION hall.seal_filing_kept;
DROP SEQUENCE hall.stamp_number, hall.filing_number;
DROP OWNED BY certhall_stamp;

COMMIT;
