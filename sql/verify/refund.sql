-- Verify certhall:refund on pg
SELECT 'hall.refund'::regclass, 'hall.refund_state(text, text, text, text, timestamptz)'::regprocedure;
