/* SPDX-License-Identifier: Apache-2.0
 * Writing a ZIP archive in memory, with libzip. */
#ifndef CH_FORMAT_ZIP_H
#define CH_FORMAT_ZIP_H

#include "core/base/arena.h"

struct ch_zip;

/* An archive without files, which lives in the arena. NULL when libzip has no memory. */
struct ch_zip *ch_zip_new(struct ch_arena *a) CH_MUST;

/* Adds a file. Name (UTF-8, folders with '/') and content are not copied: they live as long as the archive. Pictures and other files
 * that are packed already are only `stored`. False for a name that the archive has. */
bool ch_zip_add(struct ch_zip *z, const char *name, struct ch_bytes content, bool stored) CH_MUST;

/* Ends the archive; *out is in the arena. Afterwards nothing can be added. */
bool ch_zip_done(struct ch_zip *z, struct ch_bytes *out) CH_MUST;

#endif
