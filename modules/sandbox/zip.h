/* SPDX-License-Identifier: Apache-2.0
 * ZIP archives of a few small files, stored and not compressed (PKWARE APPNOTE 6.3): OFD documents are packed so. */
#ifndef MODULE_SANDBOX_ZIP_H
#define MODULE_SANDBOX_ZIP_H

#include "core/base/arena.h"

struct zip_file {
    const char *name; /* ASCII, '/' between folders */
    struct ch_bytes bytes;
};

/* At most 65535 files, less than 4 GiB in all. Each is dated 1980-01-01, so that the same files give the same bytes. */
struct ch_bytes zip_archive(struct ch_arena *a, const struct zip_file *files, size_t n);

#endif
