/* SPDX-License-Identifier: Apache-2.0
 * Between the files that draw seals. Lengths are millimetres, the origin is the middle of the picture, y goes down. */
#ifndef CH_SEALPICTURE_SEALPICTURE_PRIVATE_H
#define CH_SEALPICTURE_SEALPICTURE_PRIVATE_H

#include "core/sealpicture/sealpicture.h"

#include <cairo.h>

/* A place for one character: its middle, its size, and how far it is turned (radians, clockwise). */
struct ch__cell {
    double x, y, width, height, turn;
};

#define CH__SERIF "Noto Serif CJK SC Bold"
#define CH__SANS "Noto Sans CJK SC Bold"

/* Fills one character of `font` into its place. */
void ch__sealpicture_glyph(cairo_t *c, const char *font, const char *text, size_t n, const struct ch__cell *cell);
/* Whether the fonts hold every character of a text. */
bool ch__sealpicture_known(const char *font, const char *text);
/* How wide the character at *p is, in ems; *p moves behind it. */
double ch__sealpicture_advance(const char **p);
/* The sum of all. */
double ch__sealpicture_ems(const char *text);

void ch__sealpicture_round(cairo_t *c, const struct ch_sealpicture_words *s, double diameter);
void ch__sealpicture_square(cairo_t *c, const struct ch_sealpicture_words *s, double side);

#endif
