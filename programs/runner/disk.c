/* SPDX-License-Identifier: Apache-2.0
 * Warns operators before a disk is full. */
#include "programs/runner/runner.h"

#include "core/base/clock.h"
#include "core/base/config.h"
#include "core/base/disk.h"
#include "core/base/log.h"

#define LOOK_EVERY_MS 60000
#define SAY_EVERY_MS ((int64_t)3600 * 1000)

/* Only the thread for housekeeping calls this. The warning is repeated every hour, and as soon as it concerns more folders. */
void warn_of_full_disks(struct ch_arena *a)
{
    static int64_t looked_at, said_at;
    static size_t said;
    int64_t now = ch_tick_ms();
    size_t n = 0;

    if (looked_at != 0 && now - looked_at < LOOK_EVERY_MS)
        return;
    looked_at = now;
    const struct ch_disk_low *low = ch_disk_low(a);
    for (const struct ch_disk_low *d = low; d != NULL; d = d->next)
        n++;
    if (n > said || (n > 0 && now - said_at > SAY_EVERY_MS)) {
        for (const struct ch_disk_low *d = low; d != NULL; d = d->next)
            ch_log(CH_WARN, NULL, "disk: %lld MB are left for %s, less than disk_warn_mb = %lld", (long long)d->free_mb,
                   d->folder, (long long)ch_conf_int(CONF_DISK_WARN));
        said_at = now;
    } else if (n == 0 && said > 0) {
        ch_log(CH_INFO, NULL, "disk: there is room again");
    }
    said = n;
}
