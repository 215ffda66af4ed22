/* SPDX-License-Identifier: Apache-2.0
 * Cutting an impression out of a scan, as a picture of the ink without the paper. */
#include "programs/picture/picture.h"

#include <math.h>
#include <string.h>

#define SIDE_MOST 945 /* dots along the picture's side: 40 mm at 600 dpi */

static const char *const words[] = {
    [PICTURE_OK] = "ok",       [PICTURE_UNREADABLE] = "unreadable", [PICTURE_NONE] = "none",
    [PICTURE_SMALL] = "small", [PICTURE_BLURRED] = "blurred",       [PICTURE_CUT] = "cut",
    [PICTURE_SHAPE] = "shape",
};

static const struct {
    const char *word;
    struct wish wish;
} kinds[] = {
    {"unit", {.round = true, .usual = 40, .least = 30, .most = 58}},
    {"person", {.usual = 20, .least = 8, .most = 40}},
};

const char *picture_word(enum picture_end e)
{
    return words[e];
}

const struct wish *picture_kind(const char *word)
{
    for (size_t i = 0; i < CH_COUNT(kinds); i++)
        if (strcmp(kinds[i].word, word) == 0)
            return &kinds[i].wish;
    return NULL;
}

/* The cover at a place between dots, interpolated. */
static double cover_between(const struct ink *ink, double x, double y)
{
    int x0 = (int)floor(x), y0 = (int)floor(y);
    double fx = x - x0, fy = y - y0;

    if (x0 < 0 || y0 < 0 || x0 + 1 >= ink->width || y0 + 1 >= ink->height)
        return 0;
    const unsigned char *p = ink->cover + (size_t)y0 * (size_t)ink->width + (size_t)x0, *q = p + ink->width;
    return (p[0] * (1 - fx) + p[1] * fx) * (1 - fy) + (q[0] * (1 - fx) + q[1] * fx) * fy;
}

/* Draws the map upright into a square of `side` dots, each of which stands for `scale` dots of the map. */
static struct ch_pixels redraw(struct ch_arena *a, const struct ink *ink, const struct patch *p, int side, double scale,
                               double turn)
{
    struct ch_pixels out = {side, side, ch_alloc_array(a, (size_t)side * (size_t)side, 4)};
    double c = cos(turn), s = sin(turn), middle = (side - 1) / 2.0;

    for (int y = 0; y < side; y++)
        for (int x = 0; x < side; x++) {
            double u = (x - middle) * scale, v = (y - middle) * scale;
            if (p->round && hypot(u, v) > p->radius + 1.5)
                continue; /* the corners do not belong to a ring */
            unsigned char *to = out.rgba + ((size_t)y * (size_t)side + (size_t)x) * 4;
            int cover = (int)lround(cover_between(ink, p->x + u * c - v * s, p->y + u * s + v * c));
            if (cover == 0)
                continue;
            memcpy(to, ink->colour, 3);
            to[3] = (unsigned char)cover;
        }
    return out;
}

/* The width in millimetres: the one that is asked for, the one that the scan's resolution gives if it is plausible, or the usual
 * one. */
static int true_size(const struct scan *s, const struct patch *p, const struct wish *w)
{
    int measured = s->dots_per_mm > 0 ? (int)lround(2 * p->radius / s->dots_per_mm) : 0;

    if (w->mm > 0)
        return w->mm;
    return measured >= w->least && measured <= w->most ? measured : w->usual;
}

enum picture_end picture_cut(struct ch_arena *a, const struct scan *s, const struct wish *w, struct cutting *out)
{
    struct ink ink;
    struct patch p;
    enum picture_end e = picture_ink(a, s, &ink);

    if (e == PICTURE_OK)
        e = picture_find(a, &ink, w->nth, &p);
    if (e == PICTURE_OK && w->round && !p.round)
        e = PICTURE_SHAPE;
    if (e != PICTURE_OK)
        return e;
    int side = 2 * p.radius < SIDE_MOST ? (int)ceil(2 * p.radius) : SIDE_MOST;
    out->mm = true_size(s, &p, w);
    out->pixels = redraw(a, &ink, &p, side, 2 * p.radius / side, p.turn - w->turn);
    out->dots_per_mm = (double)side / out->mm;
    return PICTURE_OK;
}
