-- Deploy certhall:log_node to pg
BEGIN;
-- Roots of complete subtrees of the log, of 2^8 leaves, 2^16 and so on: of `level`, the one with the leaves from at << level on. Proofs
-- are made of them, and the runner makes them of the leaves (core/crypto/merkle.h).
CREATE TABLE hall.log_node (
    level int NOT NULL CHECK (level > 0 AND level % 8 = 0),
    at    bigint NOT NULL CHECK (at >= 0),
    hash  bytea NOT NULL CHECK (length(hash) = 32),
    PRIMARY KEY (level, at)
);
COMMIT;
