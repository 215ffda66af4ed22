-- Revert certhall:access from pg
BEGIN;
REVOKE EXECUTE ON ALL FUNCTIONS IN SCHEMA hall FROM certhall_gate, certhall_new, certhall_material, certhall_identity,
    certhall_pay, certhall_finauth, certhall_orders, certhall_desk, certhall_runner, certhall_signer, certhall_admin;
REVOKE SELECT ON hall.region, hall.project FROM certhall_gate;
COMMIT;
