-- Deploy certhall:access to pg
-- What each program's role may do: execute the functions that its statements call, read the few tables that they name.
-- `certhall test sql` prepares every statement as its role.
BEGIN;

CREATE FUNCTION pg_temp.allow(programs text[], functions text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    program text;
    f text;
    signature regprocedure;
BEGIN
    FOREACH f IN ARRAY functions LOOP
        IF NOT EXISTS (SELECT FROM pg_proc WHERE proname = f AND pronamespace = 'hall'::regnamespace) THEN
            RAISE EXCEPTION 'no function hall.%', f;
        END IF;
        FOR signature IN SELECT oid FROM pg_proc WHERE proname = f AND pronamespace = 'hall'::regnamespace LOOP
            FOREACH program IN ARRAY programs LOOP
                EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO certhall_%s', signature, program);
            END LOOP;
        END LOOP;
    END LOOP;
END $$;

DO $$
DECLARE
    modules text[] := ARRAY['gate', 'new', 'material', 'identity', 'pay', 'finauth', 'orders', 'desk'];
    everyone text[] := modules || ARRAY['runner', 'signer', 'admin'];
BEGIN
    PERFORM pg_temp.allow(everyone, ARRAY['known', 'me', 'my_project', 'my_kind', 'my_roles', 'data_keys', 'refuse', 'iso']);
    PERFORM pg_temp.allow(modules, ARRAY['enter']);
    PERFORM pg_temp.allow('{new,identity,finauth,orders,desk}', ARRAY['form_spec', 'order_view', 'code_names']);
    PERFORM pg_temp.allow('{gate}', ARRAY['projects_json', 'project_face', 'account_face', 'sms_code_new', 'login_sms',
        'password_of', 'login_password', 'session_close']);
    PERFORM pg_temp.allow('{new}', ARRAY['setup_json', 'order_create', 'order_save', 'order_printed', 'order_submit',
        'order_edit', 'order_resubmit']);
    PERFORM pg_temp.allow('{material}', ARRAY['material_slot', 'material_put', 'material_delete', 'material_view']);
    PERFORM pg_temp.allow('{identity}', ARRAY['identity_start', 'identity_card', 'identity_liveness', 'identity_view',
        'identity_phone']);
    PERFORM pg_temp.allow('{pay}', ARRAY['payment_open', 'payment_code', 'payment_view', 'payment_notice_new', 'payment_paid']);
    PERFORM pg_temp.allow('{finauth}', ARRAY['account_put', 'account_view', 'bank_search']);
    PERFORM pg_temp.allow('{orders}', ARRAY['my_orders', 'order_cancel', 'order_received']);
    PERFORM pg_temp.allow('{desk}', ARRAY['staff_password', 'staff_login', 'session_close', 'staff_face', 'desk_orders',
        'desk_view', 'desk_material', 'desk_key_file', 'approve', 'reject', 'produce', 'ship', 'audit_rows', 'outbox_stuck']);
    PERFORM pg_temp.allow('{runner}', ARRAY['enter_system', 'job_take', 'job_done', 'job_again', 'job_next', 'message_work',
        'message_sent', 'payment_work', 'payment_paid', 'payment_closed', 'identity_work', 'identity_carrier',
        'identity_result', 'payout_work', 'payout_state', 'pin_opened', 'order_end', 'account_remind', 'order_finished',
        'audit_unsealed', 'audit_seal', 'log_leaves', 'sweep']);
    PERFORM pg_temp.allow('{signer}', ARRAY['signer_order', 'signer_pin', 'signer_pin_opened', 'signer_issuing', 'signer_issued']);
    PERFORM pg_temp.allow('{admin}', ARRAY['enter_system', 'project_import', 'staff_put', 'data_key_new', 'audit_all',
        'log_state', 'log_leaves']);
END $$;

GRANT SELECT ON hall.region TO certhall_gate;
GRANT SELECT (project_id, slug, open) ON hall.project TO certhall_gate;

COMMIT;
