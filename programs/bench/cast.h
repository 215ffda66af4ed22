/* SPDX-License-Identifier: Apache-2.0
 * A copy of a mould: its rows, with ids, times, words and encrypted values of their own and a trail that chains. */
#ifndef BENCH_CAST_H
#define BENCH_CAST_H

#include "core/base/buf.h"
#include "core/crypto/digest.h"
#include "programs/bench/mould.h"

struct casting {
    const struct mould *mould;
    char account[37];     /* whose it is: ids[0] */
    int64_t begin, end;   /* when it began and ended, in microseconds; between them times are stretched */
    int64_t now;
    int64_t audit_id;     /* of its first audit row; the others follow */
    uint64_t chance;      /* seed */
};

/* What comes of a batch. Zeroed before its first use. */
struct batch {
    struct ch_buf rows[TABLES_MAX]; /* in COPY's format */
    struct ch_buf leaves;           /* hashes of the log's leaves, one behind the other in the order of the audit rows */
    struct ch_buf leaf_times;       /* int64_t: when each of those rows was written, in microseconds */
};

/* Empties it; its memory is of `a` and is used again. */
void batch_begin(struct batch *b, struct ch_arena *a);
/* Appends a copy to the batch; `scratch` is reset. */
void cast(struct ch_arena *scratch, const struct ch_ring *ring, const struct casting *c, struct batch *b);

/* Appends a time as PostgreSQL reads it. */
void cast_time(struct ch_buf *b, int64_t micros);
/* A UUID as text: version 7 of a time in milliseconds, or version 4 for a time below zero. */
void cast_uuid(uint64_t *state, int64_t ms, char out[37]);

#endif
