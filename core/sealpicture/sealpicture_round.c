/* SPDX-License-Identifier: Apache-2.0
 * Draws the round seal of an institution. The proportions are those of the usual 40 mm seal, scaled to the diameter. */
#include "core/sealpicture/sealpicture_private.h"

#include <math.h>
#include <string.h>

#define TURN (M_PI / 180)

/* In millimetres, for a seal of 40 mm. */
#define RADIUS 20.0
#define RING 1.2
#define STAR 6.8         /* radius of its points */
#define NAME_OUTER 17.9  /* radius of the upper edge of the name */
#define NAME_HEIGHT 4.6  /* of a short name */
#define NAME_NARROW 0.47 /* smallest ratio of width to height */
#define NAME_WIDE 0.86   /* largest ratio */
#define NAME_STEP 27.0   /* degrees from one character to the next, at most */
#define NAME_SPAN 262.0  /* degrees that the name may take */
#define CODE_INNER 16.5  /* radius of the upper edge of the number, whose digits stand on the ring */
#define CODE_HEIGHT 1.7
#define CODE_STEP 4.4
#define LINE_Y 11.6
#define LINE_HEIGHT 3.4
#define LINE_WIDTH 21.0

static void draw_ring(cairo_t *c)
{
    cairo_set_line_width(c, RING);
    cairo_arc(c, 0, 0, RADIUS - RING / 2, 0, 2 * M_PI);
    cairo_stroke(c);
}

static void draw_star(cairo_t *c)
{
    const double inner = STAR * sin(18 * TURN) / sin(54 * TURN); /* of the regular pentagram */

    for (int i = 0; i < 10; i++) {
        double r = i % 2 == 0 ? STAR : inner, at = (36 * i - 90) * TURN;
        cairo_line_to(c, r * cos(at), r * sin(at));
    }
    cairo_close_path(c);
    cairo_fill(c);
}

/* Spreads the name evenly over the upper arc. A longer name gets narrower characters, then also lower ones. */
static void draw_name(cairo_t *c, const char *name)
{
    double ems = ch__sealpicture_ems(name), step = fmin(NAME_STEP, NAME_SPAN / ems), at = -step * ems / 2;
    double middle = NAME_OUTER - NAME_HEIGHT / 2, width = 0.94 * step * TURN * middle;
    double height = fmin(NAME_HEIGHT, width / NAME_NARROW);

    for (const char *p = name, *next = p; *p != '\0'; p = next) {
        double em = ch__sealpicture_advance(&next), r = NAME_OUTER - height / 2, turn = (at + step * em / 2) * TURN;
        struct ch__cell cell = {r * sin(turn), -r * cos(turn), fmin(width, NAME_WIDE * height) * em, height, turn};
        ch__sealpicture_glyph(c, CH__SERIF, p, (size_t)(next - p), &cell);
        at += step * em;
    }
}

/* Writes the number along the lower arc from left to right, with the feet of the digits towards the ring. */
static void draw_code(cairo_t *c, const char *code)
{
    size_t n = strlen(code);
    double r = CODE_INNER + CODE_HEIGHT / 2;

    for (size_t i = 0; i < n; i++) {
        double turn = CODE_STEP * ((double)(n - 1) / 2 - (double)i) * TURN; /* the first digit is the leftmost */
        struct ch__cell cell = {-r * sin(turn), r * cos(turn), CODE_HEIGHT * 0.58, CODE_HEIGHT, turn};
        ch__sealpicture_glyph(c, CH__SANS, code + i, 1, &cell);
    }
}

static void draw_line(cairo_t *c, const char *line)
{
    double ems = ch__sealpicture_ems(line), em = fmin(LINE_WIDTH / ems, LINE_HEIGHT), x = -em * ems / 2;

    for (const char *p = line, *next = p; *p != '\0'; p = next) {
        double width = ch__sealpicture_advance(&next) * em;
        struct ch__cell cell = {x + width / 2, LINE_Y, width, LINE_HEIGHT, 0};
        ch__sealpicture_glyph(c, CH__SERIF, p, (size_t)(next - p), &cell);
        x += width;
    }
}

void ch__sealpicture_round(cairo_t *c, const struct ch_sealpicture_words *s, double diameter)
{
    cairo_scale(c, diameter / (2 * RADIUS), diameter / (2 * RADIUS));
    draw_ring(c);
    draw_star(c);
    draw_name(c, s->name);
    if (s->code != NULL)
        draw_code(c, s->code);
    if (s->line != NULL && s->line[0] != '\0')
        draw_line(c, s->line);
}
