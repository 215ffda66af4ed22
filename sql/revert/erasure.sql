-- Revert certhall:erasure from pg
BEGIN;

DROP TRIGGER orders_a_reissue ON hall.orders;
CREATE TRIGGER orders_a_reissue BEFORE UPDATE OF replaces, cert_type, years, unit_hash ON hall.orders FOR EACH ROW
    WHEN (OLD.business = 'reissue' AND OLD.replaces IS NOT NULL) EXECUTE FUNCTION hall.reissue_stands();
DROP TRIGGER orders_consent ON hall.orders;
DROP TRIGGER orders_consent_made ON hall.orders;
DROP TRIGGER consent_kept ON hall.consent;
DROP INDEX hall.consent_account;
DROP FUNCTION hall.retention_list, hall.retention_want, hall.retention_step, hall.erase_order, hall.erase_place, hall.retention_due,
    hall.certificates_ended, hall.export_orders, hall.export_account, hall.exports_max, hall.consent_stands, hall.consent_withdraw,
    hall.my_consents, hall.consent_follows, hall.consent_kept;
DELETE FROM hall.outbox WHERE kind IN ('retention', 'file_gone');
ALTER TABLE hall.orders DROP COLUMN erased_at;
DROP TABLE hall.retention_place, hall.retention;
DROP OWNED BY certhall_privacy;

COMMIT;
