-- The audit trail and its signed log.

CREATE TABLE hall.audit (
    id      bigint GENERATED ALWAYS AS IDENTITY,
    kind    text NOT NULL,
    subject uuid NOT NULL,
    seq     int NOT NULL CHECK (seq > 0),
    at      timestamptz NOT NULL,
    actor   text NOT NULL,
    op      text NOT NULL,
    request text NOT NULL,
    detail  jsonb NOT NULL,
    head    bytea NOT NULL CHECK (length(head) = 32),
    PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);
CREATE INDEX audit_id ON hall.audit (id);
CREATE INDEX audit_subject ON hall.audit (subject, seq);

-- What the audit trail shows of each column of the tables that it covers. 'value': the value itself (ids, codes, times, amounts).
-- 'words': a commitment in the trail, and beside the trail the text that somebody wrote (hall.audit_words). 'commitment': only a
-- commitment; that holds for every column that is not listed here, too. 'nothing': columns that follow from others. Bytes are never
-- shown.
CREATE TABLE hall.audit_column (
    "table"  name NOT NULL,
    "column" name NOT NULL,
    shown    text NOT NULL CHECK (shown IN ('value', 'words', 'commitment', 'nothing')),
    PRIMARY KEY ("table", "column")
);

CREATE FUNCTION hall.audit_shows(the_table name, how text, columns name[]) RETURNS void
LANGUAGE plpgsql SET search_path = hall, pg_temp AS $$
BEGIN
    IF how IN ('value', 'words') AND EXISTS (SELECT FROM pg_attribute WHERE attrelid = format('hall.%I', the_table)::regclass
                                               AND attname = ANY (columns) AND atttypid = 'bytea'::regtype) THEN
        RAISE 'bytes of % are not told in the audit trail', the_table;
    END IF;
    INSERT INTO audit_column SELECT the_table, c, how FROM unnest(columns) c;
END $$;

-- The keys of commitments and words: one for each order together with its certificates and seals, one for each other subject. Erasure
-- destroys the key: afterwards nobody can tell what a commitment was made of, or read the words.
CREATE TABLE hall.audit_key (
    owner uuid PRIMARY KEY,
    key   bytea NOT NULL DEFAULT public.gen_random_bytes(32) CHECK (length(key) = 32)
);

-- The words before and after the change that a row of the trail records, encrypted under the owner's key.
CREATE TABLE hall.audit_words (
    subject uuid NOT NULL,
    seq     int NOT NULL,
    owner   uuid NOT NULL,
    words   bytea NOT NULL,
    PRIMARY KEY (subject, seq)
);
CREATE INDEX audit_words_owner ON hall.audit_words (owner);

-- The last row of each subject's chain. A row that does not continue its subject's chain is refused, whatever month it claims
-- (hall.audit_chained).
CREATE TABLE hall.audit_chain (
    subject uuid PRIMARY KEY,
    seq     int NOT NULL,
    head    bytea NOT NULL
) WITH (fillfactor = 70);

-- Where the trail of a subject begins after its older months were taken away: the last row of those months.
CREATE TABLE hall.audit_begins (
    subject uuid PRIMARY KEY,
    seq     int NOT NULL,
    head    bytea NOT NULL
);

-- The Merkle tree over audit rows (hashing of RFC 9162, with SM3). A leaf gets its index when it is signed.
CREATE TABLE hall.log_leaf (
    leaf     bigint PRIMARY KEY CHECK (leaf >= 0),
    audit_id bigint NOT NULL UNIQUE, -- of hall.audit; the row stays (hall.audit_stays) until its month is taken away
    hash     bytea NOT NULL CHECK (length(hash) = 32),
    at       timestamptz NOT NULL -- of that audit row
);

-- Audit rows that are in no signed batch yet.
CREATE TABLE hall.log_waiting (
    audit_id bigint PRIMARY KEY,
    at       timestamptz NOT NULL
);

CREATE TABLE hall.log_head (
    size      bigint PRIMARY KEY CHECK (size > 0),
    root      bytea NOT NULL CHECK (length(root) = 32),
    signature bytea NOT NULL,
    at        timestamptz NOT NULL DEFAULT now()
);

-- The roots of the tree's complete subtrees at the newest of these heads, smallest first, from which the runner continues.
CREATE TABLE hall.log_tree (
    one   bool PRIMARY KEY DEFAULT true CHECK (one),
    size  bigint NOT NULL,
    peaks bytea NOT NULL
);
