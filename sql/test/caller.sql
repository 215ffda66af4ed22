-- Only hall.enter determines the caller: a module that was broken into tries to be somebody else.
\ir fixture.psql
SELECT no_plan();
SELECT pg_temp.new_account() AS account, pg_temp.new_staff('reviewer') AS reviewer \gset
INSERT INTO hall.session (token_hash, audience, account, made_by, address, expires_at, idle)
VALUES (sha256('mine'), 'hall', :'account', 'sms', '', now() + interval '1 hour', 7200);

SELECT is(hall.caller(), NULL, 'nobody has entered');
SELECT hall.enter(sha256('mine'), '{applicant}', '', 'orders.list', '192.0.2.3', 'req') \g /dev/null
SELECT is((hall.caller()).who, :'account', 'an applicant has');
SELECT current_setting('hall.caller') AS mine \gset

-- Any role may set a setting.
SELECT set_config('hall.caller', replace(:'mine', :'account', :'reviewer'), true) \g /dev/null
SELECT is(hall.caller(), NULL, 'another person behind the same digest is nobody');
SELECT set_config('hall.caller', replace(:'mine', 'applicant', 'reviewer'), true) \g /dev/null
SELECT is(hall.caller(), NULL, 'so is another role');
SELECT set_config('hall.caller', substr(:'mine', 65), true) \g /dev/null
SELECT is(hall.caller(), NULL, 'or no digest at all');
SELECT set_config('hall.caller', encode(sha256(convert_to(substr(:'mine', 65), 'UTF8')), 'hex') || substr(:'mine', 65), true) \g /dev/null
SELECT is(hall.caller(), NULL, 'or one that is made without the secret');
SELECT set_config('hall.note', left(:'mine', 64) || '{}', true) \g /dev/null
SELECT is(hall.known('note'), NULL, 'a digest is good for its own setting alone');
SELECT set_config('hall.caller', :'mine', true) \g /dev/null
SELECT is((hall.caller()).who, :'account', 'the value itself is still good in this transaction');

-- The same value has another digest in another backend, and in another transaction of this one, which has another time.
SELECT isnt((SELECT hall.setting_digest(s.secret, 'caller', 'x') FROM hall.caller_secret s), (SELECT encode(sha256(s.secret || sha256(s.secret || timestamptz_send(now())
                || int4send(pg_backend_pid() + 1) || convert_to('caller=x', 'UTF8'))), 'hex') FROM hall.caller_secret s),
            'the backend is part of it');
SELECT isnt((SELECT hall.setting_digest(s.secret, 'caller', 'x') FROM hall.caller_secret s), (SELECT encode(sha256(s.secret || sha256(s.secret
                || timestamptz_send(now() + interval '1 microsecond') || int4send(pg_backend_pid())
                || convert_to('caller=x', 'UTF8'))), 'hex') FROM hall.caller_secret s),
            'so is the transaction');

-- A role can neither make a digest nor read the secret.
SELECT is_empty($$ SELECT rolname FROM pg_roles WHERE rolname ~ '^certhall_' AND rolname <> 'certhall_owner'
                      AND (has_table_privilege(oid, 'hall.caller_secret', 'SELECT') OR has_function_privilege(oid, 'hall.keep(text, text)', 'EXECUTE')
                           OR has_function_privilege(oid, 'hall.setting_digest(bytea, text, text)', 'EXECUTE')
                           OR has_function_privilege(oid, 'hall.act_as(text)', 'EXECUTE')) $$,
                'no program reads the secret, or keeps anything in mind');
SELECT set_eq($$ SELECT rolname::text FROM pg_roles WHERE rolname ~ '^certhall_' AND rolname <> 'certhall_owner'
                    AND has_function_privilege(oid, 'hall.enter_system(text, text)', 'EXECUTE') $$,
              ARRAY['certhall_runner', 'certhall_admin'], 'the system is the runner and the administrator');
SELECT * FROM finish();
ROLLBACK;
