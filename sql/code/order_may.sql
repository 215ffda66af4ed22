-- What an order allows its applicant to do, and what it waits for. It is decided here for every page.

-- What is missing before an order can be submitted, most urgent first: the pointer of the fault, and a sentence.
CREATE OR REPLACE FUNCTION hall.order_lacks(o hall.orders) RETURNS TABLE (pointer text, text text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    missing text[] := '{}';
    annex bool := false;
    w record;
BEGIN
    FOR w IN SELECT p.code, p.name, p.template, coalesce((SELECT bool_and(m.state = 'ok') FROM paper m
                      WHERE m.order_id = o.id AND m.code = p.code AND m.state <> 'replaced'), false) AS there FROM papers_wanted(o) p LOOP
        annex := annex OR coalesce(w.template = 'annex', false);
        IF NOT w.there THEN
            missing := missing || ARRAY[w.code, w.name];
        END IF;
    END LOOP;
    IF NOT o.form_complete THEN
        pointer := '/form'; text := '请把申请信息填写完整。';
        RETURN NEXT;
    END IF;
    IF NOT o.printed THEN
        pointer := '/print'; text := '请打印申请表。';
        RETURN NEXT;
    END IF;
    IF annex AND NOT o.annex_printed THEN
        pointer := '/print'; text := '请打印证书附页。';
        RETURN NEXT;
    END IF;
    FOR i IN 1..cardinality(missing) / 2 LOOP
        pointer := '/papers/' || missing[2 * i - 1]; text := format('请上传“%s”。', missing[2 * i]);
        RETURN NEXT;
    END LOOP;
    IF o.seal_wanted AND NOT EXISTS (SELECT FROM sealpicture_accepted(o)) THEN
        pointer := '/sealpicture'; text := '请预览并确认电子印章的样式。';
        RETURN NEXT;
    END IF;
    IF o.phone_state <> 'passed' THEN
        pointer := '/phone'; text := '请完成手机认证。';
        RETURN NEXT;
    END IF;
END $$;

-- can: the actions that are possible now. step, step_text: the next page, and why; NULL: the applicant has nothing to do. code_left,
-- code_expires: of the random code that may be typed in. legal_auth: open, later, closed. payouts: how many were made. pay_ways: in
-- the project's order. proof: what proves the account, as in hall.finauth_mode. to_pay, clock: of the state.
CREATE OR REPLACE FUNCTION hall.order_may(o hall.orders, OUT can text[], OUT step text, OUT step_text text, OUT code_left int,
    OUT code_expires timestamptz, OUT legal_auth text, OUT payouts int, OUT pay_ways text[], OUT proof text,
    OUT to_pay bool, OUT clock text)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    s order_state;
    p project;
    t project_type;
    changeable bool := false;
    account bool := false;
    again bool := false;
    withdrawable bool := false;
    code payout_code;
BEGIN
    SELECT x.editable, x.pending, x.to_pay, x.clock INTO s.editable, s.pending, to_pay, clock FROM order_state x WHERE x.state = o.state;
    SELECT j.payment_ways, j.transfer_natural, j.finauth INTO p.payment_ways, p.transfer_natural, p.finauth FROM project j WHERE j.id = o.project;
    SELECT x.person INTO t.person FROM project_type x WHERE x.project = o.project AND x.cert_type = o.cert_type;
    pay_ways := project_pay_ways(p, t); proof := CASE WHEN o.makes THEN project_finauth(p, t) ELSE 'none' END;
    payouts := CASE WHEN o.finauth IS NULL THEN 0 ELSE (SELECT count(*) FROM payout y WHERE y.order_id = o.id) END;
    legal_auth := 'closed';
    IF o.finauth IS NOT NULL AND s.pending THEN
        changeable := account_changeable(o);
        account := changeable AND payouts < payouts_max();
        again := payout_unaskable(o) IS NULL;
        legal_auth := legal_auth(o);
        code := code_of(o);
        code_left := code_tries() - code.tries;
        code_expires := code.expires_at;
    END IF;
    IF o.refund = 'asked' THEN
        withdrawable := EXISTS (SELECT FROM refund_request q WHERE q.order_id = o.id AND q.state = 'asked' AND q.account = o.account);
    END IF;
    can := array_remove(ARRAY[
        CASE WHEN s.editable THEN 'save' END,
        CASE WHEN o.state = 'unpaid' THEN 'edit' END,
        CASE WHEN to_pay THEN 'cancel' END,
        CASE WHEN o.state = 'rejected' THEN 'resubmit' END,
        CASE WHEN o.form_complete THEN 'print' END,
        CASE WHEN o.state = 'shipped' THEN 'received' END,
        CASE WHEN account THEN 'account' END,
        CASE WHEN again THEN 'payout' END,
        CASE WHEN code.payout IS NOT NULL THEN 'code' END,
        CASE WHEN code.payout IS NOT NULL THEN 'code_link' END,
        CASE WHEN legal_auth = 'open' THEN 'legal_auth' END,
        CASE WHEN o.state = 'unpaid' AND 'transfer' = ANY (pay_ways) THEN 'transfer' END,
        CASE WHEN refundable(o) THEN 'refund' END,
        CASE WHEN withdrawable THEN 'refund_withdraw' END], NULL);
    IF o.state = 'draft' THEN
        SELECT CASE WHEN l.pointer LIKE '/papers%' OR l.pointer = '/sealpicture' THEN 'papers' ELSE substr(l.pointer, 2) END, l.text
          INTO step, step_text FROM order_lacks(o) l LIMIT 1; -- the page of the papers also shows the picture of the seal
        IF NOT FOUND THEN
            step := 'payment'; step_text := '确认无误后提交并支付。';
        END IF;
    ELSIF o.state = 'unpaid' THEN
        step := 'payment'; step_text := '请尽快完成支付，7 天内未支付将自动取消。';
    ELSIF o.state = 'rejected' THEN
        step := 'form'; step_text := '请按驳回原因修改后重新提交，已支付的费用继续有效。';
    ELSIF o.state = 'shipped' THEN
        step := 'received'; step_text := '收到快递后请确认签收。';
    ELSIF code.payout IS NOT NULL THEN
        step := 'code'; step_text := '打款附言中有 6 位随机码，请向本单位财务索取后填写，或发链接请财务填写。';
    ELSIF changeable AND (o.finauth = 'account_wanted'
                          OR o.finauth = 'queued' AND NOT EXISTS (SELECT FROM bank_account b WHERE b.order_id = o.id)) THEN
        step := 'account'; step_text := '请填写单位对公账户，用于金融认证。';
    ELSIF account AND o.finauth IN ('failed', 'returned') THEN
        step := 'account'; step_text := '金融认证未成功，请核对并更正对公账户。';
    ELSIF legal_auth = 'open' THEN
        step := 'legal'; step_text := '打款认证次数已用完，请由法定代表人完成认证。';
    ELSIF changeable AND o.finauth IN ('failed', 'returned') THEN
        step := 'finauth'; step_text := '打款认证次数已用完，请拨打服务热线。';
    END IF;
END $$;
