/* SPDX-License-Identifier: Apache-2.0
 * Measuring the sharpness of a page. Short lines of dots are examined, horizontally and vertically. Where the brightness along
 * a line changes enough, there is an edge of print, and the share of the change that a single step has tells how sharp the edge
 * is. A page that was moved during the scan is sharp in one direction only. */
#include "programs/picture/picture.h"

#include <stdlib.h>

#define HALF 4          /* dots on either side of a line's middle */
#define STEP 2          /* every second line, and every second dot of it, is examined */
#define EDGES_LEAST 200 /* a page with fewer edges has no print */

/* The change of brightness that makes an edge: for normal print, and for faded print. */
static const int heights[] = {60, 20};

/* Examines one line of dots, which are `step` bytes apart: the height of its edge, and the steepest step in it. */
static void measure_edge(const unsigned char *p, long step, int *height, int *steepest)
{
    int low = 255, high = 0, most = 0;

    for (int i = -HALF; i <= HALF; i++) {
        int v = p[i * step], next = i < HALF ? p[(i + 1) * step] : v;
        low = v < low ? v : low;
        high = v > high ? v : high;
        most = abs(next - v) > most ? abs(next - v) : most;
    }
    *height = high - low;
    *steepest = most;
}

/* The median of the edges in one direction; 0 when there are too few. */
static int median_sharpness(const struct grey *g, bool down, int least)
{
    long histogram[101] = {0}, n = 0, sum = 0, step = down ? g->width : 1;

    for (int y = HALF; y < g->height - HALF; y += STEP)
        for (int x = HALF; x < g->width - HALF; x += STEP) {
            int height, steepest;
            measure_edge(g->dots + (long)y * g->width + x, step, &height, &steepest);
            if (height < least)
                continue;
            histogram[100 * steepest / height]++;
            n++;
        }
    if (n < EDGES_LEAST)
        return 0;
    for (int v = 0; v <= 100; v++)
        if ((sum += histogram[v]) * 2 >= n)
            return v;
    return 100;
}

int picture_sharpness(struct ch_arena *a, const struct grey *g)
{
    (void)a;
    for (size_t i = 0; i < CH_COUNT(heights); i++) {
        int across = median_sharpness(g, false, heights[i]), down = median_sharpness(g, true, heights[i]);
        if (across > 0 && down > 0)
            return across < down ? across : down;
    }
    return 0;
}
