/* SPDX-License-Identifier: Apache-2.0
 * The indexes of the tables that are filled. Indexes that enforce nothing are dropped and made again at the end, which costs less
 * than extending them row by row. Their definitions are kept in the database (schema bench_fill), so if a run is killed, the next
 * one makes them again. */
#ifndef BENCH_INDEXES_H
#define BENCH_INDEXES_H

#include "programs/bench/pg.h"

/* Drops the indexes that enforce nothing; false after an error message. */
bool indexes_drop(struct ch_arena *a, PGconn *c) CH_MUST;
/* Makes the indexes that indexes_drop has dropped, in this run or an earlier one; false after an error message. */
bool indexes_make(struct ch_arena *a, PGconn *c) CH_MUST;

#endif
