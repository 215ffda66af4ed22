-- The rights of the programs' roles: they may call the functions that were granted to them, and nothing else.
\ir fixture.psql
SELECT no_plan();
CREATE TEMP TABLE program AS SELECT oid, rolname::text AS role FROM pg_roles
 WHERE rolname ~ '^certhall_' AND rolname NOT IN ('certhall_owner', 'certhall_sandbox');
CREATE TEMP TABLE relation AS SELECT c.oid, c.oid::regclass::text AS name, relkind FROM pg_class c
 WHERE relnamespace = 'hall'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S');

SELECT set_eq('SELECT role FROM program', ARRAY['certhall_gate', 'certhall_counter', 'certhall_new', 'certhall_seal', 'certhall_reissue', 'certhall_renew', 'certhall_change', 'certhall_privacy', 'certhall_login', 'certhall_paper', 'certhall_identity', 'certhall_pay',
    'certhall_finauth', 'certhall_orders', 'certhall_review', 'certhall_produce', 'certhall_finance', 'certhall_registry', 'certhall_office', 'certhall_evidence', 'certhall_runner', 'certhall_signer', 'certhall_admin', 'certhall_sealpicture', 'certhall_notify',
    'certhall_status', 'certhall_verify', 'certhall_partner'], 'a role for each program');

SELECT is((SELECT string_agg(r.name || ' ' || w, ', ') FROM relation r, unnest(ARRAY['INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']) w
            WHERE CASE WHEN r.relkind = 'S' THEN false WHEN w IN ('INSERT', 'UPDATE', 'REFERENCES')
                  THEN has_table_privilege(p.oid, r.oid, w) OR has_any_column_privilege(p.oid, r.oid, w) ELSE has_table_privilege(p.oid, r.oid, w) END), NULL, p.role || ' writes no table')
  FROM program p ORDER BY p.role;
SELECT is((SELECT string_agg(r.name, ', ') FROM relation r WHERE CASE r.relkind WHEN 'S' THEN has_sequence_privilege(p.oid, r.oid, 'USAGE, UPDATE') END), NULL,
          p.role || ' draws from no sequence') FROM program p ORDER BY p.role;
SELECT set_eq($$ SELECT concat_ws(' ', p.role, r.name, string_agg(a.attname, ',' ORDER BY a.attnum)) FROM program p, relation r, pg_attribute a
                  WHERE r.relkind <> 'S' AND a.attrelid = r.oid AND a.attnum > 0 AND NOT a.attisdropped
                    AND has_column_privilege(p.oid, r.oid, a.attnum, 'SELECT') AND r.name !~ '^hall\.(own|link|desk)_' GROUP BY p.role, r.name $$,
    ARRAY['certhall_gate hall.project_entry slug,project_id,open,business', 'certhall_gate hall.region code,name,parent,level,gone',
          'certhall_status hall.ca name,algorithm,external',
          'certhall_status hall.ca_certificate id,ca,role,serial,subject,not_before,not_after,certificate,published_at',
          'certhall_status hall.crl ca,number,base,this_update,next_update,der,delta,entries,delta_entries,waited,signed_at',
          'certhall_status hall.published_status ca,serial,der,etag,this_update,next_update'],
    'and reads none but what gate needs of regions and projects, and what the status service publishes');
SELECT set_eq($$ SELECT r.name || ' ' || string_agg(replace(p.role, 'certhall_', ''), ' ' ORDER BY p.role) FROM program p, relation r
                  WHERE r.relkind <> 'S' AND r.name ~ '^hall\.(own|link|desk)_' AND has_table_privilege(p.oid, r.oid, 'SELECT') GROUP BY r.name $$,
    ARRAY['hall.own_account gate', 'hall.own_certificate gate', 'hall.own_hand_over gate', 'hall.own_rebinding gate', 'hall.own_identity identity', 'hall.link_identity identity',
          'hall.desk_order review', 'hall.desk_payout_row review', 'hall.desk_review review', 'hall.desk_refusal review', 'hall.desk_counter review'], 'an applicant''s own rows are read by the programs that show them, a link''s by the phone''s page, staff''s by the review');
SELECT is_empty($$ SELECT r.name FROM relation r JOIN pg_class c USING (oid) WHERE r.name ~ '^hall\.(own|link|desk)_'
                      AND NOT coalesce('security_barrier=true' = ANY (c.reloptions), false) $$, 'all of these are barriers');
SELECT set_eq($$ SELECT f || ' ' || string_agg(replace(p.role, 'certhall_', ''), ' ' ORDER BY p.role)
                   FROM program p, unnest('{order_page,order_papers,order_lines,order_form}'::text[]) f
                  WHERE has_function_privilege(p.oid, format('hall.%s(uuid)', f), 'EXECUTE') GROUP BY f $$,
    ARRAY['order_page change new orders pay reissue renew review seal', 'order_papers change new orders pay reissue renew review seal',
          'order_lines change new orders pay reissue renew review seal', 'order_form change new reissue renew seal'], 'an order''s page is read by the programs that show it');

SELECT is_empty($$ SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'hall'::regnamespace AND has_function_privilege('public', oid, 'EXECUTE') $$,
                'no function of the hall is everybody''s');
SELECT is_empty($$ SELECT r.name FROM relation r WHERE r.relkind <> 'S' AND (has_table_privilege('public', r.oid, 'SELECT, INSERT, UPDATE, DELETE')
                      OR has_any_column_privilege('public', r.oid, 'SELECT, INSERT, UPDATE')) $$, 'nor any table');
SELECT is_empty($$ SELECT role FROM program WHERE has_schema_privilege(oid, 'hall', 'CREATE') OR has_schema_privilege(oid, 'public', 'USAGE')
                      OR has_schema_privilege(oid, 'public', 'CREATE') OR has_database_privilege(oid, current_database(), 'CREATE') $$,
                'no program makes anything, or reaches what extensions put into public');
SELECT is_empty($$ SELECT rolname FROM pg_roles JOIN program USING (oid) WHERE rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls $$,
                'no program is more than a program');
SELECT is_empty($$ SELECT p.role FROM program p JOIN pg_auth_members m ON m.member = p.oid OR m.roleid = p.oid $$, 'or a member of another');
SELECT is_empty($$ SELECT c.oid::regclass FROM pg_class c JOIN program p ON c.relowner = p.oid $$, 'or owns a table');
SELECT is_empty($$ SELECT f.oid::regprocedure FROM pg_proc f JOIN program p ON f.proowner = p.oid $$, 'or a function');

-- The search path of a caller must not change what runs with the owner's rights.
SELECT is_empty($$ SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'hall'::regnamespace AND prosecdef
                      AND NOT coalesce(EXISTS (SELECT FROM unnest(proconfig) c WHERE c ~ '^search_path=.*pg_temp$'), false) $$,
                'every function with the owner''s rights names its search path, pg_temp last');

-- The functions that decide something, and the programs that may call them.
SELECT is((SELECT string_agg(replace(p.role, 'certhall_', ''), ',' ORDER BY p.role) FROM program p
            WHERE has_function_privilege(p.oid, f.oid, 'EXECUTE')), w.programs, 'hall.' || w.name || ' is called by ' || coalesce(w.programs, 'functions alone'))
  FROM (VALUES ('approve', 'review'), ('reject', 'review'), ('produce', 'produce'), ('ship', 'produce'), ('payment_paid', 'notify,runner'), ('payment_notice_new', 'notify'), ('refund_state', 'notify,runner'), ('message_report', 'notify'),
               ('parcel_ask', 'produce'), ('parcel_result', 'runner'), ('parcel_routes', 'runner'), ('parcel_stop', NULL), ('invoice_ask', 'runner'), ('invoice_issued', 'runner'), ('invoice_failed', 'runner'), ('invoice_take_back', NULL), ('invoice_hint', 'notify'), ('invoice_buyer', 'finance'), ('invoice_close', 'finance'), ('message_new', NULL), ('desk_message_send', 'office'), ('my_messages', 'orders'), ('defaults_import', 'admin'), ('expiry_tell', 'runner'), ('bill_want', 'finance'), ('bill_compare', 'runner'), ('licence_checked', 'runner'), ('refund_want', NULL), ('refund_settle', 'finance'), ('refund_approve', 'finance'), ('transfer_confirm', 'finance'), ('refund_end', NULL), ('approval_goes_on', NULL), ('voucher_submit', 'pay'), ('refund_ask', 'orders'), ('payment_closed', 'runner'),
               ('payout_state', 'runner'), ('partner_key_read', 'partner'), ('partner_enter', 'partner'), ('partner_orders', 'partner'), ('partner_receipt', 'partner'), ('message_choice_put', 'gate'), ('calendar_link_make', 'gate'), ('calendar_link_end', 'gate'), ('calendar_link_read', 'gate'), ('log_export_ask', 'admin,evidence'), ('log_export_open', 'evidence'), ('log_export_rows', 'admin,evidence'), ('partner_report', 'partner'),
               ('ticket_new', 'partner'), ('ticket_open', 'gate'), ('ticket_of_link', 'gate'), ('partner_keys', 'gate'), ('ticket_fill', 'change,new,reissue,renew,seal'), ('partner_key_new', 'admin'),
               ('partner_event_work', 'runner'), ('desk_report', 'office'), ('report_orders', NULL), ('project_document', NULL), ('calendar_import', 'admin,office'), ('regions_import', 'admin'),
               ('identity_result', 'runner'), ('counter_decide', 'counter'), ('appointment_put', 'identity'), ('appointment_end', 'runner'), ('outlet_write', NULL), ('identity_carrier', 'runner'), ('signer_pin', 'signer'), ('signer_issued', 'signer'),
               ('signer_issuing', 'signer'), ('runner_pin_open', 'runner'), ('signer_pin_open', 'signer'), ('pin_open', NULL), ('act_keep', NULL), ('act_signer', 'counter,finance,registry'), ('refund_facts', NULL), ('refund_approve_facts', 'finance'), ('revoke_facts', 'registry'), ('data_key_next', 'admin'), ('reencrypted', 'runner'), ('audit_signed', 'runner'), ('project_import', NULL), ('project_take', 'admin'), ('project_facts', 'admin'), ('project_write', NULL), ('staff_put', 'admin'), ('staff_facts', 'admin'), ('staff_write', NULL), ('resolution_keep', NULL), ('roster_put', 'admin'), ('decisions_kept', 'admin'), ('acts_kept', 'admin'), ('outlet_put', 'admin'), ('successor_create', 'change,reissue,renew'), ('consent_withdraw', 'privacy'), ('retention_step', 'admin,runner'), ('erase_order', NULL), ('order_agreed', NULL), ('annex_printed', 'seal'), ('product', 'seal'), ('items_put', NULL), ('limit_keep', NULL),
               ('data_key_part_new', 'admin'), ('data_key_first', 'admin'), ('desk_reads', 'review'), ('order_seen', NULL), ('order_may', NULL), ('desk_paper', 'review'), ('desk_key_file', 'produce'), ('staff_login', 'login'),
               ('login_sms', 'gate'), ('password_change', 'gate'), ('phone_change', 'gate'), ('hand_over_accept', 'gate'), ('sessions_end', 'gate'), ('account_close', 'gate'), ('share_make', 'orders'), ('share_withdraw', 'orders'), ('link_share_view', 'orders'), ('share_ends', NULL), ('account_tell', NULL), ('sms_code_unuse', NULL), ('enter_system', 'admin,runner'), ('advance', NULL), ('order_paid', NULL), ('try_gates', NULL), ('want_pin', NULL),
               ('want_payout', NULL), ('session_open', NULL), ('audited', NULL), ('audit_key_of', NULL), ('audit_forget', NULL), ('committed', NULL), ('changes', NULL), ('words_decrypt', NULL), ('note', NULL), ('enqueue', NULL), ('tell', NULL), ('start_review', NULL)) w(name, programs)
  JOIN pg_proc f ON f.proname = w.name AND f.pronamespace = 'hall'::regnamespace ORDER BY w.name;

-- The same as the role itself, not only by the catalogue.
CREATE FUNCTION pg_temp.as_role(role text, query text) RETURNS text LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('SET LOCAL ROLE %I', role);
    RETURN pg_temp.outcome(query);
END $$;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA pg_temp TO PUBLIC;
DO $$ BEGIN EXECUTE format('GRANT USAGE ON SCHEMA %I TO PUBLIC', (SELECT nspname FROM pg_namespace WHERE oid = pg_my_temp_schema())); END $$;
GRANT SELECT ON program TO PUBLIC;
CREATE TEMP TABLE said AS SELECT ''::text AS role, ''::text AS query, ''::text AS came WHERE false;
DO $$
DECLARE
    p record;
    q text;
    came text;
BEGIN
    FOR p IN SELECT role FROM program LOOP
        FOREACH q IN ARRAY ARRAY['SELECT * FROM hall.orders', 'SELECT password FROM hall.account', 'UPDATE hall.orders SET paid = ''paid''',
                                 'DELETE FROM hall.audit', 'SELECT hall.advance(gen_random_uuid(), ''approve'')', 'CREATE TABLE hall.x (y int)',
                                 'SELECT public.digest('''', ''sm3'')', 'SET SESSION AUTHORIZATION certhall_owner', 'ALTER TABLE hall.orders DISABLE TRIGGER ALL'] LOOP
            came := pg_temp.as_role(p.role, q);
            RESET ROLE;
            INSERT INTO said VALUES (p.role, q, came);
        END LOOP;
    END LOOP;
END $$;
SELECT is(came, '42501', role || ': ' || query) FROM said WHERE query !~ 'SESSION AUTHORIZATION' ORDER BY role, query;

-- Each module of the back office does its own work and none of the others'. All of them may find out that an order exists.
CREATE TEMP TABLE work (module text, call text);
INSERT INTO work VALUES
    ('review', 'hall.desk_orders(NULL, NULL, 1)'), ('review', 'hall.desk_today()'), ('review', 'hall.desk_search(NULL, NULL, NULL, NULL, NULL, 1)'), ('review', 'hall.desk_reads(NULL)'), ('review', 'hall.order_papers(NULL)'),
    ('review', 'hall.order_page(NULL)'), ('review', 'hall.order_lines(NULL)'), ('review', 'hall.desk_paper(NULL, NULL)'), ('review', 'hall.approve(NULL, NULL, NULL)'), ('review', 'hall.reject(NULL, NULL, NULL)'),
    ('produce', 'hall.desk_key_file(NULL, NULL, NULL, NULL)'), ('produce', 'hall.produce(NULL, NULL, NULL, NULL, NULL)'),
    ('produce', 'hall.desk_pin_send(NULL)'), ('produce', 'hall.desk_pin_box(NULL, NULL)'), ('produce', 'hall.desk_pin_take(NULL, NULL)'),
    ('produce', 'hall.ship(NULL, NULL, NULL, NULL)'), ('produce', 'hall.parcel_ask(NULL, NULL, NULL)'),
    ('finance', 'hall.desk_money(NULL)'), ('finance', 'hall.desk_money_encrypted(NULL)'), ('finance', 'hall.desk_voucher(NULL, NULL)'),
    ('finance', 'hall.transfer_work(NULL)'), ('finance', 'hall.transfer_confirm(NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)'),
    ('finance', 'hall.refund_approve(NULL, NULL, NULL, NULL)'), ('finance', 'hall.refund_settle(NULL, NULL, NULL, NULL)'),
    ('finance', 'hall.desk_payout(NULL, NULL)'), ('finance', 'hall.desk_payout_again(NULL, NULL, NULL)'), ('finance', 'hall.invoice_view(NULL)'),
    ('registry', 'hall.certificates_find(NULL, NULL, NULL, NULL, NULL)'), ('registry', 'hall.revocation_ask(NULL, NULL, NULL, NULL, NULL)'),
    ('registry', 'hall.revocation_decide(NULL, NULL, NULL, NULL)'), ('registry', 'hall.certificate_hold(NULL, NULL, NULL)'),
    ('registry', 'hall.desk_seal_files(NULL)'), ('registry', 'hall.desk_seal_withdraw(NULL, NULL, NULL)'),
    ('counter', 'hall.counter_list(NULL, NULL)'), ('counter', 'hall.counter_read(NULL)'), ('counter', 'hall.counter_picture(NULL, NULL)'), ('counter', 'hall.counter_decide(NULL, NULL, NULL)'),
    ('login', 'hall.staff_login(NULL, NULL, NULL, NULL, NULL)'), ('login', 'hall.rosters_after(NULL)'), ('office', 'hall.audit_rows(NULL, NULL, NULL, NULL)'),
    ('office', 'hall.desk_message_send(NULL)'), ('office', 'hall.calendar_import(NULL)'), ('office', 'hall.desk_report(NULL, NULL, NULL, NULL)');
INSERT INTO work SELECT 'review', 'hall.' || v || ' LIMIT 0' FROM unnest(ARRAY['desk_order', 'desk_payout_row', 'desk_review', 'desk_refusal', 'desk_counter']) v;
GRANT SELECT ON work TO PUBLIC;
CREATE TEMP TABLE tried AS SELECT ''::text AS module, ''::text AS owner, ''::text AS call, ''::text AS came WHERE false;
DO $$
DECLARE
    m text;
    w work;
    came text;
BEGIN
    FOR m IN SELECT DISTINCT module FROM work LOOP
        FOR w IN SELECT * FROM work LOOP
            came := pg_temp.as_role('certhall_' || m, 'SELECT * FROM ' || w.call);
            RESET ROLE;
            INSERT INTO tried VALUES (m, w.module, w.call, came);
        END LOOP;
    END LOOP;
END $$;
SELECT is(came = '42501', module <> owner, module || CASE WHEN module = owner THEN ' may ' ELSE ' may not ' END || call)
  FROM tried ORDER BY owner, call, module;
SELECT set_eq($$ SELECT f.proname::text FROM pg_proc f WHERE f.pronamespace = 'hall'::regnamespace AND f.proname ~ '^(desk_|pin_|runner_|signer_)'
                   AND (SELECT count(*) FROM program p WHERE p.role ~ '_(login|review|produce|finance|registry|office|counter)$' AND has_function_privilege(p.oid, f.oid, 'EXECUTE')) > 1 $$,
              ARRAY['desk_seen'], 'they share no more of the desk than that');

SELECT is((SELECT setconfig FROM pg_db_role_setting s JOIN pg_database d ON d.oid = s.setdatabase
            WHERE s.setrole = p.role::regrole AND d.datname = current_database()),
          CASE WHEN p.role <> 'certhall_admin' THEN '{temp_file_limit=256MB}'::text[] ELSE '{}' END || '{plan_cache_mode=force_generic_plan}'::text[],
          p.role || ' keeps its plans, and the disk') FROM program p ORDER BY p.role;
SELECT is(current_setting('timezone'), 'Asia/Shanghai', 'a day is a day of Beijing');

SELECT * FROM finish();
ROLLBACK;
