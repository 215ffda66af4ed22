-- Revert certhall:card_compared from pg
BEGIN;
ALTER TABLE hall.paper_check DROP differs;
COMMIT;
