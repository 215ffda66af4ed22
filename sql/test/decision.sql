-- Decisions that the signer has refused: the order goes back, and a decision that was made meanwhile stays.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account, pg_temp.new_staff('reviewer') AS reviewer, pg_temp.new_staff('producer') AS producer \gset
SELECT pg_temp.new_order(:'project', :'account', '{"state": "accepted", "paid": "paid"}') AS o \gset
CREATE FUNCTION pg_temp.decided(wanted uuid, the_decision text, who uuid, second int) RETURNS bigint LANGUAGE sql AS $$
    INSERT INTO hall.decision (order_id, what, staff, decided_at, statement, credential, client_data, authenticator_data, signature, leaves, place, path)
    VALUES (wanted, the_decision, who, '2026-11-23 12:00:00+08'::timestamptz + make_interval(secs => second), '', '', '', '', '', 1, 0, '') RETURNING id $$;
CREATE FUNCTION pg_temp.stands(wanted uuid) RETURNS text LANGUAGE sql AS $$
    SELECT concat_ws(' ', o.state, o.producer IS NOT NULL, (SELECT string_agg(d.refused, ',' ORDER BY d.id) FROM hall.decision d WHERE d.order_id = wanted))
      FROM hall.orders o WHERE o.id = wanted $$;

SELECT pg_temp.decided(:'o', 'approve', :'reviewer', 0) AS approval, pg_temp.decided(:'o', 'produce', :'producer', 1) AS first \gset
UPDATE hall.orders SET producer = :'producer' WHERE id = :'o';
SELECT hall.signer_decision_refused(:'o', 'produce', NULL, 'none');
SELECT is(pg_temp.stands(:'o'), 'accepted t', 'who has seen none does not refuse the one that came meanwhile');
SELECT pg_temp.decided(:'o', 'produce', :'producer', 2) AS second \gset
SELECT hall.signer_decision_refused(:'o', 'produce', :first, 'old');
SELECT is(pg_temp.stands(:'o'), 'accepted t', 'nor is the newer refused for the older');
SELECT hall.signer_decision_refused(:'o', 'produce', :second, 'changed');
SELECT is(pg_temp.stands(:'o'), 'accepted f changed', 'a refused production is decided again');
SELECT hall.signer_decision_refused(:'o', 'approve', :approval, 'years');
SELECT is(pg_temp.stands(:'o'), 'in_review f years,changed', 'a refused approval takes the order back to the review');
SELECT is((SELECT text FROM hall.order_history WHERE order_id = :'o' ORDER BY id DESC LIMIT 1), '需要重新审核', 'as its history says');
SELECT hall.signer_decision_refused(:'o', 'approve', :approval, 'again');
SELECT is(pg_temp.stands(:'o'), 'in_review f again,changed', 'twice changes nothing more');
SELECT is(pg_temp.outcome(format($$ INSERT INTO hall.decision SELECT (jsonb_populate_record(d, '{"id": 0}')).* FROM hall.decision d WHERE id = %s $$, :second)), '428C9', 'ids are given');
SELECT is(pg_temp.outcome(format($$ SELECT pg_temp.decided(%L, 'produce', %L, 2) $$, :'o', :'producer')), '23505', 'two decisions of a second are one');

SELECT * FROM finish();
ROLLBACK;
