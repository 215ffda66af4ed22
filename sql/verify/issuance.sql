-- Verify certhall:issuance on pg
SELECT 'hall.csr'::regclass, 'hall.key_file_take'::regclass, 'hall.produce(uuid, int, bytea, bytea)'::regprocedure,
       'hall.signer_produced(uuid)'::regprocedure, 'hall.project_ca_check(jsonb)'::regprocedure;
