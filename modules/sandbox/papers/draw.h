/* SPDX-License-Identifier: Apache-2.0
 * Drawing for the sample papers, on top of cairo and pango. All lengths are in pixels. */
#ifndef MODULE_SANDBOX_PAPERS_DRAW_H
#define MODULE_SANDBOX_PAPERS_DRAW_H

#include "core/base/arena.h"

#include <cairo.h>

struct ink {
    double r, g, b;
};
#define INK_BLACK ((struct ink){0.08, 0.08, 0.1})
#define INK_GREY ((struct ink){0.45, 0.47, 0.5})
#define INK_BLUE ((struct ink){0.1, 0.2, 0.55})
#define INK_RED ((struct ink){0.83, 0.1, 0.12})

/* A sheet of that colour, which is freed with the arena. */
cairo_t *draw_sheet(struct ch_arena *a, int width, int height, struct ink paper);
/* Draws text from x, y downwards in a column of `width` (0: in one line); returns the height of the text. */
double draw_text(cairo_t *c, double x, double y, double width, double size, struct ink ink, const char *text);
/* The same, centred in the column. */
double draw_title(cairo_t *c, double x, double y, double width, double size, struct ink ink, const char *text);
void draw_qr(cairo_t *c, double x, double y, double size, const char *text);
/* A round official stamp with the unit's name around a star. */
void draw_stamp(cairo_t *c, double x, double y, double radius, const char *unit);
/* A name that looks handwritten. */
void draw_signature(cairo_t *c, double x, double y, double size, const char *name);
void draw_frame(cairo_t *c, double x, double y, double width, double height);
/* Blurs the whole sheet: three times, every dot becomes the mean of the dots up to `radius` away. */
void draw_blur(struct ch_arena *a, cairo_t *c, int radius);
/* The sheet as a PNG. */
struct ch_bytes draw_png(struct ch_arena *a, cairo_t *c);
/* The sheet as a JPEG, like a photo of a phone's camera. */
struct ch_bytes draw_jpeg(struct ch_arena *a, cairo_t *c);

#endif
