-- Electronic seals: the accepted picture and what makes it void, the seal that is made from it once, its withdrawal, the filing record.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project('{"papers": [{"code": "form", "name": "申请表", "stamped": true, "formats": ["bmp"], "of_form": true},
           {"code": "seal_form", "name": "印模采集表", "stamped": true, "formats": ["bmp", "pdf"], "with_seal": true}]}') AS project,
       pg_temp.new_account() AS account, pg_temp.new_account() AS other, pg_temp.new_staff('reviewer') AS reviewer \gset
INSERT INTO hall.ca (name, algorithm) VALUES ('sm2', 'sm2') ON CONFLICT DO NOTHING;

CREATE FUNCTION pg_temp.accept(wanted uuid, how text DEFAULT 'generated', kind text DEFAULT 'unit', mark text DEFAULT 'm1', scan uuid DEFAULT NULL)
RETURNS void LANGUAGE sql AS $$
    SELECT hall.sealpicture_accept(gen_random_uuid(), wanted, mark, how, kind, '\x01', '\x02', CASE how WHEN 'scan' THEN NULL ELSE '\x03'::bytea END,
                                   sha256(mark::bytea), 40, 40, scan) $$;
CREATE FUNCTION pg_temp.lacks(wanted uuid) RETURNS text LANGUAGE sql AS $$
    SELECT coalesce(string_agg(l.pointer, ' '), '') FROM hall.orders o, hall.order_lacks(o) l WHERE o.id = wanted $$;
CREATE FUNCTION pg_temp.state_json(wanted uuid) RETURNS jsonb LANGUAGE sql AS $$ SELECT hall.sealpicture_json(o) FROM hall.orders o WHERE o.id = wanted $$;
CREATE FUNCTION pg_temp.certificate(wanted uuid, use text DEFAULT 'signature') RETURNS uuid LANGUAGE sql AS $$
    INSERT INTO hall.certificate (serial, order_id, ca, algorithm, key_use, not_before, not_after, tbs_sm3)
    VALUES (upper(lpad(to_hex(nextval('counter')), 16, 'A')), wanted, 'sm2', 'sm2', use, now() - interval '5 min', now() + interval '1 year', sha256('x'))
    RETURNING id $$;
CREATE FUNCTION pg_temp.valid(cert uuid) RETURNS void LANGUAGE sql AS $$
    UPDATE hall.certificate SET state = 'valid', certificate = convert_to(id::text, 'UTF8') WHERE id = cert $$;
CREATE FUNCTION pg_temp.jobs(cert uuid) RETURNS bigint LANGUAGE sql AS $$ SELECT count(*) FROM hall.outbox WHERE kind = 'seal' AND subject = cert $$;
CREATE FUNCTION pg_temp.made(cert uuid) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE s uuid;
BEGIN
    SELECT seal INTO s FROM hall.signer_seal(cert);
    PERFORM hall.signer_seal_signing(s, 'sm2', 'ABCD', sha256('info'));
    PERFORM hall.signer_seal_made(s, '\x3000');
    RETURN s;
END $$;

-- ---- the picture ----
SELECT pg_temp.new_order(:'project', :'account', '{"seal_wanted": true, "marks": {"sealpicture": "m1"}}') AS o,
       pg_temp.new_order(:'project', :'account', '{"marks": {"sealpicture": "m1"}}') AS plain \gset
SELECT pg_temp.add_papers(:'o'), pg_temp.add_papers(:'plain');
SELECT id AS scan FROM hall.paper WHERE order_id = :'o' AND code = 'seal_form' \gset
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.lacks(:'o'), '/sealpicture', 'an order that wants a seal lacks its picture');
SELECT is(pg_temp.lacks(:'plain'), '', 'one that wants none does not');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.submit(%L)', :'o')), 'CH422 /sealpicture', 'it is not handed in without');
SELECT is((SELECT (hall.order_may(o)).step FROM hall.orders o WHERE o.id = :'o'), 'papers', 'the page of the papers comes next');
SELECT is(pg_temp.state_json(:'o') -> 'styles', '["generated", "scan"]', 'both styles are offered when the scan is there');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.accept(%L)', :'plain')), 'CH409', 'no picture where no seal is wanted');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.accept(%L, mark => ''m0'')', :'o')), 'CH409', 'a picture of an older form is not accepted');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.accept(%L, kind => ''person'')', :'o')), 'CH409', 'nor one of another kind');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.accept(%L, ''scan'', scan => gen_random_uuid())', :'o')), 'CH409', 'nor one of another scan');
SELECT pg_temp.be_applicant(:'other', :'project');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.accept(%L)', :'o')), 'CH404', 'nor by somebody else');
SELECT is((SELECT count(*) FROM hall.sealpicture_source(:'o')), 0::bigint, 'who sees nothing of it either');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT lives_ok(format('SELECT pg_temp.accept(%L)', :'o'), 'it is accepted');
SELECT is(pg_temp.lacks(:'o'), '', 'and nothing lacks');
SELECT lives_ok(format('SELECT pg_temp.accept(%L, ''scan'', scan => %L)', :'o', :'scan'), 'another is accepted instead, from the scan');
SELECT is((SELECT count(*) FROM hall.sealpicture WHERE order_id = :'o' AND NOT replaced), 1::bigint, 'one counts');
SELECT is(pg_temp.state_json(:'o') #>> '{accepted,style}', 'scan', 'the last');
UPDATE hall.paper SET state = 'replaced' WHERE id = :'scan';
SELECT is(pg_temp.lacks(:'o'), '/papers/seal_form /sealpicture', 'without the scan it is undone');
UPDATE hall.paper SET state = 'ok' WHERE id = :'scan';
UPDATE hall.orders SET marks = '{"sealpicture": "m2"}' WHERE id = :'o';
SELECT is(pg_temp.lacks(:'o'), '/sealpicture', 'with another name in the form it is undone');
SELECT is(pg_temp.state_json(:'o') ->> 'undone', 'true', 'and the page says so');
SELECT pg_temp.accept(:'o', mark => 'm2');
SELECT matches(hall.seal_code_of(:'o', '440305'), '^440305[0-9]{7}$', 'the number begins with the place');
SELECT is(hall.seal_code_of(:'o', '110000'), (SELECT code FROM hall.seal_code WHERE order_id = :'o'), 'and stays');
SELECT isnt(hall.seal_code_of(:'plain', 'nowhere'), hall.seal_code_of(:'o', '440305'), 'another order has another');
SELECT lives_ok(format('SELECT pg_temp.submit(%L)', :'o'), 'now it is handed in');
SELECT is(pg_temp.outcome(format('SELECT pg_temp.accept(%L, mark => ''m2'')', :'o')), 'CH409', 'after that the picture stays');
UPDATE hall.paper SET mime = 'application/pdf' WHERE id = :'scan';
SELECT is(pg_temp.state_json(:'o') -> 'styles', '["generated"]', 'a PDF is not cut');

-- ---- the seal ----
SELECT pg_temp.be_system();
SELECT pg_temp.certificate(:'o') AS cert, pg_temp.certificate(:'o', 'encryption') AS pair, pg_temp.certificate(:'plain') AS plain_cert \gset
SELECT is((SELECT count(*) FROM hall.signer_seal(:'cert')), 0::bigint, 'no seal before the certificate');
SELECT pg_temp.valid(:'cert'), pg_temp.valid(:'pair'), pg_temp.valid(:'plain_cert');
SELECT is(pg_temp.jobs(:'cert'), 1::bigint, 'its issuance asks for the seal');
SELECT is(pg_temp.jobs(:'pair'), 0::bigint, 'that of the encryption key does not');
SELECT is(pg_temp.jobs(:'plain_cert'), 0::bigint, 'nor that of an order without a seal');
SELECT is((SELECT count(*) FROM hall.signer_seal(:'plain_cert')), 0::bigint, 'and the signer is told so too');
SELECT seal AS s, es_id AS es, created_at AS made FROM hall.signer_seal(:'cert') \gset
SELECT is(:'es', (SELECT code FROM hall.seal_code WHERE order_id = :'o') || '01', 'the number of the seal');
SELECT is((SELECT (seal, es_id, created_at)::text FROM hall.signer_seal(:'cert')), (:'s'::uuid, :'es', :'made'::bigint)::text, 'asked again it is the same seal');
SELECT is((SELECT (valid_to = (SELECT extract(epoch FROM not_after)::bigint FROM hall.certificate WHERE id = :'cert')) FROM hall.signer_seal(:'cert')), true, 'it ends with its certificate');
SELECT is(pg_temp.outcome(format('SELECT hall.signer_seal_made(%L, ''\x3000'')', :'s')), 'CH409', 'nothing is stored that was not announced');
SELECT lives_ok(format('SELECT hall.signer_seal_signing(%L, ''sm2'', ''ABCD'', sha256(''info''))', :'s'), 'what is signed is announced');
SELECT is((SELECT (key, kind, sm3)::text FROM hall.signature WHERE subject = :'s'), ('seal', 'seal', sha256('info'))::text, 'and on record');
SELECT lives_ok(format('SELECT hall.signer_seal_made(%L, ''\x3000'')', :'s'), 'the seal is stored');
SELECT is((SELECT made FROM hall.signer_seal(:'cert')), true, 'asked once more, it is there');
SELECT is(pg_temp.outcome(format('SELECT hall.signer_seal_signing(%L, ''sm2'', ''ABCD'', sha256(''info''))', :'s')), 'CH409', 'and is not signed again');
SELECT matches((SELECT filing_no FROM hall.seal WHERE id = :'s'), '^BA[0-9]{16}$', 'it is filed under a number');
SELECT is((SELECT count(*) FROM hall.message WHERE order_id = :'o' AND event = 'seal_made'), 1::bigint, 'the agent is told');
SELECT is((SELECT count(*) FROM hall.audit WHERE subject = :'s' AND kind = 'seal'), 3::bigint, 'each step is in the trail');

-- ---- its end ----
UPDATE hall.certificate SET state = 'hold' WHERE id = :'cert';
SELECT is((SELECT hall.seal_state(x) FROM hall.seal x WHERE id = :'s'), 'suspended', 'a certificate on hold suspends it');
UPDATE hall.certificate SET state = 'valid' WHERE id = :'cert';
SELECT is((SELECT hall.seal_state(x) FROM hall.seal x WHERE id = :'s'), 'valid', 'and no longer');
UPDATE hall.certificate SET state = 'revoked', reason = 'cessation' WHERE id = :'cert';
SELECT is((SELECT state FROM hall.seal WHERE id = :'s'), 'withdrawn', 'its revocation withdraws it');
SELECT is((SELECT string_agg(what, ' ' ORDER BY id) FROM hall.seal_filing WHERE seal = :'s'), 'made withdrawn', 'both are in the filing record');
SELECT throws_ok(format('UPDATE hall.seal_filing SET reason = ''x'' WHERE seal = %L', :'s'), 'P0001', NULL, 'which is only added to');
SELECT throws_ok(format('DELETE FROM hall.seal_filing WHERE seal = %L', :'s'), 'P0001', NULL, 'in no way else');
SELECT is((SELECT count(*) FROM hall.signer_seal(:'cert')), 0::bigint, 'no new one is made of it');

SELECT pg_temp.new_order(:'project', :'account', '{"seal_wanted": true, "state": "accepted", "marks": {"sealpicture": "m1"}}') AS late \gset
SELECT pg_temp.certificate(:'late') AS late_cert \gset
SELECT pg_temp.valid(:'late_cert');
SELECT is(pg_temp.jobs(:'late_cert'), 0::bigint, 'without a picture there is nothing to make');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT lives_ok(format('SELECT pg_temp.accept(%L)', :'late'), 'an order from before may still get one');
SELECT is(pg_temp.jobs(:'late_cert'), 1::bigint, 'and its seal with it');
SELECT pg_temp.be_system();
SELECT pg_temp.made(:'late_cert') AS t \gset
SELECT pg_temp.be_staff(:'reviewer', 'reviewer');
SELECT is((hall.desk_seals(NULL, NULL, NULL, 20)::jsonb ->> 'total')::int >= 2, true, 'the desk finds them');
SELECT is(hall.desk_seals(:'es', NULL, NULL, 20)::jsonb ->> 'total', '1', 'by number');
SELECT is(hall.desk_seals(:'es', 'valid', NULL, 20)::jsonb ->> 'total', '0', 'and by state');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_seal_withdraw(%L, ''x'', pg_temp.signed())', gen_random_uuid())), 'CH404', 'none that is not there');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_seal_withdraw(%L, ''x'', pg_temp.signed())', :'s')), 'CH409', 'none twice');
SELECT is((SELECT string_agg(label, ' ') FROM hall.seal_facts(:'t')), '印章编号 印章类型 证书序列号 证书主体 证书有效期至 业务单', 'what is signed of it');
SELECT is(pg_temp.outcome(format('SELECT hall.seal_facts(%L)', :'s')), 'CH409', 'nothing of one that is withdrawn');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_seal_withdraw(%L, ''x'', NULL)', :'t')), 'CH403', 'not without an act');
SELECT is(hall.desk_seal_withdraw(:'t', '单位更名', pg_temp.signed())::jsonb ->> 'state', 'withdrawn', 'staff withdraws one');
SELECT is((SELECT (withdrawn_by, reason)::text FROM hall.seal WHERE id = :'t'), (:'reviewer'::uuid, '单位更名')::text, 'with who and why');
SELECT is((SELECT (what, staff)::text FROM hall.act WHERE subject = :'t'), ('withdraw_seal', :'reviewer'::uuid)::text, 'and the act');
SELECT is((SELECT actor FROM hall.seal_filing WHERE seal = :'t' AND what = 'withdrawn'), 'staff:' || :'reviewer', 'in the filing record too');
SELECT is(jsonb_array_length(hall.seal_filings(current_date - 1, current_date + 1, NULL, 100)::jsonb -> 'items') >= 4, true, 'which can be had');
SELECT is((SELECT hall.seal_filings(current_date - 1, current_date + 1, NULL, 3)::jsonb -> 'items' || (hall.seal_filings(current_date - 1, current_date + 1, hall.seal_filings(current_date - 1, current_date + 1, NULL, 3)::jsonb ->> 'next', 100)::jsonb -> 'items')),
    hall.seal_filings(current_date - 1, current_date + 1, NULL, 100)::jsonb -> 'items', 'page by page the same');
SELECT is(jsonb_array_length(hall.seal_filings('2000-01-01', '2000-01-02', NULL, 100)::jsonb -> 'items'), 0, 'by days');
SELECT pg_temp.be_applicant(:'account', :'project');
SELECT is(pg_temp.outcome(format('SELECT hall.desk_seal_withdraw(%L, ''x'', pg_temp.signed())', :'t')), 'CH404', 'nobody else withdraws');
SELECT is((SELECT count(*) FROM hall.desk_sealpicture(:'o')), 0::bigint, 'or looks at it from there');

-- A seal that a crash has left unfinished ends with its certificate and is never filed.
SELECT pg_temp.new_order(:'project', :'account', '{"seal_wanted": true, "marks": {"sealpicture": "m1"}}') AS half \gset
SELECT pg_temp.accept(:'half');
SELECT pg_temp.be_system();
SELECT pg_temp.certificate(:'half') AS half_cert \gset
SELECT pg_temp.valid(:'half_cert');
SELECT seal AS h FROM hall.signer_seal(:'half_cert') \gset
UPDATE hall.certificate SET state = 'revoked' WHERE id = :'half_cert';
SELECT is((SELECT state FROM hall.seal WHERE id = :'h'), 'withdrawn', 'half made, it ends too');
SELECT is((SELECT count(*) FROM hall.seal_filing WHERE seal = :'h'), 0::bigint, 'unfiled');
SELECT is(pg_temp.outcome(format('SELECT hall.signer_seal_made(%L, ''\x3000'')', :'h')), 'CH409', 'and cannot be finished');

SELECT * FROM finish();
ROLLBACK;
