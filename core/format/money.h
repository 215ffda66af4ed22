/* SPDX-License-Identifier: Apache-2.0
 * Amounts as people read them. How vendors write them is in core/gateway/amount.h; SQL has hall.yuan. */
#ifndef CH_FORMAT_MONEY_H
#define CH_FORMAT_MONEY_H

#include "core/base/arena.h"

/* "1,088.00", in yuan; `fen` is not negative. */
char *ch_money(struct ch_arena *a, int64_t fen);

#endif
