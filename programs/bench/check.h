/* SPDX-License-Identifier: Apache-2.0
 * What is asked after the load, when foreign keys were not. */
#ifndef BENCH_CHECK_H
#define BENCH_CHECK_H

#include "programs/bench/pg.h"

/* Counts the rows that a foreign key of schema hall forbids and says which; false when there are any. */
bool check_references(struct ch_arena *a, PGconn *c) CH_MUST;
/* Prints how large the largest tables are, and how many bytes an order takes. */
void check_sizes(struct ch_arena *a, PGconn *c);

#endif
