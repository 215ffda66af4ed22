/* SPDX-License-Identifier: Apache-2.0
 * Finding the patch of ink that is the stamp. The map is divided into coarse cells, and gaps between strokes are closed. The
 * connected patch with the most ink is chosen or, of several stamps, the one with the given number in reading order, together with
 * everything in its bounding box. */
#include "programs/picture/picture.h"

#include <stdlib.h>
#include <string.h>

#define COARSE 300    /* cells along the longer side */
#define CLOSE 3       /* a gap between strokes may span so many cells */
#define SIDE_LEAST 90 /* dots that a stamp's side must have */
#define INK 110       /* cover from which a dot counts as ink */
#define EDGE 2        /* dots of faint ink that are kept around the box */

struct cells {
    int width, height, size; /* size: dots along a cell */
    unsigned *ink;           /* how many dots of ink each cell has */
    int *label;              /* which patch each cell belongs to; 0: none */
};

static struct cells count_ink(struct ch_arena *a, const struct ink *ink)
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

/* Labels all cells that are connected with a cell, and returns their ink. `queue` has room for every cell. */
static unsigned long label_patch(struct cells *c, int from, int label, int *queue)
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

/* Labels all patches, and returns the label of the one with the most ink; 0 when there is none. */
static int label_all(struct ch_arena *a, struct cells *c, int *labels)
{
    int n = c->width * c->height, best = 0, label = 0, *queue = ch_alloc_array(a, (size_t)n, sizeof *queue);
    unsigned long most = 0;

    for (int i = 0; i < n; i++) {
        if (c->ink[i] == 0 || c->label[i] != 0)
            continue;
        unsigned long sum = label_patch(c, i, ++label, queue);
        if (sum > most) {
            most = sum;
            best = label;
        }
    }
    *labels = label;
    return best;
}

static void extend_box(struct patch *p, int x, int y)
{
    p->x0 = x < p->x0 ? x : p->x0;
    p->x1 = x > p->x1 ? x : p->x1;
    p->y0 = y < p->y0 ? y : p->y0;
    p->y1 = y > p->y1 ? y : p->y1;
}

static struct patch patch_box(const struct ink *ink, const struct cells *c, int label)
{
    struct patch p = {.x0 = ink->width, .y0 = ink->height, .x1 = -1, .y1 = -1};

    for (int y = 0; y < ink->height; y++)
        for (int x = 0; x < ink->width; x++)
            if (c->label[(y / c->size) * c->width + x / c->size] == label &&
                ink->cover[(size_t)y * (size_t)ink->width + (size_t)x] >= INK)
                extend_box(&p, x, y);
    return p;
}

/* ---- one of several stamps ---- */

/* The bounding box of each label, in cells. */
static struct patch *label_boxes(struct ch_arena *a, const struct cells *c, int labels)
{
    struct patch *all = ch_alloc_array(a, (size_t)labels + 1, sizeof *all);

    for (int i = 0; i <= labels; i++)
        all[i] = (struct patch){.x0 = c->width, .y0 = c->height, .x1 = -1, .y1 = -1};
    for (int i = 0; i < c->width * c->height; i++)
        if (c->label[i] > 0)
            extend_box(&all[c->label[i]], i % c->width, i / c->width);
    return all;
}

static bool is_like_a_stamp(const struct patch *p, int size)
{
    int w = p->x1 - p->x0 + 1, h = p->y1 - p->y0 + 1;
    return w * size >= SIDE_LEAST && h * size >= SIDE_LEAST && w < 2 * h && h < 2 * w;
}

/* True when x comes before y in reading order: in a line above, or further left in the same line. */
static bool is_before(const struct patch *x, const struct patch *y)
{
    if (x->y1 < (y->y0 + y->y1) / 2)
        return true;
    return y->y1 >= (x->y0 + x->y1) / 2 && x->x0 < y->x0;
}

static bool is_within(const struct patch *in, const struct patch *out)
{
    return in->x0 >= out->x0 && in->x1 <= out->x1 && in->y0 >= out->y0 && in->y1 <= out->y1;
}

/* True for a stamp that is not part of another one, as a star is that touches nothing in its ring. */
static bool is_whole_stamp(const struct patch *all, int labels, int i, int size)
{
    bool alone = is_like_a_stamp(&all[i], size);

    for (int k = 1; alone && k <= labels; k++)
        alone = k == i || !is_like_a_stamp(&all[k], size) || !is_within(&all[i], &all[k]);
    return alone;
}

/* The label of the stamp with `nth` - 1 stamps before it; 0 when there are not so many. */
static int nth_stamp(struct ch_arena *a, const struct cells *c, int labels, int nth)
{
    const struct patch *all = label_boxes(a, c, labels);
    int *stamps = ch_alloc_array(a, (size_t)labels + 1, sizeof *stamps), n = 0;

    for (int i = 1; i <= labels; i++)
        if (is_whole_stamp(all, labels, i, c->size))
            stamps[n++] = i;
    for (int i = 0; i < n; i++) {
        int earlier = 0;
        for (int k = 0; k < n; k++)
            earlier += k != i && is_before(&all[stamps[k]], &all[stamps[i]]);
        if (earlier == nth - 1)
            return stamps[i];
    }
    return 0;
}

/* Erases everything outside of the box. A star that touches nothing in its ring is inside, and so are faint edges of strokes. */
static void erase_outside(struct ink *ink, const struct patch *p)
{
    for (int y = 0; y < ink->height; y++)
        for (int x = 0; x < ink->width; x++)
            if (x < p->x0 - EDGE || x > p->x1 + EDGE || y < p->y0 - EDGE || y > p->y1 + EDGE)
                ink->cover[(size_t)y * (size_t)ink->width + (size_t)x] = 0;
}

enum picture_end picture_find(struct ch_arena *a, struct ink *ink, int nth, struct patch *out)
{
    struct cells c = count_ink(a, ink);
    int labels, label = label_all(a, &c, &labels);

    if (label > 0 && nth > 0)
        label = nth_stamp(a, &c, labels, nth);
    if (label == 0)
        return PICTURE_NONE;
    *out = patch_box(ink, &c, label);
    erase_outside(ink, out);
    if (out->x1 - out->x0 < SIDE_LEAST || out->y1 - out->y0 < SIDE_LEAST)
        return PICTURE_SMALL;
    if (out->x0 == 0 || out->y0 == 0 || out->x1 == ink->width - 1 || out->y1 == ink->height - 1)
        return PICTURE_CUT;
    return picture_measure(ink, out);
}
