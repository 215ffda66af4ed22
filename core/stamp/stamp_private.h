/* SPDX-License-Identifier: Apache-2.0
 * Between the files that draw seals. Lengths are millimetres, the origin is the middle of the picture, y goes down. */
#ifndef CH_STAMP_STAMP_PRIVATE_H
#define CH_STAMP_STAMP_PRIVATE_H

#include "core/stamp/stamp.h"

#include <cairo.h>

/* A place for one character: its middle, its size, and how far it is turned (radians, clockwise). */
struct ch__cell {
    double x, y, width, height, turn;
};

#define CH__SERIF "Noto Serif CJK SC Bold"
#define CH__SANS "Noto Sans CJK SC Bold"

/* Fills one character of `font` into its place. */
void ch__stamp_glyph(cairo_t *c, const char *font, const char *text, size_t n, const struct ch__cell *cell);
/* Whether the fonts hold every character of a text. */
bool ch__stamp_known(const char *font, const char *text);
/* How wide the character at *p is, in ems; *p moves behind it. */
double ch__stamp_advance(const char **p);
/* The sum of all. */
double ch__stamp_ems(const char *text);

void ch__stamp_round(cairo_t *c, const struct ch_stamp *s, double diameter);
void ch__stamp_square(cairo_t *c, const struct ch_stamp *s, double side);

#endif
