-- Verify certhall:certificate on pg
SELECT 'hall.certificate'::regclass,
       'hall.signer_issued(uuid, text, bytea, bytea, text)'::regprocedure;
