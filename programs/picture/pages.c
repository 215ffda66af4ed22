/* SPDX-License-Identifier: Apache-2.0
 * The pages of a file, and scaling a page down: each new dot is the mean of the dots that it replaces. */
#include "programs/picture/picture.h"

#include <string.h>

static const char pdf_magic[] = "%PDF-";

int picture_pages(struct ch_arena *a, struct ch_bytes file, struct scan pages[PAPER_PAGES_MAX])
{
    size_t n = sizeof pdf_magic - 1;

    if (file.n > PICTURE_BYTES_MAX)
        return 0;
    if (file.n > n && memcmp(file.p, pdf_magic, n) == 0)
        return picture_pdf(a, file, pages);
    return picture_decode(a, file, &pages[0]) == PICTURE_OK ? 1 : 0;
}

/* The mean of channel `k` over a box of dots. */
static unsigned char box_mean(const struct scan *s, int x0, int x1, int y0, int y1, int k)
{
    long sum = 0, n = (long)(x1 - x0) * (y1 - y0);

    for (int y = y0; y < y1; y++) {
        const unsigned char *p = s->rgb + 3 * ((size_t)y * (size_t)s->width + (size_t)x0) + k;
        for (int x = x0; x < x1; x++, p += 3)
            sum += *p;
    }
    return (unsigned char)(sum / n);
}

struct scan picture_smaller(struct ch_arena *a, const struct scan *s, int side)
{
    int longer = s->width > s->height ? s->width : s->height;

    if (longer <= side)
        return *s;
    int w = (int)((long)s->width * side / longer), h = (int)((long)s->height * side / longer);
    w = w < 1 ? 1 : w;
    h = h < 1 ? 1 : h;
    unsigned char *rgb = ch_alloc_array(a, (size_t)w * (size_t)h, 3), *to = rgb;
    for (int y = 0; y < h; y++)
        for (int x = 0; x < w; x++, to += 3)
            for (int k = 0; k < 3; k++)
                to[k] = box_mean(s, (int)((long)x * s->width / w), (int)((long)(x + 1) * s->width / w),
                                 (int)((long)y * s->height / h), (int)((long)(y + 1) * s->height / h), k);
    return (struct scan){w, h, rgb, s->dots_per_mm * w / s->width};
}

struct grey picture_grey(struct ch_arena *a, const struct scan *s, int side)
{
    struct scan small = picture_smaller(a, s, side);
    size_t n = (size_t)small.width * (size_t)small.height;
    struct grey g = {small.width, small.height, ch_alloc(a, n)};

    for (size_t i = 0; i < n; i++) {
        const unsigned char *p = small.rgb + 3 * i;
        g.dots[i] = (unsigned char)((299 * p[0] + 587 * p[1] + 114 * p[2]) / 1000);
    }
    return g;
}
