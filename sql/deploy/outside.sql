-- Deploy certhall:outside to pg
-- What the programs may do of the changes since `access`: the vendors' reports have a module of their own, notify, which may
-- book what they say and nothing else.
BEGIN;

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'certhall_notify') THEN
        CREATE ROLE certhall_notify LOGIN;
    END IF;
END $$;
GRANT USAGE ON SCHEMA hall TO certhall_notify;

-- What every module may call.
GRANT EXECUTE ON FUNCTION hall.known, hall.me, hall.my_project, hall.my_kind, hall.my_roles, hall.data_keys, hall.refuse,
    hall.iso, hall.enter TO certhall_notify;

REVOKE EXECUTE ON FUNCTION hall.payment_notice_new, hall.payment_paid FROM certhall_pay;
GRANT EXECUTE ON FUNCTION hall.payment_notice_new, hall.payment_paid, hall.refund_state, hall.message_report TO certhall_notify;
GRANT EXECUTE ON FUNCTION hall.refund_work, hall.refund_state, hall.bills_due, hall.bill_work, hall.bill_compare,
    hall.licence_work, hall.licence_checked TO certhall_runner;
GRANT EXECUTE ON FUNCTION hall.bill_want, hall.bills_json, hall.bill_differences, hall.messages_json TO certhall_desk;

COMMIT;
