/* SPDX-License-Identifier: Apache-2.0
 * The random code in a payout's remark (inventory #158, #161). The runner makes and encrypts it; the database stores its keyed
 * hash, which is compared with what people type in. The code is never logged. */
#ifndef CH_ORDER_PAYOUT_H
#define CH_ORDER_PAYOUT_H

#include "core/crypto/ring.h"

#define CH_PAYOUT_CODE \
    "payout_code.encrypted" /* place of ch_encrypt, the row is the payout; stored until the bank has the payout */
#define CH_PAYOUT_CODE_LENGTH 6

/* A new code of CH_PAYOUT_CODE_LENGTH digits, which may begin with zeros; a secret of the arena. */
char *ch_payout_code_make(struct ch_arena *a);
/* The code's keyed hash for an order; the same code has another hash for another order. */
void ch_payout_code_hash(const struct ch_ring *ring, struct ch_arena *a, const char *order, const char *code,
                         unsigned char out[CH_SHA256_BYTES]);
/* The remark with the code, by which the unit's finance person finds the payment; a secret of the arena. */
char *ch_payout_code_remark(struct ch_arena *a, const char *code);

#endif
