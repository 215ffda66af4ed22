/* SPDX-License-Identifier: Apache-2.0
 * The sandbox's clock, which runs faster than the vendors'. */
#include "modules/sandbox/notifier.h"

#include "core/base/config.h"

char *sandbox_scaled(struct ch_arena *a, int seconds)
{
    int64_t factor = ch_conf_int(CONF_SANDBOX_FACTOR);
    return ch_printf(a, "%lld ms", (long long)seconds * 1000 / (factor > 0 ? factor : 1));
}
