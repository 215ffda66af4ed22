/* SPDX-License-Identifier: Apache-2.0
 * The type of a file, by its content: its name and the type that the sender claims are ignored. */
#ifndef CH_PAPER_FILETYPE_H
#define CH_PAPER_FILETYPE_H

#include "core/base/defs.h"

/* "image/jpeg", "image/png", "image/gif", "image/bmp", "application/pdf", or NULL for any other type. libmagic and the
 * file's first bytes must agree. */
const char *ch_filetype(struct ch_bytes file);

#endif
