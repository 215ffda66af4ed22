-- Verify certhall:erasure on pg
SELECT what, after FROM hall.retention WHERE false;
SELECT place, "rows", kept FROM hall.retention_place WHERE false;
SELECT 'hall.retention_step(int)'::regprocedure, 'hall.consent_withdraw(bigint,uuid,bytea)'::regprocedure;
