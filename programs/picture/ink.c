/* SPDX-License-Identifier: Apache-2.0
 * Separating red ink from paper and print. The redness of a dot is the difference between its red and the mean of its green and
 * blue. Paper, shadows and black print have hardly any, whatever their brightness. */
#include "programs/picture/picture.h"

#include <stdlib.h>
#include <string.h>

#define LEAST_RED 40   /* of 255: a dot with less is not red */
#define LEAST_DOTS 400 /* red dots that a page with ink has at least */
#define FAINT 0.12     /* less cover than this is noise of paper and JPEG */

static int redness(const unsigned char *rgb)
{
    int red = rgb[0] - (rgb[1] + rgb[2]) / 2;

    return red > 0 ? red : 0;
}

/* The value below which the share `share` of the dots lies, where only values from `from` on count. */
static int quantile(const long histogram[256], int from, double share)
{
    double sum = 0, all = 0;

    for (int v = from; v < 256; v++)
        all += (double)histogram[v];
    for (int v = from; v < 256; v++)
        if ((sum += (double)histogram[v]) >= all * share)
            return v;
    return 255;
}

/* The mean colour of the fullest ink. */
static void mean_colour(const struct scan *s, int full, unsigned char colour[3])
{
    double sum[3] = {0};
    long n = 0;

    for (long i = 0; i < (long)s->width * s->height; i++) {
        const unsigned char *p = s->rgb + 3 * i;
        if (redness(p) < full)
            continue;
        for (int k = 0; k < 3; k++)
            sum[k] += p[k];
        n++;
    }
    for (int k = 0; k < 3; k++)
        colour[k] = (unsigned char)(n > 0 ? sum[k] / (double)n : 0);
}

enum picture_end picture_ink(struct ch_arena *a, const struct scan *s, struct ink *out)
{
    long dots = (long)s->width * s->height, histogram[256] = {0}, red = 0;

    for (long i = 0; i < dots; i++)
        histogram[redness(s->rgb + 3 * i)]++;
    for (int v = LEAST_RED; v < 256; v++)
        red += histogram[v];
    if (red < LEAST_DOTS)
        return PICTURE_NONE;
    int paper = quantile(histogram, 0, 0.5), full = quantile(histogram, LEAST_RED, 0.7);
    if (paper >= LEAST_RED) /* the page itself is red */
        return PICTURE_NONE;
    *out = (struct ink){s->width, s->height, ch_alloc(a, (size_t)dots), {0}};
    mean_colour(s, full, out->colour);
    for (long i = 0; i < dots; i++) {
        double cover = (double)(redness(s->rgb + 3 * i) - paper) / (full - paper);
        out->cover[i] = cover < FAINT ? 0 : cover > 1 ? 255 : (unsigned char)(255 * (cover - FAINT) / (1 - FAINT));
    }
    return PICTURE_OK;
}
