-- Revert certhall:outside from pg
BEGIN;
GRANT EXECUTE ON FUNCTION hall.payment_notice_new, hall.payment_paid TO certhall_pay;
DO $$
BEGIN
    EXECUTE 'DROP OWNED BY certhall_notify';
END $$;
COMMIT;
