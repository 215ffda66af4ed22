/* SPDX-License-Identifier: Apache-2.0
 * PNG files with transparency and a physical size. */
#ifndef CH_FORMAT_PNG_H
#define CH_FORMAT_PNG_H

#include "core/base/buf.h"

/* Red, green, blue, alpha, one byte each, not premultiplied; rows from the top without padding. */
struct ch_pixels {
    int width, height;
    unsigned char *rgba;
};

/* Writes a PNG with that resolution in its pHYs chunk. p is NULL when libpng fails. */
struct ch_bytes ch_png(struct ch_arena *a, const struct ch_pixels *p, double dots_per_mm);
/* Width and height of a PNG in millimetres by its pHYs chunk, rounded; 0 when it has no physical size. False when it is not a
 * PNG. */
bool ch_png_mm(struct ch_bytes png, int *width, int *height) CH_MUST;

#endif
