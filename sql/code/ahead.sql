-- What happens next to an order, and who does it until when: one home for the results of all pages.

-- A list of {who, what} in the order in which it happens; empty when the order waits for nobody any more. `step_text` is that of
-- hall.order_may: what its applicant has to do.
CREATE OR REPLACE FUNCTION hall.order_ahead(o hall.orders, step_text text, promised jsonb) RETURNS jsonb
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    reviewed bool := o.state IN ('approved', 'accepted', 'produced', 'shipped');
    file bool;
    mode text;
BEGIN
    IF o.state = 'draft' OR (state_of(o)).void OR o.state = 'done' THEN
        RETURN '[]';
    END IF;
    file := EXISTS (SELECT FROM project_type t WHERE t.project = o.project AND t.cert_type = o.cert_type AND t.medium = 'file');
    IF o.finauth IN ('account_wanted', 'queued', 'sent', 'succeeded') THEN
        mode := finauth_mode(o);
    END IF;
    RETURN (SELECT coalesce(jsonb_agg(jsonb_build_object('who', r.who, 'what', r.what) ORDER BY r.n), '[]') FROM (VALUES
        (1, CASE my_kind() WHEN 'account' THEN '您' ELSE '经办人' END,
            CASE WHEN step_text IS NOT NULL THEN step_text WHEN file AND o.state = 'produced' THEN '请在业务单页面下载证书。' END),
        (2, '财务人员', CASE WHEN o.paid = 'voucher' THEN '核对汇款是否到账，结果会以短信通知。' END),
        (3, '单位财务', CASE WHEN mode = 'code' AND o.state = 'verifying' THEN '查收转入单位账户的 0.01 元，把附言中的 6 位随机码告诉经办人。'
                            WHEN mode = 'pin' AND o.state IN ('in_review', 'approved')
                                THEN '审核通过后查收转入单位账户的 0.01 元，附言中有证书 PIN 码，请妥善保管。' END),
        (4, '审核人员', CASE WHEN reviewed THEN NULL WHEN NOT o.makes THEN format('%s，通过后登记信息随即变更，结果会以短信通知。', coalesce(promised ->> 'text', '审核申请'))
                            WHEN promised IS NULL THEN '审核申请，结果会以短信通知。'
                            ELSE format('%s，结果会以短信通知。', promised ->> 'text') END),
        (5, '制证人员', CASE WHEN NOT o.makes OR o.state = 'shipped' OR file AND o.state = 'produced' THEN NULL
                            WHEN reviewed AND promised IS NOT NULL THEN format('%s，完成后会以短信通知。', promised ->> 'text')
                            WHEN o.state = 'produced' THEN '把已制作的证书交给快递，运单号会以短信通知。'
                            WHEN file THEN '审核通过后制作证书，可以下载时会以短信通知。'
                            ELSE '审核通过后制作证书并寄出，运单号会以短信通知。' END))
        AS r(n, who, what) WHERE r.what IS NOT NULL);
END $$;
