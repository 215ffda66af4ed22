/* SPDX-License-Identifier: Apache-2.0
 * The check of a paper: whether something like a stamp is on it, whether it is sharp enough to be read, and which of the hall's
 * forms it is. */
#include "programs/picture/picture.h"

#include <string.h>

#define CODE_SIDE 3600  /* dots of the second search for codes, if there are none at PAPER_SIDE */
#define STAMP_SHARE 25  /* a stamp's side is at least the page's shorter side divided by this */
#define STAMP_STRETCH 2 /* and less than this times its other side */

/* True when something red, whatever its shape, is as large as a stamp and about as wide as high. */
static bool has_stamp(struct ch_arena *a, const struct scan *page)
{
    struct ink ink;
    struct patch p = {0};

    if (picture_ink(a, page, &ink) != PICTURE_OK || picture_find(a, &ink, 0, &p) == PICTURE_NONE)
        return false;
    int w = p.x1 - p.x0 + 1, h = p.y1 - p.y0 + 1, shorter = ink.width < ink.height ? ink.width : ink.height;
    return w * STAMP_SHARE >= shorter && h * STAMP_SHARE >= shorter && w < STAMP_STRETCH * h && h < STAMP_STRETCH * w;
}

/* Doubles width and height, so that a code with few dots to a module can be found. */
static struct grey doubled(struct ch_arena *a, const struct grey *g)
{
    struct grey out = {2 * g->width, 2 * g->height, ch_alloc(a, 4 * (size_t)g->width * (size_t)g->height)};

    for (int y = 0; y < out.height; y++)
        for (int x = 0; x < out.width; x++)
            out.dots[(size_t)y * (size_t)out.width + (size_t)x] =
                g->dots[(size_t)(y / 2) * (size_t)g->width + (size_t)x / 2];
    return out;
}

static void read_codes(struct ch_arena *a, const struct scan *page, const struct grey *g, struct verdict *v)
{
    size_t n = picture_codes(a, g, v->codes, v->n);

    if (n == 0 && v->pages == 0) { /* the first page bears the code, so it is searched once more, larger */
        bool larger = page->width > g->width;
        struct grey near = larger ? picture_grey(a, page, CODE_SIDE) : doubled(a, g);
        n = picture_codes(a, &near, v->codes, 0);
    }
    v->n = n;
}

static void check_page(struct ch_arena *a, const struct scan *page, struct verdict *v)
{
    struct scan small = picture_smaller(a, page, PAPER_SIDE);
    struct grey g = picture_grey(a, &small, PAPER_SIDE);
    int longer = small.width > small.height ? small.width : small.height;
    int sharpness = longer < PAPER_SIDE_LEAST ? 1 : picture_sharpness(a, &g);

    read_codes(a, page, &g, v);
    v->stamped = v->stamped || has_stamp(a, &small);
    if (sharpness > 0 && (v->sharpness == 0 || sharpness < v->sharpness))
        v->sharpness = sharpness;
    v->pages++;
}

enum picture_end picture_check(struct ch_arena *a, struct ch_bytes file, struct verdict *out)
{
    struct scan pages[PAPER_PAGES_MAX];
    int n = picture_pages(a, file, pages);

    *out = (struct verdict){0};
    for (int i = 0; i < n; i++)
        check_page(a, &pages[i], out);
    out->sharp = out->sharpness >= PAPER_SHARP_LEAST;
    return n > 0 ? PICTURE_OK : PICTURE_UNREADABLE;
}

char *picture_said(struct ch_arena *a, enum picture_end e, const struct verdict *v)
{
    if (e != PICTURE_OK)
        return ch_printf(a, "no %s\n", picture_word(e));
    char *said = ch_printf(a, "ok %d %d %d %d\n", v->pages, v->stamped, v->sharp, v->sharpness);
    for (size_t i = 0; i < v->n; i++)
        said = ch_printf(a, "%scode %s\n", said, v->codes[i]);
    return said;
}
