/* SPDX-License-Identifier: Apache-2.0
 * The square seal of a person. A name is read in columns from the right, each from the top; what is missing to a full
 * square is filled with 印 or 之印. */
#include "core/stamp/stamp_private.h"

#include <math.h>
#include <pango/pango.h>
#include <string.h>

/* In millimetres of a seal of 20 mm. */
#define SIDE 20.0
#define FRAME 1.0
#define MARGIN 1.9 /* from the edge to the characters */
#define FILL 0.94  /* of its place that a character takes */

#define CELLS (CH_STAMP_PERSON_MAX + 2)

/* What is put behind a name of so many characters. */
static const char *suffix(size_t n)
{
    static const char *const table[] = {[1] = "印", [2] = "之印", [3] = "印", [4] = "", [5] = "印"};

    return n < CH_COUNT(table) && table[n] != NULL ? table[n] : "";
}

static void draw_frame(cairo_t *c)
{
    double inner = SIDE - FRAME;

    cairo_set_line_width(c, FRAME);
    cairo_set_line_join(c, CAIRO_LINE_JOIN_ROUND);
    cairo_rectangle(c, -inner / 2, -inner / 2, inner, inner);
    cairo_stroke(c);
}

/* One column of `n` characters, its middle at x; *p moves behind them. */
static void draw_column(cairo_t *c, const char **p, size_t n, double x, double width)
{
    double room = SIDE - 2 * MARGIN, height = room / (double)n;

    for (size_t i = 0; i < n; i++) {
        const char *next = g_utf8_next_char(*p);
        struct ch__cell cell = {x, -room / 2 + height * ((double)i + 0.5), width * FILL, height * FILL, 0};
        ch__stamp_glyph(c, CH__SERIF, *p, (size_t)(next - *p), &cell);
        *p = next;
    }
}

/* Characters over columns, the first columns being the fuller ones. */
static void draw_text(cairo_t *c, const char *text, size_t n)
{
    size_t columns = n <= 2 ? 1 : (size_t)ceil(sqrt((double)n) - 1e-9);
    double room = SIDE - 2 * MARGIN, width = room / (double)columns;

    for (size_t i = 0; i < columns; i++) {
        size_t share = n / columns + (i < n % columns ? 1 : 0);
        draw_column(c, &text, share, room / 2 - width * ((double)i + 0.5), width);
    }
}

void ch__stamp_square(cairo_t *c, const struct ch_stamp *s, double side)
{
    char text[4 * CELLS + 1];
    size_t n = (size_t)g_utf8_strlen(s->name, -1);

    /* at most CH_STAMP_PERSON_MAX characters, which the caller has seen to */
    snprintf(text, sizeof text, "%s%s", s->name, suffix(n));
    cairo_scale(c, side / SIDE, side / SIDE);
    draw_frame(c);
    draw_text(c, text, (size_t)g_utf8_strlen(text, -1));
}
