-- Evidence packages: what must be in them, one at a time, what the signer may sign, and their end.
\ir fixture.psql
SELECT no_plan();

-- Every table with rows about an order is in the package, or left out for a reason.
CREATE TEMP TABLE left_out (tbl text, why text);
INSERT INTO left_out VALUES ('pin', 'the PIN itself; pin_ledger tells its way'), ('puk', 'the PUK itself; pin_ledger tells its way'),
    ('pin_box', 'a PIN on its way to a page'), ('tray', 'what a reviewer has laid aside'), ('bill_difference', 'the books, not the order'),
    ('partner_event', 'a copy of what is in order'), ('ticket', 'its form has become the order''s'), ('rebinding', 'concerns the account'),
    ('evidence', 'packages like this one');
SELECT set_eq($$SELECT c.relname::text FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'order_id' AND NOT a.attisdropped
                 WHERE c.relnamespace = 'hall'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition$$,
              $$SELECT tbl FROM hall.evidence_tables() WHERE found IS NULL UNION SELECT tbl FROM left_out$$, 'every table about orders is judged');
SELECT is_empty($$SELECT tbl FROM hall.evidence_tables() INTERSECT SELECT tbl FROM left_out$$, 'once');
SELECT is_empty($$SELECT t.tbl, h FROM hall.evidence_tables() t, unnest(t.hidden) h WHERE h NOT IN (SELECT hall.columns_of(('hall.' || t.tbl)::regclass))$$,
                'what is hidden exists');

SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account, pg_temp.new_staff('auditor') AS auditor \gset
SELECT pg_temp.new_order(:'project', :'account') AS draft, pg_temp.new_order(:'project', :'account', '{"state": "in_review"}') AS o \gset
SELECT number FROM hall.orders WHERE id = :'o' \gset
SELECT number AS of_draft FROM hall.orders WHERE id = :'draft' \gset
CREATE FUNCTION pg_temp.ask(of_number text) RETURNS uuid LANGUAGE plpgsql AS $$
DECLARE new_id uuid := gen_random_uuid();
BEGIN
    PERFORM hall.evidence_ask(new_id, of_number, '\x000000010000');
    RETURN new_id;
END $$;
SELECT pg_temp.be_staff(:'auditor', 'auditor');
SELECT throws_ok(format('SELECT pg_temp.ask(%L)', :'of_draft'), 'CH422', NULL, 'a draft has none');
SELECT pg_temp.ask(:'number') AS e \gset
SELECT throws_ok(format('SELECT pg_temp.ask(%L)', :'number'), 'CH409', NULL, 'one at a time');
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'evidence' AND subject = :'e'), 1::bigint, 'the runner is to make it');

-- The signer signs what the runner has said, and nothing after it was said anew.
SELECT is_empty(format('SELECT * FROM hall.signer_evidence(%L)', :'e'), 'nothing is to be signed without a manifest');
SELECT hall.evidence_manifest(:'e', sha256('one'), sha256('sm3'));
SELECT hall.evidence_manifest(:'e', sha256('two'), sha256('sm3'));
SELECT hall.signer_evidence_signed(:'e', sha256('one'), '\x30');
SELECT is_empty(format('SELECT * FROM hall.evidence_signature(%L)', :'e'), 'a signature of what was said before is dropped');
SELECT hall.signer_evidence_signed(:'e', sha256('two'), '\x30');
SELECT results_eq(format('SELECT sha256, signature FROM hall.evidence_signature(%L)', :'e'), $$SELECT sha256('two'), '\x30'::bytea$$, 'one of what is said now stays');
SELECT throws_ok(format('UPDATE hall.evidence SET state = ''made'' WHERE id = %L', :'e'), '23514', NULL, 'what is made has a file');
SELECT hall.evidence_made(:'e', '\x000000010000', 100, false);
SELECT is_empty(format('SELECT * FROM hall.signer_evidence(%L)', :'e'), 'what is made is signed no more');
SELECT is_empty(format('SELECT hall.store_unknown(ARRAY[%L]::uuid[])', :'e'), 'its file is known');

-- With the order's data its packages go.
SELECT pg_temp.be_staff(:'auditor', 'auditor');
SELECT pg_temp.ask(:'number') AS waiting \gset
SELECT pg_temp.be_system();
SELECT hall.erase_order(:'o', 'order');
SELECT pg_temp.be_staff(:'auditor', 'auditor');
SELECT results_eq(format('SELECT state, octet_length(file_key), octet_length(reason) FROM hall.evidence WHERE order_id = %L ORDER BY state', :'o'),
                  $$VALUES ('ended', 0, 0), ('failed', 0, 0)$$, 'erased with the order');
SELECT is((SELECT count(*) FROM hall.outbox WHERE kind = 'file_gone' AND subject = :'e'), 1::bigint, 'and the file');
SELECT throws_ok(format('SELECT pg_temp.ask(%L)', :'number'), 'CH409', NULL, 'there is nothing to make one of');
SELECT is_empty(format('SELECT * FROM hall.evidence_work(%L)', :'waiting'), 'nor of one that waited');

SELECT * FROM finish();
