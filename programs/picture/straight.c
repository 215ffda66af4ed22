/* SPDX-License-Identifier: Apache-2.0
 * Measuring an impression: whether it is a ring or a square, how large it is, and by how much it is rotated. All points of a
 * ring's outline have the same distance from the middle; the star inside tells the rotation, but, having five points, only
 * within 36 degrees either way. The rotation of a square is the one for which its bounding box is smallest. */
#include "programs/picture/picture.h"

#include <math.h>
#include <stdlib.h>

#define RAYS 360
#define INK 110
#define LIGHT 40          /* cover from which a dot may be the edge of a stroke … */
#define DARK 200          /* … and from which it is inside of a stroke */
#define ROUND 0.035       /* by which share the outline's distance may differ from the radius */
#define OUTLINE 0.9       /* share of the rays that must meet the outline at about the radius */
#define SOFT 2.0          /* an impression with more light dots for each dark one is blurred */
#define EDGE_DOTS 2.2     /* a sharp ring's edge is at most so many dots wide … */
#define EDGE_SHARE 0.013  /* … or has this share of the radius */
#define FILLED 0.6        /* a disc with a larger share of ink is an emblem or a button, not a stamp */
#define STAR_CLEAR 0.18   /* how clearly the ink must have five directions to count as a star */
#define STAR_INK 0.08     /* share of the inner part that a star covers at least */
#define SQUARE_STEP 0.5   /* degrees */
#define SQUARE_ASKEW 30   /* degrees that a square may be rotated, either way */
#define SQUARE_FRAME 0.75 /* share of a frame's four edges that must be inked */

static unsigned char cover_at(const struct ink *ink, double x, double y)
{
    int ix = (int)lround(x), iy = (int)lround(y);

    if (ix < 0 || iy < 0 || ix >= ink->width || iy >= ink->height)
        return 0;
    return ink->cover[(size_t)iy * (size_t)ink->width + (size_t)ix];
}

/* The distance of the outermost ink along a ray; 0 when there is none. */
static double outline_distance(const struct ink *ink, const struct patch *p, double angle, double longest)
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

/* True when the outline is a circle around the middle of the box. Sets the radius to the median of all rays. */
static bool is_round(const struct ink *ink, struct patch *p)
{
    double r[RAYS], longest = hypot(p->x1 - p->x0, p->y1 - p->y0) / 2 + 2;
    int near = 0;

    for (int i = 0; i < RAYS; i++)
        r[i] = outline_distance(ink, p, i * 2 * M_PI / RAYS, longest);
    qsort(r, RAYS, sizeof *r, ascending);
    p->radius = r[RAYS / 2];
    for (int i = 0; i < RAYS; i++)
        near += fabs(r[i] - p->radius) < ROUND * p->radius + 1;
    return near >= OUTLINE * RAYS;
}

/* True for a disc, since a stamp is mostly paper. */
static bool is_filled(const struct ink *ink, const struct patch *p)
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

/* Computes how the ink of the inner part is distributed over five directions. The phase is the rotation of the star. */
static void measure_star(const struct ink *ink, struct patch *p)
{
    double re = 0, im = 0, all = 0, room = 0, reach = 0.4 * p->radius;

    for (int y = (int)(p->y - reach); y <= (int)(p->y + reach); y++)
        for (int x = (int)(p->x - reach); x <= (int)(p->x + reach); x++) {
            /* The angle is measured clockwise from the top. */
            double dx = x - p->x, dy = y - p->y, r = hypot(dx, dy), angle = atan2(dx, -dy);
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

/* The bounding box of the ink along axes that are rotated by `turn`. Returns its longer side; gives its middle and the ratio of
 * its sides. */
static double turned_box(const struct ink *ink, const struct patch *p, double turn, double *mx, double *my, double *ratio)
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

/* The share of a square's edges with ink at them or just inside. */
static double frame_share(const struct ink *ink, const struct patch *p)
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
        double turn = degrees * M_PI / 180, x, y, r, side = turned_box(ink, p, turn, &x, &y, &r);
        if (side >= best)
            continue;
        best = side;
        ratio = r;
        p->x = x;
        p->y = y;
        p->turn = turn;
    }
    p->radius = best / 2;
    return ratio > 0.8 && frame_share(ink, p) > SQUARE_FRAME;
}

static int larger(int x, int y)
{
    return x > y ? x : y;
}

/* The width of the ring's outer edge along a ray, in dots: where the ink increases from a quarter to three quarters of its
 * maximum. */
static double edge_width(const struct ink *ink, const struct patch *p, double angle)
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

/* True when the ring's edge is too wide, by the median of all rays. */
static bool has_soft_ring(const struct ink *ink, const struct patch *p)
{
    double width[RAYS];

    for (int i = 0; i < RAYS; i++)
        width[i] = edge_width(ink, p, i * 2 * M_PI / RAYS);
    qsort(width, RAYS, sizeof *width, ascending);
    return width[RAYS / 2] > EDGE_DOTS && width[RAYS / 2] > EDGE_SHARE * p->radius;
}

/* True when there are too many dots of edges, compared with dots of full ink. */
static bool is_blurred(const struct ink *ink, const struct patch *p)
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
    if (is_blurred(ink, p))
        return PICTURE_BLURRED;
    p->round = is_round(ink, p);
    if (!p->round)
        return is_square(ink, p) ? PICTURE_OK : PICTURE_SHAPE;
    if (is_filled(ink, p))
        return PICTURE_SHAPE;
    measure_star(ink, p);
    return has_soft_ring(ink, p) ? PICTURE_BLURRED : PICTURE_OK;
}
