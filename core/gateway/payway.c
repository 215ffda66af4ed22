/* SPDX-License-Identifier: Apache-2.0
 * The list of the ways of paying online. */
#include "core/gateway/payway.h"

#include <string.h>

const struct ch_pay_way *const ch_pay_ways[] = {
#define CH_PAY_WAY(word) &ch_pay_##word,
#include "core/gateway/vendor_all.tbl"
    NULL,
};

const struct ch_pay_way *ch_payway_of(const char *channel)
{
    for (const struct ch_pay_way *const *w = ch_pay_ways; *w != NULL; w++)
        if (strcmp((*w)->channel, channel) == 0)
            return *w;
    return NULL;
}
