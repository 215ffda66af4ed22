/* SPDX-License-Identifier: Apache-2.0
 * The signed log over the audit trail (core/crypto/merkle.h). The load adds leaves, and the head is signed at the end. The runner,
 * which does this otherwise, must not run meanwhile. */
#ifndef BENCH_TRAIL_H
#define BENCH_TRAIL_H

#include "core/crypto/merkle.h"
#include "programs/bench/pg.h"

/* Reads the log into the tree; false after an error message. */
bool trail_read(struct ch_arena *a, PGconn *c, struct ch_merkle *tree) CH_MUST;
/* Adds `leaves` (hashes without separators) to the tree. */
void trail_grow(struct ch_merkle *tree, struct ch_bytes leaves);
/* Signs the tree and stores the head. */
bool trail_sign(struct ch_arena *a, PGconn *c, const struct ch_merkle *tree) CH_MUST;

#endif
