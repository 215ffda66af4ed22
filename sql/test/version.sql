-- The changes that raise an order's version, and the words of a refusal.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_project() AS project, pg_temp.new_account() AS account, pg_temp.new_account() AS other \gset
SELECT pg_temp.be_applicant(:'account', :'project');

-- By how much a change raises the version.
CREATE FUNCTION pg_temp.moves(wanted uuid, change text) RETURNS int LANGUAGE plpgsql AS $$
DECLARE was int := pg_temp.version_of(wanted);
BEGIN
    EXECUTE format('UPDATE hall.orders SET %s WHERE id = %L', change, wanted);
    RETURN pg_temp.version_of(wanted) - was;
END $$;
SELECT pg_temp.new_order(:'project', :'account') AS o \gset
SELECT format('SELECT is(pg_temp.moves(%L, %L), 1, %L)', :'o', change, 'counts: ' || change) FROM (VALUES ('state = ''unpaid'''), ('form = ''\x01'''), ('marks = ''{"print": "a"}'''), ('years = 3'),
    ('cert_type = ''natural'''), ('seal_wanted = true'), ('total = 1'), ('price = ''[]'''), ('paid = ''paid'''), ('reasons = ''[]'''),
    ('refund = ''asked'''), ('refund = NULL, state = ''draft''')) v(change) \gexec
SELECT is(pg_temp.moves(:'o', format('account = %L', :'other')), 1, 'counts: another account');
SELECT is(pg_temp.moves(:'o', change), 0, 'does not count: ' || change) FROM (VALUES ('updated_at = now()'), ('printed = false'), ('annex_printed = true'),
    ('phone_state = ''none'''), ('finauth = ''sent'', finauth_text = ''途中'''), ('due_at = now()'), ('courier_wanted = ''sf'''),
    ('accepted_at = now()'), ('unpaid_since = now()'), ('audit_seq = audit_seq'), ('state = state, form = form')) v(change);
SELECT is(pg_temp.moves(:'o', 'version = 900'), 0, 'nobody sets it');

-- One step with several updates.
SELECT pg_temp.new_order(:'project', :'account') AS s \gset
SELECT is(pg_temp.moves(:'s', 'state = ''unpaid''') + pg_temp.moves(:'s', 'total = 2') + pg_temp.moves(:'s', 'paid = ''paid'''), 1, 'a step is a version');
SELECT is(pg_temp.moves(:'s', 'total = 3'), 1, 'the next one is another');

-- A code for a payment, which comes and ends without the applicant.
SELECT pg_temp.new_order(:'project', :'account', '{"state": "unpaid"}') AS p \gset
SELECT format('SELECT is(pg_temp.moves(%L, %L), %s, %L)', :'p', change, wanted, 'a code: ' || change) FROM (VALUES ('paid = ''waiting''', 0), ('paid = ''none''', 0),
    ('paid = ''waiting''', 0), ('paid = ''paid''', 1)) v(change, wanted) \gexec

-- The form is re-encrypted under another key.
SELECT pg_temp.new_order(:'project', :'account') AS k \gset
SELECT hall.enter_system('runner', 'keys.reencrypt');
SELECT hall.reencrypted('order.form', :'k', '\x00', '\x0102');
SELECT is((SELECT encode(form, 'hex') || '/' || version FROM hall.orders WHERE id = :'k'), '0102/1', 'a form that is encrypted anew is the same form');

-- The refusal names each change once, and only changes after the version that was seen.
SELECT pg_temp.be_applicant(:'account', :'project');
CREATE FUNCTION pg_temp.refusal(wanted uuid, seen int) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    said text;
    list text;
BEGIN
    PERFORM hall.my_order(wanted, seen);
    RETURN 'ok';
EXCEPTION WHEN SQLSTATE 'CH409' THEN
    GET STACKED DIAGNOSTICS said = MESSAGE_TEXT, list = PG_EXCEPTION_HINT;
    RETURN said || coalesce((SELECT ' [' || string_agg(x ->> 'what', ',') || ']' FROM jsonb_array_elements(nullif(list, '')::jsonb) x), '');
END $$;
SELECT pg_temp.new_order(:'project', :'account') AS r \gset
UPDATE hall.orders SET years = 3 WHERE id = :'r'; -- 2
UPDATE hall.orders SET form = '\x02' WHERE id = :'r'; -- 3
UPDATE hall.orders SET printed = false, phone_state = 'failed' WHERE id = :'r';
SELECT pg_temp.moves(:'r', 'state = ''unpaid''') + pg_temp.moves(:'r', 'total = 1'); -- 4
SELECT is(pg_temp.refusal(:'r', 4), 'ok', 'as it was seen');
SELECT is(pg_temp.refusal(:'r', 3), '业务单已在别的窗口更改或有了新进展：办理状态（现为“待支付”）、费用。请核对后再操作。 [state,price]', 'what came after');
SELECT is(pg_temp.refusal(:'r', 1), '业务单已在别的窗口更改或有了新进展：办理状态（现为“待支付”）、申请信息、费用。请核对后再操作。 [state,form,price]', 'all of it, each once');
SELECT is(pg_temp.refusal(:'r', 9), '业务单已在别的窗口更改，请刷新后再操作。', 'a version that there never was');

SELECT * FROM finish();
ROLLBACK;
