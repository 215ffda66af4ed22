-- Verify certhall:resume on pg
SELECT 1 / (position('ON CONFLICT' IN pg_get_functiondef('hall.signer_issuing(uuid, text, text, timestamptz, timestamptz, bytea)'::regprocedure)) = 0)::int,
       1 / (position('''hold''' IN pg_get_functiondef('hall.payout_state(uuid, text, text)'::regprocedure)) > 0)::int;
