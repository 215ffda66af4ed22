/* SPDX-License-Identifier: Apache-2.0
 * Is it a ring or a square, how large, how far askew? A ring's outline has one distance from its middle; the star inside
 * tells which way is up, as far as five points can: within 36 degrees either way. A square is turned until its box is
 * smallest. */
#include "programs/picture/picture.h"

#include <math.h>
#include <stdlib.h>

#define RAYS 360
#define INK 110
#define LIGHT 40          /* cover at a stroke's edge … */
#define DARK 200          /* … and in its middle */
#define ROUND 0.035       /* how much the outline's distance may vary, of itself */
#define OUTLINE 0.9       /* of the rays that must meet the outline near that distance */
#define SOFT 2.0          /* light dots to dark ones above which the impression is blurred */
#define EDGE_DOTS 2.2     /* over which a ring's edge may spread … */
#define EDGE_SHARE 0.013  /* … or of its radius */
#define FILLED 0.6        /* of a disc's dots inked: an emblem, a button, no stamp */
#define STAR_CLEAR 0.18   /* of a five-pointed shape, to trust it */
#define STAR_INK 0.08     /* of the inner part that it covers, at least */
#define SQUARE_STEP 0.5   /* degrees */
#define SQUARE_ASKEW 30   /* at most, either way */
#define SQUARE_FRAME 0.75 /* of a frame's four edges that must be inked */

static unsigned char cover_at(const struct ink *ink, double x, double y)
{
    int ix = (int)lround(x), iy = (int)lround(y);

    if (ix < 0 || iy < 0 || ix >= ink->width || iy >= ink->height)
        return 0;
    return ink->cover[(size_t)iy * (size_t)ink->width + (size_t)ix];
}

/* Distance of the outermost ink along a ray; 0: none. */
static double outline(const struct ink *ink, const struct patch *p, double angle, double longest)
{
    for (double r = longest; r > 1; r -= 0.5)
        if (cover_at(ink, p->x + r * cos(angle), p->y + r * sin(angle)) >= INK)
            return r;
    return 0;
}

static int ascending(const void *l, const void *r)
{
    double x = *(const double *)l, y = *(const double *)r;

    return (x > y) - (x < y);
}

/* Whether the outline is a circle around the middle of the box; sets its radius to the middle one of all rays. */
static bool is_round(const struct ink *ink, struct patch *p)
{
    double r[RAYS], longest = hypot(p->x1 - p->x0, p->y1 - p->y0) / 2 + 2;
    int near = 0;

    for (int i = 0; i < RAYS; i++)
        r[i] = outline(ink, p, i * 2 * M_PI / RAYS, longest);
    qsort(r, RAYS, sizeof *r, ascending);
    p->radius = r[RAYS / 2];
    for (int i = 0; i < RAYS; i++)
        near += fabs(r[i] - p->radius) < ROUND * p->radius + 1;
    return near >= OUTLINE * RAYS;
}

/* A disc is no ring: a stamp is mostly paper. */
static bool filled(const struct ink *ink, const struct patch *p)
{
    long inked = 0, all = 0;

    for (int y = p->y0; y <= p->y1; y++)
        for (int x = p->x0; x <= p->x1; x++)
            if (hypot(x - p->x, y - p->y) < p->radius) {
                inked += ink->cover[(size_t)y * (size_t)ink->width + (size_t)x] >= INK;
                all++;
            }
    return inked > FILLED * (double)all;
}

/* How the ink of the inner part is spread over five directions: its phase is the star's turn. */
static void turn_of_star(const struct ink *ink, struct patch *p)
{
    double re = 0, im = 0, all = 0, room = 0, reach = 0.4 * p->radius;

    for (int y = (int)(p->y - reach); y <= (int)(p->y + reach); y++)
        for (int x = (int)(p->x - reach); x <= (int)(p->x + reach); x++) {
            double dx = x - p->x, dy = y - p->y, r = hypot(dx, dy), angle = atan2(dx, -dy); /* clockwise from the top */
            if (r < 0.12 * p->radius || r > reach)
                continue;
            double weight = cover_at(ink, x, y) * r;
            re += weight * cos(5 * angle);
            im += weight * sin(5 * angle);
            all += weight;
            room += 255 * r;
        }
    p->turn = all > STAR_INK * room && hypot(re, im) > STAR_CLEAR * all ? atan2(im, re) / 5 : 0;
}

/* The box of the ink along axes turned by `turn`: its longer side, and the middle of it. */
static double box(const struct ink *ink, const struct patch *p, double turn, double *mx, double *my, double *ratio)
{
    double c = cos(turn), s = sin(turn), u0 = 1e9, u1 = -1e9, v0 = 1e9, v1 = -1e9;

    for (int y = p->y0; y <= p->y1; y++)
        for (int x = p->x0; x <= p->x1; x++) {
            if (ink->cover[(size_t)y * (size_t)ink->width + (size_t)x] < INK)
                continue;
            double u = x * c + y * s, v = -x * s + y * c;
            u0 = fmin(u0, u);
            u1 = fmax(u1, u);
            v0 = fmin(v0, v);
            v1 = fmax(v1, v);
        }
    *mx = (u0 + u1) / 2 * c - (v0 + v1) / 2 * s;
    *my = (u0 + u1) / 2 * s + (v0 + v1) / 2 * c;
    *ratio = fmin(u1 - u0, v1 - v0) / fmax(u1 - u0, v1 - v0);
    return fmax(u1 - u0, v1 - v0) + 1;
}

/* The share of a square's edge that meets ink just inside of it. */
static double framed(const struct ink *ink, const struct patch *p)
{
    double c = cos(p->turn), s = sin(p->turn);
    int met = 0, all = 0;

    for (int side = 0; side < 4; side++)
        for (int i = -45; i <= 45; i++, all++)
            for (double depth = 1; depth > 0.88; depth -= 0.01) {
                double along = p->radius * i / 50, across = p->radius * depth;
                double out = side % 2 == 0 ? across : -across, u = side < 2 ? along : out, v = side < 2 ? out : along;
                if (cover_at(ink, p->x + u * c - v * s, p->y + u * s + v * c) >= INK) {
                    met++;
                    break;
                }
            }
    return (double)met / all;
}

static bool is_square(const struct ink *ink, struct patch *p)
{
    double best = 1e9, ratio = 0;

    for (double degrees = -SQUARE_ASKEW; degrees <= SQUARE_ASKEW; degrees += SQUARE_STEP) {
        double turn = degrees * M_PI / 180, x, y, r, side = box(ink, p, turn, &x, &y, &r);
        if (side >= best)
            continue;
        best = side;
        ratio = r;
        p->x = x;
        p->y = y;
        p->turn = turn;
    }
    p->radius = best / 2;
    return ratio > 0.8 && framed(ink, p) > SQUARE_FRAME;
}

static int larger(int x, int y)
{
    return x > y ? x : y;
}

/* Over how many dots the ring's ink sets in, along a ray from outside: from a quarter to three quarters of its fullest. */
static double edge(const struct ink *ink, const struct patch *p, double angle)
{
    double from = 1.12 * p->radius, to = 0.86 * p->radius, begun = 0;
    int peak = 0;

    for (double r = from; r > to; r -= 0.5)
        peak = larger(peak, cover_at(ink, p->x + r * cos(angle), p->y + r * sin(angle)));
    for (double r = from; r > to; r -= 0.5) {
        int cover = cover_at(ink, p->x + r * cos(angle), p->y + r * sin(angle));
        if (begun == 0 && 4 * cover >= peak)
            begun = r;
        if (4 * cover >= 3 * peak)
            return begun - r;
    }
    return 0;
}

static bool soft_ring(const struct ink *ink, const struct patch *p)
{
    double width[RAYS];

    for (int i = 0; i < RAYS; i++)
        width[i] = edge(ink, p, i * 2 * M_PI / RAYS);
    qsort(width, RAYS, sizeof *width, ascending);
    return width[RAYS / 2] > EDGE_DOTS && width[RAYS / 2] > EDGE_SHARE * p->radius;
}

/* A sharp impression has far more full ink than edges. */
static bool blurred(const struct ink *ink, const struct patch *p)
{
    long light = 0, dark = 0;

    for (int y = p->y0; y <= p->y1; y++)
        for (int x = p->x0; x <= p->x1; x++) {
            int cover = ink->cover[(size_t)y * (size_t)ink->width + (size_t)x];
            light += cover >= LIGHT && cover < DARK;
            dark += cover >= DARK;
        }
    return light > SOFT * (double)dark;
}

enum picture_end picture_measure(const struct ink *ink, struct patch *p)
{
    p->x = (p->x0 + p->x1) / 2.0;
    p->y = (p->y0 + p->y1) / 2.0;
    if (blurred(ink, p))
        return PICTURE_BLURRED;
    p->round = is_round(ink, p);
    if (!p->round)
        return is_square(ink, p) ? PICTURE_OK : PICTURE_SHAPE;
    if (filled(ink, p))
        return PICTURE_SHAPE;
    turn_of_star(ink, p);
    return soft_ring(ink, p) ? PICTURE_BLURRED : PICTURE_OK;
}
