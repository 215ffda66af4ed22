/* SPDX-License-Identifier: Apache-2.0
 * Fen, which is what the hall counts in, and yuan with a point, which is how most vendors write money. Never by way of
 * floating point. */
#ifndef CH_GATEWAY_AMOUNT_H
#define CH_GATEWAY_AMOUNT_H

#include "core/base/arena.h"

/* "88.00"; `fen` is not negative. */
char *ch_amount_yuan(struct ch_arena *a, int64_t fen);
/* "88", "88.0" or "88.00" as fen; -1 for anything else, a sign or more than 13 digits before the point included. */
int64_t ch_amount_read(const char *s);

#endif
