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
#define SIDE (1 * MM) /* left and right of a text in its box */

/* The rows, frames and declaration of a paper. One that exceeds a sheet is set more closely, because a second sheet is easily left
 * unsigned or not scanned. */
struct set {
    double bar; /* the height of a block's title */
    double pad; /* above and below texts */
    const char *title, *label, *text;
};

static const struct set sets[] = {
    {7.0 * MM, 1.0 * MM, "Noto Sans CJK SC Bold 10", "Noto Sans CJK SC 9", "Noto Sans CJK SC 10"},
    {6.0 * MM, 0.5 * MM, "Noto Sans CJK SC Bold 10", "Noto Sans CJK SC 9", "Noto Sans CJK SC 10"},
    {5.0 * MM, 0.3 * MM, "Noto Sans CJK SC Bold 8", "Noto Sans CJK SC 8", "Noto Sans CJK SC 8"},
};

struct page {
    cairo_t *c;
    struct ch_arena *a;
    const struct ch_pdf_paper *paper;
    const struct set *set;
    double y;   /* where the next element begins, in points */
    int number; /* of this sheet, from 1 */
    int sheets; /* how many there will be */
    bool coded; /* false: the QR code could not be made */
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

/* The code of one of several sheets ends in its place: CH1|…|2of3 (hall.paper_code_whole). */
static void draw_qr(struct page *p)
{
    const char *code = p->sheets > 1 ? ch_printf(p->a, "%s|%dof%d", p->paper->code, p->number, p->sheets) : p->paper->code;
    QRcode *q = QRcode_encodeString8bit(code, 0, QR_ECLEVEL_M);

    p->coded = q != NULL;
    if (q == NULL)
        return;
    double dot = QR_SIZE / q->width;
    for (int y = 0; y < q->width; y++)
        for (int x = 0; x < q->width; x++)
            if (q->data[y * q->width + x] & 1)
                cairo_rectangle(p->c, RIGHT - QR_SIZE + x * dot, 14 * MM + y * dot, dot, dot);
    cairo_fill(p->c);
    QRcode_free(q);
}

static void draw_head(struct page *p)
{
    double width = RIGHT - LEFT - QR_SIZE - 6 * MM;
    const struct ch_pdf_paper *f = p->paper;
    const char *number = ch_printf(p->a, "业务单号：%s", f->number);

    if (p->sheets > 1)
        number = ch_printf(p->a, "%s　版本 %s　第 %d 页，共 %d 页", number, f->version, p->number, p->sheets);
    draw_qr(p);
    text_at(p, "Noto Sans CJK SC 10", f->authority, LEFT, 16 * MM, width, true);
    text_at(p, "Noto Sans CJK SC Bold 18", f->title, LEFT, 23 * MM, width, true);
    text_at(p, "Noto Sans CJK SC 10", number, LEFT, 35 * MM, width, true);
    p->y = 43 * MM;
}

/* Begins a new sheet unless that height is left on this one. */
static void need_height(struct page *p, double height)
{
    if (p->y + height <= BOTTOM)
        return;
    cairo_show_page(p->c);
    p->number++;
    draw_head(p);
}

static void draw_block_title(struct page *p, const char *title)
{
    double width = RIGHT - LEFT, h = text_at(p, p->set->title, title, 0, 0, width, false);

    need_height(p, 20 * MM);
    cairo_set_source_rgb(p->c, 0.91, 0.94, 0.98);
    cairo_rectangle(p->c, LEFT, p->y, width, p->set->bar);
    cairo_fill_preserve(p->c);
    cairo_set_source_rgb(p->c, 0, 0, 0);
    cairo_stroke(p->c);
    text_at(p, p->set->title, title, LEFT + SIDE, p->y + (p->set->bar - h) / 2, width, true);
    p->y += p->set->bar;
}

/* A label and its value. */
static void draw_box(struct page *p, const struct ch_form_row *row, double x, double width, double height)
{
    text_at(p, p->set->label, row->label, x + SIDE, p->y + p->set->pad, LABEL_W - SIDE, true);
    text_at(p, p->set->text, row->value, x + LABEL_W + SIDE, p->y + p->set->pad, width - LABEL_W - 2 * SIDE, true);
    cairo_rectangle(p->c, x, p->y, LABEL_W, height);
    cairo_rectangle(p->c, x + LABEL_W, p->y, width - LABEL_W, height);
    cairo_stroke(p->c);
}

/* Whether the value fits on one line of half the width. */
static bool is_short(struct page *p, const struct ch_form_row *row)
{
    PangoLayout *l = layout(p, p->set->text, row->value, PAGE_W);
    int w;

    pango_layout_get_pixel_size(l, &w, NULL);
    g_object_unref(l);
    return w <= (RIGHT - LEFT) / 2 - LABEL_W - 2 * SIDE;
}

/* Draws a row, or two short rows side by side. Returns how many were drawn. */
static size_t draw_row(struct page *p, const struct ch_form_row *row, size_t left)
{
    bool pair = left > 1 && !row[1].first_of_block && is_short(p, &row[0]) && is_short(p, &row[1]);
    double width = pair ? (RIGHT - LEFT) / 2 : RIGHT - LEFT;
    double label = text_at(p, p->set->label, row->label, 0, 0, LABEL_W - SIDE, false);
    double value = text_at(p, p->set->text, row->value, 0, 0, width - LABEL_W - 2 * SIDE, false);
    double h = (label > value ? label : value) + 2 * p->set->pad;

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
    return text_at(p, p->set->text, frame->caption, x + SIDE, p->y + p->set->pad, (RIGHT - LEFT) / 2 - 2 * SIDE, draw) +
           2 * p->set->pad;
}

/* Draws the frames in pairs, each with its caption above. */
static void draw_frames(struct page *p)
{
    const struct ch_pdf_paper *f = p->paper;
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

/* The declaration, and below it the places for signature and date, and beside these for the unit's stamp. */
static void draw_foot(struct page *p)
{
    const struct ch_pdf_paper *f = p->paper;
    double width = RIGHT - LEFT - 2 * SIDE, half = 78 * MM;
    const char *unit = f->unit != NULL ? ch_printf(p->a, "%s（公章）", f->unit) : "";
    double h = text_at(p, p->set->text, f->declaration, 0, 0, width, false);
    double sign = text_at(p, p->set->text, unit, 0, 0, half, false) + 8 * MM;

    sign = sign > 28 * MM ? sign : 28 * MM;
    need_height(p, p->set->bar + h + sign);
    draw_block_title(p, f->foot);
    text_at(p, p->set->text, f->declaration, LEFT + SIDE, p->y + p->set->pad, width, true);
    text_at(p, p->set->text, ch_printf(p->a, "%s签名：", f->signer), LEFT + SIDE, p->y + h + 6 * MM, half, true);
    text_at(p, p->set->text, "日期：　　　　年　　月　　日", LEFT + SIDE, p->y + h + 18 * MM, half, true);
    text_at(p, p->set->text, unit, LEFT + 95 * MM, p->y + h + 6 * MM, half, true);
    cairo_rectangle(p->c, LEFT, p->y, RIGHT - LEFT, h + sign);
    cairo_stroke(p->c);
    p->y += h + sign;
}

/* *sheets: how many there will be, and after that how many there are. */
static enum ch_err draw_paper(struct ch_arena *a, struct ch_fault *f, const struct ch_pdf_paper *paper,
                              const struct set *set, int *sheets, struct ch_bytes *pdf)
{
    struct ch_buf out;

    ch_buf_init(&out, a);
    cairo_surface_t *s = cairo_pdf_surface_create_for_stream(append_to_buf, &out, PAGE_W, PAGE_H);
    struct page p = {.c = cairo_create(s), .a = a, .paper = paper, .set = set, .number = 1, .sheets = *sheets};
    cairo_pdf_surface_set_metadata(s, CAIRO_PDF_METADATA_TITLE, paper->title);
    cairo_set_line_width(p.c, 0.5);
    draw_head(&p);
    for (size_t i = 0; i < paper->n;)
        i += draw_row(&p, &paper->rows[i], paper->n - i);
    draw_frames(&p);
    draw_foot(&p);
    cairo_destroy(p.c);
    cairo_surface_finish(s);
    bool ok = cairo_surface_status(s) == CAIRO_STATUS_SUCCESS && p.coded;
    cairo_surface_destroy(s);
    *sheets = p.number;
    *pdf = ch_buf_bytes(&out);
    return ok ? CH_OK : ch_fault(f, CH_E_INTERNAL, "drawing the paper failed");
}

enum ch_err ch_pdf_paper(struct ch_arena *a, struct ch_fault *f, const struct ch_pdf_paper *paper, struct ch_bytes *pdf)
{
    static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
    const struct set *set = sets;
    enum ch_err e = CH_OK;
    int sheets = 0;

    pthread_mutex_lock(&one_at_a_time);
    for (; set < sets + CH_COUNT(sets) && e == CH_OK && sheets != 1; set++) {
        sheets = 1;
        e = draw_paper(a, f, paper, set, &sheets, pdf);
    }
    if (e == CH_OK && sheets > 1)
        e = draw_paper(a, f, paper, set - 1, &sheets, pdf); /* once more, since the heads tell how many there are */
    pthread_mutex_unlock(&one_at_a_time);
    return e;
}
