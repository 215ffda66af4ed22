/* SPDX-License-Identifier: Apache-2.0
 * A small drawing kit over cairo and pango for the sample papers. All lengths in pixels. */
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

/* A sheet of that colour; freed with the arena. */
cairo_t *draw_sheet(struct ch_arena *a, int width, int height, struct ink paper);
/* Text in a column `width` wide from x, y down (0: one line); returns the height it took. */
double draw_text(cairo_t *c, double x, double y, double width, double size, struct ink ink, const char *text);
/* The same, in the middle of the column. */
double draw_title(cairo_t *c, double x, double y, double width, double size, struct ink ink, const char *text);
void draw_qr(cairo_t *c, double x, double y, double size, const char *text);
/* A round official stamp with the unit's name around a star. */
void draw_stamp(cairo_t *c, double x, double y, double radius, const char *unit);
/* A name as if written by hand. */
void draw_signature(cairo_t *c, double x, double y, double size, const char *name);
void draw_frame(cairo_t *c, double x, double y, double width, double height);
/* The whole sheet out of focus: every dot the mean of those up to `radius` away, three times over. */
void draw_blur(struct ch_arena *a, cairo_t *c, int radius);
/* The sheet as a PNG. */
struct ch_bytes draw_png(struct ch_arena *a, cairo_t *c);
/* The sheet as a JPEG, as a phone's camera would have it. */
struct ch_bytes draw_jpeg(struct ch_arena *a, cairo_t *c);

#endif
