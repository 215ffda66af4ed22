-- Verify certhall:bill on pg
SELECT 'hall.bill_difference'::regclass, 'hall.bill_compare(uuid, jsonb)'::regprocedure;
