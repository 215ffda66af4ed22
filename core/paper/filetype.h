/* SPDX-License-Identifier: Apache-2.0
 * What a file is, judged by its bytes: its name and the sender's word count for nothing. */
#ifndef CH_PAPER_FILETYPE_H
#define CH_PAPER_FILETYPE_H

#include "core/base/defs.h"

/* "image/jpeg", "image/png", "image/gif", "image/bmp", "application/pdf", or NULL for anything else. libmagic and the file's
 * own first bytes must agree. */
const char *ch_filetype(struct ch_bytes file);

#endif
