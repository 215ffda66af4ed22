/* SPDX-License-Identifier: Apache-2.0
 * Carrying a plan out: several workers cast batches and copy them in, each on a connection of its own; batches are committed
 * in their order, so that the log has no gaps whenever it ends. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "core/crypto/merkle.h"
#include "programs/bench/plan.h"

struct load {
    struct plan *plan;
    const struct ch_ring *ring;
    struct ch_merkle *tree; /* grown by the batches that were committed */
    int64_t orders;         /* that are to be, for what it tells */
};

/* False after a worker has said what went wrong. Tells how it goes on standard output. */
bool load_run(const struct load *l) CH_MUST;

#endif
