/* SPDX-License-Identifier: Apache-2.0
 * The one patch of ink that is the seal. The map is looked at coarsely, with gaps between strokes closed; the connected
 * patch with most ink is kept, with all that lies in its box. */
#include "programs/picture/picture.h"

#include <stdlib.h>
#include <string.h>

#define COARSE 300      /* cells along the longer side */
#define CLOSE 3         /* cells that a gap between strokes may span */
#define SIDE_LEAST 90   /* dots of a seal, at least */
#define INK 110         /* cover that counts as ink */
#define EDGE 2          /* dots of faint ink around the box */

struct cells {
    int width, height, size; /* dots along a cell */
    unsigned *ink;           /* dots of ink in each */
    int *label;              /* 0: none */
};

static struct cells count(struct ch_arena *a, const struct ink *ink)
{
    int longer = ink->width > ink->height ? ink->width : ink->height;
    struct cells c = {.size = longer / COARSE + 1};

    c.width = ink->width / c.size + 1;
    c.height = ink->height / c.size + 1;
    c.ink = ch_alloc_array(a, (size_t)c.width * (size_t)c.height, sizeof *c.ink);
    c.label = ch_alloc_array(a, (size_t)c.width * (size_t)c.height, sizeof *c.label);
    for (int y = 0; y < ink->height; y++)
        for (int x = 0; x < ink->width; x++)
            c.ink[(y / c.size) * c.width + x / c.size] += ink->cover[(size_t)y * (size_t)ink->width + (size_t)x] >= INK;
    return c;
}

/* Labels all that hangs together with a cell; `queue` has room for every cell. Gives the ink of the whole. */
static unsigned long spread(struct cells *c, int from, int label, int *queue)
{
    unsigned long sum = 0;
    int head = 0, tail = 0;

    queue[tail++] = from;
    c->label[from] = label;
    while (head < tail) {
        int at = queue[head++], cx = at % c->width, cy = at / c->width;
        sum += c->ink[at];
        for (int y = cy - CLOSE < 0 ? 0 : cy - CLOSE; y <= cy + CLOSE && y < c->height; y++)
            for (int x = cx - CLOSE < 0 ? 0 : cx - CLOSE; x <= cx + CLOSE && x < c->width; x++) {
                int next = y * c->width + x;
                if (c->ink[next] > 0 && c->label[next] == 0) {
                    c->label[next] = label;
                    queue[tail++] = next;
                }
            }
    }
    return sum;
}

static int largest(struct ch_arena *a, struct cells *c)
{
    int n = c->width * c->height, best = 0, label = 0, *queue = ch_alloc_array(a, (size_t)n, sizeof *queue);
    unsigned long most = 0;

    for (int i = 0; i < n; i++) {
        if (c->ink[i] == 0 || c->label[i] != 0)
            continue;
        unsigned long sum = spread(c, i, ++label, queue);
        if (sum > most) {
            most = sum;
            best = label;
        }
    }
    return best;
}

static void grow(struct patch *p, int x, int y)
{
    p->x0 = x < p->x0 ? x : p->x0;
    p->x1 = x > p->x1 ? x : p->x1;
    p->y0 = y < p->y0 ? y : p->y0;
    p->y1 = y > p->y1 ? y : p->y1;
}

static struct patch box_of(const struct ink *ink, const struct cells *c, int label)
{
    struct patch p = {.x0 = ink->width, .y0 = ink->height, .x1 = -1, .y1 = -1};

    for (int y = 0; y < ink->height; y++)
        for (int x = 0; x < ink->width; x++)
            if (c->label[(y / c->size) * c->width + x / c->size] == label &&
                ink->cover[(size_t)y * (size_t)ink->width + (size_t)x] >= INK)
                grow(&p, x, y);
    return p;
}

/* Wipes what is outside of the box; a star stands alone in its ring and is not. Faint edges of strokes stay. */
static void wipe(struct ink *ink, const struct patch *p)
{
    for (int y = 0; y < ink->height; y++)
        for (int x = 0; x < ink->width; x++)
            if (x < p->x0 - EDGE || x > p->x1 + EDGE || y < p->y0 - EDGE || y > p->y1 + EDGE)
                ink->cover[(size_t)y * (size_t)ink->width + (size_t)x] = 0;
}

enum picture_end picture_find(struct ch_arena *a, struct ink *ink, struct patch *out)
{
    struct cells c = count(a, ink);
    int label = largest(a, &c);

    if (label == 0)
        return PICTURE_NONE;
    *out = box_of(ink, &c, label);
    wipe(ink, out);
    if (out->x1 - out->x0 < SIDE_LEAST || out->y1 - out->y0 < SIDE_LEAST)
        return PICTURE_SMALL;
    if (out->x0 == 0 || out->y0 == 0 || out->x1 == ink->width - 1 || out->y1 == ink->height - 1)
        return PICTURE_CUT;
    return picture_measure(ink, out);
}
