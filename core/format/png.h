/* SPDX-License-Identifier: Apache-2.0
 * Pictures with transparency as PNG files of a true size. */
#ifndef CH_FORMAT_PNG_H
#define CH_FORMAT_PNG_H

#include "core/base/buf.h"

/* Red, green, blue, alpha, one byte each, not premultiplied; rows from the top without padding. */
struct ch_pixels {
    int width, height;
    unsigned char *rgba;
};

/* A PNG whose pHYs says how many dots make a millimetre. Nothing (p NULL) when libpng fails. */
struct ch_bytes ch_png(struct ch_arena *a, const struct ch_pixels *p, double dots_per_mm);
/* Width and height of a PNG in millimetres by its pHYs, rounded; 0 where it does not say. False for what is no PNG. */
bool ch_png_mm(struct ch_bytes png, int *width, int *height) CH_MUST;

#endif
