-- Verify certhall:rebinding on pg
SELECT id, account, order_id, old_hash, phone_hash, phone_mask, phones, phones_data_key, wait, state, due_at, created_at, ended_at
  FROM hall.rebinding WHERE false;
