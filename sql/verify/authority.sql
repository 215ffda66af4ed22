-- Verify certhall:authority on pg
SELECT 'hall.ca_certificate'::regclass, 'hall.signature'::regclass,
       'hall.signer_publish(text, text, bool, text, text, text, timestamptz, timestamptz, bytea)'::regprocedure;
