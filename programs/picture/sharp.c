/* SPDX-License-Identifier: Apache-2.0
 * Whether a page can be read. Around every dot a short line is looked at, across and down: where its brightness goes up and
 * down by enough there is an edge of print, and how much of that a single step takes tells how sharp the edge is. A page that
 * moved is sharp in one direction alone. */
#include "programs/picture/picture.h"

#include <stdlib.h>

#define HALF 4 /* dots on either side of the line's middle */
#define STEP 2 /* every second line, and dot of it, is enough */
#define EDGES_LEAST 200

/* Brightness that an edge must go up by: of plain print, and of print that has faded into its paper. */
static const int heights[] = {60, 20};

/* Of one line of dots, `step` apart: height of the edge and its steepest step. */
static void look(const unsigned char *p, long step, int *height, int *steepest)
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

/* The middle one of all edges along one direction, 0 when there are too few. */
static int middle(const struct grey *g, bool down, int least)
{
    long histogram[101] = {0}, n = 0, sum = 0, step = down ? g->width : 1;

    for (int y = HALF; y < g->height - HALF; y += STEP)
        for (int x = HALF; x < g->width - HALF; x += STEP) {
            int height, steepest;
            look(g->dots + (long)y * g->width + x, step, &height, &steepest);
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
        int across = middle(g, false, heights[i]), down = middle(g, true, heights[i]);
        if (across > 0 && down > 0)
            return across < down ? across : down;
    }
    return 0;
}
