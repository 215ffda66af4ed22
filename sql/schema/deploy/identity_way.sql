-- Deploy certhall:identity_way to pg
BEGIN;
-- The face is not the only way to prove who one is: the ways, and for which purposes of an authentication each is offered.
CREATE TABLE hall.identity_way (
    code     text PRIMARY KEY CHECK (code ~ '^[a-z]+$'),
    pos      int NOT NULL,
    name     text NOT NULL,
    hint     text NOT NULL,
    purposes text[] NOT NULL CHECK (purposes <@ '{phone,loss,legal,rebind,unlock,revoke}')
);
INSERT INTO hall.identity_way VALUES ('face', 1, '人脸核验', '', '{phone,loss,legal,rebind,unlock,revoke}');
ALTER TABLE hall.identity ADD way text REFERENCES hall.identity_way, -- by which it has passed, or is under way; NULL: not chosen yet
    DROP CONSTRAINT identity_step_check, ADD CONSTRAINT identity_step_check CHECK (step IN ('opened', 'card', 'liveness', 'transfer', 'outlet'));
UPDATE hall.identity SET way = 'face' WHERE step = 'liveness' OR state = 'passed';
ALTER TABLE hall.identity ADD CONSTRAINT identity_passed_by CHECK (state <> 'passed' OR way IS NOT NULL);
COMMIT;
