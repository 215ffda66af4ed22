/* SPDX-License-Identifier: Apache-2.0
 * Drawing the first pages of a PDF with poppler and cairo. A renderer ignores scripts, forms and attachments. In the sandbox
 * there are no fonts but those in the file, so text in other fonts stays white. */
#include "programs/picture/picture.h"

#include <cairo.h>
#include <math.h>
#include <poppler.h>
#include <string.h>

#define POINTS_LEAST 20
#define POINTS_MOST 20000 /* the format's own bound is 14400 */

static unsigned char *copy_rgb(struct ch_arena *a, cairo_surface_t *s, int width, int height)
{
    unsigned char *rgb = ch_alloc_array(a, (size_t)width * (size_t)height, 3), *to = rgb;

    cairo_surface_flush(s);
    for (int y = 0; y < height; y++) {
        const unsigned char *row = cairo_image_surface_get_data(s) + (ptrdiff_t)y * cairo_image_surface_get_stride(s);
        for (int x = 0; x < width; x++, to += 3) {
            uint32_t dot;
            memcpy(&dot, row + 4 * (size_t)x, sizeof dot);
            to[0] = (unsigned char)(dot >> 16);
            to[1] = (unsigned char)(dot >> 8);
            to[2] = (unsigned char)dot;
        }
    }
    return rgb;
}

static bool draw_page(struct ch_arena *a, PopplerPage *page, struct scan *out)
{
    double w, h;

    poppler_page_get_size(page, &w, &h);
    if (!(w >= POINTS_LEAST && w <= POINTS_MOST && h >= POINTS_LEAST && h <= POINTS_MOST))
        return false;
    double scale = PAPER_SIDE / fmax(w, h);
    int width = (int)fmax(1, round(w * scale)), height = (int)fmax(1, round(h * scale));
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    cairo_t *c = cairo_create(s);
    cairo_set_source_rgb(c, 1, 1, 1);
    cairo_paint(c);
    cairo_scale(c, scale, scale);
    poppler_page_render(page, c);
    bool ok = cairo_status(c) == CAIRO_STATUS_SUCCESS && cairo_surface_status(s) == CAIRO_STATUS_SUCCESS;
    if (ok)
        *out = (struct scan){width, height, copy_rgb(a, s, width, height), scale * 72 / 25.4};
    cairo_destroy(c);
    cairo_surface_destroy(s);
    return ok;
}

int picture_pdf(struct ch_arena *a, struct ch_bytes file, struct scan pages[PAPER_PAGES_MAX])
{
    GBytes *bytes = g_bytes_new_static(file.p, file.n);
    PopplerDocument *doc = poppler_document_new_from_bytes(bytes, NULL, NULL);
    int n = 0, all = doc != NULL ? poppler_document_get_n_pages(doc) : 0;

    for (int i = 0; i < all && i < PAPER_PAGES_MAX; i++) {
        PopplerPage *page = poppler_document_get_page(doc, i);
        if (page != NULL && draw_page(a, page, &pages[n]))
            n++;
        if (page != NULL)
            g_object_unref(page);
    }
    if (doc != NULL)
        g_object_unref(doc);
    g_bytes_unref(bytes);
    return n;
}
