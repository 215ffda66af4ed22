/* SPDX-License-Identifier: Apache-2.0
 * The random code that a payout's remark carries (inventory #158, #161): made and encrypted by the runner, kept by the database
 * as a keyed hash, compared with what people type. It is never written to a log. */
#ifndef CH_ORDER_PAYOUT_H
#define CH_ORDER_PAYOUT_H

#include "core/crypto/ring.h"

#define CH_PAYOUT_CODE "payout_code.encrypted" /* place of the code, row: the payout; as long as the bank has to be told */
#define CH_PAYOUT_CODE_LENGTH 6

/* A fresh code, leading zeros kept; a secret of the arena. */
char *ch_payout_code_make(struct ch_arena *a);
/* Its keyed hash for an order: the same code of two orders has two hashes. */
void ch_payout_code_hash(const struct ch_ring *ring, struct ch_arena *a, const char *order, const char *code,
                         unsigned char out[CH_SHA256_BYTES]);
/* The remark that carries it, a secret of the arena: what a unit's finance person looks for. */
char *ch_payout_code_remark(struct ch_arena *a, const char *code);

#endif
