/* SPDX-License-Identifier: Apache-2.0
 * How much room is left in the file systems that the hall writes to. */
#ifndef CH_BASE_DISK_H
#define CH_BASE_DISK_H

#include "core/base/arena.h"

/* The free space of the folder's file system in MB (2^20 bytes), as far as others than root may use it; -1 when it cannot be asked. */
int64_t ch_disk_free_mb(const char *folder);

/* A watched folder (setting disk_folders) with less free space than disk_warn_mb. */
struct ch_disk_low {
    const char *folder;
    const char *name; /* its last part */
    int64_t free_mb;
    struct ch_disk_low *next;
};
/* The folders that are short of space, in the order of the setting; NULL: none. */
const struct ch_disk_low *ch_disk_low(struct ch_arena *a);

#endif
