/* SPDX-License-Identifier: Apache-2.0
 * Draws the square seal of a person. The name is written in columns from the right, each from the top; 印 or 之印 is added if
 * that fills the square. */
#include "core/sealpicture/sealpicture_private.h"

#include <math.h>
#include <pango/pango.h>
#include <string.h>

/* In millimetres, for a seal of 20 mm. */
#define SIDE 20.0
#define FRAME 1.0
#define MARGIN 1.9 /* from the edge to the characters */
#define FILL 0.94  /* share of its place that a character takes */

#define CELLS (CH_SEALPICTURE_PERSON_MAX + 2)

/* The text behind a name of `n` characters. */
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

/* Draws a column of `n` characters centred at x; *p moves behind them. */
static void draw_column(cairo_t *c, const char **p, size_t n, double x, double width)
{
    double room = SIDE - 2 * MARGIN, height = room / (double)n;

    for (size_t i = 0; i < n; i++) {
        const char *next = g_utf8_next_char(*p);
        struct ch__cell cell = {x, -room / 2 + height * ((double)i + 0.5), width * FILL, height * FILL, 0};
        ch__sealpicture_glyph(c, CH__SERIF, *p, (size_t)(next - *p), &cell);
        *p = next;
    }
}

/* Distributes the characters over columns; the first columns may have one more. */
static void draw_text(cairo_t *c, const char *text, size_t n)
{
    size_t columns = n <= 2 ? 1 : (size_t)ceil(sqrt((double)n) - 1e-9);
    double room = SIDE - 2 * MARGIN, width = room / (double)columns;

    for (size_t i = 0; i < columns; i++) {
        size_t share = n / columns + (i < n % columns ? 1 : 0);
        draw_column(c, &text, share, room / 2 - width * ((double)i + 0.5), width);
    }
}

void ch__sealpicture_square(cairo_t *c, const struct ch_sealpicture_words *s, double side)
{
    char text[4 * CELLS + 1];
    size_t n = (size_t)g_utf8_strlen(s->name, -1);

    /* ch_sealpicture_draw has checked that the name has at most CH_SEALPICTURE_PERSON_MAX characters. */
    snprintf(text, sizeof text, "%s%s", s->name, suffix(n));
    cairo_scale(c, side / SIDE, side / SIDE);
    draw_frame(c);
    draw_text(c, text, (size_t)g_utf8_strlen(text, -1));
}
