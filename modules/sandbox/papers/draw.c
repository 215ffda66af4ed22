/* SPDX-License-Identifier: Apache-2.0
 * Drawing with cairo and pango. */
#include "modules/sandbox/papers/draw.h"

#include "core/base/buf.h"

#include <math.h>
#include <pango/pangocairo.h>
#include <qrencode.h>
#include <string.h>

#define FONT "Noto Sans CJK SC"

static void use_ink(cairo_t *c, struct ink i)
{
    cairo_set_source_rgb(c, i.r, i.g, i.b);
}

static void end_sheet(void *c)
{
    cairo_destroy(c);
}

cairo_t *draw_sheet(struct ch_arena *a, int width, int height, struct ink paper)
{
    cairo_surface_t *s = cairo_image_surface_create(CAIRO_FORMAT_RGB24, width, height);
    cairo_t *c = cairo_create(s);

    cairo_surface_destroy(s); /* the context keeps it */
    ch_defer(a, end_sheet, c);
    use_ink(c, paper);
    cairo_paint(c);
    return c;
}

static PangoLayout *make_layout(cairo_t *c, double size, const char *text)
{
    PangoLayout *l = pango_cairo_create_layout(c);
    PangoFontDescription *d = pango_font_description_from_string(FONT);

    pango_font_description_set_absolute_size(d, size * PANGO_SCALE);
    pango_context_set_language(pango_layout_get_context(l), pango_language_from_string("zh-cn"));
    pango_layout_set_font_description(l, d);
    pango_font_description_free(d);
    pango_layout_set_text(l, text, -1);
    return l;
}

static double show_layout(cairo_t *c, double x, double y, double width, struct ink ink, PangoLayout *l)
{
    int h;

    if (width > 0) {
        pango_layout_set_width(l, (int)(width * PANGO_SCALE));
        pango_layout_set_wrap(l, PANGO_WRAP_WORD_CHAR);
    }
    pango_layout_get_pixel_size(l, NULL, &h);
    use_ink(c, ink);
    cairo_move_to(c, x, y);
    pango_cairo_show_layout(c, l);
    g_object_unref(l);
    return h;
}

double draw_text(cairo_t *c, double x, double y, double width, double size, struct ink ink, const char *text)
{
    return show_layout(c, x, y, width, ink, make_layout(c, size, text));
}

double draw_title(cairo_t *c, double x, double y, double width, double size, struct ink ink, const char *text)
{
    PangoLayout *l = make_layout(c, size, text);

    pango_layout_set_alignment(l, PANGO_ALIGN_CENTER);
    return show_layout(c, x, y, width, ink, l);
}

void draw_frame(cairo_t *c, double x, double y, double width, double height)
{
    use_ink(c, INK_GREY);
    cairo_set_line_width(c, 1.5);
    cairo_rectangle(c, x, y, width, height);
    cairo_stroke(c);
}

void draw_qr(cairo_t *c, double x, double y, double size, const char *text)
{
    QRcode *q = QRcode_encodeString8bit(text, 0, QR_ECLEVEL_L);

    if (q == NULL)
        return;
    int quiet = 2, n = q->width + 2 * quiet, dot = (int)(size / n) > 0 ? (int)(size / n) : 1;
    cairo_set_source_rgb(c, 1, 1, 1);
    cairo_rectangle(c, x, y, n * dot, n * dot);
    cairo_fill(c);
    use_ink(c, INK_BLACK);
    for (int i = 0, row = 0; i < q->width * q->width; i++, row = i / q->width)
        if (q->data[i] & 1)
            cairo_rectangle(c, x + (i % q->width + quiet) * dot, y + (row + quiet) * dot, dot, dot);
    cairo_fill(c);
    QRcode_free(q);
}

static void draw_star(cairo_t *c, double radius)
{
    for (int i = 0; i < 10; i++) {
        double r = i % 2 == 0 ? radius : radius * 0.382, angle = -M_PI / 2 + i * M_PI / 5;
        cairo_line_to(c, r * cos(angle), r * sin(angle));
    }
    cairo_close_path(c);
    cairo_fill(c);
}

/* Draws one character with its middle at the origin. */
static void draw_character(cairo_t *c, double size, const char *text)
{
    PangoLayout *l = make_layout(c, size, text);
    int w, h;

    pango_layout_get_pixel_size(l, &w, &h);
    cairo_move_to(c, -w / 2.0, -h / 2.0);
    pango_cairo_show_layout(c, l);
    g_object_unref(l);
}

/* Draws the name evenly along the upper part of the ring, over at most 270 degrees. */
static void draw_ring_text(cairo_t *c, double radius, const char *text)
{
    glong n = g_utf8_strlen(text, -1);
    double step = n > 1 ? fmin(1.5 * M_PI / (double)(n - 1), 0.42) : 0, at = -step * (double)(n - 1) / 2;
    double size = fmin(radius * 0.26, step > 0 ? step * radius * 0.78 : radius);

    for (const char *p = text; *p != '\0'; p = g_utf8_next_char(p), at += step) {
        char one[8] = {0};
        g_utf8_strncpy(one, p, 1);
        cairo_save(c);
        cairo_rotate(c, at);
        cairo_translate(c, 0, -radius * 0.79);
        draw_character(c, size, one);
        cairo_restore(c);
    }
}

void draw_stamp(cairo_t *c, double x, double y, double radius, const char *unit)
{
    cairo_save(c);
    cairo_translate(c, x, y);
    cairo_set_source_rgba(c, INK_RED.r, INK_RED.g, INK_RED.b, 0.82); /* the paper shows through the ink */
    cairo_set_line_width(c, radius * 0.05);
    cairo_new_path(c); /* text drawn before leaves a current point */
    cairo_arc(c, 0, 0, radius, 0, 2 * M_PI);
    cairo_stroke(c);
    draw_star(c, radius * 0.3);
    if (g_utf8_validate(unit, -1, NULL))
        draw_ring_text(c, radius, unit);
    cairo_restore(c);
}

void draw_signature(cairo_t *c, double x, double y, double size, const char *name)
{
    cairo_matrix_t slant;

    cairo_save(c);
    cairo_translate(c, x, y);
    cairo_rotate(c, -0.07);
    cairo_matrix_init(&slant, 1, 0, -0.28, 1, 0, 0);
    cairo_transform(c, &slant);
    PangoLayout *l = make_layout(c, size, name);
    PangoFontDescription *d = pango_font_description_from_string("Noto Serif CJK SC");
    pango_font_description_set_absolute_size(d, size * PANGO_SCALE);
    pango_layout_set_font_description(l, d);
    pango_font_description_free(d);
    show_layout(c, 0, 0, 0, INK_BLUE, l);
    cairo_restore(c);
}

static cairo_status_t append_bytes(void *ctx, const unsigned char *data, unsigned n)
{
    ch_buf_add(ctx, data, n);
    return CAIRO_STATUS_SUCCESS;
}

struct ch_bytes draw_png(struct ch_arena *a, cairo_t *c)
{
    struct ch_buf b;

    ch_buf_init(&b, a);
    cairo_surface_write_to_png_stream(cairo_get_target(c), append_bytes, &b);
    return ch_buf_bytes(&b);
}

/* Blurs one channel of a row or column: `n` dots that are `step` bytes apart. `line` is scratch space for n bytes. */
static void blur_line(unsigned char *p, int n, long step, int radius, unsigned char *line)
{
    for (int i = 0; i < n; i++)
        line[i] = p[i * step];
    for (int i = 0; i < n; i++) {
        int from = i - radius < 0 ? 0 : i - radius, to = i + radius >= n ? n - 1 : i + radius, sum = 0;
        for (int k = from; k <= to; k++)
            sum += line[k];
        p[i * step] = (unsigned char)(sum / (to - from + 1));
    }
}

void draw_blur(struct ch_arena *a, cairo_t *c, int radius)
{
    cairo_surface_t *s = cairo_get_target(c);
    int w = cairo_image_surface_get_width(s), h = cairo_image_surface_get_height(s);
    long stride = cairo_image_surface_get_stride(s);
    unsigned char *line = ch_alloc(a, (size_t)(w > h ? w : h)), *data;

    cairo_surface_flush(s);
    data = cairo_image_surface_get_data(s);
    for (int pass = 0; pass < 3; pass++)
        for (int channel = 0; channel < 4; channel++) {
            for (int y = 0; y < h; y++)
                blur_line(data + y * stride + channel, w, 4, radius, line);
            for (int x = 0; x < w; x++)
                blur_line(data + 4L * x + channel, h, stride, radius, line);
        }
    cairo_surface_mark_dirty(s);
}
