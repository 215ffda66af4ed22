/* SPDX-License-Identifier: Apache-2.0
 * Writes amounts with their thousands separated. */
#include "core/format/money.h"

#include <inttypes.h>

char *ch_money(struct ch_arena *a, int64_t fen)
{
    int64_t yuan = fen / 100;
    char *said = ch_printf(a, ".%02d", (int)(fen % 100));

    for (; yuan >= 1000; yuan /= 1000)
        said = ch_printf(a, ",%03d%s", (int)(yuan % 1000), said);
    return ch_printf(a, "%" PRId64 "%s", yuan, said);
}
