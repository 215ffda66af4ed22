/* SPDX-License-Identifier: Apache-2.0
 * Making a copy of a mould: its rows, with ids, times, words and encrypted values of their own, and an audit trail that chains. */
#ifndef BENCH_CAST_H
#define BENCH_CAST_H

#include "core/base/buf.h"
#include "core/crypto/digest.h"
#include "programs/bench/mould.h"

struct casting {
    const struct mould *mould;
    char account[37]; /* the account that it belongs to: ids[0] */
    int64_t begin, end; /* when the copy begins and ends, in microseconds; the specimen's times are stretched between them */
    int64_t now;
    int64_t audit_id; /* the id of its first audit row; the others follow */
    uint64_t chance;  /* the seed of its random values */
};

/* The rows of a batch of copies. It must be zeroed before its first use. */
struct batch {
    struct ch_buf rows[TABLES_MAX]; /* in COPY's format */
    struct ch_buf leaves;     /* the hashes of the log's leaves, without separators, in the order of the audit rows */
    struct ch_buf leaf_times; /* int64_t: when each of those rows was written, in microseconds */
};

/* Empties the batch. Its memory belongs to `a` and is used again. */
void batch_begin(struct batch *b, struct ch_arena *a);
/* Appends a copy to the batch. `scratch` is reset and holds what is only needed meanwhile. */
void cast(struct ch_arena *scratch, const struct ch_ring *ring, const struct casting *c, struct batch *b);

/* Appends a time in the form of PostgreSQL. */
void cast_time(struct ch_buf *b, int64_t micros);
/* Makes a UUID as text: version 7 for a time in milliseconds, or version 4 if the time is negative. */
void cast_uuid(uint64_t *state, int64_t ms, char out[37]);

#endif
