/* SPDX-License-Identifier: Apache-2.0
 * Shared by the files that draw seals. Lengths are in millimetres; the origin is the centre of the picture, and y points down. */
#ifndef CH_SEALPICTURE_SEALPICTURE_PRIVATE_H
#define CH_SEALPICTURE_SEALPICTURE_PRIVATE_H

#include "core/sealpicture/sealpicture.h"

#include <cairo.h>

/* The place of one character: its centre, its size, and its rotation in radians, clockwise. */
struct ch__cell {
    double x, y, width, height, turn;
};

#define CH__SERIF "Noto Serif CJK SC Bold"
#define CH__SANS "Noto Sans CJK SC Bold"

/* Draws one character of `n` bytes into its place. */
void ch__sealpicture_glyph(cairo_t *c, const char *font, const char *text, size_t n, const struct ch__cell *cell);
/* Whether the fonts have every character of the text. */
bool ch__sealpicture_known(const char *font, const char *text);
/* The width in ems of the character at *p; *p moves behind it. */
double ch__sealpicture_advance(const char **p);
/* The width of a text in ems. */
double ch__sealpicture_ems(const char *text);

/* Draw a whole seal of that size. */
void ch__sealpicture_round(cairo_t *c, const struct ch_sealpicture_words *s, double diameter);
void ch__sealpicture_square(cairo_t *c, const struct ch_sealpicture_words *s, double side);

#endif
