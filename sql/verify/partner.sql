-- Verify certhall:partner on pg
SELECT id, project, secret, ended_at FROM hall.partner_key WHERE false;
SELECT id, form, entry_hash, order_id FROM hall.ticket WHERE false;
SELECT hook, order_id, body FROM hall.partner_event WHERE false;
SELECT platform, next_button, confirm_type FROM hall.project WHERE false;
SELECT has_function_privilege('certhall_partner', 'hall.partner_enter(uuid, text)', 'EXECUTE');
