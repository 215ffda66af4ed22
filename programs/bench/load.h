/* SPDX-License-Identifier: Apache-2.0
 * Carrying out a plan. Several workers make batches of copies and load them, each over a connection of its own. The batches are
 * committed in their order, so that the signed log has no gaps, whenever the load ends. */
#ifndef BENCH_LOAD_H
#define BENCH_LOAD_H

#include "core/crypto/merkle.h"
#include "programs/bench/plan.h"

struct load {
    struct plan *plan;
    const struct ch_ring *ring;
    struct ch_merkle *tree; /* the tree of the log; each batch that is committed adds its leaves */
    int64_t orders;         /* how many orders will be made, for the progress */
};

/* Runs the load and prints its progress to standard output; false after a worker has printed an error message. */
bool load_run(const struct load *l) CH_MUST;

#endif
