-- Deploy certhall:log_export to pg
BEGIN;
-- Exports of the whole signed log (core/order/log_export.h), which auditors ask for. The file is made each time it is fetched; the row stays.
CREATE TABLE hall.log_export (
    id       uuid PRIMARY KEY,
    staff    uuid REFERENCES hall.staff, -- the auditor who has asked; NULL: made on the machine, by certhall-admin
    reason   bytea NOT NULL, -- encrypted, place "log_export.reason"
    asked_at timestamptz NOT NULL DEFAULT now(),
    size     bigint NOT NULL CHECK (size > 0) -- that of the newest signed head then: so far the file goes
);
SELECT hall.encrypted_column_add('log_export.reason', 'log_export', 'reason', 'id');
COMMIT;
