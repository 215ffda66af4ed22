-- Verify certhall:evidence on pg
BEGIN;
SELECT id, order_id, staff, reason, asked_at, state, sha256, sm3, signature, stamped, made_at, bytes, file_key, reason_data_key, file_key_data_key
  FROM hall.evidence WHERE false;
ROLLBACK;
