/* SPDX-License-Identifier: Apache-2.0
 * Checks after the load, during which foreign keys are not enforced. */
#ifndef BENCH_CHECK_H
#define BENCH_CHECK_H

#include "programs/bench/pg.h"

/* Counts and prints the rows that violate a foreign key of schema hall; false when there are any. */
bool check_references(struct ch_arena *a, PGconn *c) CH_MUST;
/* Prints the sizes of the largest tables, and how many bytes an order takes. */
void check_sizes(struct ch_arena *a, PGconn *c);

#endif
