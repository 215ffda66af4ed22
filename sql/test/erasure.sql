-- Consents that can only be withdrawn, what follows from it; what is kept for how long, and that nothing encrypted is forgotten.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account, pg_temp.new_account() AS stranger, pg_temp.new_staff('producer') AS maker,
       pg_temp.new_staff('reviewer') AS reviewer \gset
CREATE FUNCTION pg_temp.agreed(more jsonb, project_ uuid, account_ uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE o uuid := pg_temp.new_order(project_, account_, more);
BEGIN
    INSERT INTO hall.consent (order_id, account, code, version, sha256, address) VALUES (o, account_, 'service', '2026-01', 'x', '192.0.2.1');
    RETURN o;
END $$;
CREATE FUNCTION pg_temp.take_back(o uuid) RETURNS text LANGUAGE sql AS $$
    SELECT hall.consent_withdraw(c.id, gen_random_uuid(), '\x00')::jsonb ->> 'followed' FROM hall.consent c WHERE c.order_id = o $$;
CREATE FUNCTION pg_temp.is_due(id uuid) RETURNS text LANGUAGE sql AS $$ SELECT string_agg(what, ' ') FROM hall.retention_due() WHERE subject = id $$;

-- ---- consents ----
SELECT pg_temp.agreed('{}', :'project', :'account') AS draft, pg_temp.agreed('{"state": "in_review", "paid": "paid"}', :'project', :'account') AS paid,
       pg_temp.agreed('{"state": "accepted", "paid": "zero"}', :'project', :'account') AS accepted,
       pg_temp.agreed('{"state": "done", "paid": "paid"}', :'project', :'account') AS done,
       pg_temp.agreed('{"state": "unpaid"}', :'project', :'account') AS given_away \gset
SELECT pg_temp.be_applicant(:'stranger', :'project');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.take_back(%L)', :'draft')), 'CH404', 'not the account''s own');
UPDATE hall.orders SET account = :'stranger' WHERE id = :'given_away';
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.take_back(:'draft'), 'cancel', 'a draft ends');
SELECT is(pg_temp.state_of(:'draft'), 'cancelled', 'at once');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.take_back(%L)', :'draft')), 'CH409', 'once');
SELECT is(pg_temp.take_back(:'paid'), 'refund', 'of what is paid a refund is asked');
SELECT is((SELECT refund FROM hall.orders WHERE id = :'paid'), 'asked', 'and stands in the order');
SELECT is(pg_temp.take_back(:'accepted'), 'refund', 'as long as nothing is made');
SELECT is(pg_temp.take_back(:'done'), 'nothing', 'what was made stays');
SELECT is(pg_temp.take_back(:'given_away'), 'nothing', 'and what another account has taken over');
SELECT is((SELECT count(*)::int FROM hall.consent WHERE account = :'account' AND withdrawn_at IS NOT NULL), 5, 'all on record');
SELECT is(jsonb_array_length(hall.my_consents()::jsonb -> 'items'), 5, 'and told');
SELECT is(pg_temp.outcome($$ DELETE FROM hall.consent $$), 'P0001', 'nothing is deleted');
SELECT is(pg_temp.outcome($$ UPDATE hall.consent SET withdrawn_at = NULL $$), 'P0001', 'or given back');
SELECT is(pg_temp.outcome($$ UPDATE hall.consent SET version = '2025-01' $$), 'P0001', 'or rewritten');
UPDATE hall.orders SET refund = 'refused' WHERE id IN (:'paid', :'accepted');
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT is(pg_temp.outcome(format('SELECT hall.approve(%L, NULL, NULL)', :'paid')), 'CH409', 'it is not approved, whatever finance says');
SELECT pg_temp.be_staff(:'maker', 'producer');
SELECT is(pg_temp.outcome(format('SELECT hall.produce(%L, NULL)', :'accepted')), 'CH409', 'nor made');

-- ---- what goes when ----
SELECT set_eq('SELECT place FROM hall.encrypted_column', 'SELECT place FROM hall.retention_place', 'every encrypted column has its place in the table');
CREATE FUNCTION pg_temp.old(more jsonb, age interval, project_ uuid, account_ uuid) RETURNS uuid LANGUAGE sql AS $$
    SELECT pg_temp.new_order(project_, account_, more || jsonb_build_object('created_at', now() - age - interval '30 days', 'updated_at', now() - age)) $$;
SELECT pg_temp.old('{}', '89 days', :'project', :'account') AS young, pg_temp.old('{}', '91 days', :'project', :'account') AS stale,
       pg_temp.old('{"state": "cancelled"}', '179 days', :'project', :'account') AS kept,
       pg_temp.old('{"state": "cancelled", "subject": "某单位", "unit_hash": "\\x01"}', '181 days', :'project', :'account') AS gone,
       pg_temp.old('{"state": "refunded"}', '4 years', :'project', :'account') AS refunded,
       pg_temp.old('{"state": "in_review"}', '20 years', :'project', :'account') AS open \gset
SELECT is(pg_temp.is_due(:'young'), NULL, 'a draft of 89 days');
SELECT is(pg_temp.is_due(:'stale'), 'draft', 'of 91');
SELECT is(pg_temp.is_due(:'kept'), NULL, 'cancelled 179 days ago');
SELECT is(pg_temp.is_due(:'gone'), 'cancelled', '181 days ago');
SELECT is(pg_temp.is_due(:'refunded'), NULL, 'refunded four years ago');
SELECT is(pg_temp.is_due(:'open'), NULL, 'an order under way is never due');
UPDATE hall.retention SET after = '3 years' WHERE what = 'refunded';
SELECT is(pg_temp.is_due(:'refunded'), 'refunded', 'the times are data');
SELECT pg_temp.add_papers(:'gone');
INSERT INTO hall.message (order_id, event, recipient, detail, state, created_at, sent_at)
VALUES (:'kept', 'rejected', 'agent', '{"reason": "某人"}', 'sent', now() - interval '181 days', now() - interval '181 days')
RETURNING id AS message \gset
INSERT INTO hall.message (order_id, event, recipient, detail) VALUES (:'kept', 'rejected', 'agent', '{"reason": "某人"}') RETURNING id AS unsent \gset
SELECT is(pg_temp.is_due(:'message'), 'message', 'a message''s words');
SELECT is(pg_temp.is_due(:'unsent'), NULL, 'not before it is sent');

DO $$ BEGIN WHILE hall.retention_step(25) > 0 LOOP NULL; END LOOP; END $$;
SELECT is(pg_temp.state_of(:'stale'), 'cancelled', 'the stale draft is cancelled, and waits for that to be old');
SELECT is((SELECT concat_ws('|', subject, form IS NULL, unit_hash IS NULL, form_complete, erased_at IS NOT NULL) FROM hall.orders WHERE id = :'gone'),
          '|t|t|f|t', 'the order is empty');
SELECT is((SELECT string_agg(file_name || length(file_key), ',') FROM hall.paper WHERE order_id = :'gone'), '0', 'and the keys of its papers are gone');
SELECT is((SELECT count(*)::int FROM hall.outbox WHERE kind = 'file_gone' AND subject IN (SELECT id FROM hall.paper WHERE order_id = :'gone')), 1, 'as are the files, soon');
SELECT is((SELECT detail::text FROM hall.message WHERE id = :'message'), '{}', 'the message has no words');
SELECT is((SELECT detail ->> 'erased' FROM hall.audit WHERE subject = :'gone' ORDER BY seq DESC LIMIT 1), 'cancelled', 'each in the trail');
SELECT is_empty(format('SELECT FROM hall.audit_key WHERE owner = %1$L UNION ALL SELECT FROM hall.audit_words WHERE owner = %1$L', :'gone'),
          'and what it tells of their words cannot be read any more');
SELECT is((SELECT concat_ws('|', form, subject) FROM hall.orders WHERE id = :'open'), '\x00|测试', 'nothing else is touched');
SELECT is((SELECT count(*)::int FROM hall.retention_due() WHERE subject IN (:'gone', :'message', :'stale')), 0, 'once');
SELECT is((SELECT count(*)::int FROM (SELECT subject, seq, lag(head) OVER (PARTITION BY subject ORDER BY seq) AS before, head,
    hall.audit_text(kind, subject, seq, at, actor, op, request, detail) AS body FROM hall.audit WHERE subject = :'gone') a
    WHERE head <> hall.audit_head(coalesce(before, ''), body)), 0, 'and its chain holds');

SELECT finish();
ROLLBACK;
