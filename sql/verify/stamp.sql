-- Verify certhall:stamp on pg
SELECT id, es_id, state, filing_no FROM hall.seal WHERE false;
SELECT 'hall.stamp_accepted(hall.orders)'::regprocedure, 'hall.signer_stamp(uuid)'::regprocedure;
