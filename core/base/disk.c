/* SPDX-License-Identifier: Apache-2.0
 * Asks the file systems. */
#include "core/base/disk.h"

#include "core/base/config.h"

#include <string.h>
#include <sys/statvfs.h>

#define MB ((uint64_t)1 << 20)

int64_t ch_disk_free_mb(const char *folder)
{
    struct statvfs s;

    if (statvfs(folder, &s) != 0)
        return -1;
    return (int64_t)((uint64_t)s.f_bavail * s.f_frsize / MB);
}

const struct ch_disk_low *ch_disk_low(struct ch_arena *a)
{
    struct ch_disk_low *first = NULL, **end = &first;
    char *rest = ch_strdup(a, ch_conf(CONF_DISK_FOLDERS));

    for (char *folder; (folder = strtok_r(rest, ",", &rest)) != NULL;) {
        int64_t free_mb = ch_disk_free_mb(folder);
        if (free_mb < 0 || free_mb >= ch_conf_int(CONF_DISK_WARN))
            continue;
        const char *slash = strrchr(folder, '/');
        *end = CH_NEW(a, struct ch_disk_low);
        **end = (struct ch_disk_low){folder, slash != NULL ? slash + 1 : folder, free_mb, NULL};
        end = &(*end)->next;
    }
    return first;
}
