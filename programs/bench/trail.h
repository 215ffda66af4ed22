/* SPDX-License-Identifier: Apache-2.0
 * The signed log over the audit trail (core/crypto/merkle.h): grown by what is filled, signed at the end. The runner, which
 * does this otherwise, is not to run meanwhile. */
#ifndef BENCH_TRAIL_H
#define BENCH_TRAIL_H

#include "core/crypto/merkle.h"
#include "programs/bench/pg.h"

/* Reads the log as it stands; false after saying why. */
bool trail_read(struct ch_arena *a, PGconn *c, struct ch_merkle *tree) CH_MUST;
/* Adds `leaves` (hashes one behind the other) to the tree. */
void trail_grow(struct ch_merkle *tree, struct ch_bytes leaves);
/* Signs the tree as it is and keeps the head. */
bool trail_sign(struct ch_arena *a, PGconn *c, const struct ch_merkle *tree) CH_MUST;

#endif
