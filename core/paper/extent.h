/* SPDX-License-Identifier: Apache-2.0
 * How much a picture decodes to, as its own header says. A file of a few kilobytes can announce a canvas of gigabytes, hundreds
 * of frames or hundreds of passes over one picture, so this is known before any decoder sees the file. */
#ifndef CH_PAPER_EXTENT_H
#define CH_PAPER_EXTENT_H

#include "core/base/arena.h"

#define CH_EXTENT_SIDE_MAX 12000              /* dots */
#define CH_EXTENT_DOTS_MAX (60 * 1000 * 1000) /* A4 at 600 dpi has 35 million */
#define CH_EXTENT_PASSES_MAX 64               /* a progressive JPEG has about ten */

struct ch_extent {
    int64_t width, height; /* the largest that the file names */
    int frames;            /* of a GIF; 1 of any other picture */
    int passes;            /* of a JPEG: how often the decoder goes over the picture; 1 of any other */
};

/* Reads the header of a JPEG, PNG, GIF or BMP. False when the file is none of these or says no size. */
bool ch_extent_read(struct ch_bytes file, struct ch_extent *out) CH_MUST;
/* NULL when a picture of this extent is decoded; otherwise a sentence that tells the person what is too much and what to do. */
const char *ch_extent_wrong(struct ch_arena *a, const struct ch_extent *x) CH_MUST;

#endif
