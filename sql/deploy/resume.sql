-- Deploy certhall:resume to pg
-- Productions that were cut off: by a crash, and by a payment that came back.
BEGIN;

-- A production that a crash has cut off goes on with its row. (INSERT … ON CONFLICT would let the trigger that audits a new
-- row write of one that never comes to be.)
CREATE OR REPLACE FUNCTION hall.signer_issuing(wanted uuid, new_serial text, kind text, starts timestamptz, ends timestamptz,
                                               tbs bytea) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
BEGIN
    PERFORM enter_system('signer', 'signer.issuing');
    IF NOT EXISTS (SELECT FROM signer_order(wanted) WHERE issue_wanted) THEN
        PERFORM refuse(409, 'no certificate is wanted for this order');
    END IF;
    UPDATE certificate SET (algorithm, not_before, not_after, tbs_sm3) = (kind, starts, ends, tbs)
     WHERE serial = new_serial AND order_id = wanted AND state = 'issuing';
    IF FOUND THEN
        RETURN;
    ELSIF EXISTS (SELECT FROM certificate WHERE serial = new_serial) THEN
        PERFORM refuse(409, 'this serial number is taken');
    END IF;
    INSERT INTO certificate (serial, order_id, algorithm, not_before, not_after, tbs_sm3)
    VALUES (new_serial, wanted, kind, starts, ends, tbs);
END $$;

-- What the bank says of a payout. What was produced on a payment that came back is made anew, with the next PIN.
CREATE OR REPLACE FUNCTION hall.payout_state(wanted uuid, said text, why text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE
    p payout;
    o orders;
BEGIN
    SELECT * INTO p FROM payout WHERE id = wanted;
    SELECT * INTO o FROM orders WHERE id = p.order_id FOR NO KEY UPDATE;
    SELECT * INTO p FROM payout WHERE id = wanted FOR NO KEY UPDATE;
    IF p.state = said OR p.state IN ('failed', 'returned') OR (p.state = 'succeeded' AND said <> 'returned') THEN
        RETURN;
    END IF;
    UPDATE payout SET state = said, reason = why, ended_at = CASE WHEN said = 'sent' THEN NULL ELSE now() END
     WHERE id = wanted;
    UPDATE orders SET finauth = said, finauth_text = why, updated_at = now() WHERE id = o.id;
    IF said = 'sent' THEN
        INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'payout', '已向单位账户汇出 0.01 元，附言为证书 PIN 码');
        PERFORM enqueue('payout_query', 'payout_query/' || wanted, wanted, '1 second');
    ELSIF said = 'succeeded' THEN
        INSERT INTO order_history (order_id, event, text) VALUES (o.id, 'payout', '金融认证成功');
        PERFORM enqueue('payout_watch', 'payout_watch/' || wanted, wanted, '1 day');
        PERFORM try_gates(o.id);
    ELSE
        INSERT INTO order_history (order_id, event, text)
        VALUES (o.id, 'payout', '金融认证失败' || coalesce('：' || why, ''));
        PERFORM tell(o.id, 'finauth_failed', 'handler', wanted::text, jsonb_build_object('reason', why));
        IF said = 'returned' AND o.state IN ('accepted', 'produced') THEN
            PERFORM advance(o.id, 'payout_returned');
            UPDATE orders SET producer = NULL WHERE id = o.id; -- it is asked for anew when the account is proved
            UPDATE certificate SET state = 'hold' WHERE order_id = o.id AND state = 'valid'; -- its PIN reached nobody
        END IF;
    END IF;
END $$;

-- The applicant's account data, first or corrected. Corrected data do not reopen the review. Taken as long as a payout can
-- follow: what comes back after the parcel has left is finance's, and its PIN stays.
CREATE OR REPLACE FUNCTION hall.account_put(wanted uuid, branch text, sealed_data bytea, shown text, unit text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = hall, pg_temp AS $$
DECLARE o orders := my_order(wanted);
BEGIN
    IF o.state NOT IN ('in_review', 'rejected', 'approved')
       OR o.finauth IS NULL OR o.finauth NOT IN ('account_wanted', 'queued', 'failed', 'returned')
       OR EXISTS (SELECT FROM payout WHERE order_id = wanted AND state IN ('queued', 'sent')) THEN
        PERFORM refuse(409, '现在不能更改银行账户，请刷新后再看。');
    ELSIF NOT EXISTS (SELECT FROM bank_branch WHERE cnaps = branch) THEN
        PERFORM refuse(422, '请从搜索结果中选择开户行。', '/account_branch');
    ELSIF (SELECT count(*) FROM payout WHERE order_id = wanted) >= payouts_max() THEN
        PERFORM refuse(409, '打款认证次数已用完，请联系客服。');
    END IF;
    INSERT INTO bank_account (order_id, cnaps, sealed, masked, name) VALUES (wanted, branch, sealed_data, shown, unit)
    ON CONFLICT (order_id) DO UPDATE SET (cnaps, sealed, masked, name, updated_at) =
        (EXCLUDED.cnaps, EXCLUDED.sealed, EXCLUDED.masked, EXCLUDED.name, now());
    UPDATE orders SET finauth = 'queued', finauth_text = NULL, updated_at = now() WHERE id = wanted;
    INSERT INTO order_history (order_id, event, text) VALUES (wanted, 'account', '已提交对公账户');
    IF o.finauth IN ('failed', 'returned') THEN
        PERFORM want_pin(wanted); -- every new payout carries a fresh PIN
    END IF;
    PERFORM want_payout(wanted);
END $$;

-- What the applicant may do now.
CREATE OR REPLACE FUNCTION hall.order_can(o hall.orders) RETURNS jsonb
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = hall, pg_temp AS $$
    SELECT to_jsonb(array_remove(ARRAY[
        CASE WHEN o.state IN ('draft', 'rejected') THEN 'save' END,
        CASE WHEN o.state = 'unpaid' THEN 'edit' END,
        CASE WHEN o.state IN ('draft', 'unpaid') THEN 'cancel' END,
        CASE WHEN o.state = 'rejected' THEN 'resubmit' END,
        CASE WHEN o.form_complete THEN 'print' END,
        CASE WHEN o.state = 'shipped' THEN 'received' END,
        CASE WHEN o.finauth IN ('account_wanted', 'queued', 'failed', 'returned')
              AND o.state IN ('in_review', 'rejected', 'approved')
              AND NOT EXISTS (SELECT FROM payout WHERE order_id = o.id AND state IN ('queued', 'sent')) THEN 'account' END], NULL)) $$;

COMMIT;
