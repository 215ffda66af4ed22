/* SPDX-License-Identifier: Apache-2.0
 * Indexes of the tables that are filled: those that forbid nothing are made at the end, which costs less than their growing
 * row by row. What they were stands in the database (schema bench_fill), so that a run which is killed leaves nothing behind
 * that the next one does not put right. */
#ifndef BENCH_INDEXES_H
#define BENCH_INDEXES_H

#include "programs/bench/pg.h"

/* False after saying why. */
bool indexes_drop(struct ch_arena *a, PGconn *c) CH_MUST;
/* Those that indexes_drop has dropped, now or in a run before. */
bool indexes_make(struct ch_arena *a, PGconn *c) CH_MUST;

#endif
