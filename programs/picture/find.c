/* SPDX-License-Identifier: Apache-2.0
 * The one patch of ink that is the stamp. The map is looked at coarsely, with gaps between strokes closed; the connected
 * patch with most ink is kept, or of several stamps the one that is asked for as one reads, with all that lies in its box. */
#include "programs/picture/picture.h"

#include <stdlib.h>
#include <string.h>

#define COARSE 300      /* cells along the longer side */
#define CLOSE 3         /* cells that a gap between strokes may span */
#define SIDE_LEAST 90   /* dots of a stamp, at least */
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

static int largest(struct ch_arena *a, struct cells *c, int *labels)
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
    *labels = label;
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

/* ---- of several stamps ---- */

/* Cells of each label. */
static struct patch *boxes(struct ch_arena *a, const struct cells *c, int labels)
{
    struct patch *all = ch_alloc_array(a, (size_t)labels + 1, sizeof *all);

    for (int i = 0; i <= labels; i++)
        all[i] = (struct patch){.x0 = c->width, .y0 = c->height, .x1 = -1, .y1 = -1};
    for (int i = 0; i < c->width * c->height; i++)
        if (c->label[i] > 0)
            grow(&all[c->label[i]], i % c->width, i / c->width);
    return all;
}

static bool like_a_stamp(const struct patch *p, int size)
{
    int w = p->x1 - p->x0 + 1, h = p->y1 - p->y0 + 1;
    return w * size >= SIDE_LEAST && h * size >= SIDE_LEAST && w < 2 * h && h < 2 * w;
}

/* Whether x is read before y: in a line above, or in the same one further left. */
static bool before(const struct patch *x, const struct patch *y)
{
    if (x->y1 < (y->y0 + y->y1) / 2)
        return true;
    return y->y1 >= (x->y0 + x->y1) / 2 && x->x0 < y->x0;
}

static bool within(const struct patch *in, const struct patch *out)
{
    return in->x0 >= out->x0 && in->x1 <= out->x1 && in->y0 >= out->y0 && in->y1 <= out->y1;
}

/* A star that stands alone in its ring is none by itself. */
static bool stands_alone(const struct patch *all, int labels, int i, int size)
{
    bool alone = like_a_stamp(&all[i], size);

    for (int k = 1; alone && k <= labels; k++)
        alone = k == i || !like_a_stamp(&all[k], size) || !within(&all[i], &all[k]);
    return alone;
}

/* The label of the stamp that has `nth` - 1 others before it; 0 when there are not so many. */
static int numbered(struct ch_arena *a, const struct cells *c, int labels, int nth)
{
    const struct patch *all = boxes(a, c, labels);
    int *stamps = ch_alloc_array(a, (size_t)labels + 1, sizeof *stamps), n = 0;

    for (int i = 1; i <= labels; i++)
        if (stands_alone(all, labels, i, c->size))
            stamps[n++] = i;
    for (int i = 0; i < n; i++) {
        int earlier = 0;
        for (int k = 0; k < n; k++)
            earlier += k != i && before(&all[stamps[k]], &all[stamps[i]]);
        if (earlier == nth - 1)
            return stamps[i];
    }
    return 0;
}

/* Wipes what is outside of the box; a star stands alone in its ring and is not. Faint edges of strokes stay. */
static void wipe(struct ink *ink, const struct patch *p)
{
    for (int y = 0; y < ink->height; y++)
        for (int x = 0; x < ink->width; x++)
            if (x < p->x0 - EDGE || x > p->x1 + EDGE || y < p->y0 - EDGE || y > p->y1 + EDGE)
                ink->cover[(size_t)y * (size_t)ink->width + (size_t)x] = 0;
}

enum picture_end picture_find(struct ch_arena *a, struct ink *ink, int nth, struct patch *out)
{
    struct cells c = count(a, ink);
    int labels, label = largest(a, &c, &labels);

    if (label > 0 && nth > 0)
        label = numbered(a, &c, labels, nth);
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
