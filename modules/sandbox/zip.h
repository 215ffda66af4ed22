/* SPDX-License-Identifier: Apache-2.0
 * ZIP archives of a few small files, without compression (PKWARE APPNOTE 6.3), for OFD documents. */
#ifndef MODULE_SANDBOX_ZIP_H
#define MODULE_SANDBOX_ZIP_H

#include "core/base/arena.h"

struct zip_file {
    const char *name; /* ASCII, '/' between folders */
    struct ch_bytes bytes;
};

/* At most 65535 files, and less than 4 GiB in all. Every file is dated 1980-01-01, so that the same files give the same
 * bytes. */
struct ch_bytes zip_archive(struct ch_arena *a, const struct zip_file *files, size_t n);

#endif
