/* SPDX-License-Identifier: Apache-2.0
 * Conversion between fen, in which the hall counts, and yuan with a decimal point, as most vendors write money. Floating
 * point is never used. */
#ifndef CH_GATEWAY_AMOUNT_H
#define CH_GATEWAY_AMOUNT_H

#include "core/base/arena.h"

/* "88.00"; `fen` is not negative. */
char *ch_amount_yuan(struct ch_arena *a, int64_t fen);
/* Reads "88", "88.0" or "88.00" as fen; -1 for anything else, such as a sign or more than 13 digits before the point. */
int64_t ch_amount_read(const char *s);

#endif
