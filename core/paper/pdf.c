/* SPDX-License-Identifier: Apache-2.0
 * Draws papers from the top to the bottom of the page: head, rows of the form, frames, declaration. */
#include "core/paper/pdf.h"

#include "core/base/buf.h"

#include <cairo-pdf.h>
#include <pango/pangocairo.h>
#include <pthread.h>
#include <qrencode.h>
#include <string.h>

/* All lengths in points (1/72 inch). */
#define MM 2.834646
#define PAGE_W (210 * MM)
#define PAGE_H (297 * MM)
#define LEFT (16 * MM)
#define RIGHT (PAGE_W - 16 * MM)
#define BOTTOM (PAGE_H - 12 * MM)
#define LABEL_W (36 * MM)
#define QR_SIZE (26 * MM)
#define BLOCK_TITLE (7 * MM)

/* Around the texts of rows and frames. A form that just exceeds a page has less above and below them, because a second sheet is
 * easily left unsigned or not scanned. */
#define PAD (1.0 * MM)
#define SMALL_PAD (0.5 * MM)

struct page {
    cairo_t *c;
    double y;   /* where the next element begins, in points */
    double pad; /* above and below texts: PAD or SMALL_PAD */
    int number; /* of this page, from 1 */
};

static cairo_status_t append_to_buf(void *ctx, const unsigned char *data, unsigned n)
{
    ch_buf_add(ctx, data, n);
    return CAIRO_STATUS_SUCCESS;
}

static PangoLayout *layout(struct page *p, const char *font, const char *text, double width)
{
    PangoLayout *l = pango_cairo_create_layout(p->c);
    PangoFontDescription *d = pango_font_description_from_string(font);

    pango_context_set_language(pango_layout_get_context(l), pango_language_from_string("zh-cn"));
    pango_layout_set_font_description(l, d);
    pango_font_description_free(d);
    pango_layout_set_width(l, (int)(width * PANGO_SCALE));
    pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
    pango_layout_set_text(l, text, -1);
    return l;
}

/* Draws a text with its top left corner at (x, y) if `draw`, and returns its height. */
static double text_at(struct page *p, const char *font, const char *text, double x, double y, double width, bool draw)
{
    PangoLayout *l = layout(p, font, text, width);
    int h;

    pango_layout_get_pixel_size(l, NULL, &h);
    if (draw) {
        cairo_move_to(p->c, x, y);
        pango_cairo_show_layout(p->c, l);
    }
    g_object_unref(l);
    return h;
}

/* Begins a new page unless that height is left on this one. */
static void need_height(struct page *p, double height)
{
    if (p->y + height <= BOTTOM)
        return;
    cairo_show_page(p->c);
    p->number++;
    p->y = 20 * MM;
}

static bool draw_qr(struct page *p, const char *code)
{
    QRcode *q = QRcode_encodeString8bit(code, 0, QR_ECLEVEL_M);

    if (q == NULL)
        return false;
    double dot = QR_SIZE / q->width;
    for (int y = 0; y < q->width; y++)
        for (int x = 0; x < q->width; x++)
            if (q->data[y * q->width + x] & 1)
                cairo_rectangle(p->c, RIGHT - QR_SIZE + x * dot, 14 * MM + y * dot, dot, dot);
    cairo_fill(p->c);
    QRcode_free(q);
    return true;
}

static void draw_head(struct page *p, struct ch_arena *a, const struct ch_pdf_paper *f)
{
    double width = RIGHT - LEFT - QR_SIZE - 6 * MM;

    text_at(p, "Noto Sans CJK SC 10", f->authority, LEFT, 16 * MM, width, true);
    text_at(p, "Noto Sans CJK SC Bold 18", f->title, LEFT, 23 * MM, width, true);
    text_at(p, "Noto Sans CJK SC 10", ch_printf(a, "业务单号：%s", f->number), LEFT, 35 * MM, width, true);
    p->y = 43 * MM;
}

static void draw_block_title(struct page *p, const char *title)
{
    need_height(p, 20 * MM);
    cairo_set_source_rgb(p->c, 0.91, 0.94, 0.98);
    cairo_rectangle(p->c, LEFT, p->y, RIGHT - LEFT, BLOCK_TITLE);
    cairo_fill_preserve(p->c);
    cairo_set_source_rgb(p->c, 0, 0, 0);
    cairo_stroke(p->c);
    text_at(p, "Noto Sans CJK SC Bold 10", title, LEFT + PAD, p->y + 0.7 * MM, RIGHT - LEFT, true);
    p->y += BLOCK_TITLE;
}

/* A label and its value. */
static void draw_box(struct page *p, const struct ch_form_row *row, double x, double width, double height)
{
    text_at(p, "Noto Sans CJK SC 9", row->label, x + PAD, p->y + p->pad, LABEL_W - PAD, true);
    text_at(p, "Noto Sans CJK SC 10", row->value, x + LABEL_W + PAD, p->y + p->pad, width - LABEL_W - 2 * PAD, true);
    cairo_rectangle(p->c, x, p->y, LABEL_W, height);
    cairo_rectangle(p->c, x + LABEL_W, p->y, width - LABEL_W, height);
    cairo_stroke(p->c);
}

/* Whether the value fits on one line of half the width. */
static bool is_short(struct page *p, const struct ch_form_row *row)
{
    PangoLayout *l = layout(p, "Noto Sans CJK SC 10", row->value, PAGE_W);
    int w;

    pango_layout_get_pixel_size(l, &w, NULL);
    g_object_unref(l);
    return w <= (RIGHT - LEFT) / 2 - LABEL_W - 2 * PAD;
}

/* Draws a row, or two short rows side by side. Returns how many were drawn. */
static size_t draw_row(struct page *p, const struct ch_form_row *row, size_t left)
{
    bool pair = left > 1 && !row[1].first_of_block && is_short(p, &row[0]) && is_short(p, &row[1]);
    double width = pair ? (RIGHT - LEFT) / 2 : RIGHT - LEFT;
    double label = text_at(p, "Noto Sans CJK SC 9", row->label, 0, 0, LABEL_W - PAD, false);
    double value = text_at(p, "Noto Sans CJK SC 10", row->value, 0, 0, width - LABEL_W - 2 * PAD, false);
    double h = (label > value ? label : value) + 2 * p->pad;

    if (row->first_of_block)
        draw_block_title(p, row->block_title);
    need_height(p, h);
    draw_box(p, row, LEFT, width, h);
    if (pair)
        draw_box(p, row + 1, LEFT + width, width, h);
    p->y += h;
    return pair ? 2 : 1;
}

/* Draws the caption of a frame if `draw`, and returns its height. */
static double draw_caption(struct page *p, const struct ch_pdf_frame *frame, double x, bool draw)
{
    return text_at(p, "Noto Sans CJK SC 10", frame->caption, x + PAD, p->y + p->pad, (RIGHT - LEFT) / 2 - 2 * PAD, draw) +
           2 * p->pad;
}

/* Draws the frames in pairs, each with its caption above. */
static void draw_frames(struct page *p, const struct ch_pdf_paper *f)
{
    double width = (RIGHT - LEFT) / 2, box = 52 * MM;

    for (size_t i = 0; i < f->frames_n; i += 2) {
        size_t n = f->frames_n - i > 1 ? 2 : 1;
        double head = draw_caption(p, &f->frames[i], LEFT, false),
               other = draw_caption(p, &f->frames[i + n - 1], LEFT, false);
        head = head > other ? head : other;
        need_height(p, head + box);
        for (size_t k = 0; k < n; k++) {
            double x = LEFT + (double)k * width;
            draw_caption(p, &f->frames[i + k], x, true);
            cairo_rectangle(p->c, x, p->y, width, head);
            cairo_rectangle(p->c, x, p->y + head, width, box);
            cairo_stroke(p->c);
        }
        p->y += head + box;
    }
}

static void draw_foot(struct page *p, struct ch_arena *a, const struct ch_pdf_paper *f)
{
    double width = RIGHT - LEFT - 2 * PAD;
    double h = text_at(p, "Noto Sans CJK SC 10", f->declaration, 0, 0, width, false);

    need_height(p, BLOCK_TITLE + h + 28 * MM);
    draw_block_title(p, f->foot);
    text_at(p, "Noto Sans CJK SC 10", f->declaration, LEFT + PAD, p->y + p->pad, width, true);
    text_at(p, "Noto Sans CJK SC 10", ch_printf(a, "%s签名：", f->signer), LEFT + PAD, p->y + h + 6 * MM, 70 * MM, true);
    text_at(p, "Noto Sans CJK SC 10", "日期：　　　　年　　月　　日", LEFT + PAD, p->y + h + 18 * MM, 70 * MM, true);
    if (f->unit != NULL)
        text_at(p, "Noto Sans CJK SC 10", ch_printf(a, "%s（公章）", f->unit), LEFT + 95 * MM, p->y + h + 6 * MM,
                78 * MM, true);
    cairo_rectangle(p->c, LEFT, p->y, RIGHT - LEFT, h + 28 * MM);
    cairo_stroke(p->c);
    p->y += h + 28 * MM;
}

/* *pages: how many it has. */
static enum ch_err draw_paper(struct ch_arena *a, struct ch_fault *f, const struct ch_pdf_paper *paper, double pad,
                              struct ch_buf *out, int *pages)
{
    cairo_surface_t *s = cairo_pdf_surface_create_for_stream(append_to_buf, out, PAGE_W, PAGE_H);
    struct page p = {.c = cairo_create(s), .pad = pad, .number = 1};

    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_TITLE, paper->title);
    cairo_set_line_width(p.c, 0.5);
    bool ok = draw_qr(&p, paper->code);
    draw_head(&p, a, paper);
    for (size_t i = 0; i < paper->n;)
        i += draw_row(&p, &paper->rows[i], paper->n - i);
    draw_frames(&p, paper);
    draw_foot(&p, a, paper);
    cairo_destroy(p.c);
    cairo_surface_finish(s);
    ok = cairo_surface_status(s) == CAIRO_STATUS_SUCCESS && ok;
    cairo_surface_destroy(s);
    *pages = p.number;
    return ok ? CH_OK : ch_fault(f, CH_E_INTERNAL, "drawing the paper failed");
}

enum ch_err ch_pdf_paper(struct ch_arena *a, struct ch_fault *f, const struct ch_pdf_paper *paper, struct ch_bytes *pdf)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    struct ch_buf out, smaller;
    int pages, fewer = 0;

    ch_buf_init(&out, a);
    ch_buf_init(&smaller, a);
    pthread_mutex_lock(&one_at_a_time);
    enum ch_err e = draw_paper(a, f, paper, PAD, &out, &pages);
    if (e == CH_OK && pages == 2)
        e = draw_paper(a, f, paper, SMALL_PAD, &smaller, &fewer);
    pthread_mutex_unlock(&one_at_a_time);
    *pdf = ch_buf_bytes(fewer == 1 ? &smaller : &out);
    return e;
}
