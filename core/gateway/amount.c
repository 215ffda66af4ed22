/* SPDX-License-Identifier: Apache-2.0
 * Fen and yuan, in integers only. */
#include "core/gateway/amount.h"

#include <stdlib.h>
#include <string.h>

#define DIGITS "0123456789"

char *ch_amount_yuan(struct ch_arena *a, int64_t fen)
{
    return ch_printf(a, "%lld.%02lld", (long long)(fen / 100), (long long)(fen % 100));
}

int64_t ch_amount_read(const char *s)
{
    size_t yuan = strspn(s, DIGITS);

    if (yuan == 0 || yuan > 13)
        return -1;
    int64_t fen = strtoll(s, NULL, 10) * 100;
    if (s[yuan] == '\0')
        return fen;
    size_t n = s[yuan] == '.' ? strspn(s + yuan + 1, DIGITS) : 0;
    if (n < 1 || n > 2 || s[yuan + 1 + n] != '\0')
        return -1;
    return fen + (s[yuan + 1] - '0') * 10 + (n == 2 ? s[yuan + 2] - '0' : 0);
}
