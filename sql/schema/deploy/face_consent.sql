-- Deploy certhall:face_consent to pg
BEGIN;
-- Consent to the processing of one's face is asked for by itself, of the person in front of the phone, who need not own the account.
ALTER TABLE hall.consent ALTER order_id DROP NOT NULL, ALTER account DROP NOT NULL,
    ADD identity uuid REFERENCES hall.identity, -- the authentication that a consent to a face is for
    ADD CONSTRAINT consent_whose CHECK (identity IS NOT NULL OR num_nulls(order_id, account) = 0);
CREATE UNIQUE INDEX consent_stands ON hall.consent (identity) WHERE identity IS NOT NULL AND withdrawn_at IS NULL;
CREATE INDEX consent_identity ON hall.consent (identity) WHERE identity IS NOT NULL;
ALTER TABLE hall.identity ADD face_declined_at timestamptz;
COMMIT;
