/* SPDX-License-Identifier: Apache-2.0
 * The code that a person writes in the remark of a transfer to prove who they are. It is no secret: what proves something is the
 * account that the transfer comes from. */
#ifndef CH_ORDER_PROOF_CODE_H
#define CH_ORDER_PROOF_CODE_H

#include "core/base/arena.h"

#define CH_PROOF_CODE_LENGTH 8

/* A new code of capital letters and digits that nobody mistakes for each other. */
char *ch_proof_code_make(struct ch_arena *a);

/* All that could be a code in a remark, as an array of PostgreSQL: "{ABCDEFGH,BCDEFGH2}". Blanks and signs between the characters,
 * small letters and full width do not matter, since banks and people change them. */
const char *ch_proof_codes_in(struct ch_arena *a, const char *remark);

#endif
