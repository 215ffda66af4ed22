-- Every pair of state and event, tried by every role; an order's whole life; what the table must never allow.
\ir fixture.psql
SELECT no_plan();

CREATE TEMP TABLE role AS SELECT unnest(ARRAY['applicant', 'reviewer', 'finance', 'producer', 'outlet', 'auditor', 'admin', 'system',
                                              'vendor', 'phone', 'code', 'public']) AS role;

-- Tries the event and returns the new state or the SQLSTATE.
CREATE FUNCTION pg_temp.attempt(wanted uuid, from_ text, happened text, role text) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    came text;
BEGIN
    UPDATE hall.orders SET state = from_, refund = 'done' WHERE id = wanted; -- refunded is what a refund has made so
    PERFORM hall.act_as(role);
    PERFORM hall.advance(wanted, happened);
    came := pg_temp.state_of(wanted);
    RAISE EXCEPTION USING ERRCODE = 'UNDO0';
EXCEPTION
    WHEN SQLSTATE 'UNDO0' THEN RETURN came;
    WHEN OTHERS THEN RETURN SQLSTATE;
END $$;

CREATE TEMP TABLE subject AS SELECT pg_temp.new_order(pg_temp.new_project(), pg_temp.new_account()) AS id;

SELECT is(
    (SELECT string_agg(role || ' ' || pg_temp.attempt(s.id, st.state, e.event, role), ', ' ORDER BY role) FROM role),
    (SELECT string_agg(role || ' ' || coalesce(
            (SELECT t.to_state FROM hall.transition t WHERE t.event = e.event AND t.from_state = st.state AND role = ANY (t.who)),
            CASE WHEN EXISTS (SELECT FROM hall.transition t WHERE t.event = e.event AND t.from_state = st.state)
                 THEN 'CH403' ELSE 'CH409' END), ', ' ORDER BY role) FROM role),
    format('%s in state %s', e.event, st.state))
  FROM subject s, hall.order_state st, (SELECT DISTINCT event FROM hall.transition) e ORDER BY st.state, e.event;

SELECT is((SELECT count(*) FROM hall.order_history h JOIN subject s ON h.order_id = s.id), 0::bigint, 'all attempts were undone');

-- ---- the table itself ----

SELECT is((SELECT count(*) FROM hall.order_state), 12::bigint, 'twelve states');
SELECT is_empty($$ SELECT event, from_state, to_state FROM hall.transition WHERE who && '{admin,auditor}' $$,
                'administrators and auditors move nothing');
SELECT is_empty($$ SELECT event FROM hall.transition WHERE who && '{reviewer}' AND event NOT IN ('approve', 'reject') $$,
                'reviewers approve and reject, nothing else');
SELECT is_empty($$ SELECT event FROM hall.transition WHERE event IN ('approve', 'reject') AND who <> '{reviewer}' $$,
                'nobody but a reviewer approves or rejects');
SELECT is_empty($$ SELECT event, from_state FROM hall.transition WHERE from_state IN ('done', 'refunded', 'cancelled') $$,
                'the last states have no way out');
SELECT is_empty($$ SELECT event, to_state FROM hall.transition WHERE who && '{applicant,vendor,phone,public}'
                      AND to_state IN ('approved', 'accepted', 'produced', 'shipped', 'refunded', 'rejected') $$,
                'no applicant, vendor or link brings an order into a state that staff answer for');
SELECT is_empty($$ SELECT event, to_state FROM hall.transition WHERE to_state = 'refunded' AND who <> '{finance}' $$,
                'money goes back by finance alone');
SELECT is_empty($$ SELECT t.event, r FROM hall.transition t, unnest(t.who) r WHERE r NOT IN (SELECT role FROM role) $$,
                'every role in the table is one of the hall''s');
SELECT is_empty($$
    WITH RECURSIVE reached(state) AS (SELECT 'draft' UNION SELECT t.to_state FROM hall.transition t JOIN reached r ON r.state = t.from_state)
    SELECT state FROM hall.order_state EXCEPT SELECT state FROM reached EXCEPT SELECT 'verifying' $$,
                'every state is reached from a draft (verifying: with financial authentication by code)');
SELECT is_empty($$ SELECT state FROM hall.order_state EXCEPT SELECT from_state FROM hall.transition
                   EXCEPT SELECT unnest(ARRAY['done', 'refunded', 'cancelled']) $$, 'every other state has a way out');

-- ---- a whole life, by the functions that the programs call ----

SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account, pg_temp.new_account() AS stranger,
       pg_temp.new_staff('reviewer') AS reviewer, pg_temp.new_staff('producer') AS producer \gset
SELECT pg_temp.new_order(:'project', :'account') AS o \gset
SELECT pg_temp.add_papers(:'o');

SELECT pg_temp.be_applicant(:'stranger', :'project');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.submit(%L)', :'o')), 'CH404', 'a stranger does not find the order');
SELECT pg_temp.be_applicant(:'account', pg_temp.new_project());
SELECT is(pg_temp.outcome(format('SELECT pg_temp.submit(%L)', :'o')), 'CH404', 'nor does its owner under another project');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT hall.order_submit(%L, 7, NULL, NULL, NULL, NULL)', :'o')), 'CH409', 'another version is refused');
SELECT is(pg_temp.outcome(format('SELECT hall.order_submit(%L, 1, ''999999999999'', ''\x00'', ''*'', ''x'')', :'o')),
          'CH422 /form/account_branch', 'a branch that is not in the list is refused and named');
SELECT pg_temp.submit(:'o');
SELECT is(pg_temp.state_of(:'o'), 'unpaid', 'submitted');
SELECT is((SELECT total FROM hall.orders WHERE id = :'o'), 10000, 'the price is frozen with it');
SELECT is(pg_temp.version_of(:'o'), 2, 'a step is a version');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.submit(%L)', :'o')), 'CH409', 'not submitted twice');
SELECT is(pg_temp.outcome(format('SELECT hall.order_save(%L, 2, NULL, NULL, NULL, NULL, false, ''{}'', NULL, '''', NULL, NULL)', :'o')), 'CH409',
          'a submitted form is not changed');

SELECT out_trade_no AS number FROM hall.payment_open(gen_random_uuid(), :'o', 'wechatpay', 'TAP-LIFE') \gset
SELECT pg_temp.be_system();
SELECT is(hall.payment_paid(:'number', 'tx-life', 10000, now()), 'paid', 'paid');
SELECT is(pg_temp.state_of(:'o'), 'in_review', 'into the review');
SELECT ok(due_at IS NOT NULL OR NOT EXISTS (SELECT FROM hall.calendar WHERE extract(year FROM day) = extract(year FROM now())),
          'with a promised date') FROM hall.orders WHERE id = :'o';

SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT is(pg_temp.outcome(format('SELECT hall.approve(%L, 3, NULL)', :'o')), 'CH403', 'a producer does not approve');
SELECT is(pg_temp.outcome(format('SELECT hall.produce(%L, 3)', :'o')), 'CH409', 'nothing is made before it is accepted');
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT is(pg_temp.outcome(format('SELECT hall.approve(%L, 2, NULL)', :'o')), 'CH409', 'nor on an old page');
SELECT hall.reject(:'o', 3, '[{"pointer": "/papers/form", "text": "不清楚"}]');
SELECT is(pg_temp.state_of(:'o'), 'rejected', 'rejected');
SELECT is((SELECT state || ' ' || reason FROM hall.paper WHERE order_id = :'o'), 'rejected 不清楚', 'the reason is pinned to the paper');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT hall.order_resubmit(%L, 4)', :'o')), 'CH422 /papers/form', 'not resubmitted with the rejected paper');
SELECT hall.paper_put(pg_temp.stored(), :'o', 'form', 'x', 'image/bmp', 1, sha256(''), '');
SELECT hall.order_resubmit(:'o', 4);
SELECT is(pg_temp.state_of(:'o'), 'in_review', 'resubmitted');
SELECT is((SELECT reasons FROM hall.orders WHERE id = :'o'), NULL, 'the reasons are done with');

SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT hall.approve(:'o', 5, NULL);
SELECT is(pg_temp.state_of(:'o'), 'approved', 'approved, and waits for the proof of the account');
SELECT is((SELECT state FROM hall.pin WHERE order_id = :'o'), 'wanted', 'the PIN is wanted now, not before');
SELECT is_empty(format('SELECT 1 FROM hall.payout WHERE order_id = %L', :'o'), 'and no money goes out without one');

SELECT hall.signer_pin(:'o', 1, 1, '\x01', '\x01');
SELECT is((SELECT state FROM hall.payout WHERE order_id = :'o'), 'queued', 'the payout carries the PIN that was made');
SELECT id AS payout FROM hall.payout WHERE order_id = :'o' \gset
SELECT is(pg_temp.outcome(format('SELECT hall.signer_pin(%L, 1, 1, ''\x02'', ''\x02'')', :'o')), 'CH409', 'one generation is made once');
SELECT pg_temp.be_system();
SELECT hall.payout_state(:'payout', 'sent', NULL);
SELECT is(pg_temp.state_of(:'o'), 'approved', 'sent is not proved');
SELECT hall.payout_state(:'payout', 'succeeded', NULL);
SELECT is(pg_temp.state_of(:'o'), 'accepted', 'proved: accepted');
SELECT hall.payout_state(:'payout', 'sent', NULL);
SELECT is((SELECT finauth FROM hall.orders WHERE id = :'o'), 'succeeded', 'a late word of the bank does not turn it back');

SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT hall.produce(:'o', pg_temp.version_of(:'o'));
SELECT is(pg_temp.state_of(:'o'), 'accepted', 'asked for, not yet made');
INSERT INTO hall.ca (name, algorithm) VALUES ('sm2', 'sm2') ON CONFLICT DO NOTHING;
SELECT hall.signer_issuing(:'o', 1, 'signature', 'ABCDEF0123456789', 'sm2', 'sm2', 'institution', now(), now() + interval '1 year', sha256(''), sha256('k1'));
SELECT hall.signer_issuing(:'o', 1, 'signature', 'ABCDEF0123456789', 'sm2', 'sm2', 'institution', now(), now() + interval '2 years', sha256('x'), sha256('k2'));
SELECT is((SELECT count(*) FROM hall.certificate WHERE order_id = :'o'), 1::bigint, 'cut off and taken up again, it goes on with its row');
SELECT is((SELECT tbs_sm3 FROM hall.certificate WHERE order_id = :'o'), sha256('x'), 'and with what will be signed now');
SELECT is_empty($$ SELECT subject FROM hall.audit WHERE kind = 'certificate' AND subject NOT IN (SELECT id FROM hall.certificate) $$,
                'the trail tells of no certificate that never came to be');
SELECT is(pg_temp.outcome(format('SELECT hall.signer_issued(%L, ''sm2'', ''ABCDEF0123456780'', ''\x01'', NULL, NULL, ''x'')', :'o')), 'CH409',
          'a certificate that was not announced is not taken');
SELECT hall.signer_issued(:'o', 'sm2', 'ABCDEF0123456789', '\x01', '\x02', NULL, 'CN=x');
SELECT hall.signer_produced(:'o');
SELECT is(pg_temp.state_of(:'o'), 'produced', 'produced');
SELECT is(pg_temp.outcome(format('SELECT hall.signer_issuing(%L, 1, ''signature'', ''ABCDEF0123456788'', ''sm2'', ''sm2'', ''institution'', now(), now() + interval ''1 year'', sha256(''''), sha256(''k3''))', :'o')),
          'CH409', 'no second certificate for the same order');
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT is(pg_temp.outcome(format('SELECT hall.ship(%L, %s, ''sf'', ''SF123456'')', :'o', pg_temp.version_of(:'o'))), 'CH403', 'a reviewer ships nothing');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT is(pg_temp.outcome(format('SELECT hall.ship(%L, %s, ''jd'', ''JD123456'')', :'o', pg_temp.version_of(:'o'))), 'CH422 /courier', 'by the project''s couriers alone');
SELECT hall.ship(:'o', pg_temp.version_of(:'o'), 'sf', 'SF123456');
SELECT is(pg_temp.state_of(:'o'), 'shipped', 'shipped');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT hall.payout_state(%L, ''returned'', ''退票''), hall.account_put(%L, ''102584000010'', ''\x00'', ''****'', ''测试'')', :'payout', :'o')),
          'CH409', 'what comes back after the parcel has left is not paid again');
SELECT pg_temp.be_staff(:'producer', 'producer');
SELECT is((SELECT key_file FROM hall.certificate WHERE order_id = :'o'), NULL, 'the key file is gone with the parcel');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT hall.order_received(:'o', pg_temp.version_of(:'o'));
SELECT is(pg_temp.state_of(:'o'), 'done', 'done');
SELECT results_eq(format('SELECT event FROM hall.order_history WHERE order_id = %L AND event IN (SELECT event FROM hall.transition) ORDER BY id', :'o'),
    $$ VALUES ('submit'), ('paid'), ('reject'), ('resubmit'), ('approve'), ('gates_open'), ('produce'), ('hand_over'), ('signed_for') $$,
    'each step stands in its history once');
SELECT is((SELECT string_agg(event, ' ' ORDER BY created_at, event) FROM hall.message WHERE order_id = :'o'), 'approved pin_remitted rejected shipped',
          'who was told what, in words; the PIN went with the payout');

-- ---- money comes back from the bank days later ----

SELECT pg_temp.new_order(:'project', :'account', '{"state": "approved", "paid": "paid", "finauth": "queued"}') AS r \gset
INSERT INTO hall.pin (order_id, generation, state, kek, encrypted) VALUES (:'r', 1, 'made', 1, '\x01');
INSERT INTO hall.payout (id, order_id, number, yur_ref, generation, state) VALUES (gen_random_uuid(), :'r', 1, 'TAP-RETURN', 1, 'sent')
RETURNING id AS payout \gset
SELECT pg_temp.be_system();
SELECT hall.payout_state(:'payout', 'succeeded', NULL);
SELECT is(pg_temp.state_of(:'r'), 'accepted', 'accepted');
SELECT hall.payout_state(:'payout', 'returned', '账号不符');
SELECT is(pg_temp.state_of(:'r'), 'approved', 'a returned payout takes the acceptance back');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT hall.account_put(:'r', '102584000010', '\x00', '*', '测试');
SELECT is((SELECT string_agg(generation || state, ' ' ORDER BY generation) FROM hall.pin WHERE order_id = :'r'), '1void 2wanted',
          'every new payout carries a fresh PIN; the old one is void');

-- ---- seven days unpaid, fifteen days under way ----

SELECT pg_temp.new_order(:'project', :'account', jsonb_build_object('state', 'unpaid', 'submitted_at', now() - interval '6 days')) AS young,
       pg_temp.new_order(:'project', :'account', jsonb_build_object('state', 'unpaid', 'submitted_at', now() - interval '7 days')) AS old,
       pg_temp.new_order(:'project', :'account', jsonb_build_object('state', 'in_review', 'submitted_at', now() - interval '9 days')) AS paid \gset
SELECT pg_temp.be_system();
SELECT hall.order_end(:'young'), hall.order_end(:'old'), hall.order_end(:'paid');
SELECT hall.order_end(:'young');
SELECT is(array[pg_temp.state_of(:'young'), pg_temp.state_of(:'old'), pg_temp.state_of(:'paid')], '{unpaid,cancelled,in_review}',
          'an unpaid order ends after seven days, no other does');
SELECT is((SELECT string_agg(event, ' ' ORDER BY event) FROM hall.message WHERE order_id IN (:'young', :'old', :'paid')), 'unpaid_ended unpaid_ends',
          'a day before, the applicant is reminded once; at the end, told');
SELECT matches((SELECT detail ->> 'time' FROM hall.message WHERE order_id = :'young'), '^\d+ 月 \d+ 日 \d\d:\d\d$', 'until when');
SELECT hall.unpaid_begins(:'paid', 1), hall.unpaid_begins(:'paid', 1);
SELECT is((SELECT array_agg(due_at - now() ORDER BY due_at) FROM hall.outbox WHERE kind = 'unpaid_end' AND subject = :'paid'), '{6 days,7 days}', 'twice looked at');

-- ---- every standing that waits for the applicant has a message that says so ----

SELECT is_empty($$ SELECT s.code FROM hall.order_standing s
     WHERE s.code IN ('unpaid', 'verifying', 'rejected', 'shipped', 'finauth_account_wanted', 'finauth_sent', 'finauth_succeeded', 'finauth_failed', 'finauth_returned')
       AND NOT EXISTS (SELECT FROM (VALUES ('unpaid', 'unpaid_ends'), ('verifying', 'code_wanted'), ('rejected', 'rejected'), ('shipped', 'shipped'),
               ('finauth_account_wanted', 'account_wanted'), ('finauth_sent', 'pin_remitted'), ('finauth_succeeded', 'code_wanted'),
               ('finauth_failed', 'finauth_failed'), ('finauth_failed', 'legal_wanted'), ('finauth_returned', 'finauth_failed')) w(code, event)
               JOIN hall.message_template t ON t.event = w.event AND t.project IS NULL JOIN hall.message_name n ON n.event = w.event
              WHERE w.code = s.code) $$, 'no standing waits in silence');
SELECT is_empty($$ SELECT event FROM hall.message_template t WHERE project IS NULL AND event IN ('unpaid_ends', 'unpaid_ended', 'pin_remitted', 'legal_wanted',
     'finauth_ended') AND NOT EXISTS (SELECT FROM hall.message_name n WHERE n.event = t.event) $$, 'each has a name on the order''s page');

-- ---- a state more, as tests/tasks/state.patch adds it: rows alone make it work ----

INSERT INTO hall.order_state SELECT (jsonb_populate_record(s, '{"state": "paused", "label": "暂缓办理", "tone": "warning", "clock": null}')).*
  FROM hall.order_state s WHERE s.state = 'in_review';
INSERT INTO hall.order_standing VALUES ('paused', '暂缓办理', 'warning');
INSERT INTO hall.transition VALUES ('pause', 'in_review', 'paused', '{reviewer}', '暂缓办理'), ('resume', 'paused', 'in_review', '{reviewer}', '继续审核');
SELECT pg_temp.new_order(:'project', :'account', '{"state": "in_review", "paid": "paid"}') AS p \gset
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT hall.advance(%L, ''pause'')', :'p')), 'CH403', 'who may is in the row');
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT hall.advance(:'p', 'pause');
SELECT results_eq(format('SELECT state, standing, queue FROM hall.orders WHERE id = %L', :'p'), $$ VALUES ('paused', 'paused', 'review') $$,
                  'the order stands and waits as the row of its state says');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.page(:'p') ->> 'label', '暂缓办理', 'the page shows its label');
SELECT is((SELECT text FROM hall.order_lines(:'p') ORDER BY at DESC, text LIMIT 1), '暂缓办理', 'the history has its line');
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT hall.advance(:'p', 'resume');
SELECT is(pg_temp.state_of(:'p'), 'in_review', 'and it goes on');

SELECT * FROM finish();
ROLLBACK;
