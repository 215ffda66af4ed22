-- Deploy certhall:phone_arrived to pg
BEGIN;
-- Nobody has opened a link that was just made.
ALTER TABLE hall.identity ALTER step DROP NOT NULL, ALTER step DROP DEFAULT,
    ADD arrived_at timestamptz; -- when the phone came back from a liveness check whose result is not known yet
COMMIT;
